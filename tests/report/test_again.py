"""A report read back from its JSON is the report, and what is no report is refused with its place."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from logcorr.errors import InputError
from logcorr.model import Report
from logcorr.redact import Redactor, redact
from logcorr.report import FORMATS, read_again, render
from tests.report import hostile, sample

REPORTS = {
    "incident": sample.incident(),
    "undetermined": sample.undetermined(),
    "quiet": sample.quiet(),
    "several": sample.several(4),
    "redacted": redact(sample.incident(), Redactor("share")),
}


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - our own picture; that nothing in it acts is what is tested


def again(report: Report) -> Report:
    return read_again(json.loads(render(report, "json")), "report.json")


@pytest.mark.parametrize("form", [*FORMATS, "svg"])
@pytest.mark.parametrize("name", REPORTS)
def test_rendered_again_it_is_the_same_byte_for_byte(name: str, form: Any) -> None:
    assert render(again(REPORTS[name]), form) == render(REPORTS[name], form)


@pytest.mark.parametrize("payload", hostile.ALL[::7])
def test_whatever_text_it_holds(payload: str) -> None:
    report = hostile.everywhere(sample.incident(), payload)
    assert [render(again(report), form) for form in FORMATS] == [render(report, form) for form in FORMATS]


@cache
def outline(text: str) -> list[tuple[str, tuple[str, ...]]]:
    root = parsed(render(hostile.everywhere(sample.incident(), text), "svg"))
    return [(each.tag, tuple(sorted(each.attrib))) for each in root.iter()]


@pytest.mark.parametrize("payload", hostile.ALL)
def test_no_text_changes_the_pictures_elements(payload: str) -> None:
    assert outline(payload) == outline("word")


def test_the_picture_stands_alone() -> None:
    picture = render(sample.incident(), "svg")
    root = parsed(picture)
    names = {each.tag.removeprefix("{http://www.w3.org/2000/svg}") for each in root.iter()}
    assert not names & {"a", "script", "image", "foreignObject", "use"}
    assert "Likely: " in picture
    assert "The router's WAN1" in "".join(root.itertext())


def test_a_key_of_a_later_version_is_passed_over() -> None:
    told = json.loads(render(sample.incident(), "json"))
    told["new"] = told["verdict"]["new"] = {"deep": [1]}
    assert read_again(told, "report.json") == again(sample.incident())


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("schema", "logcorr.report/2", "is no report of the schema logcorr.report/1"),
        ("verdict", None, "verdict: is no object"),
        ("verdict.title", 7, "verdict.title: is no str"),
        ("verdict.started", "soon", "verdict.started: is no time"),
        ("evidence", {}, "evidence: is no list"),
        ("evidence.0.line", "x", "evidence[0].line: is no int"),
        ("lanes.0.spans.0", "x", "lanes[0].spans[0]: is no time"),
        ("inputs.0.templates.0", ["a"], "inputs[0].templates[0]: has 1 entries instead of 2"),
        ("hypotheses.0.score", [], "hypotheses[0].score: is no float"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(path: str, value: object, says: str) -> None:
    told = json.loads(render(sample.incident(), "json"))
    inner: Any = told
    *way, last = [int(name) if name.isdecimal() else name for name in path.split(".")]
    for name in way:
        inner = inner[name]
    inner[last] = value
    with pytest.raises(InputError) as caught:
        read_again(told, "report.json")
    assert caught.value.message == says
    assert caught.value.location == "report.json"


@pytest.mark.parametrize("told", [None, [], "x", {}, {"schema": "logcorr.report/1"}])
def test_anything_else_is_refused_too(told: object) -> None:
    with pytest.raises(InputError):
        read_again(told, "report.json")

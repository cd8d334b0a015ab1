"""However large the input, the artefacts stay small, and say what they leave out."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from logcorr import model
from logcorr.model import Lane, Mark, Report
from logcorr.report import page, render
from logcorr.report.budget import _BOUNDS, PAGE, Budget, fit
from logcorr.report.plain import markdown
from tests.report import hostile, sample
from tests.report.dom import parse, text_lines


def long_night(count: int = 5_000) -> Report:
    """Return the incident with thousands of everything."""
    full = sample.incident()
    lines = tuple(
        replace(full.evidence[number % len(full.evidence)], id=f"E{number + 1}", line=number, before=("x" * 60,) * 5)
        for number in range(count)
    )
    marks = tuple(
        Mark(time=sample.at("02:58:00") + timedelta(milliseconds=180 * number), kind="symptom", event="probe.failed",
             text=f"probe {number}", evidence=f"E{number + 1}")
        for number in range(count)
    )  # fmt: skip
    return replace(
        full,
        evidence=lines,
        hypotheses=full.hypotheses * (count // 60),
        findings=full.findings * (count // 30),
        changes=full.changes * count,
        coverage=full.coverage * count,
        lanes=(replace(full.lanes[0], marks=(*full.lanes[0].marks, *marks)), *full.lanes[1:] * 20),
    )


def saturated(value: Any, count: int) -> Any:
    """Return ``value`` with every list in it repeated until it holds ``count`` entries or more."""
    if isinstance(value, tuple):
        return tuple(saturated(item, count) for item in value) * (-(-count // max(len(value), 1)))
    if isinstance(value, dict):
        return {f"{key}{number}": item for key, item in value.items() for number in range(count)}
    if is_dataclass(value) and not isinstance(value, type):
        stretches = isinstance(value, Lane)  # their entries are tuples too, of fixed length
        kept = {field.name: getattr(value, field.name) for field in fields(value)}
        return type(value)(
            **{
                name: item * count
                if stretches and name in {"spans", "gaps"}
                else _saturated_templates(name, item, count)
                for name, item in kept.items()
            }
        )
    return value


def _saturated_templates(name: str, item: Any, count: int) -> Any:
    return item * count if name == "templates" else saturated(item, count)


#: Text that grows most when it is escaped, for HTML and for Markdown.
GREEDY = ('"' * 400, "`" * 400, "` " * 200, "_ a " * 100)


@pytest.mark.slow
@pytest.mark.parametrize("text", GREEDY, ids=["quotes", "backticks", "spans", "words"])
def test_the_last_budget_holds_whatever_the_report(text: str) -> None:
    report = hostile.everywhere(saturated(sample.incident(), 11), text)
    html = page._page(report, PAGE[-1])
    assert len(html.encode()) <= page.CAP
    parse(html)
    assert len(markdown.render(report)) <= markdown.LIMIT


def test_a_long_night_stays_within_the_limits() -> None:
    report = long_night()
    html = render(report, "html")
    assert len(html.encode()) <= page.TARGET
    parse(html)
    assert len(render(report, "md")) <= markdown.LIMIT


def test_a_long_night_keeps_its_answer() -> None:
    report = long_night()
    html = render(report, "html")
    text = text_lines(html)
    assert "\n".join(text[:40]).count("Likely") == 1
    for step in report.verdict.chain:
        assert step.text in "\n".join(text[:40])
    assert len(parse(html).find("svg")[0].find("a")) <= 200


def test_omissions_are_said_with_their_counts() -> None:
    report = long_night()
    for name in ("html", "md"):
        text = render(report, name)
        assert "of 5,000 cited lines shown; the JSON report has them all." in text
        assert "of 15,000 gaps shown" in text
    assert len(json.loads(render(report, "json"))["evidence"]) == 5_000


def test_a_small_report_leaves_nothing_out() -> None:
    fitted, omissions = fit(sample.incident(), PAGE[0])
    assert omissions == ()
    assert fitted.evidence == sample.incident().evidence
    assert "JSON report has them all" not in render(sample.incident(), "html")


def test_what_the_verdict_cites_is_kept_and_the_order_too() -> None:
    report = sample.incident()
    fitted, omissions = fit(report, Budget(evidence=5, context=1))
    assert [line.id for line in fitted.evidence] == list(report.verdict.key_evidence)
    assert fitted.evidence[0].before == report.evidence[0].before
    assert fitted.evidence[0].after == report.evidence[0].after[:1]
    assert [(each.what, each.shown, each.seen) for each in omissions] == [
        ("cited lines", 5, 16),
        ("context lines", 10, 15),
    ]


def test_every_list_of_the_model_is_bounded() -> None:
    """A list that no budget bounds would let one report break the cap."""
    lists = {
        (owner, field.name)
        for owner in vars(model).values()
        if is_dataclass(owner) and isinstance(owner, type)
        for field in fields(owner)
        if get_origin(hint := get_type_hints(owner)[field.name]) in {tuple, dict}
        or any(get_origin(part) is tuple for part in get_args(hint))
    }
    assert lists - {(model.Lane, "marks")} == set(_BOUNDS)  # marks are bundled instead


def test_a_markdown_report_too_long_for_any_budget_drops_sections_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "LIMIT", 9_000)
    text = render(sample.incident(), "md")
    assert len(text) <= 9_000
    assert "Left out for length:" in text
    assert "## The answer" in text

"""What changed: templates whose rate marks the incident, each make of line once."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.rate_changes import what_changed
from logcorr.model import Change
from logcorr.schema import SPANS, TIMELINE, Timeline, empty
from tests.diagnosis.stage import START

INCIDENT = Incident(START, START + timedelta(minutes=10), 9, pl.DataFrame(), ongoing=False)
LONG = "[error] 901#901: *{} upstream timed out (110: Connection timed out) while connecting to upstream, client: {}, x"


def changes(lines: list[tuple[float, str]], program: str = "web") -> tuple[Change, ...]:
    """The changes of a log with these lines (second, message), one unremarkable line a minute, from -1 h to 1 h."""
    quiet = [
        (float(second), f"request {second + 3600} served in {second % 97} ms") for second in range(-3600, 3600, 60)
    ]
    rows = [
        {"id": number, "time": START + timedelta(seconds=second), "program": program, "message": message}
        for number, (second, message) in enumerate(sorted([*quiet, *lines]))
    ]
    return what_changed(INCIDENT, Timeline(pl.DataFrame(rows, schema=TIMELINE), (), empty(SPANS)))


def templates(lines: list[tuple[float, str]]) -> list[str]:
    return [change.template for change in changes(lines)]


@pytest.mark.parametrize(
    "makes",
    [
        [LONG.format(number, f"203.0.113.{number}") for number in (5, 42, 187)],
        ["timeout to node; lastRecv=5s", "timeout to node; lastRecv=1m31s", "timeout to node; lastRecv=2h0m4s"],
        ["read 192.0.2.4:51022: reset", "read 198.51.100.7:443: reset", "read 203.0.113.250:80: reset"],
        ["from fd7a:115c:a1e0::1 lost", "from fd7a:115c:a1e0:ab12::9 lost", "from fd7a:115c:a1e0:1:2:3:4:5 lost"],
        ["port of 3c-ec-ef-12-70-b8 down", "port of 02-00-5E-10-00-04 down", "port of aa-bb-cc-dd-ee-ff down"],
        ["node [kAbCd] gone", "node [x/1Zq] gone", "node [9f3+a] gone"],
        ["client 0xc000a1b2c3 closed", "client 0xc0000012ff closed", "client 0xc00045 closed"],
    ],
    ids=["long lines", "durations", "addresses", "IPv6", "MAC", "node keys", "pointers"],
)
def test_lines_that_differ_in_what_varies_are_one_template(makes: list[str]) -> None:
    assert len(templates([(60.0 * number, text) for number, text in enumerate(makes)])) == 1


def test_words_in_brackets_are_kept() -> None:
    assert templates([(second, "[error] it broke") for second in (1, 2, 3)]) == ["[error] it broke"]


def test_a_template_that_was_cut_says_so() -> None:
    (template,) = templates([(second, "very " * 60 + "long") for second in (1, 2, 3)])
    assert template.endswith("…")


def test_rates_are_per_hour_on_either_side() -> None:
    (change,) = changes([*((float(second), "it broke") for second in range(0, 600, 60)), (-3000.0, "it broke")])
    assert change.during_per_hour == pytest.approx(10 / (12 / 60))
    assert change.before_per_hour == pytest.approx(1 / ((7140 - 720) / 3600), abs=0.01)
    assert change.ratio == pytest.approx(change.during_per_hour / change.before_per_hour, rel=0.02)


def test_what_was_never_seen_before_has_no_ratio() -> None:
    (change,) = changes([(second, "it broke") for second in (1.0, 2.0, 3.0)])
    assert change.ratio is None


@pytest.mark.parametrize("lines", [[], [(1.0, "once"), (2.0, "once")]], ids=["nothing", "too few"])
def test_what_goes_on_as_before_is_no_change(lines: list[tuple[float, str]]) -> None:
    assert changes(lines) == ()


def test_the_more_telling_comes_first() -> None:
    often = [(float(second), "broke often") for second in range(0, 600, 10)]
    seldom = [(float(second), "broke seldom") for second in (1, 200, 400)]
    assert templates([*often, *seldom]) == ["broke often", "broke seldom"]

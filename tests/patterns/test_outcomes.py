"""Matched, not matched, inconclusive: what the log could not show is never told as absent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from logcorr import schema
from logcorr.errors import RuleError
from logcorr.model import CoverageGap, SourceFile
from logcorr.patterns import match
from logcorr.rulebook.models import Event, EventFile, Rulebook
from tests.patterns.material import ALWAYS, Ev, frame_of, moment, outcomes, pairs, rule, rulebook, run, timeline_of

AFTER = [{"down": "a"}, {"reset": "b", "within": 30}]
ABSENT = [{"down": "a"}, {"not": "b", "within": 30}]


def gap(kind: str, start: float | None, end: float | None, **more: Any) -> CoverageGap:
    edges = [None if each is None else moment(each) for each in (start, end)]
    given = {"source": None, "host": None, "reason": "test", **more}
    return CoverageGap(kind=kind, start=edges[0], end=edges[1], **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("end", "expected"),
    [(29.9, "inconclusive"), (30.0, None)],
    ids=["the log ends within the window", "the log ends with the window"],
)
def test_effect_awaited_at_the_end_of_the_log(end: float, expected: str | None) -> None:
    found = outcomes(run([Ev("a", 0)], timeline_of(spans=((-100, end),)), sequence=AFTER, by="host"))
    assert found == ([((0,), expected)] if expected else [])


@pytest.mark.parametrize(("end", "expected"), [(29.9, "inconclusive"), (30.0, "matched")])
def test_absence_at_the_end_of_the_log(end: float, expected: str) -> None:
    found = outcomes(run([Ev("a", 0)], timeline_of(spans=((-100, end),)), sequence=ABSENT, by="host"))
    assert found == [((0,), expected)]


@pytest.mark.parametrize("kind", ["silence", "rate-limited", "lost-messages", "unreadable"])
def test_absence_in_a_gap(kind: str) -> None:
    found = outcomes(run([Ev("a", 0)], timeline_of(gaps=(gap(kind, 10, 12),)), sequence=ABSENT, by="host"))
    assert found == [((0,), "inconclusive")]


@pytest.mark.parametrize(
    "harmless",
    [gap("unparsed", 10, 12), gap("clock-step", 10, 12), gap("silence", 31, 40), gap("silence", 5, 9, host="h2")],
    ids=["unparsed lines", "clock step", "after the window", "on another host"],
)
def test_gaps_that_do_not_blind(harmless: CoverageGap) -> None:
    assert pairs(run([Ev("a", 0)], timeline_of(gaps=(harmless,)), sequence=ABSENT, by="host")) == [(0,)]


def test_without_a_key_every_host_that_shows_the_event_must_be_observed() -> None:
    rows = [(0, "h1", -100.0, 1000.0), (0, "h2", -100.0, 10.0)]
    spans = [(source, host, moment(start), moment(end)) for source, host, start, end in rows]
    timeline = replace(timeline_of(), spans=pl.DataFrame(spans, schema=schema.SPANS, orient="row"))
    assert outcomes(run([Ev("a", 0)], timeline, sequence=ABSENT)) == [((0,), "inconclusive")]
    assert outcomes(run([Ev("a", 0)], timeline, sequence=ABSENT, by="host")) == [((0,), "matched")]


def test_a_host_without_any_source_of_the_event_is_not_observed() -> None:
    found = run([Ev("a", 0, host="h9")], timeline_of(), sequence=ABSENT, by="host")
    assert outcomes(found) == [((0,), "inconclusive")]


def _only_tailscaled(programs: tuple[str, ...], form: str) -> schema.Timeline:
    frame = pl.DataFrame([{"source": 0, "program": name} for name in programs], schema=schema.TIMELINE)
    return replace(timeline_of(), frame=frame, inputs=(SourceFile(path="log", format=form),))


@pytest.mark.parametrize(
    ("programs", "form", "expected"),
    [
        (("p",), "journal-json", "inconclusive"),
        (("p", "kernel"), "journal-json", "matched"),
        (("p", "sshd", "cron", "dbus"), "journal-json", "matched"),
        (("p", "sshd", "cron", "dbus"), "omada-controller", "inconclusive"),
    ],
    ids=["other program only", "the program speaks", "a whole journal", "many programs, but no general format"],
)
def test_only_a_source_that_shows_the_program_can_show_its_absence(
    programs: tuple[str, ...], form: str, expected: str
) -> None:
    kernel = EventFile(program="kern*", events={"nic.hang": Event(says="hang")})
    rules = Rulebook(events=(kernel,), patterns={"r": rule(sequence=[{"s": "a"}, {"not": "nic.hang", "within": 5}])})
    found = match(frame_of([Ev("a", 0)]), rules, _only_tailscaled(programs, form))
    assert [out for _, out in outcomes(found)] == [expected]


def test_a_rotated_log_is_one_log() -> None:
    files = (SourceFile(path="syslog.1", format="syslog"), SourceFile(path="syslog", format="syslog"))
    rows = [(0, "h1", moment(-100), moment(10)), (1, "h1", moment(20), moment(100))]
    spans = pl.DataFrame(rows, schema=schema.SPANS, orient="row")
    programs = pl.DataFrame([{"source": at, "program": "p"} for at in (0, 1)], schema=schema.TIMELINE)
    timeline = schema.Timeline(frame=programs, inputs=files, spans=spans)
    assert outcomes(run([Ev("a", 0)], timeline, sequence=ABSENT, by="host")) == [((0,), "matched")]
    silent = replace(timeline, gaps=(gap("silence", 10, 20, host="h1"),))
    assert outcomes(run([Ev("a", 0)], silent, sequence=ABSENT, by="host")) == [((0,), "inconclusive")]


def test_a_rate_limited_event_may_be_suppressed_after_a_burst() -> None:
    limited = EventFile(program="p", events={"a": Event(says="a"), "b": Event(says="b", rate_limited=True)})
    rules = Rulebook(events=(limited,), patterns={"r": rule(sequence=ABSENT, by="host")})
    calm = [Ev("b", at) for at in (-50, -40, -30, -20)]
    full = [*calm, Ev("b", -10)]
    assert outcomes(match(frame_of([*calm, Ev("a", 0)]), rules, timeline_of())) == [((4,), "matched")]
    assert outcomes(match(frame_of([*full, Ev("a", 0)]), rules, timeline_of())) == [((5,), "inconclusive")]
    assert outcomes(match(frame_of([*full, Ev("a", 60)]), rules, timeline_of())) == [((5,), "matched")]


def test_what_may_lie_inside_or_outside_leaves_an_absence_open() -> None:
    events = [Ev("a", 0), Ev("b", 31, blur=2, source=1)]
    assert outcomes(run(events, sequence=ABSENT, by="host")) == [((0,), "inconclusive")]


def test_no_coverage_known_is_no_absence() -> None:
    timeline = replace(timeline_of(), spans=schema.empty(schema.SPANS))
    assert outcomes(run([Ev("a", 0)], timeline, sequence=ABSENT, by="host")) == [((0,), "inconclusive")]
    assert outcomes(run([Ev("a", 0), Ev("b", 5)], timeline, sequence=AFTER, by="host")) == [((0, 1), "matched")]


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        (Ev("a", 0), Ev("b", 0), True),
        (Ev("a", 0, source=1), Ev("b", 0), False),
        (Ev("a", 0, blur=1, source=1), Ev("b", 1.5, blur=1), False),
        (Ev("a", 0, blur=1, source=1), Ev("b", 3, blur=1), True),
    ],
    ids=["tie in one log", "tie of two logs", "gap below the uncertainty", "gap above it"],
)
def test_order_is_known_or_said_not_to_be(first: Ev, second: Ev, *, known: bool) -> None:
    found = run([first, second], sequence=AFTER, by="host")
    assert found.frame["order_known"].to_list() == [known]
    assert [each.order_undetermined for each in found.findings] == [0 if known else 1]


def test_windows_widen_by_the_uncertainty() -> None:
    assert pairs(run([Ev("a", 0, blur=1), Ev("b", 31.9, blur=1, source=1)], sequence=AFTER)) == [(0, 1)]
    assert pairs(run([Ev("a", 0, blur=1), Ev("b", 32.1, blur=1, source=1)], sequence=AFTER)) == []


def test_an_effect_a_little_too_early_by_another_clock_may_still_be_one() -> None:
    events = [Ev("b", 9, source=1), Ev("a", 10, blur=2)]
    assert outcomes(run(events, sequence=AFTER)) == [((1, 0), "matched")]
    assert not run(events, sequence=AFTER).frame["order_known"].all()


@pytest.mark.parametrize(
    "parts",
    [
        {"sequence": [{"not": "a", "within": 5}]},
        {"sequence": [{"s": "a"}, {"not": "b"}]},
        {"sequence": [{"s": "a"}, {"t": "b"}], "by": {"s.x": "u.y"}},
        {"sequence": [{"s": "a"}, {"t": "b", "where": {"x": "$nobody.x"}}]},
        {"sequence": [{"s": "a"}, {"s": "b"}]},
        {"sequence": [{"s": "a"}, {"not": "m", "where": {"x": {"gt": "$s.x"}}}, {"t": "b"}]},
        {"sequence": [{"s": "a"}, {"not": "m", "within": 5, "at_least": 2}]},
        {"sequence": [{"s": "a", "optional": True}, {"t": "b", "where": {"x": "$s.x"}}]},
        {"during": {"start": "a", "end": "b"}},
        {"beat": {"event": "a", "on_minutes": "*/0"}},
        {"beat": {"event": "a", "on_minutes": "61"}},
    ],
)
def test_rules_that_cannot_be_matched_say_so(parts: dict[str, Any]) -> None:
    events = [Ev(name, at) for name in "abm" for at in range(0, 3000, 300)]
    with pytest.raises(RuleError):
        run(events, timeline_of(spans=ALWAYS), **parts)


def test_all_rules_that_cannot_be_matched_are_named_with_their_places() -> None:
    broken = {name: rule(sequence=[{"s": "a"}, {"not": "b"}]).model_copy(update={"id": name}) for name in ("x", "y")}
    rules = replace(rulebook(**broken), places={"pattern x": "rules/x.yaml:1"})
    with pytest.raises(RuleError) as raised:
        match(frame_of([Ev("a", 0)]), rules, timeline_of())
    assert [fault.location for fault in raised.value.faults] == ["rules/x.yaml:1", "pattern y"]

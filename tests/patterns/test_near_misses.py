"""Why a rule did not match."""

from __future__ import annotations

from typing import Any

import pytest

from logcorr.patterns import near_misses
from tests.patterns.material import Ev, frame_of, rule, rulebook, timeline_of

RESET = {"reset": "b", "within": 30}
CASES: list[tuple[str, list[Ev], dict[str, Any], str]] = [
    (
        "late",
        [Ev("a", 0), Ev("b", 31), Ev("a", 100), Ev("b", 140), Ev("a", 200), Ev("b", 205)],
        {"sequence": [{"down": "a"}, RESET], "by": "host"},
        "2 reset came 31 s to 40 s after; within is 30 s",
    ),
    (
        "which step failed how often",
        [Ev("a", 0), Ev("b", 1), Ev("a", 100), Ev("a", 200)],
        {"sequence": [{"down": "a"}, RESET], "by": "host"},
        "2 of 3 down had no reset within 30 s",
    ),
    (
        "the second step, counted from those that got there",
        [Ev("a", 0), Ev("b", 1), Ev("c", 90), Ev("a", 200)],
        {"sequence": [{"down": "a"}, RESET, {"up": "c", "within": 60}]},
        "1 of 1 reset had no up within 1 min",
    ),
    (
        "another key",
        [Ev("a", 0), Ev("b", 1, host="h2"), Ev("a", 5, host="h3")],
        {"sequence": [{"down": "a"}, RESET], "by": "host"},
        "1 reset came in time with another host",
    ),
    (
        "a comparison",
        [Ev("a", 0, fields={"x": 1}), Ev("b", 1, fields={"x": 2})],
        {"sequence": [{"down": "a"}, {**RESET, "where": {"x": {"lt": "$down.x"}}}]},
        "1 reset came in time, but a comparison or a 'not' between ruled them out",
    ),
    (
        "conditions on the event itself",
        [Ev("a", 0, fields={"x": 1}), Ev("a", 1, fields={"x": 2})],
        {"sequence": [{"down": "a"}, {**RESET, "where": {"x": 7}}]},
        "reset: b was seen 0 times",
    ),
    (
        "an absence that was broken",
        [Ev("a", 0), Ev("b", 1), Ev("a", 100)],
        {"sequence": [{"down": "a"}, {"not": "b", "within": 5}]},
        "1 of 2 were followed by b, which must not occur",
    ),
    (
        "a count",
        [Ev("a", 0), Ev("a", 5), Ev("a", 100)],
        {"count": {"event": "a", "at_least": 3, "within": 60}},
        "at most 2 within 1 min; at least 3 are asked for",
    ),
]


@pytest.mark.parametrize(("events", "parts", "line"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_says(events: list[Ev], parts: dict[str, Any], line: str) -> None:
    pattern = rule(**parts)
    told = near_misses(pattern, frame_of(events), rulebook(rule=pattern), timeline_of(hosts=("h1", "h2", "h3")))
    assert line in told.lines


def test_counts_matches() -> None:
    pattern = rule(sequence=[{"down": "a"}, RESET])
    events = frame_of([Ev("a", 0), Ev("b", 1), Ev("a", 100)])
    told = near_misses(pattern, events, rulebook(rule=pattern), timeline_of(spans=((-10, 110),)))
    assert (told.matched, told.inconclusive) == (1, 1)


def test_nothing_seen_is_said() -> None:
    pattern = rule(sequence=[{"down": "a"}, RESET])
    told = near_misses(pattern, frame_of([]), rulebook(rule=pattern), timeline_of())
    assert told.lines == ("down: a was seen 0 times", "reset: b was seen 0 times")

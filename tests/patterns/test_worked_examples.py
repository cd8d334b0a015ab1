"""The worked examples of other engines come out as they do there, or as ``worked_examples`` says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patterns.material import Ev, outcomes, run, timeline_of
from tests.patterns.worked_examples import ABC, CASES, labels, parse


def told(events: list[Ev], steps: Any, pair: str, **more: Any) -> list[str]:
    names = labels(events)
    matches = run(events, timeline_of(), sequence=list(steps), by="host", pair=pair, **more)
    return sorted("-".join(names[at] for at in ids) for ids, outcome in outcomes(matches) if outcome == "matched")


@pytest.mark.parametrize(("text", "steps", "pair", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_example(text: str, steps: Any, pair: str, expected: list[str]) -> None:
    assert told(parse(text), steps, pair) == expected


def test_the_whole_span_counts_from_the_first_event() -> None:
    """E14: maxspan is measured from the first event, whatever the steps allow."""
    assert told(parse("a0 b8 c11"), ABC, "nearest", span=10) == []


def test_time_limits_below_a_second_are_kept() -> None:
    """E15, where python-eql rounds 500 ms down to 0."""
    assert told(parse("a0 b0.3"), ABC[:2], "nearest", span=0.5) == ["a1-b1"]


@pytest.mark.parametrize(
    ("times", "episodes"),
    [
        ("a0 a49 a68 a102 a106", [["a2", "a3", "a4", "a5"]]),  # S9: SEC fires at 102, with 49, 68 and 102
        ("a0 a30 a60", [["a1", "a2", "a3"]]),  # the window is inclusive
        ("a0 a30 a61", []),
        ("a0 a1 a2 a70 a71 a72", [["a1", "a2", "a3"], ["a4", "a5", "a6"]]),  # S10: SEC fires at 2 and 72
    ],
)
def test_threshold(times: str, episodes: list[list[str]]) -> None:
    """SEC's SingleWithThreshold 3 in 60: each episode begins to qualify where SEC fires."""
    events = parse(times)
    names = labels(events)
    matches = run(events, count={"event": "a", "at_least": 3, "within": 60}, by="host")
    assert [[names[at] for at in ids] for ids, _ in outcomes(matches)] == episodes


def test_unordered_steps() -> None:
    """S11: an EventGroup of A and B in any order within 30 s."""
    steps = [{"s0": "a"}, {"s1": "b"}]
    assert [ids for ids, _ in outcomes(run(parse("b0 a10"), all=steps, span=30))] == [(0, 1)]
    assert outcomes(run(parse("b0 a31"), all=steps, span=30)) == []

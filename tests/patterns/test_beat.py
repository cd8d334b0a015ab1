"""A beat is told from events that are random, bursty or merely dense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logcorr.errors import RuleError
from logcorr.model import SourceFile
from logcorr.patterns import match
from logcorr.patterns.minutes import parse_minutes
from tests.patterns.material import Ev, frame_of, outcomes, rule, rulebook, run, timeline_of

DAY = 86_400.0
SERIES = 120


def random(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.uniform(0, DAY, rng.poisson(count))


def bursty(rng: np.random.Generator, count: int) -> np.ndarray:
    starts = random(rng, count // 8)
    bursts = [at + np.cumsum(rng.exponential(150, rng.poisson(8))) for at in starts]
    return np.concatenate([*bursts, np.zeros(0)])


def busy_hours(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.uniform(8 * 3600, 16 * 3600, rng.poisson(count))


def dense(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.cumsum(rng.uniform(1, 60, 3 * count))


def beating(series: list[np.ndarray], **beat: Any) -> float:
    """The share of the series in which a beat is found; each is a host of its own."""
    events = [Ev("a", float(at), host=f"host{n}") for n, times in enumerate(series) for at in times]
    parts = rule(beat={"event": "a", **beat}, by="host")
    found = match(frame_of(events), rulebook(rule=parts), timeline_of()).frame
    return found["key"].n_unique() / len(series)


@pytest.mark.parametrize("make", [random, bursty, busy_hours, dense])
@pytest.mark.parametrize("count", [10, 100])
def test_no_beat_is_found_where_there_is_none(make: Any, count: int) -> None:
    rng = np.random.default_rng(20251104)
    series = [make(rng, count) for _ in range(SERIES)]
    assert beating(series) <= 0.025
    assert beating(series, every=300) <= 0.07
    assert beating(series, on_minutes="*/5") <= 0.07


@pytest.mark.parametrize(("beats", "jitter", "share"), [(4, 1, 0.95), (5, 5, 0.95), (12, 10, 0.95)])
def test_a_beat_is_found(beats: int, jitter: float, share: float) -> None:
    rng = np.random.default_rng(20251104)
    series = [1000 + np.arange(beats) * 300 + rng.uniform(-jitter, jitter, beats) for _ in range(SERIES)]
    assert beating(series) >= share
    assert beating(series, every=300) >= share


def test_a_beat_that_is_left_out_now_and_then_is_found_among_other_events() -> None:
    """A monitor acts only when its test fails, and somebody restarts by hand in between."""
    rng = np.random.default_rng(20251104)
    series = [
        np.concatenate([np.flatnonzero(rng.random(40) < 0.5) * 300 + rng.uniform(0, 4), random(rng, 3)])
        for _ in range(SERIES)
    ]
    assert beating(series) >= 0.9


def test_years_of_a_beat_on_the_minute_are_one_beat() -> None:
    """Ways to choose among 1,400 are no number that a float can hold."""
    assert beating([np.arange(1400) * 300 + 1.0], on_minutes="*/5") == 1


def on_the_minutes(*times: str, **more: Any) -> list[Ev]:
    """Events at minutes and seconds after the start, which is a full hour."""
    return [Ev("a", 60 * int(minute) + int(second), **more) for minute, second in (each.split(":") for each in times)]


CRON = {"event": "a", "on_minutes": "*/5", "tolerance": 50}


def test_wall_clock_minutes() -> None:
    events = on_the_minutes("0:45", "5:09", "20:12", "35:02", "40:30")
    (found,) = run(events, beat=CRON, by="host").findings
    assert found.count == 1
    assert found.records == (0, 1, 2, 3, 4)
    assert found.chance is not None
    assert found.chance.startswith("5 beats after the minutes */5")


def test_off_the_minutes() -> None:
    assert outcomes(run(on_the_minutes("1:45", "7:09", "23:12", "36:02", "43:30"), beat=CRON)) == []


def test_a_tolerance_as_long_as_the_step_is_no_evidence() -> None:
    events = on_the_minutes("0:45", "5:09", "20:12", "35:02", "40:30")
    assert outcomes(run(events, beat={**CRON, "tolerance": 299})) == []


@pytest.mark.parametrize(("zone", "found"), [("Asia/Kolkata", 1), ("+05:30", 1), ("Europe/Zagreb", 0), (None, 0)])
def test_minutes_are_those_of_the_sources_zone(zone: str | None, found: int) -> None:
    """At half past in UTC it is a full hour in India."""
    events = [Ev("a", 1800 + 3600 * hour + 5) for hour in range(5)]
    timeline = replace(timeline_of(), inputs=(SourceFile(path="log", timezone=zone),))
    assert len(outcomes(run(events, timeline, beat={"event": "a", "on_minutes": "0", "tolerance": 20}))) == found


def test_several_lines_are_one_beat() -> None:
    events = [Ev("a", 300.0 * at + late) for at in range(6) for late in (0, 2, 3)]
    (found,) = run(events, beat={"event": "a"}, by="host").findings
    assert found.records == tuple(range(0, 18, 3))


def test_the_title_may_name_the_period() -> None:
    pattern = rule(beat={"event": "a"}, by="host").model_copy(update={"title": "{count} times, every {period}"})
    events = frame_of([Ev("a", 300.0 * at) for at in range(8)])
    assert match(events, rulebook(rule=pattern), timeline_of()).findings[0].title == "8 times, every 5 min"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("*/15", (0, 15, 30, 45)),
        ("0,30", (0, 30)),
        ("10-20/5", (10, 15, 20)),
        ("7", (7,)),
        ("50/5", (50, 55)),
        ("5-7", (5, 6, 7)),
    ],
)
def test_minute_fields(text: str, minutes: tuple[int, ...]) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "60", "9-3", "*/0", "a", "1;2", "-5"])
def test_no_minute_fields(text: str) -> None:
    with pytest.raises(RuleError):
        parse_minutes(text)

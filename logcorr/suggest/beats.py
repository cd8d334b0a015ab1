"""Kinds of line that recur on a period, as timers and cron jobs do, though beats may be left out.

Lines no further apart than the tolerance are one beat. An interval is on the beat if it is within the tolerance s of a
multiple of the period P (up to ``MOST_MISSED``). Where nothing is periodic an interval is so with a chance of about
2 s / P; the p-value is the binomial tail, times the number of tolerances and periods that were tried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from logcorr.chance.tails import binomial_tail
from logcorr.suggest.chance import SECOND, Bools, Floats, Ints, adjust
from logcorr.suggest.series import Series, Survey

TOLERANCES: Final = tuple(seconds * SECOND for seconds in (1, 2, 5, 10, 20, 30, 60))
#: Where in the distribution of the intervals the period is looked for.
QUANTILES: Final = (0.25, 0.5)
MOST_MISSED: Final = 12
SLOWEST_TOLERANCE: Final = 4

FEWEST_BEATS: Final = 6
#: At least this share of the intervals must be on the beat: for being told, and for explaining why another series with
#: the same period seems to follow.
LEAST_TOLD: Final = 0.8
LEAST_ON_BEAT: Final = 0.4
#: Intervals that are looked at of one series: enough to be sure.
MOST_INTERVALS: Final = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """A series (by its place) that has a beat on one host. Times in µs; ``rows`` are consecutive beats."""

    series: int
    host: int
    period: int
    tolerance: int
    intervals: int
    on_beat: int
    p_value: float
    rows: Ints
    adjusted: float = 1.0

    def strict(self) -> bool:
        """Whether hardly anything is off the beat."""
        return self.on_beat >= LEAST_TOLD * self.intervals


def find_beats(found: Survey, false_discoveries: float) -> list[Rhythm]:
    """The clearest beat of each series that has one, the clearest first."""
    parts = [
        (place, host, one.at[here], one.rows[here])
        for place, one in enumerate(found.series)
        for host in np.unique(one.host).tolist()
        if (here := one.host == host).sum() > FEWEST_BEATS
    ]
    tested = [rhythm for part in parts if (rhythm := _rhythm(*part)) is not None]
    rates = adjust(np.array([rhythm.p_value for rhythm in tested]), len(parts)).tolist()
    clear = [
        replace(rhythm, adjusted=rate) for rhythm, rate in zip(tested, rates, strict=True) if rate <= false_discoveries
    ]
    best: dict[int, Rhythm] = {}
    for rhythm in sorted(clear, key=_order):
        best.setdefault(rhythm.series, rhythm)
    return list(best.values())


def _order(rhythm: Rhythm) -> tuple[float, int, int]:
    return rhythm.p_value, -rhythm.intervals, rhythm.series


def in_step(one: Rhythm, other: Rhythm) -> bool:
    """Whether one period is a multiple of the other."""
    short, long = sorted((one.period, other.period))
    times = max(round(long / short), 1)
    return times <= MOST_MISSED and abs(long - times * short) <= one.tolerance + other.tolerance


def locked(rhythm: Rhythm, leader: Rhythm, found: Survey) -> bool:
    """Whether a beat keeps a steady distance to that of ``leader``: then both tell of the same timer."""
    if rhythm.host != leader.host:
        return False
    mine, theirs = (_on_host(found.series[each.series], each.host) for each in (rhythm, leader))
    since = mine - theirs[np.maximum(np.searchsorted(theirs, mine, side="right") - 1, 0)]
    near, far = np.quantile(since, [0.25, 0.75])
    return bool(far - near <= 2 * max(rhythm.tolerance, leader.tolerance) and abs(near) < leader.period)


def _on_host(one: Series, host: int) -> Ints:
    return np.asarray(one.at[one.host == host])


def _rhythm(series: int, host: int, at: Ints, rows: Ints) -> Rhythm | None:
    """The period and tolerance that chance explains least."""
    best: Rhythm | None = None
    for tolerance in TOLERANCES:
        first = np.concatenate([[True], np.diff(at) > tolerance])
        times, kept = at[first][: MOST_INTERVALS + 1], rows[first][: MOST_INTERVALS + 1]
        intervals = np.diff(times).astype(float)
        if len(intervals) < FEWEST_BEATS:
            continue
        for period in np.quantile(intervals, QUANTILES).tolist():
            rhythm = _tried(series, host, (tolerance, period), intervals, kept)
            if rhythm is not None and (best is None or rhythm.p_value < best.p_value):
                best = rhythm
    return best


def _tried(series: int, host: int, trial: tuple[int, float], intervals: Floats, rows: Ints) -> Rhythm | None:
    tolerance, period = trial
    if period < SLOWEST_TOLERANCE * tolerance:
        return None
    times = np.clip(np.round(intervals / period), 1, MOST_MISSED)
    near = np.abs(intervals - times * period) <= tolerance
    if not near.any():
        return None
    every = _rounded(float(np.median(intervals[near] / times[near])), tolerance)
    good = np.abs(intervals - times * every) <= tolerance
    count, hits = len(intervals), int(good.sum())
    if hits < max(LEAST_ON_BEAT * count, FEWEST_BEATS):
        return None
    p_value = binomial_tail(count - 1, hits - 1, min(2 * tolerance / every, 1.0)) * len(TOLERANCES) * len(QUANTILES)
    run = _longest(good)
    return Rhythm(series, host, every, tolerance, count, hits, min(p_value, 1.0), rows[run[0] : run[1] + 1])


def _rounded(period: float, tolerance: int) -> int:
    """The period in whole hours, minutes or seconds where that is as good as the tolerance allows."""
    for step in (3600 * SECOND, 60 * SECOND, SECOND, SECOND // 10, SECOND // 100):
        near = round(period / step) * step
        if near and abs(near - period) * MOST_MISSED <= tolerance:
            return near
    return round(period)


def _longest(good: Bools) -> tuple[int, int]:
    """The longest stretch of True, half-open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8))).reshape(-1, 2)
    longest = int(np.argmax(edges[:, 1] - edges[:, 0]))
    return int(edges[longest, 0]), int(edges[longest, 1])

"""Whether instants recur on a period though beats may be left out, and how often chance would give that.

Lines no further apart than a tolerance are one beat. An interval is on the beat if it is within the tolerance of a
multiple (up to ``MOST_MISSED``) of the period P. Two questions are asked of it:

- Are there stretches that lie on the beat, however much else lies beside them (``runs_of``)? If s is the largest
  deviation, a run of r among n intervals has the chance n (2s/P)^r. Where the period is taken from the run itself and
  its intervals (modulo P) lie in a range w, that is n r (w/P)^(r-1) for each period tried.
- Is a whole series on the beat, and on which (``clearest``)? Where nothing is periodic an interval is on the beat with
  a chance of about 2s/P for a tolerance s: the binomial tail, times the number of tolerances and periods tried.

Both assume that intervals are spread evenly over ± P/2 around each multiple. Where their density thins out smoothly, as
for random events and bursts of random events, that errs on the side of chance. Events denser than the period merge or
give no such interval, so that density alone is no beat.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from logcorr.chance.tails import binomial_tail
from logcorr.dataclass import dataclass
from logcorr.times.micros import HOUR, MINUTE, SECOND, Bools, Floats, Ints

#: So many times the period may lie between two beats: those between were left out.
MOST_MISSED: Final = 12
#: A period is at least this many tolerances; anything denser is on every beat at once.
SLOWEST_TOLERANCE: Final = 4
#: Intervals that are tried as period of a run.
MOST_PERIODS: Final = 40

#: Tolerances of a whole series, and where in the distribution of its intervals the period is looked for.
TOLERANCES: Final = tuple(seconds * SECOND for seconds in (1, 2, 5, 10, 20, 30, 60))
QUANTILES: Final = (0.25, 0.5)
FEWEST_BEATS: Final = 6
#: At least this share of the intervals of a series must be on the beat.
LEAST_ON_BEAT: Final = 0.4
#: Intervals that are looked at of one series: enough to be sure.
MOST_INTERVALS: Final = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Places (of the beats of one key) that lie on a beat, its period in µs (0: on minutes) and what chance gives."""

    places: Ints
    period: float
    off_by: float
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The beat of a whole series. Times in µs; ``places`` are consecutive beats of the instants."""

    period: int
    tolerance: int
    intervals: int
    on_beat: int
    p_value: float
    places: Ints


def merge(time: Ints, tolerance: int) -> Bools:
    """The first of each run of instants (ascending, µs) that are no further apart than the tolerance."""
    return np.concatenate([[True], np.diff(time) > tolerance]) if len(time) else np.zeros(0, dtype=bool)


def stretches(good: Bools) -> list[tuple[int, int]]:
    """Half-open stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _multiples(intervals: Floats, period: float) -> Floats:
    """How many periods each interval comes closest to."""
    return np.clip(np.round(intervals / period), 1, MOST_MISSED)


# --- stretches on the beat --------------------------------------------------------------------------------------------


def periods(intervals: Ints, tolerance: int) -> Floats:
    """Intervals to try as period: one for each stretch of half a tolerance, the commonest first."""
    long = intervals[intervals >= SLOWEST_TOLERANCE * tolerance]
    step = max(tolerance // 2, 1)
    bins, where, count = np.unique(long // step, return_inverse=True, return_counts=True)
    common = np.argsort(-count, kind="stable")[:MOST_PERIODS]
    return np.array([float(np.median(long[where == place])) for place in common]) if len(bins) else np.zeros(0)


def runs_of(time: Ints, width: Ints, period: float, tolerance: int, at_least: int, *, own: bool = False) -> list[Run]:
    """Maximal runs of at least ``at_least`` beats whose intervals are multiples of the period within the tolerance.

    Args:
        time: of the beats, ascending, in µs.
        width: within how many µs the true time of each beat lies.
        period: in µs.
        tolerance: in µs.
        at_least: beats of a run.
        own: the period is taken from the intervals themselves, which costs one of them.
    """
    if period < SLOWEST_TOLERANCE * tolerance:
        return []
    intervals = np.diff(time).astype(float)
    multiple = _multiples(intervals, period)
    off = intervals - multiple * period
    blur = np.maximum(width[1:] + width[:-1], 1)
    runs = []
    for start, end in stretches(np.abs(off) <= tolerance):
        if end - start + 1 < at_least:
            continue
        part, starts = off[start:end], len(intervals) - (end - start) + 1
        chance = _by_chance(part, float(blur[start:end].max()), period, starts, own=own)
        real = float(np.median(intervals[start:end] / multiple[start:end])) if own else period
        runs.append(Run(np.arange(start, end + 1), real, float(np.abs(part).max()), chance))
    return runs


def _by_chance(off: Floats, least: float, period: float, starts: int, *, own: bool) -> float:
    """How likely intervals as near to multiples of the period are where there is none, at any of ``starts`` places.

    They are ``off`` by so much, and none can be told nearer than ``least``.
    """
    count = len(off)
    if own:
        spread = max(float(off.max() - off.min()), least)
        return min(starts * count * min(spread / period, 1.0) ** (count - 1), 1.0)
    return min(starts * min(2 * max(float(np.abs(off).max()), least) / period, 1.0) ** count, 1.0)


def best(runs: list[Run]) -> list[Run]:
    """The runs that chance explains least, none of which share a beat."""
    taken: set[int] = set()
    kept = []
    for run in sorted(runs, key=lambda each: (each.chance, int(each.places[0]))):
        places = set(run.places.tolist())
        if not places & taken:
            taken |= places
            kept.append(run)
    return sorted(kept, key=lambda each: int(each.places[0]))


# --- a whole series on the beat ---------------------------------------------------------------------------------------


def clearest(at: Ints) -> Rhythm | None:
    """The period and tolerance that chance explains least; None where too few intervals are on any.

    ``at``: instants in µs, ascending.
    """
    found: Rhythm | None = None
    for tolerance in TOLERANCES:
        places = np.flatnonzero(merge(at, tolerance))[: MOST_INTERVALS + 1]
        intervals = np.diff(at[places]).astype(float)
        if len(intervals) < FEWEST_BEATS:
            continue
        for period in np.quantile(intervals, QUANTILES).tolist():
            rhythm = _tried(intervals, places, tolerance, period)
            if rhythm is not None and (found is None or rhythm.p_value < found.p_value):
                found = rhythm
    return found


def _tried(intervals: Floats, places: Ints, tolerance: int, period: float) -> Rhythm | None:
    if period < SLOWEST_TOLERANCE * tolerance:
        return None
    times = _multiples(intervals, period)
    near = np.abs(intervals - times * period) <= tolerance
    if not near.any():
        return None
    every = _rounded(float(np.median(intervals[near] / times[near])), tolerance)
    good = np.abs(intervals - times * every) <= tolerance
    count, hits = len(intervals), int(good.sum())
    if hits < max(LEAST_ON_BEAT * count, FEWEST_BEATS):
        return None
    p_value = binomial_tail(count - 1, hits - 1, min(2 * tolerance / every, 1.0)) * len(TOLERANCES) * len(QUANTILES)
    start, end = max(stretches(good), key=lambda stretch: stretch[1] - stretch[0])
    return Rhythm(every, tolerance, count, hits, min(p_value, 1.0), places[start : end + 1])


def _rounded(period: float, tolerance: int) -> int:
    """The period in whole hours, minutes or seconds where that is as good as the tolerance allows."""
    for step in (HOUR, MINUTE, SECOND, SECOND // 10, SECOND // 100):
        near = round(period / step) * step
        if near and abs(near - period) * MOST_MISSED <= tolerance:
            return near
    return round(period)

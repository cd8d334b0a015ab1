"""``beat``: an event that recurs on a period or on wall-clock minutes, as cron jobs and timers do.

Lines closer together than the tolerance are one beat, and beats may be left out: a monitor that acts only when its test
fails keeps its grid. A run of beats is reported only if chance would rarely give it:

- With ``every``, each interval of the run is within the tolerance of a multiple (up to ``MOST_MISSED``) of the
  period P. If s is the largest deviation, a run of r among n intervals has the chance n (2s/P)^r.
- Without, every interval of at least four tolerances is tried as period, and the run's own intervals set it; if they
  (modulo P) lie in a range w, the chance is m n r (w/P)^(r-1) for m periods tried.
- With ``on_minutes``, beats start within the tolerance after a listed minute. Such instants make up the share q of all
  time: k of n beats on them have a binomial chance, a run of r the chance n q^r.

The first two assume that intervals are spread evenly over ± P/2 around each multiple. Where their density thins out
smoothly, as for random events and bursts of random events, that errs on the side of chance. Events denser than the
period merge or give no such interval, so that density alone is no beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from logcorr.chance.tails import binomial_tail
from logcorr.micros import Bools, Floats, Ints
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, in_words, nothing
from logcorr.patterns.engine.plan import micros
from logcorr.patterns.engine.stream import Stream
from logcorr.patterns.forms.minutes import on_listed_minutes, parse_minutes
from logcorr.rulebook.models import Beat, Pattern

#: A run is reported if chance would give it less often than this: for a given period, and for one found in the data.
GIVEN: Final = 0.05
DETECTED: Final = 0.01

MOST_MISSED: Final = 12
MOST_PERIODS: Final = 40

#: A period is at least this many tolerances; anything denser is on every beat at once.
SLOWEST_TOLERANCE: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Places (of the beats of one key) that lie on a beat, its period in µs (0: on minutes) and what chance gives."""

    places: Ints
    period: float
    off_by: float
    chance: float


def find(pattern: Pattern, beat: Beat, stream: Stream, zones: tuple[str | None, ...]) -> tuple[Found, Figure | None]:
    """Runs of beats, and how likely the clearest of them is by chance. ``zones``: the zone of each source."""
    series = series_of.read(pattern, beat.event, beat.where, stream)
    owner: list[Ints] = []
    rows: list[Ints] = []
    runs: list[Run] = []
    for group in series.groups():
        beats = _merge(series.time[group], micros(beat.tolerance))
        mine = series.rows[group][beats]
        width = (series.hi[group] - series.lo[group])[beats]
        for run in _runs(beat, series.time[group][beats], width, mine, stream, zones):
            owner.append(np.full(len(run.places), len(runs)))
            rows.append(mine[run.places])
            runs.append(run)
    if not runs:
        return nothing(("event",)), None
    found = Found(
        owner=np.concatenate(owner),
        rows=np.concatenate(rows),
        names=np.zeros(sum(len(each) for each in rows), dtype=np.int64),
        bindings=("event",),
        matched=np.ones(len(runs), dtype=bool),
        order_known=np.ones(len(runs), dtype=bool),
        key_fields=tuple(("event", name) for name in series_of.fields_of(pattern)),
        values={
            "count": pl.Series([str(len(run.places)) for run in runs]),
            "period": pl.Series([in_words(run.period) if run.period else str(beat.on_minutes) for run in runs]),
        },
    )
    return found, _figure(min(runs, key=lambda run: run.chance), beat)


def _figure(run: Run, beat: Beat) -> Figure:
    count = len(run.places)
    if run.period:
        words = f"{count} beats {in_words(run.period)} apart, off by {in_words(run.off_by)} at most (P = {{p}})"
    else:
        words = f"{count} beats after the minutes {beat.on_minutes} (P = {{p}})"
    return Figure(words, None, run.chance)


def _merge(time: Ints, tolerance: int) -> Bools:
    """The first of each run of lines that are no further apart than the tolerance."""
    return np.concatenate([[True], np.diff(time) > tolerance]) if len(time) else np.zeros(0, dtype=bool)


def _runs(beat: Beat, time: Ints, width: Ints, rows: Ints, stream: Stream, zones: tuple[str | None, ...]) -> list[Run]:
    if len(time) < beat.at_least:
        return []
    if beat.on_minutes is not None:
        return _minute_runs(beat, rows, stream, zones)
    tolerance = micros(beat.tolerance)
    if beat.every is not None:
        runs = _period_runs(time, width, float(micros(beat.every)), tolerance, beat.at_least)
        return _best([run for run in runs if run.chance < GIVEN])
    periods = _periods(np.diff(time), tolerance)
    found = [
        Run(run.places, run.period, run.off_by, run.chance * len(periods))
        for period in periods.tolist()
        for run in _period_runs(time, width, period, tolerance, beat.at_least, own=True)
    ]
    return _best([run for run in found if run.chance < DETECTED])


def _periods(intervals: Ints, tolerance: int) -> Floats:
    """Intervals to try as period: one for each stretch of half a tolerance, the commonest first."""
    long = intervals[intervals >= SLOWEST_TOLERANCE * tolerance]
    step = max(tolerance // 2, 1)
    bins, where, count = np.unique(long // step, return_inverse=True, return_counts=True)
    common = np.argsort(-count, kind="stable")[:MOST_PERIODS]
    return np.array([float(np.median(long[where == place])) for place in common]) if len(bins) else np.zeros(0)


def _period_runs(
    time: Ints, width: Ints, period: float, tolerance: int, at_least: int, *, own: bool = False
) -> list[Run]:
    """Maximal runs of intervals that are multiples of the period within the tolerance. ``own``: the period is taken
    from the intervals themselves, which costs one of them.
    """
    if period < SLOWEST_TOLERANCE * tolerance:
        return []
    intervals = np.diff(time).astype(float)
    multiple = np.clip(np.round(intervals / period), 1, MOST_MISSED)
    off = intervals - multiple * period
    blur = np.maximum(width[1:] + width[:-1], 1)
    good = np.abs(off) <= tolerance
    runs = []
    for start, end in _stretches(good):
        count = end - start
        if count + 1 < at_least:
            continue
        part = off[start:end]
        starts = len(intervals) - count + 1
        if own:
            spread = max(float(part.max() - part.min()), float(blur[start:end].max()))
            chance = starts * count * min(spread / period, 1.0) ** (count - 1)
            real = float(np.median(intervals[start:end] / multiple[start:end]))
        else:
            spread = max(float(np.abs(part).max()), float(blur[start:end].max()))
            chance = starts * min(2 * spread / period, 1.0) ** count
            real = period
        runs.append(Run(np.arange(start, end + 1), real, float(np.abs(part).max()), min(chance, 1.0)))
    return runs


def _minute_runs(beat: Beat, rows: Ints, stream: Stream, zones: tuple[str | None, ...]) -> list[Run]:
    minutes = parse_minutes(beat.on_minutes or "*")
    good, share = on_listed_minutes(rows, minutes, micros(beat.tolerance), stream, zones)
    count, hits = len(good), int(good.sum())
    whole = binomial_tail(count, hits, share)
    if hits >= beat.at_least and whole < GIVEN and hits > count / 2:
        return [Run(np.flatnonzero(good), 0.0, 0.0, whole)]
    runs = [
        Run(np.arange(start, end), 0.0, 0.0, (count - (end - start) + 1) * share ** (end - start))
        for start, end in _stretches(good)
        if end - start >= beat.at_least
    ]
    return _best([run for run in runs if run.chance < GIVEN])


def _stretches(good: Bools) -> list[tuple[int, int]]:
    """Half-open stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _best(runs: list[Run]) -> list[Run]:
    """The runs that chance explains least, none of which share a beat."""
    taken: set[int] = set()
    kept = []
    for run in sorted(runs, key=lambda each: (each.chance, int(each.places[0]))):
        places = set(run.places.tolist())
        if not places & taken:
            taken |= places
            kept.append(run)
    return sorted(kept, key=lambda each: int(each.places[0]))

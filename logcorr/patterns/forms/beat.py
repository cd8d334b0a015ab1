"""``beat``: an event that recurs on a period or on wall-clock minutes, as cron jobs and timers do.

Lines closer together than the tolerance are one beat, and beats may be left out: a monitor that acts only when its test
fails keeps its grid. A run of beats is reported only if chance would rarely give it (``logcorr.chance.rhythm``):

- With ``every``, the period is given.
- Without, every interval of at least four tolerances is tried as period, and the run's own intervals set it.
- With ``on_minutes``, beats start within the tolerance after a listed minute. Such instants make up the share q of all
  time: k of n beats on them have a binomial chance, a run of r the chance n q^r.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.chance.rhythm import Run, best, merge, periods, runs_of, stretches
from logcorr.chance.tails import binomial_tail
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, in_words, nothing
from logcorr.patterns.minutes import on_listed_minutes, parse_minutes
from logcorr.rulebook.models import Beat, Pattern
from logcorr.times.micros import Ints, of_seconds

#: A run is reported if chance would give it less often than this: for a given period, and for one found in the data.
GIVEN: Final = 0.05
DETECTED: Final = 0.01


def find(pattern: Pattern, context: Context) -> tuple[Found, Figure | None]:
    """Runs of beats, and how likely the clearest of them is by chance."""
    beat, stream = pattern.body(Beat), context.stream
    series = series_of.read(pattern, beat.event, beat.where, stream)
    owner: list[Ints] = []
    rows: list[Ints] = []
    runs: list[Run] = []
    for group in series.groups():
        beats = merge(series.time[group], of_seconds(beat.tolerance))
        mine = series.rows[group][beats]
        width = (series.hi[group] - series.lo[group])[beats]
        for run in _runs(beat, series.time[group][beats], width, mine, context):
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


def _runs(beat: Beat, time: Ints, width: Ints, rows: Ints, context: Context) -> list[Run]:
    if len(time) < beat.at_least:
        return []
    if beat.on_minutes is not None:
        return _minute_runs(beat, rows, context)
    tolerance = of_seconds(beat.tolerance)
    if beat.every is not None:
        runs = runs_of(time, width, float(of_seconds(beat.every)), tolerance, beat.at_least)
        return best([run for run in runs if run.chance < GIVEN])
    tried = periods(np.diff(time), tolerance)
    found = [
        Run(run.places, run.period, run.off_by, run.chance * len(tried))
        for period in tried.tolist()
        for run in runs_of(time, width, period, tolerance, beat.at_least, own=True)
    ]
    return best([run for run in found if run.chance < DETECTED])


def _minute_runs(beat: Beat, rows: Ints, context: Context) -> list[Run]:
    minutes = parse_minutes(beat.on_minutes or "*")
    good, share = on_listed_minutes(rows, minutes, of_seconds(beat.tolerance), context.stream, context.zones)
    count, hits = len(good), int(good.sum())
    whole = binomial_tail(count, hits, share)
    if hits >= beat.at_least and whole < GIVEN and hits > count / 2:
        return [Run(np.flatnonzero(good), 0.0, 0.0, whole)]
    runs = [
        Run(np.arange(start, end), 0.0, 0.0, (count - (end - start) + 1) * share ** (end - start))
        for start, end in stretches(good)
        if end - start >= beat.at_least
    ]
    return best([run for run in runs if run.chance < GIVEN])

"""Sliding windows that hold enough, and the episodes that they make up.

Qualifying windows that share a record are one match: the whole episode, from its first record to its last. A line that
stands for several ("last message repeated 4 times") counts as often. Where the window of at least two events runs into
unobserved time before it has come to N, the episode is inconclusive.
"""

from __future__ import annotations

import numpy as np

from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.found import Found
from logcorr.patterns.engine.observed import Observed
from logcorr.patterns.engine.series import Series
from logcorr.patterns.engine.stream import EventStream
from logcorr.rulebook.models import Pattern
from logcorr.times.micros import Bools, Ints


def full_windows(series: Series, weight: Ints, at_least: int, within: int) -> tuple[Ints, Ints]:
    """Places [i, j] of the windows that begin with a row and weigh at least so much."""
    last, held = series.windows(weight, within)
    full = np.flatnonzero(held >= at_least)
    return full, last[full]


def as_episodes(
    pattern: Pattern,
    stream: EventStream,
    series: Series,
    windows: tuple[Ints, Ints],
    within: int,
    observed: Observed,
    weight: Ints,
) -> Found:
    """The episodes that windows (places of their first and last rows) of ``within`` µs make up.

    ``observed`` tells where the events of the series could be seen, ``weight`` for how many events each row stands.
    """
    first, last = series_of.episodes(*windows, series.key[windows[0]])
    first, last, matched = _with_doubtful(series, first, last, within, observed, stream)
    return series_of.as_found(pattern, series, first, last, matched, weight)


def _with_doubtful(
    series: Series, first: Ints, last: Ints, within: int, observed: Observed, stream: EventStream
) -> tuple[Ints, Ints, Bools]:
    """Add the runs of two or more events outside all episodes whose window is not observed to its end."""
    until = observed.until(series.rows, stream, own_host=series.own_host)
    inside = np.zeros(len(series.rows) + 1, dtype=np.int64)
    np.add.at(inside, first, 1)
    np.add.at(inside, last + 1, -1)
    outside = np.cumsum(inside)[:-1] == 0
    doubtful = outside & (until < series.time + within)
    joined = doubtful[1:] & doubtful[:-1] & (series.key[1:] == series.key[:-1])
    joined &= np.diff(series.time) <= within
    run_start = np.flatnonzero(joined & ~np.concatenate([[False], joined[:-1]]))
    run_end = np.flatnonzero(joined & ~np.concatenate([joined[1:], [False]])) + 1
    starts = np.concatenate([first, run_start])
    ends = np.concatenate([last, run_end])
    matched = np.arange(len(starts)) < len(first)
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order], matched[order]

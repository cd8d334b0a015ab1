"""``count`` and ``flap``: at least N events, distinct values or changes within a sliding window.

Qualifying windows that share a record are one match: the whole episode, from its first record to its last. A line that
stands for several ("last message repeated 4 times") counts as often. Where the window of at least two events runs into
unobserved time before it has come to N, the episode is inconclusive.
"""

from __future__ import annotations

import numpy as np

from logcorr.grouped import Grouped
from logcorr.micros import Bools, Ints
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.found import Found
from logcorr.patterns.engine.observed import Coverage, Observed
from logcorr.patterns.engine.plan import micros
from logcorr.patterns.engine.series import Series
from logcorr.patterns.engine.stream import Stream, factorize
from logcorr.rulebook.models import Count, Flap, Pattern


def find_count(pattern: Pattern, count: Count, stream: Stream, coverage: Coverage) -> Found:
    """Episodes of at least N events, or N distinct values of a field."""
    series = series_of.read(pattern, count.event, count.where, stream)
    within = micros(count.within)
    if count.distinct is None:
        weight = series_of.weights(stream, series.rows)
        starts, ends = _full_windows(series, weight, count.at_least, within)
    else:
        value = factorize(stream.values(count.distinct, series.rows))
        series, value = series.take(value >= 0), value[value >= 0]
        weight = np.ones(len(value), dtype=np.int64)
        starts, ends = _varied_windows(series, value, count.at_least, within)
    observed = coverage.observed(count.event)
    return _episodes(pattern, series, starts, ends, within, observed, stream, weight)


def find_flap(pattern: Pattern, flap: Flap, stream: Stream, coverage: Coverage) -> Found:
    """Episodes in which the state changes at least N times, from the first of the two events to the other or back."""
    series = series_of.read(pattern, flap.between, flap.where, stream)
    first = np.isin(series.rows, stream.rows(flap.between[0]))
    change = np.ones(len(series.rows), dtype=bool)
    change[1:] = (first[1:] != first[:-1]) | (series.key[1:] != series.key[:-1])
    turns = series.take(change)
    within = micros(flap.within)
    weight = np.ones(len(turns.rows), dtype=np.int64)
    starts, ends = _full_windows(turns, weight, flap.at_least + 1, within)
    return _episodes(pattern, turns, starts, ends, within, coverage.observed(flap.between), stream, weight)


def _full_windows(series: Series, weight: Ints, at_least: int, within: int) -> tuple[Ints, Ints]:
    """Places [i, j] of the windows that begin with a row and weigh at least so much."""
    last, held = series.windows(weight, within)
    full = np.flatnonzero(held >= at_least)
    return full, last[full]


def _varied_windows(series: Series, value: Ints, at_least: int, within: int) -> tuple[Ints, Ints]:
    """Places [i, j]: the window that ends with j, where it holds ``at_least`` distinct values."""
    by_hi = Grouped.build(series.key, series.hi, series.keys)
    start = by_hi.search(series.key, series.lo - within)
    order = np.lexsort((np.arange(len(value)), value, series.key))
    same = (value[order[1:]] == value[order[:-1]]) & (series.key[order[1:]] == series.key[order[:-1]])
    again = np.full(len(value), len(value), dtype=np.int64)
    again[order[:-1][same]] = order[1:][same]  # the next place with the same value
    # A value is in the window that ends at j from its place until its next place, or until the window has left it.
    by_start = np.searchsorted(start, np.arange(len(value)), side="right")
    gone = np.minimum(again, by_start)
    change = np.bincount(np.arange(len(value)), minlength=len(value) + 1) - np.bincount(gone, minlength=len(value) + 1)
    varied = np.cumsum(change)[: len(value)] >= at_least
    return start[varied], np.flatnonzero(varied)


def _episodes(
    pattern: Pattern,
    series: Series,
    starts: Ints,
    ends: Ints,
    within: int,
    observed: Observed,
    stream: Stream,
    weight: Ints,
) -> Found:
    first, last = series_of.episodes(starts, ends, series.key[starts])
    first, last, matched = _with_doubtful(series, first, last, within, observed, stream)
    return series_of.as_found(pattern, series, first, last, matched, weight)


def _with_doubtful(
    series: Series, first: Ints, last: Ints, within: int, observed: Observed, stream: Stream
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

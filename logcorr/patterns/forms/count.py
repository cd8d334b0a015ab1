"""``count``: at least N events, or N distinct values of a field, within a sliding window."""

from __future__ import annotations

import numpy as np

from logcorr.grouped import Grouped
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found
from logcorr.patterns.engine.series import Series
from logcorr.patterns.engine.stream import factorize
from logcorr.patterns.engine.windows import as_episodes, full_windows
from logcorr.rulebook.models import Count, Pattern
from logcorr.times.micros import Ints, of_seconds


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """Episodes of at least N events, or N distinct values of a field."""
    count, stream = pattern.body(Count), context.stream
    series = series_of.read(pattern, count.event, count.where, stream)
    within = of_seconds(count.within)
    if count.distinct is None:
        weight = series_of.weights(stream, series.rows)
        windows = full_windows(series, weight, count.at_least, within)
    else:
        value = factorize(stream.values(count.distinct, series.rows))
        series, value = series.take(value >= 0), value[value >= 0]
        weight = np.ones(len(value), dtype=np.int64)
        windows = _varied_windows(series, value, count.at_least, within)
    seen = context.coverage.observed(count.event)
    return as_episodes(pattern, stream, series, windows, within, seen, weight), None


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

"""``measure``: the sum, average, median or a percentile of a numeric field over the window that ends with each event.

Times are the corrected ones, a record exactly the window's length earlier is inside, and windows beyond the limit that
share a record are one match. A sum that is too low may only lack what was not observed: then it is inconclusive.
"""

from __future__ import annotations

from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from logcorr.grouped import Grouped, highest_so_far
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found, nothing
from logcorr.patterns.engine.series import Series
from logcorr.rulebook.models import Measure, Pattern
from logcorr.times.micros import Bools, Ints, of_seconds


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """Episodes in which the measured value is beyond the limits. Events without a number in the field take no part."""
    measure, stream = pattern.body(Measure), context.stream
    series = series_of.read(pattern, measure.event, measure.where, stream)
    value = stream.values(measure.field, series.rows).cast(pl.Float64, strict=False)
    series, value = (
        series.take(value.is_finite().fill_null(value=False).to_numpy()),
        value.filter(value.is_finite()),
    )
    if not len(value):
        return nothing(), None
    within = of_seconds(measure.within)
    time = highest_so_far(series.key, series.time)
    measured = _measured(series.key, time, value, within, measure)
    ends = np.flatnonzero(_beyond(measured, measure))
    if not len(ends):
        return nothing(), None
    starts = Grouped.build(series.key, time, series.keys).search(series.key, time - within)[ends]
    first, last = series_of.episodes(starts, ends, series.key[starts])
    certain = _certain(series, time, ends, within, measure, context)
    matched = np.maximum.reduceat(certain.astype(np.int8), np.searchsorted(ends, first)).astype(bool)
    found = series_of.as_found(pattern, series, first, last, matched, np.ones(len(value), dtype=np.int64))
    return found, None


def _measured(key: Ints, time: Ints, value: pl.Series, within: int, measure: Measure) -> pl.Series:
    """The value over the window that ends with each row."""
    column = pl.col("value")
    how = {
        "sum": column.sum(),
        "average": column.mean(),
        "median": column.median(),
        "percentile": column.quantile((measure.percentile or 0.0) / 100, interpolation="linear"),
    }[measure.of]
    frame = pl.DataFrame({"key": key, "time": time, "value": value})
    rolled = frame.rolling("time", period=f"{max(within, 1)}i", closed="both", group_by="key")
    return rolled.agg(how.alias("measured"))["measured"]


def _beyond(measured: pl.Series, measure: Measure) -> Bools:
    limits = {name: getattr(measure, name) for name in ("gt", "ge", "lt", "le")}
    tests = [getattr(measured, name)(limit) for name, limit in limits.items() if limit is not None]
    beyond: Bools = reduce(and_, tests).fill_null(value=False).to_numpy()
    return beyond


def _certain(series: Series, time: Ints, ends: Ints, within: int, measure: Measure, context: Context) -> Bools:
    """Whether what was not observed could not have lifted the value above its limit."""
    if measure.of != "sum" or (measure.lt is None and measure.le is None):
        return np.ones(len(ends), dtype=bool)
    observed = context.coverage.observed(measure.event)
    begin = time[ends] - within
    return observed.until_from(begin, series.rows[ends], context.stream, own_host=series.own_host) >= time[ends]

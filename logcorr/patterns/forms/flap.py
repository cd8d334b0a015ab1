"""``flap``: two events that take turns at least N times within a sliding window."""

from __future__ import annotations

import numpy as np

from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found
from logcorr.patterns.engine.windows import as_episodes, full_windows
from logcorr.rulebook.models import Flap, Pattern
from logcorr.times.micros import of_seconds


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """Episodes in which the state changes at least N times, from the first of the two events to the other or back."""
    flap, stream = pattern.body(Flap), context.stream
    series = series_of.read(pattern, flap.between, flap.where, stream)
    first = np.isin(series.rows, stream.rows(flap.between[0]))
    change = np.ones(len(series.rows), dtype=bool)
    change[1:] = (first[1:] != first[:-1]) | (series.key[1:] != series.key[:-1])
    turns = series.take(change)
    within = of_seconds(flap.within)
    weight = np.ones(len(turns.rows), dtype=np.int64)
    windows = full_windows(turns, weight, flap.at_least + 1, within)
    return as_episodes(pattern, stream, turns, windows, within, context.coverage.observed(flap.between), weight), None

"""``burst``: an event far more frequent than it usually is."""

from __future__ import annotations

import numpy as np

from logcorr.coverage import intervals
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, in_words, nothing
from logcorr.rulebook.models import Burst, Pattern
from logcorr.times.micros import NEVER, Ints, of_seconds


def find(pattern: Pattern, context: Context) -> tuple[Found, Figure | None]:
    """Windows that hold at least ``at_least`` events and ``times`` what the rate in the rest of the observed time would
    give; windows that share a record are one match. The rest is reckoned one event richer than it is, so that a short
    log has no bursts.
    """
    burst, stream = pattern.body(Burst), context.stream
    series = series_of.read(pattern, burst.event, burst.where, stream)
    if not len(series.rows):
        return nothing(), None
    within = of_seconds(burst.within)
    seen = context.coverage.observed(burst.event, absence=False)
    host = stream.codes("host")[series.rows]
    weight = series_of.weights(stream, series.rows)
    last, held = series.windows(weight, within)
    usual = np.full(len(series.rows), np.inf)
    for group in series.groups():
        covered = _length(seen.of(int(host[group.start]), own_host=series.own_host))
        if covered > within:
            rest = weight[group].sum() - held[group] + 1
            usual[group] = rest * within / (covered - within)
    full = np.flatnonzero((held >= burst.at_least) & (held >= burst.times * usual))
    first, end = series_of.episodes(full, last[full], series.key[full])
    if not len(first):
        return nothing(), None
    found = series_of.as_found(pattern, series, first, end, np.ones(len(first), dtype=bool), weight)
    top = full[np.argmax(held[full] / usual[full])]
    words = f"{held[top]} within {in_words(within)} at most, {usual[top]:.2g} at the usual rate"
    return found, Figure(words)


def _length(seen: Ints) -> int:
    inside = intervals.intersect(seen, np.array([[-NEVER // 2, NEVER // 2]], dtype=np.int64))
    return int((inside[:, 1] - inside[:, 0]).sum())

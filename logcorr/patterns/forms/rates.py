"""``silence`` and ``burst``: an event far rarer or far more frequent than it usually is."""

from __future__ import annotations

from math import log
from typing import Final

import numpy as np
import polars as pl

from logcorr.coverage import intervals
from logcorr.micros import NEVER, Bools, Floats, Ints
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.figures import Figure
from logcorr.patterns.engine.found import Found, in_words, nothing
from logcorr.patterns.engine.observed import Coverage
from logcorr.patterns.engine.plan import micros
from logcorr.patterns.engine.series import Series
from logcorr.patterns.engine.stream import Stream
from logcorr.rulebook.models import Burst, Pattern, Silence

#: A heartbeat is regular if nine of ten of its intervals are at most so many medians long ...
REGULAR: Final = 1.5

#: ... and then silent after so many. An irregular one is silent after so many of its 90 % longest intervals, and only
#: where random events of its mean rate would be so silent once in RARE series.
SILENT: Final = 3.0
RARE: Final = 100


def find_silence(pattern: Pattern, silence: Silence, stream: Stream, coverage: Coverage) -> Found:
    """Stretches after a row, up to the next of its key or to the end of what was observed, that are longer than the
    heartbeat allows. Only observed time counts; a long stretch that is observed too briefly is inconclusive.
    """
    series = series_of.read(pattern, silence.event, silence.where, stream)
    if not len(series.rows):
        return nothing()
    seen = coverage.observed(silence.event)
    until = seen.until(series.rows, stream, own_host=series.own_host)
    follows = np.append(series.key[1:] == series.key[:-1], [False])
    following = np.where(follows, np.append(series.lo[1:], 0), NEVER)
    limit = _limits(series, silence, follows, until)
    heard = np.minimum(following, until + 1) - series.hi
    matched = heard > limit
    unsure = ~matched & follows & (following - series.hi > limit)
    at = np.flatnonzero(matched | unsure)
    if not len(at):
        return nothing()
    pair = np.stack([at, np.where(follows[at], at + 1, -1)], axis=1)
    owner, side = np.nonzero(pair >= 0)
    length = np.where(matched, heard, following - series.hi)[at]
    return Found(
        owner=owner,
        rows=series.rows[pair[owner, side]],
        names=side,
        bindings=("last", "next"),
        matched=matched[at],
        order_known=np.ones(len(at), dtype=bool),
        key_fields=tuple(("last", name) for name in series_of.fields_of(pattern)),
        values={"silence": pl.Series([in_words(float(each)) for each in length.tolist()], dtype=pl.String)},
    )


def _limits(series: Series, silence: Silence, follows: Bools, until: Ints) -> Ints:
    """For each row, how long its key may be silent; NEVER for a key with too few rows to know."""
    limit = np.full(len(series.rows), NEVER, dtype=np.int64)
    for group in series.groups():
        size = group.stop - group.start
        if size < silence.at_least:
            continue
        if silence.longer_than is not None:
            limit[group] = micros(silence.longer_than)
            continue
        gaps = np.append(np.diff(series.time[group]), 0)
        observed = follows[group] & (until[group] >= series.time[group] + gaps)
        if observed.sum() >= silence.at_least - 1:
            limit[group] = _usual_limit(gaps[observed].astype(float))
    return limit


def _usual_limit(gaps: Floats) -> int:
    """Far longer than these intervals."""
    median, long = float(np.median(gaps)), float(np.quantile(gaps, 0.9))
    if long <= REGULAR * median:
        return round(SILENT * median)
    return round(max(SILENT * long, float(gaps.mean()) * log(RARE * len(gaps))))


def find_burst(pattern: Pattern, burst: Burst, stream: Stream, coverage: Coverage) -> tuple[Found, Figure | None]:
    """Windows that hold at least ``at_least`` events and ``times`` what the rate in the rest of the observed time would
    give; windows that share a record are one match. The rest is reckoned one event richer than it is, so that a short
    log has no bursts.
    """
    series = series_of.read(pattern, burst.event, burst.where, stream)
    if not len(series.rows):
        return nothing(), None
    within = micros(burst.within)
    seen = coverage.observed(burst.event, absence=False)
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

"""``silence``: an event that stays away far longer than it usually does."""

from __future__ import annotations

from math import log
from typing import Final

import numpy as np
import polars as pl

from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found, in_words, nothing
from logcorr.patterns.engine.series import Series
from logcorr.rulebook.models import Pattern, Silence
from logcorr.times.micros import NEVER, Bools, Floats, Ints, of_seconds

#: A heartbeat is regular if nine of ten of its intervals are at most so many medians long ...
REGULAR: Final = 1.5

#: ... and then silent after so many. An irregular one is silent after so many of its 90 % longest intervals, and only
#: where random events of its mean rate would be so silent once in RARE series.
SILENT: Final = 3.0
RARE: Final = 100


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """Stretches after a row, up to the next of its key or to the end of what was observed, that are longer than the
    heartbeat allows. Only observed time counts; a long stretch that is observed too briefly is inconclusive.
    """
    silence, stream = pattern.body(Silence), context.stream
    series = series_of.read(pattern, silence.event, silence.where, stream)
    if not len(series.rows):
        return nothing(), None
    seen = context.coverage.observed(silence.event)
    until = seen.until(series.rows, stream, own_host=series.own_host)
    follows = np.append(series.key[1:] == series.key[:-1], [False])
    following = np.where(follows, np.append(series.lo[1:], 0), NEVER)
    limit = _limits(series, silence, follows, until)
    heard = np.minimum(following, until + 1) - series.hi
    matched = heard > limit
    unsure = ~matched & follows & (following - series.hi > limit)
    at = np.flatnonzero(matched | unsure)
    if not len(at):
        return nothing(), None
    pair = np.stack([at, np.where(follows[at], at + 1, -1)], axis=1)
    owner, side = np.nonzero(pair >= 0)
    length = np.where(matched, heard, following - series.hi)[at]
    found = Found(
        owner=owner,
        rows=series.rows[pair[owner, side]],
        names=side,
        bindings=("last", "next"),
        matched=matched[at],
        order_known=np.ones(len(at), dtype=bool),
        key_fields=tuple(("last", name) for name in series_of.fields_of(pattern)),
        values={"silence": pl.Series([in_words(float(each)) for each in length.tolist()], dtype=pl.String)},
    )
    return found, None


def _limits(series: Series, silence: Silence, follows: Bools, until: Ints) -> Ints:
    """For each row, how long its key may be silent; NEVER for a key with too few rows to know."""
    limit = np.full(len(series.rows), NEVER, dtype=np.int64)
    for group in series.groups():
        size = group.stop - group.start
        if size < silence.at_least:
            continue
        if silence.longer_than is not None:
            limit[group] = of_seconds(silence.longer_than)
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

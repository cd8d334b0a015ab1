"""``step``: a numeric field (a counter, a clock offset) that jumps between two events that follow one another."""

from __future__ import annotations

import numpy as np
import polars as pl

from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found, nothing
from logcorr.rulebook.models import Jump, Pattern


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """Neighbours of one key, in timeline order, whose values differ by at least ``by_at_least`` in either direction.
    Events without a number in the field are passed over.
    """
    jump, stream = pattern.body(Jump), context.stream
    series = series_of.read(pattern, jump.event, jump.where, stream)
    numbers = stream.values(jump.field, series.rows).cast(pl.Float64, strict=False)
    there = (numbers.is_not_null() & numbers.is_finite()).fill_null(value=False).to_numpy().astype(bool)
    series = series.take(there)
    value = numbers.filter(pl.Series(there)).to_numpy()
    change = np.diff(value)
    far = (np.abs(change) >= jump.by_at_least) & (series.key[1:] == series.key[:-1])
    at = np.flatnonzero(far)
    if not len(at):
        return nothing(), None
    pair = np.stack([at, at + 1], axis=1)
    found = Found(
        owner=np.repeat(np.arange(len(at)), 2),
        rows=series.rows[pair].ravel(),
        names=np.tile(np.arange(2), len(at)),
        bindings=("before", "after"),
        matched=np.ones(len(at), dtype=bool),
        order_known=stream.same_order(series.rows[at], series.rows[at + 1]),
        key_fields=tuple(("before", name) for name in series_of.fields_of(pattern)),
        values={"jump": pl.Series([f"{each:+g}" for each in change[at].tolist()], dtype=pl.String)},
    )
    return found, None

"""Events of one kind, key by key in timeline order: what counts, beats, bursts and silences look at.

Inside a key the rows are taken in timeline order and their time bounds are tightened to ascend with it, so that a
window of W holds rows i..j where their true times, in that order, may lie within W: ``lo[j] - hi[i] <= W``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.grouped import Grouped, highest_so_far, lowest_to_come
from logcorr.patterns.engine.found import Found, nothing
from logcorr.patterns.engine.stream import EventStream
from logcorr.patterns.search import joins
from logcorr.patterns.search.plan import select
from logcorr.rulebook.models import Pattern, Where
from logcorr.times.micros import Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Rows by (key, time). ``key`` is dense from 0."""

    rows: Ints
    key: Ints
    keys: int
    time: Ints
    lo: Ints
    hi: Ints
    own_host: bool  # the host is part of the key

    def windows(self, weight: Ints, within: int) -> tuple[Ints, Ints]:
        """The last place of the window that begins with each row, and the weight that the window holds."""
        by_lo = Grouped.build(self.key, self.lo, self.keys)
        last = by_lo.search(self.key, self.hi + within, "right") - 1
        total = np.cumsum(weight)
        return last, total[last] - total + weight

    def groups(self) -> Iterator[slice]:
        """The rows of each key."""
        edges = np.searchsorted(self.key, np.arange(self.keys + 1)).tolist()
        return (slice(start, end) for start, end in pairwise(edges) if start < end)

    def take(self, keep: Bools | Ints) -> Series:
        """Some of the rows, in order. Their bounds stay as tight as the rows left out have made them."""
        columns = (self.time[keep], self.lo[keep], self.hi[keep])
        return Series(self.rows[keep], self.key[keep], self.keys, *columns, self.own_host)


def fields_of(pattern: Pattern) -> tuple[str, ...]:
    """The fields of ``by``; forms with one kind of event take names only."""
    if pattern.by is None:
        return ()
    if isinstance(pattern.by, dict):
        return tuple(dict.fromkeys(end.rpartition(".")[2] for pair in pattern.by.items() for end in pair))
    return (pattern.by,) if isinstance(pattern.by, str) else pattern.by


def read(pattern: Pattern, event: str | tuple[str, ...], where: Where, stream: EventStream) -> Series:
    """The rows of a form's event that have all key fields."""
    rows = select(stream, event, where)
    fields = fields_of(pattern)
    for name in fields:
        rows = rows[stream.codes(name)[rows] >= 0]
    rows = stream.once(rows)
    (key,), _ = joins.codes(stream, [(rows, fields)])
    return of_rows(stream, rows, key, own_host="host" in fields)


def of_rows(stream: EventStream, rows: Ints, key: Ints, *, own_host: bool) -> Series:
    """Rows in timeline order with any key codes."""
    order = np.lexsort((rows, key))
    rows = rows[order]
    _, number = np.unique(key[order], return_inverse=True)
    number = number.astype(np.int64)
    keys = int(number[-1]) + 1 if len(number) else 0
    lo, hi = ascending(number, stream.lo[rows], stream.hi[rows])
    return Series(rows, number, keys, stream.time[rows], lo, hi, own_host)


def ascending(key: Ints, lo: Ints, hi: Ints) -> tuple[Ints, Ints]:
    """Bounds that ascend inside each key, for rows whose order is taken as known."""
    if not bool((lo != hi).any()):
        return lo, hi
    return highest_so_far(key, lo), lowest_to_come(key, hi)


def weights(stream: EventStream, rows: Ints) -> Ints:
    """How many events each row stands for ("last message repeated 4 times")."""
    return stream.values("repeat", rows).cast(pl.Int64).fill_null(1).to_numpy().clip(1)


def as_found(pattern: Pattern, series: Series, first: Ints, last: Ints, matched: Bools, weight: Ints) -> Found:
    """Episodes as matches: all rows from the first to the last place of each."""
    if not len(first):
        return nothing()
    length = last - first + 1
    starts = np.cumsum(length) - length
    owner = np.repeat(np.arange(len(first)), length)
    place = np.arange(len(owner)) - np.repeat(starts, length) + np.repeat(first, length)
    return Found(
        owner=owner,
        rows=series.rows[place],
        names=np.zeros(len(owner), dtype=np.int64),
        bindings=("event",),
        matched=matched,
        order_known=np.ones(len(first), dtype=bool),
        key_fields=tuple(("event", name) for name in fields_of(pattern)),
        values={"count": pl.Series(np.add.reduceat(weight[place], starts)).cast(pl.String)},
    )


def episodes(starts: Ints, ends: Ints, key: Ints) -> tuple[Ints, Ints]:
    """Merge windows [starts[i], ends[i]] of places (both inclusive, both ascending) that share a place: the first and
    the last place of each. ``key`` of each window; windows of different keys share no place.
    """
    if not len(starts):
        return starts, ends
    reach = np.maximum.accumulate(ends)
    first = np.concatenate([[True], (starts[1:] > reach[:-1]) | (key[1:] != key[:-1])])
    last = np.append(np.flatnonzero(first)[1:] - 1, len(starts) - 1)
    return starts[first], reach[last]

"""Events of one kind, key by key in timeline order: what counts, beats, bursts and silences look at.

Inside a key the rows are taken in timeline order and their time bounds are tightened to ascend with it, so that a
window of W holds rows i..j where their true times, in that order, may lie within W: ``lo[j] - hi[i] <= W``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from logcorr.patterns import joins
from logcorr.patterns.grouped import Bools, Grouped, Ints
from logcorr.patterns.plan import select
from logcorr.patterns.stream import Stream
from logcorr.rulebook.models import Pattern, Where


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

    def by_lo(self) -> Grouped:
        """For searching the rows of a key by their earliest time."""
        return Grouped.build(self.key, self.lo, self.keys)

    def groups(self) -> Iterator[slice]:
        """The rows of each key."""
        edges = np.searchsorted(self.key, np.arange(self.keys + 1)).tolist()
        return (slice(start, end) for start, end in pairwise(edges))

    def take(self, keep: Bools | Ints, stream: Stream) -> Series:
        """Some of the rows."""
        return of_rows(stream, self.rows[keep], self.key[keep], own_host=self.own_host)


def fields_of(pattern: Pattern) -> tuple[str, ...]:
    """The fields of ``by``; forms with one kind of event take names only."""
    if pattern.by is None:
        return ()
    if isinstance(pattern.by, dict):
        return tuple(dict.fromkeys(end.rpartition(".")[2] for pair in pattern.by.items() for end in pair))
    return (pattern.by,) if isinstance(pattern.by, str) else pattern.by


def read(pattern: Pattern, event: str | tuple[str, ...], where: Where, stream: Stream) -> Series:
    """The rows of a form's event that have all key fields."""
    rows = select(stream, event, where)
    fields = fields_of(pattern)
    (key,), _ = joins.codes(stream, [(rows, fields)])
    return of_rows(stream, rows[key >= 0], key[key >= 0], own_host="host" in fields)


def of_rows(stream: Stream, rows: Ints, key: Ints, *, own_host: bool) -> Series:
    """Rows in timeline order with any key codes."""
    order = np.lexsort((rows, key))
    rows = rows[order]
    _, number = np.unique(key[order], return_inverse=True)
    number = number.astype(np.int64)
    keys = int(number[-1]) + 1 if len(number) else 0
    lo, hi = stream.lo[rows].copy(), stream.hi[rows].copy()
    if bool((lo != hi).any()):
        edges = np.flatnonzero(np.diff(number)) + 1
        for part in np.split(np.arange(len(rows)), edges):
            lo[part] = np.maximum.accumulate(lo[part])
            hi[part] = np.minimum.accumulate(hi[part][::-1])[::-1]
    return Series(rows, number, keys, stream.time[rows], lo, hi, own_host)


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

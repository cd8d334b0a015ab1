"""The rows that may serve as one step, sorted so that the earliest one after a given row is found by binary search.

What "after" and "within N" mean where times are intervals [lo, hi]: ``b`` may follow ``a`` within N if some true times
allow it: ``b.hi >= a.lo`` and ``b.lo <= a.hi + N``. Inside one lane the order of records is known and decides instead.
One record is never two steps. "Earliest" is by ``lo``, then by timeline order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Final

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.grouped import Grouped, dense, highest_so_far, order_of
from logcorr.patterns.engine.stream import EventStream
from logcorr.times.micros import Bools, Ints

#: Whether a row of the stream may serve for a query: (index of the query, row) -> yes or no.
Accept = Callable[[Ints, Ints], Bools]

#: Rows looked at for one cause, and in one search on average, before it gives up; only conditions that compare two
#: steps can get this far.
MOST_TRIED: Final = 1000
MOST_ON_AVERAGE: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Rows in the order of (key, lo, time), with the search structures over them."""

    stream: EventStream
    rows: Ints
    place: Ints  # of each row among the rows given
    key: Ints
    lo: Ints
    hi: Ints
    lane: Ints
    pos: Ints
    keys: int
    by_lo: Grouped
    by_hi: Grouped  # over the highest hi so far: its first element at or above x is the first row that may be after x
    _lanes: list[_Lanes] = field(default_factory=list)  # made when first needed

    @classmethod
    def build(cls, stream: EventStream, rows: Ints, key: Ints, keys: int) -> Candidates:
        """``rows`` in timeline order, each with its key code in [0, keys)."""
        lo = stream.lo[rows]
        place = np.arange(len(rows))
        if len(rows) > 1 and bool((np.diff(lo) < 0).any()):
            place = np.lexsort((lo, key))
        elif keys > 1:
            place = order_of(key)
        return cls._sorted(stream, rows[place], place, key[place], keys)

    @classmethod
    def _sorted(cls, stream: EventStream, rows: Ints, place: Ints, key: Ints, keys: int) -> Candidates:
        lo, hi = stream.lo[rows], stream.hi[rows]
        high = highest_so_far(key, hi)
        by_lo = Grouped.build(key, lo, keys)
        by_hi = by_lo if np.array_equal(high, lo) else Grouped.build(key, high, keys)
        return cls(stream, rows, place, key, lo, hi, stream.lane[rows], stream.pos[rows], keys, by_lo, by_hi)

    def keep(self, mask: Bools) -> Candidates:
        """Only the rows (in this object's order) for which ``mask`` holds."""
        if mask.all():
            return self
        return Candidates._sorted(self.stream, self.rows[mask], self.place[mask], self.key[mask], self.keys)

    def earliest(self, after: Ints, key: Ints, latest: Ints, accept: Accept | None = None) -> tuple[Ints, Bools]:
        """For each row ``after``: the index (into ``rows``) of the earliest candidate of the same key that may follow
        it, with ``lo <= latest`` and ``accept``; -1 where there is none. Second: where the search gave up.
        """
        current = self.by_hi.search(key, self.stream.lo[after])
        found = np.full(len(after), -1, dtype=np.int64)
        gave_up = np.zeros(len(after), dtype=bool)
        if not len(self.rows):
            return found, gave_up
        active = np.arange(len(after))
        left = MOST_TRIED * 100 + MOST_ON_AVERAGE * len(after)
        for _ in range(MOST_TRIED):
            at = np.minimum(current, len(self.rows) - 1)
            inside = (current < len(self.rows)) & (self.key[at] == key[active]) & (self.lo[at] <= latest[active])
            active, at = active[inside], at[inside]
            if not len(active):
                return found, gave_up
            blocked, fits = self._fits(after[active], at)
            if accept is not None and fits.any():
                fits[fits] = accept(active[fits], self.rows[at[fits]])
            found[active[fits]] = at[fits]
            active, at, blocked = active[~fits], at[~fits], blocked[~fits]
            left -= len(active)
            if left < 0:
                break
            current = self._advance(after[active], key[active], at, blocked)
        gave_up[active] = True
        return found, gave_up

    def _fits(self, after: Ints, at: Ints) -> tuple[Bools, Bools]:
        """Which candidates come before the row in its own lane, and which may come after it."""
        stream = self.stream
        blocked = (self.lane[at] == stream.lane[after]) & (self.pos[at] <= stream.pos[after])
        return blocked, ~blocked & (self.hi[at] >= stream.lo[after])

    def _advance(self, after: Ints, key: Ints, at: Ints, blocked: Bools) -> Ints:
        """The next index to try. Records of the row's own lane that come before it are skipped in one go."""
        step = at + 1
        if blocked.any():
            if not self._lanes:
                self._lanes.append(_Lanes.build(self))
            lanes = self._lanes[0]
            own = lanes.first_after(key[blocked], self.stream.lane[after[blocked]], self.stream.pos[after[blocked]])
            step[blocked] = np.maximum(step[blocked], np.minimum(own, lanes.other[at[blocked]]))
        return step


@dataclass(frozen=True, slots=True, eq=False)
class _Lanes:
    """The candidates by (key, lane, pos)."""

    index: Ints  # into the candidates
    pairs: Ints  # distinct key * lanes + lane, ascending
    lanes: Ints  # distinct lanes, ascending
    by_pos: Grouped
    other: Ints  # for each candidate: the next one of another lane or key

    @classmethod
    def build(cls, candidates: Candidates) -> _Lanes:
        lanes, lane = np.unique(candidates.lane, return_inverse=True)
        pair = candidates.key * len(lanes) + lane
        order = np.lexsort((candidates.pos, pair))
        pairs, group = np.unique(pair[order], return_inverse=True)
        change = np.append(np.flatnonzero(np.diff(pair)) + 1, len(pair))
        other = change[np.searchsorted(change, np.arange(len(pair)), side="right")]
        return cls(order, pairs, lanes, Grouped.build(group, candidates.pos[order], len(pairs)), other)

    def first_after(self, key: Ints, lane: Ints, pos: Ints) -> Ints:
        """Index of the first candidate of this key and lane with a later record; the end of all where none."""
        at_lane = np.minimum(np.searchsorted(self.lanes, lane), len(self.lanes) - 1)
        pair = key * len(self.lanes) + at_lane
        group = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
        known = (self.lanes[at_lane] == lane) & (self.pairs[group] == pair)
        place = self.by_pos.search(group, pos, "right")
        inside = known & (place < self.by_pos.starts[group + 1])
        return np.where(inside, self.index[np.minimum(place, len(self.index) - 1)], len(self.index))


def shared_codes(parts: list[Ints]) -> tuple[list[Ints], int]:
    """Renumber codes that several arrays share from 0, densely."""
    together, count = dense(np.concatenate(parts))
    edges = np.cumsum([len(part) for part in parts])[:-1]
    return np.split(together, edges), count

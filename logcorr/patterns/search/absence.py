"""Whether an event that must not occur did occur: for certain, possibly, or not at all.

Certainly inside a window means for every true time that the bounds allow; possibly, for some. Inside one lane the order
of the records decides. A record is never inside its own window.
"""

from __future__ import annotations

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.grouped import Grouped
from logcorr.patterns.engine.stream import EventStream
from logcorr.times.micros import NEVER, Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """Where to look, row by row: after ``after`` for ``reach`` µs, and/or before ``before`` for ``back`` µs."""

    key: Ints
    after: Ints | None = None
    before: Ints | None = None
    reach: int = NEVER
    back: int = NEVER


@dataclass(frozen=True, slots=True, eq=False)
class Forbidden:
    """The rows of the event that must not occur, by (key, lane, pos): in each group lo and hi ascend."""

    stream: EventStream
    rows: Ints
    lane: Ints  # of each group
    first_group: Ints  # of each key, with the number of groups as last element
    by_pos: Grouped
    by_lo: Grouped
    by_hi: Grouped

    @classmethod
    def build(cls, stream: EventStream, rows: Ints, key: Ints, keys: int) -> Forbidden:
        """``rows`` with their key codes in [0, keys)."""
        order = np.lexsort((rows, stream.lane[rows], key))
        rows, key = rows[order], key[order]
        lane = stream.lane[rows]
        new = np.concatenate([[True], (np.diff(key) != 0) | (np.diff(lane) != 0)]) if len(rows) else np.zeros(0, bool)
        group = np.cumsum(new) - 1
        groups = int(group[-1]) + 1 if len(rows) else 0
        first_group = np.searchsorted(key[new], np.arange(keys + 1))
        by = [Grouped.build(group, values[rows], groups) for values in (stream.pos, stream.lo, stream.hi)]
        return cls(stream, rows, lane[new], first_group, *by)

    def inside(self, window: Wait) -> tuple[Bools, Bools]:
        """Row by row: whether one is certainly inside the window, and whether one is possibly inside it."""
        certain = np.zeros(len(window.key), dtype=bool)
        possible = certain.copy()
        for group, here in self._groups(window.key):
            part = _rows(window, here)
            start, end = self._bounds(part, group, sure=True)
            certain[here] |= start < end
            start, end = self._bounds(part, group, sure=False)
            possible[here] |= start < end
        return certain, possible

    def first_certain(self, window: Wait) -> tuple[Ints, Ints]:
        """The row that has certainly occurred first after ``window.after``, and by when (µs); -1 and NEVER where none
        has.
        """
        by = np.full(len(window.key), NEVER, dtype=np.int64)
        first = np.full(len(window.key), -1, dtype=np.int64)
        for group, here in self._groups(window.key):
            start, end = self._bounds(_rows(window, here), group, sure=True)
            at = np.minimum(start, len(self.rows) - 1)
            hi = np.where(start < end, self.by_hi.values[at], NEVER)
            sooner = (hi < by[here]) | ((hi == by[here]) & (hi < NEVER) & (self.rows[at] < first[here]))
            by[here] = np.where(sooner, hi, by[here])
            first[here] = np.where(sooner, self.rows[at], first[here])
        return first, by

    def _groups(self, key: Ints) -> list[tuple[Ints, Ints]]:
        """For the first, second ... lane of each key: the group, and the queries that have so many lanes."""
        if not len(self.lane) or not len(key):
            return []
        first, count = self.first_group[key], self.first_group[key + 1] - self.first_group[key]
        turns = [(number, np.flatnonzero(count > number)) for number in range(int(count.max()))]
        return [(first[here] + number, here) for number, here in turns]

    def _bounds(self, window: Wait, group: Ints, *, sure: bool) -> tuple[Ints, Ints]:
        """The stretch [start, end) of the group that is inside."""
        stream, lane = self.stream, self.lane[group]
        start, end = self.by_pos.starts[group], self.by_pos.starts[group + 1]
        if window.after is not None:
            row = window.after
            if sure:
                later = self.by_lo.search(group, stream.hi[row], "right")
                limit = self.by_hi.search(group, stream.lo[row] + window.reach, "right")
            else:
                later = self.by_hi.search(group, stream.lo[row], "left")
                limit = self.by_lo.search(group, stream.hi[row] + window.reach, "right")
            own = self.by_pos.search(group, stream.pos[row], "right")
            start = np.maximum(start, np.where(lane == stream.lane[row], own, later))
            end = np.minimum(end, limit)
        if window.before is not None:
            row = window.before
            if sure:
                sooner = self.by_hi.search(group, stream.lo[row], "left")
                limit = self.by_lo.search(group, stream.hi[row] - window.back, "left")
            else:
                sooner = self.by_lo.search(group, stream.hi[row], "right")
                limit = self.by_hi.search(group, stream.lo[row] - window.back, "left")
            own = self.by_pos.search(group, stream.pos[row], "left")
            end = np.minimum(end, np.where(lane == stream.lane[row], own, sooner))
            start = np.maximum(start, limit)
        return start, end


def _rows(window: Wait, here: Ints) -> Wait:
    after = None if window.after is None else window.after[here]
    before = None if window.before is None else window.before[here]
    return Wait(window.key[here], after, before, window.reach, window.back)

"""Binary search inside groups: many sorted runs in one array, one answer for each query, no loop over groups."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.times.micros import Ints

_ROOM: Final = np.iinfo(np.int64).max // 2

#: Queries from which on it pays to ask them in order.
_MANY: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """``values`` ascend inside each group; ``group`` (dense codes from 0) ascends over the whole array."""

    group: Ints
    values: Ints
    starts: Ints  # of each group, with the length of the array as last element
    base: int
    room: int  # 0: the times of all groups do not fit into one axis
    axis: Ints

    @classmethod
    def build(cls, group: Ints, values: Ints, groups: int) -> Grouped:
        """Prepare ``values`` for searching; ``groups`` is the number of group codes that may be asked for."""
        starts = np.searchsorted(group, np.arange(groups + 1))
        if not len(values):
            return cls(group, values, starts, 0, 1, values)
        base = int(values.min())
        room = int(values.max()) - base + 3
        if room * (groups + 1) > _ROOM:
            return cls(group, values, starts, base, 0, values)
        return cls(group, values, starts, base, room, group * room + (values - base + 1))

    def search(self, group: Ints, value: Ints, side: Literal["left", "right"] = "left") -> Ints:
        """Index of the first element of ``group`` that is at least (``left``) or above (``right``) ``value``; the end
        of the group where there is none.
        """
        if not len(self.values):
            return np.zeros(len(group), dtype=np.int64)
        if not self.room:
            return self._bisect(group, value, side)
        wanted = group * self.room + np.clip(value - self.base + 1, 0, self.room - 1)
        if len(self.starts) < 3 or len(group) < _MANY:
            return np.searchsorted(self.axis, wanted, side)
        order = order_of(group)  # neighbouring queries look at neighbouring memory
        found = np.empty(len(group), dtype=np.int64)
        found[order] = np.searchsorted(self.axis, wanted[order], side)
        return found

    def _bisect(self, group: Ints, value: Ints, side: str) -> Ints:
        low, high = self.starts[group].copy(), self.starts[group + 1].copy()
        while (open_ := low < high).any():
            middle = (low + high) // 2
            element = self.values[np.minimum(middle, len(self.values) - 1)]
            below = open_ & ((element < value) if side == "left" else (element <= value))
            low = np.where(below, middle + 1, low)
            high = np.where(open_ & ~below, middle, high)
        return low


def order_of(codes: Ints) -> Ints:
    """Stable order of codes that are mostly small; numpy sorts 16-bit integers by radix."""
    if len(codes) and int(codes.min()) >= 0 and int(codes.max()) < 1 << 16:
        codes = codes.astype(np.uint16)
    return np.argsort(codes, kind="stable")


def highest_so_far(group: Ints, values: Ints) -> Ints:
    """The running maximum inside each group; ``group`` ascends."""
    if not len(values):
        return values
    base, room = int(values.min()), int(values.max()) - int(values.min()) + 1
    if room * (int(group[-1]) + 1) > _ROOM:
        parts = np.split(values, np.flatnonzero(np.diff(group)) + 1)
        return np.concatenate([np.maximum.accumulate(part) for part in parts])
    return np.asarray(np.maximum.accumulate(group * room + (values - base)) - group * room + base)


def lowest_to_come(group: Ints, values: Ints) -> Ints:
    """The minimum from each element to the end of its group; ``group`` ascends."""
    if not len(values):
        return values
    return np.asarray(-highest_so_far((group[-1] - group)[::-1], -values[::-1])[::-1])


def dense(codes: Ints) -> tuple[Ints, int]:
    """The same codes renumbered from 0 without holes, and how many there are."""
    if not len(codes):
        return codes, 0
    if int(codes.min()) >= 0 and int(codes.max()) < 4 * len(codes) + 1024:
        seen = np.zeros(int(codes.max()) + 1, dtype=np.int64)
        seen[codes] = 1
        number = np.cumsum(seen) - 1
        return number[codes], int(number[-1]) + 1
    distinct, number = np.unique(codes, return_inverse=True)
    return number.astype(np.int64), len(distinct)

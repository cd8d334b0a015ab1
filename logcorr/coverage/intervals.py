"""Sets of time as disjoint, ascending half-open intervals [start, end) in µs: an array of shape (n, 2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.times.micros import NEVER, Bools, Ints

_FEW = 16
NOTHING: Ints = np.zeros((0, 2), dtype=np.int64)
ALWAYS: Ints = np.array([[-NEVER, NEVER]], dtype=np.int64)


def union(intervals: Ints) -> Ints:
    """Merge intervals that overlap or touch; empty ones vanish."""
    intervals = intervals[intervals[:, 1] > intervals[:, 0]]
    if len(intervals) < 2 or bool((intervals[1:, 0] > intervals[:-1, 1]).all()):
        return intervals
    start, end = intervals[:, 0], intervals[:, 1]
    if bool((start[1:] < start[:-1]).any()):
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
    reach = np.maximum.accumulate(end)
    first = np.concatenate([[True], start[1:] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.stack([start[first], reach[last]], axis=1)


def complement(intervals: Ints) -> Ints:
    """All other time."""
    edges = np.concatenate([[-NEVER], union(intervals).ravel(), [NEVER]]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]


def intersect(*sets: Ints) -> Ints:
    """Time that lies in all of the sets."""
    return reduce(_both, [union(each) for each in sets[1:]], union(sets[0])) if sets else ALWAYS


def _both(one: Ints, other: Ints) -> Ints:
    """For each interval of ``one``, its overlap with each that it meets of ``other``."""
    first = np.searchsorted(other[:, 1], one[:, 0], side="right")
    count = np.maximum(np.searchsorted(other[:, 0], one[:, 1], side="left") - first, 0)
    which = np.repeat(np.arange(len(one)), count)
    at = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([np.maximum(one[which, 0], other[at, 0]), np.minimum(one[which, 1], other[at, 1])], axis=1)


def subtract(intervals: Ints, holes: Ints) -> Ints:
    """The intervals without the holes."""
    if len(intervals) * len(holes) <= _FEW:  # one log of one host, and some gaps: arrays cost more than they save
        return _without(union(intervals), holes)
    return intersect(intervals, complement(holes))


def _without(intervals: Ints, holes: Ints) -> Ints:
    left = intervals.tolist()
    for begin, end in holes.tolist():
        if begin < end:
            cut = [part for low, high in left for part in ((low, min(high, begin)), (max(low, end), high))]
            left = [part for part in cut if part[0] < part[1]]
    return np.array(left, dtype=np.int64).reshape(-1, 2)


def end_of(intervals: Ints, instants: Ints) -> Ints:
    """The end of the interval that holds each instant; the instant itself where none does."""
    if not len(intervals):
        return instants
    index = np.searchsorted(intervals[:, 0], instants, side="right") - 1
    end = intervals[np.maximum(index, 0), 1]
    return np.where((index >= 0) & (end > instants), end, instants)


def holds(intervals: Ints, instants: Ints) -> Bools:
    """Whether each instant lies in the set."""
    return end_of(intervals, instants) > instants


def covers(intervals: Ints, first: int, last: int) -> bool:
    """Whether one interval of the set holds both instants, and so all between them."""
    index = int(np.searchsorted(intervals[:, 0], first, side="right")) - 1
    return index >= 0 and int(intervals[index, 1]) > last


def merge_all(sets: Sequence[Ints]) -> Ints:
    """The union of many sets."""
    return union(reduce(lambda left, right: np.concatenate([left, right]), sets, NOTHING))


@dataclass(frozen=True, slots=True, eq=False)
class TimeSet:
    """A set of time that is asked many times how much of it lies where."""

    spans: Ints
    before: Ints  # µs of the set before each of its intervals, and all of it

    @classmethod
    def of(cls, spans: Ints) -> TimeSet:
        """Of disjoint, ascending half-open intervals."""
        return cls(spans, np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])]))

    def end_of(self, instants: Ints) -> Ints:
        """The end of the interval that holds each instant; the instant itself where none does."""
        return end_of(self.spans, instants)

    def length_before(self, instants: Ints) -> Ints:
        """How much of the set lies before each instant, in µs."""
        if not len(self.spans):
            return np.zeros(len(instants), dtype=np.int64)
        index = np.searchsorted(self.spans[:, 0], instants, side="right")
        beyond = np.maximum(self.spans[np.maximum(index - 1, 0), 1] - instants, 0)
        return np.asarray(self.before[index] - np.where(index > 0, beyond, 0))

    def length(self) -> int:
        """All of it, in µs."""
        return int(self.before[-1])

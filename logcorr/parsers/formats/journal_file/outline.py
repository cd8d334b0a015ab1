"""What a few of a journal file's entries tell of all of it: when it was written, and where its clock was set.

An entry's head holds three numbers: the wall clock, the time since boot, and the boot. Some are looked at, evenly
spread; where two neighbours are of different boots, or show that the clock was set between them, more are looked at
until the place is found. So all entries of a stretch between two neighbours lie between their times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file.index import Index
from logcorr.parsers.formats.journal_file.layout import BOOT_ID, MONOTONIC, REALTIME

#: Entries looked at in any file.
FEW: Final = 33
_MOST: Final = 4096  # a file of which more must be looked at is read whole
_SET: Final = 500_000  # µs that the wall clock may gain on the time since boot before it counts as set
_DRIFT: Final = 5_000  # one µs of drift in so many: the kernel steers by 500 millionths at most (adjtimex(2)), and
#                        clocks that nothing steers are better than that


@dataclass(frozen=True, slots=True)
class Outline:
    """Some entries of a file, in order, the first and the last among them. Times are µs."""

    index: Index
    numbers: NDArray[np.int64]
    wall: NDArray[np.int64]
    mono: NDArray[np.int64]
    boot: NDArray[np.uint64]  # a row of two words for each


def outline(index: Index) -> Outline | None:
    """The outline of a file; None where entries are damaged, or its clock is too lively to tell by a few."""
    numbers = np.unique(np.linspace(0, index.count - 1, FEW).astype(np.int64))
    found = _looked_at(index, numbers)
    while found is not None:
        gaps = np.flatnonzero(_differs(found) & (np.diff(found.numbers) > 1))
        if not len(gaps):
            return found
        if len(found.numbers) + len(gaps) > _MOST:
            return None
        between = (found.numbers[gaps] + found.numbers[gaps + 1]) // 2
        found = _looked_at(index, np.union1d(found.numbers, between))
    return None


def _looked_at(index: Index, numbers: NDArray[np.int64]) -> Outline | None:
    found = index.heads(numbers)
    if found is None:
        return None
    head = found[1].view(np.int64)
    return Outline(index, numbers, head[REALTIME], head[MONOTONIC], found[1][BOOT_ID : BOOT_ID + 2].T)


def _differs(one: Outline) -> NDArray[np.bool_]:
    """Between which neighbours another boot begins, or the clock was set."""
    other: NDArray[np.bool_] = (one.boot[1:] != one.boot[:-1]).any(axis=1)
    return other | was_set(one.wall, one.mono)


def was_set(wall: NDArray[np.int64], mono: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Between which neighbours of one boot the wall clock was set."""
    passed = np.diff(mono)
    found: NDArray[np.bool_] = np.abs(np.diff(wall) - passed) > _SET + np.abs(passed) // _DRIFT
    return found


Parts = list[tuple[int, int]]


def parts_within(outlines: Sequence[Outline], low: int, high: int) -> list[Parts]:
    """For each file the stretches [first, end) of its entries that may have been written between ``low`` and ``high``.

    Where a boot's clock was set later on, that tells when its entries were written, so the rest of the boot is needed
    too.
    """
    marks = _marks_of(outlines)
    touched = _pairs(np.minimum, marks.least) <= high
    touched &= _pairs(np.maximum, marks.most) >= low
    touched &= marks.file[1:] == marks.file[:-1]
    touched |= _rest_of_boots(marks, touched)
    found: list[Parts] = []
    ends = np.cumsum([0, *(len(one.numbers) for one in outlines)]).tolist()
    for one, begin, end in zip(outlines, ends[:-1], ends[1:], strict=True):
        settled = np.abs(marks.wall - marks.true)[begin:end] <= _SET
        found.append(_parts(one, touched[begin : end - 1], settled, low, high))
    return found


@dataclass(frozen=True, slots=True)
class _Marks:
    """The entries looked at of all files, file by file."""

    file: NDArray[np.int64]
    boot: NDArray[np.int64]
    wall: NDArray[np.int64]
    mono: NDArray[np.int64]
    true: NDArray[np.int64]  # when it was written, if the boot's clock was right in the end

    @property
    def least(self) -> NDArray[np.int64]:
        return np.minimum(self.wall, self.true)

    @property
    def most(self) -> NDArray[np.int64]:
        return np.maximum(self.wall, self.true)


def _marks_of(outlines: Sequence[Outline]) -> _Marks:
    wall, mono = (np.concatenate([getattr(one, name) for one in outlines]) for name in ("wall", "mono"))
    _, boot = np.unique(np.concatenate([one.boot for one in outlines]), axis=0, return_inverse=True)
    boot = boot.reshape(-1)
    order = np.lexsort((mono, boot))
    last = order[np.append(np.diff(boot[order]) != 0, True)]
    file = np.repeat(np.arange(len(outlines)), [len(one.numbers) for one in outlines])
    return _Marks(file, boot, wall, mono, mono + (wall - mono)[last][boot])


def _pairs(combine: np.ufunc, values: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = combine(values[1:], values[:-1])
    return found


def _rest_of_boots(marks: _Marks, touched: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The stretches of boots whose clock was set after the first touched one, from there on."""
    never = np.iinfo(np.int64).max
    since = np.full(int(marks.boot.max(initial=0)) + 1, never)
    for end in (slice(None, -1), slice(1, None)):
        np.minimum.at(since, marks.boot[end][touched], marks.mono[end][touched])
    order = np.lexsort((marks.mono, marks.boot))
    boot, mono = marks.boot[order], marks.mono[order]
    later = was_set(marks.wall[order], mono) & (np.diff(boot) == 0) & (mono[1:] > since[boot[1:]])
    since[~np.isin(np.arange(len(since)), boot[1:][later])] = never
    needed = marks.mono >= since[marks.boot]
    both: NDArray[np.bool_] = needed[1:] & needed[:-1] & (np.diff(marks.file) == 0)
    return both


def _parts(one: Outline, touched: NDArray[np.bool_], settled: NDArray[np.bool_], low: int, high: int) -> Parts:
    """The touched stretches, those side by side as one; less of the outermost, where the clock was right there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched, [False]]).astype(np.int8)))
    parts = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        begin, end = int(one.numbers[first]), int(one.numbers[last]) + 1
        if _may_be_cut(one, first, settled) and one.wall[first] < low:
            begin = _last_before(one.index, begin, int(one.numbers[first + 1]), low)
        if _may_be_cut(one, last - 1, settled) and one.wall[last] > high:
            end = _last_before(one.index, max(begin, int(one.numbers[last - 1])), end - 1, high + 1) + 1
        parts.append((begin, end))
    return parts


def _may_be_cut(one: Outline, stretch: int, settled: NDArray[np.bool_]) -> bool:
    """Whether the stretch is of one boot, whose clock was right already."""
    return bool(settled[stretch : stretch + 2].all() and (one.boot[stretch] == one.boot[stretch + 1]).all())


def _last_before(index: Index, low: int, high: int, time: int) -> int:
    """The last entry before ``time``, of a stretch that begins with one before it and ends with one that is not."""
    while high - low > 1:
        middle = (low + high) // 2
        found = index.heads(np.array([middle]))
        if found is None:
            return low
        low, high = (low, middle) if int(found[1][REALTIME][0]) >= time else (middle, high)
    return low

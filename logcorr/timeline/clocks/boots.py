"""What the monotonic clock of a boot says about its wall clock.

Within a boot the monotonic clock orders the records. Where the wall clock jumps against it, one side of the jump was
wrong; the side before it is moved when something tells that the jump was a correction. A record that reached journald
more than a second late keeps the time at which it was written; smaller inversions yield to the monotonic order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Codes, Rows, falls_and_rises, in_order, pieces, runs
from logcorr.times.micros import MINUTE, NULL, SECOND, Bools, Ints

STEP: Final = 2 * SECOND  # smaller differences are delivery, not a step
_EARLY: Final = 10 * MINUTE  # a step this soon after boot is the clock being set
_NEAR: Final = 15 * SECOND  # how close to a step a record about it is looked for
_NUDGE: Final = SECOND  # a record may be moved by this much to keep a boot in order
_BLOCK: Final = 16  # records of which one came at once
_SMALL: Final = SECOND // 20  # a step that is worth a doubt
_STILL: Final = SECOND // 100  # where a clock stands, it is never read the same to the microsecond
_UNLIKE: Final = 1 << 60
_FEW: Final = 3  # records that make a level of their own


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The wall clock jumped by ``size`` µs against the monotonic clock."""

    before: int  # the last record before the jump
    after: int  # the first record after it
    size: int
    why: str
    healed: bool  # the records before it were moved


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of a boot over which wall minus monotonic time holds still."""

    begin: int  # position among the boot's records
    end: int
    offset: int  # wall minus monotonic time, µs


@dataclass(frozen=True, slots=True)
class Shift:
    """Records of one host whose wall clock showed ``start`` to ``end`` were moved by ``correction`` µs."""

    host: int
    start: int
    end: int
    correction: int


@dataclass(frozen=True, slots=True)
class Boots:
    """The records with a monotonic clock, boot by boot in that clock's order."""

    rows: Rows
    starts: Rows  # where each boot begins in ``rows``, and the end
    steps: tuple[ClockJump, ...]
    shifts: tuple[Shift, ...]


@dataclass(slots=True)
class Records:
    """All records' clocks while they are being corrected, in place. Positions are global."""

    time: Ints
    earliest: Ints
    latest: Ints
    moved: Bools
    host: Codes
    boot: Codes
    mono: Ints
    seqnum: Ints
    source: NDArray[np.uint16]
    resolution: NDArray[np.int32]

    def shift(self, rows: Rows, correction: Ints | int, *, unsure: int | None = 0) -> None:
        """Move records; ``unsure`` µs are added on both sides, and None leaves the old reading possible as well."""
        self.time[rows] += correction
        self.moved[rows] = True
        if unsure is None:
            self.earliest[rows] += np.minimum(correction, 0)
            self.latest[rows] += np.maximum(correction, 0)
        else:
            self.earliest[rows] += correction - unsure
            self.latest[rows] += correction + unsure


def order_boots(records: Records, set_rows: Rows, sleep_rows: Rows) -> Boots:
    """Put the records of each boot in the order of its monotonic clock, and mend their wall clock. Changes ``records``.

    ``set_rows`` and ``sleep_rows`` are records that say that the clock was set, or that the machine slept.
    """
    rows = np.flatnonzero((records.boot >= 0) & (records.mono != NULL) & (records.time != NULL))
    if not rows.size:
        return Boots(rows, np.array([0]), (), ())
    rows = in_order(rows, records.boot, records.mono, records.seqnum)
    boot = records.boot[rows]
    starts = runs(boot)
    offset = _offset(records, rows)
    jumps = np.sort(np.concatenate(falls_and_rises(offset, STEP, STEP)))
    jumps = jumps[boot[jumps] == boot[jumps - 1]]
    steps: list[ClockJump] = []
    shifts: list[Shift] = []
    for index in np.unique(np.searchsorted(starts, jumps, side="right") - 1):
        begin, end = int(starts[index]), int(starts[index + 1])
        inside = rows[begin:end]
        levels = find_levels(offset[begin:end], jumps[(jumps > begin) & (jumps < end)] - begin)
        said = [np.sort(records.mono[marks[records.boot[marks] == boot[begin]]]) for marks in (set_rows, sleep_rows)]
        found, corrections, sure = judge_steps(records, inside, levels, said)
        steps += found
        shifts += _apply(records, inside, offset[begin:end], levels, corrections, sure)
    del offset, boot
    steps += _doubt_small_steps(records, rows, starts)
    _keep_order(records, rows, starts)
    return Boots(rows, starts, tuple(steps), tuple(shifts))


def _offset(records: Records, rows: Rows) -> Ints:
    """What the wall clock was ahead of the monotonic one, µs."""
    offset = records.time[rows]
    offset -= records.mono[rows]
    return offset


def find_levels(offset: Ints, jumps: Rows, quantile: float = 0.5) -> list[Level]:
    """The levels between the jumps. Strays join a neighbour. ``quantile`` of a level's offsets stands for it."""
    edges = [0, *(int(jump) for jump in jumps), len(offset)]
    pieces = [Level(begin, end, int(np.quantile(offset[begin:end], quantile))) for begin, end in pairwise(edges)]
    levels: list[Level] = []
    for index, piece in enumerate(pieces):
        same = bool(levels) and abs(levels[-1].offset - piece.offset) <= STEP
        stray = bool(levels) and piece.end - piece.begin < _FEW and _returns(pieces[index + 1 :], levels[-1].offset)
        if same or stray:
            levels[-1] = Level(levels[-1].begin, piece.end, levels[-1].offset)
        else:
            levels.append(piece)
    return levels


def _returns(pieces: Sequence[Level], offset: int) -> bool:
    """Whether the next stretch that counts is back at ``offset``."""
    solid = next((piece for piece in pieces if piece.end - piece.begin >= _FEW), pieces[-1] if pieces else None)
    return solid is not None and abs(solid.offset - offset) <= STEP


def judge_steps(
    records: Records, rows: Rows, levels: Sequence[Level], said: Sequence[Ints], began: Sequence[int] | None = None
) -> tuple[list[ClockJump], list[int], list[bool]]:
    """The steps between the levels; and for each level its correction, and whether that is sure.

    ``began`` is the time since boot at which each level but the first began, if other records tell it.
    """
    steps: list[ClockJump] = []
    corrections, sure = [0] * len(levels), [True] * len(levels)
    for index in range(len(levels) - 2, -1, -1):
        before, after = int(rows[levels[index].end - 1]), int(rows[levels[index].end])
        size = levels[index + 1].offset - levels[index].offset
        end = int(records.mono[after]) if began is None else began[index]
        why, healed, certain = _judge(size, int(records.mono[before]), end, *said)
        if healed:
            corrections[index] = corrections[index + 1] + size
            sure[index] = certain and sure[index + 1]
        steps.append(ClockJump(before, after, size, why, healed))
    return steps[::-1], corrections, sure


def _judge(size: int, before: int, after: int, sets: Ints, sleeps: Ints) -> tuple[str, bool, bool]:
    """Why the clock jumped, whether what came before it is to be moved, and whether that is sure."""
    if _any_near(sets, before, after):
        return "the clock was set", True, True
    if size > 0 and _any_near(sleeps, before, after):
        return "the machine slept", False, True
    if after < _EARLY:
        return "the clock was set early in the boot", True, True
    if size < 0:
        return "the clock was set back, and which side was right is not known", True, False
    return "the clock was set, or the machine slept or was paused", False, True


def _any_near(monos: Ints, before: int, after: int) -> bool:
    low, high = np.searchsorted(monos, [before - _NEAR, after + _NEAR])
    return bool(high > low)


def _apply(
    records: Records,
    rows: Rows,
    offset: Ints,
    levels: Sequence[Level],
    corrections: Sequence[int],
    sure: Sequence[bool],
) -> list[Shift]:
    """Move the records of each level; a late record belongs to the level in which it was written."""
    level_of = np.repeat(np.arange(len(levels)), [level.end - level.begin for level in levels])
    heights = np.array([level.offset for level in levels])
    late = np.flatnonzero(heights[level_of] - offset > STEP)
    for index in range(len(levels)):
        fits = late[(level_of[late] > index) & (heights[index] - offset[late] > -STEP)]
        nearer = heights[index] - offset[fits] < heights[level_of[fits]] - offset[fits]
        level_of[fits[nearer]] = index
    shifts = []
    for index, correction in enumerate(corrections):
        mine = rows[level_of == index]
        if correction and mine.size:
            raw = records.time[mine]
            shifts.append(Shift(int(records.host[mine[0]]), int(raw.min()), int(raw.max()), correction))
            records.shift(mine, correction, unsure=0 if sure[index] else None)
    return shifts


def _doubt_small_steps(records: Records, rows: Rows, starts: Rows) -> list[ClockJump]:
    """Steps smaller than STEP, and the records before them left open by as much.

    Wall minus monotonic time holds still while a clock is only steered, for both are. A record that came late lies
    below; so the highest of some records shows where the clock stands, if it stands there for longer: a queue that is
    read late rises bit by bit.
    """
    begins = np.concatenate(
        [np.arange(begin, max(end - _BLOCK, begin) + 1, _BLOCK) for begin, end in pairwise(starts.tolist())]
    )
    offset = _offset(records, rows)
    boot = records.boot[rows[begins]]
    change = np.diff(np.maximum.reduceat(offset, begins), prepend=0)
    change[np.diff(boot, prepend=-1) != 0] = _UNLIKE  # another boot
    still = np.abs(change) < _STILL
    around = np.append(False, still[:-1]) & np.append(still[1:], False)
    moved = np.where(around & (np.abs(change) > _SMALL) & (np.abs(change) <= STEP), change, 0)
    if not moved.any():
        return []
    steps = [_small_step(rows, offset, begins, block, int(moved[block])) for block in np.flatnonzero(moved).tolist()]
    later = np.cumsum(moved[::-1])[::-1]  # what moved in this block or after it, in this boot or another
    ends = np.append(np.flatnonzero(np.diff(boot)), len(boot) - 1)
    open_ = later - np.append(later, 0)[ends + 1][np.searchsorted(boot[ends], boot)]
    sizes = np.diff(np.append(begins, len(rows)))
    records.earliest[rows] += np.repeat(np.minimum(open_, 0), sizes)
    records.latest[rows] += np.repeat(np.maximum(open_, 0), sizes)
    return steps


def _small_step(rows: Rows, offset: Ints, begins: Rows, block: int, size: int) -> ClockJump:
    """The step that showed in a block: it lies there, or in the one before."""
    first = int(begins[block - 1])
    around = offset[first : int(begins[block]) + _BLOCK]
    at = first + 1 + int(np.argmax(np.diff(around) * np.sign(size)))
    why = "the clock was set, and the records before it may be off by as much"
    return ClockJump(int(rows[at - 1]), int(rows[at]), size, why, healed=False)


def _keep_order(records: Records, rows: Rows, starts: Rows) -> None:
    """No record of a boot before the one that the monotonic clock puts first, if they are less than a second out."""
    time = records.time[rows]
    fell = falls_and_rises(time, 0, _UNLIKE)[0]
    fell = fell[~np.isin(fell, starts)]
    for index in np.unique(np.searchsorted(starts, fell, side="right") - 1):
        begin, end = int(starts[index]), int(starts[index + 1])
        highest = np.maximum.accumulate(time[begin:end])
        near = highest - time[begin:end] <= _NUDGE
        time[begin:end] = np.where(near, highest, time[begin:end])
    if fell.size:
        records.time[rows] = time
    for piece in pieces(len(rows)):
        some = rows[piece]
        records.latest[some] = np.maximum(records.latest[some], time[piece])

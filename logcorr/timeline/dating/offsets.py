"""Offsets from UTC worked out from other clocks: piecewise constant, because zones and settings change.

From receive stamps: a line arrives after it was written, so the offset is the one that leaves the shortest latency that
is not negative. From events that a second source logged too: the offset around which the differences gather.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Rows
from logcorr.times.micros import MINUTE, NULL, SECOND, Bools, Ints

#: Offsets from UTC that zones use or used since 1970 (IANA), in minutes.
_MINUTES: Final = sorted(
    {hour * 60 for hour in range(-12, 15)} | {-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825}
)
OFFSETS: Final = np.array(_MINUTES, dtype=np.int64) * MINUTE
SLACK: Final = 450 * SECOND  # half of 15 minutes: how far ahead a device's clock may be
_CHANGE: Final = 25.0  # what a change of offset costs, against _WRONG for a line that cannot be
_WRONG: Final = 20.0
_MANY: Final = 20_000
_FEWEST: Final = 3  # witnesses of one offset
_ENOUGH: Final = 6  # witnesses of a clock that is off by more than _CLOSE
_ALIKE: Final = 30 * SECOND  # what delays and drift may make of one difference
_CLOSE: Final = 2 * MINUTE
_PHASE: Final = 4 * SECOND  # a job's lines come within it
_RUN: Final = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class OffsetPiece:
    """From ``start`` (position among the lines) on, local time is UTC plus ``offset`` µs."""

    start: int
    offset: int
    since: int = 0  # the first line that may be of this piece: right behind the last witness of the one before


@dataclass(frozen=True, slots=True)
class SharedOffset:
    """What shared events tell. No pieces: it cannot be told."""

    pieces: tuple[OffsetPiece, ...] = ()
    agree: int = 0  # how many lines agree
    seen: Rows = field(default_factory=lambda: np.array([], dtype=np.int64))  # where they stand
    strays: tuple[tuple[int, int], ...] = ()  # (line, offset) that show another offset, too few to be a piece


def from_receipts(wall: Ints, received: Ints) -> list[OffsetPiece]:
    """Offsets of a local clock from the stamps of the collector that got its lines; empty where it cannot be told."""
    rows = np.flatnonzero((received != NULL) & (np.abs(received - wall) < OFFSETS[-1] + 4 * 60 * MINUTE))
    if not rows.size:
        return []
    starts, delay = _deliveries(received[rows], (received - wall)[rows])
    ceiling = np.clip(np.searchsorted(OFFSETS, -delay - SLACK), 0, len(OFFSETS) - 1)
    states = OFFSETS[np.unique(ceiling)]
    latency = delay[:, np.newaxis] + states[np.newaxis, :]
    cost = np.where(latency < -SLACK, _WRONG, np.minimum(np.log2(1 + np.maximum(latency, 0) / MINUTE), 12.0))
    pieces = []
    for first, last, _ in _segments(cost):
        shortest = int(delay[first:last].min())
        start = int(rows[starts[first]])
        pieces.append(OffsetPiece(start, nearest_offset(-shortest), start))
    return _from_zero(pieces)


def from_shared(rows: Rows, difference: Ints, time: Ints | None = None, beat: Bools | None = None) -> SharedOffset:
    """Offsets from differences (local minus UTC, µs) at some lines (positions).

    Lines within a minute of one another, by ``time`` (µs), are one witness: a program's run may end up in another's
    log at any distance. Without ``time`` each line is one, and its difference may be any that is nearest to the offset.
    Witnesses that two machines may each have written on the same ``beat`` count once for each part of the minute at
    which they come, and for each ten minutes: jobs that both run at the same local times look like shared events, and
    so do two runs of one long job.
    Empty where fewer than three witnesses, or fewer than half of them, agree: with one another within 30 s, and with an
    offset in use within two minutes, or more where six of them say that the clock is off.
    """
    if len(rows) < _FEWEST:
        return SharedOffset()
    spread = SLACK if time is None else _ALIKE
    starts, typical = (np.arange(len(rows)), difference) if time is None else _witnesses(time, difference)
    alone = np.ones(len(starts), dtype=np.bool_) if beat is None else np.logical_or.reduceat(~beat, starts)
    moment = typical if time is None else time[starts]
    values, counts = np.unique([nearest_offset(int(value)) for value in typical], return_counts=True)
    states = values[counts >= _FEWEST]
    if not states.size:
        return SharedOffset()
    cost = np.minimum(np.abs(typical[:, np.newaxis] - states[np.newaxis, :]) / SLACK, 6.0)
    ends = np.append(starts[1:], len(rows))
    pieces: list[OffsetPiece] = []
    witnesses = 0
    agree = np.zeros(len(rows), dtype=np.bool_)
    strays: list[tuple[int, int]] = []
    for first, last, state in _segments(cost):
        offset = int(states[state])
        middle, near = _gathered(typical[first:last], offset, spread)
        count = _count(moment[first:last][near], alone[first:last][near])
        if count >= _FEWEST and abs(middle - offset) <= (_CLOSE if count < _ENOUGH and time is not None else SLACK):
            witnesses += int(near.sum())
            mine = slice(starts[first], ends[last - 1])
            agree[mine] = np.abs(difference[mine] - middle) <= spread
            pieces.append(
                OffsetPiece(int(rows[starts[first]]), offset, int(rows[starts[first] - 1]) + 1 if first else 0)
            )
            off = typical[first:last] - (middle - offset)
            strays += _strays(rows[starts[first:last]][alone[first:last]], off[alone[first:last]], offset)
    if 2 * witnesses < len(typical):
        return SharedOffset(agree=int(agree.sum()))
    return SharedOffset(tuple(_from_zero(pieces)), int(agree.sum()), rows[agree], tuple(strays))


def _gathered(typical: Ints, offset: int, spread: int) -> tuple[int, Bools]:
    """Where the differences near an offset gather, and which do."""
    near = np.sort(typical[np.abs(typical - offset) <= SLACK])
    if not near.size:
        return offset, np.zeros(len(typical), dtype=np.bool_)
    middle = int(near[(len(near) - 1) // 2])
    return middle, (np.abs(typical - middle) <= spread) & (np.abs(typical - offset) <= SLACK)


def _witnesses(time: Ints, difference: Ints) -> tuple[Rows, Ints]:
    """Where among the lines each witness begins, and the median of its differences."""
    starts = [0]
    for start in (np.flatnonzero(np.diff(time // MINUTE)) + 1).tolist():
        if abs(int(time[start] - time[starts[-1]])) >= MINUTE:
            starts.append(start)
    begins = np.array(starts, dtype=np.int64)
    sizes = np.diff(np.append(begins, len(time)))
    ordered = difference[np.lexsort((difference, np.repeat(np.arange(len(begins)), sizes)))]
    kept = slice(None, None, len(begins) // _MANY + 1)
    return begins[kept], ordered[begins + (sizes - 1) // 2][kept]


def _count(time: Ints, alone: Bools) -> int:
    """How many witnesses there are; those not ``alone`` count by their beats, and by the runs they may be of."""
    rest = time[~alone]
    return int(alone.sum()) + min(len(np.unique(rest % MINUTE // _PHASE)), len(np.unique(rest // _RUN)))


def _strays(rows: Rows, difference: Ints, offset: int) -> list[tuple[int, int]]:
    """The witnesses that show another offset in use."""
    told = zip(rows.tolist(), difference.tolist(), strict=True)
    others = [(row, value, nearest_offset(value)) for row, value in told]
    return [(row, other) for row, value, other in others if other != offset and abs(value - other) <= _ALIKE]


def nearest_offset(micros: int) -> int:
    """The offset in use that is closest."""
    return int(OFFSETS[np.abs(OFFSETS - micros).argmin()])


def remove(wall: Ints, pieces: Sequence[OffsetPiece]) -> Ints:
    """Local times as UTC."""
    time = wall.copy()
    ends = [*(piece.start for piece in pieces[1:]), len(wall)]
    for piece, end in zip(pieces, ends, strict=True):
        time[piece.start : end] -= piece.offset
    return time


def _deliveries(received: Ints, delay: Ints) -> tuple[Ints, Ints]:
    """Lines that arrived in the same minute count once, by the freshest of them: a backlog is one delivery."""
    batch = received // MINUTE
    starts = np.flatnonzero(np.concatenate([[True], np.diff(batch) != 0]))
    if len(starts) > _MANY:
        starts = starts[:: len(starts) // _MANY + 1]
    return starts, np.minimum.reduceat(delay, starts)


def _segments(cost: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """The cheapest way through the rows of ``cost`` (rows by states): (first row, end row, state) of every piece."""
    steps, states = cost.shape
    total = cost[0].copy()
    came_from = np.zeros((steps, states), dtype=np.int16)
    for step in range(1, steps):
        best = int(total.argmin())
        change = total[best] + _CHANGE < total
        came_from[step] = np.where(change, best, np.arange(states))
        total = np.where(change, total[best] + _CHANGE, total) + cost[step]
    path = np.zeros(steps, dtype=np.int64)
    path[-1] = total.argmin()
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(path) != 0]))
    ends = [*starts[1:], steps]
    return [(int(start), int(end), int(path[start])) for start, end in zip(starts, ends, strict=True)]


def _from_zero(pieces: list[OffsetPiece]) -> list[OffsetPiece]:
    merged: list[OffsetPiece] = []
    for piece in pieces:
        if not merged or merged[-1].offset != piece.offset:
            merged.append(piece)
    return [OffsetPiece(0, merged[0].offset), *merged[1:]] if merged else []

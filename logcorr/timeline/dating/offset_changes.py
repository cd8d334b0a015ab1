"""Where an offset from UTC changed, as far as the order of the lines tells, and what else the stamps there may mean.

Shared events show the offset only at their own lines. Between two of them that show different offsets, and around one
that shows another, a line may have been written under either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Final

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Rows, falls_and_rises
from logcorr.timeline.dating.offsets import OffsetPiece, SharedOffset, remove
from logcorr.times.micros import MINUTE, NULL, SECOND, Ints

_LATE: Final = MINUTE  # lines of one log come out of order by less
_FALL: Final = 10 * MINUTE  # no zones are closer than 15 minutes
_QUARTER: Final = 15 * MINUTE
_PROMPT: Final = 2 * SECOND  # the freshest of some lines arrives within
_FRESH: Final = 0.01  # the share of lines that may be fresher by some mistake
_SOON: Final = 3 * MINUTE  # after power came, a logger has begun to write
_NOTHING: Final = np.array([], dtype=np.int64)
_LASTING: Final = 5
_MOST: Final = 20
_NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Doubt:
    """Lines ``begin`` to ``end`` (positions) may be ``earlier`` µs before their time, or ``later`` µs after it."""

    begin: int
    end: int
    earlier: int
    later: int


def place_changes(
    wall: Ints, found: SharedOffset, booted: Rows = _NOTHING
) -> tuple[tuple[OffsetPiece, ...], tuple[Doubt, ...]]:
    """The pieces, each beginning where the order of the lines says, and the lines that remain in doubt.

    ``booted`` are lines at which the machine starts: there a clock falls back for want of a battery, not of a zone.
    """
    pieces, doubts = list(found.pieces), []
    for index, (before, piece) in enumerate(pairwise(found.pieces), start=1):
        shift = piece.offset - before.offset
        first, last = _change(wall, piece, shift)
        pieces[index] = replace(piece, start=last)
        if first < last:
            doubts.append(_either(first, last, -shift))
    ends = np.array([-1, *found.seen.tolist(), len(wall)], dtype=np.int64)
    for row, offset in found.strays:
        after = int(np.searchsorted(ends, row, side="right"))
        at = max(index for index, piece in enumerate(pieces) if index == 0 or piece.start <= row)
        doubts.append(_either(int(ends[after - 1]) + 1, int(ends[after]), pieces[at].offset - offset))
    return tuple(pieces), (*doubts, *_around_falls(remove(wall, pieces), ends, booted))


def latency(wall: Ints, received: Ints, pieces: Sequence[OffsetPiece]) -> tuple[tuple[Doubt, ...], str]:
    """What receive stamps leave open under ``pieces``, and in words: what all lines are late by, a clock may be off by.

    A line that comes after it was received was written by a clock that is ahead; delivery alone is never negative.
    """
    late = received - remove(wall, pieces)
    known = received != NULL
    doubts, ends = [], [*(piece.start for piece in pieces[1:]), len(wall)]
    for piece, end in zip(pieces, ends, strict=True):
        mine = late[piece.start : end][known[piece.start : end]]
        least = int(np.quantile(mine, _FRESH)) if mine.size else 0
        if least < -_PROMPT:
            doubts.append(Doubt(piece.start, end, _PROMPT - least, 0))
        elif least > _PROMPT:
            doubts.append(Doubt(piece.start, end, 0, least))
    words = f", which came {late[known].min() / SECOND:.0f} to {late[known].max() / SECOND:.0f} s after"
    early, slow = (max((getattr(one, side) for one in doubts), default=0) for side in ("earlier", "later"))
    words += f"; its clock is ahead by {(early - _PROMPT) / SECOND:.0f} s or more" if early else ""
    words += f"; its clock may be up to {slow / SECOND:.0f} s slow" if slow else ""
    return tuple(doubts), words


def _change(wall: Ints, piece: OffsetPiece, shift: int) -> tuple[int, int]:
    """The first and the last line at which ``piece`` may begin: where the fewest stamps then fall back."""
    options = np.arange(max(piece.since, 1), piece.start + 1)
    if len(options) < 2:
        return piece.start, piece.start
    step = wall[options] - wall[options - 1]
    cost = (step - shift < -_LATE).astype(np.int64) - (step < -_LATE)
    best = options[cost == cost.min()]
    return int(best[0]), int(best[-1])


def _either(begin: int, end: int, other: int) -> Doubt:
    return Doubt(begin, end, max(-other, 0), max(other, 0))


def _around_falls(time: Ints, ends: Rows, booted: Rows) -> Iterator[Doubt]:
    """Where the times fall back for good, the offset was another before or after, as far as the next shared events."""
    falls = falls_and_rises(time, _FALL, _NEVER)[0].tolist()
    lasting = (fall for fall in falls if (time[fall : fall + _LASTING] < time[fall - 1] - _FALL).all())
    for fall in islice(lasting, _MOST):
        start = booted[np.searchsorted(booted, fall) :][:1]
        if start.size and 0 <= time[start[0]] - time[fall] <= _SOON:
            continue
        size = -int((time[fall] - time[fall - 1]) // _QUARTER) * _QUARTER + _QUARTER
        after = int(np.searchsorted(ends, fall, side="right"))
        yield Doubt(int(ends[after - 1]) + 1, fall, size, 0)
        yield Doubt(fall, int(ends[after]), 0, size)

"""Stretches of a log whose clock was wrong for a while, as the order of its lines shows: 1970, a build date, a boot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from logcorr.timeline.arrays import Rows, falls_and_rises
from logcorr.times.micros import DAY, HOUR, MINUTE, SECOND, Bools, Ints

PLAUSIBLE: Final = 946_684_800 * SECOND  # 2000-01-01: no clock that runs right shows less
_SET: Final = HOUR  # until the network sets the clock of a machine that boots: minutes, where there is a network
_SOON: Final = 3 * MINUTE  # after power came, a logger has begun to write
_LINES: Final = 100_000  # that a boot may write before its clock is set
_ENOUGH: Final = 20  # lines that show how long a log is silent
_CLEAR: Final = 10  # times longer than any other silence
_FALL: Final = 30 * SECOND
_MANY: Final = 1000
_NEVER: Final = 1 << 62
_NOTHING: Final = np.array([], dtype=np.int64)


def find_excursions(time: Ints, dated: Bools, booted: Rows = _NOTHING) -> list[tuple[int, int]]:
    """Stretches [begin, end) of a log, in the order of its lines, whose clock was wrong.

    A date that a line prints whole (``dated``) is believed unless it lies before 2000, or a boot (``booted``: its
    positions) tells why it is wrong: a file may have been put together from several, in any order.
    """
    if not len(time):
        return []
    bad = time < PLAUSIBLE
    found = []
    for fall in falls_and_rises(time, DAY, _NEVER)[0][:_MANY]:
        if bad[fall] or bad[fall - 1] or dated[fall]:
            continue
        back = np.flatnonzero(time[fall:] >= time[fall - 1] - 5 * MINUTE)
        if back.size:
            end = int(fall) + int(back[0])
            if time[end - 1] - time[fall] <= HOUR and time[end] - time[end - 1] > DAY:
                found.append((int(fall), end))
    if bad.any():
        edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(np.int8)))
        found += [(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    if booted.size:
        end = _first_boot(time, booted)
        found += [*([(0, end)] if end else []), *_boots_astray(time, booted)]
    return _apart(found)


def _apart(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches in order, without those that begin inside another."""
    kept: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if not kept or begin >= kept[-1][1]:
            kept.append((begin, end))
    return kept


def _boots_astray(time: Ints, booted: Rows) -> Iterator[tuple[int, int]]:
    """Boots at whose beginning the clock leaps, back by any size or ahead by days, and soon afterwards returns."""
    for leap in np.sort(np.concatenate(falls_and_rises(time, _FALL, DAY)))[:_MANY].tolist():
        first = np.searchsorted(booted, leap)
        if first == len(booted) or not 0 <= time[booted[first]] - time[leap] <= _SOON:
            continue
        before, within = int(time[leap - 1]), time[leap : leap + _LINES]
        if time[leap] < before:
            over = np.flatnonzero(within >= before)
        else:
            over = np.flatnonzero((within < time[leap] - DAY) & (within >= before - 5 * MINUTE))
        if not over.size:
            continue
        end = leap + int(over[0])
        behind = before - int(time[end - 1])  # what the clock leapt at least, if it ran too slow
        lasted, away = int(time[end - 1] - time[leap]), int(time[end]) - before
        if lasted <= min(_SET, away + 5 * MINUTE) and away <= DAY and (behind > MINUTE or behind < -DAY):
            yield leap, end


def _first_boot(time: Ints, booted: Rows) -> int:
    """Where a log that begins with a boot leaves the date that the machine started with; 0 if it did not.

    Then one leap ends the boot's lines, far longer than any silence in many lines later, and no other boot follows it.
    """
    leaps = falls_and_rises(time, DAY, DAY)
    ends = np.sort(np.concatenate(leaps))
    if not ends.size:
        return 0
    end = int(ends[0])
    leap = abs(int(time[end] - time[end - 1]))
    again = booted[booted >= end]
    first = time[booted[0]] - time[0] <= _SOON and booted[0] < end and time[end - 1] - time[0] <= DAY
    if not first or (again.size and time[again[0]] - time[end] < HOUR) or len(time) - end < _ENOUGH:
        return 0
    return end if not falls_and_rises(time[end:], _NEVER, leap // _CLEAR)[1].size else 0

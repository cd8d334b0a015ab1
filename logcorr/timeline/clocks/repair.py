"""Wall clocks that were wrong until something set them, in logs that say so only by the order of their lines.

Three kinds, from the surest: kernel lines that carry the time since boot, text beside a journal that shows the step,
and lines dated long before those around them (1970, a firmware's build date, the last clean shutdown).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Rows, RowSet, as_rows, falls_and_rises, lines_by
from logcorr.timeline.clocks.boots import STEP, ClockJump, Records, Shift, find_levels, judge_steps
from logcorr.timeline.clocks.wrong_stretches import PLAUSIBLE, find_excursions
from logcorr.times.micros import DAY, HOUR, NULL, SECOND, Bools, Ints, to_micros

_REBOOT: Final = SECOND  # the time since boot falls by more than this: another boot
_LEAST: Final = 0.05  # kernel lines may be stamped late, never early: the lowest offsets tell the truth
_BLIND: Final = HOUR  # how long a wrong clock's first records may lie before what follows, if nothing bounds it
_FALL: Final = 30 * SECOND
_LASTING: Final = 5
_MANY: Final = 1000
_NEVER: Final = 1 << 62
_NOTHING: Final = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Unset:
    """Records next to one another whose clock was not set, and that were moved to where they belong."""

    first: int  # record
    last: int
    count: int
    shown: int  # the time that the first of them shows, µs
    ended: ClockJump | None  # how the clock was set; none where the records after them do not show it


def lines_of(records: Records) -> list[RowSet]:
    """The records of each source and host, in the order of the file."""
    found: list[RowSet] = []
    for lines in lines_by(records.source):
        groups = lines_by(records.host[lines])
        rows = as_rows(lines) if len(groups) > 1 else None
        found += [lines] if rows is None else [rows[group] for group in groups]
    return found


def heal_by_uptime(
    records: Records, groups: Sequence[RowSet], set_rows: Rows, sleep_rows: Rows
) -> tuple[list[ClockJump], Rows]:
    """Steps that kernel lines show by their time since boot; and the records at which a machine had started anew."""
    steps: list[ClockJump] = []
    resets: list[int] = []
    for lines in groups if (records.mono != NULL).any() else ():
        timed = np.flatnonzero(
            (records.mono[lines] != NULL) & (records.boot[lines] < 0) & (records.time[lines] != NULL)
        )
        if timed.size < 2:
            continue
        rows = as_rows(lines)
        mono = records.mono[rows[timed]]
        starts = np.flatnonzero(np.diff(mono) < -_REBOOT) + 1
        resets += rows[timed[starts]].tolist()
        edges = [0, *starts.tolist(), len(timed)]
        bounds = [0, *timed[starts].tolist(), len(rows)]
        for (begin, end), (low, high) in zip(pairwise(edges), pairwise(bounds), strict=True):
            steps += _heal_boot(records, rows, timed[begin:end], (low, high), (set_rows, sleep_rows))
    return steps, np.array(resets, dtype=np.int64)


def _heal_boot(
    records: Records, lines: Rows, timed: Rows, bounds: tuple[int, int], said: tuple[Rows, Rows]
) -> list[ClockJump]:
    rows = lines[timed]
    wall, mono = records.time[rows], records.mono[rows]
    offset = wall - mono
    slack = STEP + 2 * int(records.resolution[rows].max())
    change = np.diff(offset)
    # a backlog read at once looks like a fall: uptime passes while the wall clock stands still
    jump = (change > slack) | ((change < -slack) & (np.diff(wall) < 0))
    levels = find_levels(offset, np.flatnonzero(jump) + 1, _LEAST)
    if len(levels) < 2:
        return []
    leaps = [_leap(records, lines, timed[level.begin - 1], timed[level.begin], level.offset - before.offset)
             for before, level in pairwise(levels)]  # fmt: skip
    inside = lines[bounds[0] : bounds[1]]
    near = [
        np.sort(np.interp(np.flatnonzero(np.isin(inside, marks)) + bounds[0], timed, mono)).astype(np.int64)
        for marks in said
    ]
    steps, corrections, sure = judge_steps(records, rows, levels, near, [mono for _, mono in leaps])
    edges = [bounds[0], *(at for at, _ in leaps), bounds[1]]
    for (begin, end), correction, certain in zip(pairwise(edges), corrections, sure, strict=True):
        if correction:
            stretch = lines[begin:end]
            stamped = stretch[records.time[stretch] != NULL]
            records.shift(stamped, correction, unsure=slack if certain else None)
    return steps


def _leap(records: Records, lines: Rows, before: int, after: int, size: int) -> tuple[int, int]:
    """Between two kernel lines, the first line written after the clock jumped by ``size``, and its time since boot."""
    between = lines[before : after + 1]
    stamped = np.flatnonzero(records.time[between] != NULL)
    time = records.time[between][stamped]
    at = 1 + int(np.argmax(np.diff(time) * np.sign(size)))
    return before + int(stamped[at]), int(records.mono[between[-1]] - (time[-1] - time[at]))


def heal_beside_journal(records: Records, shifts: Sequence[Shift]) -> None:
    """Text of a host whose journal was moved: lines with a wall clock that only moved records show move with them."""
    for host in sorted({shift.host for shift in shifts}):
        mine = [shift for shift in shifts if shift.host == host]
        loose = np.flatnonzero((records.host == host) & (records.boot < 0) & (records.mono == NULL) & ~records.moved)
        time = records.time[loose]
        right = np.sort(records.time[(records.host == host) & (records.boot >= 0)])
        alone = np.searchsorted(right, time + SECOND) == np.searchsorted(right, time - SECOND)
        within = np.array([(time >= shift.start - SECOND) & (time <= shift.end + SECOND) for shift in mine])
        one = alone & (within.sum(axis=0) == 1)
        for shift, fits in zip(mine, within, strict=True):
            records.shift(loose[one & fits], shift.correction)


def heal_excursions(
    records: Records, groups: Sequence[RowSet], dated: Bools, modified: Sequence[datetime | None], boot_rows: Rows
) -> tuple[list[ClockJump], list[Unset]]:
    """Lines dated impossibly early, or for a short while far before the lines around them, moved up to what follows.

    ``dated`` are records that print their whole date, ``boot_rows`` those that say that a machine starts.
    """
    steps: list[ClockJump] = []
    unset: list[Unset] = []
    for lines in groups:
        time = records.time[lines]
        stamped = time != NULL
        time = time if stamped.all() else time[stamped]
        booted = _booted(lines, stamped, boot_rows) if boot_rows.size else _NOTHING
        found = find_excursions(time, dated[lines] if stamped.all() else dated[lines][stamped], booted)
        rows = as_rows(lines)[stamped] if found else _NOTHING
        for begin, end in found:
            limit = modified[int(records.source[rows[0]])]
            shown = int(time[begin])
            step = _heal_excursion(records, rows, begin, end, limit)
            if shown < PLAUSIBLE:
                unset.append(Unset(int(rows[begin]), int(rows[end - 1]), end - begin, shown, step))
            if step is not None:
                steps.append(step)
    return steps, unset


def _booted(lines: RowSet, stamped: Bools, boot_rows: Rows) -> Rows:
    """Which of the stamped lines say that the machine starts."""
    return np.flatnonzero(np.isin(as_rows(lines)[stamped], boot_rows))


def _heal_excursion(records: Records, rows: Rows, begin: int, end: int, modified: datetime | None) -> ClockJump | None:
    time = records.time[rows]
    inside = rows[begin:end]
    elapsed = time[begin:end] - time[begin]
    if end < len(rows):
        latest = time[end] - (time[end - 1] - time[begin:end])
        earliest = time[begin - 1] + elapsed if begin else latest - _BLIND
        right = np.maximum(latest, earliest) if begin else latest
        early = max(time[end] - records.earliest[rows[end]], 0)
        late = max(records.latest[rows[end]] - time[end] - records.resolution[rows[end]] + 1, 0)
        _place(records, inside, right, np.minimum(earliest, right) - early, right + late)
        size = int(right[-1] - time[end - 1])
        return ClockJump(int(rows[end - 1]), int(rows[end]), size, "the clock was set", healed=True)
    if begin:
        right = time[begin - 1] + elapsed
        last = max(to_micros(modified), int(right[-1])) if modified else int(right[-1]) + DAY
        _place(records, inside, right, right, last - (elapsed[-1] - elapsed))
        return None
    if modified:
        right = to_micros(modified) - (elapsed[-1] - elapsed)
        _place(records, inside, right, right - DAY, right)
    return None


def _place(records: Records, rows: Rows, time: Ints, earliest: Ints, latest: Ints) -> None:
    records.time[rows] = time
    records.earliest[rows] = earliest
    records.latest[rows] = latest + records.resolution[rows] - 1
    records.moved[rows] = True


def find_falls(records: Records, groups: Sequence[RowSet]) -> list[tuple[int, int]]:
    """Where the stamps of a text log fall back and stay back: (last record before, first after)."""
    falls = []
    for lines in groups:
        wanted = (records.time[lines] != NULL) & (records.boot[lines] < 0) & ~records.moved[lines]
        time = records.time[lines]
        time = time if wanted.all() else time[wanted]
        at = falls_and_rises(time, _FALL, _NEVER)[0][:_MANY]
        lasting = [one for one in at if bool((time[one : one + _LASTING] < time[one - 1] - _FALL).all())]
        rows = as_rows(lines)[wanted] if lasting else _NOTHING
        falls += [(int(rows[one - 1]), int(rows[one])) for one in lasting[:20] if one + _LASTING <= len(time)]
    return falls

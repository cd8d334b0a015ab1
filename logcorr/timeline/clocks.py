"""Clock domains: boots and what the monotonic clock says about the wall clock inside each of them.

Within a boot the monotonic clock orders the records. Where the wall clock jumps against it, one side of the jump was
wrong; the side before it is moved when something tells that the jump was a correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.timeline.arrays import MINUTE, NULL, SECOND, Bools, Codes, Ints

STEP: Final = 2 * SECOND  # smaller differences are delivery, not a step
_EARLY: Final = 10 * MINUTE  # a step this soon after boot is the clock being set
_NEAR: Final = 15 * SECOND  # how close to a step a record about it is looked for
_NUDGE: Final = SECOND  # a record may be moved by this much to keep a boot in order
_FEW: Final = 3  # records that make a level of their own


@dataclass(frozen=True, slots=True)
class Step:
    """The wall clock jumped by ``size`` µs against the monotonic clock."""

    host: int
    boot: int
    before: int  # the last record before the jump
    after: int  # the first record after it
    size: int
    why: str
    healed: bool  # the records before it were moved


@dataclass(frozen=True, slots=True)
class Boots:
    """The records with a monotonic clock, boot by boot in that clock's order."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]  # where each boot begins in ``rows``, and the end
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Clocked:
    """All records' times while they are being corrected, in place."""

    time: Ints
    earliest: Ints
    latest: Ints
    moved: Bools
    host: Codes
    boot: Codes
    mono: Ints
    seqnum: Ints


def order_boots(records: Clocked, set_rows: NDArray[np.int64], sleep_rows: NDArray[np.int64]) -> Boots:
    """Put the records of each boot in the order of its monotonic clock, and mend their wall clock. Changes ``records``.

    ``set_rows`` and ``sleep_rows`` are records that say that the clock was set, or that the machine slept.
    """
    rows = np.flatnonzero((records.boot >= 0) & (records.mono != NULL) & (records.time != NULL))
    if not rows.size:
        return Boots(rows, np.array([0]), ())
    rows = rows[np.lexsort((records.seqnum[rows], records.mono[rows], records.boot[rows]))]
    boot = records.boot[rows]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(boot) != 0, [True]]))
    delta = records.time[rows] - records.mono[rows]
    jumps = np.flatnonzero((np.abs(np.diff(delta)) > STEP) & (np.diff(boot) == 0)) + 1
    steps: list[Step] = []
    for index in np.unique(np.searchsorted(starts, jumps, side="right") - 1):
        begin, end = int(starts[index]), int(starts[index + 1])
        inside = jumps[(jumps > begin) & (jumps < end)] - begin
        steps += _mend_boot(records, rows[begin:end], delta[begin:end], inside, (set_rows, sleep_rows))
    _keep_order(records, rows, starts)
    return Boots(rows, starts, tuple(steps))


def _mend_boot(
    records: Clocked,
    rows: NDArray[np.int64],
    delta: Ints,
    jumps: NDArray[np.int64],
    said: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> list[Step]:
    levels = find_levels(delta, jumps)
    monos = [np.sort(records.mono[marks[records.boot[marks] == records.boot[rows[0]]]]) for marks in said]
    steps: list[Step] = []
    correction = 0
    for (begin, end, level), (_, _, following) in reversed(list(pairwise(levels))):
        before, after = int(rows[end - 1]), int(rows[end])
        size = following - level
        why, healed = _judge(size, int(records.mono[before]), int(records.mono[after]), *monos)
        correction = correction + size if healed else 0
        steps.append(Step(int(records.host[after]), int(records.boot[after]), before, after, size, why, healed))
        if correction:
            _move(records, rows[begin:end], correction, sure=why != "")
    return steps[::-1]


def find_levels(delta: Ints, jumps: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Stretches over which wall minus monotonic time holds still: (begin, end, level). Strays join a neighbour."""
    edges = [0, *(int(jump) for jump in jumps), len(delta)]
    pieces = [(begin, end, int(np.median(delta[begin:end]))) for begin, end in pairwise(edges)]
    levels: list[tuple[int, int, int]] = []
    for index, (begin, end, level) in enumerate(pieces):
        stray = end - begin < _FEW
        if levels and (abs(levels[-1][2] - level) <= STEP or (stray and _returns(pieces[index + 1 :], levels[-1][2]))):
            levels[-1] = (levels[-1][0], end, levels[-1][2])
        else:
            levels.append((begin, end, level))
    return levels


def _returns(pieces: list[tuple[int, int, int]], level: int) -> bool:
    """Whether the next stretch that counts is back at ``level``."""
    solid = next((piece for piece in pieces if piece[1] - piece[0] >= _FEW), pieces[-1] if pieces else None)
    return solid is not None and abs(solid[2] - level) <= STEP


def _judge(size: int, before: int, after: int, sets: Ints, sleeps: Ints) -> tuple[str, bool]:
    """Why the clock jumped, and whether what came before it is to be moved."""
    if _any_near(sets, before, after):
        return "the clock was set", True
    if size > 0 and _any_near(sleeps, before, after):
        return "the machine slept", False
    if after < _EARLY:
        return "the clock was set early in the boot", True
    if size < 0:
        return "", True
    return "the clock was set, or the machine slept or was paused", False


def _any_near(monos: Ints, before: int, after: int) -> bool:
    low, high = np.searchsorted(monos, [before - _NEAR, after + _NEAR])
    return bool(high > low)


def _move(records: Clocked, rows: NDArray[np.int64], correction: int, *, sure: bool) -> None:
    """Move records by ``correction``; where it is not sure which side was wrong, both readings stay possible."""
    records.time[rows] += correction
    records.moved[rows] = True
    for bound, widen in ((records.earliest, min), (records.latest, max)):
        bound[rows] += correction if sure else widen(correction, 0)


def _keep_order(records: Clocked, rows: NDArray[np.int64], starts: NDArray[np.int64]) -> None:
    """No record of a boot before the one that the monotonic clock puts first, if they are less than a second out."""
    time = records.time[rows]
    fell = np.flatnonzero((np.diff(time) < 0) & (np.diff(records.boot[rows]) == 0))
    for index in np.unique(np.searchsorted(starts, fell, side="right") - 1):
        begin, end = int(starts[index]), int(starts[index + 1])
        highest = np.maximum.accumulate(time[begin:end])
        near = highest - time[begin:end] <= _NUDGE
        time[begin:end] = np.where(near, highest, time[begin:end])
    records.time[rows] = time
    records.latest[rows] = np.maximum(records.latest[rows], time)


def name_domains(records: Clocked, boots: Boots, resets: NDArray[np.int64]) -> tuple[Codes, list[tuple[int, int, int]]]:
    """The clock domain of every record, and of each domain (host, boot or -1, number).

    A record with a boot belongs to it. One without belongs to the boot of its host that was running, or, where the host
    has none, to the stretch since the host's last reset (``resets``: the records that show one).
    """
    domains: dict[tuple[int, int, int], int] = {}
    code = np.full(len(records.time), -1, dtype=np.int32)
    starts_of: dict[int, list[tuple[int, int, int]]] = {}
    for begin, end in pairwise(boots.starts):
        inside = boots.rows[begin:end]
        boot, host = int(records.boot[inside[0]]), int(np.bincount(records.host[inside]).argmax())
        domain = domains.setdefault((host, boot, 0), len(domains))
        code[inside] = domain
        starts_of.setdefault(host, []).append((int(records.time[inside].min()), domain, boot))
    loose = np.flatnonzero(code < 0)
    by_host = loose[np.argsort(records.host[loose], kind="stable")]
    edges = (
        np.flatnonzero(np.concatenate([[True], np.diff(records.host[by_host]) != 0, [True]])) if len(by_host) else [0]
    )
    for begin, end in pairwise(edges):
        rows = by_host[begin:end]
        host = int(records.host[rows[0]])
        known = sorted(starts_of.get(host, ()))
        if known:
            at = np.searchsorted([start for start, _, _ in known], records.time[rows], side="right") - 1
            code[rows] = np.array([domain for _, domain, _ in known], dtype=np.int32)[np.maximum(at, 0)]
        else:
            reset = np.sort(records.time[resets[records.host[resets] == host]])
            number = np.searchsorted(reset, records.time[rows], side="right")
            for value in np.unique(number):
                code[rows[number == value]] = domains.setdefault((host, -1, int(value) + 1), len(domains))
    return code, list(domains)

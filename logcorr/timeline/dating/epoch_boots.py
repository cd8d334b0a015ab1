"""Boots with a clock at the epoch, in logs that print no year: ``Jan  1 00:00:04``, where it is November.

Routers without a battery begin at 1970-01-01 00:00 UTC, in whatever zone they print, until the network tells them
better. Nothing but the boot itself tells such lines from those of a New Year's night.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.timeline.dating.years import YEAR, YEAR_START, rebase
from logcorr.times.micros import DAY, HOUR, MINUTE, NULL, SECOND, Bools, Ints

_QUARTER: Final = 15 * MINUTE  # zones differ by multiples of this
_SOON: Final = 3 * MINUTE  # after power came, a logger has begun to write
_EXACT: Final = MINUTE  # between the wall clock and the time since boot
_AWAY: Final = 3 * DAY  # the lines around are not those of a New Year themselves
_WEST, _EAST = 12 * HOUR, 15 * HOUR


def unset_clock(position: Ints, mono: Ints | None, boots: Ints) -> Bools:
    """Which of some stamps without year, oldest line first, are those of a clock at the epoch.

    ``position`` is µs since 1972-01-01, ``mono`` the time since boot where lines tell it (else ``NULL``), ``boots`` the
    positions of lines that say that the machine boots.
    """
    found = np.zeros(len(position), dtype=np.bool_)
    if not len(position) or not (mono is not None or len(boots)):
        return found
    step = np.diff(position)
    edges = [0, *(np.flatnonzero((step > DAY) | (step < -HOUR)) + 1).tolist(), len(position)]
    for begin, end in pairwise(edges):
        beside = [int(position[at]) - YEAR_START for at in (begin - 1, end) if 0 <= at < len(position)]
        away = all(_AWAY < one < YEAR - _AWAY for one in beside)
        first = int(position[begin]) - YEAR_START
        # neither the last days of a December nor earlier hours can follow the first of a January
        backward = end < len(position) and first < _EAST and not first < beside[-1] < YEAR - _AWAY
        if (away or backward) and _is_unset(
            position[begin:end], None if mono is None else mono[begin:end], boots - begin
        ):
            found[begin:end] = True
    return found


def _is_unset(position: Ints, mono: Ints | None, boots: Ints) -> bool:
    since = int(position[0]) - YEAR_START
    since -= YEAR if since > YEAR - _WEST else 0
    if not -_WEST <= since < _EAST or int(position[-1] - position[0]) > DAY or since % _QUARTER > _SOON:
        return False
    if mono is not None and (mono != NULL).any():
        timed = mono != NULL
        apart = (position[timed] - mono[timed] + _EXACT) % _QUARTER
        return bool((apart <= 2 * _EXACT).all())
    said = boots[(boots >= 0) & (boots < len(position))]
    # few zones are off by part of an hour, and chance is twelve minutes in the hour else
    sharp = since % HOUR <= _SOON or since % _QUARTER <= _EXACT
    return bool(sharp and (position[said] - position[0] <= _SOON).any())


def at_epoch(position: Ints) -> Ints:
    """Stamps of ``unset_clock`` as wall-clock times of 1970, or of the last hours of 1969."""
    late = position - YEAR_START > YEAR - DAY - SECOND
    return rebase(position, np.where(late, 1969, 1970))

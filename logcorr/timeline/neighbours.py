"""When the sources that carry dates were written: what dates those that carry none.

One line with a mad date (a clock that leapt, a number that looks like a time) must not date every other log, so each
source counts for each of its stretches by the share of its lines that lie there.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.timeline.tracks.track import LOCAL, UTC_KIND, Track
from logcorr.times.micros import DAY, SECOND, Bools, Ints

OVERLAP: Final = 2 * DAY  # how far two sources of one incident may lie apart
YEAR_2000: Final = 946_684_800 * SECOND  # a year before is that of a clock that was not set
_AHEAD: Final = 2 * DAY  # no line was written later than now, whatever its clock and zone
_PAUSE: Final = 180 * DAY  # a stretch ends where a source is silent for so long


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when (µs) some sources were written, and how much of them: 1 for all lines of one."""

    first: int
    last: int
    weight: float

    def near(self, first: int, last: int) -> bool:
        """Whether it lies within ``OVERLAP`` of another."""
        return first <= self.last + OVERLAP and last >= self.first - OVERLAP


def find_stretches(tracks: Iterable[Track], now: int) -> tuple[Stretch, ...]:
    """The stretches in which the sources that carry full dates were written, oldest first."""
    found = sorted((one for track in tracks for one in _of(track, now)), key=lambda one: one.first)
    merged: list[Stretch] = []
    for one in found:
        if merged and merged[-1].near(one.first, one.last):
            before = merged.pop()
            merged.append(Stretch(before.first, max(before.last, one.last), before.weight + one.weight))
        else:
            merged.append(one)
    return tuple(merged)


def heaviest(stretches: Iterable[Stretch]) -> Stretch | None:
    """The stretch that most lines of most sources lie in; of equal ones the latest."""
    return max(stretches, key=lambda one: (one.weight, one.last), default=None)


def is_dated(track: Track) -> Bools:
    """Which records carry a full date that a clock that was set may show."""
    dated: Bools = ((track.kind == UTC_KIND) | (track.kind == LOCAL)) & (track.stamp > YEAR_2000)
    return dated


def _of(track: Track, now: int) -> list[Stretch]:
    dated: Ints = track.stamp[is_dated(track) & (track.stamp <= now + _AHEAD)]
    if not dated.size:
        return []
    if int(dated.max()) - int(dated.min()) <= _PAUSE:
        return [Stretch(int(dated.min()), int(dated.max()), 1.0)]
    dated = np.sort(dated)
    edges = [0, *(np.flatnonzero(np.diff(dated) > _PAUSE) + 1).tolist(), len(dated)]
    return [Stretch(int(dated[a]), int(dated[b - 1]), (b - a) / len(dated)) for a, b in pairwise(edges)]

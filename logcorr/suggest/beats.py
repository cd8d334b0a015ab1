"""Kinds of line that recur on a period, as timers and cron jobs do (``logcorr.chance.rhythm``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from logcorr.chance.rhythm import FEWEST_BEATS, MOST_MISSED, Rhythm, clearest
from logcorr.chance.tails import adjust
from logcorr.dataclass import dataclass
from logcorr.suggest.series import KindSeries, Occurrences
from logcorr.times.micros import Ints

#: Of a beat that is told, at least this share of the intervals is on it. One of which fewer are explains only why
#: another kind of line with the same period seems to follow.
LEAST_TOLD: Final = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Recurring:
    """A series (by its place) that has a beat on one host; ``rows`` of the timeline are consecutive beats."""

    series: int
    host: int
    rhythm: Rhythm
    rows: Ints
    adjusted: float = 1.0

    def strict(self) -> bool:
        """Whether hardly anything is off the beat."""
        return self.rhythm.on_beat >= LEAST_TOLD * self.rhythm.intervals


def find_beats(found: Occurrences, false_discoveries: float) -> list[Recurring]:
    """The clearest beat of each series that has one, the clearest first."""
    parts = [
        (place, host, one.at[here], one.rows[here])
        for place, one in enumerate(found.series)
        for host in np.unique(one.host).tolist()
        if (here := one.host == host).sum() > FEWEST_BEATS
    ]
    tested = [
        Recurring(place, host, rhythm, rows[rhythm.places])
        for place, host, at, rows in parts
        if (rhythm := clearest(at)) is not None
    ]
    rates = adjust([beat.rhythm.p_value for beat in tested], len(parts))
    rated = [replace(beat, adjusted=rate) for beat, rate in zip(tested, rates, strict=True)]
    best: dict[int, Recurring] = {}
    for beat in sorted((beat for beat in rated if beat.adjusted <= false_discoveries), key=_order):
        best.setdefault(beat.series, beat)
    return list(best.values())


def _order(beat: Recurring) -> tuple[float, int, int]:
    return beat.rhythm.p_value, -beat.rhythm.intervals, beat.series


def in_step(one: Rhythm, other: Rhythm) -> bool:
    """Whether one period is a multiple of the other."""
    short, long = sorted((one.period, other.period))
    times = max(round(long / short), 1)
    return times <= MOST_MISSED and abs(long - times * short) <= one.tolerance + other.tolerance


def locked(beat: Recurring, leader: Recurring, found: Occurrences) -> bool:
    """Whether a beat keeps a steady distance to that of ``leader``: then both tell of the same timer."""
    if beat.host != leader.host:
        return False
    mine, theirs = (_on_host(found.series[each.series], each.host) for each in (beat, leader))
    since = mine - theirs[np.maximum(np.searchsorted(theirs, mine, side="right") - 1, 0)]
    near, far = np.quantile(since, [0.25, 0.75])
    slack = 2 * max(beat.rhythm.tolerance, leader.rhythm.tolerance)
    return bool(far - near <= slack and abs(near) < leader.rhythm.period)


def _on_host(one: KindSeries, host: int) -> Ints:
    return np.asarray(one.at[one.host == host])

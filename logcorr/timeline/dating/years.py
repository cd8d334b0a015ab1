"""Dates for stamps that lack them: years counted backward from an anchor, days from the order of the lines.

All functions see one clock's stamps, oldest line first, as µs since 1972-01-01 (a year with a 29 February).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Rows, falls_and_rises
from logcorr.timeline.neighbours import OVERLAP, Stretch
from logcorr.times.micros import DAY, HOUR, NULL, Bools, Ints, to_datetime, to_micros

YEAR: Final = 366 * DAY
YEAR_START: Final = 2 * 365 * DAY  # 1972-01-01
_PIECE: Final = 1 << 20
_MANY: Final = 1000  # falls that are looked at one by one
_MARCH: Final = YEAR_START + 60 * DAY
_LATE: Final = 30 * DAY  # a line from "next December" after one from January is a late line from last December
_ZONE: Final = 14 * HOUR  # local time may be ahead of UTC by this much
_BACK: Final = 12  # years
_AGREES: Final = 2  # the file's own date yields to sources that weigh more than this many times as much


@dataclass(frozen=True, slots=True)
class Anchors:
    """What bounds the date of a source's newest line, in order of trust. All times are µs, UTC."""

    stated: int | None = None  # a year that the text states
    stated_from: str = "the log"
    modified: datetime | None = None  # of the file: nothing in it is later
    neighbours: tuple[Stretch, ...] = ()  # when the sources that carry years were written
    window: tuple[int, int] | None = None  # the window asked for
    now: int = 0


@dataclass(frozen=True, slots=True)
class Turns:
    """How often the calendar has turned over, against the newest stamp: 0 or less, by stretch of the stamps."""

    starts: Rows  # where each stretch begins, and the end
    turn: Ints

    def stretches(self) -> Iterator[tuple[slice, int]]:
        """Each stretch with its turn."""
        for (begin, end), turn in zip(pairwise(self.starts.tolist()), self.turn.tolist(), strict=True):
            yield slice(begin, end), turn

    def at(self, positions: Rows) -> Ints:
        """The turn of some stamps."""
        return self.turn[np.searchsorted(self.starts, positions, side="right") - 1]


def turns(position: Ints, period: int, back: int, late: int) -> Turns:
    """How often the calendar turns over between stamps that come round after ``period``.

    A fall of more than ``back`` is a turn; a rise of more than ``period - late`` right after one is a late line of the
    old year. A short stretch that falls and then rises to where it left off is a clock that was wrong, not a turn.
    """
    falls, rises = falls_and_rises(position, back, period - late)
    if len(falls) < _MANY:
        falls = np.array([fall for fall in falls if not _is_wrong_clock(position, int(fall), period)], dtype=np.int64)
    at = np.concatenate([falls, rises])
    order = np.argsort(at, kind="stable")
    change = np.concatenate([np.ones(len(falls), dtype=np.int64), -np.ones(len(rises), dtype=np.int64)])[order]
    turn = np.concatenate([[0], np.cumsum(change)])
    return Turns(np.concatenate([[0], at[order], [len(position)]]), turn - turn.max())


def _is_wrong_clock(position: Ints, start: int, period: int) -> bool:
    before = position[start - 1]
    if position[start] + period - before < 2 * DAY:
        return False
    back = np.flatnonzero(position[start:] >= before - HOUR)
    if not back.size:
        return False
    end = start + int(back[0])
    return bool(
        position[end] - before < 31 * DAY
        and abs(position[end - 1] - position[start]) < DAY
        and position[end] - position[end - 1] > DAY
    )


def rebase(position: Ints, year: Ints | int) -> Ints:
    """Stamps of 1972 moved to ``year``; 29 February becomes 1 March where there is none."""
    years = np.asarray(year, dtype=np.int64)
    low = int(years.min(initial=9999))
    table = np.arange(low, int(years.max(initial=low)) + 2)
    begins = (table - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) * DAY
    common = np.diff(begins) == 365 * DAY
    moved: Ints = position - YEAR_START + begins[years - low]
    moved -= (common[years - low] & (position >= _MARCH)) * DAY
    return moved


def to_1972(wall: Ints) -> Ints:
    """The same day and time in 1972."""
    moment = wall.astype("datetime64[us]")
    day = moment.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    first = (month.astype(np.int64) % 12 + 24).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    in_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    moved: Ints = (first + in_month) * DAY + (moment - day).astype(np.int64)
    return moved


def nearest_year(position: Ints, reference: Ints) -> Ints:
    """Each stamp of 1972 in the year that brings it closest to its reference time."""
    year = reference.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    options = np.stack([rebase(position, year + step) for step in (-1, 0, 1)])
    best = np.abs(options - reference).argmin(axis=0)
    chosen: Ints = np.take_along_axis(options, best[np.newaxis], axis=0)[0]
    return chosen


def nearest_day(position: Ints, reference: Ints) -> Ints:
    """Each time of day on the day that brings it closest to its reference time."""
    clock = position - YEAR_START
    day = (reference - clock + DAY // 2) // DAY
    nearest: Ints = clock + day * DAY
    return nearest


def place_years(position: Ints, anchors: Anchors, dated: Ints | None = None) -> tuple[Ints, str]:
    """Wall-clock times for stamps without a year, and in words where the year came from.

    ``dated`` has, for each stamp, the time of the nearest line of the same file that carries a date (or ``NULL``).
    """
    turned = turns(position, YEAR, back=YEAR // 2, late=_LATE)
    if dated is not None and (dated != NULL).any():
        known = np.flatnonzero(dated != NULL)
        nearest = nearest_year(position[known], dated[known])
        years = nearest.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970 - turned.at(known)
        year, source = int(np.median(years)), "its own lines with a year"
    else:
        year, source = _choose(_Spans.of(position, turned), anchors)
    wall = np.empty_like(position)
    for stretch, turn in turned.stretches():
        wall[stretch] = rebase(position[stretch], year + turn)
    return wall, source


@dataclass(frozen=True, slots=True)
class _Spans:
    """First and last stamp of every turn, and whether it has a 29 February."""

    turn: Ints
    first: Ints
    last: Ints
    leap: Bools

    @classmethod
    def of(cls, position: Ints, turned: Turns) -> _Spans:
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        leap: set[int] = set()
        for stretch, turn in turned.stretches():
            stamps = position[stretch]
            first[turn] = min(first.get(turn, int(stamps[0])), int(stamps.min()))
            last[turn] = max(last.get(turn, int(stamps[0])), int(stamps.max()))
            if ((stamps >= _MARCH - DAY) & (stamps < _MARCH)).any():
                leap.add(turn)
        values = np.array(sorted(first), dtype=np.int64)
        return cls(
            values,
            np.array([first[turn] for turn in values.tolist()], dtype=np.int64),
            np.array([last[turn] for turn in values.tolist()], dtype=np.int64),
            np.array([turn in leap for turn in values.tolist()], dtype=np.bool_),
        )

    def extent(self, year: int) -> tuple[int, int]:
        return (
            int(rebase(self.first, year + self.turn).min()),
            int(rebase(self.last, year + self.turn).max()),
        )

    def exists(self, year: int) -> bool:
        """Whether every 29 February falls into a leap year."""
        years = self.turn[self.leap] + year
        return bool(np.all((years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))))


def _choose(spans: _Spans, anchors: Anchors) -> tuple[int, str]:
    """The year of the newest turn."""
    if anchors.stated:
        return anchors.stated, anchors.stated_from
    limit, source = _limit(anchors)
    year = _latest(spans, lambda extent: extent[1] <= limit, _year_of(limit) + 1)
    around = anchors.neighbours or ((Stretch(*anchors.window, 1.0),) if anchors.window else ())
    if not around:
        return year, source

    def weight(other: int) -> float:
        return sum(one.weight for one in around if one.near(*spans.extent(other)))

    newest = _year_of(max(one.last for one in around)) + 1
    best = max((weight(other), spans.exists(other), other) for other in range(newest, newest - _BACK, -1))
    if best[0] <= _AGREES * weight(year) or not best[1]:
        return year, source
    words = "the sources with years" if anchors.neighbours else "the window asked for"
    return best[2], f"{words} ({source} would have said {year})"


def _limit(anchors: Anchors) -> tuple[int, str]:
    if anchors.modified:
        return to_micros(anchors.modified) + _ZONE, "the file's modification time"
    if anchors.neighbours:
        return max(one.last for one in anchors.neighbours) + OVERLAP, "the sources with years"
    if anchors.window:
        return anchors.window[1] + OVERLAP, "the window asked for"
    return anchors.now + _ZONE, "the current date"


def _latest(spans: _Spans, fits: Callable[[tuple[int, int]], bool], newest: int) -> int:
    """The latest year that fits and has the 29 Februaries seen; else the latest that fits."""
    fitting = [year for year in range(newest, newest - _BACK, -1) if fits(spans.extent(year))]
    return next((year for year in fitting if spans.exists(year)), fitting[0] if fitting else newest - 1)


def _year_of(micros: int) -> int:
    return to_datetime(micros).year


def place_days(position: Ints, last: int) -> Ints:
    """Wall-clock times for stamps without a date, the newest no later than ``last`` (µs, local)."""
    turned = turns(position, DAY, back=HOUR, late=HOUR)
    wall = np.empty_like(position)
    for stretch, turn in turned.stretches():
        wall[stretch] = position[stretch] - YEAR_START + turn * DAY
    wall += (last - int(wall.max(initial=0))) // DAY * DAY
    return wall


def is_newest_first(stamp: Ints, wraps: Callable[[slice], Ints | int]) -> bool:
    """Whether a file runs backward. ``wraps`` is how long until stamps come round; 0 where they carry a full date."""
    down = up = 0
    for start in range(0, len(stamp), _PIECE):
        delta = np.diff(stamp[start : start + _PIECE + 1])
        wrap = wraps(slice(start + 1, start + 1 + len(delta)))
        delta = np.where((np.asarray(wrap) > 0) & (np.abs(delta) > np.asarray(wrap) // 2), -delta, delta)
        down += int((delta < 0).sum())
        up += int((delta > 0).sum())
    return down >= 3 and down >= 4 * up

"""Wall clocks to UTC under a zone. The order of the lines tells the two passes of a repeated hour apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from fnmatch import fnmatchcase
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.errors import UsageError
from logcorr.timeline.arrays import Rows, grouped
from logcorr.times.micros import DAY, MINUTE, NULL, SECOND, Bools, Ints, to_datetime
from logcorr.times.posix_zone import posix_zone

_PIECE: Final = 1 << 20
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.ASCII)


def find_zone(text: str) -> tzinfo:
    """An IANA name, ``UTC``, an offset (``+01:00``, ``-0330``, ``UTC+2``) or what POSIX has in TZ as a tzinfo.

    Raises:
        UsageError: no such zone.
    """
    if text.strip().upper() in ("UTC", "Z", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(text.strip())
    if offset and int(offset["hours"]) < 24 and int(offset["minutes"] or 0) < 60:
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-size if offset["sign"] == "-" else size)
    try:
        return posix_zone(text.strip()) or ZoneInfo(text.strip())
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"the zone {text!r} is not known", hint='write an IANA name ("Europe/Zagreb") or an offset ("+01:00")'
        ) from None


def stated_zone(text: str | None) -> tzinfo | None:
    """The zone that a log states; None if it states none, or one that is not known (an ambiguous abbreviation)."""
    try:
        return find_zone(text) if text else None
    except UsageError:
        return None


def given_zone(zones: Mapping[str, str], host: str | None, path: str) -> str | None:
    """The zone that the user gave for a host, or for a file by name or glob. The longest match wins."""
    names = [name for name in (host, path, path.rpartition("/")[2]) if name]
    matching = [
        (pattern in names, len(pattern), pattern)
        for pattern in zones
        if any(name == pattern or fnmatchcase(name, pattern) for name in names)
    ]
    return zones[max(matching)[2]] if matching else None


@dataclass(frozen=True, slots=True)
class Conversion:
    """Wall clocks as UTC."""

    time: Ints
    open: Rows  # stamps of a repeated hour of which nothing tells the pass: time is the first one's
    second: Ints  # the second pass for each of ``open``
    skipped: int  # stamps that fall into an hour that the zone skips; they are taken for the hour after it


def to_utc(wall: Ints, zone: tzinfo, received: Ints | None = None) -> Conversion:
    """Wall-clock µs, in the order of the lines, as UTC. ``received`` are the collector's stamps, or ``NULL``."""
    at, before, after = _transitions(zone, wall)
    nothing = np.array([], dtype=np.int64)
    if not len(at):
        return Conversion(wall - before[0], nothing, nothing, 0)
    offset = np.concatenate([before[:1], after])
    time = np.empty_like(wall)
    skipped, folds = 0, []
    for start in range(0, len(wall), _PIECE):
        piece = wall[start : start + _PIECE]
        early = np.searchsorted(at + before, piece, side="right")
        late = np.searchsorted(at + after, piece, side="right")
        skipped += int((early > late).sum())
        folds.append(np.flatnonzero(late > early) + start)
        time[start : start + _PIECE] = piece - offset[np.minimum(early, late)]
    folded = np.concatenate(folds)
    late = np.searchsorted(at + after, wall[folded], side="right")
    second = wall[folded] - offset[late]
    undecided = np.zeros(len(folded), dtype=np.bool_)
    for group in grouped(late):
        rows = folded[group]
        again, sure = _second_pass(wall[rows], second[group], None if received is None else received[rows])
        time[rows[again]] = second[group[again]]
        undecided[group[~sure]] = True
    return Conversion(time, folded[undecided], second[undecided], skipped)


def _second_pass(wall: Ints, later: Ints, received: Ints | None) -> tuple[Bools, Bools]:
    """Which stamps of a repeated hour belong to its second pass, and which of these answers are sure.

    A receive stamp decides for its own line. Else the clock that falls back within the hour marks the second pass.
    """
    second = np.zeros(len(wall), dtype=np.bool_)
    sure = np.zeros(len(wall), dtype=np.bool_)
    step = np.diff(wall)
    falls = np.flatnonzero(step < min(-MINUTE, int(step.min(initial=0)) // 2))
    if len(falls):
        # what lies between two falls came late from the first pass, or is the second already
        second[falls[-1] + 1 :] = True
        sure[: falls[0] + 1] = sure[falls[-1] + 1 :] = True
    if received is not None:
        known = received != NULL
        second[known] = later[known] <= received[known] + MINUTE
        sure |= known
    return second, sure


def _transitions(zone: tzinfo, wall: Ints) -> tuple[Ints, Ints, Ints]:
    """Instants where the zone's offset changes around the given times, with the offsets before and after (µs)."""
    if isinstance(zone, timezone) or not len(wall):
        constant = np.array([_offset(zone, 0)])
        return np.array([], dtype=np.int64), constant, constant
    start, end = _bounds(wall)
    at, before, after = [], [], []
    last = _offset(zone, start)
    first = last
    for moment in range(start, end + 7 * DAY, 7 * DAY):
        current = _offset(zone, moment)
        if current != last:
            at.append(_bisect(zone, moment - 7 * DAY, moment))
            before.append(last)
            after.append(current)
            last = current
    if not at:
        return np.array([], dtype=np.int64), np.array([first]), np.array([first])
    return np.array(at), np.array(before), np.array(after)


def _bounds(wall: Ints) -> tuple[int, int]:
    """The years worth looking at: 1970 to 2100 at most."""
    low, high = 0, 130 * 366 * DAY
    return (
        min(max(int(wall.min()), low), high) // DAY * DAY - 2 * DAY,
        min(max(int(wall.max()), low), high) // DAY * DAY + 2 * DAY,
    )


def _bisect(zone: tzinfo, low: int, high: int) -> int:
    before = _offset(zone, low)
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: tzinfo, micros: int) -> int:
    offset = to_datetime(micros).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


def offset_text(micros: int) -> str:
    """An offset as it is written: ``+01:00``, ``UTC``."""
    if not micros:
        return "UTC"
    sign, minutes = "-" if micros < 0 else "+", abs(micros) // MINUTE
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def zone_text(zone: tzinfo) -> str:
    """A zone as the report names it."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    return offset_text(_offset(zone, 0))


def local_now(micros: int, zone: tzinfo) -> int:
    """The wall clock of a zone at an instant, in µs."""
    return micros + _offset(zone, micros)

"""Times and durations in words: every time carries its offset, and UTC is never far."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from logcorr.dataclass import dataclass
from logcorr.times.timespan import duration

_OFFSET: Final = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One instant, written for its uses."""

    iso: str  # RFC 3339, UTC, microseconds
    utc: str  # the same for the eye: 2025-11-04 02:00:45.120000Z
    date: str  # the page's zone from here on: 2025-11-04
    time: str  # 03:00:45
    offset: str  # Z or +01:00

    @property
    def full(self) -> str:
        """Date, time and offset."""
        return f"{self.date} {self.time}{self.offset}"

    @property
    def both(self) -> str:
        """The same, with UTC beside it where the page's zone is another."""
        return f"{self.full}{self._beside()}"

    @property
    def short_both(self) -> str:
        """``short``, with UTC beside it where the page's zone is another."""
        return f"{self.short}{self._beside()}"

    def _beside(self) -> str:
        day, time = self.iso[:10], self.iso[11:19]
        return "" if self.offset == "Z" else f" · {'' if day == self.date else f'{day} '}{time}Z"

    @property
    def short(self) -> str:
        """Time and offset, for places that name the date once."""
        return f"{self.time}{self.offset}"


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone in which a report prints its times."""

    name: str
    zone: tzinfo
    known: bool = True

    def stamp(self, time: datetime) -> Stamp:
        """Write ``time`` for the page."""
        try:
            local = time.astimezone(self.zone)
        except OverflowError:  # the first and last day of the calendar have no local time everywhere
            local = time.astimezone(UTC)
        iso = rfc3339(time)
        return Stamp(
            iso=iso,
            utc=iso.replace("T", " "),
            date=local.date().isoformat(),
            time=local.strftime("%H:%M:%S"),
            offset=_offset(local.utcoffset()),
        )

    def maybe(self, time: datetime | None) -> Stamp | None:
        """``stamp``, or None for a time that is not known."""
        return None if time is None else self.stamp(time)


def clock(zone: str) -> Clock:
    """Return the clock of a zone of the IANA database or of an offset; of none such UTC, ``known`` false."""
    if zone.upper() in {"", "UTC", "Z", "ETC/UTC"}:
        return Clock("UTC", UTC)
    if offset := _OFFSET.fullmatch(zone):
        size = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return Clock(f"UTC{zone}", timezone(-size if offset[1] == "-" else size)) if size else Clock("UTC", UTC)
    try:
        return Clock(zone, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder or is too long
        return Clock(zone, UTC, known=False)


def rfc3339(time: datetime) -> str:
    """Write ``time`` by RFC 3339 in UTC with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def lag(earlier: datetime, later: datetime) -> str:
    """Write the time from one event to the next: ``+12 s``."""
    words = duration((later - earlier).total_seconds())
    return words if words.startswith("−") else f"+{words}"


def _offset(offset: timedelta | None) -> str:
    minutes = round((offset or timedelta()).total_seconds() / 60)
    if not minutes:
        return "Z"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"

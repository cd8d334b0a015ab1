"""Times and durations in words: every time carries its offset, and UTC is never far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from logcorr.dataclass import dataclass
from logcorr.times.timespan import duration


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
    """Return the clock of a zone of the IANA database; UTC, and ``known`` false, where there is no such zone."""
    if zone.upper() in {"", "UTC", "Z", "ETC/UTC"}:
        return Clock("UTC", UTC)
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

"""Times and durations in words: every time carries its offset, and UTC is never far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


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
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def duration(seconds: float) -> str:
    """Write a duration in its greatest units: ``40 ms``, ``0.3 s``, ``4 min 24 s``, ``3 h 5 min``, ``2 d 4 h``."""
    size = abs(seconds)
    sign = "−" if seconds < 0 else ""
    if 0.0005 <= size < 0.095:
        return f"{sign}{size * 1000:.0f} ms"
    if size < 10 and round(size, 1) != round(size):
        return f"{sign}{size:.1f} s"
    whole = round(size)
    if whole < _MINUTE:
        return f"{sign if whole else ''}{whole} s"
    if whole < _HOUR:
        return sign + _pair(whole, _MINUTE, 1, "min", "s")
    if whole < _DAY:
        return sign + _pair(whole, _HOUR, _MINUTE, "h", "min")
    return sign + _pair(whole, _DAY, _HOUR, "d", "h")


def lag(earlier: datetime, later: datetime) -> str:
    """Write the time from one event to the next: ``+12 s``."""
    words = duration((later - earlier).total_seconds())
    return words if words.startswith("−") else f"+{words}"


def _pair(seconds: int, great: int, small: int, great_unit: str, small_unit: str) -> str:
    count, rest = divmod(seconds, great)
    rest //= small
    return f"{count:,} {great_unit} {rest} {small_unit}" if rest else f"{count:,} {great_unit}"


def _offset(offset: timedelta | None) -> str:
    minutes = round((offset or timedelta()).total_seconds() / _MINUTE)
    if not minutes:
        return "Z"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"

"""The grammar of ``--since`` and ``--until``: systemd.time(7), "Parsing timestamps" and "Parsing time spans".

    2025-11-04 03:00:45        Tue 2025-11-04 03:00    2025-11-04T03:00:45+01:00    25-11-04    03:00
    2025-11-04 03:00 UTC       2025-11-04 03:00 Europe/Zagreb                       today    yesterday UTC
    -2h    +3h30min    11min ago    2 days left    @1762225245.25    now

An hour that daylight saving skips is taken as the hour after it, and one that it repeats as the later of the two, as
systemd does. Stricter than systemd in one point: a day that no calendar has (02-30) is refused, not carried over.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from logcorr.errors import UsageError
from logcorr.times.posix_zone import posix_zone
from logcorr.times.timespan import parse_duration

_HINT: Final = 'write "2025-11-04 03:00", "2025-11-04T03:00:00+01:00", "yesterday", "-2h", "11min ago" or "@1762225245"'
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TOKENS: Final = {"today": 0, "yesterday": -1, "tomorrow": 1}
_RELATIVE: Final = re.compile(r"(?P<sign>[+-])(?P<span>.+)|(?P<plain>.+?)\s*\b(?P<way>ago|left)", re.DOTALL)
_TIMESTAMP: Final = re.compile(
    r"""(?:(?P<weekday>[A-Za-z]+),?\s+)?
        (?:(?P<date>(?:\d{4}|\d{2})-\d{1,2}-\d{1,2})(?:(?:\s+|T)(?=\d{1,2}:)|\s*(?!\S)|\s+(?=[A-Za-z+-])))?
        (?P<time>\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,6}\d*)?)?)?
        \s*(?P<zone>[A-Za-z][A-Za-z0-9_+/-]*|[+-]\d{2}(?::?\d{2})?)?""",
    re.VERBOSE | re.ASCII,
)
_OFFSET: Final = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?", re.ASCII)


def parse_when(text: str, now: datetime, zone: str | tzinfo) -> datetime:
    """The instant, aware and in UTC, that ``text`` names for a reader in ``zone`` at the time ``now``.

    ``zone`` is an IANA name, an offset, or a tzinfo; it applies where the text names none.

    Raises:
        UsageError: the text is not in the grammar, or names a time that does not exist.
    """
    text = text.strip()
    home = zone if isinstance(zone, tzinfo) else _zone(zone, None, text)
    try:
        return _relative(text, now) or _token(text, now, home) or _timestamp(text, now, home)
    except OverflowError:
        _refuse(text, "it is beyond the calendar")
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time: {error}", hint=_HINT) from None


def _refuse(text: str, why: str = "it is not in the grammar of systemd.time") -> NoReturn:
    raise UsageError(f"{text!r} is not a time: {why}", hint=_HINT)


def _relative(text: str, now: datetime) -> datetime | None:
    """``@epoch``, ``now``, ``±span``, ``span ago`` and ``span left``."""
    if text == "now":
        return now.astimezone(UTC)
    if text.startswith("@"):
        if not re.fullmatch(r"\d+(\.\d+)?", text[1:], re.ASCII):
            _refuse(text, "seconds since 1970 must follow the @")
        whole, _, fraction = text[1:].partition(".")
        return datetime.fromtimestamp(int(whole), UTC) + timedelta(microseconds=int(f"{fraction:0<6}"[:6]))
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return None
    span = _span(match["span"] or match["plain"], text)
    return now.astimezone(UTC) + (-span if match["sign"] == "-" or match["way"] == "ago" else span)


def _span(span: str, text: str) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(span.strip()))
    except ValueError as error:
        _refuse(text, str(error))


def _token(text: str, now: datetime, home: tzinfo) -> datetime | None:
    word, _, rest = text.partition(" ")
    if word not in _TOKENS:
        return None
    place = _zone(rest.strip(), None, text) if rest.strip() else home
    day = now.astimezone(place).date() + timedelta(days=_TOKENS[word])
    return _instant(datetime.combine(day, time()), place)


def _timestamp(text: str, now: datetime, home: tzinfo) -> datetime:
    match = _TIMESTAMP.fullmatch(text)
    if match is None or not (match["date"] or match["time"]):
        _refuse(text)
    clock = _clock(match["time"])
    place = home
    if match["zone"]:
        given = _date(match["date"]) if match["date"] else now.astimezone(home).date()
        place = _zone(match["zone"], datetime.combine(given, time()).replace(tzinfo=home), text)
    day = _date(match["date"]) if match["date"] else now.astimezone(place).date()
    if match["weekday"] and not _is_weekday(match["weekday"], day):
        _refuse(text, f"{day} is a {_DAYS[day.weekday()].capitalize()}")
    return _instant(datetime.combine(day, time()) + clock, place)


def _clock(text: str | None) -> timedelta:
    if text is None:
        return timedelta()
    hours, minutes, seconds = [*text.split(":"), "0"][:3]
    whole, _, fraction = seconds.partition(".")
    if int(hours) > 23 or int(minutes) > 59 or int(whole) > 60:
        raise ValueError("hours go to 23, minutes to 59, seconds to 60")
    return timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(whole), microseconds=int(f"{fraction:0<6}"[:6])
    )


def _date(text: str) -> date:
    year, month, day = (int(part) for part in text.split("-"))
    return date(year if year > 99 else year + (1900 if year > 68 else 2000), month, day)


def _is_weekday(word: str, day: date) -> bool:
    name = _DAYS[day.weekday()]
    return word.lower() in (name, name[:3])


def _zone(text: str, near: datetime | None, whole: str) -> tzinfo:
    """An offset, ``Z``, ``UTC``, an IANA name, or an abbreviation that the zone of ``near`` uses in that year."""
    if text.upper() in ("Z", "UTC"):
        return UTC
    offset = _OFFSET.fullmatch(text)
    if offset:
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        if size >= timedelta(hours=24) or int(offset["minutes"] or 0) > 59:
            _refuse(whole, f"{text} is not an offset from UTC")
        return timezone(-size if offset["sign"] == "-" else size)
    abbreviation = _abbreviation(text, near) if near else None
    if abbreviation:
        return abbreviation
    try:
        return posix_zone(text) or ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        _refuse(whole, f"the zone {text!r} is not known")


def _abbreviation(text: str, near: datetime) -> tzinfo | None:
    for month in (1, 7):
        sample = near.replace(month=month, day=1)
        if sample.tzname() == text:
            return timezone(sample.utcoffset() or timedelta(), text)
    return None


def _instant(wall: datetime, place: tzinfo) -> datetime:
    """A wall clock as an instant: the later of two readings, or the first one after a gap."""
    later = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    earlier = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    return max(later, earlier)

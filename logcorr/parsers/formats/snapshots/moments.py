"""When a snapshot was taken: the line that date(1) printed before it, the name of its file, or nobody knows.

References: date(1) and its locale's ``date_fmt``, watch(1), ping(8) ``-D``, RFC 3339, RFC 2822.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.months import MONTHS

SECOND: Final = 1_000_000
_MINUTE: Final = 60 * SECOND
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  wall clocks and UTC alike are counted from here
_SECOND_60: Final = 60

_CLOCK: Final = r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?"
_ZONE: Final = r"(?P<z>Z|(?:UTC|GMT)?[+-][0-9]{2}:?[0-9]{2}|[A-Z]{3,5})"
_MONTH: Final = r"(?P<month>[^\W\d_]{2,8})\.?"
_DAY: Final = r"(?P<d>[0-9]{1,2})\.?"
_YEAR: Final = r"(?P<y>[12][0-9]{3})"
_WEEKDAY: Final = r"(?:[^\W\d_]{2,4}\.?,? +)?"
_HALF: Final = r"(?: (?P<half>[AP]M))?"

_FORMS: Final = tuple(
    re.compile(rf"{form}$")
    for form in (
        rf"(?:{_WEEKDAY})?{_YEAR}[-/](?P<mo>[0-9]{{2}})[-/](?P<d>[0-9]{{2}})[T ]{_CLOCK} ?{_ZONE}?",
        rf"{_WEEKDAY}{_MONTH} +{_DAY} {_CLOCK}{_HALF}(?: {_ZONE})? {_YEAR}",
        rf"{_WEEKDAY}{_DAY} {_MONTH} {_CLOCK}{_HALF}(?: {_ZONE})? {_YEAR}",
        rf"{_WEEKDAY}{_DAY} {_MONTH} {_YEAR},? {_CLOCK}{_HALF}(?: {_ZONE})?",
        r"(?P<epoch>1[0-9]{9})(?:\.(?P<f>[0-9]{1,9}))?",
    )
)
_NAMED: Final = re.compile(
    r"(?<![0-9])(?P<y>20[0-9]{2})[-_.]?(?P<mo>[01][0-9])[-_.]?(?P<d>[0-3][0-9])[-_.T ]{1,2}"
    r"(?P<h>[0-2][0-9])[-_.:h]?(?P<m>[0-5][0-9])(?:[-_.:m]?(?P<s>[0-5][0-9]))?(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?(?![0-9])"
)
_NAMED_EPOCH: Final = re.compile(r"(?<![0-9])(?P<epoch>1[0-9]{9})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as printed: µs since 1970 in UTC or on the local wall clock, and how much later it may have been."""

    micros: int
    kind: str  # "utc" or "local", as in schema.STAMP_KINDS
    resolution: int  # µs

    def at_least(self, resolution: int) -> Moment:
        """The same time, known no better than to ``resolution``."""
        return self if resolution <= self.resolution else replace(self, resolution=resolution)

    def after(self, micros: int) -> Moment:
        """The time that much later."""
        return replace(self, micros=self.micros + micros)


def moment_of(text: str) -> Moment | None:
    """``text`` as the time that it is from end to end: what date(1) prints in any usual form. Else nothing."""
    for form in _FORMS:
        found = form.match(text)
        if found:
            return _moment(found.groupdict())
    return None


def moment_in_name(path: str) -> Moment | None:
    """The date and time that a file's name, or a folder's above it, ends or begins with; a date alone is none."""
    for part in reversed(re.split(r"[/\\!]", path)):
        found = _NAMED.search(part) or _NAMED_EPOCH.search(part)
        moment = found and _moment(found.groupdict())
        if found and moment:
            whole = "epoch" in found.groupdict() or found["s"]
            return moment if whole else moment.at_least(_MINUTE)
    return None


def _moment(parts: dict[str, str | None]) -> Moment | None:
    fraction = parts.get("f") or ""
    micros = int(fraction[:6].ljust(6, "0"))
    resolution = SECOND // 10 ** min(len(fraction), 6)
    if parts.get("epoch"):
        return Moment(int(parts["epoch"] or 0) * SECOND + micros, "utc", resolution)
    month = int(parts.get("mo") or 0) or MONTHS.get((parts.get("month") or "").lower(), 0)
    try:
        wall = datetime(int(parts["y"] or 0), month, int(parts["d"] or 0))  # noqa: DTZ001  zone follows
        seconds = min(int(parts.get("s") or 0), _SECOND_60 - 1)
        wall += timedelta(hours=_hour(parts), minutes=int(parts["m"] or 0), seconds=seconds, microseconds=micros)
        zone = parts.get("z") or ""
        east = _minutes_east(zone)
        if zone.isalpha() and east is None and not zone.endswith("T"):
            return None  # FAIL is no zone, IST is one of several
        moved = (wall - timedelta(minutes=east or 0) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
    return Moment(moved, "local" if east is None else "utc", resolution)


def _hour(parts: dict[str, str | None]) -> int:
    hour, half = int(parts["h"] or 0), parts.get("half")
    return hour if not half else hour % 12 + (12 if half == "PM" else 0)


@lru_cache(maxsize=64)
def _minutes_east(zone: str) -> int | None:
    """Minutes east of UTC; none where the zone is not printed, or means several."""
    value = stamps.offset(pl.Series([zone or None], dtype=pl.String)).item()
    return None if value is None else int(value)

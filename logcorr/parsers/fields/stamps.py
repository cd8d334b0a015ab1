"""Printed times to numbers, a column at a time. What cannot be a time comes out as null, never as an exception."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

#: A year with a 29 February, for stamps that print none (``schema.STAMP_KINDS``).
YEAR: Final = "1972"

#: Offsets in minutes of the abbreviations that mean one zone only. IST, CST, PST and their like mean several and are
#: left out on purpose: such a time is read as local.
ABBREVIATIONS: Final[dict[str, int]] = {
    "Z": 0, "UTC": 0, "GMT": 0, "UCT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120,
    "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "EDT": -240, "CDT": -300, "MDT": -360, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "JST": 540, "KST": 540, "HKT": 480, "SAST": 120, "CAT": 120, "EAT": 180,
    "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480, "NZST": 720, "NZDT": 780, "WIB": 420,
}  # fmt: skip

#: What zone a file is in that prints one of these abbreviations: names that the zone database knows, with their DST.
ZONES: Final[dict[str, str]] = {
    "UTC": "UTC", "GMT": "UTC", "CET": "CET", "CEST": "CET", "MEZ": "CET", "MESZ": "CET", "EET": "EET", "EEST": "EET",
    "WET": "WET", "WEST": "WET", "MSK": "Europe/Moscow", "EDT": "America/New_York", "CDT": "America/Chicago",
    "MDT": "America/Denver", "PDT": "America/Los_Angeles", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
}  # fmt: skip

#: Abbreviations that mean several zones, with which a time is read as local.
_SEVERAL: Final = ("EST", "CST", "MST", "PST", "AST", "NST", "NDT", "ADT", "IST", "BST", "SST", "GST", "PKT", "WST")
#: One expression for all of them: a word of capitals behind a time is more often no zone (GET, ALERT).
ZONE_NAMES: Final = "|".join(
    sorted({*ABBREVIATIONS, *_SEVERAL} - {"Z", "UTC", "GMT"}, key=lambda one: (-len(one), one))
)

ISO: Final = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")
_SECOND: Final = 1_000_000
_DIGITS: Final = 6


def wall(text: pl.Series, formats: Sequence[str] = ISO) -> pl.Series:
    """Datetime("us") without zone; each format is tried on what the ones before it could not read.

    A leap second ``:60`` is read as the last microsecond before it.
    """
    # chrono takes :60 for the next minute, which at New Year is the next year
    leap = text.str.contains(":60", literal=True)
    if leap.any():
        text = pl.select(
            pl.when(leap).then(text.str.replace(r":60(?:\.[0-9]+)?", ":59.999999")).otherwise(text)
        ).to_series()
    found = _strptime(text, formats[0])
    for pattern in formats[1:]:
        if not found.null_count():
            break
        found = pl.select(pl.coalesce(found, _strptime(text, pattern))).to_series()
    return found


def _strptime(text: pl.Series, pattern: str) -> pl.Series:
    return text.str.to_datetime(pattern, time_unit="us", strict=False)


def yearless(text: pl.Series, formats: Sequence[str] = ("%b %d %H:%M:%S%.f",)) -> pl.Series:
    """Month, day and time in the year 1972: ``Nov  4 03:00:45``, ``Nov 04 03:00:45.123456``."""
    return wall(f"{YEAR} " + text, [f"%Y {pattern}" for pattern in formats])


def time_of_day(text: pl.Series) -> pl.Series:
    """``03:00:45[.123]`` on 1972-01-01."""
    return wall(f"{YEAR}-01-01 " + text, ISO[1:])


def offset(zone: pl.Series) -> pl.Series:
    """What to subtract from a wall clock: minutes east of UTC, null where ``zone`` is none or means several."""
    table = {text: _minutes(text) for text in zone.unique().drop_nulls()}
    return zone.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.Int64)


def _minutes(zone: str) -> int | None:
    text = zone.strip().removeprefix("UTC").removeprefix("GMT") or "Z"
    if text[0] not in "+-":
        return ABBREVIATIONS.get(text.upper())
    digits = text[1:].replace(":", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (2, 4):
        return None
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if text[0] == "-" else minutes


def utc(stamp: pl.Series, zone: pl.Series) -> pl.DataFrame:
    """Columns ``stamp`` and ``stamp_kind``: UTC where ``zone`` says how, else the wall clock as it was."""
    minutes = offset(zone)
    if not minutes.null_count():
        return pl.DataFrame({"stamp": stamp - minutes * timedelta(minutes=1)}).with_columns(stamp_kind=pl.lit("utc"))
    kind = pl.when(minutes.is_null()).then(pl.lit("local")).otherwise(pl.lit("utc"))
    return pl.select(stamp=stamp - minutes.fill_null(0) * timedelta(minutes=1), stamp_kind=kind)


def epoch(seconds: pl.Series, fraction: pl.Series) -> pl.Series:
    """Datetime("us") from whole seconds and the digits of a fraction, both String; exact, no floats."""
    micros = fraction.fill_null("").str.slice(0, _DIGITS).str.pad_end(_DIGITS, "0").cast(pl.Int64, strict=False)
    return (seconds.cast(pl.Int64, strict=False) * _SECOND + micros).cast(pl.Datetime("us"))


def resolution(fraction: pl.Series | None, length: int = 1) -> pl.Series:
    """What a time with these digits after the second leaves open, in µs."""
    if fraction is None:
        return pl.repeat(_SECOND, length, dtype=pl.Int64, eager=True)
    digits = fraction.str.len_bytes().fill_null(0).clip(upper_bound=_DIGITS).cast(pl.Int64)
    steps = [10 ** (_DIGITS - count) for count in range(_DIGITS + 1)]
    return digits.replace_strict(range(_DIGITS + 1), steps, return_dtype=pl.Int64)

"""Lines that lead with a date that is no ISO one: months by name, numbers in some order, digits without separators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import date_parts, stamps
from logcorr.parsers.fields.date_parts import CLOCK, NUMBERS
from logcorr.parsers.fields.months import MONTH
from logcorr.parsers.formats.generic import END, LEVEL, OPEN, ZONE, finish

_WEEKDAY: Final = r"(?:\p{L}{2,9}\.?,? )?"
_DAY: Final = r"(?P<day>[ 0-3]?[0-9])"
_MONTH: Final = rf"(?P<month>{MONTH})"
_YEAR: Final = r"(?P<year>[12][0-9]{3}|[0-9]{2})"
_LONG_YEAR: Final = r"(?P<year>[12][0-9]{3})"
_GAP: Final = r"[ T:,-]{1,3}"
_ZONES: Final = rf"{ZONE}(?: \([^)]{{2,40}}\))?"
_DAY_FIRST: Final = rf"{OPEN}{_WEEKDAY}{_DAY}\.?[ /.-]{_MONTH}[ /.,-]{{1,2}}{_YEAR}{_GAP}{CLOCK}{_ZONES}{END}"
_MONTH_FIRST: Final = rf"{OPEN}{_WEEKDAY}{_MONTH}[ /-]{_DAY}(?:st|nd|rd|th)?,?[ /-]{_YEAR}{_GAP}{CLOCK}{_ZONES}{END}"
_YEAR_FIRST: Final = rf"{OPEN}{_LONG_YEAR}[ /-]{_MONTH}[ /-]{_DAY}{_GAP}{CLOCK}{ZONE}{END}"
_YEAR_LAST: Final = rf"{OPEN}{_WEEKDAY}{_MONTH} {_DAY} {CLOCK}{ZONE} {_LONG_YEAR}{END}"
_NO_YEAR: Final = rf"{OPEN}{_WEEKDAY}{_DAY}\.?[ /-]{_MONTH}[ ,]{{1,2}}{CLOCK}{ZONE}{END}"
#: monit writes the zone first.
_ZONE_FIRST: Final = rf"\[(?P<zone>[A-Z]{{3,5}}) {_MONTH} {_DAY} {CLOCK}\] "

_NUMERIC: Final = rf"{OPEN}{_WEEKDAY}{NUMBERS}(?:[ \tT_,-]|  | - |, ){CLOCK}{ZONE}{END}"
_COLONS: Final = rf"{OPEN}(?P<a>[12][0-9]{{3}})(?P<sep>:)(?P<b>[01][0-9]):(?P<c>[0-3][0-9])[- ]{CLOCK}{ZONE}{END}"
_DAY_OF_MONTH: Final = rf"{OPEN}(?P<month>[01][0-9])[.-](?P<day>[0-3][0-9]) {CLOCK}{ZONE}{END}"

_DIGITS: Final = (
    rf"{OPEN}(?P<date>[12][0-9]{{3}}[01][0-9][0-3][0-9])[ T_:-]{{0,2}}"
    rf"(?P<clock>[0-2][0-9]:?[0-5][0-9]:?[0-6][0-9])(?:[.,:](?P<fraction>[0-9]{{1,9}}))?{ZONE}{END}"
)
_DIGITS_SHORT: Final = (
    rf"{OPEN}(?P<date>[0-9]{{2}}[01][0-9][0-3][0-9]) (?P<clock>[ 0-2][0-9]:?[0-5][0-9]:?[0-6][0-9])"
    rf"(?:[.,:](?P<fraction>[0-9]{{1,9}}))?{END}"
)
_DOTS: Final = (
    rf"{OPEN}(?P<date>[12][0-9]{{3}}-[01][0-9]-[0-3][0-9])-(?P<clock>[0-2][0-9]\.[0-5][0-9]\.[0-6][0-9])"
    rf"(?:\.(?P<fraction>[0-9]{{1,9}}))?{END}"
)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(pl.col("day").str.strip_chars())
    kind = None if "year" in frame.columns else "yearless"
    return finish(frame, date_parts.named(frame), kind=kind)


def _numeric(frame: pl.DataFrame) -> pl.DataFrame:
    wall, either = date_parts.numeric(frame)
    return finish(frame, wall).with_columns(either=either)


def _of_month(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame.select(pl.format("{}-{} {}.{}", "month", "day", "clock", pl.col("fraction").fill_null("0")))
    return finish(frame, stamps.yearless(date.to_series(), ("%m-%d %H:%M:%S%.f",)), kind="yearless")


def _numbers(frame: pl.DataFrame) -> pl.DataFrame:
    return _of_month(frame) if "month" in frame.columns else _numeric(frame)


def _digits(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame["date"].str.replace_all("-", "", literal=True)
    century = pl.when(date.str.len_bytes() == len("260314")).then(pl.lit("20") + date).otherwise(date)
    clock = frame["clock"].str.replace_all("[:.]", "").str.replace(" ", "0", literal=True)
    fraction = frame["fraction"].fill_null("0")
    text = pl.select(pl.format("{} {}.{}", century, clock, fraction)).to_series()
    zone = [] if "zone" in frame.columns else [pl.lit(None, pl.String).alias("zone")]
    return finish(frame.with_columns(zone), stamps.wall(text, ("%Y%m%d %H%M%S%.f",)))


def _sample(text: str, stamp: str, message: str, **columns: object) -> Sample:
    return Sample(text, {"stamp": stamp, "stamp_kind": "local", "message": message, "program": None} | columns)


def _dialect(
    name: str, title: str, headers: tuple[str, ...], columns: Callable[[pl.DataFrame], pl.DataFrame], *samples: Sample
) -> Dialect:
    return Dialect(name, title, headers, columns, samples, weight=0.45)


NAMED = _dialect(
    "time-named", "lines that lead with a date whose month has a name",
    (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST, _YEAR_LAST, _ZONE_FIRST, _NO_YEAR), _named,
    _sample("[17/Jun/2025 17:00:45] probe OK\n", "2025-06-17T17:00:45", "probe OK"),
    _sample("Sat 14 Mar 2026 09:15:29 AM CET: probe OK\n", "2026-03-14T08:15:29", "probe OK", stamp_kind="utc"),
    _sample("Apr-07-13 07:08:36 [SSL-out] failed\n", "2013-04-07T07:08:36", "[SSL-out] failed"),
    _sample("March 14, 2026 2:10:01 PM probe OK\n", "2026-03-14T14:10:01", "probe OK"),
    _sample("2026 Mar 14 02:10:01.250 probe OK\n", "2026-03-14T02:10:01.25", "probe OK", resolution=1_000),
    _sample("Sa 14. Mär 2026 09:15:29 CET probe OK\n", "2026-03-14T08:15:29", "probe OK", stamp_kind="utc"),
    _sample("Sat Mar 14 02:10:01 PM UTC 2026 probe OK\n", "2026-03-14T14:10:01", "probe OK", stamp_kind="utc"),
    _sample("Sat Mar 14 2026 09:15:29 GMT+0100 (CET) probe OK\n", "2026-03-14T08:15:29", "probe OK", stamp_kind="utc"),
    _sample("[CEST Aug  6 10:14:52] error    : access denied\n", "1972-08-06T10:14:52", "error    : access denied",
            stamp_kind="yearless"),
)  # fmt: skip

NUMERIC = _dialect(
    "time-numeric", "lines that lead with day, month and year in some order",
    (_NUMERIC, _COLONS, f"{LEVEL}{_NUMERIC}", _DAY_OF_MONTH), _numbers,
    Sample("03/14/2026 02:10:01 PM link lost\n03/14/2026 12:10:05 AM link back\n",
           {"stamp": ["2026-03-14T14:10:01", "2026-03-14T00:10:05"], "message": ["link lost", "link back"]}),
    _sample("14-03-2026 02:10:01 +0300 probe OK\n", "2026-03-13T23:10:01", "probe OK", stamp_kind="utc"),
    _sample("26/03/14 02:10:01 INFO probe OK\n", "2026-03-14T02:10:01", "INFO probe OK", priority=6),
    Sample("26/03/14 02:10:01 one\n26/03/15 02:10:01 two\n", {"stamp": ["2026-03-14T02:10:01", "2026-03-15T02:10:01"]}),
    Sample("05/03/26 02:10:01 one\n06/03/26 02:10:01 two\n", {"stamp": ["2026-03-05T02:10:01", "2026-03-06T02:10:01"]}),
    Sample("05/03/26 02:10:01 one\n", {"stamp": "2026-03-05T02:10:01"}),
    _sample("2026:03:14-02:10:01: 'x' logged in\n", "2026-03-14T02:10:01", "'x' logged in"),
    _sample("2026-03-14  8:10:01 12 [Warning] denied\n", "2026-03-14T08:10:01", "12 [Warning] denied"),
    _sample("03-14 02:10:01.467 [WARN] probe OK\n", "1972-03-14T02:10:01.467", "[WARN] probe OK", stamp_kind="yearless",
            priority=4),
)  # fmt: skip

DIGITS = _dialect(
    "time-digits", "lines that lead with a date without separators", (_DIGITS, _DIGITS_SHORT, _DOTS), _digits,
    _sample("[20260314-12:11:06] [INFO ] probe OK\n", "2026-03-14T12:11:06", "[INFO ] probe OK"),
    _sample("20260314T121106Z probe OK\n", "2026-03-14T12:11:06", "probe OK", stamp_kind="utc"),
    _sample("20260314-22:15:29:606|step|probe OK\n", "2026-03-14T22:15:29.606", "step|probe OK"),
    _sample("260314 203518 148 INFO probe OK\n", "2026-03-14T20:35:18", "148 INFO probe OK"),
    _sample("260314  8:24:09 [Warning] denied\n", "2026-03-14T08:24:09", "[Warning] denied"),
    _sample("2026-03-14-15.42.50.675363 probe OK\n", "2026-03-14T15:42:50.675363", "probe OK"),
)  # fmt: skip

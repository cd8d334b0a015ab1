"""Any line that leads with a time: the last resort for text, and enough for most applications' own logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import leading
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION

_ZONE: Final = r"(?: ?(?P<zone>Z|(?:UTC|GMT)?[+-][0-9]{2}:?[0-9]{2}|UTC|GMT|[A-Z]{3,4}T|MSK)\b)?"
_END: Final = r"[\])]?(?:[ \t|:;,-]+|$)"
_OPEN: Final = r"[\[(]?"
_DMY: Final = r"[0-9]{2}[./-][0-9]{2}[./-][0-9]{4}"
_MONTH: Final = r"[A-Z][a-z]{2}"

_ISO: Final = rf"{_OPEN}(?P<date>[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}[T _]{CLOCK}{FRACTION}){_ZONE}{_END}"
#: Go prints the zone's name, or its offset once more, behind the offset.
_GO_ISO: Final = (
    rf"{_OPEN}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}{FRACTION}) (?P<zone>[+-][0-9]{{4}}) "
    rf"(?:[A-Z]{{3,5}}|[+-][0-9]{{2,4}}){_END}"
)
_EUROPEAN: Final = rf"{_OPEN}(?P<date>[0-9]{{2}}\.[0-9]{{2}}\.[0-9]{{4}},? {CLOCK}{FRACTION}){_ZONE}{_END}"
_CLF: Final = rf"{_OPEN}(?P<date>[0-9]{{2}}/{_MONTH}/[0-9]{{4}}:{CLOCK}{FRACTION}){_ZONE}{_END}"
_RFC2822: Final = (
    rf"{_OPEN}(?:[A-Z][a-z]{{2}}, )?(?P<date>[0-9]{{1,2}}[ -]{_MONTH}[ -][0-9]{{4}} {CLOCK}{FRACTION}){_ZONE}{_END}"
)
_CTIME: Final = (
    rf"{_OPEN}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<date>{_MONTH} [ 0-3]?[0-9] {CLOCK}{FRACTION})"
    rf"(?: (?P<zone>[A-Z]{{3,5}}))? (?P<year>[0-9]{{4}}){_END}"
)
_YEARLESS: Final = rf"{_OPEN}(?P<date>{_MONTH} [ 0-3]?[0-9] {CLOCK}{FRACTION}){_ZONE}{_END}"
_EPOCH: Final = rf"{_OPEN}(?P<seconds>[12][0-9]{{9}})(?:\.(?P<fraction>[0-9]{{1,9}}))?{_END}"
_EPOCH_MS: Final = rf"{_OPEN}(?P<seconds>[12][0-9]{{9}})(?P<fraction>[0-9]{{3}}){_END}"
#: Kubernetes' klog: severity, month and day, time, thread, place in the source.
_KLOG: Final = (
    rf"(?P<level>[IWEF])(?P<date>[01][0-9][0-3][0-9] {CLOCK}\.(?P<fraction>[0-9]{{6}})) +[0-9]+ "
    r"(?P<lead>[\w./-]+:[0-9]+\] )"
)
_TIME: Final = rf"{_OPEN}(?P<date>{CLOCK}{FRACTION}){_END}"


def _finish(frame: pl.DataFrame, stamp: pl.Series, *, kind: str | None = None) -> pl.DataFrame:
    """``kind`` none: UTC where the group ``zone`` says how, else local."""
    if kind is None:
        frame = frame.with_columns(stamps.utc(stamp, frame["zone"]).get_columns())
    else:
        frame = frame.with_columns(stamp=stamp, stamp_kind=pl.lit(kind))
    return frame.with_columns(resolution=stamps.resolution(frame["fraction"]), priority=leading(pl.col("message")))


def _dated(*formats: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def columns(frame: pl.DataFrame) -> pl.DataFrame:
        date = frame["date"].str.replace_many(["/", ",", "_", "T"], ["-", ".", " ", " "])
        return _finish(frame, stamps.wall(date, formats))

    return columns


def _named(*formats: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def columns(frame: pl.DataFrame) -> pl.DataFrame:
        return _finish(frame, stamps.wall(frame["date"].str.replace_all(",", ".", literal=True), formats))

    return columns


def _ctime(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame.select(pl.format("{} {}", "year", "date")).to_series()
    return _finish(frame, stamps.wall(date.str.replace_all(",", ".", literal=True), ("%Y %b %d %H:%M:%S%.f",)))


def _without_year(frame: pl.DataFrame) -> pl.DataFrame:
    return _finish(frame, stamps.yearless(frame["date"].str.replace_all(",", ".", literal=True)), kind="yearless")


def _epoch(frame: pl.DataFrame) -> pl.DataFrame:
    return _finish(frame, stamps.epoch(frame["seconds"], frame["fraction"]), kind="utc")


def _klog(frame: pl.DataFrame) -> pl.DataFrame:
    text = frame.with_columns(message=pl.col("lead") + pl.col("message"))
    done = _finish(text, stamps.yearless(frame["date"], ("%m%d %H:%M:%S%.f",)), kind="yearless")
    grave = {"I": 6, "W": 4, "E": 3, "F": 2}
    return done.with_columns(priority=pl.col("level").replace_strict(grave, return_dtype=pl.UInt8))


def _clock(frame: pl.DataFrame) -> pl.DataFrame:
    return _finish(frame, stamps.time_of_day(frame["date"].str.replace_all(",", ".", literal=True)), kind="timeofday")


def _sample(text: str, stamp: str, kind: str, resolution: int, message: str, priority: int | None = None) -> Sample:
    expect = {"stamp": stamp, "stamp_kind": kind, "resolution": resolution, "message": message, "priority": priority}
    return Sample(text, expect)


ISO = Dialect(
    "time-iso", "lines that lead with a date and time", (_GO_ISO, _ISO),
    _dated("%Y-%m-%d %H:%M:%S%.f", "%Y.%m.%d %H:%M:%S%.f"),
    weight=0.5,
    samples=(
        _sample("2025-11-04 03:00:45 FAILED 4010\n", "2025-11-04T03:00:45", "local", 1_000_000, "FAILED 4010"),
        _sample("2025/11/04 03:00:45 listening on :4010\n", "2025-11-04T03:00:45", "local", 1_000_000,
                "listening on :4010"),
        _sample("[2025-11-04T03:00:45.123Z] WARN: probe failed\n", "2025-11-04T03:00:45.123", "utc", 1_000,
                "WARN: probe failed", 4),
        _sample("2025-11-04 03:00:45,817 UTC - ok\n", "2025-11-04T03:00:45.817", "utc", 1_000, "ok"),
        _sample("2025-11-04 04:00:45.817123456 +0100 CET: probe OK\n", "2025-11-04T03:00:45.817123", "utc", 1,
                "probe OK"),
        _sample("2025-11-04 04:00:45 +0100 | [ERROR] no answer\n", "2025-11-04T03:00:45", "utc", 1_000_000,
                "[ERROR] no answer", 3),
    ),
)  # fmt: skip

EUROPEAN = Dialect(
    "time-european", "lines that lead with DD.MM.YYYY", (_EUROPEAN,),
    _named("%d.%m.%Y %H:%M:%S%.f", "%d.%m.%Y. %H:%M:%S%.f"), weight=0.5,
    samples=(_sample("04.11.2025 03:00:45 OK\n", "2025-11-04T03:00:45", "local", 1_000_000, "OK"),),
)  # fmt: skip

CLF = Dialect(
    "time-clf", "lines that lead with DD/Mon/YYYY:HH:MM:SS", (_CLF,), _named("%d/%b/%Y:%H:%M:%S%.f"), weight=0.5,
    samples=(_sample("[04/Nov/2025:04:00:45 +0100] probe OK\n", "2025-11-04T03:00:45", "utc", 1_000_000, "probe OK"),),
)  # fmt: skip

RFC2822 = Dialect(
    "time-rfc2822", "lines that lead with an RFC 2822 date", (_RFC2822,),
    _named("%d %b %Y %H:%M:%S%.f", "%d-%b-%Y %H:%M:%S%.f"), weight=0.5,
    samples=(
        _sample("Tue, 04 Nov 2025 04:00:45 +0100 probe OK\n", "2025-11-04T03:00:45", "utc", 1_000_000, "probe OK"),
    ),
)  # fmt: skip

CTIME = Dialect(
    "time-ctime", "lines that lead with a date as date(1) prints it", (_CTIME,), _ctime, weight=0.5,
    samples=(
        _sample("Tue Nov  4 03:00:45 UTC 2025: FAILED\n", "2025-11-04T03:00:45", "utc", 1_000_000, "FAILED"),
        _sample("[Tue Nov 04 03:00:45 2025] probe OK\n", "2025-11-04T03:00:45", "local", 1_000_000, "probe OK"),
    ),
)  # fmt: skip

YEARLESS = Dialect(
    "time-yearless", "lines that lead with month, day and time", (_YEARLESS,), _without_year, weight=0.4,
    samples=(_sample("[Nov  4 03:00:45] probe OK\n", "1972-11-04T03:00:45", "yearless", 1_000_000, "probe OK"),),
)  # fmt: skip

EPOCH = Dialect(
    "time-epoch", "lines that lead with epoch seconds", (_EPOCH, _EPOCH_MS), _epoch, weight=0.45,
    samples=(
        _sample("1762225245 probe OK\n", "2025-11-04T03:00:45", "utc", 1_000_000, "probe OK"),
        _sample("[1762225245.25] 64 bytes\n", "2025-11-04T03:00:45.25", "utc", 10_000, "64 bytes"),
        _sample("1762225245123 probe OK\n", "2025-11-04T03:00:45.123", "utc", 1_000, "probe OK"),
    ),
)  # fmt: skip

KLOG = Dialect(
    "klog", "a Kubernetes component's own log", (_KLOG,), _klog, weight=0.9,
    samples=(
        _sample('E1104 03:00:45.601874   40709 controller.go:195] "Failed to update lease"\n',
                "1972-11-04T03:00:45.601874", "yearless", 1, 'controller.go:195] "Failed to update lease"', 3),
    ),
)  # fmt: skip

KLOG = Dialect(
    "klog", "a Kubernetes component's own log", (_KLOG,), _klog, weight=0.9,
    samples=(
        _sample('E1104 03:00:45.601874   40709 controller.go:195] "Failed to update lease"\n',
                "1972-11-04T03:00:45.601874", "yearless", 1, 'controller.go:195] "Failed to update lease"', 3),
    ),
)  # fmt: skip

TIME = Dialect(
    "time-of-day", "lines that lead with a time of day", (_TIME,), _clock, weight=0.4,
    samples=(_sample("03:00:45.250 probe OK\n", "1972-01-01T03:00:45.25", "timeofday", 1_000, "probe OK"),),
)  # fmt: skip

DIALECTS: Final = (ISO, EUROPEAN, CLF, RFC2822, CTIME, YEARLESS, EPOCH, KLOG, TIME)

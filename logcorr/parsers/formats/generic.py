"""Any line that leads with a time: the last resort for text, and enough for most applications' own logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import leading, level
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION

ZONE: Final = rf"(?: ?(?P<zone>Z|(?:UTC|GMT)?[+-][0-9]{{2}}:?[0-9]{{2}}|UTC|GMT|{stamps.ZONE_NAMES})\b)?"
END: Final = r"(?:[\])\"][ \t|:;,-]*|[ \t|:;,-]+|$)"
OPEN: Final = r"[\[(\"]?"
#: A level before the time, as CUPS, logrus and many scripts write it.
LEVEL: Final = (
    r"[\[<]?(?P<level>(?i:emerg|alert|crit|critical|fatal|fata|panic|error|erro|err|warning|warn|notice|info|debug|debu|"
    r"trace|trac|severe|fine|verbose)|[EWIDF])[\]>]?[:,|/]? ?-? ?"
)
_MONTH: Final = r"[A-Z][a-z]{2}"

_ISO: Final = rf"{OPEN}(?P<date>[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}[T _\t]{CLOCK}{FRACTION}){ZONE}{END}"
#: Go prints the zone's name, or its offset once more, behind the offset.
_GO_ISO: Final = (
    rf"{OPEN}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}{FRACTION}) (?P<zone>[+-][0-9]{{4}}) "
    rf"(?:[A-Z]{{3,5}}|[+-][0-9]{{2,4}}){END}"
)
_EUROPEAN: Final = rf"{OPEN}(?P<date>[0-9]{{2}}\.[0-9]{{2}}\.[0-9]{{4}},? {CLOCK}{FRACTION}){ZONE}{END}"
_CLF: Final = rf"{OPEN}(?P<date>[0-9]{{2}}/{_MONTH}/[0-9]{{4}}:{CLOCK}{FRACTION}){ZONE}{END}"
_RFC2822: Final = (
    rf"{OPEN}(?:[A-Z][a-z]{{2}}, )?(?P<date>[0-9]{{1,2}}[ -]{_MONTH}[ -][0-9]{{4}} {CLOCK}{FRACTION}){ZONE}{END}"
)
_CTIME: Final = (
    rf"{OPEN}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<date>{_MONTH} [ 0-3]?[0-9] {CLOCK}{FRACTION})"
    rf"(?: (?P<zone>[A-Z]{{3,5}}))? (?P<year>[0-9]{{4}}){END}"
)
_YEARLESS: Final = (
    rf"{OPEN}(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?P<date>{_MONTH} [ 0-3]?[0-9] {CLOCK}{FRACTION}){ZONE}{END}"
)
#: From 2001 to 2033. A number with a colon and a tab behind it counts something: routing rules, indented lists.
_AFTER: Final = r"(?:[\])][ \t|:;,-]*|[ \t|;,-]+|:(?: |$)|$)"
_EPOCH: Final = rf"{OPEN}(?P<seconds>1[0-9]{{9}})(?:\.(?P<fraction>[0-9]{{1,9}}))?{_AFTER}"
_EPOCH_MS: Final = rf"{OPEN}(?P<seconds>1[0-9]{{9}})(?P<fraction>[0-9]{{3}}){_AFTER}"
#: Kubernetes' klog: severity, month and day, time, thread, place in the source.
_KLOG: Final = (
    rf"(?P<level>[IWEF])(?P<date>[01][0-9][0-3][0-9] {CLOCK}\.(?P<fraction>[0-9]{{6}})) +[0-9]+ "
    r"(?P<lead>[\w./-]+:[0-9]+\] )"
)
_TIME: Final = rf"{OPEN}(?P<date>{CLOCK}{FRACTION}){END}"
_WITHIN: Final = rf"^.{{0,60}}?(?P<day>[12][0-9]{{3}}-[01][0-9]-[0-3][0-9])[ T](?P<clock>{CLOCK})"
_HALF: Final = r"^([AaPp])\.?[Mm]\.?(?:[\])][ \t|:;,-]*|[ \t|;,-]+|$)"
_NOON: Final = 12
_GRAVE: Final = {"I": 6, "W": 4, "E": 3, "F": 2, "D": 7}  # klog, CUPS
#: A shell's prompt, which shows when it was printed, and not when what follows it happened.
_PROMPT: Final = r"^[\w.-]{1,64}@[\w.-]{1,64}[ :~].*[$#%»❯›>](?: |$)"
#: What follows a date that does have a year, which other formats read.
_YEAR: Final = r"^(?:[A-Z]{3,5} )?[12][0-9]{3}\b"


def finish(frame: pl.DataFrame, stamp: pl.Series, *, kind: str | None = None) -> pl.DataFrame:
    """``kind`` none: UTC where the group ``zone`` says how, else local."""
    if frame["message"].str.contains(_HALF).any():
        frame, stamp = _of_twelve(frame, stamp)
    if kind is None:
        frame = frame.with_columns(stamps.utc(stamp, frame["zone"]).get_columns())
    else:
        frame = frame.with_columns(stamp=stamp, stamp_kind=pl.lit(kind))
    given = [level(pl.col("level")), _letter(pl.col("level"))] if "level" in frame.columns else []
    return frame.with_columns(
        resolution=stamps.resolution(frame["fraction"]), priority=pl.coalesce(*given, leading(pl.col("message")))
    )


def _of_twelve(frame: pl.DataFrame, stamp: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The half of the day, which stands behind the time, belongs to it. Kernel lines that begin with PM: have none."""
    half = frame["message"].str.extract(_HALF).str.to_lowercase()
    hour = stamp.dt.hour()
    late = pl.when((half == "p") & (hour < _NOON)).then(_NOON).when((half == "a") & (hour == _NOON)).then(-_NOON)
    moved = stamp + pl.select(pl.duration(hours=late.otherwise(0))).to_series()
    return frame.with_columns(pl.col("message").str.replace(_HALF, "")), moved


def _letter(text: pl.Expr) -> pl.Expr:
    return text.replace_strict(list(_GRAVE), list(_GRAVE.values()), default=None, return_dtype=pl.UInt8)


def _dated(*formats: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def columns(frame: pl.DataFrame) -> pl.DataFrame:
        date = frame["date"].str.replace_many(["/", ",", "_", "T", "\t"], ["-", ".", " ", " ", " "])
        return finish(frame, stamps.wall(date, formats))

    return columns


def _named(*formats: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def columns(frame: pl.DataFrame) -> pl.DataFrame:
        return finish(frame, stamps.wall(frame["date"].str.replace_all(",", ".", literal=True), formats))

    return columns


def _ctime(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame.select(pl.format("{} {}", "year", "date")).to_series()
    return finish(frame, stamps.wall(date.str.replace_all(",", ".", literal=True), ("%Y %b %d %H:%M:%S%.f",)))


def _without_year(frame: pl.DataFrame) -> pl.DataFrame:
    found = finish(frame, stamps.yearless(frame["date"].str.replace_all(",", ".", literal=True)), kind="yearless")
    return found.with_columns(stamp=pl.when(~pl.col("message").str.contains(_YEAR)).then("stamp"))


def _epoch(frame: pl.DataFrame) -> pl.DataFrame:
    return finish(frame, stamps.epoch(frame["seconds"], frame["fraction"]), kind="utc")


def _klog(frame: pl.DataFrame) -> pl.DataFrame:
    text = frame.with_columns(message=pl.col("lead") + pl.col("message"))
    return finish(text, stamps.yearless(frame["date"], ("%m%d %H:%M:%S%.f",)), kind="yearless")


def _clock(frame: pl.DataFrame) -> pl.DataFrame:
    found = finish(frame, stamps.time_of_day(frame["date"].str.replace_all(",", ".", literal=True)), kind="timeofday")
    found = found.with_columns(stamp=pl.when(~pl.col("message").str.contains(_PROMPT)).then("stamp"))
    return _dated_within(found) if found["message"].str.contains(_WITHIN).any() else found


def _dated_within(frame: pl.DataFrame) -> pl.DataFrame:
    """Lines that print their whole time behind the time of day, as supervisors of processes pass them on."""
    whole = frame["message"].str.extract_groups(_WITHIN).struct.unnest()
    stamp = stamps.wall(whole.select(pl.format("{} {}", "day", "clock")).to_series(), stamps.ISO[1:])
    same = (stamp - stamp.dt.truncate("1d") - (frame["stamp"] - frame["stamp"].dt.truncate("1d"))).dt.total_seconds()
    mine = stamp.is_not_null() & (same.abs() <= 1)
    return frame.with_columns(
        stamp=pl.when(mine).then(stamp).otherwise("stamp"),
        stamp_kind=pl.when(mine).then(pl.lit("local")).otherwise("stamp_kind"),
    )


def _sample(text: str, stamp: str, kind: str, resolution: int, message: str, priority: int | None = None) -> Sample:
    expect = {"stamp": stamp, "stamp_kind": kind, "resolution": resolution, "message": message, "priority": priority}
    return Sample(text, expect)


ISO = Dialect(
    "time-iso", "lines that lead with a date and time", (_GO_ISO, _ISO, f"{LEVEL}{_ISO}"),
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
        _sample("[2025-11-04 03:00:45.5][core][ERROR] no answer\n", "2025-11-04T03:00:45.5", "local", 100_000,
                "[core][ERROR] no answer"),
        _sample("2025-11-04 03:00:45 PM no answer\n", "2025-11-04T15:00:45", "local", 1_000_000, "no answer"),
        _sample("ERROR 2025-11-04 03:00:45,817 no answer\n", "2025-11-04T03:00:45.817", "local", 1_000, "no answer", 3),
    ),
)  # fmt: skip

EUROPEAN = Dialect(
    "time-european", "lines that lead with DD.MM.YYYY", (_EUROPEAN,),
    _named("%d.%m.%Y %H:%M:%S%.f", "%d.%m.%Y. %H:%M:%S%.f"), weight=0.5,
    samples=(_sample("04.11.2025 03:00:45 OK\n", "2025-11-04T03:00:45", "local", 1_000_000, "OK"),
        Sample("14.03.2026, 09:15:29 link lost\n", {"stamp": "2026-03-14T09:15:29", "message": "link lost"}),
        Sample("14.03.2026 09:15:29 one\n15.03.2026 09:15:29 two\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-15T09:15:29"]}),
    ),
)  # fmt: skip

CLF = Dialect(
    "time-clf", "lines that lead with DD/Mon/YYYY:HH:MM:SS", (_CLF, f"{LEVEL}{_CLF}"),
    _named("%d/%b/%Y:%H:%M:%S%.f"), weight=0.5,
    samples=(_sample("[04/Nov/2025:04:00:45 +0100] probe OK\n", "2025-11-04T03:00:45", "utc", 1_000_000, "probe OK"),
        Sample("14/Mar/2026:09:15:29 +0000 link lost\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "message": "link lost"}),
        Sample("[14/Mar/2026:09:15:29.250 +0000] one\n", {"stamp": "2026-03-14T09:15:29.25", "message": "one"}),
    ),
)  # fmt: skip

RFC2822 = Dialect(
    "time-rfc2822", "lines that lead with an RFC 2822 date", (_RFC2822,),
    _named("%d %b %Y %H:%M:%S%.f", "%d-%b-%Y %H:%M:%S%.f"), weight=0.5,
    samples=(
        _sample("Tue, 04 Nov 2025 04:00:45 +0100 probe OK\n", "2025-11-04T03:00:45", "utc", 1_000_000, "probe OK"),
        Sample("[Sat, 14 Mar 2026 09:15:29 GMT] link lost\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "message": "link lost"}),
        Sample("14-Mar-2026 09:15:29.250 network unreachable resolving 'x.example/A/IN'\n",
               {"stamp": "2026-03-14T09:15:29.25", "message": "network unreachable resolving 'x.example/A/IN'"}),
    ),
)  # fmt: skip

CTIME = Dialect(
    "time-ctime", "lines that lead with a date as date(1) prints it", (_CTIME,), _ctime, weight=0.5,
    samples=(
        _sample("Tue Nov  4 03:00:45 UTC 2025: FAILED\n", "2025-11-04T03:00:45", "utc", 1_000_000, "FAILED"),
        _sample("[Tue Nov 04 03:00:45 2025] probe OK\n", "2025-11-04T03:00:45", "local", 1_000_000, "probe OK"),
        Sample("Sat Mar 14 09:15:29 CET 2026 | link lost\n", {"stamp": "2026-03-14T08:15:29", "stamp_kind": "utc"}),
    ),
)  # fmt: skip

YEARLESS = Dialect(
    "time-yearless", "lines that lead with month, day and time", (_YEARLESS, f"{LEVEL}{_YEARLESS}"), _without_year,
    weight=0.4,
    samples=(_sample("[Nov  4 03:00:45] probe OK\n", "1972-11-04T03:00:45", "yearless", 1_000_000, "probe OK"),
        Sample("WARN: [Mar 14 09:15:29.643] failed to reach 192.0.2.7\n",
               {"stamp": "1972-03-14T09:15:29.643", "priority": 4, "message": "failed to reach 192.0.2.7"}),
        Sample("Sat Mar 14 09:15:29: link lost\n", {"stamp": "1972-03-14T09:15:29", "message": "link lost"}),
    ),
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
        Sample("W0314 09:15:29.250000       1 reflector.go:533] failed to list *v1.Node: dial tcp "
               "192.0.2.1:6443: i/o timeout\n",
               {"stamp": "1972-03-14T09:15:29.25", "priority": 4}),
        Sample("I0314 09:15:29.250000       1 a.go:1] one\nF0314 09:15:30.250000       1 a.go:2] two\n",
               {"priority": [6, 2]}),
    ),
)  # fmt: skip

TIME = Dialect(
    "time-of-day", "lines that lead with a time of day", (_TIME,), _clock, weight=0.4,
    samples=(
        _sample("03:00:45.250 probe OK\n", "1972-01-01T03:00:45.25", "timeofday", 1_000, "probe OK"),
        _sample("12:00:45 AM probe OK\n", "1972-01-01T00:00:45", "timeofday", 1_000_000, "probe OK"),
        _sample("[03:00:45 PM] probe OK\n", "1972-01-01T15:00:45", "timeofday", 1_000_000, "probe OK"),
        _sample("11:47:34 1|app  | 2026-03-14 11:47:34: no answer\n", "2026-03-14T11:47:34", "local", 1_000_000,
                "1|app  | 2026-03-14 11:47:34: no answer"),
    ),
)  # fmt: skip

DIALECTS: Final = (ISO, EUROPEAN, CLF, RFC2822, CTIME, YEARLESS, EPOCH, KLOG, TIME)

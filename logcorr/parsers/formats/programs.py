"""Programs whose log files write the time in a way of their own: Zabbix, daemontools, Android, auditd, Unbound."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.syslog_parts import CLOCK

_ZABBIX: Final = (
    r" {0,6}(?P<pid>[0-9]{1,10}):(?P<date>[12][0-9]{3}[01][0-9][0-3][0-9]):"
    r"(?P<clock>[0-2][0-9][0-5][0-9][0-6][0-9])\.(?P<fraction>[0-9]{3}) "
)
#: libtai's label: 2^62 plus seconds since 1970 TAI, and nanoseconds, in hexadecimal.
_TAI64N: Final = r"@4(?P<seconds>[0-9a-f]{15})(?P<nano>[0-9a-f]{8}) "
#: multilog and svlogd count ten seconds between TAI and UTC, and no leap second since (libtai, taia_now.c).
_TAI: Final = 10
_LOGCAT: Final = (
    rf"(?:(?P<year>[12][0-9]{{3}})-)?(?P<date>[01][0-9]-[0-3][0-9] {CLOCK})\.(?P<fraction>[0-9]{{3,9}})"
    r"(?: (?P<zone>[+-][0-9]{4}))?"
)
_THREADTIME: Final = (
    rf"{_LOGCAT} +(?:[a-z_][a-z0-9_]* +)?(?P<pid>[0-9]+) +[0-9]+ (?P<level>[VDIWEF]) (?P<program>[^:]{{0,60}}?) *: ?"
)
_BRIEF: Final = rf"{_LOGCAT} (?P<level>[VDIWEF])/(?P<program>[^(]{{0,60}}?) *\( *(?P<pid>[0-9]+)\): ?"
_LETTERS: Final = {"V": 7, "D": 7, "I": 6, "W": 4, "E": 3, "F": 2}
_AUDIT: Final = (
    r"(?P<lead>(?:node=(?P<host>\S+) )?type=[A-Z0-9_\[\]]+ msg=audit\()(?P<seconds>1[0-9]{9})\.(?P<fraction>[0-9]{3})"
    r":[0-9]+\): ?"
)
#: Unbound, util/log.c: seconds, or with log-time-ascii and log-time-iso a date; process and thread.
_THREAD: Final = r" unbound(?P<lead>\[(?P<pid>[0-9]+):[0-9a-f]+\] )"
_UNBOUND: Final = rf"\[(?P<seconds>1[0-9]{{9}})\]{_THREAD}"
_UNBOUND_ASCII: Final = rf"(?P<date>[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK}){_THREAD}"
_UNBOUND_ISO: Final = (
    rf"(?P<iso>[12][0-9]{{3}}-[01][0-9]-[0-3][0-9]T{CLOCK}(?:\.[0-9]{{3}})?)(?P<zone>Z|[+-][0-9:]{{4,5}}){_THREAD}"
)


def _zabbix(frame: pl.DataFrame) -> pl.DataFrame:
    text = frame.select(pl.format("{} {}.{}", "date", "clock", "fraction")).to_series()
    return frame.with_columns(
        pl.col("pid").cast(pl.Int64, strict=False),
        stamp=stamps.wall(text, ("%Y%m%d %H%M%S%.f",)),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000, pl.Int64),
        program=pl.lit("zabbix"),
    )


def _tai64n(frame: pl.DataFrame) -> pl.DataFrame:
    seconds = frame["seconds"].str.to_integer(base=16, strict=False).cast(pl.Int64) - _TAI
    micros = frame["nano"].str.to_integer(base=16, strict=False).cast(pl.Int64) // 1000
    return frame.with_columns(
        stamp=(seconds * 1_000_000 + micros).cast(pl.Datetime("us")),
        stamp_kind=pl.lit("utc"),
        resolution=pl.lit(1, pl.Int64),
    )


def _logcat(frame: pl.DataFrame) -> pl.DataFrame:
    """With ``-v year`` and ``-v zone`` the line says more than month and day."""
    year = frame["year"].fill_null(stamps.YEAR)
    text = pl.select(pl.format("{}-{}.{}", year, frame["date"], frame["fraction"])).to_series()
    wall = stamps.wall(text, ("%Y-%m-%d %H:%M:%S%.f",))
    known = stamps.utc(wall, frame["zone"])
    yearless = frame["year"].is_null()
    return frame.with_columns(
        pl.col("pid").cast(pl.Int64, strict=False),
        stamp=pl.when(yearless).then(wall).otherwise(known["stamp"]),
        stamp_kind=pl.when(yearless).then(pl.lit("yearless")).otherwise(known["stamp_kind"]),
        resolution=stamps.resolution(frame["fraction"]),
        priority=pl.col("level").replace_strict(_LETTERS, return_dtype=pl.UInt8),
    )


def _audit(frame: pl.DataFrame) -> pl.DataFrame:
    """The record's type leads the message, as in what journald gets from the audit subsystem."""
    return frame.with_columns(
        stamp=stamps.epoch(frame["seconds"], frame["fraction"]),
        stamp_kind=pl.lit("utc"),
        resolution=pl.lit(1_000, pl.Int64),
        program=pl.lit("audit"),
        message=pl.col("lead").str.extract(r"type=([A-Z0-9_\[\]]+)") + " " + pl.col("message"),
    )


def _unbound(frame: pl.DataFrame) -> pl.DataFrame:
    """Process and thread lead the message, as in what Unbound hands to syslog."""
    if "seconds" in frame.columns:
        stamp = stamps.epoch(frame["seconds"], pl.Series([None] * frame.height, dtype=pl.String))
        dated = frame.with_columns(stamp=stamp, stamp_kind=pl.lit("utc"))
    elif "iso" in frame.columns:
        wall = stamps.wall(frame["iso"], stamps.ISO)
        dated = frame.with_columns(stamps.utc(wall, frame["zone"]).get_columns())
    else:
        dated = frame.with_columns(stamp=stamps.yearless(frame["date"]), stamp_kind=pl.lit("yearless"))
    return dated.with_columns(
        pl.col("pid").cast(pl.Int64, strict=False),
        resolution=pl.lit(1_000_000, pl.Int64),
        program=pl.lit("unbound"),
        message=pl.col("lead") + pl.col("message"),
    )


ZABBIX = Dialect(
    "zabbix", "Zabbix server, proxy or agent log", (_ZABBIX,), _zabbix, weight=0.97, indented=True,
    samples=(
        Sample('  1234:20251104:030045.467 Zabbix agent item "agent.ping" on host "web1" failed\n',
               {"stamp": "2025-11-04T03:00:45.467", "stamp_kind": "local", "program": "zabbix", "pid": 1234,
                "message": 'Zabbix agent item "agent.ping" on host "web1" failed'}),
        Sample('   812:20260314:091529.467 resuming Zabbix agent checks on host "web1": connection restored\n',
               {"stamp": "2026-03-14T09:15:29.467", "pid": 812}),
        Sample("   812:20260314:091529.467 one\n  1812:20260314:091530.467 two\n",
               {"pid": [812, 1812], "message": ["one", "two"]}),
    ),
)  # fmt: skip

TAI64N = Dialect(
    "tai64n", "multilog or svlogd (TAI64N)", (_TAI64N,), _tai64n, weight=0.97,
    samples=(
        Sample("@4000000069096c671bd5dac0 probe failed\n",
               {"stamp": "2025-11-04T03:00:45.467", "stamp_kind": "utc", "message": "probe failed"}),
        Sample("@4000000069b5273b0ee6b280 link lost\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc", "message": "link lost"}),
        Sample("@4000000069b5273b00000000 one\n@4000000069b5273c00000000 two\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"]}),
    ),
)  # fmt: skip

LOGCAT = Dialect(
    "logcat", "Android logcat", (_THREADTIME, _BRIEF), _logcat, weight=0.96,
    samples=(
        Sample("11-04 03:00:45.467  1702  2395 E WifiService: no answer\n"
               "11-04 03:00:46.467 W/WifiService( 1702): none\n"
               "2025-11-04 03:00:47.467 +0100  1702  2395 I netd    : up\n",
               {"stamp": ["1972-11-04T03:00:45.467", "1972-11-04T03:00:46.467", "2025-11-04T02:00:47.467"],
                "stamp_kind": ["yearless", "yearless", "utc"], "program": ["WifiService", "WifiService", "netd"],
                "pid": 1702, "priority": [3, 4, 6], "message": ["no answer", "none", "up"]}),
        Sample("03-14 09:15:29.467   902   915 W ConnectivityService: validation failed\n",
               {"stamp": "1972-03-14T09:15:29.467", "program": "ConnectivityService", "pid": 902, "priority": 4}),
        Sample("2026-03-14 09:15:29.467   902   915 D netd    : one\n",
               {"stamp": "2026-03-14T09:15:29.467", "program": "netd"}),
    ),
)  # fmt: skip

AUDIT = Dialect(
    "audit", "auditd's log", (_AUDIT,), _audit, weight=0.97,
    samples=(
        Sample("type=SERVICE_STOP msg=audit(1762225245.415:4063): pid=1 uid=0 msg='unit=tailscaled res=success'\n"
               "node=web1 type=SYSCALL msg=audit(1762225246.000:4064): arch=c000003e syscall=59\n",
               {"stamp": ["2025-11-04T03:00:45.415", "2025-11-04T03:00:46"], "stamp_kind": "utc", "program": "audit",
                "host": [None, "web1"],
                "message": ["SERVICE_STOP pid=1 uid=0 msg='unit=tailscaled res=success'",
                            "SYSCALL arch=c000003e syscall=59"]}),
        Sample("type=SERVICE_START msg=audit(1773479729.250:77): pid=1 uid=0 msg='unit=frr comm=\"systemd\" "
               "res=success'\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc"}),
        Sample("node=gw1 type=USER_LOGIN msg=audit(1773479729.250:78): pid=7 uid=0 msg='op=login res=failed'\n",
               {"host": "gw1", "stamp": "2026-03-14T09:15:29.25"}),
    ),
)  # fmt: skip

UNBOUND = Dialect(
    "unbound", "Unbound's own log file", (_UNBOUND, _UNBOUND_ASCII, _UNBOUND_ISO), _unbound, weight=0.97, narrow=True,
    samples=(
        Sample("[1762225245] unbound[1043:3] info: generate keytag query _ta-4f66. NULL IN\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc", "program": "unbound", "pid": 1043,
                "message": "[1043:3] info: generate keytag query _ta-4f66. NULL IN"}),
        Sample("Mar 14 09:15:29 unbound[611:0] notice: init module 0: validator\n",
               {"stamp": "1972-03-14T09:15:29", "stamp_kind": "yearless", "program": "unbound", "pid": 611,
                "message": "[611:0] notice: init module 0: validator"}),
        Sample("2026-03-14T10:15:29.250+01:00 unbound[611:1] info: start of service (unbound 1.22.0).\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc", "program": "unbound",
                "message": "[611:1] info: start of service (unbound 1.22.0)."}),
    ),
)  # fmt: skip

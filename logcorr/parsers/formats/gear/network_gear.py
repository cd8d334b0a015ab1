"""Switches and firewalls that put their own stamp and mnemonic behind, or in place of, a syslog header."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, PRI, severity

#: A collector's header, where the line was stored by one.
_ENVELOPE: Final = (
    rf"(?:(?:[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}[0-9.:Z+-]*) "
    r"(?P<host>[^\s:]+) )?"
)
_SEQUENCE: Final = r"(?:[0-9]{1,10}: )??(?:(?P<seqnum>[0-9]{1,10}): )?"
_NAME: Final = r"(?:(?P<name>[A-Za-z][\w.-]*): )?"
_MNEMONIC: Final = r"(?P<lead>%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?(?P<severity>[0-7])-[A-Z0-9_]+: ?)"
_CISCO_TIME: Final = (
    rf"(?P<doubt>[*.])?(?P<date>[A-Z][a-z]{{2}} [ 0-3]?[0-9]) (?:(?P<year>[0-9]{{4}}) )?(?P<clock>{CLOCK}{FRACTION})"
    r"(?: (?P<zone>[A-Za-z]{3,5}(?:[+-][0-9]{2}:[0-9]{2})?))?: "
)
_UPTIME: Final = (
    r"(?:(?P<hms>[0-9]{2}:[0-9]{2}:[0-9]{2})|(?P<days>[0-9]{1,4})d(?P<hours>[0-9]{2})h|"
    r"(?P<weeks>[0-9]{1,3})w(?P<day>[0-6])d): "
)
_HUAWEI_NAMED: Final = (
    rf"{PRI}(?P<day>[A-Z][a-z]{{2}} [ 0-3]?[0-9] [0-9]{{4}} {CLOCK})(?:\.(?P<fraction>[0-9]{{1,3}}))?"
    r"(?P<zone>[+-][0-9]{2}:[0-9]{2})? (?P<host>\S+) (?P<lead>%%[0-9]{2}[A-Z0-9_]+/(?P<severity>[0-7])/)"
)
_HUAWEI: Final = (
    rf"{PRI}(?P<date>[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}} {CLOCK})(?:\.(?P<fraction>[0-9]{{1,3}}))?"
    r"(?:\.[0-9]+)?(?P<zone>[+-][0-9]{2}:[0-9]{2})? "
    r"(?P<host>\S+) (?P<lead>%%[0-9]{2}[A-Z0-9_]+/(?P<severity>[0-7])/)"
)
_FORTINET: Final = (
    rf"(?:[0-9]+: )?{PRI}{_ENVELOPE}(?P<lead>\"?date=(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\"?[ ,]"
    rf"\"?time=(?P<clock>{CLOCK})\"?[ ,])"
)


def _lead(frame: pl.DataFrame, program: str) -> pl.DataFrame:
    mnemonic = (
        pl.col("severity").cast(pl.UInt8, strict=False) if "severity" in frame.columns else pl.lit(None, pl.UInt8)
    )
    lead = pl.col("lead") if "lead" in frame.columns else pl.lit("")
    return frame.with_columns(
        program=pl.lit(program),
        priority=pl.coalesce(mnemonic, severity()),
        message=lead + pl.col("message"),
    )


def _cisco(frame: pl.DataFrame) -> pl.DataFrame:
    """With a year: local, or UTC where a zone is named; without: yearless. ``doubt`` marks a clock without NTP."""
    date = frame.select(pl.format("{} {} {}", pl.col("year").fill_null(stamps.YEAR), "date", "clock")).to_series()
    whole = stamps.wall(date.str.replace_all(",", ".", literal=True), ("%Y %b %d %H:%M:%S%.f",))
    known = stamps.utc(whole, frame["zone"].str.to_uppercase())
    yearless = frame["year"].is_null()
    frame = frame.with_columns(
        stamp=pl.when(yearless).then(whole).otherwise(known["stamp"]),
        stamp_kind=pl.when(yearless).then(pl.lit("yearless")).otherwise(known["stamp_kind"]),
        resolution=stamps.resolution(frame["fraction"]),
        seqnum=pl.col("seqnum").cast(pl.UInt64, strict=False),
        host=pl.coalesce("name", "host"),
    )
    return _lead(frame, "cisco-ios")


def _cisco_uptime(frame: pl.DataFrame) -> pl.DataFrame:
    """``00:00:46``, ``3d07h``, ``2w1d`` since boot, as precise as printed."""
    clock = frame["hms"].str.split(":").list
    parts = {
        "seconds": clock.get(2, null_on_oob=True), "minutes": clock.get(1, null_on_oob=True),
        "hours": pl.select(pl.coalesce(clock.get(0, null_on_oob=True), frame["hours"])).to_series(),
        "days": pl.select(pl.coalesce(frame["days"], frame["day"])).to_series(), "weeks": frame["weeks"],
    }  # fmt: skip
    units = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
    counts = pl.DataFrame({name: parts[name].cast(pl.Int64, strict=False) * unit for name, unit in units.items()})
    micros = counts.select(pl.sum_horizontal(pl.all())).to_series() * 1_000_000
    step = pl.when(pl.col("hms").is_not_null()).then(1).when(pl.col("days").is_not_null()).then(3_600).otherwise(86_400)
    frame = frame.with_columns(
        stamp=micros.cast(pl.Datetime("us")), stamp_kind=pl.lit("uptime"), monotonic=micros,
        resolution=step.cast(pl.Int64) * 1_000_000, seqnum=pl.col("seqnum").cast(pl.UInt64, strict=False),
        host=pl.coalesce("name", "host"),
    )  # fmt: skip
    return _lead(frame, "cisco-ios")


def _ios(frame: pl.DataFrame) -> pl.DataFrame:
    return _cisco(frame) if "date" in frame.columns else _cisco_uptime(frame)


def _huawei(frame: pl.DataFrame) -> pl.DataFrame:
    name = "date" if "date" in frame.columns else "day"
    date = frame.select(pl.format("{}.{}", name, pl.col("fraction").fill_null("0"))).to_series()
    frame = frame.with_columns(
        *stamps.utc(stamps.wall(date, (*stamps.ISO[1:], "%b %d %Y %H:%M:%S%.f")), frame["zone"]).get_columns(),
        stamps.resolution(frame["fraction"]).alias("resolution"),
    )
    return _lead(frame, "huawei")


def _fortinet(frame: pl.DataFrame) -> pl.DataFrame:
    """``eventtime`` (ns; s in old versions) is UTC and exact; ``tz`` makes date and time UTC; else they are local."""
    text = frame["lead"] + frame["message"]
    local = stamps.wall(frame.select(pl.format("{} {}", "date", "clock")).to_series(), stamps.ISO[1:])
    zoned = stamps.utc(local, text.str.extract(r'\btz="?([+-][0-9]{4})'))
    digits = text.str.extract(r"\beventtime=([0-9]{10,19})\b")
    fraction = digits.str.slice(10, 6)
    exact = stamps.epoch(digits.str.slice(0, 10), fraction)
    known = exact.is_not_null()
    frame = frame.with_columns(
        stamp=pl.coalesce(exact, zoned["stamp"]),
        stamp_kind=pl.when(known).then(pl.lit("utc")).otherwise(zoned["stamp_kind"]),
        resolution=pl.when(known).then(stamps.resolution(fraction)).otherwise(pl.lit(1_000_000, pl.Int64)),
        host=pl.coalesce(text.str.extract(r'\bdevname="?([^", ]+)'), "host"),
    )
    frame = _lead(frame, "fortigate")
    return frame.with_columns(
        priority=pl.coalesce(level(pl.col("message").str.extract(r'\blevel="?(\w+)')), "priority")
    )


_START: Final = rf"{PRI}{_ENVELOPE}{_SEQUENCE}{_NAME}"
CISCO = Dialect(
    "cisco-ios", "Cisco IOS",
    (rf"{_START}{_CISCO_TIME}{_MNEMONIC}", rf"{PRI}{_ENVELOPE}(?P<seqnum>[0-9]{{1,10}}): {_NAME}{_CISCO_TIME}",
     rf"{_START}{_UPTIME}{_MNEMONIC}"),
    _ios, weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample("022702: Nov 14 03:00:45: %LINK-3-UPDOWN: Interface GigabitEthernet2/0/3, changed state to down\n"
               "<189>2360957: Nov  4 2025 03:00:45.861: %SYS-5-CONFIG_I: Configured from console\n"
               "<191>2637085: rt401: Nov  4 2025 04:00:45.461 CET: NTP Core (NOTICE): Clock synchronization lost.\n"
               "Nov  4 03:00:47 192.0.2.1 31: *Nov  4 03:00:45.123: %LINEPROTO-5-UPDOWN: Line protocol changed\n"
               "00:00:46: %LINK-3-UPDOWN: Interface Vlan1, changed state to up\n",
               {"stamp": ["1972-11-14T03:00:45", "2025-11-04T03:00:45.861", "2025-11-04T03:00:45.461",
                          "1972-11-04T03:00:45.123", "1970-01-01T00:00:46"],
                "stamp_kind": ["yearless", "local", "utc", "yearless", "uptime"], "program": "cisco-ios",
                "priority": [3, 5, 7, 5, 3], "seqnum": [22702, 2360957, 2637085, 31, None],
                "host": [None, None, "rt401", "192.0.2.1", None]}),
        Sample("*Mar 14 09:15:29.123: %LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, "
               "changed state to down\n",
               {"stamp": "1972-03-14T09:15:29.123", "priority": 5}),
        Sample("000123: Mar 14 2026 09:15:29.123 UTC: %OSPF-5-ADJCHG: Process 1, Nbr 192.0.2.2 on Vlan1 "
               "from FULL to DOWN, Neighbor Down: Dead timer expired\n",
               {"stamp": "2026-03-14T09:15:29.123", "stamp_kind": "utc", "priority": 5}),
    ),
)  # fmt: skip

HUAWEI = Dialect(
    "huawei", "Huawei VRP", (_HUAWEI, _HUAWEI_NAMED), _huawei, weight=0.95, narrow=True,
    origin="device",
    samples=(
        Sample("<29>2025-11-4 03:00:45.270.1 core-switch %%01IFNET/4/IF_STATE(l)[4997]:Interface has turned into "
               "DOWN state.\n",
               {"stamp": "2025-11-04T03:00:45.27", "stamp_kind": "local", "host": "core-switch", "program": "huawei",
                "priority": 4, "message": "%%01IFNET/4/IF_STATE(l)[4997]:Interface has turned into DOWN state."}),
        Sample("<29>Nov  4 2025 03:00:45 core-switch %%01IFNET/4/IF_STATE(l)[4997]:Interface has turned into UP "
               "state.\n", {"stamp": "2025-11-04T03:00:45", "host": "core-switch", "priority": 4}),
        Sample("<188>Mar 14 2026 09:15:29 core-sw1 %%01IFPDT/4/IF_STATE(l)[12]:Interface "
               "GigabitEthernet0/0/1 has turned into DOWN state.\n",
               {"stamp": "2026-03-14T09:15:29", "host": "core-sw1", "priority": 4}),
    ),
)  # fmt: skip

FORTINET = Dialect(
    "fortinet", "FortiGate", (_FORTINET,), _fortinet, weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample('1: date=2025-11-04 time=06:00:45 devname="fw1" logid="0000000013" level="notice" '
               'eventtime=1762225245123456789 tz="+0300"\n'
               '<189>date=2025-11-04 time=06:00:45 devname=fw1 level="warning" tz="+0300" action="down"\n',
               {"stamp": ["2025-11-04T03:00:45.123456", "2025-11-04T03:00:45"], "stamp_kind": "utc", "host": "fw1",
                "program": "fortigate", "priority": [5, 4]}),
        Sample('date=2025-11-04,time=06:00:45,devname=fw1,level=warning,msg="wan1 was turned down"\n',
               {"stamp": "2025-11-04T06:00:45", "stamp_kind": "local", "host": "fw1", "priority": 4}),
        Sample('"date=2025-11-04","time=06:00:45","devname=fw1","level=warning","msg=wan1 was turned down"\n',
               {"stamp": "2025-11-04T06:00:45", "host": "fw1", "priority": 4}),
    ),
)  # fmt: skip

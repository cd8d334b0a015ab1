"""Routers and switches that put the year first, a line card before the time, or the name before everything.

Cisco NX-OS and IOS-XR (their system message guides), Arista and Juniper write plain syslog; Opengear's console servers.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, PRI, severity

_SEQUENCE: Final = r"(?:(?P<seqnum>[0-9]{1,10}): )?"
_MNEMONIC: Final = r"(?P<lead>%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?(?P<severity>[0-7])-[A-Z0-9_]+ ?: ?)"
_YEAR_FIRST: Final = (
    rf"(?P<year>[12][0-9]{{3}}) (?P<date>[A-Z][a-z]{{2}} [ 0-3]?[0-9] {CLOCK}{FRACTION})(?: (?P<zone>[A-Z]{{2,5}}))?"
)
_NXOS: Final = rf"{PRI}(?:(?P<host>[A-Za-z][^\s:]*): |: )?{_YEAR_FIRST}:? (?:%\$ \S+ %\$ )?{_MNEMONIC}"
_NXOS_HOST: Final = rf"{PRI}{_YEAR_FIRST} (?P<host>[A-Za-z0-9][^\s:%]*) (?:%\$ \S+ %\$ )?{_MNEMONIC}"
_XR: Final = (
    rf"{PRI}{_SEQUENCE}(?:(?P<host>[A-Za-z0-9][^\s:]*) )?(?P<card>[A-Z0-9]{{2,4}}(?:/[A-Z0-9]+){{1,3}}):"
    rf"(?P<date>[A-Z][a-z]{{2}} [ 0-3]?[0-9] (?:[12][0-9]{{3}} )?{CLOCK}{FRACTION})(?: (?P<zone>[A-Z]{{2,5}}))? ?: "
    rf"(?P<program>[\w-]+)\[(?P<pid>[0-9]+)\]: {_MNEMONIC}"
)
_OPENGEAR: Final = (
    rf"{PRI}(?P<host>[A-Za-z0-9][^\s:]*) (?P<program>[a-z][\w-]*) (?P<date>[12][0-9]{{3}}-[A-Z][a-z]{{2}}-[ 0-3][0-9] "
    rf"{CLOCK}{FRACTION}) (?P<lead>[A-Z]{{2,8}}: )"
)


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """With a year: UTC where the zone says how, else local; without: yearless."""
    date = frame["date"].str.replace_all(",", ".", literal=True)
    if "year" in frame.columns:
        date = pl.select(pl.format("{} {}", frame["year"], date)).to_series()
    missing = ~date.str.contains(r"\b[12][0-9]{3}\b")
    whole = stamps.wall(
        pl.select(pl.when(missing).then(pl.lit(f"{stamps.YEAR} ") + date).otherwise(date)).to_series(),
        ("%Y %b %d %H:%M:%S%.f", "%b %d %Y %H:%M:%S%.f", "%Y-%b-%d %H:%M:%S%.f"),
    )
    zone = frame["zone"] if "zone" in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    known = stamps.utc(whole, zone)
    program = pl.col("program") if "program" in frame.columns else pl.lit("cisco-nxos")
    grave = [pl.col("severity").cast(pl.UInt8, strict=False)] if "severity" in frame.columns else []
    count = [pl.col("seqnum").cast(pl.UInt64, strict=False)] if "seqnum" in frame.columns else []
    pid = [pl.col("pid").cast(pl.Int64, strict=False)] if "pid" in frame.columns else []
    return frame.with_columns(
        *count,
        *pid,
        stamp=pl.when(missing).then(whole).otherwise(known["stamp"]),
        stamp_kind=pl.when(missing).then(pl.lit("yearless")).otherwise(known["stamp_kind"]),
        resolution=stamps.resolution(frame["fraction"]),
        program=program,
        priority=pl.coalesce(*grave, severity()),
        message=pl.col("lead") + pl.col("message"),
    )


SWITCH_OS = Dialect(
    "switch-os", "Cisco NX-OS or IOS-XR, Opengear", (_NXOS_HOST, _NXOS, _XR, _OPENGEAR), _columns,
    weight=0.97, narrow=True, origin="device",
    samples=(
        Sample("<190>2025 Nov  4 03:00:45 nexus1 %ETHPORT-5-IF_DOWN_LINK_FAILURE: Interface Ethernet1/17 is down\n"
               "2025 Nov  4 03:00:46.123 nexus1 %$ VDC-1 %$ %ETHPORT-5-IF_UP: Interface Ethernet1/17 is up\n"
               "<190>sw01: 2025 Nov  4 04:00:47 CET: %AUTHPRIV-6-SYSTEM_MSG: session opened\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46.123", "2025-11-04T03:00:47"],
                "stamp_kind": ["local", "local", "utc"], "host": ["nexus1", "nexus1", "sw01"], "program": "cisco-nxos",
                "priority": [5, 5, 6],
                "message": ["%ETHPORT-5-IF_DOWN_LINK_FAILURE: Interface Ethernet1/17 is down",
                            "%ETHPORT-5-IF_UP: Interface Ethernet1/17 is up",
                            "%AUTHPRIV-6-SYSTEM_MSG: session opened"]}),
        Sample("<187>94307: gw1 LC/0/2/CPU0:Nov  4 03:00:45.834 UTC: ifmgr[214]: %PKT_INFRA-LINK-3-UPDOWN : Interface "
               "TenGigE0/2/0/4, changed state to Down\n"
               "RP/0/RSP0/CPU0:Nov  4 03:00:46.834 : ifmgr[214]: %PKT_INFRA-LINK-3-UPDOWN : Interface x, up\n",
               {"stamp": ["1972-11-04T03:00:45.834", "1972-11-04T03:00:46.834"], "stamp_kind": "yearless",
                "host": ["gw1", None], "program": "ifmgr", "pid": 214, "seqnum": [94307, None], "priority": 3,
                "message": ["%PKT_INFRA-LINK-3-UPDOWN : Interface TenGigE0/2/0/4, changed state to Down",
                            "%PKT_INFRA-LINK-3-UPDOWN : Interface x, up"]}),
        Sample("<30>console1-ts autoresponse 2025-Nov- 4 03:00:45 AR: name=DeviceBoot, state=Triggered\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "local", "host": "console1-ts", "program": "autoresponse",
                "priority": 6, "message": "AR: name=DeviceBoot, state=Triggered"}),
    ),
)  # fmt: skip

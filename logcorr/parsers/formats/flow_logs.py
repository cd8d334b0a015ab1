"""Lines of columns that carry their time among them: Amazon's VPC flow logs, PAN-OS logs, IDS alerts.

References: "Flow log records" of the Amazon VPC User Guide (version 2, the default format); "Syslog Field
Descriptions" of the PAN-OS Administrator's Guide; Snort's alert_fast, Suricata's fast.log
(month/day).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps

#: version account interface source target ports protocol packets bytes start end action status
_FLOW: Final = (
    r"(?P<lead>[2-9] \S+ (?P<about>eni-[0-9a-f]+) \S+ \S+ \S+ \S+ \S+ \S+ \S+ )(?P<start>1[0-9]{9}) (?P<end>1[0-9]{9}) "
)
_DAY: Final = r"[01][0-9]/[0-3][0-9]"
_CLOCK: Final = r"[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
_KINDS: Final = "TRAFFIC|THREAT|SYSTEM|CONFIG|GLOBALPROTECT|HIPMATCH|USERID|DECRYPTION|CORRELATION|GTP|AUTHENTICATION"
_PAN: Final = (
    rf"(?:[0-9]{{0,4}},)?(?P<date>[12][0-9]{{3}}/{_DAY} {_CLOCK}),(?P<host>[0-9A-F]{{8,20}}),(?P<lead>(?:{_KINDS}),)"
)
_ALERT: Final = (
    rf"(?P<date>{_DAY})(?:/(?P<year>[12][0-9]{{3}}))?-(?P<clock>{_CLOCK})\.(?P<fraction>[0-9]{{6}}) +"
    r"(?P<lead>\[\*\*\] )"
)
_SECOND: Final = 1_000_000


def _flow(frame: pl.DataFrame) -> pl.DataFrame:
    """The record is of the stretch from start to end, which is what its time leaves open."""
    nothing = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    start, end = (stamps.epoch(frame[name], nothing) for name in ("start", "end"))
    length = (end - start).dt.total_microseconds().clip(_SECOND)
    return frame.with_columns(
        stamp=start, stamp_kind=pl.lit("utc"), resolution=length, program=pl.lit("vpc-flow"),
        message=pl.col("lead") + pl.col("message"),
    )  # fmt: skip


def _pan(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame["date"].str.replace_all("/", "-", literal=True)
    return frame.with_columns(
        stamp=stamps.wall(date, ("%Y-%m-%d %H:%M:%S",)), stamp_kind=pl.lit("local"), resolution=pl.lit(_SECOND),
        program=pl.lit("pan-os"), message=pl.col("lead") + pl.col("message"),
    )  # fmt: skip


def _alert(frame: pl.DataFrame) -> pl.DataFrame:
    year = pl.col("year").fill_null(stamps.YEAR)
    text = frame.select(pl.format("{}/{} {}.{}", year, "date", "clock", "fraction")).to_series()
    kind = pl.when(pl.col("year").is_null()).then(pl.lit("yearless")).otherwise(pl.lit("local"))
    return frame.with_columns(
        stamp=stamps.wall(text, ("%Y/%m/%d %H:%M:%S%.f",)), stamp_kind=kind, resolution=pl.lit(1),
        program=pl.when(pl.col("year").is_null()).then(pl.lit("snort")).otherwise(pl.lit("suricata")),
        message=pl.col("lead") + pl.col("message"),
    )  # fmt: skip


VPC_FLOW = Dialect(
    "vpc-flow", "Amazon's VPC flow logs", (_FLOW,), _flow, narrow=True,
    samples=(
        Sample("2 123456789010 eni-1235b8ca123456789 192.0.2.7 198.51.100.9 20641 22 6 20 4249 1773479729 1773479789 "
               "ACCEPT OK\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "resolution": 60_000_000, "program": "vpc-flow",
                "about": "eni-1235b8ca123456789",
                "message": "2 123456789010 eni-1235b8ca123456789 192.0.2.7 198.51.100.9 20641 22 6 20 4249 ACCEPT OK"}),
        Sample("2 123456789010 eni-1235b8ca123456789 198.51.100.9 192.0.2.7 49761 3389 6 20 4249 1773479729 1773479730 "
               "REJECT OK\n", {"resolution": 1_000_000}),
        Sample("2 123456789010 eni-1235b8ca123456789 - - - - - - - 1773479729 1773479789 - NODATA\n",
               {"message": "2 123456789010 eni-1235b8ca123456789 - - - - - - - - NODATA"}),
    ),
)  # fmt: skip
PAN_OS = Dialect(
    "pan-os", "Palo Alto Networks PAN-OS logs", (_PAN,), _pan, narrow=True,
    samples=(
        Sample("1,2026/03/14 09:15:29,001606001116,TRAFFIC,drop,1,2026/03/14 09:15:29,192.0.2.7,198.51.100.9,0.0.0.0\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "local", "host": "001606001116", "program": "pan-os",
                "message": "TRAFFIC,drop,1,2026/03/14 09:15:29,192.0.2.7,198.51.100.9,0.0.0.0"}),
        Sample(",2026/03/14 09:15:29,001606001116,SYSTEM,vpn,0,2026/03/14 09:15:29,,tunnel-status-down,gw\n",
               {"message": "SYSTEM,vpn,0,2026/03/14 09:15:29,,tunnel-status-down,gw"}),
        Sample("2026/03/14 09:15:29,001606001116,CONFIG,0,0,2026/03/14 09:15:29,192.0.2.7,,set,admin\n",
               {"stamp": "2026-03-14T09:15:29"}),
    ),
)  # fmt: skip
IDS_ALERT = Dialect(
    "ids-alert", "fast alerts of Snort and Suricata", (_ALERT,), _alert, narrow=True,
    samples=(
        Sample('03/14-09:15:29.765402 [**] [1:366:11] "PROTOCOL-ICMP PING" [**] [Priority: 3] {ICMP} 192.0.2.7 -> '
               "198.51.100.9\n",
               {"stamp": "1972-03-14T09:15:29.765402", "stamp_kind": "yearless", "program": "snort"}),
        Sample("03/14-09:15:29.765402  [**] [129:12:1] reset outside window [**] {TCP} 192.0.2.7:80 -> 192.0.2.8:9\n",
               {"message": "[**] [129:12:1] reset outside window [**] {TCP} 192.0.2.7:80 -> 192.0.2.8:9"}),
        Sample("03/04/2026-09:15:29.860293  [**] [1:2200074:2] SURICATA TCPv4 invalid checksum [**] [Priority: 3]\n",
               {"stamp": "2026-03-04T09:15:29.860293", "stamp_kind": "local", "program": "suricata"}),
        Sample("03/14-09:15:29.000001 [**] [1:1:1] one [**]\n03/14-09:15:30.000001 [**] [1:1:1] two [**]\n",
               {"stamp": ["1972-03-14T09:15:29.000001", "1972-03-14T09:15:30.000001"]}),
    ),
)  # fmt: skip

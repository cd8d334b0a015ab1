"""Routers' own logs, where they are no plain syslog.

OpenWrt, MikroTik, UniFi's CEF, Fritz!Box, OPNsense's log view, TP-Link at home.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_bodies import cef_time, topic_severity
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, ZONE, common, iso_time

_OPENWRT: Final = (
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<date>[A-Z][a-z]{{2}} [ 0-3]?[0-9] {CLOCK} [0-9]{{4}}) (?:\[[0-9.]+\] )?"
    r"[a-z0-9]+\.(?P<level>[a-z]+) (?:(?P<program>[^\s:\[\]]+)(?:\[(?P<pid>[0-9]{1,10})\])?| ?):(?: |$)"
)
_TOPICS: Final = r"(?P<topics>[a-z0-9-]+(?:,[!a-z0-9-]+)+)"
_V7: Final = rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK})"
_V6: Final = rf"(?P<date>[a-zA-Z]{{3}}/[0-9]{{2}} {CLOCK})"
_V6_YEAR: Final = rf"(?P<date>[a-zA-Z]{{3}}/[0-9]{{2}}/[0-9]{{4}} {CLOCK})"
_TODAY: Final = rf"(?P<date>{CLOCK})"
_DETAIL: Final = rf' topics={_TOPICS} message="?'
_FRITZ: Final = rf"(?P<date>[0-3][0-9]\.[01][0-9]\.[0-9]{{2}})[ \t](?P<clock>{CLOCK})(?:[ \t]|$)"
_FRITZ_WORDS: Final = (
    r"Internetverbindung|PPPoE|DSL|WLAN|FRITZ|Fritz|AVM|Anmeldung|IP-Adresse|Internet connection|Internettelefonie|"
    r"Heimnetz"
)
_OPNSENSE: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION})(?:{ZONE})?\t"
    r"(?P<level>Emergency|Alert|Critical|Error|Warning|Notice|Informational|Info|Debug)\t(?P<program>[^\t\[]{1,60})\t"
)
_TPLINK: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}) \[(?P<level>[0-7])\] (?P<program>[\w ./-]{{1,40}}): "
)


def _openwrt(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(
        stamp=stamps.wall(frame["date"], ("%b %d %H:%M:%S %Y",)),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000_000, pl.Int64),
        priority=level(pl.col("level")),
    )
    return common(frame)


def _mikrotik(frame: pl.DataFrame) -> pl.DataFrame:
    """The topics lead the message, as they do over syslog; of several, the gravest gives the severity."""
    date = frame["date"].str.to_titlecase()
    local = stamps.wall(date, ("%Y-%m-%d %H:%M:%S", "%b/%d/%Y %H:%M:%S"))
    yearless = stamps.yearless(date, ("%b/%d %H:%M:%S",))
    today = stamps.time_of_day(date)
    return frame.with_columns(
        stamp=pl.coalesce(local, yearless, today),
        stamp_kind=pl.when(local.is_not_null()).then(pl.lit("local"))
        .when(yearless.is_not_null()).then(pl.lit("yearless")).otherwise(pl.lit("timeofday")),
        resolution=pl.lit(1_000_000, pl.Int64),
        program=pl.lit("mikrotik"),
        priority=topic_severity(pl.col("topics")),
        message=pl.col("topics") + " " + pl.col("message").str.replace(r'" *$', ""),
    )  # fmt: skip


def _cef(frame: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Datetime("us"))
    text = frame.with_columns(
        message=pl.col("lead") + pl.col("message"), program=pl.lit("unifi"),
        stamp=nothing, stamp_kind=pl.lit("utc"), resolution=pl.lit(1_000, pl.Int64),
    )  # fmt: skip
    host = pl.col("message").str.extract(r"\bUNIFIhost=(.+?) UNIFI\w+=")
    return cef_time(text).with_columns(host=host)


def _fritz(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame.select(pl.format("{} {}", "date", "clock")).to_series()
    known = frame["message"].str.contains(_FRITZ_WORDS).any()
    return frame.with_columns(
        stamp=stamps.wall(date, ("%d.%m.%y %H:%M:%S",)),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000_000, pl.Int64),
        program=pl.lit("fritzbox" if known else None, pl.String),
    )


def _opnsense(frame: pl.DataFrame) -> pl.DataFrame:
    return iso_time(frame).with_columns(
        priority=level(pl.col("level")), message=pl.col("message").str.strip_chars_end(" \t")
    )


def _tplink(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        stamp=stamps.wall(frame["date"], stamps.ISO[1:]),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000_000, pl.Int64),
        priority=pl.col("level").cast(pl.UInt8),
    )


OPENWRT = Dialect(
    "openwrt", "OpenWrt logread", (_OPENWRT,), _openwrt, weight=0.95,
    origin="device",
    samples=(
        Sample("Tue Nov  4 03:00:45 2025 daemon.notice netifd: Interface 'wan' has lost the connection\n"
               "Tue Nov  4 03:00:46 2025 kern.info kernel: [  123.456789] eth1: Link is Down\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46"], "stamp_kind": "local", "priority": [5, 6],
                "program": ["netifd", "kernel"], "monotonic": [None, 123_456_789],
                "message": ["Interface 'wan' has lost the connection", "eth1: Link is Down"]}),
        Sample("Sat Mar 14 09:15:29 2026 daemon.warn odhcp6c[1234]: Failed to send RS (Address not available)\n",
               {"stamp": "2026-03-14T09:15:29", "program": "odhcp6c", "pid": 1234, "priority": 4}),
        Sample("Sat Mar 14 09:15:29 2026 daemon.err pppd[7]: LCP terminated by peer\n"
               "Sat Mar 14 09:15:30 2026 daemon.info pppd[7]: Exit.\n",
               {"priority": [3, 6], "program": "pppd"}),
    ),
)  # fmt: skip

MIKROTIK = Dialect(
    "mikrotik", "MikroTik /log print",
    (
        rf" ?time={_V7}{_DETAIL}", rf" ?time={_V6}{_DETAIL}", rf" ?time={_V6_YEAR}{_DETAIL}",
        rf" ?time={_TODAY}{_DETAIL}",
        rf" ?{_V7} {_TOPICS} ", rf" ?{_V6} {_TOPICS} ", rf" ?{_V6_YEAR} {_TOPICS} ", rf" ?{_TODAY} {_TOPICS} ",
    ),
    _mikrotik, weight=0.95, indented=True,
    origin="device",
    samples=(
        Sample(' time=nov/04 03:00:45 topics=interface,info message="lte1 link down"\n'
               " 2025-11-04 03:00:45 interface,info ether1 link down\n03:00:45 system,error,critical router rebooted\n",
               {"stamp": ["1972-11-04T03:00:45", "2025-11-04T03:00:45", "1972-01-01T03:00:45"],
                "stamp_kind": ["yearless", "local", "timeofday"], "program": "mikrotik", "priority": [6, 6, 2],
                "message": ["interface,info lte1 link down", "interface,info ether1 link down",
                            "system,error,critical router rebooted"]}),
        Sample(" 2026-03-14 09:15:29 pppoe,ppp,info pppoe-out1: terminating... - peer is not responding\n",
               {"stamp": "2026-03-14T09:15:29"}),
        Sample("mar/14/2026 09:15:29 system,info,account user admin logged in from 192.0.2.7 via winbox\n",
               {"stamp": "2026-03-14T09:15:29"}),
    ),
)  # fmt: skip

UNIFI_CEF = Dialect(
    "unifi-cef", "UniFi CEF", (r"(?P<lead>(?:CEF:)?0\|Ubiquiti\|)",), _cef, weight=0.95,
    origin="device",
    samples=(
        Sample("CEF:0|Ubiquiti|UniFi Network|10.5.67|100|Internet Down|10|UNIFIhost=Gateway One UNIFIwanId=WAN1 "
               "UNIFIutcTime=2025-11-04T03:00:45.467Z msg=Internet connection WAN1 is down.\n",
               {"stamp": "2025-11-04T03:00:45.467", "stamp_kind": "utc", "program": "unifi", "host": "Gateway One"}),
        Sample("CEF:0|Ubiquiti|UniFi Network|9.3.33|400|WiFi Client Disconnected|1|UNIFIhost=AP One "
               "UNIFIutcTime=2026-03-14T09:15:29.467Z msg=phone disconnected.\n",
               {"stamp": "2026-03-14T09:15:29.467", "stamp_kind": "utc"}),
        Sample("CEF:0|Ubiquiti|UniFi Network|9.3.33|101|Internet "
               "Restored|5|UNIFIutcTime=2026-03-14T09:15:30.000Z msg=up\n"
               "CEF:0|Ubiquiti|UniFi Network|9.3.33|100|Internet "
               "Down|10|UNIFIutcTime=2026-03-14T09:15:31.000Z msg=down\n",
               {"stamp": ["2026-03-14T09:15:30", "2026-03-14T09:15:31"]}),
    ),
)  # fmt: skip

FRITZBOX = Dialect(
    "fritzbox", "AVM Fritz!Box events", (_FRITZ,), _fritz, weight=0.6, hint=_FRITZ_WORDS,
    origin="device",
    samples=(
        Sample("04.11.25 03:05:31 DSL ist verfügbar (DSL-Synchronisierung besteht mit 23519/9936 kbit/s).\n"
               "04.11.25 03:00:46 PPPoE-Fehler: Zeitüberschreitung.\n"
               "04.11.25 03:00:45 Internetverbindung wurde getrennt.\n",
               {"stamp": ["2025-11-04T03:05:31", "2025-11-04T03:00:46", "2025-11-04T03:00:45"], "stamp_kind": "local",
                "program": "fritzbox"}),
        Sample("14.03.26 09:15:29 Anmeldung beim Internetanbieter ist fehlgeschlagen.\n"
               "14.03.26 09:15:28 PPPoE-Fehler: Zeitüberschreitung.\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:28"], "program": "fritzbox"}),
        Sample("14.03.26 09:15:29 Internetverbindung wurde erfolgreich hergestellt. IP-Adresse: 203.0.113.7\n",
               {"stamp": "2026-03-14T09:15:29"}),
    ),
)  # fmt: skip

OPNSENSE = Dialect(
    "opnsense-view", "OPNsense log view", (_OPNSENSE,), _opnsense, weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample("2025-11-04T03:00:46\tNotice\tdpinger\tALERT: WAN (Addr: 192.0.2.1 Alarm: none -> down Loss: 9.0 %)\t\n"
               "2025-11-04T03:00:45\tWarning\tdpinger\tWAN 192.0.2.1: sendto error: 65\n",
               {"stamp": ["2025-11-04T03:00:46", "2025-11-04T03:00:45"], "stamp_kind": "local", "program": "dpinger",
                "priority": [5, 4], "message": ["ALERT: WAN (Addr: 192.0.2.1 Alarm: none -> down Loss: 9.0 %)",
                                                "WAN 192.0.2.1: sendto error: 65"]}),
        Sample("2026-03-14T09:15:29\tError\tdhclient\tNo DHCPOFFERS received.\t\n",
               {"stamp": "2026-03-14T09:15:29", "program": "dhclient", "priority": 3}),
        Sample("2026-03-14T09:15:30\tNotice\tkernel\tigb0: link state changed to UP\t\n"
               "2026-03-14T09:15:29\tNotice\tkernel\tigb0: link state changed to DOWN\t\n",
               {"stamp": ["2026-03-14T09:15:30", "2026-03-14T09:15:29"], "priority": 5}),
    ),
)  # fmt: skip

TPLINK = Dialect(
    "tplink", "TP-Link router log", (_TPLINK,), _tplink, weight=0.93,
    origin="device",
    samples=(
        Sample("2025-11-04 03:00:45 [5] Httpd: Clear log.\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "local", "priority": 5, "program": "Httpd",
                "message": "Clear log."}),
        Sample("2026-03-14 09:15:29 [4] PPP: ppp0 LCP down\n", {"stamp": "2026-03-14T09:15:29", "priority": 4}),
        Sample("2026-03-14 09:15:29 [5] DHCPC: Send DISCOVER\n2026-03-14 09:15:31 [5] DHCPC: Send DISCOVER\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:31"]}),
    ),
)  # fmt: skip

"""Syslog files as rsyslog and syslog-ng write them, and raw datagrams: RFC 3164, RFC 3339 stamps, RFC 5424.

The variants: with and without ``<PRI>``, host, tag, year or fraction; month names of several languages.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields.levels import is_level, level
from logcorr.parsers.fields.months import MONTH, in_english
from logcorr.parsers.fields.syslog_bodies import bodies
from logcorr.parsers.fields.syslog_parts import (
    CLOCK,
    FRACTION,
    HOST,
    PRI,
    TAG,
    ZONE,
    bsd_time,
    common,
    iso_time,
    unescape,
)

_BSD: Final = rf"{PRI}(?P<date>[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK}{FRACTION})"
_BSD_YEAR: Final = rf"{PRI}(?P<day>[A-Z][a-z]{{2}} [ 0-3][0-9]) (?P<year>[0-9]{{4}}) (?P<clock>{CLOCK}{FRACTION})"
_BSD_LOCAL: Final = rf" ?{PRI}(?P<month>{MONTH}) (?P<date>[ 0-3]?[0-9] {CLOCK}{FRACTION})"
_WEEKDAY: Final = r"(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun),? "
#: A name that somebody struck out before showing the log.
_STRUCK: Final = r"(?:\[[A-Za-z][A-Za-z0-9 _-]{1,30}\]|<[A-Za-z][A-Za-z0-9 _-]{1,30}>)"
#: A relay may leave out the blank before the time since boot.
_KERNEL: Final = r"(?P<program>kernel):(?P<uptime>\[ *[0-9]{1,9}\.[0-9]{6}\]) ?"
_ISO_WALL: Final = rf"{PRI}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION})"
_ISO: Final = rf"{PRI}(?P<version>1 )?(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE}"
_PID_ONLY: Final = r"(?P<program>[^\s:\[\]]+)\[(?P<pid>[0-9]{1,10})\] "
_STRUCTURED: Final = r"(?P<data>-|(?:\[[^\]\"]*(?:\"(?:[^\"\\]|\\.)*\"[^\]\"]*)*\])+)"
_RFC5424_FILE: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE} "
    rf"(?P<host>[!-~]+) (?P<program>[!-~]+) (?P<pid>[!-~]+) (?P<msgid>[!-~]+) {_STRUCTURED}(?: |$)"
)
_REST_OF_5424: Final = r"^[!-~]+ [!-~]+ [!-~]+ (?:-(?: |$)|\[[!-~]+[ \]])"
_RFC5424: Final = rf"<(?P<pri>[0-9]{{1,3}})>1 {_RFC5424_FILE}"
_ISO_BLANK: Final = rf"{PRI}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}{FRACTION}){ZONE}?"
_TAG_PID: Final = r"(?P<program>[^\s:\[\]]+)\[(?P<pid>[0-9]{1,10})\]:(?: |$)"
_LEVELS: Final = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
_LOWER: Final = r"^[a-z0-9_./@-]+$"
_YEAR_OR_ZONE: Final = r"^(?:[12][0-9]{3}|UTC|GMT|[A-Z]{2,4}T)$"
_MICROSECONDS: Final = 6  # digits
_ANOTHER: Final = r"<[0-9]{1,3}>[0-9]{4}-[0-9]{2}-[0-9]{2}T"


def _bsd(frame: pl.DataFrame) -> pl.DataFrame:
    if "year" in frame.columns:
        date = frame.select(pl.format("{} {} {}", "year", "day", "clock")).to_series()
        frame = iso_time(frame.with_columns(date=date), ("%Y %b %d %H:%M:%S%.f",))
    else:
        frame = bsd_time(_in_english(frame))
    return bodies(unescape(common(_no_hosts(frame))))


def _no_hosts(frame: pl.DataFrame) -> pl.DataFrame:
    """Lines may have a level, a year or a zone where others have a host: those are no syslog."""
    if "weekday" in frame.columns:
        other = pl.any_horizontal(
            pl.col(name).str.contains(_YEAR_OR_ZONE) for name in ("host", "program") if name in frame.columns
        )
    elif "host" in frame.columns and "program" not in frame.columns:
        other = is_level(pl.col("host"))
    else:
        return frame
    return frame.with_columns(stamp=pl.when(~other.fill_null(value=False)).then("stamp"))


def _without_strangers(rows: pl.DataFrame) -> pl.DataFrame:
    """A first word that no tagged line has for a host is part of the text of a line without host and tag."""
    if "host" not in rows.columns or not rows["program"].is_null().any():
        return rows
    hosts = rows.filter(pl.col("program").is_not_null())["host"].drop_nulls().unique()
    if not len(hosts) and rows.height > 1 and rows["host"].n_unique() == 1:
        return rows
    stranger = pl.col("program").is_null() & pl.col("host").is_not_null() & ~pl.col("host").is_in(hosts.implode())
    return rows.with_columns(
        message=pl.when(stranger).then(pl.format("{} {}", "host", "message")).otherwise("message"),
        host=pl.when(~stranger).then("host"),
    )


def _in_english(frame: pl.DataFrame) -> pl.DataFrame:
    if "month" not in frame.columns:
        return frame
    return frame.with_columns(date=in_english(frame["month"]) + " " + frame["date"])


def _iso(frame: pl.DataFrame) -> pl.DataFrame:
    if frame["message"].str.contains(_ANOTHER).any():
        frame = _apart(frame)
    # a container's runtime prints nanoseconds, and no host behind them
    nano = pl.col("fraction").str.len_bytes() > _MICROSECONDS
    frame = iso_time(frame).with_columns(stamp=pl.when(~nano.fill_null(False)).then("stamp"))
    if "version" in frame.columns:
        # RFC 5424 proper, which has a dialect of its own
        proper = pl.col("version").is_not_null() & pl.col("message").str.contains(_REST_OF_5424)
        frame = frame.with_columns(stamp=pl.when(~proper).then("stamp"))
    return bodies(unescape(common(_without_levels(frame))))


def _without_levels(frame: pl.DataFrame) -> pl.DataFrame:
    """A level in the host's place: before a tag it is ChromeOS that writes so; other lines are no syslog."""
    if "host" not in frame.columns or not frame.select(is_level(pl.col("host").unique()).any()).item():
        return frame
    levels = is_level(pl.col("host"))
    tag = pl.col("program") if "program" in frame.columns else pl.lit(None, pl.String)
    tagged = pl.col("host").is_in(_LEVELS) & tag.str.contains(_LOWER) & ~is_level(tag)
    return frame.with_columns(
        priority=pl.when(levels).then(level(pl.col("host"))),
        host=pl.when(~levels).then("host"),
        stamp=pl.when(~levels | tagged.fill_null(value=False)).then("stamp"),
    )


def _apart(frame: pl.DataFrame) -> pl.DataFrame:
    """A line of rsyslog's ForwardFormat holds many records: ``<15>2025-…message<14>2025-…``.

    Such a line begins with a priority itself; behind any other header those words are the message's. Of what follows
    the first record nobody knows whether it is one or was quoted by it.
    """
    forwarded = pl.col("pri").is_not_null()
    marked = pl.col("message").str.replace_all(rf"({_ANOTHER})", "\x1e$1").str.split("\x1e")
    frame = frame.with_columns(pl.when(forwarded).then(marked).otherwise(pl.concat_list("message"))).explode("message")
    whole = rf"^{_ISO} {HOST} (?:{TAG})?(?P<message>(?s:.*))$"
    found = frame["message"].str.extract_groups(whole).struct.unnest()
    absent = [pl.lit(None, pl.String).alias(name) for name in found.columns if name not in frame.columns]
    own = found["date"].is_not_null()
    return frame.with_columns(absent).with_columns(
        *(pl.when(own).then(found[name]).otherwise(pl.col(name)).alias(name) for name in found.columns),
        origin=pl.when(own).then(pl.lit("unverified")).otherwise(pl.lit("text")),
    )


def _rfc5424(frame: pl.DataFrame) -> pl.DataFrame:
    """``-`` stands for absent; ``sequenceId`` of RFC 5424 section 7.3.1 is the sequence number."""
    absent = [pl.when(pl.col(name) != "-").then(pl.col(name)).alias(name) for name in ("host", "program", "pid")]
    sequence = pl.col("data").str.extract(r'sequenceId="([0-9]{1,10})"').cast(pl.UInt64, strict=False)
    message = pl.col("message").str.strip_prefix("\ufeff")
    return unescape(common(iso_time(frame.with_columns(*absent, message, seqnum=sequence))))


RFC3164 = Dialect(
    "syslog-rfc3164", "syslog, RFC 3164",
    (
        f"{_BSD} {{1,2}}{HOST} {TAG}", f"{_BSD} {TAG}", f"{_BSD} {HOST} {_KERNEL}", f"{_BSD} {HOST} {_PID_ONLY}",
        rf"{_BSD}: ", f"{_BSD_YEAR} {HOST} {TAG}", f"{_BSD_LOCAL} {HOST} {TAG}", f"{_BSD_LOCAL} {TAG}",
        f"{_BSD} {_STRUCK} {TAG}", f"{_WEEKDAY}{_BSD} {HOST} {TAG}", f"{_WEEKDAY}{_BSD} {TAG}",
        f"{_BSD} {{1,2}}{HOST} ",
    ),
    _bsd, finish=_without_strangers, hint=r"^(?:<[0-9]{1,3}>)?[A-Z][a-z]{2}  [0-9]",
    samples=(
        Sample(
            "Nov  4 03:00:45 vps1 tailscaled[871]: open-conn-track: timeout opening\n"
            "Nov  4 03:00:46 vps1 kernel: [  203.842973] nf_conntrack: table full, dropping packet\n"
            "Nov  4 03:00:46 vps1 kernel: tabs#011here\n"
            "Nov  4 03:00:47 vps1 last message repeated 5 times\n"
            "Nov  4 03:00:48 vps1 rsyslogd:  message repeated 76 times: [ -- MARK --]\n"
            "<30>Nov  4 03:00:49 WAN_Connection: Ethernet link down.\n",
            {"stamp_kind": "yearless", "host": ["vps1"] * 5 + [None],
             "program": ["tailscaled", "kernel", "kernel", "kernel", "rsyslogd", "WAN_Connection"],
             "pid": [871, None, None, None, None, None],
             "monotonic": [None, 203_842_973, None, None, None, None],
             "message": ["open-conn-track: timeout opening", "nf_conntrack: table full, dropping packet",
                         "tabs\there", "tabs\there", "-- MARK --", "Ethernet link down."],
             "repeat": [1, 1, 1, 5, 76, 1], "priority": [None] * 5 + [6]},
        ),
        Sample(
            "<28>Nov  4 03:00:45  edge1 mib2d[2100]: SNMP_TRAP_LINK_DOWN: ifIndex 502, ifName xe-0/0/0\n"
            "Nov  4 03:00:46 edge1 kernel:[  203.842973] eth1: carrier off\n"
            "Nov  4 03:00:46 edge1 [  203.842999] bond1: now running without any active interface!\n"
            "Tue Nov  4 03:00:47 udhcpc: broadcasting renew\n",
            {"stamp": [f"1972-11-04T03:00:{second}" for second in (45, 46, 46, 47)], "stamp_kind": "yearless",
             "host": ["edge1"] * 3 + [None], "program": ["mib2d", "kernel", "kernel", "udhcpc"],
             "monotonic": [None, 203_842_973, 203_842_999, None], "priority": [4, None, None, None],
             "message": ["SNMP_TRAP_LINK_DOWN: ifIndex 502, ifName xe-0/0/0", "eth1: carrier off",
                         "bond1: now running without any active interface!", "broadcasting renew"]},
        ),
        Sample(
            "bře 14 09:14:17 raspi5 NetworkManager[896]: Lost carrier\nsrp 14 09:14:17 raspi5 kernel: Up\n"
            "Nov 14 09:14:18 [redacted] systemd-networkd[975]: eth0: Gained carrier\n",
            {"stamp": ["1972-03-14T09:14:17", "1972-08-14T09:14:17", "1972-11-14T09:14:18"],
             "host": ["raspi5", "raspi5", None], "program": ["NetworkManager", "kernel", "systemd-networkd"]},
        ),
    ),
)  # fmt: skip

RFC3339 = Dialect(
    "syslog-rfc3339", "syslog with RFC 3339 stamps (rsyslog FileFormat)",
    (f"{_ISO} {HOST} {TAG}", f"{_ISO} {TAG}", f"{_ISO} {HOST} {_KERNEL}", f"{_ISO} {HOST} {_PID_ONLY}",
     f"{_ISO_BLANK} {HOST} {_TAG_PID}", f"{_ISO} {_STRUCK} {TAG}", f"{_ISO_WALL} {HOST} {TAG}",
     f"{_ISO_WALL} {HOST} {_KERNEL}", f"{_ISO} {HOST} "),
    _iso, weight=0.89, finish=_without_strangers,
    samples=(
        Sample(
            "2025-11-04T03:00:45.792703+00:00 vps1 sshd[1581943]: Invalid user admin from 192.0.2.4 port 5678\n"
            "2025-11-04T04:00:45.792703+01:00 vps1 kernel: [    1.000001] eth0: link up\n"
            "<13>2025-11-04T03:00:45.792703Z vps1 no tag here\n",
            {"stamp": "2025-11-04T03:00:45.792703", "stamp_kind": "utc", "resolution": 1, "host": "vps1",
             "program": ["sshd", "kernel", None], "pid": [1581943, None, None], "monotonic": [None, 1_000_001, None],
             "message": ["Invalid user admin from 192.0.2.4 port 5678", "eth0: link up", "no tag here"],
             "priority": [None, None, 5]},
        ),
        Sample(
            "2025-11-04T03:00:45 vps1 kernel:[81340.552017] NETDEV WATCHDOG: eth1 (r8152): transmit queue 0 timed out\n"
            "2025-11-04T03:00:46 vps1 kernel: [81341.552017] r8152 2-1:1.0 eth1: carrier off\n",
            {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46"], "stamp_kind": "local", "host": "vps1",
             "program": "kernel", "monotonic": [81_340_552_017, 81_341_552_017]},
        ),
        Sample("<28>2026-03-14T09:15:29+00:00 gw1 dnsmasq[5]: no servers found in /etc/resolv.conf, will retry\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "program": "dnsmasq",
                "message": "no servers found in /etc/resolv.conf, will retry"}),
    ),
)  # fmt: skip

RFC5424 = Dialect(
    "syslog-rfc5424", "syslog, RFC 5424", (_RFC5424, _RFC5424_FILE), _rfc5424, weight=0.95,
    samples=(
        Sample(
            '<134>1 2025-11-04T04:00:45+01:00 fw1 filterlog 69805 - [meta sequenceId="2633353"] 10,,,re0,match\n'
            "<13>1 2025-11-04T03:00:45.000Z - - - - - hello: world\n",
            {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc", "resolution": [1_000_000, 1_000],
             "host": ["fw1", None], "program": ["filterlog", None], "pid": [69805, None], "priority": [6, 5],
             "seqnum": [2633353, None], "message": ["10,,,re0,match", "hello: world"]},
        ),
        Sample("<165>1 2026-03-14T09:15:29.123Z edge1 mib2d 1234 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.29 "
               'interface-name="ge-0/0/1"] ifIndex 545, ifName ge-0/0/1\n',
               {"stamp": "2026-03-14T09:15:29.123", "host": "edge1", "program": "mib2d", "pid": 1234, "priority": 5,
                "message": "ifIndex 545, ifName ge-0/0/1"}),
        Sample("<14>1 2026-03-14T10:15:29+01:00 og1 cellmodem 123 - - Cellular connection lost\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "host": "og1", "program": "cellmodem",
                "message": "Cellular connection lost"}),
    ),
)  # fmt: skip

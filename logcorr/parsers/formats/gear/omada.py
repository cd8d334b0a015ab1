"""TP-Link Omada: the controller's syslog, stored by rsyslog or raw, and the gateway's own.

The controller prints its site's time without a zone, and delivers late (1 to 471 s measured); the collector's stamp
goes to ``received``. Its datagrams look like RFC 5424 but are not: blank inside the time, blanks in the host name.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, HOST, PRI, ZONE, bsd_time, iso_time, severity

_DATE: Final = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {CLOCK}"
_BODY: Final = rf"(?P<date>{_DATE}) (?P<name>\S.{{0,80}}?) - - - "
_RELAYED: Final = (
    rf"(?P<in_date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE}\s{HOST}\s{{1,2}}{PRI}(?:1 )?{_BODY}"
)
_RELAYED_BSD: Final = rf"[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK} {HOST}  ?{PRI}(?:1 )?{_BODY}"
_RAW: Final = rf"<(?P<pri>[0-9]{{1,3}})>1 {_BODY}"
_EAP: Final = (
    rf"(?:{PRI}(?:[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}[0-9.:Z+-]*) "
    r"(?P<host>\S+) )?"
    r"\[(?P<seconds>[0-9]{10})\.(?P<fraction>[0-9]{1,9})\] (?P<lead>AP MAC=)"
)
_EAP_RECORD: Final = r"^\[(?P<seconds>[0-9]{10})\.(?P<fraction>[0-9]{1,9})\] (?P<lead>AP MAC=)(?P<message>.*)$"
_LINE_END: Final = r"#015#012|#012|#015|\r\n|\n|\r"
_OWN_HEADER: Final = rf"<[0-9]{{1,3}}>1 {_DATE} "
_OWN_EAP_HEADER: Final = r"\[[0-9]{10}\.[0-9]{1,9}\] AP MAC="
#: What a client chose: its name, and that of the user at a portal.
_CHOSEN: Final = r"\[(?:client|user|guest):|Username: "
_ARRIVED: Final = rf"(?P<in_date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE} (?P<sender>[^\s<]+) {{1,2}}"
_TAGGED: Final = r"(?P<tag>[A-Za-z_][A-Za-z0-9_ -]{0,31}): (?P<device>\[(?:osg|osw|ap|gateway|switch):[^\]]*\])"
_BSD: Final = rf"{PRI}(?P<date>[A-Z][a-z]{{2}} [ 0-3][0-9] {CLOCK})"
#: As sent; behind the header of a collector that kept it whole; and as a collector rewrote its header.
_GATEWAY: Final = rf"{_BSD} {HOST} {_TAGGED}"
_GATEWAY_ARRIVED: Final = rf"{_ARRIVED}{_GATEWAY}"
_GATEWAY_ISO: Final = rf"{PRI}(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE} {HOST} {_TAGGED}"
#: The controller's own server.log: month, day and year, level, thread, and a Java class.
_SERVER: Final = (
    rf"(?P<month>[01][0-9])-(?P<day>[0-3][0-9])-(?P<year>[12][0-9]{{3}}) (?P<clock>{CLOCK})\.(?P<fraction>[0-9]{{3}}) "
    r"(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\[[^\]]*\] \[[^\]]*\] [\w.$]+\(\): "
)


def _server(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame.select(pl.format("{}-{}-{} {}.{}", "year", "month", "day", "clock", "fraction")).to_series()
    return frame.with_columns(
        stamp=stamps.wall(date, stamps.ISO[1:]),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000, pl.Int64),
        program=pl.lit("omada-controller"),
        priority=level(pl.col("level")),
    )


def _controller(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per record of the datagram; later records of a datagram bring a header of their own.

    Without one, a line end is a character of the record: a client may have it in its name. Behind a client's name
    nobody knows whether a record with a header is one, or the rest of the name.
    """
    absent = [name for name in ("in_date", "zone", "pri", "host") if name not in frame.columns]
    frame = _pieces(frame.with_columns(pl.lit(None, pl.String).alias(name) for name in absent), _OWN_HEADER)
    own = pl.col("message").str.extract_groups(rf"^(?:<(?P<pri>[0-9]{{1,3}})>1 )?{_BODY}(?P<message>.*)$")
    frame = frame.with_columns(
        [pl.coalesce(own.struct.field(name), name).alias(name) for name in ("pri", "date", "name", "message")]
    )
    frame = frame.filter((pl.col("message") != "") | ~pl.col("at").is_duplicated())
    return frame.with_columns(
        stamp=stamps.wall(frame["date"], stamps.ISO[1:]),
        stamp_kind=pl.lit("local"),
        resolution=pl.lit(1_000_000, pl.Int64),
        received=stamps.utc(stamps.wall(frame["in_date"]), frame["zone"])["stamp"].dt.replace_time_zone("UTC"),
        host=pl.coalesce("host", "name"),
        program=pl.lit("omada-controller"),
        priority=severity(),
    ).drop("in_date", "zone", "fraction", strict=False)


def _pieces(frame: pl.DataFrame, header: str) -> pl.DataFrame:
    """The datagrams' records, each of which but the first begins with ``header``, and their origin."""
    text = pl.col("message").str.replace(rf"(?:{_LINE_END})+$", "")
    marked = text.str.replace_all(rf"(?:{_LINE_END})+({header})", "\x1e$1")
    frame = frame.with_columns(marked.str.replace_all(_LINE_END, " ").str.split("\x1e")).explode("message")
    chosen = pl.col("message").str.contains(_CHOSEN).cum_max().shift(1, fill_value=False).over("at")
    return frame.with_columns(
        message=pl.col("message").fill_null("").str.strip_chars_end(),
        origin=pl.when(chosen).then(pl.lit("quoted")).otherwise(pl.lit("device")),
    )


def _gateway(frame: pl.DataFrame) -> pl.DataFrame:
    frame = iso_time(frame.rename({"iso": "date"})) if "iso" in frame.columns else bsd_time(frame)
    if "in_date" in frame.columns:
        whole = stamps.utc(stamps.wall(frame["in_date"]), frame["zone"])
        frame = frame.with_columns(
            received=whole["stamp"].dt.replace_time_zone("UTC"), resolution=pl.lit(1_000_000, pl.Int64)
        ).drop("zone")
    return frame.with_columns(
        program=pl.lit("omada-gateway"),
        priority=severity(),
        message=pl.col("device").fill_null("") + pl.col("message").str.strip_chars_end().str.strip_suffix("#015"),
    )


def _eap(frame: pl.DataFrame) -> pl.DataFrame:
    """The bracket holds true epoch time, whatever the header's local clock says. A datagram may hold several."""
    if frame["message"].str.contains(_LINE_END).any():
        frame = _pieces(frame, _OWN_EAP_HEADER)
        own = frame["message"].str.extract_groups(_EAP_RECORD).struct.unnest()
        frame = frame.with_columns(
            pl.coalesce(own[name], pl.col(name)).alias(name) for name in ("seconds", "fraction", "lead", "message")
        )
    return frame.with_columns(
        stamp=stamps.epoch(frame["seconds"], frame["fraction"]),
        stamp_kind=pl.lit("utc"),
        resolution=stamps.resolution(frame["fraction"]),
        program=pl.lit("omada-eap"),
        priority=severity(),
        message=pl.col("lead") + pl.col("message"),
    )


CONTROLLER = Dialect(
    "omada-controller", "TP-Link Omada controller", (_RELAYED, _RELAYED_BSD, _RAW), _controller,
    weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample(
            "2025-11-04T03:00:12.226850+00:00 192.168.0.2  2025-11-04 03:59:58 Controller - - - "
            "[gateway:ER605:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline.#015\n",
            {"stamp": "2025-11-04T03:59:58", "stamp_kind": "local", "received": "2025-11-04T03:00:12.226850",
             "host": "192.168.0.2", "program": "omada-controller", "resolution": 1_000_000,
             "message": "[gateway:ER605:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline."},
        ),
        Sample(
            "<134>1 2025-11-04 03:59:58 Omada Controller_000001 - - - WAN1: DHCP client lease expired.\r\n"
            "<134>1 2025-11-04 03:59:58 Omada Controller_000001 - - - [WAN1] of [gateway:00-00-5E-00-53-01] is down."
            "#015#012<134>1 2025-11-04 04:00:01 Omada Controller_000001 - - - second#015\n",
            {"stamp": ["2025-11-04T03:59:58", "2025-11-04T03:59:58", "2025-11-04T04:00:01"], "received": None,
             "host": "Omada Controller_000001", "priority": 6,
             "message": ["WAN1: DHCP client lease expired.", "[WAN1] of [gateway:00-00-5E-00-53-01] is down.",
                         "second"]},
        ),
    ),
)  # fmt: skip

GATEWAY = Dialect(
    "omada-gateway", "TP-Link Omada gateway",
    (_GATEWAY, _GATEWAY_ARRIVED, _GATEWAY_ISO), _gateway, weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample(
            "<133>Nov  4 03:59:58 ER605 Link Backup: [osg:00-00-5E-00-53-01] Backup [WAN/LAN2] took effect.\n"
            "<133>Nov  4 03:59:59 ER605 ONLINE_DECTION: [osg:00-00-5E-00-53-01]: The online detection result of "
            "[WAN1] was offline.\n",
            {"stamp": ["1972-11-04T03:59:58", "1972-11-04T03:59:59"], "stamp_kind": "yearless", "host": "ER605",
             "program": "omada-gateway", "priority": 5,
             "message": ["[osg:00-00-5E-00-53-01] Backup [WAN/LAN2] took effect.",
                         "[osg:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline."]},
        ),
        Sample("<133>Mar 14 09:15:29 ER7206 ONLINE_DECTION: [osg:00-00-5E-00-53-01]: The online detection "
               "result of [WAN2] was online.\n",
               {"stamp": "1972-03-14T09:15:29", "stamp_kind": "yearless"}),
        Sample("<133>Mar 14 09:15:29 ER605 Link Backup: [osg:00-00-5E-00-53-01] Primary [WAN] took effect.\n"
               "<133>Mar 14 09:15:30 ER605 Link Backup: [osg:00-00-5E-00-53-01] Backup [WAN/LAN1] took effect.\n",
               {"stamp": ["1972-03-14T09:15:29", "1972-03-14T09:15:30"]}),
    ),
)  # fmt: skip

EAP = Dialect(
    "omada-eap", "TP-Link Omada access point", (_EAP,), _eap, weight=0.97, narrow=True,
    origin="device",
    samples=(
        Sample(
            "<6>Nov  4 04:00:45 192.168.0.5 [1762225245.541010111] AP MAC=00:00:5e:00:53:05 MAC SRC=00:00:5e:00:53:06\n"
            "[1762225246.541010111] AP MAC=00:00:5e:00:53:05 IP SRC=192.168.0.73\n",
            {"stamp": ["2025-11-04T03:00:45.541010", "2025-11-04T03:00:46.541010"], "stamp_kind": "utc",
             "priority": [6, None], "host": ["192.168.0.5", None], "program": "omada-eap"},
        ),
    ),
)  # fmt: skip

SERVER = Dialect(
    "omada-server", "Omada controller's server.log", (_SERVER,), _server, weight=0.98, narrow=True,
    origin="device",
    samples=(
        Sample("11-04-2025 03:00:45.467 WARN [adopt-work-group-0] [] c.t.s.o.m.d.d.m.a.c(): Device 02-00-5E-00-53-40 "
               "lost heartbeat\n",
               {"stamp": "2025-11-04T03:00:45.467", "stamp_kind": "local", "program": "omada-controller", "priority": 4,
                "message": "Device 02-00-5E-00-53-40 lost heartbeat"}),
        Sample("03-14-2026 09:15:29.467 INFO [adopt-work-group-1] [] c.t.s.o.m.d.d.m.a.c(): Device "
               "02-00-5E-00-53-41 is connected\n",
               {"stamp": "2026-03-14T09:15:29.467", "priority": 6}),
        Sample("03-14-2026 09:15:29.467 ERROR [x] [] c.t.a.b(): one\n"
               "03-14-2026 21:15:30.001 WARN [x] [] c.t.a.b(): two\n",
               {"stamp": ["2026-03-14T09:15:29.467", "2026-03-14T21:15:30.001"], "priority": [3, 4]}),
    ),
)  # fmt: skip

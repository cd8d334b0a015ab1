"""journalctl's text modes: one header per mode (systemd: src/shared/logs-show.c), continuation lines indented below it.

``--no-hostname`` drops the host; ``-- Boot … --`` and its like are markers, read where blocks are put together.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.engine.dialect import Dialect
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.syslog_parts import CLOCK, HOST, TAG, bsd_time, common, iso_time

_MARKERS: Final = r"^-- (?:Boot [0-9a-f]{32}|Reboot|No entries|cursor: |Logs begin|Journal begins)"
_BLOB: Final = r" \[[0-9.]+[BKMGTPE] blob data\]$"
_WEEKDAY_DATE: Final = (
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})"
)
#: Identifiers are free text; with a process id behind them they can be told even so.
_ODD_TAG: Final = r"(?P<program>\S+)\[(?P<pid>[0-9]{1,10})\]:(?: |$)"
_ABBREVIATION: Final = r"(?P<zone>[A-Z][A-Za-z]{1,5}|[+-][0-9]{2}(?:[0-9]{2})?)"
_UNIT_SUFFIX: Final = r"\.(?:service|scope|socket|mount|automount|swap|timer|path|slice|target|device)"


def _bsd(frame: pl.DataFrame) -> pl.DataFrame:
    return common(bsd_time(frame))


def _iso(frame: pl.DataFrame) -> pl.DataFrame:
    return common(iso_time(frame))


def _unit(frame: pl.DataFrame) -> pl.DataFrame:
    """The tag is the unit (``system.service/user.service`` when both are set), or the identifier without one."""
    frame = _iso(frame)
    last = pl.col("program").str.extract(r"([^/]+)$")
    is_unit = last.str.contains(rf"{_UNIT_SUFFIX}$")
    stem = last.str.replace(rf"(?:@[^/]*)?{_UNIT_SUFFIX}$", "")
    program = pl.when(last == "init.scope").then(pl.lit("systemd")).when(is_unit).then(stem).otherwise("program")
    return frame.with_columns(unit=pl.when(is_unit).then(last), program=program)


def _unix(frame: pl.DataFrame) -> pl.DataFrame:
    stamp = stamps.epoch(frame["seconds"], frame["fraction"])
    return common(
        frame.with_columns(stamp=stamp, stamp_kind=pl.lit("utc"), resolution=stamps.resolution(frame["fraction"]))
    )


def _uptime(frame: pl.DataFrame) -> pl.DataFrame:
    stamp = stamps.epoch(frame["seconds"], frame["fraction"])
    frame = frame.with_columns(
        stamp=stamp, stamp_kind=pl.lit("uptime"), resolution=stamps.resolution(frame["fraction"])
    )
    return common(frame.with_columns(monotonic=stamp.cast(pl.Int64)))


def _headers(time: str) -> tuple[str, ...]:
    return (f"{time} {HOST} {TAG}", f"{time} {TAG}", f"{time} {HOST} {_ODD_TAG}")


_SHORT: Final = rf"(?P<date>[A-Z][a-z]{{2}} [0-3][0-9] {CLOCK})"
_PRECISE: Final = rf"(?P<date>[A-Z][a-z]{{2}} [0-3][0-9] {CLOCK}\.(?P<fraction>[0-9]{{6}}))"
_ISO_DATE: Final = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}"
_SECONDS: Final = r"(?P<seconds>[0-9]{1,6})\.(?P<fraction>[0-9]{6})"

SHORT = Dialect(
    "journal-short", "journalctl -o short", _headers(_SHORT), _bsd, hint=f"{_MARKERS}|{_BLOB}|^[A-Z][a-z]{{2}} 0",
    samples=(
        Sample(
            "Nov 04 03:00:45 opg-srv systemd-networkd[1111]: tailscale0: Link DOWN\n"
            "Nov 04 03:00:46 opg-srv kernel: bond0: (slave eno1): link status up\n",
            {"stamp": ["1972-11-04T03:00:45", "1972-11-04T03:00:46"], "stamp_kind": "yearless", "host": "opg-srv",
             "program": ["systemd-networkd", "kernel"], "pid": [1111, None], "resolution": 1_000_000,
             "message": ["tailscale0: Link DOWN", "bond0: (slave eno1): link status up"]},
        ),
        Sample(
            "-- Logs begin at Mon 2025-11-03 00:00:01 CET, end at Tue 2025-11-04 06:00:00 CET. --\n"
            "-- Boot 0123456789abcdef0123456789abcdef --\n"
            "Nov 14 02:29:59 vps1 app[42]: line one\n"
            "                              line two\n"
            "Nov 14 02:29:59 vps1 app[42]: [7B blob data]\n"
            "Nov 14 02:29:59 vps1 app: \n"
            "-- cursor: s=0;i=1;b=2;m=3;t=4;x=5\n",
            {"message": ["line one\nline two", "[7B blob data]", ""], "boot": "0123456789abcdef0123456789abcdef"},
        ),
        Sample("Mar 14 09:15:29 gw1 systemd-networkd[812]: eth1: Lost carrier\n"
               "-- Boot fedcba9876543210fedcba9876543210 --\nMar 14 09:20:00 gw1 kernel: Linux version 6.1.0\n",
               {"stamp": ["1972-03-14T09:15:29", "1972-03-14T09:20:00"], "host": "gw1",
                "program": ["systemd-networkd", "kernel"]}),
    ),
)  # fmt: skip

SHORT_PRECISE = Dialect(
    "journal-short-precise", "journalctl -o short-precise", _headers(_PRECISE), _bsd,
    samples=(
        Sample("Nov 24 06:07:17.991099 opg-srv tailscaled[1154]: magicsock: derp-10 connected; connGen=1\n",
               {"stamp": "1972-11-24T06:07:17.991099", "stamp_kind": "yearless", "resolution": 1, "host": "opg-srv",
                "program": "tailscaled", "pid": 1154, "message": "magicsock: derp-10 connected; connGen=1"}),
        Sample("Mar 14 09:15:29.250000 gw1 kernel: eth1: Link is Down\n",
               {"stamp": "1972-03-14T09:15:29.25", "host": "gw1", "program": "kernel",
                "message": "eth1: Link is Down"}),
        Sample("Mar 14 09:15:29.000001 gw1 sshd[7]: one\nMar 14 09:15:29.000002 gw1 sshd[7]: two\n",
               {"stamp": ["1972-03-14T09:15:29.000001", "1972-03-14T09:15:29.000002"], "pid": 7}),
    ),
)  # fmt: skip

SHORT_ISO = Dialect(
    "journal-short-iso", "journalctl -o short-iso",
    _headers(rf"(?P<date>{_ISO_DATE})(?P<zone>[+-][0-9]{{2}}:?[0-9]{{2}})"), _iso, hint=_MARKERS,
    samples=(
        Sample("2025-11-04T04:00:45+0100 opg-srv tailscaled[1154]: LinkChange: all links down; pausing\n"
               "2025-11-04T03:00:45+00:00 opg-srv systemd[1]: Stopping tailscaled.service\n",
               {"stamp": "2025-11-04T03:00:45", "stamp_kind": "utc", "resolution": 1_000_000, "host": "opg-srv",
                "program": ["tailscaled", "systemd"], "pid": [1154, 1]}),
        Sample("2026-03-14T10:15:29+0100 gw1 systemd-networkd[812]: eth1: Lost carrier\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "program": "systemd-networkd",
                "message": "eth1: Lost carrier"}),
        Sample("2026-03-14T09:15:29+0000 gw1 kernel: eth1: Link is Down\n"
               "2026-03-14T09:15:30+0000 gw1 kernel: eth1: Link is Up\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"], "program": "kernel"}),
    ),
)  # fmt: skip

SHORT_ISO_PRECISE = Dialect(
    "journal-short-iso-precise", "journalctl -o short-iso-precise",
    _headers(rf"(?P<date>{_ISO_DATE}\.(?P<fraction>[0-9]{{6}}))(?P<zone>[+-][0-9]{{4}})"), _iso,
    samples=(
        Sample("2025-11-04T04:00:45.991099+0100 opg-srv tailscaled[1154]: control: map response long-poll timed out!\n",
               {"stamp": "2025-11-04T03:00:45.991099", "stamp_kind": "utc", "resolution": 1, "program": "tailscaled"}),
        Sample("2026-03-14T09:15:29.250000+0000 gw1 systemd[1]: Stopping frr.service\n",
               {"stamp": "2026-03-14T09:15:29.25", "resolution": 1, "program": "systemd", "pid": 1}),
        Sample("2026-03-14T10:15:29.250000+0100 gw1 kernel: eth1: Link is Down\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc", "host": "gw1"}),
    ),
)  # fmt: skip

SHORT_FULL = Dialect(
    "journal-short-full", "journalctl -o short-full", _headers(f"{_WEEKDAY_DATE} {_ABBREVIATION}"), _unit,
    samples=(
        Sample("Tue 2025-11-04 04:00:45 CET opg-srv tailscaled[1154]: health(warnable=not-in-map-poll): ok\n"
               "Tue 2025-11-04 04:00:46 CST opg-srv tailscaled[1154]: Switching ipn state Running -> Starting\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T04:00:46"], "stamp_kind": ["utc", "local"],
                "host": "opg-srv", "program": "tailscaled", "pid": 1154}),
        Sample("Sat 2026-03-14 09:15:29 UTC gw1 systemd-networkd[812]: eth1: Lost carrier\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "program": "systemd-networkd"}),
        Sample("Sat 2026-03-14 10:15:29 CET gw1 kernel: eth1: Link is Down\n"
               "Sat 2026-03-14 10:15:30 CET gw1 kernel: eth1: Link is Up\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"], "stamp_kind": "utc", "program": "kernel"}),
    ),
)  # fmt: skip

WITH_UNIT = Dialect(
    "journal-with-unit", "journalctl -o with-unit", _headers(f"{_WEEKDAY_DATE} {_ABBREVIATION}"), _unit,
    weight=0.88, hint=rf"^[A-Z][a-z]{{2}} [0-9 :-]{{19}} \S+ (?:\S+ )?\S+{_UNIT_SUFFIX}(?:\[[0-9]+\])?: ",
    samples=(
        Sample("Tue 2025-11-04 03:00:45 UTC opg-srv systemd-networkd.service[1111]: tailscale0: Link DOWN\n"
               "Tue 2025-11-04 03:00:45 UTC opg-srv init.scope[1]: Stopping tailscaled.service\n"
               "Tue 2025-11-04 03:00:45 UTC opg-srv kernel: bond0: active interface up!\n"
               "Tue 2025-11-04 03:00:45 UTC opg-srv user@1000.service/app.service: hello\n",
               {"stamp": "2025-11-04T03:00:45", "program": ["systemd-networkd", "systemd", "kernel", "app"],
                "unit": ["systemd-networkd.service", "init.scope", None, "app.service"], "pid": [1111, 1, None, None]}),
        Sample("Sat 2026-03-14 09:15:29 UTC gw1 frr.service[7]: zebra state: down\n",
               {"stamp": "2026-03-14T09:15:29", "unit": "frr.service", "pid": 7}),
        Sample("Sat 2026-03-14 10:15:29 CET gw1 systemd-networkd.service[812]: eth1: Lost carrier\n",
               {"stamp": "2026-03-14T09:15:29", "stamp_kind": "utc", "unit": "systemd-networkd.service"}),
    ),
)  # fmt: skip

SHORT_UNIX = Dialect(
    "journal-short-unix", "journalctl -o short-unix",
    _headers(r"(?P<seconds>[0-9]{1,12})\.(?P<fraction>[0-9]{6})"), _unix,
    samples=(
        Sample("1762225245.991099 opg-srv tailscaled[1154]: magicsock: home is now derp-4 (fra)\n",
               {"stamp": "2025-11-04T03:00:45.991099", "stamp_kind": "utc", "resolution": 1, "host": "opg-srv",
                "program": "tailscaled", "pid": 1154}),
        Sample("1773479729.250000 gw1 kernel: eth1: Link is Down\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc", "program": "kernel"}),
        Sample("1773479729.000001 gw1 sshd[7]: one\n1773479729.000002 gw1 sshd[7]: two\n",
               {"stamp": ["2026-03-14T09:15:29.000001", "2026-03-14T09:15:29.000002"], "pid": 7}),
    ),
)  # fmt: skip

SHORT_MONOTONIC = Dialect(
    "journal-short-monotonic", "journalctl -o short-monotonic", (rf"\[ *{_SECONDS}\] {HOST} {TAG}",), _uptime,
    samples=(
        Sample("[  137.611116] opg-srv systemd-networkd[1111]: eno1: Link UP\n",
               {"stamp": "1970-01-01T00:02:17.611116", "stamp_kind": "uptime", "monotonic": 137_611_116,
                "host": "opg-srv", "program": "systemd-networkd", "message": "eno1: Link UP"}),
        Sample("[    5.250000] gw1 kernel: eth1: Link is Down\n",
               {"stamp_kind": "uptime", "monotonic": 5250000, "program": "kernel"}),
        Sample("[ 1305.000001] gw1 sshd[7]: one\n[ 1305.000002] gw1 sshd[7]: two\n",
               {"monotonic": [1305000001, 1305000002], "host": "gw1"}),
    ),
)  # fmt: skip

SHORT_DELTA = Dialect(
    "journal-short-delta", "journalctl -o short-delta",
    _headers(rf"\[ *{_SECONDS}(?: {{16}}| <[ 0-9.]+[ *]?>)\]"), _uptime,
    samples=(
        Sample("[  137.611116                ] opg-srv systemd[1]: Starting tailscaled.service\n"
               "[  137.701674 <    0.090558 >] opg-srv systemd-networkd[1111]: eno1: Link UP\n"
               "[    0.500000 <    0.999994*>] opg-srv kernel: Linux version\n",
               {"monotonic": [137_611_116, 137_701_674, 500_000], "stamp_kind": "uptime", "host": "opg-srv",
                "program": ["systemd", "systemd-networkd", "kernel"]}),
        Sample("[    5.250000                ] gw1 kernel: eth1: Link is Down\n"
               "[    5.350000 <    0.100000 >] gw1 kernel: eth1: Link is Up\n",
               {"monotonic": [5250000, 5350000], "program": "kernel"}),
        Sample("[ 1305.000001 <    0.000001 >] gw1 sshd[7]: one\n", {"monotonic": 1305000001, "pid": 7}),
    ),
)  # fmt: skip

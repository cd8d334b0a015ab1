"""The kernel's ring buffer as text: dmesg(1) in its shapes, /dev/kmsg, and conntrack(8)'s event stream.

``dmesg -T`` and ``--time-format iso`` compute the wall clock from the uptime when they are run: after a suspend or a
clock step what they print is wrong by as much.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, LineMatches, Sample, Turn
from logcorr.parsers.engine.dialect import Dialect, text_cut
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.fields import stamps
from logcorr.parsers.fields.levels import level
from logcorr.parsers.fields.syslog_parts import CLOCK, severity

_DECODED: Final = r"(?:[a-z0-9]+ *:(?P<level>[a-z]+) *: )?"
_UPTIME: Final = r"(?P<seconds>[0-9]{1,9})\.(?P<fraction>[0-9]{6})"
_PLAIN: Final = rf"(?:<(?P<pri>[0-9]{{1,3}})>)?{_DECODED}\[ *{_UPTIME}\] "
_CTIME: Final = (
    rf"{_DECODED}\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<date>[A-Z][a-z]{{2}} [ 0-3]?[0-9] {CLOCK} [0-9]{{4}})\] "
)
_ISO: Final = (
    rf"{_DECODED}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}),(?P<fraction>[0-9]{{6}})"
    r"(?P<zone>[+-][0-9]{2}:[0-9]{2}) "
)
#: talosctl dmesg.
_TALOS: Final = (
    rf"[a-z0-9]+: +(?P<level>[a-z]+): \[(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK})\.(?P<fraction>[0-9]{{1,9}})"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})\]: "
)
#: A program that wrote to /dev/kmsg, unless the kernel tells what became of that process.
_WRITER: Final = r"^(?P<program>[A-Za-z][A-Za-z0-9_.@-]*)\[(?P<pid>[0-9]{1,10})\]: (?P<message>(?s:.*))$"
_OBITUARY: Final = r"^\S+\]: (?:segfault|unhandled|bad frame|potentially|syscall|general protection|error )"
#: What only a kernel says, early or often.
_KERNEL: Final = (
    r"\] (?:Linux version|Command line:|BIOS-|ACPI|PCI|pci |usb |audit:|IPv6:|EXT4-fs|systemd\[1\]:|nf_conntrack|"
    r"(?:e1000e|igb|ixgbe|r8169|bond[0-9]|eth[0-9]|en[ops][0-9a-z]+|docker[0-9]|veth|br-|tailscale[0-9])\S*[ :])"
)
_KMSG: Final = r"(?P<pri>[0-9]{1,4}),(?P<seqnum>[0-9]{1,19}),(?P<uptime>[0-9]{1,15}),[-c+](?:,[^;]*)?;"
_USER: Final = r"^(?P<program>[^\s:\[\]]+)(?:\[(?P<pid>[0-9]{1,10})\])?: (?P<message>(?s:.*))$"
_FACILITY: Final = 8  # a priority of one facility or more was not written by the kernel
_CONNTRACK: Final = r"\[(?P<seconds>[0-9]{10})\.(?P<fraction>[0-9]{1,9})[ \t]*\]\s+(?P<lead>\[(?:NEW|UPDATE|DESTROY)\])"


def _finish(frame: pl.DataFrame) -> pl.DataFrame:
    given = [severity()] if "pri" in frame.columns else []
    words = [level(pl.col("level"))] if "level" in frame.columns else []
    spoken = ~pl.col("message").str.contains(_OBITUARY)
    writer = pl.when(spoken).then(pl.col("message")).str.extract_groups(_WRITER)
    return frame.with_columns(
        program=pl.coalesce(writer.struct.field("program"), pl.lit("kernel")),
        pid=writer.struct.field("pid").cast(pl.Int64, strict=False),
        message=pl.coalesce(writer.struct.field("message"), pl.col("message").str.strip_prefix("kernel: ")),
        priority=pl.coalesce(*given, *words, pl.lit(None, pl.UInt8)),
    )


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    stamp = stamps.epoch(frame["seconds"], frame["fraction"])
    return _finish(frame).with_columns(
        stamp=stamp, stamp_kind=pl.lit("uptime"), resolution=pl.lit(1, pl.Int64), monotonic=stamp.cast(pl.Int64)
    )


def _ctime(frame: pl.DataFrame) -> pl.DataFrame:
    stamp = stamps.wall(frame["date"], ("%b %d %H:%M:%S %Y",))
    return _finish(frame).with_columns(
        stamp=stamp, stamp_kind=pl.lit("local"), resolution=stamps.resolution(None, frame.height)
    )


def _iso(frame: pl.DataFrame) -> pl.DataFrame:
    date = frame["date"] + "." + frame["fraction"]
    return _finish(frame).with_columns(
        *stamps.utc(stamps.wall(date), frame["zone"]).get_columns(),
        stamps.resolution(frame["fraction"]).alias("resolution"),
    )


def _kmsg(frame: pl.DataFrame) -> pl.DataFrame:
    """A facility other than kern means that a program wrote to /dev/kmsg; it names itself in the text."""
    uptime = frame["uptime"].cast(pl.Int64, strict=False)
    user = pl.when(pl.col("pri").cast(pl.Int64) >= _FACILITY).then(pl.col("message")).str.extract_groups(_USER)
    return frame.with_columns(
        stamp=uptime.cast(pl.Datetime("us")), stamp_kind=pl.lit("uptime"), resolution=pl.lit(1, pl.Int64),
        monotonic=uptime, priority=severity(), seqnum=pl.col("seqnum").cast(pl.UInt64, strict=False),
        program=pl.coalesce(user.struct.field("program"), pl.lit("kernel")),
        pid=user.struct.field("pid").cast(pl.Int64, strict=False),
        message=pl.coalesce(user.struct.field("message"), "message"),
    )  # fmt: skip


def _conntrack(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        stamp=stamps.epoch(frame["seconds"], frame["fraction"]),
        stamp_kind=pl.lit("utc"),
        resolution=stamps.resolution(frame["fraction"]),
        program=pl.lit("conntrack"),
        message=pl.col("lead") + pl.col("message"),
    )


DMESG = Dialect(
    "dmesg", "dmesg", (_PLAIN,), _plain, weight=0.8,
    samples=(
        Sample("[ 4301.999258] audit: type=1400\n"
               "<4>[ 4302.000001] bond0: (slave eno1): link status definitely down, disabling slave\n"
               "kern  :notice: [ 4303.000000] Linux version 6.8.0\n",
               {"stamp": ["1970-01-01T01:11:41.999258", "1970-01-01T01:11:42.000001", "1970-01-01T01:11:43"],
                "stamp_kind": "uptime", "monotonic": [4_301_999_258, 4_302_000_001, 4_303_000_000], "program": "kernel",
                "host": None, "priority": [None, 4, 5],
                "message": ["audit: type=1400", "bond0: (slave eno1): link status definitely down, disabling slave",
                            "Linux version 6.8.0"]}),
        Sample("[    5.257064] kernel: eth0: Link is Up\n", {"program": "kernel", "message": "eth0: Link is Up"}),
        Sample("[    5.257065] systemd-networkd[681]: eth0: Gained carrier\n"
               "[    6.257065] app[4711]: segfault at 0 ip 00005581 error 4 in app\n",
               {"program": ["systemd-networkd", "kernel"], "pid": [681, None],
                "message": ["eth0: Gained carrier", "app[4711]: segfault at 0 ip 00005581 error 4 in app"]}),
    ),
)  # fmt: skip

DMESG_CTIME = Dialect(
    "dmesg-ctime", "dmesg -T", (_CTIME,), _ctime, weight=0.48, hint=_KERNEL,
    samples=(
        Sample("[Tue Nov  4 03:00:45 2025] e1000e 0000:00:1f.6 eno1: NIC Link is Down\n"
               "kern  :info  : [Tue Nov  4 03:00:46 2025] eno1: renamed\n",
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46"], "stamp_kind": "local", "program": "kernel",
                "message": ["e1000e 0000:00:1f.6 eno1: NIC Link is Down", "eno1: renamed"], "priority": [None, 6]}),
        Sample("[Sat Mar 14 09:15:29 2026] eth1: Link is Down\n[Sat Mar 14 09:15:30 2026] eth1: Link is Up\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:30"], "program": "kernel"}),
        Sample("kern  :err   : [Sat Mar 14 09:15:29 2026] e1000e: Detected Hardware Unit Hang\n",
               {"priority": 3, "stamp": "2026-03-14T09:15:29"}),
    ),
)  # fmt: skip

DMESG_ISO = Dialect(
    "dmesg-iso", "dmesg --time-format iso", (_ISO, _TALOS), _iso, weight=0.95,
    samples=(
        Sample("kern:     err: [2025-11-04T03:00:45.542409509Z]: e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:"
               "\n   TDH                  <4>\n",
               {"stamp": "2025-11-04T03:00:45.542409", "stamp_kind": "utc", "program": "kernel", "priority": 3,
                "message": "e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:\n   TDH                  <4>"}),
        Sample("2025-11-04T04:00:45,000001+01:00 eno1: NIC Link is Down\n",
               {"stamp": "2025-11-04T03:00:45.000001", "stamp_kind": "utc", "program": "kernel", "host": None,
                "message": "eno1: NIC Link is Down"}),
        Sample("2026-03-14T09:15:29,250000+00:00 eth1: Link is Down\n"
               "2026-03-14T09:15:30,250000+00:00 eth1: Link is Up\n",
               {"stamp": ["2026-03-14T09:15:29.25", "2026-03-14T09:15:30.25"], "program": "kernel"}),
    ),
)  # fmt: skip

CONNTRACK = Dialect(
    "conntrack", "conntrack -E -o timestamp", (_CONNTRACK,), _conntrack, weight=0.95,
    samples=(
        Sample("[1762225245.634473        ]\t    [DESTROY] tcp      6 src=192.168.0.100 dst=172.237.72.8 sport=42348\n",
               {"stamp": "2025-11-04T03:00:45.634473", "stamp_kind": "utc", "program": "conntrack",
                "message": "[DESTROY] tcp      6 src=192.168.0.100 dst=172.237.72.8 sport=42348"}),
        Sample("[1773479729.250000        ]\t [UPDATE] tcp      6 60 SYN_RECV src=192.0.2.7 dst=198.51.100.9 "
               "sport=1 dport=2\n",
               {"stamp": "2026-03-14T09:15:29.25", "stamp_kind": "utc"}),
        Sample("[1773479729.250000        ]\t    [NEW] udp      17 30 src=192.0.2.7 dst=198.51.100.9 sport=1 "
               "dport=53 [UNREPLIED]\n",
               {"stamp": "2026-03-14T09:15:29.25"}),
    ),
)  # fmt: skip

_RECORDS: Final = Dialect("kmsg", "/dev/kmsg", (_KMSG,), _kmsg, (), weight=0.95)


@dataclass(frozen=True, slots=True)
class Kmsg:
    """The ``LineParser`` of /dev/kmsg: a record, then its device as lines `` KEY=value``, no part of the text."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (_KMSG,)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines that carry the header."""
        return _RECORDS.sniff(head)

    def take(self, lines: Lines) -> LineMatches:
        """The records and their devices."""
        taken = _RECORDS.take(lines)
        if taken.rows.height:
            device = lines.text.str.contains(r"^ [A-Z][A-Z0-9_]*=").to_numpy()
            taken.role[device & (taken.role == LEFT) & np.maximum.accumulate(taken.role != LEFT)] = CONTINUATION
        return taken

    def cut(self, data: bytes) -> int:
        """Before the last line that is not indented."""
        return text_cut(data)


KMSG = Kmsg(
    "kmsg", "/dev/kmsg",
    (
        Sample("6,1234,5140900,-;eno1: NIC Link is Down\n SUBSYSTEM=net\n DEVICE=n2\n"
               "30,1235,5141000,-;systemd[1]: Reached\n",
               {"stamp": ["1970-01-01T00:00:05.1409", "1970-01-01T00:00:05.141"], "stamp_kind": "uptime",
                "monotonic": [5_140_900, 5_141_000], "seqnum": [1234, 1235], "priority": 6,
                "program": ["kernel", "systemd"], "pid": [None, 1], "message": ["eno1: NIC Link is Down", "Reached"]}),
        Sample("3,77,5250000,-;eth1: Link is Down\n",
               {"stamp_kind": "uptime", "priority": 3, "message": "eth1: Link is Down"}),
        Sample("4,78,5250001,-;one\n6,79,5250002,-;two\n", {"priority": [4, 6], "message": ["one", "two"]}),
    ),
)  # fmt: skip

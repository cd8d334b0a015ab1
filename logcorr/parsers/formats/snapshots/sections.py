"""How a transcript of commands is cut up: times, prompts and headings before the output of each command.

``Tool`` is the contract of the modules that read one command's output.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.snapshots.moments import Moment, moment_of

#: Decoration that people put around a date: ``=== 2025-11-04 03:00:45 ===``.
_RULED: Final = re.compile(r"^[=#*\-\[(> ]*(?P<time>[^=#*\[\]()>]{8,60}?)[=#*\-\])>: ]*$")
_SHORT: Final = 120
#: ``### <date -Is> <hostname> <command>``, as the README's loop writes it.
_HEADED: Final = re.compile(r"^### (?P<time>\S{19,40}) (?P<host>[\w.-]{1,253}) (?P<command>\S.*)$")
_WATCH: Final = re.compile(
    r"^Every [0-9.,]+s: (?P<command>\S.{0,300}?) {2,300}(?:(?P<host>[\w.-]+): )?(?P<time>[^:]+:\d\d:\d\d .*)$"
)
_PROMPT: Final = re.compile(
    r"^(?:\[[\w.-]+@(?P<host1>[\w.-]+) [^\]]{0,200}\]|[\w.-]+@(?P<host2>[\w.-]+)(?::[^$#]{0,200})?)"
    r"[$#] ?(?P<command>.*)$"
)
_BARE: Final = re.compile(r"^[$#] (?P<command>(?:sudo (?:-\S+ )*)?(?P<word>[\w./-]+)\b.*)$")
_FILE: Final = re.compile(r"^==> (?P<path>/?\S.*?) <==$")

#: Commands of which a bare prompt is believed, and whose output is kept line by line where nothing reads it better.
KNOWN: Final = frozenset((
    "apt", "arp", "arping", "bash", "cat", "chronyc", "conntrack", "coredumpctl", "corosync-cfgtool",
    "corosync-quorumtool", "curl", "date", "df", "dig", "ethtool", "findmnt", "for", "free", "getent", "grep",
    "host", "hostname", "hostnamectl", "ifconfig", "iostat", "ip", "iptables", "iptables-save", "iw",
    "journalctl", "kubectl", "last", "ls", "lsof", "lvs", "mtr", "nc", "nebula-cert", "netbird", "netstat",
    "networkctl", "nft", "nmcli", "nslookup", "ntpq", "openssl", "pfctl", "ping", "ps", "psql", "pstree", "resolvectl",
    "route", "show", "ss", "swanctl", "sysctl", "systemctl", "systemd-resolve", "tailscale", "tc", "timedatectl", "top",
    "tracepath", "traceroute", "uname", "uptime", "vmstat", "vtysh", "w", "watch", "wg", "while", "who",
))  # fmt: skip
#: What prints logs, which are left to the parsers of logs.
_LOGS: Final = re.compile(r"\b(?:journalctl(?!.*--list-boots)|dmesg|logread|tcpdump|swanctl --log)\b|/log/|\.log\b")
_WORD: Final = re.compile(
    r"^(?:sudo (?:-\S+ )*|\w+=\S+ |time |timeout \S+ )*(?:\S*/)?(?P<word>[\w.-]+)(?: (?P<next>[a-z][\w-]*))?"
)

#: What a line may begin with that bears a time, a prompt or a heading; coarse, for finding candidates (Rust syntax).
HEADS: Final = (
    r"^(?:### |==> |Every [0-9]|\[[\w.-]+@|[\w.-]+@[\w.-]+[:$#]|[$#] [a-z]|"
    r"[=#*\-\[(> ]{0,40}(?:[^\W\d_]{2,4}\.?,? +[^:]{2,20}[0-9]:[0-9]{2}|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]|"
    r"[0-9]{1,2}\.? [^\W\d_]{3,5}\.? [0-9]|1[0-9]{9}))"
)
#: As much later than its prompt's date as the answer to the next prompts may be: somebody types.
TYPING: Final = 300_000_000
#: The commands of one line follow one another within this.
SCRIPTED: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Heading:
    """One line that says when, where or by what the lines after it were printed."""

    moment: Moment | None = None
    host: str | None = None
    command: str | None = None
    path: str | None = None  # of the file whose contents follow


def head_of_line(line: str) -> Heading | None:
    """``line`` as a head, if it is one and nothing else."""
    for form in (_HEADED, _WATCH):
        found = form.match(line)
        moment = found and moment_of(found["time"].strip())
        if found and moment:
            return Heading(moment, found["host"], found["command"])
    if prompt := _PROMPT.match(line):
        return Heading(None, prompt["host1"] or prompt["host2"], prompt["command"])
    if (bare := _BARE.match(line)) and bare["word"].rsplit("/", 1)[-1] in KNOWN:
        return Heading(None, None, bare["command"])
    if file := _FILE.match(line):
        return Heading(None, None, None, file["path"])
    if len(line) <= _SHORT and (ruled := _RULED.match(line)):
        moment = moment_of(ruled["time"].strip())
        return Heading(moment) if moment else None
    return None


@dataclass(slots=True)
class Context:
    """What the heads so far say about the lines that follow."""

    moment: Moment | None = None
    host: str | None = None
    command: str = ""
    path: str | None = None
    asked: int = 0  # outputs since the command was named
    fresh: bool = False  # the last line was a time
    unclosed: int = 0  # up to here no JSON ends

    def enter(self, head: Heading) -> None:
        """Take in what a head says."""
        if head.moment:
            self.moment, self.asked = head.moment.at_least(SCRIPTED), 0
        elif head.command is not None and self.moment and self.command:
            # a prompt after the one that printed the time: somebody typed in between
            self.moment = self.moment.at_least(TYPING)
        self.host = head.host or self.host
        if head.command is not None:
            self.command, self.path, self.asked = head.command, None, 0
        self.path = head.path or self.path
        self.fresh = head.moment is not None

    def object_of(self, tool: str) -> str | None:
        """Of what the next output of ``tool`` is, as the command or the file's heading says."""
        if tool == "bonding":
            named = re.findall(r"/proc/net/bonding/([\w.-]+)", self.path or self.command)
        else:
            named = re.findall(rf"\b{tool} (?:-\S+ )*([A-Za-z_][\w.@:-]*)", self.command)
        self.asked += 1
        return str(named[(self.asked - 1) % len(named)]) if named else None

    @property
    def word(self) -> str:
        """What to call the program whose output is kept as it is: ``tailscale-ping``; "" where it prints logs."""
        if not self.command or _LOGS.search(self.command):
            return ""
        found = _WORD.match(self.command)
        if not found or found["word"] not in KNOWN:
            return ""
        # the client of a daemon must not be taken for the daemon
        return f"tailscale-{found['next'] or 'client'}" if found["word"] == "tailscale" else str(found["word"])


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that an output states. ``at`` is the line it begins on. ``?`` leads ``message`` where its object, an
    interface or a bond, is not known.
    """

    at: int
    message: str
    about: str | None = None
    moment: Moment | None = None  # its own time; default: that of the heads
    host: str | None = None  # default: that of the heads


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tool made of the lines from ``start`` on: the first line after them, and what they state."""

    end: int
    statements: list[Statement] = field(default_factory=list)
    moment: Moment | None = None  # the output names the time itself
    host: str | None = None


#: (all lines, position of the output's first line, what is known about it) -> what it says. Never raises for any text.
Reads = Callable[[Sequence[str], int, Context], Reading]


@dataclass(frozen=True, slots=True)
class Tool:
    """One command whose output is read. ``title`` (in the syntax that Rust and Python share) fits its first line."""

    program: str
    title: str
    reads: Reads
    after_time: bool = False  # its title fits too much: only right after a time is it believed

"""The attackers of ``spoofs.yaml``, what they try, and how their lines get into an incident's files.

Every attacker tries every wording that the rules know: the message of each example beside an event file.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml

from logcorr.rulebook import load_rules
from logcorr.rulebook.testing.cases import EventCase, load_cases
from tests.conftest import ROOT
from tests.simulate.incident import Incident
from tests.simulate.machines.clock import SECOND, moment

SPOOFS: Final = Path(__file__).with_name("spoofs.yaml")
INNOCENT: Final = "guest"  # what an outsider would write who means no harm
APART: Final = 1_500 * SECOND  # how far false witnesses would move a clock

#: What a program does to an outsider's words before it prints them.
QUOTES: Final[dict[str, Callable[[str], str]]] = {
    "": str,
    "hex": lambda words: re.sub(r'["\\]', lambda hit: f"\\x{ord(hit[0]):02X}", words),
    "slash": lambda words: json.dumps(words, ensure_ascii=False)[1:-1],
    "twice": lambda words: json.dumps(json.dumps(words)[1:-1])[1:-1],
    "url": quote,
    "repr": repr,
    "dns": lambda words: words.replace(" ", "\\032"),
    "audit": lambda words: f'"{words}"' if re.fullmatch(r"[!#-~]+", words) else words.encode().hex().upper(),
    "comm": lambda words: re.sub(r"[()\s]", "-", words)[:15],
}


@dataclass(frozen=True, slots=True)
class Payload:
    """What an outsider would have us believe: a program and what it says."""

    program: str
    words: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Spoof:
    """One way of writing into a log. ``program`` None: the attacker claims one; ``log`` None: a host's journal."""

    kind: str
    number: int
    line: str
    program: str | None
    quote: str
    fields: Mapping[str, str]
    log: str | None
    trouble: bool = False  # the line tells of trouble, whatever the words in it

    @property
    def name(self) -> str:
        return f"{self.kind} {self.number}: {self.log or self.program or self.fields}"

    def text(self, payload: Payload, at: int, host: str, wired: str) -> str:
        """The line, or the message, with the words of ``payload`` in it."""
        stamp = moment(at)
        holes = {
            "{words}": QUOTES[self.quote](payload.words), "{program}": payload.program, "{host}": host,
            "{wired}": wired, "{time}": f"{stamp:%Y-%m-%dT%H:%M:%S.%fZ}", "{plain}": f"{stamp:%Y-%m-%d %H:%M:%S}",
            "{short}": f"{stamp:%b} {stamp.day:2d} {stamp:%H:%M:%S}", "{micros}": str(at),
        }  # fmt: skip
        return re.sub("|".join(map(re.escape, holes)), lambda hole: holes[hole[0]], self.line)

    def entry(self, payload: Payload, at: int, base: Mapping[str, str], wired: str) -> dict[str, str]:
        """The journal entry that journald would have stored."""
        claimed = {name: value.replace("{program}", payload.program) for name, value in self.fields.items()}
        if "_COMM" in claimed:
            claimed["_COMM"] = claimed["_COMM"][:15]
        message = self.text(payload, at, base["_HOSTNAME"], wired)
        identifier = {"SYSLOG_IDENTIFIER": self.program or payload.program}
        return {**base, "__REALTIME_TIMESTAMP": str(at), "PRIORITY": "4", **identifier, "MESSAGE": message, **claimed}


@dataclass(frozen=True, slots=True, eq=False)
class Attacker:
    """One kind of attacker and the ways open to him."""

    kind: str
    who: str
    does: str  # claims, prints, is a device, dates, or words: what his lines are compared with
    spoofs: tuple[Spoof, ...]


@cache
def attackers() -> tuple[Attacker, ...]:
    """All of ``spoofs.yaml``."""
    return tuple(_attacker(item) for item in yaml.safe_load(SPOOFS.read_text("utf-8")))


def _attacker(item: Mapping[str, Any]) -> Attacker:
    does = next((word for word in ("claimed", "printed", "router", "clock") if item.get(word)), "words")
    spoofs = [_spoof(item["kind"], number, way) for number, way in enumerate(item["says"], 1)]
    return Attacker(item["kind"], item["who"], does, tuple(spoofs))


def _spoof(kind: str, number: int, way: Any) -> Spoof:
    if isinstance(way, dict):
        fields = way.get("as", {})
        program = fields.get("SYSLOG_IDENTIFIER") or way.get("program")
        line = way.get("line", "{words}")
        return Spoof(kind, number, line, program, way.get("quote", ""), fields, way.get("log"))
    program, line, *more = way
    own = program.partition("/")[0]
    fields = {
        "_TRANSPORT": "syslog", "_PID": "811", "_UID": "0", "_COMM": own, "_EXE": f"/usr/sbin/{own}",
        "_SYSTEMD_UNIT": f"{own}.service",
    }  # fmt: skip
    return Spoof(kind, number, line, program, more[0] if more else "", fields, None, "trouble" in more)


@cache
def payloads() -> tuple[Payload, ...]:
    """The message of every example of an event, with the program that says it."""
    rules = load_rules()
    found: dict[tuple[str, str], Payload] = {}
    for file in load_cases([ROOT / "rules" / "events"], rules):
        for case in file.cases:
            if isinstance(case, EventCase) and case.message and case.expected() and "\n" not in case.message:
                program = case.program or file.program or "app"
                found[program, case.message] = Payload(program, case.message, case.expected())
    return tuple(found.values())


def flows() -> tuple[Payload, ...]:
    """Connections that two hosts would both have seen, begun by either, and what sets and tells clocks."""
    ends = ("192.0.2.7", "198.51.100.9")
    both = [(ends[number % 2], 40_000 + number, ends[1 - number % 2]) for number in range(40)]
    return tuple(Payload("app", f"opened {one}:{port}->{other}:443") for one, port, other in both)


CLOCK_WORDS: Final = (
    Payload("chronyd", "System clock wrong by 1500.250000 seconds"),
    Payload("systemd", "Time has been changed"),
    Payload("systemd-timesyncd", "System clock time unset or jumped backwards, restoring from recorded timestamp."),
    Payload("ntpd", "time reset +1500.250000 s"),
    Payload("kernel", "Linux version 6.8.0-48-generic (buildd@x) #48-Ubuntu SMP"),
    Payload("systemd-logind", "The system will suspend now!"),
    Payload("kernel", "PM: suspend entry (deep)"),
)


def inject(incident: Incident, lines: Sequence[tuple[Spoof, Payload, int, bool]], wired: str) -> Incident:
    """The incident's files with some spoofs in them: (how, what, when in µs, whether on the second host)."""
    files = dict(incident.files)
    names = journals(incident)
    bases = [base_of(files[name], name) for name in names]
    more: dict[str, list[dict[str, str]]] = {name: [] for name in names}
    texts: dict[str, list[tuple[int, str]]] = {}
    for spoof, payload, at, second in lines:
        which = 1 if second and len(names) > 1 else 0
        if spoof.log is None:
            more[names[which]].append(spoof.entry(payload, at, bases[which], wired))
        else:
            texts.setdefault(spoof.log, []).append((at, spoof.text(payload, at, bases[0]["_HOSTNAME"], wired)))
    for name, entries in more.items():
        files[name] = _merged(name, files[name], entries)
    for name, told in texts.items():
        files[name] = "".join(f"{line}\n" for _, line in sorted(told)).encode()
    return replace(incident, files=files)


def journals(incident: Incident) -> list[str]:
    """The journals among the files: first the server's."""
    names = [name for name in incident.files if re.search(r"\.(?:json|export)(?:\.gz)?$", name)]
    return sorted(names, key=lambda name: b"opg-api" not in _plain(name, incident.files[name]))


def wired_of(incident: Incident) -> str:
    """The server's wired interface."""
    found = re.search(
        rb"\b(eno1|enp3s0|eth0|bond0)\b", _plain(journals(incident)[0], incident.files[journals(incident)[0]])
    )
    return found[0].decode() if found else "eth0"


def _plain(name: str, data: bytes) -> bytes:
    return gzip.decompress(data) if name.endswith(".gz") else data


def base_of(data: bytes, name: str) -> dict[str, str]:
    """The fields by which a journal names its machine."""
    text = _plain(name, data).decode("utf-8", "replace")
    base = {}
    for field in ("_BOOT_ID", "_HOSTNAME", "_MACHINE_ID"):
        found = re.search(rf'"{field}":"([^"]+)"|^{field}=(.+)$', text, re.MULTILINE)
        assert found, name
        base[field] = found[1] or found[2]
    return base


def _exported(key: str, value: str) -> bytes:
    """A field as journalctl -o export writes it: with its length before it where it holds a line feed."""
    said = value.encode()
    return (
        f"{key}\n".encode() + struct.pack("<Q", len(said)) + said + b"\n"
        if b"\n" in said
        else f"{key}={value}\n".encode()
    )


def _merged(name: str, data: bytes, entries: Sequence[Mapping[str, str]]) -> bytes:
    if not entries:
        return data
    plain = _plain(name, data)
    if ".export" in name:
        plain += b"".join(b"".join(map(_exported, entry, entry.values())) + b"\n" for entry in entries)
    else:
        rows = [*plain.splitlines(), *(json.dumps(entry, ensure_ascii=False).encode() for entry in entries)]
        stamp = re.compile(rb'"__REALTIME_TIMESTAMP": ?"(\d+)"')
        rows.sort(key=lambda row: int(found[1]) if (found := stamp.search(row)) else 0)
        plain = b"\n".join(rows) + b"\n"
    return gzip.compress(plain, 1) if name.endswith(".gz") else plain


def attack(
    attacker: Attacker, begin: int, end: int, tried: Sequence[Payload], only: Sequence[Spoof] = ()
) -> Iterator[tuple[Spoof, Payload, int, bool]]:
    """What an attacker does between two moments: every payload once, by each way in turn, on one host or the other."""
    spoofs = [spoof for spoof in only or attacker.spoofs if not spoof.trouble]
    if attacker.does == "clock":
        for spoof in spoofs:
            for number, payload in enumerate(flows()):
                at = begin + (end - begin) * number // len(flows())
                yield spoof, payload, at, False
                yield spoof, payload, at + APART, True
        tried = CLOCK_WORDS * len(spoofs)
    if not spoofs:
        return
    for number, payload in enumerate(tried):
        at = begin + (end - begin) * (number * 7919 % len(tried)) // len(tried)
        yield spoofs[number % len(spoofs)], payload, at, number // len(spoofs) % 2 == 1

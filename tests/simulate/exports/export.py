"""The forms in which people export logs: every journalctl mode that keeps times, and rsyslog's two file formats."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.simulate.machines.clock import SECOND, moment
from tests.simulate.machines.host import AUTH, AUTHPRIV, Host, Record

ANSI = re.compile(rb"\x1b\[[0-9;]*m")
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as journald stored it."""

    record: Record
    realtime: int
    monotonic: int
    boot: str
    seqnum: int
    fields: tuple[tuple[str, bytes], ...]

    @property
    def message(self) -> bytes:
        text = self.record.message
        return text if isinstance(text, bytes) else text.encode()


def entries(host: Host) -> list[Entry]:
    """The host's journal, with all the fields that journald adds."""
    out: list[Entry] = []
    received = 0
    first = 90_000 + host.rng("seqnum").randrange(800_000)
    for number, record in enumerate(host.journal()):
        boot = host.boot(record.time)
        received = max(record.time + 12 + (number * 7919) % 83, received + 1)
        realtime, monotonic = host.clock.wall(received), boot.monotonic(received)
        fields = (*_own_fields(host, record), *_trusted_fields(host, record, boot.id, boot.monotonic(record.time)))
        out.append(
            Entry(
                record,
                realtime,
                monotonic,
                boot.id,
                first + number,
                tuple((name, value.encode() if isinstance(value, str) else value) for name, value in fields),
            )
        )
    return out


def _own_fields(host: Host, record: Record) -> Iterator[tuple[str, str | bytes]]:
    """What the program (or the transport for it) sent."""
    program = record.program
    yield "PRIORITY", str(record.priority)
    yield "SYSLOG_FACILITY", str(program.facility)
    yield "SYSLOG_IDENTIFIER", program.identifier
    if program.transport == "syslog" and record.pid is not None:
        yield "SYSLOG_PID", str(record.pid)
        stamp = moment(host.clock.wall(record.time))
        yield "SYSLOG_TIMESTAMP", f"{stamp:%b} {stamp.day:2d} {stamp:%H:%M:%S} "
    yield "MESSAGE", record.message
    yield from record.fields


def _trusted_fields(host: Host, record: Record, boot: str, monotonic: int) -> Iterator[tuple[str, str | bytes]]:
    """What journald vouches for."""
    program = record.program
    yield "_BOOT_ID", boot
    yield "_MACHINE_ID", host.machine_id
    yield "_HOSTNAME", host.name
    yield "_TRANSPORT", program.transport
    if program.transport == "kernel":
        yield "_SOURCE_MONOTONIC_TIMESTAMP", str(monotonic)
        return
    if program.transport != "stdout":
        yield "_SOURCE_REALTIME_TIMESTAMP", str(host.clock.wall(record.time))
    if host.systemd >= 252:
        yield "_RUNTIME_SCOPE", "system"
    yield from (("_PID", str(record.pid)), ("_UID", str(program.uid)), ("_GID", str(program.uid)))
    if program.comm:
        yield from (("_COMM", program.comm), ("_EXE", program.exe or ""), ("_CMDLINE", program.cmdline or ""))
    if program.unit is None:
        return
    yield "_CAP_EFFECTIVE", "0" if program.uid else "1ffffffffff"
    yield "_SELINUX_CONTEXT", "unconfined\n"  # AppArmor's label ends in a newline, so it is framed as binary
    yield "_SYSTEMD_CGROUP", program.cgroup or f"/system.slice/{program.unit}"
    yield "_SYSTEMD_UNIT", program.unit
    if program.unit.endswith(".service"):
        yield "_SYSTEMD_SLICE", "system.slice"
        yield "_SYSTEMD_INVOCATION_ID", host.invocation(program.unit, record.time)
    if program.transport == "stdout":
        yield "_STREAM_ID", host.hex("stdout", program.identifier, record.pid)


def cursor(host: Host, entry: Entry) -> str:
    """The entry's cursor (sd_journal_get_cursor(3))."""
    check = hashlib.blake2b(b"\n".join(value for _, value in entry.fields), digest_size=8).hexdigest()
    return (
        f"s={host.seqnum_id};i={entry.seqnum:x};b={entry.boot};m={entry.monotonic:x};t={entry.realtime:x}"
        f";x={check.lstrip('0')}"
    )


def _address_fields(host: Host, entry: Entry) -> Iterator[tuple[str, str]]:
    yield "__CURSOR", cursor(host, entry)
    yield "__REALTIME_TIMESTAMP", str(entry.realtime)
    yield "__MONOTONIC_TIMESTAMP", str(entry.monotonic)
    if host.systemd >= 254:
        yield from (("__SEQNUM", str(entry.seqnum)), ("__SEQNUM_ID", host.seqnum_id))


def _framed(name: str, value: bytes) -> bytes:
    text = _printable(value)
    if text is None or "\n" in text:
        return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return name.encode() + b"=" + value + b"\n"


def journal_export(host: Host, items: list[Entry]) -> bytes:
    """``journalctl -o export`` (systemd's JOURNAL_EXPORT_FORMATS)."""
    out = bytearray()
    for entry in items:
        for name, text in _address_fields(host, entry):
            out += _framed(name, text.encode())
        for name, value in entry.fields:
            out += _framed(name, value)
        out += b"\n"
    return bytes(out)


def _printable(value: bytes) -> str | None:
    """The text of a value that journalctl regards as printable UTF-8."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return None if any((ord(char) < 32 and char not in "\t\n") or 127 <= ord(char) < 160 for char in text) else text


def _json_value(name: str, value: bytes) -> str | list[int] | None:
    if len(name) + 1 + len(value) >= 4096:
        return None
    text = _printable(value)
    return list(value) if text is None else text


def _objects(host: Host, items: list[Entry]) -> Iterator[dict[str, object]]:
    for entry in items:
        fields: dict[str, object] = dict(_address_fields(host, entry))
        for name, value in entry.fields:
            item = _json_value(name, value)
            if name not in fields:
                fields[name] = item
            else:
                held = fields[name]
                fields[name] = [*held, item] if isinstance(held, list) and isinstance(held[0], str) else [held, item]
        # journalctl prints the keys in the order of a hash table
        names = sorted(fields, key=lambda name: hashlib.blake2b(f"{entry.seqnum % 7}{name}".encode()).digest())
        yield {name: fields[name] for name in names}


def journal_json(host: Host, items: list[Entry]) -> bytes:
    """``journalctl -o json``: one object a line; long values are null, unprintable ones arrays of bytes."""
    return b"".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in _objects(host, items)
    )


def journal_json_pretty(host: Host, items: list[Entry]) -> bytes:
    """``journalctl -o json-pretty``: objects follow one another without a comma."""
    out = []
    for row in _objects(host, items):
        body = ",\n".join(
            f"\t{json.dumps(name)} : {json.dumps(value, ensure_ascii=False)}" for name, value in row.items()
        )
        out.append("{\n" + body + "\n}\n")
    return "".join(out).encode()


def _shown_message(message: bytes) -> str:
    """The message as the short modes show it: colours stripped, TAB as eight blanks, binary as a note of its size."""
    text = _printable(ANSI.sub(b"", message))
    return f"[{len(message)}B blob data]" if text is None else text.replace("\t", " " * 8)


def _display_time(host: Host, entry: Entry) -> int:
    return (
        entry.realtime if entry.record.program.transport in ("kernel", "stdout") else host.clock.wall(entry.record.time)
    )


Stamp = Callable[[datetime], str]
STAMPS: dict[str, Stamp] = {
    "short": lambda at: f"{at:%b %d %H:%M:%S}",
    "short-precise": lambda at: f"{at:%b %d %H:%M:%S.%f}",
    "short-iso": lambda at: f"{at:%Y-%m-%dT%H:%M:%S%z}",
    "short-iso-precise": lambda at: f"{at:%Y-%m-%dT%H:%M:%S.%f%z}",
    "short-full": lambda at: f"{at:%a %Y-%m-%d %H:%M:%S %Z}",
    "with-unit": lambda at: f"{at:%a %Y-%m-%d %H:%M:%S %Z}",
    "short-unix": lambda at: f"{at.timestamp():.6f}",
}


def journal_text(host: Host, items: list[Entry], mode: str = "short", zone: ZoneInfo = UTC_ZONE) -> bytes:
    """``journalctl -o MODE`` for the modes with one line a record. Text modes show the sender's clock."""
    out: list[str] = []
    boot = None
    for entry in items:
        if boot not in (None, entry.boot):
            out.append(f"-- Boot {entry.boot} --")
        boot = entry.boot
        program = entry.record.program
        stamp = STAMPS[mode](moment(_display_time(host, entry)).astimezone(zone))
        if mode.startswith("short-iso") and host.systemd >= 255:
            stamp = f"{stamp[:-2]}:{stamp[-2:]}"
        name = program.unit if mode == "with-unit" and program.unit else program.identifier
        pid = "" if entry.record.pid is None else f"[{entry.record.pid}]"
        prefix = f"{stamp} {host.name} {name}{pid}: "
        out.append(prefix + _shown_message(entry.message).replace("\n", "\n" + " " * len(prefix)))
    return ("\n".join(out) + "\n").encode() if out else b"-- No entries --\n"


def _escaped(message: bytes) -> str:
    """rsyslog's ``$EscapeControlCharactersOnReceive``: #ooo in octal."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda hit: f"#{ord(hit[0]):03o}", message.decode(errors="replace"))


def not_auth(entry: Entry) -> bool:
    """Debian's selector of /var/log/syslog: ``*.*;auth,authpriv.none``."""
    return entry.record.program.facility not in (AUTH, AUTHPRIV)


def rsyslog(host: Host, items: list[Entry], *, traditional: bool = False, zone: ZoneInfo = UTC_ZONE) -> bytes:
    """/var/log/syslog: RSYSLOG_FileFormat, or the traditional format without year and zone."""
    out: list[str] = []
    for entry in items:
        record = entry.record
        at = moment(host.clock.wall(record.time)).astimezone(zone)
        stamp = f"{at:%b} {at.day:2d} {at:%H:%M:%S}" if traditional else at.isoformat(timespec="microseconds")
        pid = "" if record.pid is None else f"[{record.pid}]"
        text = _escaped(entry.message)
        if record.program.transport == "kernel":
            uptime = entry.monotonic
            text = f"[{uptime // SECOND:5d}.{uptime % SECOND:06d}] {text}"
        out.append(f"{stamp} {host.name} {record.program.identifier}{pid}: {text}\n")
    return "".join(out).encode()


def gzipped(data: bytes) -> bytes:
    """``gzip -n``: no name, no time."""
    return gzip.compress(data, compresslevel=9, mtime=0)

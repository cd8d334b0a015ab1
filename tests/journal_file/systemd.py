"""systemd's own programs: systemd-journal-remote writes journals, journalctl says what is in them."""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

WRITER = "/usr/lib/systemd/systemd-journal-remote"

#: One entry: field name -> its values. Names that begin with ``__`` are journald's own addresses.
Entry = Mapping[str, Sequence[bytes]]


def export(entries: Iterable[Entry]) -> bytes:
    """``entries`` in the export format (systemd: docs/JOURNAL_EXPORT_FORMATS.md)."""
    return (
        b"\n".join(
            b"".join(_field(name, value) for name, values in entry.items() for value in values) for entry in entries
        )
        + b"\n"
    )


def _field(name: str, value: bytes) -> bytes:
    if re.search(rb"[\x00-\x08\x0a-\x1f]", value):
        return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
    return name.encode() + b"=" + value + b"\n"


def write(path: Path, entries: Iterable[Entry], *, compact: bool, keyed: bool) -> list[Path]:
    """Write ``entries`` with systemd-journal-remote, and return the files that it made."""
    flags = {"SYSTEMD_JOURNAL_COMPACT": str(int(compact)), "SYSTEMD_JOURNAL_KEYED_HASH": str(int(keyed))}
    source = path.with_suffix(".export")
    source.write_bytes(export(entries))
    subprocess.run([WRITER, "-o", path, source], env=os.environ | flags, check=True, capture_output=True)
    return sorted(path.parent.glob(f"{path.stem}*.journal"))


def output(path: Path) -> bytes:
    """A file in the export format, as journalctl prints it."""
    return subprocess.run(["journalctl", "--file", path, "-o", "export"], capture_output=True, check=False).stdout


def journalctl(path: Path) -> list[dict[str, list[bytes]]]:
    """What journalctl prints of a file: per entry, each field's values in order."""
    return parsed(output(path))


def count(path: Path) -> int:
    """How many entries journalctl prints."""
    return len(journalctl(path))


def parsed(data: bytes) -> list[dict[str, list[bytes]]]:
    """Read the export format, byte by byte: slow, and written apart from the parser under test."""
    entries: list[dict[str, list[bytes]]] = []
    entry: dict[str, list[bytes]] = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        name, mark, value = data[at:end].partition(b"=")
        at = end + 1
        if not name:
            entries += [entry] if entry else []
            entry = {}
            continue
        if not mark:
            size = int.from_bytes(data[at : at + 8], "little")
            value = data[at + 8 : at + 8 + size]
            at += 8 + size + 1
        entry.setdefault(name.decode(), []).append(value)
    return entries + ([entry] if entry else [])


def json_output(path: Path) -> bytes:
    """A file as ``journalctl -o json`` prints it: an object a line."""
    command = ["journalctl", "--file", str(path), "-o", "json", "--all"]
    return subprocess.run(command, capture_output=True, check=False).stdout


def from_json(data: bytes) -> list[dict[str, list[bytes]]]:
    """Read ``journalctl -o json``: text, or bytes as a list of numbers, or null, or a list of these."""
    return [
        {name: found for name, value in json.loads(line).items() if (found := _values(value)) is not None}
        for line in data.splitlines()
    ]


def _values(value: str | list[object] | None) -> list[bytes] | None:
    """A field's values, or None for one that is too long to be shown."""
    if value is None:
        return None
    if isinstance(value, str):
        return [value.encode()]
    if value and all(isinstance(byte, int) for byte in value):
        return [bytes(byte for byte in value if isinstance(byte, int))]
    return [one for each in value if isinstance(each, str | list) for one in _values(each) or ()]

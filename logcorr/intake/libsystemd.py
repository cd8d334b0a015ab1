"""The live journal through libsystemd, by way of systemd-python: its entries as one stream in the export format.

systemd: docs/JOURNAL_EXPORT_FORMATS.md. systemd-python's public ``get_next`` converts every field of every entry, which
takes four times as long as all else, so its ``_next`` and ``_get_all`` are called instead.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol, cast

from logcorr.intake.live_query import LiveQuery, chosen_boot, epoch_micros, unit_names

_UNIT_FIELDS: Final = ("_SYSTEMD_UNIT", "COREDUMP_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT")
_COREDUMP: Final = "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"  # systemd-coredump's; see its message catalogue
_ALL_NAMESPACES, _WITH_DEFAULT = 1 << 5, 1 << 6  # flags of sd_journal_open_namespace(3) that systemd-python lacks
_NEVER: Final = 1 << 63


class _Reader(Protocol):
    """What is used of ``systemd.journal.Reader``."""

    data_threshold: int

    def _next(self) -> bool: ...
    def _get_all(self) -> dict[str, bytes | list[bytes]]: ...
    def _get_realtime(self) -> int: ...
    def _get_monotonic(self) -> tuple[int, bytes]: ...
    def _get_cursor(self) -> str: ...
    def query_unique(self, field: str) -> set[object]: ...
    def seek_realtime(self, realtime: float) -> None: ...
    def seek_head(self) -> None: ...
    def add_match(self, *matches: str) -> None: ...
    def add_disjunction(self) -> None: ...
    def add_conjunction(self) -> None: ...
    def flush_matches(self) -> None: ...


def installed() -> bool:
    """Whether systemd-python can be imported."""
    try:
        import systemd.journal  # type: ignore[import-untyped]  # noqa: F401, PLC0415  an optional extra
    except ImportError:
        return False
    return True


def open_journal(query: LiveQuery) -> BinaryIO:
    """The entries that ``query`` asks for, oldest first, in the export format.

    Raises UsageError for a boot or units that the journal does not know.
    """
    reader = _opened(query)
    boot = chosen_boot(query, _boots(reader)) if query.boot is not None else None
    _match_units(reader, query)
    if boot is not None:
        reader.add_match(f"_BOOT_ID={boot}")
    if query.since is not None:
        reader.seek_realtime(query.since.timestamp())
    else:
        reader.seek_head()
    entries = _entries(reader, epoch_micros(query.since) or 0, epoch_micros(query.until) or _NEVER)
    return cast("BinaryIO", io.BufferedReader(_Chunks(entries), 1 << 20))


def _opened(query: LiveQuery) -> _Reader:
    from systemd import journal  # noqa: PLC0415  an optional extra

    namespace = query.namespace
    if query.directory is not None:
        reader = journal.Reader(path=str(query.directory))
    elif namespace == "*":
        reader = journal.Reader(flags=journal.LOCAL_ONLY | _ALL_NAMESPACES)
    elif namespace and namespace.startswith("+"):
        reader = journal.Reader(flags=journal.LOCAL_ONLY | _WITH_DEFAULT, namespace=namespace[1:])
    else:
        reader = journal.Reader(flags=journal.LOCAL_ONLY, namespace=namespace)
    reader.data_threshold = 0  # values are not cut
    return cast("_Reader", reader)


def _boots(reader: _Reader) -> list[str]:
    """All boot ids, in the order of their first entries' times."""
    firsts: dict[str, int] = {}
    for boot in {getattr(value, "hex", "") for value in reader.query_unique("_BOOT_ID")}:
        reader.add_match(f"_BOOT_ID={boot}")
        reader.seek_head()
        if reader._next():  # noqa: SLF001
            firsts[boot] = reader._get_realtime()  # noqa: SLF001
        reader.flush_matches()
    return sorted(firsts, key=lambda boot: firsts[boot])


def _match_units(reader: _Reader, query: LiveQuery) -> None:
    """Match as -u does: the unit's lines, and those of systemd, coredump and root's daemons about it."""
    for unit in unit_names(query, lambda: _known_units(reader)):
        for matches in (
            (f"_SYSTEMD_UNIT={unit}",),
            (_COREDUMP, "_UID=0", f"COREDUMP_UNIT={unit}"),
            ("_PID=1", f"UNIT={unit}"),
            ("_UID=0", f"OBJECT_SYSTEMD_UNIT={unit}"),
            (f"_SYSTEMD_SLICE={unit}",),
        ):
            reader.add_match(*matches)
            reader.add_disjunction()
    reader.add_conjunction()


def _known_units(reader: _Reader) -> set[str]:
    return {unit for name in _UNIT_FIELDS for unit in reader.query_unique(name) if isinstance(unit, str)}


def _entries(reader: _Reader, since: int, until: int) -> Iterator[bytes]:
    while reader._next():  # noqa: SLF001
        realtime = reader._get_realtime()  # noqa: SLF001
        if since <= realtime <= until:
            cursor, monotonic = reader._get_cursor(), reader._get_monotonic()[0]  # noqa: SLF001
            head = f"__CURSOR={cursor}\n__REALTIME_TIMESTAMP={realtime}\n__MONOTONIC_TIMESTAMP={monotonic}\n"
            yield b"".join([head.encode(), *_fields(reader._get_all()), b"\n"])  # noqa: SLF001


def _fields(entry: dict[str, bytes | list[bytes]]) -> Iterator[bytes]:
    for name, values in entry.items():
        for value in values if isinstance(values, list) else (values,):
            if b"\n" in value:
                yield b"%s\n%s%s\n" % (name.encode(), len(value).to_bytes(8, "little"), value)
            else:
                yield b"%s=%s\n" % (name.encode(), value)


class _Chunks(io.RawIOBase):
    """Byte strings as a file, one after another as they are asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io.BufferedReader passes no other buffer
        data = self._rest or memoryview(next(self._chunks, b""))
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        self._rest = data[size:]
        return size

"""A writer of journal files in any layout, for what systemd-journal-remote no longer writes: LZ4, XZ, old headers.

After systemd's docs/JOURNAL_FILE_FORMAT.md. There are no hash tables: nothing that reads entries in order needs them.
"""

import itertools
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import zstandard
from lz4 import block  # type: ignore[import-untyped]  # lz4 ships no types

XZ, LZ4, ZSTD, COMPACT, KEYED = 1, 2, 8, 16, 4
OFFLINE, ONLINE, ARCHIVED = 0, 1, 2
DATA, ENTRY, ENTRY_ARRAY = 1, 3, 6

#: Incompatible flag -> the flag of a compressed object, and how its payload is made.
CODECS: Mapping[int, tuple[int, Callable[[bytes], bytes]]] = {
    XZ: (1, lambda data: lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_NONE)),
    LZ4: (2, lambda data: struct.pack("<Q", len(data)) + block.compress(data, store_size=False)),
    ZSTD: (4, zstandard.ZstdCompressor().compress),
}

SEQNUM_ID = bytes.fromhex("903d6e26b4ec473abddc5c25f8b9ab70")


@dataclass
class Writer:
    """Collects objects; ``threshold`` is the payload size from which values are compressed."""

    flags: int
    threshold: int = 512
    header_size: int = 264
    data: bytearray = field(default_factory=bytearray)
    entries: list[int] = field(default_factory=list)
    values: dict[bytes, tuple[int, int]] = field(default_factory=dict)  # payload -> offset, hash
    objects: int = 0
    last: int = 0  # the offset of the last object
    first: int = 1  # the first sequence number

    def __post_init__(self) -> None:
        self.data += bytes(self.header_size)

    def add(self, entry: Mapping[str, Sequence[bytes]]) -> None:
        """Append an entry (field name -> values, journald's own addresses included)."""
        addresses = ("__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP")
        payloads = [
            f"{name}=".encode() + value for name, values in entry.items() for value in values if name not in addresses
        ]
        items = sorted({self._value(payload) for payload in payloads})
        realtime, monotonic = (int(entry[name][0]) for name in addresses)
        head = struct.pack(
            "<3Q16sQ",
            len(self.entries) + self.first,
            realtime,
            monotonic,
            bytes.fromhex(entry["_BOOT_ID"][0].decode()),
            0,
        )
        packed = [
            struct.pack("<I", offset) if self.flags & COMPACT else struct.pack("<QQ", offset, seal)
            for offset, seal in items
        ]
        self.entries.append(self.put(ENTRY, 0, head + b"".join(packed)))

    def put(self, kind: int, flag: int, body: bytes) -> int:
        """Append an object, and return its offset."""
        offset = len(self.data)
        self.data += struct.pack("<BB6xQ", kind, flag, 16 + len(body)) + body
        self.data += bytes(-len(self.data) % 8)
        self.objects += 1
        self.last = offset
        return offset

    def _value(self, payload: bytes) -> tuple[int, int]:
        if payload not in self.values:
            seal, flag, stored = zlib.crc32(payload), 0, payload
            for bit, (flag_of_codec, pack) in CODECS.items():
                if self.flags & bit and len(payload) >= self.threshold:
                    flag, stored = flag_of_codec, pack(payload)
            # hash, next in hash table and field, the first entry (any will do), entry array, entries
            head = struct.pack("<6Q", seal, 0, 0, 8, 0, 1) + bytes(8 if self.flags & COMPACT else 0)
            self.values[payload] = self.put(DATA, flag, head + stored), seal
        return self.values[payload]

    def finish(
        self, *, state: int = ARCHIVED, tail: int = 0, late: Iterable[Mapping[str, Sequence[bytes]]] = ()
    ) -> bytes:
        """The file, with ``tail`` preallocated bytes behind the last object. ``late`` entries are in no array."""
        first = self._index()
        listed = len(self.entries)
        for entry in late:
            self.add(entry)
        self.data += bytes(tail)
        header = bytearray(self.header_size)
        struct.pack_into("<8sIIB7x", header, 0, b"LPKSHHRH", 0, self.flags, state)
        header[24:88] = b"file id 16 bytes" + b"machine id bytes" + bytes(16) + SEQNUM_ID
        struct.pack_into("<QQ", header, 88, self.header_size, len(self.data) - self.header_size)
        struct.pack_into("<5Q", header, 136, self.last, self.objects, listed, listed, 1)
        struct.pack_into("<Q", header, 176, first)
        self.data[: self.header_size] = header
        return bytes(self.data)

    def _index(self) -> int:
        """The chain of entry arrays, each twice as long as the one before it."""
        starts, rest, capacity = [], self.entries, 4
        while rest:
            mine, rest = rest[:capacity], rest[capacity:]
            body = struct.pack(
                f"<Q{capacity}{'I' if self.flags & COMPACT else 'Q'}", 0, *mine, *[0] * (capacity - len(mine))
            )
            starts.append(self.put(ENTRY_ARRAY, 0, body))
            capacity *= 2
        for start, following in itertools.pairwise(starts):
            struct.pack_into("<Q", self.data, start + 16, following)
        return starts[0] if starts else 0


def build(
    entries: Iterable[Mapping[str, Sequence[bytes]]],
    flags: int,
    *,
    state: int = ARCHIVED,
    tail: int = 0,
    threshold: int = 512,
    header_size: int = 264,
    first: int = 1,
) -> bytes:
    """A whole file, its sequence numbers from ``first`` on."""
    writer = Writer(flags, threshold=threshold, header_size=header_size, first=first)
    for entry in entries:
        writer.add(entry)
    return writer.finish(state=state, tail=tail)

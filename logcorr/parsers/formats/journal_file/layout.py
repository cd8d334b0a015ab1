"""The header of a journal file, and where its objects may lie.

Layout after systemd's JOURNAL_FILE_FORMAT document (docs/JOURNAL_FILE_FORMAT.md) and journal-def.h: little-endian, and
every object begins at a multiple of eight with ``type u8, flags u8, 6 reserved, size u64``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass

SIGNATURE: Final = b"LPKSHHRH"

#: Incompatible flags by bit. A file with any other bit is refused: its objects may mean something else.
COMPACT: Final = 16
FEATURES: Final = {1: "xz", 2: "lz4", 4: "keyed hash", 8: "zstd", COMPACT: "compact"}
STATES: Final = ("offline", "online", "archived")
ONLINE: Final = 1

#: The first header that systemd ever wrote; later ones only grew at the end.
HEADER_MIN: Final = 208
_HEADER_MAX: Final = 4096
#: Offsets in words are kept as u32.
SIZE_MAX: Final = 32 << 30

ENTRY_HEAD: Final = 64
ARRAY_HEAD: Final = 24

#: Words of an entry: type and flags, bytes, number, microseconds of the clock and since boot, and two for the boot id.
KIND, SIZE, SEQNUM, REALTIME, MONOTONIC, BOOT_ID = 0, 1, 2, 3, 4, 5
HEAD_WORDS: Final = 7

#: The end of time for systemd's VALID_REALTIME and VALID_MONOTONIC.
TIME_END: Final = 1 << 55


class Kind(IntEnum):
    """Object types that the reader looks at."""

    DATA = 1
    ENTRY = 3
    ENTRY_ARRAY = 6
    LAST = 7


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says; none of it is taken on trust. Offsets and sizes are bytes."""

    incompatible: int
    state: int
    seqnum_id: str
    size: int
    entries: int
    entry_array: int

    @property
    def compact(self) -> bool:
        """Entry items and entry arrays hold u32 offsets, and a data object's payload begins eight bytes later."""
        return bool(self.incompatible & COMPACT)

    @property
    def traits(self) -> str:
        """State and features in words, for ``logcorr check``."""
        state = STATES[self.state] if self.state < len(STATES) else f"state {self.state}"
        return ", ".join([state, *(name for bit, name in FEATURES.items() if self.incompatible & bit)])


@dataclass(frozen=True, slots=True)
class Journal:
    """One file's bytes as arrays. ``words`` and ``halves`` are the same bytes as u64 and as u32."""

    data: bytes | memoryview
    header: Header
    words: NDArray[np.uint64]
    halves: NDArray[np.uint32]

    @property
    def size(self) -> int:
        """Bytes of the file, padded to a multiple of eight."""
        return 8 * len(self.words)

    @property
    def item_size(self) -> int:
        """Bytes of one entry item."""
        return 4 if self.header.compact else 16

    @property
    def data_head(self) -> int:
        """Bytes of a data object before its payload."""
        return 72 if self.header.compact else 64

    def array_items(self, start: int, end: int) -> NDArray[np.int64]:
        """The offsets that an entry array holds in ``[start, end)``."""
        if self.header.compact:
            return self.halves[start >> 2 : end >> 2].astype(np.int64)
        return self.words[start >> 3 : end >> 3].astype(np.int64)


def refusal(data: bytes | memoryview) -> str | None:
    """Why ``data`` cannot be read as a journal file at all, or None."""
    if bytes(data[: len(SIGNATURE)]) != SIGNATURE:
        return "no journal file: the signature LPKSHHRH is missing"
    if len(data) < HEADER_MIN:
        return f"journal file cut short inside its header, at byte {len(data)}"
    if len(data) > SIZE_MAX:
        return f"journal file of more than {SIZE_MAX >> 30} GiB"
    unknown = int.from_bytes(data[12:16], "little") & ~sum(FEATURES)
    if unknown:
        return f"journal file needs incompatible features that are not known: {unknown:#x}"
    return None


def open_journal(data: bytes | memoryview) -> Journal:
    """Lay arrays over ``data``, for which ``refusal`` found nothing."""
    if len(data) % 8:  # cut short inside a word: complete it, so that the bytes there can be read
        data = bytes(data) + bytes(-len(data) % 8)
    words = np.frombuffer(data, "<u8")
    return Journal(data, _header(data, words), words, np.frombuffer(data, "<u4"))


def _header(data: bytes | memoryview, words: NDArray[np.uint64]) -> Header:
    size = int(words[11])
    return Header(
        incompatible=int.from_bytes(data[12:16], "little"),
        state=data[16],
        seqnum_id=bytes(data[72:88]).hex(),
        size=size if HEADER_MIN <= size <= min(_HEADER_MAX, len(data)) and size % 8 == 0 else HEADER_MIN,
        entries=int(words[19]),
        entry_array=int(words[22]),
    )

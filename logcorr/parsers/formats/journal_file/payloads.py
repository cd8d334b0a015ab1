"""Compressed payloads, each unpacked once and within limits."""

from __future__ import annotations

import lzma
from dataclasses import field
from typing import Final

import zstandard
from lz4 import block as lz4_block  # type: ignore[import-untyped]  # lz4 ships no types

from logcorr.dataclass import dataclass

XZ, LZ4, ZSTD = 1, 2, 4  # flags of a data object

#: Bytes that one value may unpack to, and that all values of a file may, per byte of the file and on top of that.
VALUE_LIMIT: Final = 64 << 20
_FILE_RATIO: Final = 32
_FILE_FLOOR: Final = VALUE_LIMIT

_XZ_MEMORY: Final = 128 << 20  # xz -9 needs 65 MiB
_LZ4_RATIO: Final = 255  # no LZ4 block unpacks to more


@dataclass(slots=True)
class Unpacker:
    """Unpacks payloads until the file's budget is used up. ``failed`` counts what could not be unpacked."""

    file_size: int
    failed: int = 0
    _left: int = field(init=False)
    _zstd: zstandard.ZstdDecompressor = field(init=False)

    def __post_init__(self) -> None:
        self._left = _FILE_FLOOR + _FILE_RATIO * self.file_size
        self._zstd = zstandard.ZstdDecompressor()

    def unpack(self, payload: bytes | memoryview, flag: int) -> bytes | None:
        """The payload's plain bytes, or None if it is damaged or beyond the limits."""
        limit = min(VALUE_LIMIT, self._left)
        try:
            plain = self._plain(payload, flag, limit)
        except (zstandard.ZstdError, lz4_block.LZ4BlockError, lzma.LZMAError, ValueError, MemoryError):
            plain = None
        if plain is None:
            self.failed += 1
        else:
            self._left -= len(plain)
        return plain

    def _plain(self, payload: bytes | memoryview, flag: int, limit: int) -> bytes | None:
        if flag == ZSTD:
            size = zstandard.frame_content_size(payload)
            return self._zstd.decompress(payload, max_output_size=limit) if size <= limit else None
        if flag == LZ4:
            size, packed = int.from_bytes(payload[:8], "little"), payload[8:]
            if size > min(limit, len(packed) * _LZ4_RATIO):
                return None
            return bytes(lz4_block.decompress(packed, uncompressed_size=size))
        if flag != XZ:
            return None
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        plain = decoder.decompress(payload, max_length=limit)
        return plain if decoder.eof else None

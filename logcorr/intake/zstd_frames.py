"""Zstandard streams that say when they were cut off: the decompressor itself just stops there."""

from __future__ import annotations

import io
from typing import BinaryIO, Final, cast

import zstandard

_MAGIC, _LENGTH, _DESCRIPTOR, _BLOCK = range(4)
_WANTED: Final = (4, 4, 1, 3)  # bytes of each part
_SKIPPABLE: Final = b"\x2a\x4d\x18"  # a magic number but for its first byte
_RLE: Final = 1  # a block of one byte, to be repeated


class _Frames:
    """Follows the frames of a stream as its bytes go by (RFC 8878 section 3.1)."""

    def __init__(self) -> None:
        self._part, self._have, self._skip, self._checksum = _MAGIC, b"", 0, 0

    @property
    def whole(self) -> bool:
        """Whether the bytes so far end with a frame."""
        return self._part == _MAGIC and not self._have and not self._skip

    def see(self, data: bytes) -> None:
        """Take the next bytes."""
        at = 0
        while at < len(data):
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            taken = data[at : at + _WANTED[self._part] - len(self._have)]
            self._have += taken
            at += len(taken)
            if len(self._have) == _WANTED[self._part]:
                part, self._have = self._have, b""
                self._next(part)

    def _next(self, part: bytes) -> None:
        number = int.from_bytes(part, "little")
        if self._part == _MAGIC:
            self._part = _LENGTH if part[1:] == _SKIPPABLE else _DESCRIPTOR
        elif self._part == _LENGTH:
            self._part, self._skip = _MAGIC, number
        elif self._part == _DESCRIPTOR:
            single, self._checksum = number >> 5 & 1, 4 * (number >> 2 & 1)
            self._part = _BLOCK
            self._skip = 1 - single + (0, 1, 2, 4)[number & 3] + (single, 2, 4, 8)[number >> 6]
        else:
            last, kind = number & 1, number >> 1 & 3
            self._skip = (1 if kind == _RLE else number >> 3) + last * self._checksum
            self._part = _MAGIC if last else _BLOCK


class _Followed(io.RawIOBase):
    """A file whose frames are followed."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self.frames = file, _Frames()

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.frames.see(data)
        return data

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()


class ZstdFile(io.RawIOBase):
    """The decompressed bytes of all frames; EOFError where the last one is not whole."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._followed = _Followed(file)
        followed = cast("BinaryIO", self._followed)
        self._reader = zstandard.ZstdDecompressor().stream_reader(followed, read_across_frames=True)

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        data: bytes = self._reader.read(size)
        if not data and size and not self._followed.frames.whole:
            raise EOFError("Compressed file ended before the end-of-stream marker was reached")
        return data

    def close(self) -> None:
        """Close the file below, too."""
        self._followed.close()
        super().close()

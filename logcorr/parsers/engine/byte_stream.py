"""The bytes of an input as parsers want them: hashed and counted as they come, UTF-16 turned into UTF-8."""

from __future__ import annotations

import codecs
import hashlib
import os
import zlib
from typing import BinaryIO, Final

_CHUNK: Final = 16 << 20
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class ByteStream:
    """A file being read: hashes and counts the raw bytes, and turns UTF-16 (a BOM says so) into UTF-8."""

    def __init__(self, file: BinaryIO, *, hashed: bool = True) -> None:
        self._file = file
        self._digest = hashlib.sha256() if hashed else None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._fresh = 0
        self._started = False
        self.done = False
        self.lost: tuple[str, ...] = ()

    def more(self, size: int) -> bytes:
        """About ``size`` more bytes; less only at the end, or where reading fails."""
        parts: list[bytes] = []
        while size > 0 and not self.done:
            part = self._read(size)
            self.done = not part
            size -= len(part)
            parts.append(part)
        return self._text(b"".join(parts))

    def rest(self, begin: bytes) -> bytes:
        """``begin`` and everything that is left."""
        parts = [begin]
        while not self.done:
            parts.append(self.more(max(_CHUNK, self._left())))
        return b"".join(parts)

    def _left(self) -> int:
        """How many bytes are left, if it is a file that tells: they are read in one go."""
        try:
            return os.fstat(self._file.fileno()).st_size - self._file.tell()
        except (OSError, AttributeError):
            return 0

    def taken(self, *, last: bool) -> tuple[int, str | None]:
        """The raw bytes read since the last call and, at the end, the hash of all."""
        size, self._fresh = self._fresh, 0
        return size, self._digest.hexdigest() if last and self._digest else None

    def _read(self, size: int) -> bytes:
        try:
            # read1 hands over what came before an error; read would lose it
            part = getattr(self._file, "read1", self._file.read)(size)
        except (OSError, EOFError, zlib.error) as error:
            self.lost = (f"reading stopped early: {error}",)
            return b""
        if self._digest is not None:
            self._digest.update(part)
        self._fresh += len(part)
        return part

    def _text(self, data: bytes) -> bytes:
        if not self._started:
            self._started = True
            encoding = _UTF16.get(data[:2])
            self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
            data = data[2:] if encoding else data.removeprefix(codecs.BOM_UTF8)
        if self._decoder is None:
            return data
        return self._decoder.decode(data, final=self.done).encode("utf-8", "replace")

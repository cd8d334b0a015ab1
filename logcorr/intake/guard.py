"""Reading what cannot be trusted: bombs end at a limit, damage ends in an OSError that says so."""

from __future__ import annotations

import errno
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import zstandard

from logcorr.dataclass import dataclass
from logcorr.intake.streams import Limits

#: What the decompressors of the standard library and zstandard raise on damaged or encrypted data.
DAMAGE: Final = (
    EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, tarfile.TarError, zipfile.BadZipFile, RuntimeError,
    NotImplementedError, ValueError,
)  # fmt: skip
_BUFFER: Final = 1 << 18
_FREE: Final = 64 << 20  # bytes before the ratio counts: small files of zeros compress far better than any log


@dataclass(slots=True)
class Allowance:
    """What all of one input may unpack to, however many archives lie in one another."""

    members: int
    room: int | None  # bytes; None: the input's size is not known

    @classmethod
    def of(cls, limits: Limits, size: int | None) -> Allowance:
        """The budget of an input that is ``size`` bytes as it lies there."""
        return cls(limits.members, None if size is None else max(_FREE, limits.ratio * size))

    def take(self, count: int) -> bool:
        """Whether ``count`` bytes more may be unpacked."""
        if self.room is not None:
            self.room -= count
        return not self.spent

    @property
    def spent(self) -> bool:
        """Whether nothing more may be unpacked."""
        return self.room is not None and self.room < 0


class Closable(Protocol):
    """Anything that is open."""

    def close(self) -> None:
        """Close it."""


def reason_of(error: BaseException) -> str:
    """What an error says, in a few words; its kind where it says nothing."""
    if isinstance(error, FileNotFoundError):  # some libraries say nothing but the name, which is told anyway
        return os.strerror(errno.ENOENT)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class LimitError(OSError):
    """A cap of ``Limits`` was hit."""


class Counted(io.RawIOBase):
    """A file whose bytes read are counted."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        """Read up to the length of ``buffer``."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()


class _Whole(io.FileIO):
    """A file that was as long as this when it was opened: one that ends before has lost what came then."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._size = os.fstat(self.fileno()).st_size

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # as below
        """Read up to the length of ``buffer``; raises OSError where the file ends early."""
        count = super().readinto(buffer)
        if not count and len(buffer) and (at := self.tell()) < self._size:
            raise OSError(f"the file was cut to {at:,} bytes while it was read; {self._size - at:,} more are lost")
        return count


def whole_file(path: Path) -> BinaryIO:
    """The file, opened for reading. Reading raises OSError where it turns out to be shorter than it was when opened."""
    return io.BufferedReader(_Whole(path), _BUFFER)


class Guarded(io.RawIOBase):
    """A decompressed file under limits; anything wrong with it is an ``OSError``.

    ``head`` are bytes already read from ``file``. ``packed`` counts the compressed bytes behind it, where there are
    any; ``budget`` is what all of the input may unpack to; ``below`` are closed with it.
    """

    def __init__(
        self,
        file: BinaryIO,
        limits: Limits,
        *,
        packed: Counted | None = None,
        budget: Allowance | None = None,
        head: bytes = b"",
        below: Sequence[Closable] = (),
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._file, self._limits, self._packed, self._head, self._failed = file, limits, packed, head, failed
        self._below, self._budget = below, budget
        self._count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        """Read up to the length of ``buffer``; raises OSError for damage, LimitError for a bomb."""
        room = self._limits.size - self._count
        if not room:
            if not self._head and not self._more(1):
                return 0
            raise self._over(f"more than {self._limits.size:,} bytes; the rest is not read")
        size = min(len(buffer), room)
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
        else:
            data = self._more(size)
        self._count += len(data)
        if self._packed and self._count > _FREE and self._count > self._limits.ratio * max(self._packed.count, 1):
            raise self._over(f"expands more than {self._limits.ratio}-fold; the rest is not read")
        if self._budget and not self._budget.take(len(data)):
            raise self._over(f"what it lies in expands more than {self._limits.ratio}-fold; the rest is not read")
        buffer[: len(data)] = data
        return len(data)

    def _more(self, size: int) -> bytes:
        try:
            # read1 hands over what was decompressed before the damage; read would keep it all back
            return getattr(self._file, "read1", self._file.read)(size)
        except LimitError as error:
            raise self._over(str(error)) from error
        except DAMAGE as error:
            raise OSError(f"damaged: {error}") from error

    def _over(self, reason: str) -> LimitError:
        self._failed(reason)
        return LimitError(reason)

    def close(self) -> None:
        """Close the file and all below it, too."""
        for file in (self._file, *self._below):
            file.close()
        super().close()

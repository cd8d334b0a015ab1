"""What intake hands on: an input to read, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from logcorr.dataclass import dataclass
from logcorr.model import GapKind

_BYTE: Final = re.compile("[\udc80-\udcff]")  # surrogateescape (PEP 383)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what is read; each one hit becomes a ``Refusal``."""

    size: int = 64 << 30  # decompressed bytes of one input
    ratio: int = 1000  # decompressed to compressed bytes, past the first 64 MiB
    members: int = 100_000  # files in a folder or archive
    depth: int = 4  # archives in archives


@dataclass(frozen=True, slots=True)
class Input:
    """One input."""

    name: str  # as shown: the path as given, archive members after "!"
    size: int | None  # bytes where the input stores it (compressed, for a compressed one)
    modified: datetime | None  # aware, UTC
    open: Callable[[], BinaryIO]  # the decompressed bytes; reading past a limit or damage raises OSError
    path: Path | None = None  # a file that holds just these bytes, and so may be read at any time, if there is one
    url: str | None = None  # the same, behind the network

    @property
    def place(self) -> str | None:
        """Where another process finds these bytes; None where only this one can read them."""
        return self.url or (str(self.path.absolute()) if self.path else None)


def shown(name: str | Path) -> str:
    r"""A name as text: bytes of it that are none, which Python keeps as lone surrogates, become ``\xe9``."""
    text = _BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", str(name))
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An input, or a part of one, that cannot be read."""

    name: str
    reason: str
    kind: GapKind

"""What intake hands on: an input to read, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from logcorr.model import GapKind


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what is read; each one hit becomes a ``Refusal``."""

    size: int = 64 << 30  # decompressed bytes of one input
    ratio: int = 1000  # decompressed to compressed bytes, past the first 64 MiB
    members: int = 100_000  # files in a folder or archive
    depth: int = 4  # archives in archives


@dataclass(frozen=True, slots=True)
class Stream:
    """One input."""

    name: str  # as shown: the path as given, archive members after "!"
    size: int | None  # bytes where the input stores it (compressed, for a compressed one)
    modified: datetime | None  # aware, UTC
    open: Callable[[], BinaryIO]  # the decompressed bytes; reading past a limit or damage raises OSError
    path: Path | None = None  # a file that holds just these bytes, and so may be read at any time, if there is one


@dataclass(frozen=True, slots=True)
class Refusal:
    """An input, or a part of one, that cannot be read."""

    name: str
    reason: str
    kind: GapKind

"""How much there is to read, as far as names and sizes of files tell. Imports nothing of ours."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_COMPRESSED: Final = frozenset({".gz", ".xz", ".bz2", ".zst", ".lz4", ".zip", ".tgz", ".txz"})
_UNPACKED: Final = 10  # logs become about so many times as large


def are_below(paths: Iterable[str], limit: int) -> bool:
    """Whether files alone are named, and hold less than ``limit`` bytes together, unpacked."""
    total, some = 0, False
    for size in (size for path in paths for size in _sizes(path, limit)):
        some, total = True, total + size
        if total >= limit:
            return False
    return some


def are_several(paths: Iterable[str]) -> bool:
    """Whether more than one file is named, or what may hold several: an archive, or standard input."""
    files = 0
    for path in paths:
        files += (
            2 if Path(path).suffixes[-2:-1] == [".tar"] or Path(path).suffix in {".tar", ".tgz", ".txz", ".zip"} else 0
        )
        for _ in _sizes(path, 0):
            files += 1
            if files > 1:
                return True
    return False


def _sizes(given: str, otherwise: int) -> Iterator[int]:
    """The sizes of the files at ``given``, unpacked; ``otherwise`` for what is no file."""
    path = Path(given)
    if not path.is_dir():
        yield _size(path) if path.is_file() else otherwise
        return
    for folder, _, names in os.walk(path):
        yield from (_size(place) for name in names if (place := Path(folder, name)).is_file())


def _size(path: Path) -> int:
    return path.stat().st_size * (_UNPACKED if path.suffix in _COMPRESSED else 1)

"""From the paths a user gives to inputs, in an order that is the same on every machine."""

from __future__ import annotations

import gzip
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from logcorr.intake.streams import Limits, Refusal, Stream

STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"


def discover(paths: Iterable[str | Path], limits: Limits | None = None) -> Iterator[Stream | Refusal]:
    """The inputs at ``paths``: files as given, folders by name, ``-`` for standard input. Nothing is read but magic bytes."""
    limits = limits or Limits()
    for given in paths:
        if str(given) == STDIN:
            yield Stream(STDIN, None, None, lambda: sys.stdin.buffer)
            continue
        path = Path(given)
        if path.is_dir():
            yield from _folder(path, limits)
        else:
            yield _file(path)


def _folder(root: Path, limits: Limits) -> Iterator[Stream | Refusal]:
    seen = 0
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            seen += 1
            if seen > limits.members:
                yield Refusal(str(root), f"holds more than {limits.members} files; the rest is not read", "limit")
                return
            path = Path(folder, name)
            yield Refusal(str(path), "symbolic link, not followed", "unreadable") if path.is_symlink() else _file(path)


def _file(path: Path) -> Stream | Refusal:
    name = str(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISFIFO(found.st_mode):
            return Refusal(name, "not a regular file", "unreadable")
        modified = datetime.fromtimestamp(found.st_mtime, UTC)
        if stat.S_ISREG(found.st_mode):
            with path.open("rb") as file:
                compressed = file.read(len(_GZIP)) == _GZIP
        else:
            compressed = False
    except OSError as error:
        return Refusal(name, error.strerror or str(error), "unreadable")
    return Stream(name, found.st_size, modified, lambda: _open(path, compressed=compressed))


def _open(path: Path, *, compressed: bool) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if compressed else path.open("rb")

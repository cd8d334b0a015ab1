"""Whole journal files, read into memory that is used again: fresh pages for each would take longer than the reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from io import RawIOBase
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.parsers.formats.journal_file import ID, Contents, Refused, look_into
from logcorr.parsers.formats.journal_file.layout import SIGNATURE
from logcorr.schema import Source

_SLACK: Final = 4  # a sixteenth


class JournalFiles:
    """Reads journal files, one after another into one buffer."""

    def __init__(self) -> None:
        self._buffer = _room(0)

    def read(self, name: str, path: Path, *, modified: datetime | None = None) -> Callable[[], Source]:
        """What makes the file one source called ``name``, as ``parsers.read`` gives it, but for its hash.

        The file has been read then; its rows may be made on another thread. Raises OSError where it cannot be read.
        """
        with path.open("rb", buffering=0) as file:
            size = path.stat().st_size
            if len(self._buffer) < size:
                self._buffer = _room(size)
            with memoryview(self._buffer.data) as whole, whole[: _fill(file, whole[:size])] as data:
                return partial(_source, name, look_into(data), len(data), modified)


def is_journal(path: Path) -> bool:
    """Whether the file at ``path`` begins as a journal does. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        return file.read(len(SIGNATURE)) == SIGNATURE


def _room(size: int) -> NDArray[np.uint8]:
    """Room for ``size`` bytes and a little more: the files of one machine differ little. Nothing is written to it."""
    return np.empty(size + (size >> _SLACK), np.uint8)


def _fill(file: RawIOBase, room: memoryview) -> int:
    """Read until ``room`` is full or the file ends; how many bytes that were."""
    count = 0
    while count < len(room) and (more := file.readinto(room[count:])):
        count += more
    return count


def _source(name: str, contents: Contents | Refused, size: int, modified: datetime | None) -> Source:
    batch = contents.batch()
    return Source(
        path=name,
        format=ID,
        rows=batch.rows,
        unparsed=batch.unparsed,
        bytes=size,
        lines=batch.lines,
        modified=modified,
        facts=batch.facts,
    )

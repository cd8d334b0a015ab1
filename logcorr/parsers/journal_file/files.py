"""Whole journal files, read into memory that is used again: fresh pages for each would take longer than the reading."""

from __future__ import annotations

from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.parsers.journal_file import ID, read_journal
from logcorr.parsers.journal_file.layout import SIGNATURE
from logcorr.schema import Source

_SLACK: Final = 4  # a sixteenth


class JournalFiles:
    """Reads journal files, several threads at a time, each into a buffer of its own."""

    def __init__(self) -> None:
        self._buffers: list[NDArray[np.uint8]] = []

    def read(self, name: str, path: Path, *, modified: datetime | None = None) -> Source:
        """The journal file as one source called ``name``, as ``parsers.read`` gives it, but for its hash.

        Raises OSError where the file cannot be read.
        """
        with path.open("rb", buffering=0) as file:
            size = path.stat().st_size
            buffer = self._buffers.pop() if self._buffers else _room(size)
            if len(buffer) < size:
                buffer = _room(size)
            with memoryview(buffer.data) as whole, whole[: _fill(file, whole[:size])] as data:
                source = _source(name, data, modified)
        self._buffers.append(buffer)
        return source


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


def _source(name: str, data: memoryview, modified: datetime | None) -> Source:
    batch = read_journal(data)
    return Source(
        path=name,
        format=ID,
        rows=batch.rows,
        unparsed=batch.unparsed,
        bytes=len(data),
        lines=batch.lines,
        modified=modified,
        facts=batch.facts,
    )

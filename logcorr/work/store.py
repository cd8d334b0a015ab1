"""Where workers leave what they made: a folder, or any place that fsspec reaches (``s3://bucket/prefix``).

A file appears whole or not at all, and never changes: its name tells what it was made of. So several runs may share a
place, and a run that was killed goes on where it was.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.errors import OutputError
from logcorr.intake.remote import is_url, reached

#: Places that many may read get small files, a folder for one run quick ones. Of what is compressed only what is used
#: is in memory, while a file that is mapped stays there as long as any column does.
_PACKED: Final = "zstd"
_QUICK: Final = "lz4"
_ROOM: Final = "give --work, or TMPDIR where that is not given, a folder that may be written to and has room"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; it is made with the first file."""

    place: Path
    packed: bool = False

    def read(self, name: str) -> bytes | None:
        """The file's bytes, if it is there."""
        try:
            return (self.place / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place."""
        with _partial(self.place / name) as partial:
            partial.write(data)

    def read_frame(self, name: str) -> pl.DataFrame:
        """A frame."""
        return pl.read_ipc(self.place / name)

    def write_frame(self, name: str, frame: pl.DataFrame) -> None:
        """Put a frame in place."""
        with _partial(self.place / name) as partial:
            frame.write_ipc(partial, compression=_PACKED if self.packed else _QUICK)


@contextmanager
def _partial(path: Path) -> Iterator[io.BufferedWriter]:
    """A file that gets its name when all of it is written, and is gone where that fails. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}"
        raise OutputError(why, location=str(path.parent), hint=_ROOM) from error


@dataclass(frozen=True, slots=True)
class Remote:
    """A place of fsspec whose writes are atomic, as those of object stores are."""

    system: Any  # fsspec ships no types
    root: str

    def read(self, name: str) -> bytes | None:
        """The file's bytes, if it is there."""
        try:
            data: bytes = self.system.cat_file(f"{self.root}/{name}")
        except FileNotFoundError:
            return None
        return data

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place."""
        self.system.pipe_file(f"{self.root}/{name}", data)

    def read_frame(self, name: str) -> pl.DataFrame:
        """A frame."""
        return pl.read_ipc(self.system.cat_file(f"{self.root}/{name}"))

    def write_frame(self, name: str, frame: pl.DataFrame) -> None:
        """Put a frame in place."""
        whole = io.BytesIO()
        frame.write_ipc(whole, compression=_PACKED)
        self.write(name, whole.getvalue())


Store = Folder | Remote


def open_store(place: str, *, packed: bool = True) -> Store:
    """The store at a folder or a URL. Raises UsageError where fsspec or what it needs is not there."""
    if not is_url(place):
        return Folder(Path(place), packed)
    system, root = reached(place)
    return Remote(system, root)

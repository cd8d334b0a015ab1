"""The standard streams: every byte of a result is written, or the exit code says that it was not.

Python's own may write half of what they are given and not say so (unbuffered), and what click and rich do when one
fails differs by version and by command. So both get streams whose failures are ours, and none of an ``OSError``'s kind.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from contextlib import suppress

from logcorr.errors import OutputError

TYPE_CHECKING = False  # as typing has it, which --help need not load
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CLEAR = "\r\x1b[K"  # back to the line's start, and wipe it (ECMA-48, EL)
_CLOSED = "is closed"


class ReaderLeftError(Exception):
    """Whoever read standard output has seen enough (``| head``)."""


class _Standard(io.RawIOBase):
    """A file descriptor that takes all that is written, or raises. After it has failed nothing is written any more."""

    def __init__(self, descriptor: int | None, *, needed: bool) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._needed = needed
        self._failed = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._descriptor is not None and os.isatty(self._descriptor)

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation("fileno")
        return self._descriptor

    def write(self, data: ReadableBuffer, /) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        if self._failed:
            return size
        if self._descriptor is None:
            self._fail(_CLOSED)
            return size
        try:
            self._write(rest)
        except BrokenPipeError as error:
            self._failed = True
            if self._needed:
                raise ReaderLeftError from error
        except OSError as error:
            self._fail(f"cannot be written: {error.strerror}")
        return size

    def _write(self, rest: memoryview) -> None:
        while rest:
            try:
                rest = rest[os.write(self.fileno(), rest) :]
            except BlockingIOError:
                select.select([], [self.fileno()], [])

    def _fail(self, problem: str) -> None:
        self._failed = True
        if self._needed:
            raise OutputError(problem, location="standard output")


def open_standard() -> None:
    """Set up the standard streams for this run of the command line."""
    _occupy()
    sys.stdout = _text(sys.stdout, 1, needed=True)
    sys.stderr = _text(sys.stderr, 2, needed=False)  # what cannot be told does not undo what was done


def say(text: str) -> None:
    """Print ``text`` in place of the progress that may stand on the terminal's last line."""
    print(f"{CLEAR if sys.stderr.isatty() else ''}{text}", file=sys.stderr)  # noqa: T201  # click may not be loaded


def _occupy() -> None:
    """No file that is opened may take the number of a standard stream that is closed, and be written to as such."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError as error:
            if error.errno == errno.EBADF:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _text(given: object, descriptor: int, *, needed: bool) -> io.TextIOWrapper:
    """A terminal that lacks a sign shows ?, and the report goes on."""
    open_one = given if isinstance(given, io.TextIOWrapper) else None
    raw = _Standard(descriptor if open_one else None, needed=needed)
    if open_one:
        with suppress(OSError):
            open_one.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=open_one.encoding if open_one else "utf-8",
        errors="replace",
        line_buffering=raw.isatty() or not needed,
    )

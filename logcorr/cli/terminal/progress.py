"""What a run is doing, for whoever watches: one line of a terminal, with percent and time left while logs are read.

How far a file is read tells the kernel, as it does pv(1) with ``--watchfd``: ``/proc/PID/fdinfo/FD`` holds the position
of every open file, so that no stage counts bytes. Where there is no ``/proc``, whole files count.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from logcorr.cli.standard import CLEAR, say
from logcorr.textsafe import visible

_READING: Final = "reading "
_EVERY: Final = 0.5  # seconds between two looks
_TELLING: Final = 0.05  # of the bytes: less says nothing about how long the rest will take
_STDERR: Final = 2


class Progress:
    """Takes the name of each step; an empty one ends it. Shows them on a terminal, or in lines of their own."""

    def __init__(self, inputs: Sequence[str], *, quiet: bool = False, verbose: bool = False) -> None:
        self._start = time.monotonic()
        self._step, self._step_start = "starting", self._start
        self._lines = verbose
        self._sizes = {} if quiet else _sizes(inputs)
        self._read: set[str] = set()
        self._share = 0.0
        self._ended = threading.Event()
        if verbose:
            self._tell()
        self._watcher: threading.Thread | None = None
        if sys.stderr.isatty() and not quiet and not verbose:
            self._watcher = threading.Thread(target=self._watch, daemon=True)
            self._show()
            self._watcher.start()

    def __call__(self, text: str) -> None:
        """Say that the step ``text`` begins; the step before it is over."""
        if self._step.startswith(_READING):
            self._read.add(_file_of(self._step))
        self._step, self._step_start = text, time.monotonic()
        if self._lines:
            self._tell()
        if not text:
            self.stop()
        elif self._watcher:
            self._show()

    def _tell(self) -> None:
        say(f"logcorr: {self._step_start - self._start:7.2f} s  {visible(self._step or 'done')}")

    def stop(self) -> None:
        """Show nothing any more, and leave the line empty."""
        if self._watcher and not self._ended.is_set():
            self._ended.set()
            self._watcher.join()
            _put(CLEAR)

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            self._show()

    def _show(self) -> None:
        room = max(shutil.get_terminal_size().columns - 1, 1)  # a line that wraps cannot be taken back
        _put(CLEAR + visible(self.text(), room))

    def text(self) -> str:
        """The step, how much of the bytes is read, and how long the rest will take if it goes on so."""
        now = time.monotonic()
        total = sum(self._sizes.values())
        if not self._step.startswith(_READING) or not total:
            waited = int(now - self._step_start)
            return f"{self._step} ({waited} s)" if waited else self._step
        self._share = share = max(self._share, min(self._bytes_read() / total, 1.0))  # between two files none is open
        took = now - self._start
        left = f", {_span(took * (1 - share) / share)} left" if share >= _TELLING and took >= 1 else ""
        return f"{share:4.0%}{left}  {self._step}"

    def _bytes_read(self) -> int:
        whole = sum(size for path, size in self._sizes.items() if path in self._read)
        return whole + sum(
            min(position, self._sizes[path])
            for path, position in _open_files()
            if path in self._sizes.keys() - self._read
        )


def _put(text: str) -> None:
    """Write past Python's own stream: no lock is held by this thread when the process forks."""
    with suppress(OSError):
        os.write(_STDERR, text.encode(sys.stderr.encoding or "utf-8", "replace"))


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min" if whole < 6000 else f"{whole / 3600:.1f} h"


def _file_of(step: str) -> str:
    """The file that a step reads; of an archive's member, the archive."""
    return os.path.realpath(step.removeprefix(_READING).partition("!")[0])


def _sizes(inputs: Sequence[str]) -> dict[str, int]:
    """Bytes of each file that is to be read, as far as that can be known before."""
    found: dict[str, int] = {}
    for given in inputs:
        with suppress(OSError, ValueError):
            for folder, _, names in os.walk(given):
                found |= {
                    os.path.realpath(place): place.stat().st_size
                    for name in names
                    if (place := Path(folder, name)).is_file()
                }
            if Path(given).is_file():
                found[os.path.realpath(given)] = Path(given).stat().st_size
    return found


def _open_files() -> Iterator[tuple[str, int]]:
    """The files that this process and its children have open, each with the position it is read at."""
    for process in ("self", *_children()):
        with suppress(OSError):
            for file in Path(f"/proc/{process}/fd").iterdir():
                with suppress(OSError, ValueError, IndexError):
                    said = Path(f"/proc/{process}/fdinfo/{file.name}").read_text()  # "pos:\t4096\nflags: ..."
                    yield str(file.readlink()), int(said.split()[1])


def _children() -> list[str]:
    with suppress(OSError):
        tasks = Path("/proc/self/task").iterdir()
        return [process for task in tasks for process in (task / "children").read_text().split()]
    return []

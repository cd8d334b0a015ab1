"""Inputs that hold nothing, told before the libraries are loaded that would read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from logcorr.errors import nothing_usable

_STDIN = "-"


def refuse_empty(paths: Sequence[str]) -> None:
    """Raise InputError where all of ``paths`` are missing, empty files, or folders without any other."""
    problems = [problem for path in paths for problem in _problems(path)]
    if paths and None not in problems:
        raise nothing_usable(paths, [problem for problem in problems if problem])


def _problems(given: str) -> Iterator[tuple[str, str] | None]:
    """What is wrong with each file at ``given``; None, and no more, for what may hold a log."""
    if "://" in given:  # as intake.remote has it, which would load all that reads logs
        yield None
        return
    try:
        given.encode()
        found = Path(given).stat() if given and given != _STDIN else None
        empty = found is not None and _is_empty(given, found)
    except OSError as error:
        yield given, str(error.strerror)
        return
    except ValueError:  # a name of bytes that are no text, or that no file can have
        found, empty = None, False
    if found is None or not stat.S_ISDIR(found.st_mode):
        yield (given, "the file is empty") if empty else None
        return
    for place in _places(given):
        with suppress(OSError, ValueError):
            place.name.encode()
            if _is_empty(place, place.lstat()):
                yield str(place), "the file is empty"
                continue
        yield None
        return


def _is_empty(path: str | Path, found: os.stat_result) -> bool:
    """Whether a file holds no byte; those below /proc and /sys have no size, and may hold some."""
    if not stat.S_ISREG(found.st_mode) or found.st_size:
        return False
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return not os.read(file, 1)
    finally:
        os.close(file)


def _places(folder: str) -> Iterator[Path]:
    """All that lies below a folder and is no folder; the folder itself where it, or one in it, cannot be listed."""
    closed: list[OSError] = []
    for below, folders, names in os.walk(folder, onerror=closed.append):
        yield from (place for name in folders if (place := Path(below, name)).is_symlink())
        yield from (Path(below, name) for name in sorted(names))
    if closed:
        yield Path(folder)

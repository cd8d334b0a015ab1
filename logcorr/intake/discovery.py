"""From the paths a user gives to inputs, in an order that is the same on every machine."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from logcorr.intake import moments
from logcorr.intake.archives import Blob, expand
from logcorr.intake.guard import whole_file
from logcorr.intake.left_out import NO_LOGS, counted, sosreport_noise
from logcorr.intake.remote import is_url, open_remote, remote_files
from logcorr.intake.streams import Input, Limits, Refusal, shown

STDIN: Final = "-"
_SETTINGS: Final = "logcorr.toml"


def discover(paths: Iterable[str | Path], limits: Limits | None = None) -> Iterator[Input | Refusal]:
    """The inputs at ``paths``: files as given, folders by name, ``-`` for standard input, archives by member, and URLs.

    Open and read each stream before taking the next: members of compressed archives are then read in one pass.
    Raises UsageError for a URL of a kind that cannot be reached.
    """
    limits = limits or Limits()
    for given in paths:
        if str(given) == STDIN:
            yield from _stdin(limits)
        elif not str(given):
            yield Refusal("''", "an empty name", "unreadable")  # to Path it is the folder that we are in
        elif is_url(str(given)):
            yield from _remote(str(given), limits)
        elif _is_folder(Path(given)):
            yield from _folder(Path(given), limits)
        else:
            yield from _file(Path(given), limits, named=True)


def _stdin(limits: Limits) -> Iterator[Input | Refusal]:
    if sys.stdin is None:
        yield Refusal(STDIN, "standard input is closed", "unreadable")
        return
    yield from expand(Blob(STDIN, None, None, lambda: sys.stdin.buffer, sys.stdin.buffer), limits)


def _remote(url: str, limits: Limits) -> Iterator[Input | Refusal]:
    try:
        for seen, file in enumerate(remote_files(url)):
            if seen >= limits.members:
                yield Refusal(shown(url), f"holds more than {limits.members} files; the rest is not read", "limit")
                return
            reopen = partial(open_remote, file.url)
            yield from expand(Blob(shown(file.url), file.size, file.modified, reopen, url=file.url), limits)
    except OSError as error:
        yield Refusal(shown(url), error.strerror or str(error), "unreadable")


def _is_folder(path: Path) -> bool:
    with suppress(OSError, ValueError):  # a name that none can have is told as that of a file
        return stat.S_ISDIR(path.stat().st_mode)
    return False


def _folder(root: Path, limits: Limits) -> Iterator[Input | Refusal]:
    seen = links = noise = 0
    sosreport = _is_folder(root / "sos_commands")
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders.sort(key=_natural)
        links += sum(Path(folder, name).is_symlink() for name in folders)  # os.walk does not enter them
        for name in sorted(names, key=_natural):
            seen += 1
            path = Path(folder, name)
            if seen > limits.members:
                yield Refusal(shown(root), f"holds more than {limits.members} files; the rest is not read", "limit")
                return
            if name == _SETTINGS and folder == str(root):
                continue  # options for logs that lie here: read, and told, before any log is
            if path.is_symlink():
                links += 1
            elif sosreport and sosreport_noise(f"sosreport-x/{path.relative_to(root).as_posix()}"):
                noise += 1
            else:
                yield from _file(path, limits, named=False)
    for error in closed:
        yield Refusal(shown(error.filename), f"the folder cannot be listed: {error.strerror}", "unreadable")
    counts = [counted(links, "symbolic link{s}")] * bool(links) + [counted(noise, NO_LOGS)] * bool(noise)
    if counts:
        yield Refusal(shown(root), f"not read: {', '.join(counts)}", "not-given")


def _natural(name: str) -> list[tuple[int, str]]:
    """``syslog.2`` before ``syslog.10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,18})", name)]


def _file(path: Path, limits: Limits, *, named: bool) -> Iterator[Input | Refusal]:
    """One file. A pipe is read only where it was named (``<(journalctl ...)``): one that lies about blocks forever."""
    name = shown(path)
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        yield Refusal(name, getattr(error, "strerror", None) or str(error), "unreadable")
        return
    if stat.S_ISFIFO(found.st_mode) and named:
        # a pipe can be read once only: it is no archive, and is opened by whoever reads it
        yield Input(name, None, None, lambda: path.open("rb"))
    elif stat.S_ISREG(found.st_mode):
        modified = moments.of_seconds(found.st_mtime)
        yield from expand(Blob(name, found.st_size, modified, lambda: whole_file(path), path=path), limits)
    else:
        yield Refusal(name, "not a regular file", "unreadable")

"""The live journal: what a run without paths reads, chosen as journalctl(1) chooses it.

Through libsystemd where systemd-python (the extra ``journal``) is installed. Otherwise the files of /var/log/journal
and /run/log/journal are read as they are, and ``Live.select`` keeps the boot and the units asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.errors import InputError
from logcorr.intake import libsystemd
from logcorr.intake.live_query import LiveQuery, chosen_boot, epoch_micros, machine_text, unit_names
from logcorr.intake.streams import Input, Refusal
from logcorr.schema import Source

__all__ = ["ROOTS", "Live", "LiveQuery", "live_journal"]

#: Persistent and volatile journals, each a folder per machine id (systemd-journald.service(8)).
ROOTS: Final = (Path("/var/log/journal"), Path("/run/log/journal"))

_MACHINE_ID: Final = Path("/etc/machine-id")
_FOLDER: Final = re.compile(r"([0-9a-f]{32})(?:\.(.+))?")
_ENDINGS: Final = (".journal", ".journal~")
_ARCHIVED: Final = 2  # a journal file's state, at byte 16 of its header
_FIRST, _LAST = 184, 192  # the times of its first and last entry
_HEADER: Final = 208


@dataclass(frozen=True, slots=True)
class Live:
    """The journal's inputs, and how to choose from all of them once they are parsed; None: everything is wanted."""

    inputs: tuple[Input | Refusal, ...]
    select: Callable[[Sequence[Source]], list[Source]] | None


def live_journal(query: LiveQuery, *, roots: Sequence[Path] = ROOTS) -> Live:
    """The live journal through libsystemd if that can be had, else its files.

    Raises InputError where there is no journal, or none that may be read; for a boot or units that the journal does not
    know, opening the stream or ``select`` raises UsageError.
    """
    files = _files(query, roots)
    inputs = [_input(path) for path in files]
    refused = [item for item in inputs if isinstance(item, Refusal)]
    if len(refused) == len(inputs):
        raise _closed(files[0].parent)
    if libsystemd.installed():
        stream = Input("journal", None, None, lambda: libsystemd.open_journal(query))
        return Live((stream, *refused), None)
    wanted = tuple(item for item, path in zip(inputs, files, strict=True) if not _outside(path, query))
    chosen = query.boot is not None or query.units
    return Live(wanted, (lambda sources: _selected(sources, query)) if chosen else None)


def _files(query: LiveQuery, roots: Sequence[Path]) -> list[Path]:
    """The journal's files: those of this machine and namespace, or of a whole directory."""
    if query.directory is not None and not query.directory.is_dir():
        raise InputError("no such folder", location=str(query.directory), hint="-D names a folder of journal files")
    roots = [query.directory] if query.directory else roots
    folders = [*_folders(query, roots), *([query.directory] if query.directory else [])]
    files = [path for folder in folders for path in _listed(folder) if path.name.endswith(_ENDINGS)]
    if not files:
        closed = next((path for path in (*roots, *folders) if _is_closed(path)), None)
        if closed is not None:
            raise _closed(closed)
        raise InputError(
            "there is no journal",
            location=", ".join(map(str, roots)),
            hint="name log files or folders, or the folder of a copied journal with -D; if there should be one here, "
            "run as root, and see Storage= in journald.conf(5)",
        )
    return files


def _closed(folder: Path) -> InputError:
    return InputError(
        "the journal may not be read",
        location=str(folder),
        hint="run as root, or join the group systemd-journal (sudo usermod -aG systemd-journal $USER, then log in "
        "again), or let root export it: sudo journalctl -o export | logcorr analyze -",
    )


def _is_closed(folder: Path) -> bool:
    """Whether there is such a folder, which may not be listed."""
    try:
        os.scandir(folder).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _folders(query: LiveQuery, roots: Sequence[Path]) -> Iterator[Path]:
    machine = None if query.directory else machine_text(_MACHINE_ID)
    for root in roots:
        for path in _listed(root):
            named = _FOLDER.fullmatch(path.name)
            if named and machine in (None, named[1]) and _in_namespace(named[2], query.namespace):
                yield path


def _in_namespace(namespace: str | None, wanted: str | None) -> bool:
    if wanted is None:
        return namespace is None
    if wanted.startswith("+"):
        return namespace in (None, wanted[1:])
    return wanted in ("*", namespace)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry) for entry in os.scandir(folder))
    except OSError:  # what may not be listed holds no files for us, and a run without any says so
        return []


def _input(path: Path) -> Input | Refusal:
    try:
        found = path.stat()
        with path.open("rb"):
            pass
    except OSError as error:
        return Refusal(str(path), error.strerror or str(error), "unreadable")
    modified = datetime.fromtimestamp(found.st_mtime, UTC)
    return Input(str(path), found.st_size, modified, lambda: path.open("rb"), path)


def _outside(path: Path, query: LiveQuery) -> bool:
    """Whether an archived file's header says that all of it lies outside the time asked for."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return False
    if len(header) < _HEADER or header[16] != _ARCHIVED:
        return False
    first, last = (int.from_bytes(header[at : at + 8], "little") for at in (_FIRST, _LAST))
    since, until = epoch_micros(query.since), epoch_micros(query.until)
    return 0 < first <= last and ((since is not None and last < since) or (until is not None and first > until))


def _selected(sources: Sequence[Source], query: LiveQuery) -> list[Source]:
    """What -b and -u ask for. Of lines about a unit those of any writer are kept; journalctl asks for root's."""
    keep = pl.lit(value=True)
    if query.boot is not None:
        times = pl.concat([source.rows.select("boot", "stamp") for source in sources])
        firsts = times.drop_nulls().group_by("boot").agg(pl.col("stamp").min()).sort("stamp", "boot")
        boot = chosen_boot(query, firsts["boot"].to_list())
        keep = keep if boot is None else pl.col("boot") == boot
    if query.units:
        names = unit_names(query, lambda: _units_of(sources))
        keep &= pl.any_horizontal(pl.col("unit", "about").is_in(names).fill_null(value=False))
    return [_only(source, keep) for source in sources]


def _units_of(sources: Sequence[Source]) -> set[str]:
    return {
        unit for source in sources for name in ("unit", "about") for unit in source.rows[name].unique().drop_nulls()
    }


def _only(source: Source, keep: pl.Expr) -> Source:
    rows = source.rows.filter(keep)
    return replace(source, rows=rows, lines=source.lines - source.rows.height + rows.height)

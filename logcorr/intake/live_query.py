"""Which part of the live journal is wanted, with journalctl(1)'s meanings."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.errors import UsageError

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_BOOT: Final = re.compile(r"([0-9a-f]{32})?([+-]?[0-9]{1,6})?")
_DASHED: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")
_UNIT: Final = re.compile(r".+\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuery:
    """A part of the journal; nothing given is all of this machine's."""

    since: datetime | None = None
    until: datetime | None = None
    boot: str | None = None  # -b: "" or "0" this one, "-1" the one before, "1" the first, an id with or without offset
    units: tuple[str, ...] = ()  # -u: names, ".service" may be left out, or globs
    directory: Path | None = None  # -D: this folder and its machines' folders instead of this machine's
    namespace: str | None = None  # a name, "+name" for it and the default, "*" for all


def chosen_boot(query: LiveQuery, boots: Sequence[str]) -> str | None:
    """The id that ``query.boot`` means among ``boots``, oldest first; None: any. Raises UsageError if there is none."""
    if query.boot is None or query.boot == "all":
        return None
    named = _BOOT.fullmatch(_DASHED.sub(r"\1\2\3\4\5", query.boot))
    if named:
        start, offset = named[1], int(named[2] or 0)
        this = machine_text(_BOOT_ID) if query.directory is None else None
        if start is None and offset == 0 and this in boots:
            return this
        if start is None or start in boots:
            index = offset + (boots.index(start) if start else -1 if offset > 0 else len(boots) - 1)
            if 0 <= index < len(boots):
                return boots[index]
    raise UsageError(
        f"no boot {query.boot!r} in the journal, which holds {len(boots)}",
        location="-b",
        hint="0 is this boot, -1 the one before, 1 the oldest, or name an id from journalctl --list-boots",
    )


def unit_names(query: LiveQuery, known: Callable[[], set[str]]) -> list[str]:
    """The full names of ``query.units``; a glob stands for those that are ``known``. Raises UsageError for none."""
    globs = [unit for unit in query.units if re.search(r"[*?[]", unit)]
    full = {unit if _UNIT.fullmatch(unit) else f"{unit}.service" for unit in set(query.units) - set(globs)}
    found = {unit for unit in known() if any(fnmatch.fnmatchcase(unit, glob) for glob in globs)} if globs else set()
    if query.units and not full | found:
        raise UsageError("no unit in the journal matches", location=f"-u {' '.join(globs)}")
    return sorted(full | found)


def epoch_micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def machine_text(path: Path) -> str | None:
    """The id that a one-line file holds, without dashes, or None."""
    try:
        return path.read_text(encoding="ascii").strip().replace("-", "") or None
    except OSError:
        return None

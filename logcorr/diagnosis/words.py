"""An event in half a sentence: what the rules say of it, or else the line itself."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from logcorr.diagnosis.signs import fill
from logcorr.rulebook.models import Rulebook

_LONGEST = 120


def tell(row: dict[str, Any], rules: Rulebook) -> str:
    """``row`` is an event with its ``message``. The brief of the program's own rule comes before that of any other."""
    briefs = [
        (not _speaks(file.program, row["program"]), file.events[row["event"]].brief)
        for file in rules.events
        if row["event"] in file.events and file.events[row["event"]].brief
    ]
    if briefs:
        return fill(min(briefs, key=lambda brief: brief[0])[1], row, 1)
    message = " ".join(str(row["message"] or "").split())
    text = message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "…"
    return f"{row['program']}: {text}" if row["program"] else text


def _speaks(programs: str | tuple[str, ...], program: str | None) -> bool:
    globs = (programs,) if isinstance(programs, str) else programs
    return any(glob != "*" and fnmatchcase(program or "", glob) for glob in globs)

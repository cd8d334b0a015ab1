"""An event in half a sentence: what the rules say of it, or else the line itself."""

from __future__ import annotations

from typing import Any

from logcorr.diagnosis.judging.signs import fill, holes
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Rulebook

_LONGEST = 120


def describe_event(row: dict[str, Any], rules: Rulebook) -> str:
    """``row`` is an event with its ``message``. The brief of the program's own rule comes first, then that of rules for
    any program, then others'; and of these one that needs no field which the line does not have.
    """
    fields = {name for name, value in (row.get("fields") or {}).items() if value is not None}
    briefs = [
        (_distance(file.program, row["program"]), len(holes(brief) - fields), brief)
        for file in rules.events
        if row["event"] in file.events and (brief := file.events[row["event"]].brief)
    ]
    if briefs:
        return fill(min(briefs, key=lambda each: each[:2])[2], row, 1)
    message = " ".join(str(row["message"] or "").split())
    text = message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "…"
    return f"{row['program']}: {text}" if row["program"] else text


def _distance(programs: str | tuple[str, ...], program: str | None) -> int:
    """How far a rule file for ``programs`` is from what ``program`` writes."""
    globs = (programs,) if isinstance(programs, str) else programs
    if glob_matches(program or "", (glob for glob in globs if glob != "*")):
        return 0
    return 1 if "*" in globs else 2

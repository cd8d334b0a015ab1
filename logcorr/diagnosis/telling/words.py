"""An event in half a sentence: what the rules say of it, or else the line itself."""

from __future__ import annotations

from typing import Any

import polars as pl

from logcorr.diagnosis.judging.signs import fill, holes
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Event, Rulebook
from logcorr.rulebook.wordings import compile_wording

_LONGEST = 120


def describe_event(row: dict[str, Any], rules: Rulebook) -> str:
    """``row`` is an event with its ``message``. The brief of the program's own rule comes first, then that of rules for
    any program, then others'; of these that whose wording the line has, and one that needs no field which it does not
    have.
    """
    fields = {name for name, value in (row.get("fields") or {}).items() if value is not None}
    briefs = [
        (_distance(file.program, row["program"]), len(holes(event.brief) - fields), event)
        for file in rules.events
        if (event := file.events.get(row["event"])) and event.brief
    ]
    if briefs:
        nearest = min(each[0] for each in briefs)
        near = [each for each in briefs if each[0] == nearest]
        said = [each for each in near if _is_said(each[2], row, rules)] if len(near) > 1 else near
        return fill(min(said or near, key=lambda each: each[1])[2].brief, row, 1)
    message = " ".join(str(row["message"] or "").split())
    text = message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "…"
    return f"{row['program']}: {text}" if row["program"] else text


def _is_said(event: Event, row: dict[str, Any], rules: Rulebook) -> bool:
    """Whether a wording of this very rule is found in the line: rules for several programs may name one event."""
    message = pl.Series([str(row["message"] or "")])
    wordings = (compile_wording(wording, tested=True, known=rules.expressions) for wording in event.wordings())
    return any(each.regex is not None and message.str.contains(each.regex)[0] for each in wordings)


def _distance(programs: str | tuple[str, ...], program: str | None) -> int:
    """How far a rule file for ``programs`` is from what ``program`` writes."""
    globs = (programs,) if isinstance(programs, str) else programs
    if glob_matches(program or "", (glob for glob in globs if glob != "*")):
        return 0
    return 1 if "*" in globs else 2

"""Signs that a limiter may have held back: their absence is no evidence."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import polars as pl

from logcorr.rulebook.conditions import value_of
from logcorr.rulebook.models import Rulebook, Sign

#: The event of a limiter's note.
NOTE = "logs.suppressed"


def held_back(events: pl.DataFrame, rules: Rulebook) -> frozenset[str]:
    """The events (names, or ``*`` for any) that the notes of limiters among ``events`` say may be missing.

    A note that names no format hides what its program reports, or the programs of the unit that it names.
    """
    notes = events.filter(pl.col("event") == NOTE)
    if not notes.height:
        return frozenset()
    fields = (value_of(name, notes.schema).cast(pl.String).alias(name) for name in ("hides", "format", "unit"))
    names: set[str] = set()
    for program, hides, text, unit in notes.select("program", *fields).unique().rows():
        own = program if text is not None or program == "kernel" else unit and unit.rpartition(".")[0]
        names |= set(hides.split()) if hides is not None else _reported_by(own, rules) if own else {"*"}
    return frozenset(names)


def may_hide(names: Iterable[str], sign: Sign, rules: Rulebook) -> bool:
    """Whether one of the events that a sign rests on is among ``names``."""
    if sign.pattern is not None:
        pattern = rules.patterns.get(sign.pattern)
        wanted = pattern.events() if pattern else ()
    else:
        wanted = (sign.event,) if isinstance(sign.event, str) else (sign.event or ())
    return any(fnmatchcase(name, glob) or name == "*" for name in names for glob in wanted)


def _reported_by(program: str, rules: Rulebook) -> set[str]:
    """The events of a program; any, where no rule speaks of it alone."""
    files = [file for file in rules.events if any(fnmatchcase(program, glob) for glob in _globs(file.program))]
    return {name for file in files for name in file.events} or {"*"}


def _globs(program: str | tuple[str, ...]) -> tuple[str, ...]:
    return (program,) if isinstance(program, str) else program

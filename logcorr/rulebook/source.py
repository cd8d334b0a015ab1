"""A rule as it is written: the text of its file, or of its part of an events file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from logcorr.errors import UsageError
from logcorr.rulebook.faults import meant
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.models import EventFile, Rulebook

_NAMED: Final = 5


def written(name: str, rules: Rulebook) -> str:
    """The YAML of a pattern, cause or event, each place under a comment that names it. Raises UsageError for others."""
    kinds = ("pattern", "cause", "event")
    keys = [f"{kind} {name}" for kind in kinds if f"{kind} {name}" in rules.places]
    if not keys:
        raise UsageError(
            f"no rule is called {name!r}",
            hint=_of_program(name, rules)
            or meant(name, [key.split(" ", 1)[1] for key in rules.places if key.startswith(kinds)]),
        )
    whole = name in rules.patterns or name in rules.causes
    return "\n".join(_part(rules.places[key], shipped=key in rules.shipped, whole=whole) for key in keys)


def _of_program(name: str, rules: Rulebook) -> str | None:
    """A hint for the name of a program, whose lines are told apart by events."""
    events = [event for file in rules.events if name in _programs(file) for event in file.events]
    if not events:
        return None
    more = f" and {len(events) - _NAMED} more" if len(events) > _NAMED else ""
    return f"this is a program; its events are {', '.join(events[:_NAMED])}{more}"


def _programs(file: EventFile) -> tuple[str, ...]:
    return (file.program,) if isinstance(file.program, str) else file.program


def _part(place: str, *, shipped: bool, whole: bool) -> str:
    path, _, number = place.rpartition(":") if place.rpartition(":")[2].isdecimal() else (place, "", "1")
    # shipped rules are shown as rules/..., wherever they are installed
    file = shipped_rules().joinpath(*Path(path).parts[1:]) if shipped else Path(path)
    lines = file.read_text(encoding="utf-8").splitlines()
    start = 0 if whole else int(number) - 1
    margin = len(lines[start]) - len(lines[start].lstrip())
    end = len(lines)
    if not whole:
        deeper = (
            at for at in range(start + 1, end) if lines[at].strip() and not lines[at].startswith(" " * (margin + 1))
        )
        end = next(deeper, end)
    return "\n".join([f"# {place}", *lines[start:end]]) + "\n"

"""A rule as it is written: the text of its file, or of its part of an events file."""

from __future__ import annotations

from pathlib import Path

from logcorr.errors import UsageError
from logcorr.rulebook.faults import meant
from logcorr.rulebook.models import Rulebook


def written(name: str, rules: Rulebook) -> str:
    """The YAML of a pattern, cause or event, each place under a comment that names it. Raises UsageError for others."""
    kinds = ("pattern", "cause", "event")
    places = [place for kind in kinds for key, place in rules.places.items() if key == f"{kind} {name}"]
    if not places:
        raise UsageError(
            f"no rule is called {name!r}", hint=meant(name, [key.split(" ", 1)[1] for key in rules.places])
        )
    return "\n".join(_part(place, whole=name in rules.patterns or name in rules.causes) for place in places)


def _part(place: str, *, whole: bool) -> str:
    path, _, number = place.rpartition(":") if place.rpartition(":")[2].isdecimal() else (place, "", "1")
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    start = 0 if whole else int(number) - 1
    margin = len(lines[start]) - len(lines[start].lstrip())
    end = len(lines)
    if not whole:
        deeper = (
            at for at in range(start + 1, end) if lines[at].strip() and not lines[at].startswith(" " * (margin + 1))
        )
        end = next(deeper, end)
    return "\n".join([f"# {place}", *lines[start:end]]) + "\n"

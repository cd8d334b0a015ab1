"""What the rules say of the words that outsiders choose, as ``logcorr.origin`` takes it."""

from __future__ import annotations

from logcorr.origin import Chosen, Outsiders
from logcorr.rulebook.globs import glob_regex
from logcorr.rulebook.models import EventFile, Rulebook


def outsiders_of(rules: Rulebook) -> Outsiders:
    """Which parts of which programs' lines others chose, by all event files."""
    return Outsiders(tuple(chosen for file in rules.events for chosen in chosen_in(file)))


def chosen_in(file: EventFile) -> tuple[Chosen, ...]:
    """What one event file says of it: nothing, or one entry."""
    if not file.outsiders:
        return ()
    globs = (glob_regex(glob).removeprefix("(?s)") for glob in file.programs if not glob.startswith("!"))
    return (Chosen("|".join(f"(?s:{glob})" for glob in globs), file.outsiders, "*" in file.programs),)

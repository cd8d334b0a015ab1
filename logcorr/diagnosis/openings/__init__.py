"""The ways to notice that something went wrong: a module each, with one function that finds what opens an incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from logcorr.diagnosis.openings.burst import by_burst
from logcorr.diagnosis.openings.found import Field, Opened
from logcorr.diagnosis.openings.recurrence import by_recurrence
from logcorr.diagnosis.openings.state import by_state
from logcorr.diagnosis.openings.trigger import by_trigger
from logcorr.diagnosis.openings.unknown import by_unknown

#: In the order in which they are asked: each is told what those before it opened.
OPENINGS: Final[tuple[Callable[[Field], list[Opened]], ...]] = (
    by_burst, by_state, by_trigger, by_recurrence, by_unknown,
)  # fmt: skip

__all__ = ["OPENINGS", "Field", "Opened"]

"""What becomes of rules in another language."""

from __future__ import annotations

from dataclasses import field, replace

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError
from logcorr.rulebook.models import Pattern, Query


@dataclass(slots=True)
class Translated:
    """Foreign rules as queries and patterns of ours, and what could not be honoured."""

    queries: dict[str, Query] = field(default_factory=dict)  # by event
    patterns: dict[str, Pattern] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # "pattern sigma-x" -> "path:line"
    refused: tuple[str, ...] = ()  # "path:line:column: what cannot be honoured", where other rules can be used
    faults: list[LogcorrError] = field(default_factory=list)  # of rules that cannot be used

    def settled(self) -> Translated:
        """The same where other files can be used: what is wrong with some is no fault of the run, but told."""
        return replace(self, faults=[], refused=tuple(map(_in_one_line, self.faults)))


def _in_one_line(fault: LogcorrError) -> str:
    return " ".join(str(fault).replace("\nhint: ", "; ").split())

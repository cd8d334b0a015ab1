"""What becomes of rules in another language."""

from __future__ import annotations

from dataclasses import dataclass, field

from logcorr.errors import LogcorrError
from logcorr.rulebook.models import Pattern, Query


@dataclass(slots=True)
class Translated:
    """Foreign rules as queries and patterns of ours, and what could not be honoured."""

    queries: dict[str, Query] = field(default_factory=dict)  # by event
    patterns: dict[str, Pattern] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # "pattern sigma-x" -> "path:line"
    faults: list[LogcorrError] = field(default_factory=list)

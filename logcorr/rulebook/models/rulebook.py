"""All rules of a run together."""

from __future__ import annotations

from dataclasses import field

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.rulebook.expressions import Expressions
from logcorr.rulebook.models.causes import Cause, SourceKind, SymptomClass
from logcorr.rulebook.models.events import EventFile
from logcorr.rulebook.models.patterns import Pattern
from logcorr.rulebook.models.states import StateKind


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """An event told by a condition on whole records instead of a wording; Sigma's detections become such."""

    event: str
    programs: tuple[str, ...]  # globs
    where: pl.Expr  # over schema.TIMELINE, and "field:NAME" for a field of the record's other events; never null
    fields: tuple[str, ...] = ()  # the NAMEs that it uses
    gives: tuple[tuple[str, tuple[str, ...]], ...] = ()  # more fields: each the first of the named fields that is known


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule of a run, validated."""

    events: tuple[EventFile, ...] = ()
    patterns: dict[str, Pattern] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    sources: dict[str, SourceKind] = field(default_factory=dict)
    symptoms: dict[str, SymptomClass] = field(default_factory=dict)
    states: dict[str, StateKind] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()  # events of Sigma rules
    sha256: str = ""  # over sorted (relative path, content)
    places: dict[str, str] = field(default_factory=dict)  # "pattern reset-after-link-down" -> "path:line"
    shipped: frozenset[str] = frozenset()  # those whose path is one of the shipped folder
    refused: tuple[str, ...] = ()  # "user/x.yml:4:5: what cannot be honoured", for every rule that was left out
    overridden: tuple[str, ...] = ()  # "pattern x: user/x.yaml:1 replaces x.yaml:1", for every rule replaced by another
    expressions: Expressions = field(default_factory=dict)  # of wordings, as far as they are compiled already

    def classes_in(self, names: tuple[str, ...]) -> tuple[SymptomClass, ...]:
        """The classes of symptoms among ``names``, and all that they include."""
        found: dict[str, SymptomClass] = {}
        asked = list(names)
        while asked:
            known = self.symptoms.get(asked.pop())
            if known is not None and known.id not in found:
                found[known.id] = known
                asked += known.includes
        return tuple(found.values())

    def explained_events(self, cause: Cause) -> tuple[str, ...]:
        """The names and globs of all events that a cause may explain, whatever conditions the classes put on them."""
        parts = [part for each in self.classes_in(cause.explains) for part in each.events]
        named = [part if isinstance(part, str) else part.event for part in parts]
        flat = [name for names in named for name in ((names,) if isinstance(names, str) else names)]
        return tuple(dict.fromkeys([*(name for name in cause.explains if name not in self.symptoms), *flat]))

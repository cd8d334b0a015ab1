"""Which symptoms of an incident belong to which class: what a cause may explain, in whatever program's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.conditions import holds, value_of
from logcorr.rulebook.globs import matching
from logcorr.rulebook.models import Cause, Compare, SymptomClass, Where

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Classed:
    """Symptoms with what their records report. Masks are over the rows of the symptoms."""

    height: int
    by_event: Mapping[str, Mask]  # of every event that some of the records report
    by_class: Mapping[str, Mask]  # of every class, with what it includes
    here: frozenset[str] = frozenset()  # classes of which a cause explains on its own machine only what is served there

    def explained_by(self, cause: Cause, elsewhere: Mask | None = None) -> Mask:
        """The symptoms of a kind that the cause accounts for. ``elsewhere``: those that its machine does not serve."""
        of_classes = [self._of_class(name, elsewhere) for name in cause.explains if name in self.by_class]
        globs = [name for name in cause.explains if name not in self.by_class]
        return _any([*of_classes, *_named(globs, self.by_event)], self.height)

    def _of_class(self, name: str, elsewhere: Mask | None) -> Mask:
        mask = self.by_class[name]
        return mask if elsewhere is None or name not in self.here else mask & ~elsewhere

    def named(self, globs: Iterable[str]) -> Mask:
        """The symptoms whose records report one of these events (globs allowed)."""
        return _any(_named(globs, self.by_event), self.height)


def classify_symptoms(symptoms: pl.DataFrame, scene: Scene) -> Classed:
    """Find the classes of ``symptoms`` (one row a record), by all events of their records."""
    ids = symptoms["id"].to_numpy()
    told = scene.of(ids)
    order = np.argsort(ids, kind="stable")
    rows = order[np.searchsorted(ids[order], told["id"].to_numpy())]
    by_event: dict[str, Mask] = {}
    placed = told.with_columns(row=pl.Series(rows))
    parts = {str(name): part for (name,), part in placed.group_by("event", maintain_order=True)}
    for name, part in parts.items():
        by_event[name] = _mask(part["row"].to_numpy(), len(ids))
    own = {each.id: _own(each, parts, by_event, scene, len(ids)) for each in scene.rules.symptoms.values()}
    by_class = {
        name: _any([own[each.id] for each in scene.rules.classes_in((name,))], len(ids))
        for name in scene.rules.symptoms
    }
    here = frozenset(each.id for each in scene.rules.symptoms.values() if each.here)
    return Classed(len(ids), by_event, by_class, here)


def _own(
    given: SymptomClass, parts: Mapping[str, pl.DataFrame], by_event: Mapping[str, Mask], scene: Scene, height: int
) -> Mask:
    """The symptoms of a class, without those of classes that it includes."""
    masks = _named([part for part in given.events if isinstance(part, str)], by_event)
    for member in given.events:
        if isinstance(member, str):
            continue
        globs = (member.event,) if isinstance(member.event, str) else member.event
        for name in matching(parts, globs):
            full = scene.with_members(parts[name], member.where)
            held = full.filter(_belongs(member.where, full.schema))
            masks.append(_mask(held["row"].to_numpy(), height))
    return _any(masks, height)


def _belongs(where: Where, schema: pl.Schema) -> pl.Expr:
    """Whether every condition holds; one on a field that a line does not have holds, unless it asks for the field."""
    tests = []
    for name, condition in where.items():
        value = value_of(name, schema)
        told = isinstance(condition, Compare) and condition.exists is not None
        tests.append(holds(value, condition) if told else holds(value, condition) | value.is_null())
    return reduce(and_, tests, pl.lit(value=True))


def _named(globs: Iterable[str], by_event: Mapping[str, Mask]) -> list[Mask]:
    wanted = tuple(globs)
    return [by_event[name] for name in matching(by_event, wanted)]


def _mask(rows: NDArray[np.int64], height: int) -> Mask:
    found = np.zeros(height, dtype=bool)
    found[rows] = True
    return found


def _any(masks: Iterable[Mask], height: int) -> Mask:
    found = np.zeros(height, dtype=bool)
    for mask in masks:
        found |= mask
    return found

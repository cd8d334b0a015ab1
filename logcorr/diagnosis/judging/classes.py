"""Which symptoms of an incident belong to which class: what a cause may explain, in whatever program's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.conditions import holds, value_of
from logcorr.rulebook.globs import matching
from logcorr.rulebook.models import Cause, Compare, SymptomClass, Where

Mask = NDArray[np.bool_]
#: By event: the numbers of the records that report it, and the rows of Scene.brief that say so.
_Parts: TypeAlias = dict[str, tuple[NDArray[np.intp], NDArray[np.int64]]]

#: The classes of symptoms that tell of the machine at the other end, and of a service there.
OF_A_PEER: Final = ("to-one-peer", "to-one-service")


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

    def of(self, classes: Iterable[str]) -> Mask:
        """The symptoms of any of these classes."""
        return _any([self.by_class[name] for name in classes if name in self.by_class], self.height)

    def named(self, globs: Iterable[str]) -> Mask:
        """The symptoms whose records report one of these events (globs allowed)."""
        return _any(_named(globs, self.by_event), self.height)


def classify_symptoms(given: Sequence[pl.DataFrame], scene: Scene) -> list[Classed]:
    """Find the classes of the symptoms of each incident (one row a record), by all events of their records."""
    ids = [symptoms["id"].to_numpy() for symptoms in given]
    every = np.unique(np.concatenate(ids))
    parts = _by_event(every, scene)
    by_event = {name: _mask(rows, len(every)) for name, (rows, _) in parts.items()}
    masks = _conditional(parts, scene, len(every))
    own = {each.id: masks.get(each.id, []) + _plain(each, by_event) for each in scene.rules.symptoms.values()}
    by_class = {
        name: _any([mask for each in scene.rules.classes_in((name,)) for mask in own[each.id]], len(every))
        for name in scene.rules.symptoms
    }
    here = frozenset(each.id for each in scene.rules.symptoms.values() if each.here)
    return [_classed(np.searchsorted(every, mine), by_event, by_class, here) for mine in ids]


def _classed(
    rows: NDArray[np.intp], by_event: Mapping[str, Mask], by_class: Mapping[str, Mask], here: frozenset[str]
) -> Classed:
    """What is known of some of all symptoms."""
    events = {name: mine for name, mask in by_event.items() if (mine := mask[rows]).any()}
    return Classed(len(rows), events, {name: mask[rows] for name, mask in by_class.items()}, here)


def _by_event(records: NDArray[np.integer[Any]], scene: Scene) -> _Parts:
    """Of each event of some records (ascending): which of them report it, and the rows of Scene.brief."""
    at, columns = scene.at(records), scene.columns
    rows, events = np.searchsorted(records, columns.id[at]), columns.event.numbers[at]
    order = np.argsort(events, kind="stable")
    ends = np.flatnonzero(np.diff(events[order])) + 1
    parts = np.split(order, ends) if len(order) else []
    return {columns.event.names[events[part[0]]]: (rows[part], at[part]) for part in parts}


def _conditional(parts: _Parts, scene: Scene, height: int) -> dict[str, list[Mask]]:
    """The symptoms of each class that belong to it on a condition: all conditions on an event at once."""
    asked: dict[str, list[tuple[str, Where]]] = {}
    for each in scene.rules.symptoms.values():
        for member in each.events:
            if not isinstance(member, str):
                globs = (member.event,) if isinstance(member.event, str) else member.event
                for name in matching(parts, globs):
                    asked.setdefault(name, []).append((each.id, member.where))
    masks: dict[str, list[Mask]] = {}
    for name, wanted in asked.items():
        rows, at = parts[name]
        full = scene.with_members(scene.brief[at], dict.fromkeys(field for _, where in wanted for field in where))
        tests = {f"_{number}": _belongs(where, full.schema) for number, (_, where) in enumerate(wanted)}
        held = full.with_columns(**tests).select(pl.col(tests.keys()).fill_null(value=False))
        for (owner, _), mask in zip(wanted, held, strict=True):
            masks.setdefault(owner, []).append(_mask(rows[mask.to_numpy()], height))
    return masks


def _plain(given: SymptomClass, by_event: Mapping[str, Mask]) -> list[Mask]:
    """The symptoms that belong to a class whatever their lines say."""
    return _named([part for part in given.events if isinstance(part, str)], by_event)


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

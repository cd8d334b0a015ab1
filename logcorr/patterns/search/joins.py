"""What ties the steps of a pattern together: keys that must be equal, and conditions that compare two steps.

``by: host`` asks for equal hosts over all steps, ``by: {down.interface: reset.interface}`` and ``where: {interface:
$down.interface}`` for equality of two steps' fields; equalities that meet in one field form one class. A value that is
absent equals nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.errors import RuleError
from logcorr.patterns.engine.stream import EventStream, factorize
from logcorr.patterns.search.candidates import shared_codes
from logcorr.rulebook.models import Compare, Pattern, Scalar, Step, Where
from logcorr.times.micros import Bools, Ints

#: Fields (one of each step, by step number) that must be equal.
EqualFields = dict[int, str]

_ORDERED = {"lt", "le", "gt", "ge"}


@dataclass(frozen=True, slots=True)
class Link:
    """A comparison of ``field`` of one step with ``other_field`` of another (step numbers)."""

    step: int
    field: str
    test: str  # eq, ne, lt, le, gt, ge
    other: int
    other_field: str

    def holds(self, stream: EventStream, rows: Ints, other_rows: Ints) -> Bools:
        """Row by row; false where a value is absent."""
        kind: type[pl.DataType] = pl.Float64 if self.test in _ORDERED else pl.String
        value = stream.values(self.field, rows).cast(kind, strict=False)
        other = stream.values(self.other_field, other_rows).cast(kind, strict=False)
        return getattr(value, self.test)(other).fill_null(value=False).to_numpy().astype(bool)  # type: ignore[no-any-return]  # Series methods by name


@dataclass(frozen=True, slots=True)
class Joins:
    """All ties of a pattern: equality classes and other comparisons."""

    classes: tuple[EqualFields, ...]
    links: tuple[Link, ...]
    inner: tuple[Link, ...]  # equalities of two fields of the same step that follow from the classes


def read(pattern: Pattern, steps: Sequence[Step]) -> Joins:
    """The ties that ``by`` and ``where`` of the steps express. Raises RuleError for one that cannot be."""
    names = _numbers(pattern, steps)
    equal: list[set[tuple[int, str]]] = _from_by(pattern, steps, names)
    links = []
    for number, step in enumerate(steps):
        for field, test, reference in references(step.where):
            (other, *_), other_field = _resolve(reference, names, pattern)
            if steps[other].negated or (steps[other].optional and not step.optional):
                raise RuleError(f"${reference} refers to a step that need not occur", location=f"pattern {pattern.id}")
            if test == "eq":
                equal.append({(number, field), (other, other_field)})
            else:
                links.append(Link(number, field, test, other, other_field))
    merged = [sorted(each, reverse=True) for each in _merge(equal)]
    classes = tuple(dict(each) for each in merged)
    inner = tuple(
        Link(step, field, "eq", step, fields[step])
        for each, fields in zip(merged, classes, strict=True)
        for step, field in each
        if field != fields[step]
    )
    return Joins(classes, tuple(links), inner)


def references(where: Where) -> list[tuple[str, str, str]]:
    """The (field, test, "step.field") of every condition that names another step."""
    found = []
    for field, condition in where.items():
        tests = list(condition) if isinstance(condition, Compare) else [("eq", condition)]
        found += [(field, test, value[1:]) for test, value in tests if isinstance(value, str) and value.startswith("$")]
    return found


def complete(stream: EventStream, rows: Ints, step: int, ties: Joins) -> Ints:
    """Rows that have all fields of the step's equalities, one for each record: an event that lacks its key takes no
    part.
    """
    for each in ties.classes:
        if step in each:
            rows = rows[stream.codes(each[step])[rows] >= 0]
    for link in ties.inner:
        if link.step == step:
            rows = rows[link.holds(stream, rows, rows)]
    return stream.once(rows)


def common(ties: Joins, step: int, other: int) -> tuple[list[str], list[str]]:
    """The fields of the two steps that must be equal."""
    shared = [each for each in ties.classes if step in each and other in each]
    return [each[step] for each in shared], [each[other] for each in shared]


def chained(ties: Joins, steps: Sequence[int]) -> list[Link]:
    """The equalities among these steps as comparisons of each with the one before it in its class."""
    links = []
    for each in ties.classes:
        members = [number for number in steps if number in each]
        links += [Link(later, each[later], "eq", earlier, each[earlier]) for earlier, later in pairwise(members)]
    return links


def without_references(where: Where) -> Where:
    """The conditions that a row meets or fails by itself."""
    kept: dict[str, Scalar | tuple[Scalar, ...] | Compare] = {}
    for field, condition in where.items():
        if isinstance(condition, Compare):
            named = {test: None for name, test, _ in references({field: condition}) if name == field}
            rest = condition.model_copy(update=named)
            if any(value is not None for _, value in rest):
                kept[field] = rest
        elif not (isinstance(condition, str) and condition.startswith("$")):
            kept[field] = condition
    return kept


def codes(stream: EventStream, sides: Sequence[tuple[Ints, Sequence[str]]]) -> tuple[list[Ints], int]:
    """Key codes of several sets of rows, each with its own fields (as many for each): equal codes for equal values, -1
    where one is absent. Second: the number of codes.
    """
    lengths = {len(fields) for _, fields in sides}
    if lengths == {0}:
        return [np.zeros(len(rows), dtype=np.int64) for rows, _ in sides], 1
    total: list[Ints] | None = None
    count = 0
    for place in range(lengths.pop()):
        part, part_count = _one_field(stream, [(rows, fields[place]) for rows, fields in sides])
        if total is None:
            total, count = part, part_count
            continue
        joined = [
            np.where((old < 0) | (new < 0), 0, old * part_count + new + 1) for old, new in zip(total, part, strict=True)
        ]
        total, count = shared_codes([*joined, np.zeros(1, dtype=np.int64)])
        total = [each - 1 for each in total[:-1]]
        count -= 1
    return total or [], max(count, 1)


def _one_field(stream: EventStream, sides: list[tuple[Ints, str]]) -> tuple[list[Ints], int]:
    if len({field for _, field in sides}) == 1:
        whole = stream.codes(sides[0][1])
        return [whole[rows] for rows, _ in sides], max(int(whole.max(initial=0)) + 1, 1)
    values = [stream.values(field, rows).cast(pl.String).alias("value") for rows, field in sides]
    edges = np.cumsum([len(each) for each in values])[:-1]
    parts = np.split(factorize(pl.concat(values)), edges)
    shared, count = shared_codes([part + 1 for part in parts] + [np.zeros(1, dtype=np.int64)])
    return [part - 1 for part in shared[:-1]], max(count - 1, 1)


def _numbers(pattern: Pattern, steps: Sequence[Step]) -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for number, step in enumerate(steps):
        names.setdefault(step.name, []).append(number)
    twice = [name for name, numbers in names.items() if len(numbers) > 1 and name != "not"]
    if twice:
        raise RuleError(f"two steps are called {twice[0]!r}", location=f"pattern {pattern.id}")
    return names


def _from_by(pattern: Pattern, steps: Sequence[Step], names: dict[str, list[int]]) -> list[set[tuple[int, str]]]:
    if pattern.by is None:
        return []
    if isinstance(pattern.by, dict):
        ends = [[_resolve(end, names, pattern) for end in pair] for pair in pattern.by.items()]
        return [{(number, field) for numbers, field in pair for number in numbers} for pair in ends]
    fields = (pattern.by,) if isinstance(pattern.by, str) else pattern.by
    return [{(number, field) for number in range(len(steps))} for field in fields]


def _resolve(reference: str, names: dict[str, list[int]], pattern: Pattern) -> tuple[list[int], str]:
    """The numbers of the steps called so (several only for ``not``), and the field."""
    name, dot, field = reference.partition(".")
    if not dot or name not in names:
        hint = f"steps are {', '.join(names)}; write step.field"
        raise RuleError(f"{reference!r} names no step's field", location=f"pattern {pattern.id}", hint=hint)
    return names[name], field


def _merge(equal: list[set[tuple[int, str]]]) -> list[set[tuple[int, str]]]:
    merged: list[set[tuple[int, str]]] = []
    for each in equal:
        touching = [known for known in merged if known & each]
        merged = [known for known in merged if not known & each] + [each.union(*touching)]
    return merged

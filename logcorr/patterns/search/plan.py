"""A sequence made ready for matching: which rows may serve as each step, under which key, and what must not occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.errors import RuleError
from logcorr.patterns.engine.observed import Observed, StreamCoverage
from logcorr.patterns.engine.stream import EventStream
from logcorr.patterns.search import joins
from logcorr.patterns.search.absence import Forbidden, Wait
from logcorr.patterns.search.joins import Joins, Link
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.models import Pattern, Step, Where
from logcorr.times.micros import NEVER, Bools, Ints, of_seconds


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One required occurrence: a step, or one of the occurrences of a repeated step."""

    number: int  # of the step in the pattern
    rows: Ints  # in timeline order
    within: int  # µs after the slot before
    anchor: int  # slot from which ``within`` runs for a repeated step as a whole; -1: the slot before, and no other
    own_host: bool  # on the host of the slot before
    observed: Observed


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The key that ties the rows of a slot to those of the slot before it."""

    left: Ints  # codes in [0, keys)
    right: Ints
    keys: int


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A step that must not occur: after one slot, before one, or between two."""

    number: int
    after: int  # slot; -1: the step comes first
    before: int  # slot; -1: the step comes last
    reach: int  # µs
    forbidden: Forbidden
    tied: int  # the slot that gives the key
    key: Ints  # of that slot's rows
    own_host: bool
    observed: Observed

    def window(self, plan: Plan, after: Ints | None, before: Ints | None) -> Wait:
        """Where to look, for matched rows of its slots."""
        rows = after if self.tied == self.after else before
        key = self.key[np.searchsorted(plan.slots[self.tied].rows, rows)] if rows is not None else self.key
        if self.after < 0:
            return Wait(key, before=before, back=self.reach)
        return Wait(key, after=after, before=before, reach=self.reach)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A sequence over one stream."""

    pattern: Pattern
    stream: EventStream
    steps: tuple[Step, ...]
    joins: Joins
    slots: tuple[Slot, ...]
    pairs: tuple[Pair, ...]  # pairs[i] ties slot i + 1 to slot i
    absent: tuple[Absent, ...]
    span: int
    links: tuple[tuple[tuple[Link, int], ...], ...]  # for each slot: comparisons with an earlier slot
    local: bool  # every tie is between neighbours, so a slot's future does not depend on its past

    def accepts(self, slot: int, first: Ints, second: Ints) -> Bools:
        """Whether rows of ``slot`` may follow rows of the slot before: comparisons, and what must not be between."""
        fits = np.ones(len(first), dtype=bool)
        for link, other in self.links[slot]:
            if other == slot - 1:
                fits &= link.holds(self.stream, second, first)
        for absent in self.absent:
            if absent.before == slot and absent.after == slot - 1:
                fits &= ~absent.forbidden.inside(absent.window(self, first, second))[0]
        return fits

    def outlasts_steps(self) -> bool:
        """Whether some time limit runs over more than two neighbouring slots."""
        return self.span < NEVER or any(slot.anchor >= 0 for slot in self.slots)

    def has_tests(self, slot: int) -> bool:
        """Whether ``accepts`` can ever say no."""
        near = any(other == slot - 1 for _, other in self.links[slot])
        return near or any(each.before == slot and each.after == slot - 1 for each in self.absent)


def select(stream: EventStream, event: str | tuple[str, ...], where: Where) -> Ints:
    """Rows of the events that meet the conditions on themselves."""
    rows = stream.rows(event)
    conditions = joins.without_references(where)
    if not conditions or not len(rows):
        return rows
    frame = stream.told(conditions, rows)
    holds = frame.select(all_hold(conditions, frame.schema).alias("holds")).to_series()
    return rows[holds.to_numpy().astype(bool)] if len(holds) == len(rows) else rows[:0]


def make(pattern: Pattern, stream: EventStream, coverage: StreamCoverage) -> Plan:
    """The plan of a ``sequence``. Raises RuleError for a sequence that cannot be matched."""
    steps = tuple(pattern.sequence or ())
    _check(pattern, steps)
    ties = joins.read(pattern, steps)
    required = [number for number, step in enumerate(steps) if not step.negated and not step.optional]
    slots: list[Slot] = []
    for number in required:
        rows = _rows(stream, number, steps[number], ties)
        observed = coverage.observed(steps[number].event)
        anchor = len(slots) - 1
        for turn in range(steps[number].at_least):
            own = _same_host(ties, number, slots[-1].number) if slots else False
            first = max(anchor, 0)
            slots.append(Slot(number, rows, of_seconds(steps[number].within), first if turn else -1, own, observed))
    for number in _negated(steps):
        if number < required[0]:
            slots[0] = _unbroken(slots[0], _absent(pattern, number, slots, ties, stream, coverage))
    pairs = tuple(_pair(stream, ties, before, slot) for before, slot in pairwise(slots))
    links, local = _links(ties, slots)
    absent = tuple(_absent(pattern, number, slots, ties, stream, coverage) for number in _negated(steps))
    return Plan(pattern, stream, steps, ties, tuple(slots), pairs, absent, of_seconds(pattern.span), links, local)


def _unbroken(slot: Slot, absent: Absent) -> Slot:
    """The first slot without the rows before which something forbidden occurred for certain."""
    window = Wait(absent.key, before=slot.rows, back=absent.reach)
    return replace(slot, rows=slot.rows[~absent.forbidden.inside(window)[0]])


def _rows(stream: EventStream, number: int, step: Step, ties: Joins) -> Ints:
    return joins.complete(stream, select(stream, step.event, step.where), number, ties)


def _negated(steps: Sequence[Step]) -> list[int]:
    return [number for number, step in enumerate(steps) if step.negated]


def _check(pattern: Pattern, steps: Sequence[Step]) -> None:
    place = f"pattern {pattern.id}"
    if not any(not step.negated and not step.optional for step in steps):
        raise RuleError("a sequence needs a step that must occur", location=place)
    for number in _negated(steps):
        outer = (
            number in (0, len(steps) - 1)
            or all(step.negated or step.optional for step in (*steps[:number],))
            or all(step.negated or step.optional for step in steps[number + 1 :])
        )
        if outer and steps[number].within is None and pattern.span is None:
            raise RuleError("a 'not' at either end of a sequence needs 'within'", location=place)
        if steps[number].at_least > 1 or steps[number].optional:
            raise RuleError("a 'not' takes neither at_least nor optional", location=place)


def _same_host(ties: Joins, step: int, other: int) -> bool:
    return any(each.get(step) == "host" and each.get(other) == "host" for each in ties.classes)


def _pair(stream: EventStream, ties: Joins, before: Slot, slot: Slot) -> Pair:
    fields, other = joins.common(ties, slot.number, before.number)
    if slot.number == before.number:
        fields = other = [each[slot.number] for each in ties.classes if slot.number in each]
    (right, left), keys = joins.codes(stream, [(slot.rows, fields), (before.rows, other)])
    return Pair(left, right, keys)


def _links(ties: Joins, slots: Sequence[Slot]) -> tuple[tuple[tuple[tuple[Link, int], ...], ...], bool]:
    """For each slot the comparisons with an earlier slot, and whether all of them are with the slot before."""
    last = {slot.number: place for place, slot in enumerate(slots)}
    found: list[list[tuple[Link, int]]] = [[] for _ in slots]
    order = list(last)
    distant = [link for link in joins.chained(ties, order) if order.index(link.step) - order.index(link.other) > 1]
    comparisons = [*ties.links, *distant]
    for link in comparisons:
        if link.step not in last or link.other not in last:
            continue
        later = link if last[link.step] > last[link.other] else _turned(link)
        for place, slot in enumerate(slots):
            if slot.number == later.step:
                found[place].append((later, last[later.other]))
    local = all(other == place - 1 for place, each in enumerate(found) for _, other in each)
    return tuple(tuple(each) for each in found), local


def _turned(link: Link) -> Link:
    mirrored = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}.get(link.test, link.test)
    return Link(link.other, link.other_field, mirrored, link.step, link.field)


def _absent(
    pattern: Pattern, number: int, slots: Sequence[Slot], ties: Joins, stream: EventStream, coverage: StreamCoverage
) -> Absent:
    step = (pattern.sequence or ())[number]
    after = max((place for place, slot in enumerate(slots) if slot.number < number), default=-1)
    before = min((place for place, slot in enumerate(slots) if slot.number > number), default=-1)
    tied = _tied_slot(pattern, number, after, before, slots, ties)
    fields, other = joins.common(ties, number, slots[tied].number)
    rows = _rows(stream, number, step, ties)
    (key, tied_key), keys = joins.codes(stream, [(rows, fields), (slots[tied].rows, other)])
    forbidden = Forbidden.build(stream, rows, key, keys)
    reach = of_seconds(step.within if step.within is not None or (after >= 0 and before >= 0) else pattern.span)
    own_host = _same_host(ties, number, slots[tied].number)
    observed = coverage.observed(step.event)
    return Absent(number, after, before, reach, forbidden, tied, tied_key, own_host, observed)


def _tied_slot(pattern: Pattern, number: int, after: int, before: int, slots: Sequence[Slot], ties: Joins) -> int:
    """The neighbour that the step's key comes from."""
    mine = [each for each in ties.classes if number in each]
    for slot in (after, before):
        if slot >= 0 and all(slots[slot].number in each for each in mine):
            if any(link.step == number for link in ties.links):
                break
            return slot
    hint = "tie it with 'by' or an equal field to the step before or the step after it"
    raise RuleError("a 'not' is compared with one neighbour, for equality", location=f"pattern {pattern.id}", hint=hint)

"""Why a rule did not match, or nearly did: what ``logcorr rules explain ID --on PATH`` lists."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from logcorr.coverage.survey import survey
from logcorr.dataclass import dataclass
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine import stream as streams
from logcorr.patterns.engine.context import context_of
from logcorr.patterns.engine.found import in_words
from logcorr.patterns.engine.stream import EventStream
from logcorr.patterns.match import find
from logcorr.patterns.search import plan as plans
from logcorr.patterns.search.candidates import Accept, Candidates
from logcorr.patterns.search.plan import Plan
from logcorr.rulebook.models import Pattern, Rulebook, Step
from logcorr.schema import Timeline
from logcorr.times.micros import NEVER, Bools, Ints, of_seconds

#: A gap of up to so many times what the rule allows is a near miss.
NEAR: Final = 2


@dataclass(frozen=True, slots=True)
class NearMisses:
    """How a pattern fared, and sentences on where and by how much it failed."""

    pattern: str
    matched: int
    inconclusive: int
    lines: tuple[str, ...]


def near_misses(pattern: Pattern, events: pl.DataFrame, rules: Rulebook, timeline: Timeline) -> NearMisses:
    """Explain one pattern on the events of a run. Raises RuleError as ``match`` does."""
    stream = streams.build(events, pattern.events())
    context = context_of(stream, survey(timeline, events, rules))
    found, _ = find(pattern, context)
    matched = int(found.matched.sum())
    lines = _seen(pattern, stream)
    if pattern.sequence is not None and len(stream.time):
        lines += _sequence(plans.make(pattern, stream, context.coverage))
    elif pattern.count is not None:
        lines += _most(pattern, stream)
    return NearMisses(pattern.id, matched, found.count - matched, tuple(lines))


def _seen(pattern: Pattern, stream: EventStream) -> list[str]:
    """How many events of each part were seen, and how many met the part's own conditions."""
    lines = []
    for part in pattern.parts():
        event = part.named().get("event")
        if event is None:
            continue
        name = part.name if isinstance(part, Step) else pattern.form()
        every, own = len(stream.once(stream.rows(event))), len(stream.once(plans.select(stream, event, part.where)))
        called = event if isinstance(event, str) else " or ".join(event)
        less = f", {own} of them as its conditions ask" if own != every else ""
        lines.append(f"{name}: {called} was seen {every} times{less}")
    return lines


def _sequence(plan: Plan) -> list[str]:
    """Where the causes get stuck, step by step: each goes on to the earliest row that fits."""
    rows = plan.slots[0].rows
    lines = []
    for slot in range(1, len(plan.slots)):
        step = plan.steps[plan.slots[slot].number].name
        search = _Search.of(plan, slot)
        reached = search.next_of(rows, plan.slots[slot].within)
        stuck = rows[reached < 0]
        if len(stuck):
            earlier = plan.steps[plan.slots[slot - 1].number].name
            lines.append(f"{len(stuck)} of {len(rows)} {earlier} had no {step}{_limit(plan, slot)}")
            lines += _late(plan, slot, stuck, search) + _elsewhere(plan, slot, stuck) + _refused(plan, slot, stuck)
        rows = reached[reached >= 0]
    return lines + _span(plan, rows) + _broken(plan)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The rows of a slot, searched from rows of the slot before."""

    plan: Plan
    slot: int
    candidates: Candidates
    key: Ints
    tested: bool

    @classmethod
    def of(cls, plan: Plan, slot: int, *, keyed: bool = True, tested: bool = True) -> _Search:
        pair, rows = plan.pairs[slot - 1], plan.slots[slot].rows
        right = pair.right if keyed else np.zeros_like(pair.right)
        left = pair.left if keyed else np.zeros_like(pair.left)
        candidates = Candidates.build(plan.stream, rows, right, pair.keys if keyed else 1)
        return cls(plan, slot, candidates, left, tested)

    def next_of(self, rows: Ints, within: int) -> Ints:
        """The earliest row of the slot after each row; -1: none within so many µs."""

        def fits(which: Ints, second: Ints) -> Bools:
            return self.plan.accepts(self.slot, rows[which], second)

        accept: Accept | None = fits if self.tested and self.plan.has_tests(self.slot) else None
        key = self.key[np.searchsorted(self.plan.slots[self.slot - 1].rows, rows)]
        at, _ = self.candidates.earliest(rows, key, self.plan.stream.hi[rows] + within, accept)
        return np.where(at >= 0, self.candidates.rows[at], -1) if len(self.candidates.rows) else at


def _late(plan: Plan, slot: int, stuck: Ints, search: _Search) -> list[str]:
    """Effects that came, but up to ``NEAR`` times later than the rule allows."""
    within = plan.slots[slot].within
    if within >= NEVER:
        return []
    late = search.next_of(stuck, NEAR * within)
    gap = (plan.stream.time[late] - plan.stream.time[stuck])[late >= 0]
    if not len(gap):
        return []
    name = plan.steps[plan.slots[slot].number].name
    low, high = in_words(float(gap.min())), in_words(float(gap.max()))
    range_ = low if low == high else f"{low} to {high}"
    return [f"{len(gap)} {name} came {range_} after; within is {in_words(float(within))}"]


def _elsewhere(plan: Plan, slot: int, stuck: Ints) -> list[str]:
    """Effects that came in time, but with another key."""
    if plan.pairs[slot - 1].keys < 2:
        return []
    other = _Search.of(plan, slot, keyed=False, tested=False).next_of(stuck, plan.slots[slot].within)
    count = int((other >= 0).sum())
    name = plan.steps[plan.slots[slot].number].name
    return [f"{count} {name} came in time with another {_key_in_words(plan)}"] if count else []


def _refused(plan: Plan, slot: int, stuck: Ints) -> list[str]:
    """Effects that came in time with the right key, but failed a comparison or had something forbidden before them."""
    if not plan.has_tests(slot):
        return []
    count = int((_Search.of(plan, slot, tested=False).next_of(stuck, plan.slots[slot].within) >= 0).sum())
    name = plan.steps[plan.slots[slot].number].name
    return [f"{count} {name} came in time, but a comparison or a 'not' between ruled them out"] if count else []


def _span(plan: Plan, rows: Ints) -> list[str]:
    if plan.span >= NEVER or not len(rows):
        return []
    return [f"{len(rows)} reached the last step; the whole may take {in_words(float(plan.span))}"]


def _broken(plan: Plan) -> list[str]:
    """How often a ``not`` at the end of the sequence was broken."""
    lines = []
    for absent in plan.absent:
        if absent.after == len(plan.slots) - 1:
            rows = plan.slots[absent.after].rows
            certain, _ = absent.forbidden.inside(absent.window(plan, rows, None))
            if certain.any():
                event = plan.steps[absent.number].event
                called = event if isinstance(event, str) else " or ".join(event)
                lines.append(f"{int(certain.sum())} of {len(rows)} were followed by {called}, which must not occur")
    return lines


def _most(pattern: Pattern, stream: EventStream) -> list[str]:
    """The fullest window of a count."""
    form = pattern.count
    if form is None or form.distinct is not None:
        return []
    series = series_of.read(pattern, form.event, form.where, stream)
    if not len(series.rows):
        return []
    _, held = series.windows(series_of.weights(stream, series.rows), of_seconds(form.within))
    return [f"at most {held.max()} within {in_words(of_seconds(form.within))}; at least {form.at_least} are asked for"]


def _limit(plan: Plan, slot: int) -> str:
    within = plan.slots[slot].within
    return "" if within >= NEVER else f" within {in_words(float(within))}"


def _key_in_words(plan: Plan) -> str:
    by = plan.pattern.by
    if by is None or isinstance(by, dict):
        return "key"
    return by if isinstance(by, str) else " or ".join(by)

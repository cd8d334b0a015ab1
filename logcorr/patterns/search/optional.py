"""Optional steps: they add evidence to a match and never decide whether there is one.

Each takes its earliest row between its required neighbours, within its ``within`` after the one before; at the very
start of a sequence, the latest row within its ``within`` before the first required step.
"""

from __future__ import annotations

import numpy as np

from logcorr.patterns.search import joins
from logcorr.patterns.search.candidates import Accept, Candidates
from logcorr.patterns.search.chains import Chains
from logcorr.patterns.search.joins import Link
from logcorr.patterns.search.plan import Plan, select
from logcorr.times.micros import Bools, Ints, of_seconds


def numbers(plan: Plan) -> list[int]:
    """The optional steps."""
    return [number for number, step in enumerate(plan.steps) if step.optional and not step.negated]


def bind(plan: Plan, chains: Chains) -> Ints:
    """A column of rows for each optional step; -1 where it has none."""
    bound = np.full((len(chains.complete), len(numbers(plan))), -1, dtype=np.int64)
    done = np.flatnonzero(chains.complete)
    for column, number in enumerate(numbers(plan)):
        if len(done):
            bound[done, column] = _rows(plan, chains.rows[done], number)
    return bound


def _rows(plan: Plan, chains: Ints, number: int) -> Ints:
    stream, step = plan.stream, plan.steps[number]
    after = max((place for place, slot in enumerate(plan.slots) if slot.number < number), default=-1)
    near = max(after, 0)
    rows = joins.complete(stream, select(stream, step.event, step.where), number, plan.joins)
    fields, other = joins.common(plan.joins, number, plan.slots[near].number)
    (key, near_key), keys = joins.codes(stream, [(rows, fields), (chains[:, near], other)])
    candidates = Candidates.build(stream, rows, key, keys)
    links = _links(plan, number, near)

    def fits(which: Ints, second: Ints) -> Bools:
        good = np.ones(len(which), dtype=bool)
        for link, slot in links:
            good &= link.holds(stream, second, chains[which, slot])
        if 0 <= after < len(plan.slots) - 1:
            good &= _may_precede(plan, second, chains[which, after + 1])
        return good

    if after < 0:
        earliest = stream.time[chains[:, 0]] - of_seconds(step.within)
        earliest = np.maximum(earliest, stream.time[chains[:, -1]] - plan.span)
        return _latest_before(plan, candidates, chains[:, 0], near_key, earliest, fits)
    latest = np.minimum(stream.hi[chains[:, after]] + of_seconds(step.within), stream.hi[chains[:, 0]] + plan.span)
    at, _ = candidates.earliest(chains[:, after], near_key, latest, fits)
    return np.where(at >= 0, candidates.rows[at] if len(candidates.rows) else -1, -1)


def _may_precede(plan: Plan, first: Ints, second: Ints) -> Bools:
    stream = plan.stream
    return np.where(
        stream.lane[first] == stream.lane[second],
        stream.pos[first] < stream.pos[second],
        stream.lo[first] <= stream.hi[second],
    )


def _latest_before(plan: Plan, candidates: Candidates, rows: Ints, key: Ints, earliest: Ints, fits: Accept) -> Ints:
    stream = plan.stream
    at = candidates.by_lo.search(key, stream.lo[rows], "left") - 1
    if not len(candidates.rows):
        return np.full(len(rows), -1, dtype=np.int64)
    found = candidates.rows[np.maximum(at, 0)]
    good = (at >= 0) & (candidates.key[np.maximum(at, 0)] == key) & (stream.time[found] >= earliest)
    if good.any():
        good[good] = fits(np.flatnonzero(good), found[good])
    return np.where(good, found, -1)


def _links(plan: Plan, number: int, near: int) -> list[tuple[Link, int]]:
    """Comparisons of the step with any slot, equalities that its key does not hold among them."""
    place = {slot.number: at for at, slot in enumerate(plan.slots)}
    links = [(link, place[link.other]) for link in plan.joins.links if link.step == number and link.other in place]
    for each in plan.joins.classes:
        others = [other for other in each if other in place]
        if number in each and plan.slots[near].number not in each and others:
            links.append((Link(number, each[number], "eq", others[0], each[others[0]]), place[others[0]]))
    return links

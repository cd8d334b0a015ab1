"""The earliest chain of rows from every first row of a sequence: right to left, one search for each step.

A row of step i is *completable* if an admissible row of step i+1 that is itself completable follows it; the chain takes
the earliest of those. Where no chain exists, the row *waits in vain* if the window of its next step, or of the earliest
next row that itself waits in vain, is not observed to its end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.patterns.search.candidates import Accept, Candidates
from logcorr.patterns.search.plan import Plan
from logcorr.times.micros import NEVER, Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """One row for each cause. ``rows`` has a column for each slot; -1: not reached."""

    rows: Ints  # (n, slots)
    complete: Bools
    unseen: Ints  # µs: the first instant at which the awaited row could have gone unseen; NEVER: none, or complete
    gave_up: int  # causes for which the search hit its cap

    def keep(self, mask: Bools) -> Chains:
        """Only the chains for which ``mask`` holds."""
        return Chains(self.rows[mask], self.complete[mask], self.unseen[mask], self.gave_up)

    def told(self) -> Bools:
        """The chains to report: complete ones, and those of which one cannot tell."""
        return self.complete | (self.unseen < NEVER)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The complete chain of each cause, and beside it the way to where it waits in vain."""

    chains: Chains
    stuck: Ints  # like ``chains.rows``

    def settled(self) -> Chains:
        """Complete chains as they are, the others as far as they can be followed."""
        chains = self.chains
        if chains.complete.all():
            return replace(chains, unseen=np.full(len(chains.unseen), NEVER, dtype=np.int64))
        rows = np.where(chains.complete[:, None], chains.rows, self.stuck)
        return replace(chains, rows=rows, unseen=np.where(chains.complete, NEVER, chains.unseen))


def earliest(plan: Plan) -> Draft:
    """The chain of every row of the first slot."""
    return _assemble(plan, _walk(plan, 0))


def completable(plan: Plan) -> Bools:
    """The rows of the second slot from which the rest of the sequence follows."""
    return _walk(plan, 1).fits


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """Where each row goes on to, for the slots from some slot to the last but one."""

    fits: Bools  # rows of the first of these slots that are completable
    unseen: Ints
    onward: list[Ints]  # index of the next row; -1: none
    waiting: list[Ints]  # the same towards a row that waits in vain; -2: the row itself does; -1: it does not
    gave_up: int


def _walk(plan: Plan, first: int) -> _Walk:
    fits = last_fits(plan)
    walk = _Walk(fits, np.full(len(fits), NEVER, dtype=np.int64), [], [], 0)
    for slot in range(len(plan.slots) - 2, first - 1, -1):
        step, (unseen, way), gave_up = _step(plan, slot, walk.fits, walk.unseen)
        fits = (step >= 0) & _in_time(plan, slot, [step, *walk.onward])
        onward = [np.where(fits, step, -1), *walk.onward]
        walk = _Walk(fits, unseen, onward, [way, *walk.waiting], walk.gave_up + gave_up)
    return walk


def last_fits(plan: Plan) -> Bools:
    """Rows of the last slot after which nothing forbidden follows for certain."""
    last = len(plan.slots) - 1
    rows = plan.slots[last].rows
    fits = np.ones(len(rows), dtype=bool)
    for absent in plan.absent:
        if absent.after == last:
            fits &= ~absent.forbidden.inside(absent.window(plan, rows, None))[0]
    return fits


def _step(plan: Plan, slot: int, fits: Bools, unseen: Ints) -> tuple[Ints, tuple[Ints, Ints], int]:
    """For each row of ``slot``: the index of its next row, and where it waits in vain (since when, and which way)."""
    here, target = plan.slots[slot], plan.slots[slot + 1]
    pair = plan.pairs[slot]
    stream = plan.stream
    limit = forbidden_from(plan, slot + 1, here.rows)
    latest = np.minimum(stream.hi[here.rows] + target.within, limit)

    def fits_pair(which: Ints, second: Ints) -> Bools:
        return plan.accepts(slot + 1, here.rows[which], second)

    accept: Accept | None = fits_pair if plan.has_tests(slot + 1) else None
    candidates = Candidates.build(stream, target.rows, pair.right, pair.keys)
    index = candidates.place
    found, gave_up = candidates.keep(fits[index]).earliest(here.rows, pair.left, latest, accept)
    kept = index[fits[index]]
    step = np.where(found >= 0, kept[found] if len(kept) else -1, -1)

    until = target.observed.until(here.rows, stream, own_host=target.own_host)
    blind = until < np.minimum(stream.time[here.rows] + target.within, limit)
    own = np.where(blind, until + 1, NEVER)
    way = np.where(blind, -2, -1)
    stuck = unseen < NEVER
    if stuck.any():
        vain, _ = candidates.keep(stuck[index]).earliest(here.rows, pair.left, latest, accept)
        kept = index[stuck[index]]
        theirs = np.where(vain >= 0, unseen[kept[vain]], NEVER)
        way = np.where((vain >= 0) & (theirs < own), kept[vain], way)
        own = np.minimum(own, theirs)
    return step, (own, way), int(gave_up.sum())


def forbidden_from(plan: Plan, slot: int, rows: Ints) -> Ints:
    """After each row of the slot before ``slot``: the time by which a forbidden event has certainly occurred."""
    limit = np.full(len(rows), NEVER, dtype=np.int64)
    for absent in plan.absent:
        if absent.before == slot and absent.after == slot - 1 and absent.tied == absent.after:
            limit = np.minimum(limit, absent.forbidden.first_certain(absent.window(plan, rows, None))[1])
    return limit


def _in_time(plan: Plan, slot: int, onward: list[Ints]) -> Bools:
    """Whether repeated steps that start after ``slot`` are complete within the time given for all of them."""
    rows = plan.slots[slot].rows
    fits = np.ones(len(rows), dtype=bool)
    ends = [place for place, each in enumerate(plan.slots) if each.anchor == slot]
    if not ends or plan.slots[ends[-1]].within >= NEVER:
        return fits
    at = np.arange(len(rows))
    for step in onward[: ends[-1] - slot]:
        at = np.where(at >= 0, step[np.maximum(at, 0)] if len(step) else -1, -1)
    last = plan.slots[ends[-1]].rows
    reached = at >= 0
    if reached.any():
        late = plan.stream.lo[last[at[reached]]] - plan.stream.hi[rows[reached]]
        fits[reached] = late <= plan.slots[ends[-1]].within
    return fits


def _assemble(plan: Plan, walk: _Walk) -> Draft:
    stream, first = plan.stream, plan.slots[0].rows
    rows = _follow(plan, walk.onward, walk.fits)
    complete = walk.fits.copy()
    if plan.span < NEVER and len(plan.slots) > 1:
        complete &= np.where(walk.fits, stream.lo[rows].max(axis=1) - stream.hi[first], NEVER) <= plan.span
    unseen = np.where(walk.unseen > stream.time[first] + plan.span, NEVER, walk.unseen)
    vain = unseen < NEVER
    stuck = _follow(plan, walk.waiting, vain) if vain.any() else rows
    return Draft(Chains(rows, complete, unseen, walk.gave_up), stuck)


def _follow(plan: Plan, ways: list[Ints], start: Bools) -> Ints:
    """The rows met on the way from each row of the first slot; -1 after the way's end."""
    first = plan.slots[0].rows
    rows = np.full((len(first), len(plan.slots)), -1, dtype=np.int64)
    rows[:, 0] = first
    at = np.where(start, np.arange(len(first)), -1)
    for place, way in enumerate(ways):
        at = np.where(at >= 0, way[np.maximum(at, 0)], -1) if len(way) else at
        reached = at >= 0
        rows[reached, place + 1] = plan.slots[place + 1].rows[at[reached]]
    return rows

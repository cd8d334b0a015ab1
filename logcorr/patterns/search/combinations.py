"""Every chain of a sequence, step by step from the left: for ``pair: all``, and for rules that compare steps which are
not neighbours, where a chain's future depends on its past.

The number of chains can grow with the square of a burst and worse, so it is capped: ``MOST_CHAINS`` partial chains at a
time, shared evenly over the first rows still open; what was cut is counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from logcorr.patterns.search.candidates import Candidates
from logcorr.patterns.search.chains import Chains, forbidden_from
from logcorr.patterns.search.plan import Plan
from logcorr.times.micros import Bools, Ints

#: Partial chains held at one time, and chains tried for one first row.
MOST_CHAINS: Final = 1_000_000
MOST_PER_START: Final = 1_000


def every_chain(plan: Plan, starts: Ints) -> tuple[Ints, int]:
    """All chains (rows of the slots) that begin with one of ``starts``, in lexical order, and how many first rows were
    cut short.
    """
    chains = starts[:, None]
    cut: set[int] = set()
    for slot in range(1, len(plan.slots)):
        chains, lost = _extend(plan, chains, slot)
        cut.update(lost.tolist())
    return chains, len(cut)


def first_chain(plan: Plan, chains: Chains, again: Bools) -> Chains:
    """``chains`` with the lexically first of all chains put in for the causes marked in ``again``."""
    found, cut = every_chain(plan, chains.rows[again, 0])
    rows, complete = chains.rows.copy(), chains.complete & ~again
    first, at = np.unique(found[:, 0], return_index=True)
    place = np.searchsorted(chains.rows[:, 0], first)
    rows[place], complete[place] = found[at], True
    return Chains(rows, complete, chains.unseen, chains.gave_up + cut)


def _extend(plan: Plan, chains: Ints, slot: int) -> tuple[Ints, Ints]:
    """Each chain with every row that may come next, and the first rows of which some were left out."""
    stream, target, pair = plan.stream, plan.slots[slot], plan.pairs[slot - 1]
    last = chains[:, -1]
    key = pair.left[np.searchsorted(plan.slots[slot - 1].rows, last)]
    latest = np.minimum(stream.hi[last] + target.within, forbidden_from(plan, slot, last))
    latest = np.minimum(latest, stream.hi[chains[:, 0]] + plan.span)
    if target.anchor >= 0:
        latest = np.minimum(latest, stream.hi[chains[:, target.anchor]] + target.within)
    candidates = Candidates.build(stream, target.rows, pair.right, pair.keys)
    start = candidates.by_hi.search(key, stream.lo[last])
    end = np.maximum(candidates.by_lo.search(key, latest, "right"), start)
    which, at, lost = _spread(chains[:, 0], start, end)
    rows = candidates.rows[at]
    fits = _admissible(plan, chains[which], rows, slot)
    return np.column_stack([chains[which[fits]], rows[fits]]), lost


def _spread(first: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Index of the chain and of the candidate, for all candidates in [start, end) of each chain, within the caps."""
    wanted = end - start
    _, owner = np.unique(first, return_inverse=True)
    before = np.concatenate([[0], np.cumsum(wanted)])[:-1]
    owner_start = before[np.searchsorted(owner, np.arange(owner[-1] + 1))] if len(owner) else before
    share = max(MOST_PER_START, MOST_CHAINS // max(len(owner_start), 1))
    room = np.maximum(share - (before - owner_start[owner]), 0) if len(owner) else wanted
    count = np.minimum(wanted, room)
    total = np.cumsum(count)
    count[total > max(MOST_CHAINS, MOST_PER_START)] = 0
    which = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, start[which] + offset, np.unique(first[count < wanted])


def _admissible(plan: Plan, chains: Ints, rows: Ints, slot: int) -> Bools:
    stream, last = plan.stream, chains[:, -1]
    after = np.where(
        stream.lane[rows] == stream.lane[last], stream.pos[rows] > stream.pos[last], stream.hi[rows] >= stream.lo[last]
    )
    fits = after & plan.accepts(slot, last, rows) & (stream.pos[chains] != stream.pos[rows][:, None]).all(axis=1)
    for link, other in plan.links[slot]:
        if other != slot - 1:
            fits &= link.holds(stream, rows, chains[:, other])
    if slot == len(plan.slots) - 1:
        for absent in plan.absent:
            if absent.after == slot:
                fits &= ~absent.forbidden.inside(absent.window(plan, rows, None))[0]
    return np.asarray(fits)

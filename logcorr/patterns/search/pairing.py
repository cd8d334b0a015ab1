"""Which causes are paired with which effects, where several could be.

==========  ==========================================================================================================
``each``    every cause with its earliest effect; effects may serve several causes
``nearest`` of the causes that share an effect, the newest
``first``   the oldest cause; it swallows later ones until its effect, or, without one, until its window ends
``fifo``    step by step, the oldest waiting row with the oldest free effect; both are used up
``all``     every combination
==========  ==========================================================================================================
"""

from __future__ import annotations

import numpy as np

from logcorr.grouped import Grouped, dense
from logcorr.patterns.search import chains as chain_search
from logcorr.patterns.search import combinations, joins
from logcorr.patterns.search.chains import Chains, Draft
from logcorr.patterns.search.plan import Absent, Plan
from logcorr.times.micros import NEVER, Bools, Ints


def paired(plan: Plan) -> Chains:
    """The chains of the plan under its pairing policy, complete ones and those that wait in vain."""
    policy = plan.pattern.pair
    chains = _each(plan)
    if policy == "nearest":
        return chains.keep(_newest(plan, chains))
    if policy == "first":
        return chains.keep(_openers(plan, chains))
    if policy == "fifo" and len(plan.slots) > 1:
        return _fifo(plan, chains)
    if policy == "all" and len(plan.slots) > 1:
        return _all(plan, chains)
    return chains.keep(chains.told())


def _each(plan: Plan) -> Chains:
    """Every cause with its earliest chain. Where the future depends on the past, chains are enumerated instead."""
    draft = chain_search.earliest(plan)
    again = np.zeros(len(draft.chains.complete), dtype=bool)
    if not plan.local:
        again = np.ones(len(draft.chains.complete), dtype=bool)
    elif len(plan.slots) > 2:
        # Ties of two logs and uncertain times are no total order: the earliest next row may be one that was used,
        # or, if times are uncertain, not lead to the earliest end.
        again = _repeats(plan, draft.chains)
        if plan.outlasts_steps() and bool((plan.stream.lo != plan.stream.hi).any()):
            again |= ~draft.chains.complete
    if again.any():
        draft = Draft(combinations.first_chain(plan, draft.chains, again), draft.stuck)
    return draft.settled()


def _repeats(plan: Plan, chains: Chains) -> Bools:
    """Complete chains in which a record serves twice."""
    record = np.sort(plan.stream.pos[chains.rows], axis=1)
    return np.asarray(chains.complete & (record[:, 1:] == record[:, :-1]).any(axis=1))


def _all(plan: Plan, chains: Chains) -> Chains:
    rows, cut = combinations.every_chain(plan, chains.rows[:, 0])
    vain = ~chains.complete & (chains.unseen < NEVER)
    together = np.concatenate([rows, chains.rows[vain]])
    complete = np.arange(len(together)) < len(rows)
    unseen = np.concatenate([np.full(len(rows), NEVER), chains.unseen[vain]])
    order = np.argsort(together[:, 0], kind="stable")
    return Chains(together[order], complete[order], unseen[order], chains.gave_up + cut)


def _newest(plan: Plan, chains: Chains) -> Bools:
    """Of the chains that end in the same row, and of those that wait in vain from the same instant, the newest."""
    keep = np.zeros(len(chains.complete), dtype=bool)
    key = _own_key(plan)
    for group, mark in ((chains.complete, chains.rows[:, -1]), (chains.unseen < NEVER, chains.unseen)):
        places = np.flatnonzero(group)
        order = np.lexsort((places, mark[places], key[places]))
        ordered = places[order]
        if len(ordered):
            last = np.append((np.diff(mark[ordered]) != 0) | (np.diff(key[ordered]) != 0), [True])
            keep[ordered[last]] = True
    return keep


def _own_key(plan: Plan) -> Ints:
    """The key of each row of the first slot."""
    first = plan.slots[0]
    fields = [each[first.number] for each in plan.joins.classes if first.number in each]
    return joins.codes(plan.stream, [(first.rows, fields)])[0][0]


def _openers(plan: Plan, chains: Chains) -> Bools:
    """The causes that are not swallowed by an earlier one of their key. From one open cause to the next is a walk: each
    hop depends on the one before.
    """
    rows = chains.rows[:, 0]
    key, groups = dense(_own_key(plan))
    order = np.argsort(key, kind="stable")
    key = key[order]
    by_time = Grouped.build(key, plan.stream.time[rows[order]], groups)
    by_row = Grouped.build(key, rows[order], groups)
    last, until = _closed_by(plan, chains)
    follows = np.where(
        last[order] >= 0, by_row.search(key, last[order], "right"), by_time.search(key, until[order], "right")
    )
    hops, place, opened = np.maximum(follows, np.arange(len(rows)) + 1).tolist(), 0, []
    while place < len(hops):
        opened.append(place)
        place = hops[place]
    keep = np.zeros(len(rows), dtype=bool)
    keep[order[opened]] = True
    return keep & chains.told()


def _closed_by(plan: Plan, chains: Chains) -> tuple[Ints, Ints]:
    """What ends the window of each cause: a row (the effect, or what must not occur), or else (-1) a time in µs, that
    of the last moment at which something is awaited.
    """
    time, rows = plan.stream.time, chains.rows
    last, until = np.where(chains.complete, rows[:, -1], -1), time[rows[:, 0]] + total_window(plan)
    for absent in _trailing(plan):
        until = np.where(chains.complete, time[rows[:, -1]] + absent.reach, until)
        last = np.full(len(rows), -1, dtype=np.int64)
        if len(plan.slots) == 1:
            until = time[rows[:, 0]] + absent.reach
            last = absent.forbidden.first_certain(absent.window(plan, rows[:, 0], None))[0]
    return last, until


def _trailing(plan: Plan) -> list[Absent]:
    return [absent for absent in plan.absent if absent.after == len(plan.slots) - 1]


def total_window(plan: Plan) -> int:
    """How long a whole chain can take, in µs; NEVER where a step has no bound."""
    waits = {slot.number: slot.within for slot in plan.slots[1:]}  # the occurrences of a step share its time
    return min(sum(waits.values()), plan.span, NEVER)


def _fifo(plan: Plan, chains: Chains) -> Chains:
    """Fold the steps from the left, pairing oldest with oldest."""
    partial = chains.rows[:, :1]
    for slot in range(1, len(plan.slots)):
        partial = _pair_oldest(plan, partial, slot)
    vain = (chains.unseen < NEVER) & ~np.isin(chains.rows[:, 0], partial[:, 0])
    rows = np.concatenate([partial, chains.rows[vain]])
    complete = np.arange(len(rows)) < len(partial)
    unseen = np.concatenate([np.full(len(partial), NEVER), chains.unseen[vain]])
    order = np.argsort(rows[:, 0], kind="stable")
    return Chains(rows[order], complete[order], unseen[order], chains.gave_up)


def _pair_oldest(plan: Plan, partial: Ints, slot: int) -> Ints:
    """A queue is sequential by nature: who is served depends on who was served before. Linear in the rows."""
    stream, pair, target = plan.stream, plan.pairs[slot - 1], plan.slots[slot]
    partial = partial[np.argsort(partial[:, -1], kind="stable")]
    last = partial[:, -1]
    left = pair.left[np.searchsorted(plan.slots[slot - 1].rows, last)]
    latest = np.minimum(stream.hi[last] + target.within, stream.hi[partial[:, 0]] + plan.span)
    if target.anchor >= 0:
        latest = np.minimum(latest, stream.hi[partial[:, target.anchor]] + target.within)
    usable = chain_search.last_fits(plan) if slot == len(plan.slots) - 1 else np.ones(len(target.rows), dtype=bool)
    waiting: dict[int, list[int]] = {}
    for place in range(len(last)):
        waiting.setdefault(int(left[place]), []).append(place)
    heads = dict.fromkeys(waiting, 0)
    pairs = []
    lo = stream.lo[target.rows].tolist()
    limit = latest.tolist()
    for at, key in enumerate(pair.right.tolist()):
        queue = waiting.get(key)
        if queue is None or not usable[at]:
            continue
        head = heads[key]
        while head < len(queue) and lo[at] > limit[queue[head]]:
            head += 1
        heads[key] = head
        if head < len(queue) and _may_pair(
            plan, slot, int(last[queue[head]]), int(target.rows[at]), partial[queue[head]]
        ):
            pairs.append((queue[head], at))
            heads[key] = head + 1
    chosen = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return np.column_stack([partial[chosen[:, 0]], target.rows[chosen[:, 1]]])


def _may_pair(plan: Plan, slot: int, first: int, second: int, chain: Ints) -> bool:
    stream = plan.stream
    if stream.lane[first] == stream.lane[second]:
        after = stream.pos[second] > stream.pos[first]
    else:
        after = stream.hi[second] >= stream.lo[first]
    if not after or stream.pos[second] in stream.pos[chain]:
        return False
    if not (plan.has_tests(slot) or plan.links[slot]):
        return True
    one, other = np.array([first]), np.array([second])
    fits = bool(plan.accepts(slot, one, other)[0])
    return fits and all(
        bool(link.holds(stream, other, chain[[place]])[0]) for link, place in plan.links[slot] if place != slot - 1
    )

"""Sequences: chains under a pairing policy, with what must be absent and what is optional."""

from __future__ import annotations

import numpy as np

from logcorr.chance.trials import Observation, Points, judge
from logcorr.coverage import intervals
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.figures import Figure, figure
from logcorr.patterns.engine.found import Found, in_words
from logcorr.patterns.engine.observed import StreamCoverage
from logcorr.patterns.search import chains as chain_search
from logcorr.patterns.search import optional, pairing
from logcorr.patterns.search import plan as plans
from logcorr.patterns.search.chains import Chains
from logcorr.patterns.search.plan import Absent, Plan
from logcorr.rulebook.models import Pattern, Step
from logcorr.times.micros import NEVER, Bools, Ints


def find(pattern: Pattern, context: Context) -> tuple[Found, Figure | None]:
    """All matches of a ``sequence``, the causes of which one cannot tell, and what chance would give."""
    plan = plans.make(pattern, context.stream, context.coverage)
    return to_found(plan, pairing.paired(plan)), _figure(plan, context.coverage)


def _figure(plan: Plan, coverage: StreamCoverage) -> Figure | None:
    """How often the second step would follow the first by chance. None where the sequence is not of that kind: a first
    step that repeats or stands alone, an absence between the two, a comparison other than equality, no time limit.
    """
    if len(plan.slots) < 2 or plan.slots[0].number == plan.slots[1].number or plan.links[1]:
        return None
    first, second = plan.slots[:2]
    within = min(second.within, plan.span)
    if within >= NEVER or any(absent.before == 1 for absent in plan.absent):
        return None
    time, pair = plan.stream.time, plan.pairs[0]
    follows = chain_search.completable(plan)
    causes = Points(time[first.rows], pair.left)
    effects = Points(time[second.rows[follows]], pair.right[follows])
    seen = _observation(plan, coverage)
    steps = plan.steps[first.number], plan.steps[second.number]
    shared = set(plan.stream.names(steps[0].event)) & set(plan.stream.names(steps[1].event))
    judged = judge(causes, effects, within, seen, itself=bool(shared))
    return figure(judged, _called(steps[0]), _called(steps[1]), in_words(within))


def second_event(plan: Plan) -> str | tuple[str, ...]:
    """The event of the second required step."""
    return plan.steps[plan.slots[1].number].event


def _called(step: Step) -> str:
    return step.event if isinstance(step.event, str) else step.name


def _observation(plan: Plan, coverage: StreamCoverage) -> Observation:
    """The observed time of each key of the first pair."""
    observed = coverage.observed(second_event(plan), absence=False)
    pair = plan.pairs[0]
    if not plan.slots[1].own_host:
        return Observation([observed.everywhere], np.zeros(pair.keys + 1, dtype=np.int64))
    host = np.full(pair.keys + 1, -1, dtype=np.int64)
    host[pair.left] = plan.stream.codes("host")[plan.slots[0].rows]
    hosts = sorted(observed.hosts)
    which = np.searchsorted(hosts, host)
    sets = [observed.hosts[each] for each in hosts] + [intervals.NOTHING]
    known = np.isin(host, hosts)
    return Observation(sets, np.where(known, which, len(hosts)))


def to_found(plan: Plan, chains: Chains) -> Found:
    """Chains as matches: doubtful where an absence could not be seen, or may have been broken."""
    matched = chains.complete & ~_doubtful(plan, chains)
    extra = optional.bind(plan, chains)
    bound = np.concatenate([chains.rows, extra], axis=1)
    numbers = np.array([slot.number for slot in plan.slots] + optional.numbers(plan), dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    bound, numbers = bound[:, order], numbers[order]
    owner, place = np.nonzero(bound >= 0)
    rows = bound[owner, place]
    return Found(
        owner=owner,
        rows=rows,
        names=numbers[place],
        bindings=tuple(step.name for step in plan.steps),
        matched=matched,
        order_known=_order_known(plan, owner, rows, len(matched)),
        key_fields=_key_fields(plan),
        gave_up=chains.gave_up,
        anchor=plan.slots[0].number,
    )


def _order_known(plan: Plan, owner: Ints, rows: Ints, count: int) -> Bools:
    known = np.ones(count, dtype=bool)
    same = owner[1:] == owner[:-1]
    open_ = same & ~plan.stream.same_order(rows[:-1], rows[1:])
    known[owner[1:][open_]] = False
    return known


def _key_fields(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Where the key's values stand: in the first required step that has the field."""
    found = []
    for each in plan.joins.classes:
        for slot in plan.slots:
            if slot.number in each:
                found.append((plan.steps[slot.number].name, each[slot.number]))
                break
    return tuple(found)


def _doubtful(plan: Plan, chains: Chains) -> Bools:
    """Complete chains in which something that must be absent may have occurred, or could not have been seen."""
    doubt = np.zeros(len(chains.complete), dtype=bool)
    done = np.flatnonzero(chains.complete)
    for absent in plan.absent:
        after = chains.rows[done, absent.after] if absent.after >= 0 else None
        before = chains.rows[done, absent.before] if absent.before >= 0 else None
        possible = absent.forbidden.inside(absent.window(plan, after, before))[1]
        doubt[done] |= possible | ~_was_observed(plan, absent, after, before)
    return doubt


def _was_observed(plan: Plan, absent: Absent, after: Ints | None, before: Ints | None) -> Bools:
    """Whether the window was observed from its first to its last µs."""
    time, stream = plan.stream.time, plan.stream
    if after is None:
        rows = before if before is not None else np.zeros(0, dtype=np.int64)
        start = time[rows] - absent.reach
        return absent.observed.until_from(start, rows, stream, own_host=absent.own_host) >= time[rows]
    end = time[after] + absent.reach
    if before is not None:
        end = np.minimum(end, time[before])
    return absent.observed.until(after, stream, own_host=absent.own_host) >= end

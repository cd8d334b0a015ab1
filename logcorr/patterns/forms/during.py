"""``during``: what happens inside a state, and how two states lie to one another.

A state opens with its first ``start`` and closes with the next ``end``; starts while it is open change nothing. An
event is inside if it comes after the start and before the end in timeline order. A state that the log does not close
lasts as long as its end could have been seen. What is found behind a stretch in which the end could have gone unseen is
inconclusive, and so is a state with too few events of which some could have gone unseen.

Allen's relations compare the two states' edges: equal where their times may coincide, otherwise before or after.
"""

from __future__ import annotations

import numpy as np

from logcorr.dataclass import dataclass
from logcorr.errors import RuleError
from logcorr.grouped import Grouped
from logcorr.patterns.engine import series as series_of
from logcorr.patterns.engine.context import Context
from logcorr.patterns.engine.found import Found, nothing
from logcorr.patterns.engine.observed import StreamCoverage
from logcorr.patterns.engine.stream import EventStream
from logcorr.patterns.search import joins
from logcorr.patterns.search.joins import codes
from logcorr.patterns.search.plan import select
from logcorr.rulebook.models import During, Pattern
from logcorr.times.micros import NEVER, Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Start and end rows by (key, time); an end of -1: the log does not close it."""

    start: Ints
    end: Ints
    key: Ints

    def closed(self) -> States:
        """Only the states with an end."""
        keep = self.end >= 0
        return States(self.start[keep], self.end[keep], self.key[keep])


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """All matches of a ``during``. Raises RuleError where it names neither an event nor another state."""
    during = pattern.body(During)
    if during.other is not None:
        return _related(pattern, during, context.stream), None
    if during.event is None:
        raise RuleError("'during' needs an event or another state", location=f"pattern {pattern.id}")
    return _inside(pattern, during, context.stream, context.coverage), None


def _states(starts: Ints, ends: Ints, start_key: Ints, end_key: Ints) -> States:
    rows = np.concatenate([starts, ends])
    key = np.concatenate([start_key, end_key])
    opens = np.arange(len(rows)) < len(starts)
    order = np.lexsort((opens, rows, key))
    rows, key, opens = rows[order], key[order], opens[order]
    after_start = np.concatenate([[False], opens[:-1] & (key[1:] == key[:-1])])
    first = opens & ~after_start
    place = np.flatnonzero(first)
    closing = np.flatnonzero(~opens)
    at = np.searchsorted(closing, place)
    end_place = closing[np.minimum(at, len(closing) - 1)] if len(closing) else place
    has_end = (at < len(closing)) & (key[end_place] == key[place])
    return States(rows[place], np.where(has_end, rows[end_place], -1), key[place])


def _with_key(stream: EventStream, sides: list[Ints], keyed: list[Ints]) -> tuple[list[Ints], list[Ints]]:
    """Rows that have all key fields, one for each record."""
    kept = [stream.once(rows[key >= 0]) for rows, key in zip(sides, keyed, strict=True)]
    place = [np.searchsorted(rows, mine) for rows, mine in zip(sides, kept, strict=True)]
    return kept, [key[at] for key, at in zip(keyed, place, strict=True)]


def _inside(pattern: Pattern, during: During, stream: EventStream, coverage: StreamCoverage) -> Found:
    fields = series_of.fields_of(pattern)
    event = during.event or ()
    sides = [stream.rows(during.start), stream.rows(during.end), select(stream, event, during.where)]
    keyed, keys = codes(stream, [(rows, fields) for rows in sides])
    sides, keyed = _with_key(stream, sides, keyed)
    states = _states(sides[0], sides[1], keyed[0], keyed[1])
    order = np.lexsort((sides[2], keyed[2]))
    rows = sides[2][order]
    grouped = Grouped.build(keyed[2][order], rows, keys)
    low = grouped.search(states.key, states.start, "right")
    high = grouped.search(states.key, np.where(states.end >= 0, states.end, NEVER), "left")
    own_host = "host" in fields
    sure = _until(coverage, during.end, states, stream, own_host=own_host)
    seen = _until(coverage, event, states, stream, own_host=own_host)
    last_needed = low + during.at_least - 1
    enough = last_needed < high
    needed_at = stream.time[rows[np.minimum(last_needed, len(rows) - 1)]] if len(rows) else sure
    matched = enough & ((needed_at <= sure) | (stream.time[states.start] == needed_at))
    end_time = np.where(states.end >= 0, stream.time[states.end], NEVER)
    unsure = ~matched & (enough | (seen < end_time))
    told = np.flatnonzero(matched | unsure)
    return _found_inside(pattern, stream, states, rows, (low, high), told, matched)


def _until(
    coverage: StreamCoverage, event: str | tuple[str, ...], states: States, stream: EventStream, *, own_host: bool
) -> Ints:
    return coverage.observed(event).until(states.start, stream, own_host=own_host)


def _found_inside(
    pattern: Pattern,
    stream: EventStream,
    states: States,
    rows: Ints,
    bounds: tuple[Ints, Ints],
    told: Ints,
    matched: Bools,
) -> Found:
    if not len(told):
        return nothing()
    low, high = bounds[0][told], bounds[1][told]
    count = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(told)), count)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    inside = rows[low[owner] + offset] if len(rows) else owner
    edges = np.arange(len(told))
    ended = states.end[told] >= 0
    owner = np.concatenate([edges, owner, edges[ended]])
    flat = np.concatenate([states.start[told], inside, states.end[told][ended]])
    names = np.concatenate([np.zeros(len(told)), np.ones(len(inside)), np.full(ended.sum(), 2)]).astype(np.int64)
    order = np.lexsort((names, owner))
    owner, flat, names = owner[order], flat[order], names[order]
    known = np.ones(len(told), dtype=bool)
    loose = (owner[1:] == owner[:-1]) & ((names[1:] != 1) | (names[:-1] != 1)) & ~stream.same_order(flat[:-1], flat[1:])
    known[owner[1:][loose]] = False
    return Found(
        owner=owner,
        rows=flat,
        names=names,
        bindings=("start", "event", "end"),
        matched=matched[told],
        order_known=known,
        key_fields=tuple(("start", name) for name in series_of.fields_of(pattern)),
    )


def _related(pattern: Pattern, during: During, stream: EventStream) -> Found:
    fields = series_of.fields_of(pattern)
    other = during.other or ("", "")
    sides = [select(stream, during.start, during.where), *(stream.rows(n) for n in (during.end, *other))]
    keyed, keys = joins.codes(stream, [(rows, fields) for rows in sides])
    sides, keyed = _with_key(stream, sides, keyed)
    left = _states(sides[0], sides[1], keyed[0], keyed[1]).closed()
    right = _states(sides[2], sides[3], keyed[2], keyed[3]).closed()
    if not len(left.start) or not len(right.start):
        return nothing()
    which, at = _meeting(left, right, keys, stream, before=during.relation == "before")
    fits = _holds(during.relation, _Edges.of(left, stream).take(which), _Edges.of(right, stream).take(at))
    which, at = which[fits], at[fits]
    which, first = np.unique(which, return_index=True)
    at = at[first]
    flat = np.stack([left.start[which], left.end[which], right.start[at], right.end[at]], axis=1)
    sure = stream.same_order(flat[:, 0], flat[:, 2]) | stream.same_order(flat[:, 2], flat[:, 0])
    return Found(
        owner=np.repeat(np.arange(len(which)), 4),
        rows=flat.ravel(),
        names=np.tile(np.arange(4), len(which)),
        bindings=("start", "end", "other_start", "other_end"),
        matched=np.ones(len(which), dtype=bool),
        order_known=sure,
        key_fields=tuple(("start", name) for name in fields),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """The states' edges in time, bounds made to ascend from edge to edge of one key."""

    start_lo: Ints
    start_hi: Ints
    end_lo: Ints
    end_hi: Ints

    @classmethod
    def of(cls, states: States, stream: EventStream) -> _Edges:
        rows = np.stack([states.start, states.end], axis=1).ravel()
        lo, hi = series_of.ascending(np.repeat(states.key, 2), stream.lo[rows], stream.hi[rows])
        return cls(lo[::2], hi[::2], lo[1::2], hi[1::2])

    def take(self, at: Ints) -> _Edges:
        return _Edges(self.start_lo[at], self.start_hi[at], self.end_lo[at], self.end_hi[at])


def _meeting(left: States, right: States, keys: int, stream: EventStream, *, before: bool) -> tuple[Ints, Ints]:
    """Pairs of states of one key that may touch, or for ``before`` each state with the next one after it. As states of
    one kind do not overlap, there are hardly more pairs than states.
    """
    mine, other = _Edges.of(left, stream), _Edges.of(right, stream)
    starts = Grouped.build(right.key, other.start_lo, keys)
    high = starts.search(left.key, mine.end_hi, "right")
    if before:
        which = np.flatnonzero(high < starts.starts[left.key + 1])
        return which, high[which]
    low = Grouped.build(right.key, other.end_hi, keys).search(left.key, mine.start_lo, "left")
    count = np.maximum(high - low, 0)
    which = np.repeat(np.arange(len(count)), count)
    return which, low[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)


def _holds(relation: str | None, one: _Edges, other: _Edges) -> Bools:
    """Whether the relation holds, pair by pair; none given: the two states meet at all."""
    starts_first, starts_last = one.start_hi < other.start_lo, other.start_hi < one.start_lo
    ends_first, ends_last = one.end_hi < other.end_lo, other.end_hi < one.end_lo
    apart, apart_before = one.end_hi < other.start_lo, other.end_hi < one.start_lo
    reaches_in = other.start_hi < one.end_lo
    starts_equal, ends_equal = ~starts_first & ~starts_last, ~ends_first & ~ends_last
    match relation:
        case "before":
            return apart
        case "meets":
            return ~apart & ~reaches_in
        case "overlaps":
            return starts_first & reaches_in & ends_first
        case "starts":
            return starts_equal & ends_first
        case "during":
            return starts_last & ends_first
        case "finishes":
            return ends_equal & starts_last
        case "equals":
            return starts_equal & ends_equal
        case _:
            return ~apart & ~apart_before

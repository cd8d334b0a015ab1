"""``all``: every step occurs within a span, in any order.

Rows are taken in timeline order. A set ends with some row and takes, for each step, the latest row up to there; it is a
match if first and last row may lie within the span. Sets are taken from the left and share no row: the next begins
after the last row of the one before. One record may serve two steps that it meets both. ``pair`` does not apply.
A set that lacks just one step is inconclusive where the rest of its span was not observed for that step.
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
from logcorr.patterns.engine.series import Series
from logcorr.patterns.engine.stream import EventStream
from logcorr.patterns.search import joins
from logcorr.patterns.search.absence import Forbidden, Wait
from logcorr.patterns.search.joins import Joins
from logcorr.patterns.search.plan import select
from logcorr.rulebook.models import Pattern, Step
from logcorr.times.micros import Bools, Ints, of_seconds


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """For each row of ``series``, the set that ends with it."""

    pattern: Pattern
    stream: EventStream
    coverage: StreamCoverage
    steps: tuple[Step, ...]
    ties: Joins
    required: tuple[int, ...]
    series: Series
    latest: dict[int, Ints]  # for each required step: (rows of the series, at_least) places, newest first; -1: none
    span: int

    def begin(self, which: tuple[int, ...]) -> Ints:
        """Place of the first row of the set of these steps; -1 where one is missing."""
        oldest = np.stack([self.latest[number][:, -1] for number in which])
        return np.asarray(oldest.min(axis=0))

    def in_span(self, number: int) -> Bools:
        """Whether a step's rows may lie within the span before the last row."""
        place = self.latest[number][:, -1]
        return (place >= 0) & (self.series.lo - self.series.hi[np.maximum(place, 0)] <= self.span)


def find(pattern: Pattern, context: Context) -> tuple[Found, None]:
    """All matches of an ``all``."""
    sets = _read(pattern, context.stream, context.coverage)
    begin = sets.begin(sets.required)
    whole = np.all([sets.in_span(number) for number in sets.required], axis=0)
    ends = np.flatnonzero(whole)
    ends = ends[_allowed(sets, ends)]
    ends = _apart(begin[ends], ends)
    matched = ~_doubtful(sets, begin[ends], ends)
    open_ends = _open(sets, begin[ends], ends)
    told = np.concatenate([ends, open_ends])
    matched = np.concatenate([matched, np.zeros(len(open_ends), bool)])
    return _found(sets, told, np.arange(len(told)) < len(ends), matched), None


def _read(pattern: Pattern, stream: EventStream, coverage: StreamCoverage) -> _Sets:
    steps = tuple(pattern.all or ())
    ties = joins.read(pattern, steps)
    required = tuple(number for number, step in enumerate(steps) if not step.negated and not step.optional)
    if not required:
        raise RuleError("a set needs a step that must occur", location=f"pattern {pattern.id}")
    rows = [joins.complete(stream, select(stream, steps[n].event, steps[n].where), n, ties) for n in required]
    shared = [each for each in ties.classes if all(number in each for number in required)]
    sides = [(mine, [each[number] for each in shared]) for number, mine in zip(required, rows, strict=True)]
    keys, _ = joins.codes(stream, sides)
    own_host = any(all(each[number] == "host" for number in required) for each in shared)
    # A record that serves two steps by different key fields stands in the series once for each key.
    height = len(stream.index) + 1
    together = np.unique(np.concatenate([key * height + mine for key, mine in zip(keys, rows, strict=True)]))
    series = series_of.of_rows(stream, together % height, together // height, own_host=own_host)
    latest = {
        number: _latest(np.searchsorted(together, key * height + mine), series, steps[number].at_least)
        for number, key, mine in zip(required, keys, rows, strict=True)
    }
    return _Sets(pattern, stream, coverage, steps, ties, required, series, latest, of_seconds(pattern.span))


def _latest(places: Ints, series: Series, at_least: int) -> Ints:
    """For each place of the series: the newest places of one step up to there and of the same key, newest first."""
    places = np.sort(places)
    here = np.arange(len(series.rows))
    newest = np.searchsorted(places, here, side="right")[:, None] - 1 - np.arange(at_least)[None, :]
    found = places[np.maximum(newest, 0)] if len(places) else np.zeros_like(newest)
    same = (newest >= 0) & (series.key[found] == series.key[:, None])
    return np.asarray(np.where(same, found, -1))


def _row_of(sets: _Sets, number: int, ends: Ints) -> Ints:
    """The row that stands for a step in the sets with these ends."""
    return np.asarray(sets.series.rows[np.maximum(sets.latest[number][ends, 0], 0)])


def _allowed(sets: _Sets, ends: Ints) -> Bools:
    """Sets whose rows meet the comparisons with one another, and in which nothing forbidden lies for certain."""
    fits = np.ones(len(ends), dtype=bool)
    for link in (*sets.ties.links, *joins.chained(sets.ties, sets.required)):
        if link.step in sets.required and link.other in sets.required:
            fits &= link.holds(sets.stream, _row_of(sets, link.step, ends), _row_of(sets, link.other, ends))
    begin = sets.begin(sets.required)[ends]
    for number, step in enumerate(sets.steps):
        if step.negated:
            fits &= ~_inside(sets, number, begin, ends)[0]
    return fits


def _inside(sets: _Sets, number: int, begin: Ints, ends: Ints) -> tuple[Bools, Bools]:
    """Whether a forbidden row lies between the first and the last row: for certain, and possibly."""
    stream, anchor = sets.stream, sets.required[0]
    fields, other = joins.common(sets.ties, number, anchor)
    step = sets.steps[number]
    rows = joins.complete(stream, select(stream, step.event, step.where), number, sets.ties)
    (key, mine), keys = joins.codes(stream, [(rows, fields), (_row_of(sets, anchor, ends), other)])
    window = Wait(mine, after=sets.series.rows[begin], before=sets.series.rows[ends])
    return Forbidden.build(stream, rows, key, keys).inside(window)


def _apart(begin: Ints, ends: Ints) -> Ints:
    """From the left, the sets that share no row. Each hop depends on the one before; both columns ascend."""
    hops, at, kept = np.searchsorted(begin, ends, side="right").tolist(), 0, []
    while at < len(hops):
        kept.append(at)
        at = hops[at]
    return ends[kept]


def _doubtful(sets: _Sets, begin: Ints, ends: Ints) -> Bools:
    doubt = np.zeros(len(ends), dtype=bool)
    first, last = sets.series.rows[begin], sets.series.rows[ends]
    for number, step in enumerate(sets.steps):
        if step.negated:
            observed = sets.coverage.observed(step.event)
            until = observed.until(first, sets.stream, own_host=sets.series.own_host)
            doubt |= _inside(sets, number, begin, ends)[1] | (until < sets.stream.time[last])
    return doubt


def _open(sets: _Sets, begin: Ints, ends: Ints) -> Ints:
    """Ends of sets outside all matches that lack one step, which could have gone unseen. Of several that wait for the
    same step at the same place in the coverage, the newest.
    """
    if len(sets.required) < 2:
        return ends[:0]
    series, stream = sets.series, sets.stream
    taken = np.zeros(len(series.rows) + 1, dtype=np.int64)
    np.add.at(taken, begin, 1)
    np.add.at(taken, ends + 1, -1)
    free = np.cumsum(taken)[:-1] == 0
    present = np.stack([sets.in_span(number) for number in sets.required])
    found = []
    for turn, number in enumerate(sets.required):
        others = tuple(other for other in sets.required if other != number)
        lacks = free & ~present[turn] & (present.sum(axis=0) == len(others))
        at = np.flatnonzero(lacks)
        first = sets.begin(others)[at]
        until = sets.coverage.observed(sets.steps[number].event).until(
            series.rows[at], stream, own_host=series.own_host
        )
        blind = until < series.time[first] + sets.span
        at, until = at[blind], until[blind]
        newest = np.ones(len(at), dtype=bool)
        newest[:-1] = (until[1:] != until[:-1]) | (series.key[at[1:]] != series.key[at[:-1]])
        found.append(at[newest])
    return np.unique(np.concatenate(found))


def _found(sets: _Sets, ends: Ints, whole: Bools, matched: Bools) -> Found:
    if not len(ends):
        return nothing()
    columns, names = [], []
    for number in sets.required:
        there = sets.in_span(number)[ends]
        places = np.where(there[:, None], sets.latest[number][ends][:, ::-1], -1)
        columns.append(np.where(places >= 0, sets.series.rows[np.maximum(places, 0)], -1))
        names += [number] * places.shape[1]
    for number, step in enumerate(sets.steps):
        if step.optional and not step.negated:
            columns.append(_optional(sets, number, ends, whole)[:, None])
            names.append(number)
    rows = np.concatenate(columns, axis=1)
    order = np.argsort(rows, axis=1, kind="stable")
    rows, steps = np.take_along_axis(rows, order, axis=1), np.array(names)[order]
    record = np.where(rows >= 0, sets.stream.pos[rows], -1)
    rows[:, 1:][record[:, 1:] == record[:, :-1]] = -1
    owner, place = np.nonzero(rows >= 0)
    return Found(
        owner=owner,
        rows=rows[owner, place],
        names=steps[owner, place],
        bindings=tuple(step.name for step in sets.steps),
        matched=matched,
        order_known=np.ones(len(ends), dtype=bool),
        key_fields=tuple(
            (sets.steps[sets.required[0]].name, each[sets.required[0]])
            for each in sets.ties.classes
            if sets.required[0] in each
        ),
    )


def _optional(sets: _Sets, number: int, ends: Ints, whole: Bools) -> Ints:
    """The latest row of an optional step between the first and the last row of each match; -1: none."""
    stream, step, anchor = sets.stream, sets.steps[number], sets.required[0]
    rows = joins.complete(stream, select(stream, step.event, step.where), number, sets.ties)
    fields, other = joins.common(sets.ties, number, anchor)
    (key, mine), keys = joins.codes(stream, [(rows, fields), (_row_of(sets, anchor, ends), other)])
    order = np.lexsort((rows, key))
    grouped = Grouped.build(key[order], rows[order], keys)
    at = grouped.search(mine, sets.series.rows[ends], "right") - 1
    if not len(rows):
        return np.full(len(ends), -1, dtype=np.int64)
    found = rows[order][np.maximum(at, 0)]
    begin = sets.series.rows[np.maximum(sets.begin(sets.required)[ends], 0)]
    return np.where(whole & (at >= grouped.starts[mine]) & (found >= begin), found, -1)

"""The other forms of the rule language in the plainest Python. Shares no code with the engine.

Each function gives (records, outcome) for every match, sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import pairwise
from math import comb
from typing import Any

import polars as pl

from logcorr.rulebook.models import Pattern
from logcorr.schema import Timeline
from tests.patterns.reference.plain import (
    MICRO,
    Row,
    Sequence,
    in_order,
    meets,
    named,
    rows_of,
    shift,
    span_of,
    surely_in_order,
)

Told = list[tuple[tuple[int, ...], str]]


def fields_of(pattern: Pattern) -> tuple[str, ...]:
    by = pattern.by
    return (by,) if isinstance(by, str) else by if isinstance(by, tuple) else ()


def keyed_rows(
    pattern: Pattern, rows: list[Row], event: str | tuple[str, ...], where: dict[str, Any] | None = None
) -> list[Row]:
    """Rows of an event that have the key and meet the conditions, one for each record."""
    globs = (event,) if isinstance(event, str) else event
    kept = [row for row in rows if any(fnmatchcase(row.event, glob) for glob in globs)]
    kept = [row for row in kept if all(meets(row, name, cond) for name, cond in (where or {}).items())]
    kept = [row for row in kept if all(row.value(name) is not None for name in fields_of(pattern))]
    return sorted({row.id: row for row in reversed(kept)}.values(), key=lambda row: row.place)


def by_key(pattern: Pattern, rows: list[Row]) -> Iterator[list[Row]]:
    """The rows of each key, their bounds made to ascend."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row.value(name)) for name in fields_of(pattern)), []).append(row)
    for group in groups.values():
        yield [
            replace(row, lo=max(r.lo for r in group[: at + 1]), hi=min(r.hi for r in group[at:]))
            for at, row in enumerate(group)
        ]


def seen_until(pattern: Pattern, row: Row, timeline: Timeline) -> datetime:
    own = "host" in fields_of(pattern)
    spans = timeline.spans
    hosts = {row.value("host")} if own else set(spans["host"])
    until = []
    for host in hosts:
        mine = spans.filter(pl.col("host") == host)
        ends = [end for start, end in zip(mine["start"], mine["end"], strict=True) if start <= row.time <= end]
        until.append(max(ends, default=row.time - MICRO))
    return min(until, default=row.time - MICRO)


# --- count and flap ---------------------------------------------------------------------------------------------------


def count(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    form = pattern.count
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.event])), form.event, form.where)

    def valued(row: Row) -> bool:
        return form.distinct is None or row.value(form.distinct) is not None

    def full(window: list[Row]) -> bool:
        if form.distinct:
            return len({str(row.value(form.distinct)) for row in window}) >= form.at_least
        return sum(int(row.value("repeat")) for row in window) >= form.at_least

    return sorted(
        told
        for group in by_key(pattern, rows)
        for told in episodes(pattern, [row for row in group if valued(row)], span_of(form.within), full, timeline)
    )


def flap(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    form = pattern.flap
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.between])), form.between, form.where)
    found: Told = []
    for group in by_key(pattern, rows):
        turns: list[Row] = []
        for row in group:
            if not turns or turns[-1].event != row.event:
                turns.append(row)
        turns = [
            replace(row, lo=max(r.lo for r in turns[: at + 1]), hi=min(r.hi for r in turns[at:]))
            for at, row in enumerate(turns)
        ]
        found += episodes(pattern, turns, span_of(form.within), lambda w: len(w) > form.at_least, timeline)
    return sorted(found)


def episodes(
    pattern: Pattern, group: list[Row], within: timedelta, full: Callable[[list[Row]], bool], timeline: Timeline
) -> Told:
    """Windows that are full, merged where they share a row; and runs that might have become full unseen."""
    windows = [
        set(range(i, j + 1))
        for i in range(len(group))
        for j in range(i, len(group))
        if group[j].lo - group[i].hi <= within and full(group[i : j + 1])
    ]
    merged: list[set[int]] = []
    for window in windows:
        touching = [each for each in merged if each & window]
        merged = [each for each in merged if not each & window] + [window.union(*touching)]
    inside = set().union(*merged) if merged else set()
    found = [(tuple(group[at].id for at in sorted(each)), "matched") for each in merged]
    blind = [
        at not in inside and seen_until(pattern, row, timeline) < row.time + within for at, row in enumerate(group)
    ]
    run: list[int] = []
    for at in [*range(len(group)), None]:
        joins = at is not None and blind[at] and (not run or group[at].time - group[run[-1]].time <= within)
        joins = joins and (not run or run[-1] == at - 1)
        if joins:
            run.append(at)
            continue
        if len(run) > 1:
            found.append((tuple(group[each].id for each in run), "inconclusive"))
        run = [at] if at is not None and blind[at] else []
    return found


# --- all --------------------------------------------------------------------------------------------------------------


def sets(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    """``all``, key by key: equalities that all required steps share are the key."""
    steps = pattern.all or ()
    helper = Sequence(pattern.model_copy(update={"sequence": steps, "all": None}), events, timeline)
    required = [number for number, step in enumerate(steps) if not step.negated and not step.optional]
    shared = [each for each in helper.classes() if {*required} <= {step for step, _ in each}]
    mine = {number: sorted(helper.candidates(number), key=lambda row: row.place) for number in range(len(steps))}

    def key(number: int, row: Row) -> tuple[str, ...]:
        fields = [min(name for step, name in each if step == number) for each in shared]
        return tuple(str(row.value(name)) for name in fields)

    found: Told = []
    for value in sorted({key(number, row) for number in required for row in mine[number]}):
        keyed = {n: [row for row in rows if n not in required or key(n, row) == value] for n, rows in mine.items()}
        group = sorted({row.place: row for n in required for row in keyed[n]}.values(), key=lambda row: row.place)
        group = next(by_key(pattern.model_copy(update={"by": None}), group))
        found += _sets_of(pattern, group, helper, required, keyed, timeline)
    return sorted(found)


def _sets_of(
    pattern: Pattern,
    group: list[Row],
    helper: Sequence,
    required: list[int],
    mine: dict[int, list[Row]],
    timeline: Timeline,
) -> Told:
    steps, span = helper.steps, span_of(pattern.span)
    bounded = {row.place: row for row in group}
    found: Told = []
    taken: set[int] = set()
    free_from = -1
    chosen = {}
    for end in group:
        sizes = {n: steps[n].at_least for n in required}
        latest = {
            n: [bounded[r.place] for r in mine[n] if r.place in bounded and r.place <= end.place] for n in required
        }
        chosen[end.place] = {
            n: latest[n][-sizes[n] :]
            for n in required
            if len(latest[n]) >= sizes[n] and end.lo - latest[n][-sizes[n]].hi <= span
        }
        picked = chosen[end.place]
        if len(picked) < len(required):
            continue
        rows = sorted({row.place: row for each in picked.values() for row in each}.values(), key=lambda row: row.place)
        begin = rows[0]
        if begin.place <= free_from or not _tied(helper, required, picked):
            continue
        outer = [(n, _forbidden(helper, n, required[0], picked, begin, end, mine)) for n in helper.negated]
        if any(sure for _, (sure, _) in outer):
            continue
        free_from = end.place
        taken |= {row.place for row in group if begin.place <= row.place <= end.place}
        doubt = any(possible or seen_until(pattern, begin, timeline) < end.time for _, (_, possible) in outer)
        ids = {row.place: row.id for row in rows} | _optional(helper, required[0], picked, begin, end, mine)
        unique = dict.fromkeys(ids[place] for place in sorted(ids))
        found.append((tuple(unique), "inconclusive" if doubt else "matched"))
    return found + _open_sets(pattern, group, helper, required, chosen, taken, timeline)


def _tied(helper: Sequence, required: list[int], picked: dict[int, list[Row]]) -> bool:
    return all(
        helper.tied(one, picked[one][-1], two, picked[two][-1]) for one in required for two in required if one < two
    )


def _forbidden(
    helper: Sequence,
    number: int,
    anchor: int,
    picked: dict[int, list[Row]],
    begin: Row,
    end: Row,
    mine: dict[int, list[Row]],
) -> tuple[bool, bool]:
    raw = {row.place: row for row in helper.rows}
    first, last = raw[begin.place], raw[end.place]
    keyed = [row for row in mine[number] if helper.tied(number, row, anchor, picked[anchor][-1])]
    sure = any(surely_in_order(first, row) and surely_in_order(row, last) for row in keyed)
    return sure, any(in_order(first, row) and in_order(row, last) for row in keyed)


def _optional(
    helper: Sequence, anchor: int, picked: dict[int, list[Row]], begin: Row, end: Row, mine: dict[int, list[Row]]
) -> dict[int, int]:
    found = {}
    for number, step in enumerate(helper.steps):
        if step.optional and not step.negated:
            keyed = [row for row in mine[number] if helper.tied(number, row, anchor, picked[anchor][-1])]
            inside = [row for row in keyed if row.place <= end.place]
            if inside and inside[-1].place >= begin.place:
                found[inside[-1].place] = inside[-1].id
    return found


def _open_sets(
    pattern: Pattern,
    group: list[Row],
    helper: Sequence,
    required: list[int],
    chosen: dict[int, dict[int, list[Row]]],
    taken: set[int],
    timeline: Timeline,
) -> Told:
    """Sets that lack one step which could have gone unseen; the newest that waits for it at one place."""
    newest: dict[tuple[int, datetime], tuple[int, ...]] = {}
    if len(required) < 2:
        return []
    for end in group:
        picked = chosen[end.place]
        lacking = [number for number in required if number not in picked]
        if end.place in taken or len(lacking) != 1:
            continue
        rows = sorted({row.place: row for each in picked.values() for row in each}.values(), key=lambda row: row.place)
        until = seen_until(pattern, end, timeline)
        if until < shift(rows[0].time, span_of(pattern.span)):
            newest[lacking[0], until] = (end.place, *dict.fromkeys(row.id for row in rows))
    return [(ids[1:], "inconclusive") for ids in {each[0]: each for each in newest.values()}.values()]


# --- during -----------------------------------------------------------------------------------------------------------


def states_of(pattern: Pattern, starts: list[Row], ends: list[Row]) -> Iterator[tuple[Row, Row | None]]:
    marks = sorted(
        [(row.place, False, row) for row in ends] + [(row.place, True, row) for row in starts], key=lambda m: m[:2]
    )
    keys = {tuple(str(row.value(name)) for name in fields_of(pattern)) for _, _, row in marks}
    for key in sorted(keys):
        opened = None
        for _, is_start, row in marks:
            if tuple(str(row.value(name)) for name in fields_of(pattern)) != key:
                continue
            if is_start and opened is None:
                opened = row
            elif not is_start and opened is not None:
                yield opened, row
                opened = None
        if opened is not None:
            yield opened, None


def closed_states(pattern: Pattern, starts: list[Row], ends: list[Row]) -> list[tuple[Row, Row]]:
    """States with an end, the bounds of their edges made to ascend in each key."""
    edges = [row for start, end in states_of(pattern, starts, ends) if end for row in (start, end)]
    return [pair for group in by_key(pattern, edges) for pair in zip(group[::2], group[1::2], strict=True)]


def same_key(pattern: Pattern, one: Row, two: Row) -> bool:
    return all(str(one.value(name)) == str(two.value(name)) for name in fields_of(pattern))


def during(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    form = pattern.during
    assert form is not None
    rows = rows_of(named(events, [form.event or (), form.start, form.end, form.other or ()]))
    if form.other:
        return _related(pattern, rows)
    starts, ends = keyed_rows(pattern, rows, form.start), keyed_rows(pattern, rows, form.end)
    inner = keyed_rows(pattern, rows, form.event or (), form.where)
    found = []
    for start, end in states_of(pattern, starts, ends):
        inside = [
            row
            for row in inner
            if same_key(pattern, row, start) and row.place > start.place and (end is None or row.place < end.place)
        ]
        until = seen_until(pattern, start, timeline)
        enough = len(inside) >= form.at_least
        sure = enough and (inside[form.at_least - 1].time <= until or inside[form.at_least - 1].time == start.time)
        whole = end is not None and until >= end.time
        if sure or enough or not whole:
            chain = [start, *inside, *([end] if end else [])]
            found.append((tuple(row.id for row in chain), "matched" if sure else "inconclusive"))
    return sorted(found)


def _related(pattern: Pattern, rows: list[Row]) -> Told:
    form = pattern.during
    assert form is not None
    assert form.other is not None
    left_starts = keyed_rows(pattern, rows, form.start, form.where)
    left = closed_states(pattern, left_starts, keyed_rows(pattern, rows, form.end))
    first, second = form.other
    closed = closed_states(pattern, keyed_rows(pattern, rows, first), keyed_rows(pattern, rows, second))
    found = []
    for one in left:
        for other in sorted(closed, key=lambda state: state[0].place):
            if same_key(pattern, one[0], other[0]) and holds(form.relation, *one, *other):
                found.append((tuple(row.id for row in (*one, *other)), "matched"))
                break
    return sorted(found)


def holds(relation: str | None, start: Row, end: Row, other_start: Row, other_end: Row) -> bool:
    def less(one: Row, two: Row) -> bool:
        return one.hi < two.lo

    def same(one: Row, two: Row) -> bool:
        return not less(one, two) and not less(two, one)

    return {
        "before": less(end, other_start),
        "meets": same(end, other_start),
        "overlaps": less(start, other_start) and less(other_start, end) and less(end, other_end),
        "starts": same(start, other_start) and less(end, other_end),
        "during": less(other_start, start) and less(end, other_end),
        "finishes": same(end, other_end) and less(other_start, start),
        "equals": same(start, other_start) and same(end, other_end),
        None: not less(end, other_start) and not less(other_end, start),
    }[relation]


# --- silence, burst, step, beat ---------------------------------------------------------------------------------------


def silence(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    """With ``longer_than`` given."""
    form = pattern.silence
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.event])), form.event, form.where)
    limit = span_of(form.longer_than)
    found: Told = []
    for group in by_key(pattern, rows):
        if len(group) < form.at_least:
            continue
        for at, row in enumerate(group):
            after = group[at + 1] if at + 1 < len(group) else None
            until = seen_until(pattern, row, timeline) + MICRO
            heard = min(until, after.lo) if after else until
            ids = (row.id, after.id) if after else (row.id,)
            if heard - row.hi > limit:
                found.append((ids, "matched"))
            elif after and after.lo - row.hi > limit:
                found.append((ids, "inconclusive"))
    return sorted(found)


def burst(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    """With one stretch of coverage on every host."""
    form = pattern.burst
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.event])), form.event, form.where)
    start, end = max(timeline.spans["start"]), min(timeline.spans["end"])
    covered = (end - start + MICRO).total_seconds()
    found: Told = []
    for group in by_key(pattern, rows):
        total = sum(row.value("repeat") for row in group)
        windows = []
        for i, first in enumerate(group):
            inside = [j for j in range(i, len(group)) if group[j].lo - first.hi <= span_of(form.within)]
            held = sum(group[j].value("repeat") for j in inside)
            if covered <= form.within:
                continue
            usual = (total - held + 1) * form.within / (covered - form.within)
            if held >= form.at_least and held >= form.times * usual:
                windows.append(set(inside))
        merged: list[set[int]] = []
        for window in windows:
            touching = [each for each in merged if each & window]
            merged = [each for each in merged if not each & window] + [window.union(*touching)]
        found += [(tuple(group[at].id for at in sorted(each)), "matched") for each in merged]
    return sorted(found)


def jump(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    form = pattern.step
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.event])), form.event, form.where)
    rows = [row for row in rows if row.value(form.field) is not None]
    found: Told = []
    for group in by_key(pattern, rows):
        for before, after in pairwise(group):
            if abs(float(after.value(form.field)) - float(before.value(form.field))) >= form.by_at_least:
                found.append(((before.id, after.id), "matched"))
    return sorted(found)


def beat(pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> Told:
    """With ``every`` or ``on_minutes`` given, and exact times."""
    form = pattern.beat
    assert form is not None
    rows = keyed_rows(pattern, rows_of(named(events, [form.event])), form.event, form.where)
    found: Told = []
    for group in by_key(pattern, rows):
        beats = [
            row for at, row in enumerate(group) if not at or (row.time - group[at - 1].time) > span_of(form.tolerance)
        ]
        if len(beats) < form.at_least:
            continue
        runs = _period_runs(beats, pattern) if form.every else _minute_runs(beats, pattern)
        taken: set[int] = set()
        for _, ids in sorted(runs, key=lambda run: (run[0], beats.index(run[1][0]))):
            if not taken & {row.id for row in ids}:
                taken |= {row.id for row in ids}
                found.append((tuple(row.id for row in ids), "matched"))
    return sorted(found)


def _period_runs(beats: list[Row], pattern: Pattern) -> list[tuple[float, list[Row]]]:
    form = pattern.beat
    assert form is not None
    assert form.every is not None
    if form.every < 4 * form.tolerance:
        return []
    gaps = [(later.time - row.time).total_seconds() for row, later in pairwise(beats)]
    off = [gap - min(max(round(gap / form.every), 1), 12) * form.every for gap in gaps]
    runs = []
    at = 0
    while at < len(gaps):
        end = at
        while end < len(gaps) and abs(off[end]) <= form.tolerance:
            end += 1
        size = end - at
        if size and size + 1 >= form.at_least:
            spread = max([1e-6, *(abs(each) for each in off[at:end])])
            chance = (len(gaps) - size + 1) * min(2 * spread / form.every, 1.0) ** size
            if chance < 0.05:
                runs.append((chance, beats[at : end + 1]))
        at = end + 1
    return runs


def _minute_runs(beats: list[Row], pattern: Pattern) -> list[tuple[float, list[Row]]]:
    form = pattern.beat
    assert form is not None
    step = {"*/5": 5, "*/15": 15}[form.on_minutes or ""]
    on = [
        (row.time.minute % step) * 60 + row.time.second + row.time.microsecond / 1e6 <= form.tolerance for row in beats
    ]
    share = min(form.tolerance / (step * 60), 1.0)
    size, hits = len(beats), sum(on)
    whole = sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(hits, size + 1))
    if hits >= form.at_least and whole < 0.05 and hits > size / 2:
        return [(whole, [row for row, good in zip(beats, on, strict=True) if good])]
    runs = []
    at = 0
    while at < size:
        end = at
        while end < size and on[end]:
            end += 1
        chance = (size - (end - at) + 1) * share ** (end - at)
        if end - at >= form.at_least and chance < 0.05:
            runs.append((chance, beats[at:end]))
        at = end + 1
    return runs

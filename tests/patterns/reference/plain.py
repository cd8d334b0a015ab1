"""The rule language's sequences in the plainest Python: try everything, keep what the definitions allow.

Nothing here is fast or clever. It reads the same frames as the engine and shares no code with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import polars as pl

from logcorr.rulebook.models import Compare, Pattern, Step
from logcorr.schema import Timeline

MICRO = timedelta(microseconds=1)
FAR = timedelta(days=36_500)


@dataclass(frozen=True)
class Row:
    """One event."""

    place: int
    id: int
    event: str
    time: datetime
    lo: datetime
    hi: datetime
    lane: tuple[str, int]
    values: tuple[tuple[str, Any], ...]

    def value(self, name: str) -> Any:
        return dict(self.values).get(name)


@dataclass(frozen=True)
class Slot:
    """A required occurrence: step number, its turn among the step's repetitions."""

    number: int
    step: Step
    turn: int


def rows_of(events: pl.DataFrame) -> list[Row]:
    """The events with bounds that ascend in each lane."""
    raw = events.rows(named=True)
    found = []
    for place, row in enumerate(raw):
        lane = (row["clock"], row["source"])
        mates = [(at, other) for at, other in enumerate(raw) if (other["clock"], other["source"]) == lane]
        values = {**row, **{k: v for k, v in row["fields"].items() if v is not None}}
        values.update({k: v for k, v in row["fields"].items() if v is None})
        del values["fields"]
        found.append(
            Row(
                place=place,
                id=row["id"],
                event=row["event"],
                time=row["time"],
                lo=max(other["time_lo"] for at, other in mates if at <= place),
                hi=min(other["time_hi"] for at, other in mates if at >= place),
                lane=lane,
                values=tuple(values.items()),
            )
        )
    return found


def named(events: pl.DataFrame, wanted: list[str | tuple[str, ...]]) -> pl.DataFrame:
    """The events that a rule looks at; no others bear on what it finds."""
    globs = [glob for each in wanted for glob in ((each,) if isinstance(each, str) else each)]
    return events.filter([any(fnmatchcase(name, glob) for glob in globs) for name in events["event"]])


def span_of(value: float | None) -> timedelta:
    return FAR if value is None else timedelta(seconds=value)


def shift(time: datetime, by: timedelta) -> datetime:
    """``time + by``, or the end of time."""
    return datetime.max.replace(tzinfo=time.tzinfo) if by >= FAR else time + by


def in_order(first: Row, second: Row) -> bool:
    """Whether ``second`` may come after ``first``."""
    if first.id == second.id and first.lane == second.lane:
        return False
    if first.lane == second.lane:
        return second.id > first.id
    return second.hi >= first.lo


def surely_in_order(first: Row, second: Row) -> bool:
    return second.id > first.id if first.lane == second.lane else second.lo > first.hi


def may_follow(first: Row, second: Row, within: timedelta) -> bool:
    return in_order(first, second) and second.lo <= shift(first.hi, within)


def meets(row: Row, name: str, condition: Any) -> bool:
    value = row.value(name)
    tests = list(condition) if isinstance(condition, Compare) else [("eq", condition)]
    for test, wanted in tests:
        if wanted is None or (isinstance(wanted, str) and wanted.startswith("$")):
            continue
        if value is None or not compare(test, value, wanted):
            return False
    return True


def compare(test: str, value: Any, wanted: Any) -> bool:
    match test:
        case "eq":
            return str(value) == str(wanted)
        case "ne":
            return str(value) != str(wanted)
        case "lt":
            return float(value) < float(wanted)
        case "le":
            return float(value) <= float(wanted)
        case "gt":
            return float(value) > float(wanted)
        case "ge":
            return float(value) >= float(wanted)
        case "any":
            return str(value) in [str(each) for each in wanted]
    raise AssertionError(test)


class Sequence:
    """One sequence pattern over one list of events."""

    def __init__(self, pattern: Pattern, events: pl.DataFrame, timeline: Timeline) -> None:
        self.pattern = pattern
        self.steps = pattern.sequence or ()
        self.rows = rows_of(named(events, [step.event for step in self.steps]))
        self.timeline = timeline
        self.span = span_of(pattern.span)
        self.slots = [
            Slot(number, step, turn)
            for number, step in enumerate(self.steps)
            if not step.negated and not step.optional
            for turn in range(step.at_least)
        ]
        self.negated = [number for number, step in enumerate(self.steps) if step.negated]
        self.ties = self._ties()

    # --- which rows a step takes, and what it is compared with ----------------------------------------------------

    def _ties(self) -> list[tuple[int, str, str, int, str]]:
        """(step, field, test, other step, its field) for every comparison of two steps."""
        names = {step.name: number for number, step in enumerate(self.steps)}
        ties = []
        for number, step in enumerate(self.steps):
            for name, condition in step.where.items():
                tests = list(condition) if isinstance(condition, Compare) else [("eq", condition)]
                for test, wanted in tests:
                    if isinstance(wanted, str) and wanted.startswith("$"):
                        other, _, field = wanted[1:].partition(".")
                        ties.append((number, name, test, names[other], field))
        by = self.pattern.by
        if isinstance(by, dict):
            for left, right in by.items():
                (one, _, field), (two, _, other) = left.partition("."), right.partition(".")
                ties.append((names[two], other, "eq", names[one], field))
        return ties

    def by_fields(self) -> tuple[str, ...]:
        by = self.pattern.by
        return (by,) if isinstance(by, str) else by if isinstance(by, tuple) else ()

    def candidates(self, number: int) -> list[Row]:
        """Rows for one step, one for each record, earliest possible time first."""
        step = self.steps[number]
        globs = (step.event,) if isinstance(step.event, str) else step.event
        fields = {*self.by_fields()}
        for one, field, test, other, other_field in self.ties:
            if test == "eq":
                fields |= {field} if one == number else set()
                fields |= {other_field} if other == number else set()
        rows = [row for row in self.rows if any(fnmatchcase(row.event, glob) for glob in globs)]
        rows = [row for row in rows if all(meets(row, name, cond) for name, cond in step.where.items())]
        rows = [row for row in rows if all(row.value(name) is not None for name in fields)]
        rows = [row for row in rows if all(str(row.value(a)) == str(row.value(b)) for a, b in self.same_fields(number))]
        kept = {row.id: row for row in reversed(rows)}.values()
        return sorted(kept, key=lambda row: (row.lo, row.place))

    def classes(self) -> list[set[tuple[int, str]]]:
        """The (step, field) ends that must all be equal."""
        ends = [{(step, name) for step in range(len(self.steps))} for name in self.by_fields()]
        ends += [{(one, field), (two, other)} for one, field, test, two, other in self.ties if test == "eq"]
        grown = True
        while grown:
            grown = False
            for one, two in [(one, two) for one in ends for two in ends if one is not two and one & two and one != two]:
                ends = [each for each in ends if each not in (one, two)] + [one | two]
                grown = True
                break
        return ends

    def same_fields(self, number: int) -> list[tuple[str, str]]:
        """Fields of one step that must be equal because both must equal a third."""
        mine = [[name for step, name in each if step == number] for each in self.classes()]
        return [(names[0], other) for names in mine if names for other in names[1:]]

    def tied(self, number: int, row: Row, other: int, other_row: Row) -> bool:
        """Whether the rows of two steps meet all comparisons between these steps."""
        for name in self.by_fields():
            if row.value(name) is None or row.value(name) != other_row.value(name):
                return False
        for one, field, test, two, other_field in self.ties:
            if (one, two) == (number, other):
                left, right = row.value(field), other_row.value(other_field)
            elif (one, two) == (other, number):
                left, right = other_row.value(field), row.value(other_field)
            else:
                continue
            if left is None or right is None or not compare(test, left, right):
                return False
        return True

    # --- what must not occur --------------------------------------------------------------------------------------

    def neighbours(self, number: int) -> tuple[int, int]:
        """The slots before and after a negated step; -1: none."""
        before = [at for at, slot in enumerate(self.slots) if slot.number < number]
        after = [at for at, slot in enumerate(self.slots) if slot.number > number]
        return (before[-1] if before else -1, after[0] if after else -1)

    def reach(self, number: int) -> timedelta:
        within = self.steps[number].within
        inner = -1 not in self.neighbours(number)
        return span_of(within if within is not None or inner else self.pattern.span)

    def forbidden(self, number: int, first: Row | None, second: Row | None, *, sure: bool) -> list[Row]:
        """Rows of a negated step inside its window, for certain or possibly."""
        left, right = self.neighbours(number)
        reach = self.reach(number)
        found = []
        for row in self.candidates(number):
            tied = True
            if first is not None:
                tied &= self.tied(number, row, self.slots[left].number, first)
                if sure:
                    inside = surely_in_order(first, row) and row.hi <= shift(first.lo, reach)
                else:
                    inside = in_order(first, row) and row.lo <= shift(first.hi, reach)
            else:
                assert second is not None
                edge = (second.hi if sure else second.lo) - (reach if reach < FAR else timedelta(days=700_000))
                inside = (row.lo if sure else row.hi) >= edge
            if second is not None:
                tied &= self.tied(number, row, self.slots[right].number, second)
                inside &= surely_in_order(row, second) if sure else in_order(row, second)
            if tied and inside:
                found.append(row)
        return found

    def broken(self, at: int, first: Row | None, second: Row | None, *, sure: bool = True) -> bool:
        """Whether something forbidden lies between slot ``at`` and the next (-1: before the first)."""
        return any(
            self.forbidden(number, first, second, sure=sure)
            for number in self.negated
            if self.neighbours(number)[0] == at
        )

    # --- chains ---------------------------------------------------------------------------------------------------

    def steps_on(self, at: int, first: Row) -> Iterator[Row]:
        """Rows that may follow ``first`` (slot ``at``) as the next slot, earliest first."""
        slot, target = self.slots[at], self.slots[at + 1]
        within = span_of(target.step.within)
        for row in self.candidates(target.number):
            if not may_follow(first, row, within):
                continue
            if not self.tied(target.number, row, slot.number, first) and slot.number != target.number:
                continue
            if slot.number == target.number and not self.same_keys(target.number, first, row):
                continue
            if not self.broken(at, first, row):
                yield row

    def same_keys(self, number: int, first: Row, second: Row) -> bool:
        """Repetitions of one step share the key, and whatever the step must share with another."""
        fields = set(self.by_fields())
        for one, field, test, two, other_field in self.ties:
            if test == "eq" and one == number:
                fields.add(field)
            if test == "eq" and two == number:
                fields.add(other_field)
        return all(str(first.value(name)) == str(second.value(name)) for name in fields)

    def chains(self, chain: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
        """Every way to complete a chain, in lexical order of earliest times."""
        at = len(chain) - 1
        if at == len(self.slots) - 1:
            if not self.broken(at, chain[-1], None):
                yield chain
            return
        target = self.slots[at + 1]
        for row in self.steps_on(at, chain[-1]):
            if row.lo > shift(chain[0].hi, self.span) or row.id in [other.id for other in chain]:
                continue
            if target.turn and row.lo > shift(chain[self.anchor(at + 1)].hi, span_of(target.step.within)):
                continue
            if all(self.tied(target.number, row, number, other) for number, other in self.named(chain, target.number)):
                yield from self.chains((*chain, row))

    def named(self, chain: tuple[Row, ...], but: int) -> list[tuple[int, Row]]:
        """What a later step may be compared with: the last occurrence of each other step."""
        last = {self.slots[place].number: row for place, row in enumerate(chain)}
        return [(number, row) for number, row in last.items() if number != but]

    def anchor(self, at: int) -> int:
        """The slot from which a repeated step's time runs: the one before its first occurrence, or that one."""
        first = at - self.slots[at].turn
        return max(first - 1, 0)

    def starts(self) -> list[Row]:
        """Causes: rows of the first slot before which nothing forbidden occurred."""
        rows = [row for row in self.candidates(self.slots[0].number) if not self.broken(-1, None, row)]
        return sorted(rows, key=lambda row: row.place)

    # --- what one cannot tell -------------------------------------------------------------------------------------

    def seen_until(self, row: Row, time: datetime) -> datetime:
        """The last instant up to which the row's awaited events are observed without a break."""
        own_host = "host" in self.by_fields()
        hosts = {row.value("host")} if own_host else set(self.timeline.spans["host"])
        until = []
        for host in hosts:
            spans = self.timeline.spans.filter(pl.col("host") == host)
            ends = [end for start, end in zip(spans["start"], spans["end"], strict=True) if start <= time <= end]
            until.append(max(ends, default=time - MICRO))
        return min(until, default=time - MICRO)

    def waits(self, at: int, row: Row) -> tuple[datetime, tuple[Row, ...]] | None:
        """The first instant at which what follows ``row`` could have gone unseen, and the way there."""
        if at == len(self.slots) - 1:
            return None
        target = self.slots[at + 1]
        limit = datetime.max.replace(tzinfo=row.time.tzinfo)
        for number in self.negated:
            if self.neighbours(number)[0] == at and self.neighbours(number)[1] == at + 1:
                limit = min([limit, *(each.hi for each in self.forbidden(number, row, None, sure=True))])
        until = self.seen_until(row, row.time)
        end = min(shift(row.time, span_of(target.step.within)), limit)
        own = (until + MICRO, (row,)) if until < end else None
        for later in self.steps_on(at, row):
            theirs = self.waits(at + 1, later)
            if theirs is not None:
                return (
                    min(own, (theirs[0], (row, *theirs[1])), key=lambda each: each[0])
                    if own
                    else (
                        theirs[0],
                        (row, *theirs[1]),
                    )
                )
        return own

    def in_vain(self, row: Row) -> tuple[datetime, tuple[Row, ...]] | None:
        found = self.waits(0, row)
        return found if found and found[0] <= shift(row.time, self.span) else None

    def doubtful(self, chain: tuple[Row, ...]) -> bool:
        """Whether something that must be absent may have occurred, or could not have been seen."""
        for number in self.negated:
            left, right = self.neighbours(number)
            first = chain[left] if left >= 0 else None
            second = chain[right] if right >= 0 else None
            if self.forbidden(number, first, second, sure=False):
                return True
            reach = self.reach(number)
            if first is not None:
                end = min([shift(first.time, reach), *([second.time] if second else [])])
                if self.seen_until(first, first.time) < end:
                    return True
            elif second is not None:
                start = second.time - (reach if reach < FAR else timedelta(days=700_000))
                if self.seen_until(second, start) < second.time:
                    return True
        return False

    # --- policies -------------------------------------------------------------------------------------------------

    def matches(self) -> list[tuple[tuple[int, ...], str, bool]]:
        """(records, outcome, order known) of each match and each cause of which one cannot tell, in order."""
        found = []
        for chain, complete in getattr(self, "_" + self.pattern.pair)():
            outcome = "matched" if complete and not self.doubtful(chain) else "inconclusive"
            bound = self.with_optional(chain) if complete else list(chain)
            known = all(one.lane == two.lane or two.lo > one.hi for one, two in pairwise(bound))
            begin, end = min(row.time for row in bound), max(row.time for row in bound)
            found.append(((begin, end), (tuple(row.id for row in bound), outcome, known)))
        return [each for _, each in sorted(found, key=lambda each: (each[0], each[1]))]

    def with_optional(self, chain: tuple[Row, ...]) -> list[Row]:
        """The chain with the earliest row of each optional step between its neighbours."""
        bound = [(slot.number, slot.turn, row) for slot, row in zip(self.slots, chain, strict=True)]
        for number, step in enumerate(self.steps):
            if not step.optional or step.negated:
                continue
            left, right = self.neighbours(number)
            keyed = [row for row in self.candidates(number) if left >= 0 or self.keyed_to_first(row, chain[0])]
            for row in keyed if left >= 0 else reversed(keyed):
                fits = all(
                    self.tied(number, row, slot.number, other) for slot, other in zip(self.slots, chain, strict=True)
                )
                if left >= 0:
                    fits &= may_follow(chain[left], row, span_of(step.within))
                    fits &= row.lo <= shift(chain[0].hi, self.span)
                    fits &= right < 0 or in_order(row, chain[right])
                else:
                    fits &= row.lo < chain[0].lo and row.time >= chain[0].time - min(span_of(step.within), FAR / 10)
                    fits &= row.time >= chain[-1].time - min(self.span, FAR / 10)
                if fits:
                    bound.append((number, 0, row))
                    break
                if left < 0 and row.lo < chain[0].lo:
                    break
        return [row for _, _, row in sorted(bound, key=lambda each: each[:2])]

    def keyed_to_first(self, row: Row, first: Row) -> bool:
        """Whether an optional first step shares the key of the first required one."""
        return all(row.value(name) == first.value(name) for name in self.by_fields())

    def _told(self, row: Row) -> tuple[tuple[Row, ...], bool, datetime | None] | None:
        chain = next(self.chains((row,)), None)
        if chain is not None:
            return chain, True, None
        vain = self.in_vain(row)
        return (vain[1], False, vain[0]) if vain else None

    def _each(self) -> list[tuple[tuple[Row, ...], bool]]:
        return [told[:2] for row in self.starts() if (told := self._told(row))]

    def _nearest(self) -> list[tuple[tuple[Row, ...], bool]]:
        newest: dict[Any, tuple[tuple[Row, ...], bool]] = {}
        for row in self.starts():
            told = self._told(row)
            if told:
                newest[told[1], told[0][-1] if told[1] else told[2], self.key(row)] = told[:2]
        return list(newest.values())

    def key(self, row: Row) -> tuple[str, ...]:
        fields = list(self.by_fields())
        for one, field, test, two, other_field in self.ties:
            if test == "eq" and self.slots[0].number in (one, two):
                fields.append(field if one == self.slots[0].number else other_field)
        return tuple(str(row.value(name)) for name in fields)

    def _first(self) -> list[tuple[tuple[Row, ...], bool]]:
        found = []
        closed: dict[Any, Any] = {}
        for row in self.starts():
            swallows = closed.get(self.key(row))
            if swallows is not None and swallows(row):
                continue
            told = self._told(row)
            closed[self.key(row)] = self.swallower(row, told)
            if told:
                found.append(told[:2])
        return found

    def swallower(self, row: Row, told: tuple[tuple[Row, ...], bool, datetime | None] | None) -> Any:
        """Which later causes a cause swallows."""
        last = len(self.slots) - 1
        trailing = [number for number in self.negated if self.neighbours(number)[0] == last]
        if told and told[1]:
            if not trailing:
                return lambda later: later.place <= told[0][-1].place
            end = max(shift(told[0][-1].time, self.reach(number)) for number in trailing[-1:])
            return lambda later: later.time <= end
        end = shift(row.time, self.whole_window())
        if trailing and last == 0:
            number = trailing[-1]
            hits = self.forbidden(number, row, None, sure=True)
            if hits:
                first = min(hits, key=lambda each: (each.hi, each.place))
                return lambda later: later.place <= first.place
            end = shift(row.time, self.reach(number))
        return lambda later: later.time <= end

    def whole_window(self) -> timedelta:
        total = timedelta(0)
        for number, step in enumerate(self.steps):
            if step.negated or step.optional:
                continue
            if number != self.slots[0].number or step.at_least > 1:
                total = min(total + span_of(step.within), FAR)
        return min(total, self.span)

    def _all(self) -> list[tuple[tuple[Row, ...], bool]]:
        found: list[tuple[tuple[Row, ...], bool]] = []
        for row in self.starts():
            complete = [(chain, True) for chain in self.chains((row,))]
            vain = self.in_vain(row)
            found += complete or ([(vain[1], False)] if vain else [])
        return found

    def _fifo(self) -> list[tuple[tuple[Row, ...], bool]]:
        waiting: list[tuple[Row, ...]] = [(row,) for row in self.starts()]
        for at in range(len(self.slots) - 1):
            waiting = self.serve(at, waiting)
        if len(self.slots) == 1:
            waiting = [chain for chain in waiting if not self.broken(0, chain[-1], None)]
        served = {chain[0].place for chain in waiting}
        vain = [
            (told[0], False)
            for row in self.starts()
            if row.place not in served and (told := self._told(row)) and not told[1]
        ]
        return [*((chain, True) for chain in waiting), *vain]

    def serve(self, at: int, waiting: list[tuple[Row, ...]]) -> list[tuple[Row, ...]]:
        """The oldest waiting chain takes each free effect."""
        target = self.slots[at + 1]
        queue = sorted(waiting, key=lambda chain: chain[-1].place)
        served = []
        for effect in sorted(self.candidates(target.number), key=lambda row: row.place):
            if at + 1 == len(self.slots) - 1 and self.broken(at + 1, effect, None):
                continue
            mine = [chain for chain in queue if self.keyed(at, chain[-1], effect)]
            late = [chain for chain in mine if effect.lo > self.latest(at + 1, chain)]
            for chain in mine:
                if chain not in late:
                    break
                queue.remove(chain)
            alive = [chain for chain in mine if chain in queue]
            if alive and self.may_pair(at, alive[0], effect):
                queue.remove(alive[0])
                served.append((*alive[0], effect))
        return served

    def keyed(self, at: int, first: Row, second: Row) -> bool:
        """Whether two rows share the key of their steps (equalities only)."""
        one, two = self.slots[at], self.slots[at + 1]
        if one.number == two.number:
            return self.same_keys(one.number, first, second)
        if any(str(first.value(n)) != str(second.value(n)) for n in self.by_fields()):
            return False
        for step, field, test, other, other_field in self.ties:
            if test == "eq" and {step, other} == {one.number, two.number}:
                left, right = (second, first) if step == two.number else (first, second)
                if str(left.value(field)) != str(right.value(other_field)):
                    return False
        return True

    def latest(self, at: int, chain: tuple[Row, ...]) -> datetime:
        target = self.slots[at]
        within = span_of(target.step.within)
        bounds = [shift(chain[-1].hi, within), shift(chain[0].hi, self.span)]
        if target.turn:
            bounds.append(shift(chain[self.anchor(at)].hi, within))
        return min(bounds)

    def may_pair(self, at: int, chain: tuple[Row, ...], effect: Row) -> bool:
        target = self.slots[at + 1]
        if not in_order(chain[-1], effect) or self.broken(at, chain[-1], effect):
            return False
        if effect.id in [row.id for row in chain]:
            return False
        return all(self.tied(target.number, effect, number, row) for number, row in self.named(chain, target.number))

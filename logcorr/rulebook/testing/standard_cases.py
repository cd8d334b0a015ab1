"""The cases that every sequence must pass, made from the rule itself: events that meet its conditions, placed in time.

Gap of exactly N, N and a little more, reversed order, another key, a tie, a repeated cause, a log that ends too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.model import SourceFile
from logcorr.rulebook.conditions import holds
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Compare, Pattern, Rulebook, Scalar, Step
from logcorr.rulebook.wordings import Dtypes
from logcorr.schema import EVENTS, SPANS, TIMELINE, Timeline

_START: Final = datetime(2025, 11, 4, 3, 0, tzinfo=UTC)
_LONG: Final = 10 * 86_400.0  # seconds that the log goes on before and after
_LITTLE: Final = 0.001  # seconds between steps whose distance does not matter, and beyond a limit
_REPEATED: Final = {"each": 2, "nearest": 1, "first": 1, "fifo": 1, "all": 2}
#: Values to try where a condition does not give one away.
_USUAL: Final = (
    "x1",
    "eth0", "eno1", "bond0", "wan1", "tailscale0", "tailscaled.service", "192.168.0.10", "203.0.113.7", "100.64.0.7",
    "127.0.0.53", "1", "0", "1000", "true", "false", "Running", "Stopped",
)  # fmt: skip
_BASE: Final = ("host", "program")


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One event of a case: seconds after the start, host, fields."""

    event: str
    at: float
    host: str
    fields: dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class StandardCase:
    """Events, what was observed, and how many matches there must be (None: not said)."""

    name: str
    events: pl.DataFrame
    timeline: Timeline
    matched: int
    inconclusive: int | None = None


def standard_cases(rule: Pattern, rules: Rulebook, dtypes: Dtypes) -> tuple[StandardCase, ...]:
    """The standard cases of a sequence; none for other forms, and where no event that meets a condition was found.

    ``dtypes`` are those of all declared fields (``wordings.declared_fields``).
    """
    if rule.sequence is None:
        return ()
    base = _base(rule, rule.sequence, rules, dtypes)
    return tuple(_cases(rule, base, rules, dtypes)) if base else ()


def _cases(rule: Pattern, base: Sequence[CaseEvent], rules: Rulebook, dtypes: Dtypes) -> Iterator[StandardCase]:
    steps = [step for step in rule.sequence or () if not step.negated and not step.optional]
    alike = _alike(steps)

    def case(
        name: str, events: Iterable[CaseEvent], matched: int, *, ends: float = _LONG, inconclusive: int | None = 0
    ) -> StandardCase:
        inconclusive = None if alike else inconclusive  # further candidates are open at the end
        placed = sorted(events, key=lambda event: event.at)
        return StandardCase(name, _frame(placed, dtypes), _timeline(placed, ends, rules), matched, inconclusive)

    last = base[-1].at
    limit = _limit(rule, steps)
    several = len(steps) > 1
    yield case("in order", base, 1)
    if limit is not None:
        yield case(f"last gap of exactly {limit:g} s", _moved(base, limit - last), 1)
        yield case(f"last gap of a little over {limit:g} s", _moved(base, limit - last + _LITTLE), 0)
    if limit is not None and limit > _LITTLE:
        ends = base[-2].at + _LITTLE
        yield case("the log ends before the last step can come", base[:-1], 0, ends=ends, inconclusive=1)
    if several and not alike and last:
        yield case("in reversed order", [replace(event, at=last - event.at) for event in base], 0, inconclusive=None)
        if not any(step.at_least > 1 for step in steps):
            again = replace(base[0], at=base[0].at - _LITTLE)
            yield case(f"the cause twice, pair: {rule.pair}", [again, *base], _REPEATED[rule.pair], inconclusive=None)
    if several and not any(step.negated for step in rule.sequence or ()):
        yield case("all at one instant", [replace(event, at=0.0) for event in base], 1, inconclusive=None)
    if several and (other := _other_key(rule, base[-1], steps[-1])):
        yield case("the last step with another key", [*base[:-1], other], 0, inconclusive=None)


def _limit(rule: Pattern, steps: Sequence[Step]) -> float | None:
    """How long after the step before it the last step may come, if it stands alone."""
    if len(steps) < 2 or steps[-1].at_least > 1:
        return None
    return min((limit for limit in (steps[-1].within, rule.span) if limit is not None), default=None)


def _moved(base: Sequence[CaseEvent], by: float) -> list[CaseEvent]:
    """The last event later by so much; the others together at the start, lest they use up the span."""
    return [*(replace(event, at=0.0) for event in base[:-1]), replace(base[-1], at=base[-1].at + by)]


def _alike(steps: Sequence[Step]) -> bool:
    """Whether one event could serve as two of the steps."""
    names = [(step.event,) if isinstance(step.event, str) else step.event for step in steps]
    return any(
        glob_matches(one, other) or glob_matches(other, one)
        for place, group in enumerate(names)
        for later in names[place + 1 :]
        for one in group
        for other in later
    )


def _other_key(rule: Pattern, event: CaseEvent, step: Step) -> CaseEvent | None:
    """The event under another key; None where the rule has none that could be changed."""
    by = (rule.by,) if isinstance(rule.by, str) else rule.by
    if isinstance(by, dict):
        ours = [side.split(".", 1)[1] for pair in by.items() for side in pair if side.startswith(f"{step.name}.")]
        by = tuple(ours)
    for name in by or ():
        if name == "host":
            return replace(event, host="h2")
        if name not in step.where and name in event.fields:
            other = event.fields[name]
            changed: Scalar = f"{other}9" if isinstance(other, str) else other + 1
            return replace(event, fields={**event.fields, name: changed})
    return None


# --- events that meet the conditions ------------------------------------------------------------------------------


def _base(rule: Pattern, sequence: Sequence[Step], rules: Rulebook, dtypes: Dtypes) -> list[CaseEvent]:
    """One chain that matches, its steps a little apart; empty where none could be made."""
    chain: list[CaseEvent] = []
    made: dict[str, CaseEvent] = {}
    for step in sequence:
        if step.negated or step.optional:
            continue
        event = _event_of(step, rules)
        fields = _fields_of(rule, step, event, made, dtypes)
        if event is None or fields is None:
            return []
        for _ in range(step.at_least):
            at = chain[-1].at + min(_LITTLE, step.within if step.within is not None else _LITTLE) if chain else 0.0
            chain.append(CaseEvent(event, at, str(fields.get("host", "h1")), fields))
        made[step.name] = chain[-1]
    return chain


def _event_of(step: Step, rules: Rulebook) -> str | None:
    globs = (step.event,) if isinstance(step.event, str) else step.event
    return next((name for name in _known(rules) if glob_matches(name, globs)), None)


def _known(rules: Rulebook) -> list[str]:
    return [name for file in rules.events for name in file.events]


def _fields_of(
    rule: Pattern, step: Step, event: str | None, made: dict[str, CaseEvent], dtypes: Dtypes
) -> dict[str, Scalar] | None:
    """Values for the fields that the step's conditions and the key ask for; None where a condition cannot be met."""
    fields: dict[str, Scalar] = {}
    for name, condition in step.where.items():
        dtype = dtypes.get(name, pl.String)
        value = _referred(condition, made, dtype)
        if value is None:
            value = _meeting(condition, dtype)
        if value is None:
            return None
        fields[name] = value
    for name, value in _key(rule, step, made, dtypes):
        fields.setdefault(name, value)
    return fields if event is not None else None


def _key(rule: Pattern, step: Step, made: dict[str, CaseEvent], dtypes: Dtypes) -> Iterator[tuple[str, Scalar]]:
    if isinstance(rule.by, dict):
        for side in (text for pair in rule.by.items() for text in pair):
            owner, _, name = side.partition(".")
            if owner == step.name:
                yield name, _default(dtypes.get(name, pl.String))
        return
    for name in (rule.by,) if isinstance(rule.by, str) else rule.by or ():
        before = next((event.fields[name] for event in made.values() if name in event.fields), None)
        if name not in _BASE:
            yield name, before if before is not None else _default(dtypes.get(name, pl.String))


def _default(dtype: type[pl.DataType]) -> Scalar:
    return "x1" if dtype == pl.String else 1


def _referred(condition: object, made: dict[str, CaseEvent], dtype: type[pl.DataType]) -> Scalar | None:
    """A value for a condition on another step's field (``$step.field``)."""
    tests = list(condition) if isinstance(condition, Compare) else [("eq", condition)]
    for test, text in tests:
        if not isinstance(text, str) or not text.startswith("$"):
            continue
        step, _, name = text[1:].partition(".")
        value = made[step].fields.setdefault(name, _default(dtype)) if step in made else None
        if value is None or test in {"eq", "le", "ge"}:
            return value
        if isinstance(value, str):
            return f"{value}9"
        return value - 1 if test == "lt" else value + 1
    return None


def _meeting(condition: Scalar | tuple[Scalar, ...] | Compare, dtype: type[pl.DataType]) -> Scalar | None:
    """The first value that meets a condition, of those that it hints at and some usual ones."""
    texts = [str(value) for value in (*_hints(condition), *_usual(condition))]
    tried = pl.DataFrame({"value": pl.Series(texts).cast(dtype, strict=False)}).drop_nulls()
    met = tried.filter(holds(pl.col("value"), condition))["value"]
    value: Scalar | None = met[0] if len(met) else None
    return value


def _usual(condition: object) -> tuple[str, ...]:
    return _USUAL if not isinstance(condition, tuple) else ()


def _hints(condition: Scalar | tuple[Scalar, ...] | Compare) -> Iterator[Scalar]:
    if isinstance(condition, tuple):
        yield from condition
    elif not isinstance(condition, Compare):
        yield condition
    else:
        yield from (value for value in (condition.eq, condition.ge, condition.le) if value is not None)
        yield from condition.any or ()
        if condition.glob is not None:
            yield condition.glob.replace("*", "0").replace("?", "0")
        for number in (condition.gt, condition.lt):
            if isinstance(number, int | float):
                yield from (number + 1, number - 1)
        for network in (condition.cidr,) if isinstance(condition.cidr, str) else condition.cidr or ():
            yield str(ip_network(network, strict=False)[1])


# --- frames -------------------------------------------------------------------------------------------------------


def _frame(events: Sequence[CaseEvent], dtypes: Dtypes) -> pl.DataFrame:
    """The events as schema.EVENTS with fields."""
    times = [_START + timedelta(seconds=event.at) for event in events]
    columns: dict[str, Sequence[object]] = {
        "id": range(len(events)),
        "event": [event.event for event in events],
        "time": times, "time_lo": times, "time_hi": times,
        "host": [event.host for event in events],
        "program": [str(event.fields.get("program", "program0")) for event in events],
        "pid": [1] * len(events),
        "clock": [f"{event.host}/boot" for event in events],
        "source": [0] * len(events),
        "trusted": [None] * len(events),
        "repeat": [1] * len(events),
        "fields": [{name: event.fields.get(name) for name in dtypes} for event in events],
    }  # fmt: skip
    return pl.DataFrame(columns, schema={**EVENTS, "fields": pl.Struct(dtypes)})


def _timeline(events: Sequence[CaseEvent], ends: float, rules: Rulebook) -> Timeline:
    """One whole log of two hosts that shows everything until ``ends``."""
    programs = [f"program{number}" for number in range(4)]
    programs += [
        program
        for file in rules.events
        for program in ((file.program,) if isinstance(file.program, str) else file.program)
    ]
    rows = {"source": [0] * len(programs), "program": [name.replace("*", "0") for name in programs]}
    frame = pl.DataFrame(rows, schema={"source": TIMELINE["source"], "program": TIMELINE["program"]})
    missing = (pl.lit(None, dtype=dtype).alias(name) for name, dtype in TIMELINE.items() if name not in rows)
    hosts = sorted({"h1", "h2", *(event.host for event in events)})
    spans = [(0, host, _START - timedelta(seconds=_LONG), _START + timedelta(seconds=ends)) for host in hosts]
    return Timeline(
        frame.with_columns(missing).select(list(TIMELINE)),
        inputs=(SourceFile(path="standard case", format="journal-export"),),
        spans=pl.DataFrame(spans, schema=SPANS, orient="row"),
    )

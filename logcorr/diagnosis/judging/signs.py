"""Looking for signs: the lines near an incident that speak for or against a cause, and those that should be there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from logcorr.chance.tails import poisson_tail
from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.nearby import Nearby, rows_near
from logcorr.diagnosis.lines import CONTRADICTED, VOUCHED_FOR, Lines
from logcorr.diagnosis.scene import Scene
from logcorr.model import Missing, Strength
from logcorr.rulebook.models import Cause, Sign
from logcorr.times.micros import SECOND, to_micros

_CITED = 5
_UNVERIFIED = "nothing vouches for the sender, so this counts half"
_ONCE = re.compile(r" \(\{n\} (?:times|lines)\)")  # says nothing of one
_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)?)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Cited:
    """One sign that was found. ``rows`` are timeline ids; ``weight`` is what it adds to or takes from the score."""

    says: str
    strength: Strength
    rows: tuple[int, ...]
    trusted: bool | None
    weight: float
    found: Lines  # earliest first
    dated: Lines  # those of them that date the onset of the cause
    voices: frozenset[int]  # a number for each program on each machine that says so
    open: bool = False  # what would have to be absent after it could not be observed to the end

    @property
    def witnesses(self) -> int:
        """How many programs on how many machines say so."""
        return len(self.voices)


def look_for(
    signs: Iterable[Sign], cause: Cause, nearby: Nearby, *, passing: bool = True
) -> tuple[tuple[Sign, Cited], ...]:
    """The signs that are there, each with what was found; what rests on the same lines weighs once.

    ``passing``: also what befalls links that come and go with containers; a container's end refutes nothing.
    """
    seen = [(sign, rows) for sign in signs if (rows := rows_near(sign, cause, nearby))]
    if not passing:
        lasting = ~nearby.scene.columns.ephemeral
        seen = [(sign, rows if sign.pattern else rows.take(lasting[rows.at])) for sign, rows in seen]
    first = [rows.at[:1] for sign, rows in seen if rows and holes(sign.says)]
    if len(first) > 1:
        nearby.scene.told(np.concatenate(first))  # all at once, for most of them will be asked for
    return counted_once([(sign, _cite(sign, rows, nearby)) for sign, rows in seen if rows])


def _cite(sign: Sign, rows: Lines, nearby: Nearby) -> Cited:
    """What the rows say. Where some lines can be believed, those of contradicted origin are left out altogether."""
    trusted = _trust(rows)
    rows = rows if trusted is False else rows.take(rows.trusted != CONTRADICTED)
    ordered = rows.once()
    strength, is_open = sign.strength, sign.pattern is not None and bool(rows.more["open"].all())
    grade = weights.GRADES.index(strength) - is_open
    weight = weights.STRENGTH[weights.GRADES[grade]] if grade >= 0 and trusted is not False else 0.0
    first = by_steps(nearby.scene.told(ordered.at[:1])[0], rows, nearby) if holes(sign.says) else None
    says = fill(sign.says, first, len(ordered))
    columns = nearby.scene.columns
    unverified = trusted is None and bool(columns.unverified[ordered.at].all())
    weight = weights.doubted(weight) if unverified else weight
    return Cited(
        says=f"{says} ({_UNVERIFIED})" if unverified else says,
        strength=weights.GRADES[max(grade, 0)],
        rows=tuple(ordered.id[:_CITED].tolist()),
        trusted=trusted,
        weight=weight,
        found=ordered,
        dated=_dated(sign, rows, strength, nearby) if weight else ordered.take(slice(0)),
        voices=frozenset(np.unique((ordered.host << 32) + columns.program.numbers[ordered.at]).tolist()),
        open=is_open,
    )


def _dated(sign: Sign, rows: Lines, strength: Strength, nearby: Nearby) -> Lines:
    """The rows that date the cause. Everyday lines date nothing: mere context, unless it is strong evidence, and what
    is as frequent when nothing fails.
    """
    if sign.trigger is False:
        return rows.take(slice(0))
    if isinstance(sign.trigger, str):
        rows = rows.take(rows.more["step"] == sign.trigger)
    if strength in ("weak", "moderate"):
        rows = rows.take(~rows.of_role("context") | (rows.impact > 0))
    dated = rows.once()
    if dated and sign.event is not None and not dated.impact.any() and _is_everyday(sign, dated, nearby):
        return dated.take(slice(0))
    return dated


def _is_everyday(sign: Sign, dated: Lines, nearby: Nearby) -> bool:
    """Whether chance alone would bring such a line near an incident: it comes as often when nothing fails."""
    often, calm = nearby.ledger.elsewhere(sign, dated.hosts), nearby.ledger.calm
    if often < weights.EVERYDAY or not calm:
        return False
    lasted = to_micros(nearby.until) - to_micros(nearby.start)
    return poisson_tail(1, often * (lasted / calm)) > weights.HABIT_P


def _trust(rows: Lines) -> bool | None:
    """True if journald vouches for one of the rows; False if it contradicts all; None if no format could say."""
    trusted = rows.trusted
    if (trusted == VOUCHED_FOR).any():
        return True
    return False if (trusted == CONTRADICTED).all() else None


def counted_once(signs: Iterable[tuple[Sign, Cited]]) -> tuple[tuple[Sign, Cited], ...]:
    """The same fact proves something once: a sign that rests on nothing new adds no weight.

    What one program of a machine says again within the time in which writers may print out of order is the same fact,
    as where its log was given twice: from the journal, and as a file of its own. Another program or machine that says
    the same is another witness, of which the best sign takes account (``weights.WITNESS``).
    """
    given = sorted(signs, key=lambda pair: -pair[1].weight)
    if len(given) < 2:
        return tuple(given)
    records: set[int] = set()
    facts: set[tuple[int, int, int, int]] = set()
    kept = []
    for sign, cited in given:
        found = _facts(cited.found)
        new = any(
            record not in records and not {(event, host, program, at + off) for off in (-1, 0, 1)} & facts
            for record, event, host, program, at in found
        )
        kept.append((sign, cited if new else replace(cited, weight=0.0)))
        if cited.weight:
            records |= {fact[0] for fact in found}
            facts |= {fact[1:] for fact in found}
    return tuple(kept)


def _facts(found: Lines) -> list[tuple[int, int, int, int, int]]:
    """Record, event, host and program by number, and the time in units of what writers may print out of order."""
    program = found.columns.program.numbers[found.at]
    columns = (found.id, found.event, found.host, program, found.time // int(weights.REORDERING * SECOND))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def missing_of(
    signs: Iterable[Sign], found: Iterable[tuple[Sign, Cited]], cause: Cause, hosts: tuple[str, ...], nearby: Nearby
) -> tuple[tuple[Missing, float], ...]:
    """The signs that should be there and are not, with what their absence costs.

    What was seen is not missing, even if nobody could observe it to its end. Where a sign as strong dates the cause,
    another that would date it, in another program's or version's words, costs nothing; but nothing is confirmed then.
    """
    seen = [sign for sign, cited in found if cited.trusted is not False]
    dated = max((cited.weight for _, cited in found if cited.dated and cited.trusted is not False), default=0.0)
    missing = []
    for sign in signs:
        if sign.expect == "sometimes" or any(sign is each for each in seen):
            continue
        observable = _observable(sign, cause, hosts, nearby)
        instead = sign.trigger is not False and weights.STRENGTH[sign.strength] <= dated
        penalty = weights.MISSING[sign.expect] if observable and not instead else 0.0
        missing.append((Missing(says=fill(sign.says, None, 0), observable=observable), penalty))
    return tuple(missing)


def _observable(sign: Sign, cause: Cause, hosts: tuple[str, ...], nearby: Nearby) -> bool:
    """Whether some source would have shown the sign, had it been there, up to when the incident began."""
    scene, wanted = nearby.scene, _events_of(sign, nearby.scene)
    if sign.pattern is None and any(map(nearby.is_limited, wanted)):
        return False
    since = nearby.since(cause)
    if scene.kinds.held_back(wanted, hosts, since, nearby.until):
        return False
    begun, dated_by = nearby.start + timedelta(seconds=weights.STRAY), nearby.dated_by
    return any(scene.sees(kind, cause, hosts, since, begun, dated_by) for kind in sign.sources or cause.needs)


def _events_of(sign: Sign, scene: Scene) -> tuple[str, ...]:
    """The events (names or globs) that a sign rests on."""
    if sign.pattern is not None:
        pattern = scene.rules.patterns.get(sign.pattern)
        return pattern.events() if pattern else ()
    return (sign.event,) if isinstance(sign.event, str) else (sign.event or ())


def holes(template: str) -> set[str]:
    """The fields that a template uses."""
    return {name.rsplit(".", 1)[-1] for name in _PLACEHOLDER.findall(template)} - {"n"}


def by_steps(row: dict[str, Any], rows: Lines, nearby: Nearby) -> dict[str, Any]:
    """The row, with what the first row of each step of a pattern tells as ``step.field``."""
    if "step" not in rows.more:
        return row
    steps, first = np.unique(rows.more["step"].astype(str), return_index=True)
    fields = dict(row.get("fields") or {})
    for step, told in zip(steps.tolist(), nearby.scene.told(rows.at[first]), strict=True):
        known = {**told, **(told.get("fields") or {})}
        fields |= {f"{step}.{name}": value for name, value in known.items() if name != "fields" and value is not None}
    return {**row, "fields": fields}


def fill(template: str, row: dict[str, Any] | None, count: int) -> str:
    """The template with ``{n}`` and the row's fields put in; what is not known becomes its own name in words."""
    fields = dict(row.get("fields") or {}) if row else {}
    template = _ONCE.sub("", template) if count == 1 else template

    def value(found: re.Match[str]) -> str:
        name = found[1].rsplit(".", 1)[-1]
        own = fields.get(found[1]) or fields.get(name) or (row or {}).get(name)
        known = (str(count) if count else "several") if name == "n" else own
        return str(known) if known is not None else f"the {name.replace('_', ' ')}"

    return _PLACEHOLDER.sub(value, template)

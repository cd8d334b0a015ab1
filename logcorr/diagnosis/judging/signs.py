"""Looking for signs: the lines near an incident that speak for or against a cause, and those that should be there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Classed, classify_symptoms
from logcorr.diagnosis.judging.ledger import Ledger, open_ledger
from logcorr.diagnosis.lines import CONTRADICTED, VOUCHED_FOR, Lines, Symptoms
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import Sites
from logcorr.model import Missing, Strength
from logcorr.rulebook.models import Cause, Sign
from logcorr.times.micros import SECOND, Bools, to_micros

_CITED = 5
_UNVERIFIED = "nothing vouches for the sender, so this counts half"
_ONCE = re.compile(r" \(\{n\} (?:times|lines)\)")  # says nothing of one
_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)?)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """What lies near one incident."""

    scene: Scene
    ledger: Ledger
    start: datetime
    end: datetime
    symptoms: pl.DataFrame  # of the incident; all its records where none is a mere symptom
    told: Symptoms  # the same as arrays
    classed: Classed  # what these symptoms are
    hosts: tuple[str, ...]  # the machines that noticed and whose own logs were given
    earliest: datetime  # from when on signs of any cause count
    dated_by: tuple[int, ...]  # the sources whose lines date the incident
    strange: Bools | None = None  # by number of host: those that have no part in the incident: what they log is no sign
    sites: Sites = field(default_factory=Sites)  # which machines of the run belong together
    _limited: dict[str, bool] = field(default_factory=dict)
    _believed: dict[tuple[str, float], Lines] = field(default_factory=dict)
    _spans: dict[float, tuple[int, int]] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """The end, and a while after it."""
        return self.end + weights.AFTERMATH

    def since(self, cause: Cause) -> datetime:
        """From when on signs of a cause count."""
        return self.start - timedelta(seconds=cause.look_back)

    def span(self, cause: Cause) -> tuple[int, int]:
        """From when and until when signs of a cause count, in µs."""
        known = self._spans.get(cause.look_back)
        if known is None:
            known = self._spans[cause.look_back] = to_micros(self.since(cause)), to_micros(self.until)
        return known

    def is_limited(self, event: str) -> bool:
        """Whether an event occurs near the incident of which its program suppresses repeats."""
        if event not in self._limited:
            rows = self.ledger.events(event).between(to_micros(self.earliest), to_micros(self.until))
            self._limited[event] = bool(self.scene.columns.limited[rows.at].any())
        return self._limited[event]

    def believed(self, name: str, cause: Cause) -> Lines:
        """The rows near the incident that show an event (globs allowed) or a pattern, and that nothing contradicts."""
        key = (name, cause.look_back)
        if key not in self._believed:
            self._believed[key] = _believed(name, cause, self)
        return self._believed[key]


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


def look_around(incidents: Iterable[Incident], scene: Scene) -> tuple[Nearby, ...]:
    """What lies near each of the incidents of a run."""
    given = tuple(incidents)
    if not given:
        return ()
    ledger = open_ledger(scene, given)
    suffering = [incident.symptoms.filter(pl.col("role") == "symptom") for incident in given]
    symptoms = [part if part.height else item.symptoms for part, item in zip(suffering, given, strict=True)]
    classed = classify_symptoms(symptoms, scene)
    return tuple(_nearby(*each, ledger) for each in zip(given, symptoms, classed, strict=True))


def _nearby(incident: Incident, symptoms: pl.DataFrame, classed: Classed, ledger: Ledger) -> Nearby:
    scene = ledger.scene
    reach = timedelta(seconds=max((cause.look_back for cause in scene.rules.causes.values()), default=0.0))
    return Nearby(
        scene=scene,
        ledger=ledger,
        start=incident.start,
        end=incident.end,
        symptoms=symptoms,
        told=Symptoms.of(symptoms, scene.columns),
        classed=classed,
        hosts=tuple(host for host in incident.hosts if host in scene.machines),
        earliest=incident.start - reach,
        dated_by=tuple(symptoms["source"].unique()),
        strange=scene.columns.host.among(incident.strangers) if incident.strangers else None,
        sites=incident.sites,
    )


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
    return counted_once([(sign, _cite(sign, rows, nearby)) for sign, rows in seen if rows])


def _believed(name: str, cause: Cause, nearby: Nearby) -> Lines:
    if name in nearby.scene.rules.patterns:
        rows = _of_matches(nearby.ledger.pattern(name), None, cause, nearby)
        return rows.take((rows.trusted != CONTRADICTED) & ~rows.more["open"]) if rows else rows
    if name in nearby.scene.rules.sources:
        return nearby.ledger.events(())
    rows = _of_the_place(nearby.ledger.events(name).between(*nearby.span(cause)), nearby)
    return rows.take(rows.trusted != CONTRADICTED) if rows else rows


def rows_near(sign: Sign, cause: Cause, nearby: Nearby) -> Lines:
    """The event rows that show the sign of the cause near the incident, earliest first."""
    rows = nearby.ledger.rows_of(sign)
    if not rows:  # most signs
        return rows
    if sign.pattern is None:
        return _of_the_place(rows.between(*nearby.span(cause)), nearby)
    return _of_matches(rows, sign.trigger or None, cause, nearby)


def _of_matches(rows: Lines, trigger: bool | str | None, cause: Cause, nearby: Nearby) -> Lines:
    """The rows of the matches near the incident. A match that dates the cause to another time is none of these:
    ``trigger`` is the step that dates it, True for any.
    """
    if not rows:
        return rows
    since, until = nearby.span(cause)
    touching = _of_the_place(rows.take((rows.more["begin"] <= until) & (rows.more["end"] >= since)), nearby)
    if trigger is not None:
        near = (touching.time >= since) & (touching.time <= until)
        if isinstance(trigger, str):
            near &= touching.more["step"] == trigger
        match = touching.more["match"]
        touching = touching.take(np.isin(match, match[near]))
    whole = touching.take(~touching.more["open"])
    return whole or touching


def _of_the_place(rows: Lines, nearby: Nearby) -> Lines:
    return rows if nearby.strange is None or not rows else rows.take(~nearby.strange[rows.host])


def _cite(sign: Sign, rows: Lines, nearby: Nearby) -> Cited:
    """What the rows say. Where some lines can be believed, those of contradicted origin are left out altogether."""
    trusted = _trust(rows)
    rows = rows if trusted is False else rows.take(rows.trusted != CONTRADICTED)
    ordered = rows.once()
    strength, is_open = sign.strength, sign.pattern is not None and bool(rows.more["open"].all())
    grade = weights.GRADES.index(strength) - is_open
    weight = weights.STRENGTH[weights.GRADES[grade]] if grade >= 0 and trusted is not False else 0.0
    first = nearby.scene.told(ordered.at[:1])[0] if holes(sign.says) else None
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


def fill(template: str, row: dict[str, Any] | None, count: int) -> str:
    """The template with ``{n}`` and the row's fields put in; what is not known becomes its own name in words."""
    fields = dict(row.get("fields") or {}) if row else {}
    template = _ONCE.sub("", template) if count == 1 else template

    def value(found: re.Match[str]) -> str:
        name = found[1].rsplit(".", 1)[-1]
        known = (str(count) if count else "several") if name == "n" else fields.get(name) or (row or {}).get(name)
        return str(known) if known is not None else f"the {name.replace('_', ' ')}"

    return _PLACEHOLDER.sub(value, template)

"""Looking for signs: the lines near an incident that speak for or against a cause, and those that should be there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Classed, classify_symptoms
from logcorr.diagnosis.judging.ledger import Ledger, open_ledger
from logcorr.diagnosis.scene import ROW, Scene
from logcorr.diagnosis.sites import Sites
from logcorr.model import Missing, Strength
from logcorr.rulebook.models import Cause, Sign

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
    classed: Classed  # what these symptoms are
    hosts: tuple[str, ...]  # the machines that noticed and whose own logs were given
    earliest: datetime  # from when on signs of any cause count
    dated_by: tuple[int, ...]  # the sources whose lines date the incident
    strangers: frozenset[str] = frozenset()  # hosts that have no part in the incident: what they log is no sign
    sites: Sites = field(default_factory=Sites)  # which machines of the run belong together
    _limited: dict[str, bool] = field(default_factory=dict)
    _believed: dict[tuple[str, float], pl.DataFrame] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """The end, and a while after it."""
        return self.end + weights.AFTERMATH

    def since(self, cause: Cause) -> datetime:
        """From when on signs of a cause count."""
        return self.start - timedelta(seconds=cause.look_back)

    def is_limited(self, event: str) -> bool:
        """Whether an event occurs near the incident of which its program suppresses repeats."""
        if event not in self._limited:
            rows = self.ledger.events(event).between(self.earliest, self.until)
            self._limited[event] = bool(rows["limited"].any())
        return self._limited[event]

    def believed(self, name: str, cause: Cause) -> pl.DataFrame:
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
    found: pl.DataFrame  # ROW; earliest first
    dated: pl.DataFrame  # those of them that date the onset of the cause
    open: bool = False  # what would have to be absent after it could not be observed to the end

    @property
    def witnesses(self) -> int:
        """How many programs on how many machines say so."""
        return self.found.select("host", "program").n_unique()


def look_around(incidents: Iterable[Incident], scene: Scene) -> tuple[Nearby, ...]:
    """What lies near each of the incidents of a run."""
    given = tuple(incidents)
    ledger = open_ledger(scene, given)
    return tuple(_nearby(incident, scene, ledger) for incident in given)


def _nearby(incident: Incident, scene: Scene, ledger: Ledger) -> Nearby:
    symptoms = incident.symptoms.filter(pl.col("role") == "symptom")
    symptoms = symptoms if symptoms.height else incident.symptoms
    reach = timedelta(seconds=max((cause.look_back for cause in scene.rules.causes.values()), default=0.0))
    earliest = incident.start - reach
    return Nearby(
        scene=scene,
        ledger=ledger,
        start=incident.start,
        end=incident.end,
        symptoms=symptoms,
        classed=classify_symptoms(symptoms, scene),
        hosts=tuple(host for host in incident.hosts if host in scene.machines),
        earliest=earliest,
        dated_by=tuple(symptoms["source"].unique()),
        strangers=incident.strangers,
        sites=incident.sites,
    )


def look_for(
    signs: Iterable[Sign], cause: Cause, nearby: Nearby, *, passing: bool = True
) -> tuple[tuple[Sign, Cited], ...]:
    """The signs that are there, each with what was found; what rests on the same lines weighs once.

    ``passing``: also what befalls links that come and go with containers; a container's end refutes nothing.
    """
    seen = [(sign, rows) for sign in signs if (rows := rows_near(sign, cause, nearby)).height]
    kept = [(sign, rows if passing or sign.pattern else rows.filter(~pl.col("ephemeral"))) for sign, rows in seen]
    return counted_once([(sign, _cite(sign, rows, nearby)) for sign, rows in kept if rows.height])


def _believed(name: str, cause: Cause, nearby: Nearby) -> pl.DataFrame:
    is_pattern = name in nearby.scene.rules.patterns
    if not is_pattern and name in nearby.scene.rules.sources:
        return nearby.scene.brief.clear()
    subject = {"pattern": name} if is_pattern else {"event": name}
    rows = rows_near(Sign.model_construct(None, **subject, strength="weak", says=""), cause, nearby)
    told = pl.col("trusted").fill_null(value=True) & ~(pl.col("open") if is_pattern else pl.lit(value=False))
    return rows.filter(told) if rows.height else rows


def rows_near(sign: Sign, cause: Cause, nearby: Nearby) -> pl.DataFrame:
    """The event rows that show the sign of the cause near the incident, earliest first."""
    since, until = nearby.since(cause), nearby.until
    rows = nearby.ledger.rows_of(sign)
    if sign.pattern is None or rows.frame.is_empty():
        return _of_the_place(rows.between(since, until), nearby)
    touching = _of_the_place(rows.frame.filter((pl.col("begin") <= until) & (pl.col("end") >= since)), nearby)
    if sign.trigger is not False:  # a match that dates the cause to another time is none of this incident
        dates = pl.col("step") == sign.trigger if isinstance(sign.trigger, str) else pl.lit(value=True)
        near = touching.filter(dates & pl.col("time").is_between(since, until))
        touching = touching.filter(pl.col("match").is_in(near["match"].implode()))
    whole = touching.filter(~pl.col("open"))
    return whole if whole.height else touching


def _of_the_place(rows: pl.DataFrame, nearby: Nearby) -> pl.DataFrame:
    if not nearby.strangers or rows.is_empty():
        return rows
    return rows.filter(~pl.col("host").is_in(sorted(nearby.strangers)).fill_null(value=False))


def _cite(sign: Sign, rows: pl.DataFrame, nearby: Nearby) -> Cited:
    """What the rows say. Where some lines can be believed, those of contradicted origin are left out altogether."""
    trusted = _trust(rows)
    rows = rows if trusted is False or rows["trusted"].all() else rows.filter(pl.col("trusted").fill_null(value=True))
    ordered = rows.unique("id", keep="first", maintain_order=True)
    strength, is_open = sign.strength, sign.pattern is not None and bool(rows["open"].all())
    grade = weights.GRADES.index(strength) - is_open
    weight = weights.STRENGTH[weights.GRADES[grade]] if grade >= 0 and trusted is not False else 0.0
    first = nearby.scene.with_fields(ordered.head(1)).row(0, named=True) if holes(sign.says) else None
    says = fill(sign.says, first, ordered.height)
    unverified = trusted is None and bool(ordered["unverified"].all())
    weight = weights.doubted(weight) if unverified else weight
    return Cited(
        says=f"{says} ({_UNVERIFIED})" if unverified else says,
        strength=weights.GRADES[max(grade, 0)],
        rows=tuple(ordered["id"].head(_CITED)),
        trusted=trusted,
        weight=weight,
        found=ordered[list(ROW)],
        dated=_dated(sign, rows, strength, nearby) if weight else ordered[list(ROW)].clear(),
        open=is_open,
    )


def _dated(sign: Sign, rows: pl.DataFrame, strength: Strength, nearby: Nearby) -> pl.DataFrame:
    """The rows that date the cause. Everyday lines date nothing: mere context, unless it is strong evidence, and what
    is as frequent when nothing fails.
    """
    if sign.trigger is False:
        return rows[list(ROW)].clear()
    if isinstance(sign.trigger, str):
        rows = rows.filter(pl.col("step") == sign.trigger)
    if strength in ("weak", "moderate"):
        rows = rows.filter((pl.col("role") != "context") | (pl.col("impact") > 0))
    dated = rows.unique("id", keep="first", maintain_order=True)
    if dated.height and sign.event is not None and not dated["impact"].sum() and _is_everyday(sign, dated, nearby):
        dated = dated.clear()
    return dated[list(ROW)]


def _is_everyday(sign: Sign, dated: pl.DataFrame, nearby: Nearby) -> bool:
    """Whether chance alone would bring such a line near an incident: it comes as often when nothing fails."""
    often = nearby.ledger.elsewhere(sign, dated["host"].drop_nulls().unique())
    calm = nearby.ledger.calm()
    if often < weights.EVERYDAY or not calm:
        return False
    return poisson_tail(1, often * ((nearby.until - nearby.start) / calm)) > weights.HABIT_P


def _trust(rows: pl.DataFrame) -> bool | None:
    """True if journald vouches for one of the rows; False if it contradicts all; None if no format could say."""
    if rows["trusted"].any():
        return True
    return False if rows["trusted"].null_count() == 0 else None


def counted_once(signs: Iterable[tuple[Sign, Cited]]) -> tuple[tuple[Sign, Cited], ...]:
    """The same fact proves something once: a sign that rests on nothing new adds no weight.

    What one program of a machine says again within the time in which writers may print out of order is the same fact,
    as where its log was given twice: from the journal, and as a file of its own. Another program or machine that says
    the same is another witness, of which the best sign takes account (``weights.WITNESS``).
    """
    records: set[int] = set()
    facts: set[tuple[str, str | None, str | None, int]] = set()
    kept = []
    for sign, cited in sorted(signs, key=lambda pair: -pair[1].weight):
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


def _facts(found: pl.DataFrame) -> list[tuple[int, str, str | None, str | None, int]]:
    slot = pl.col("time").dt.timestamp("us") // int(weights.REORDERING * 1e6)
    return found.select("id", "event", "host", "program", slot).rows()


def missing_of(
    signs: Iterable[Sign], found: Iterable[tuple[Sign, Cited]], cause: Cause, hosts: tuple[str, ...], nearby: Nearby
) -> tuple[tuple[Missing, float], ...]:
    """The signs that should be there and are not, with what their absence costs.

    What was seen is not missing, even if nobody could observe it to its end. Where a sign as strong dates the cause,
    another that would date it, in another program's or version's words, costs nothing; but nothing is confirmed then.
    """
    seen = [sign for sign, cited in found if cited.trusted is not False]
    dated = max((cited.weight for _, cited in found if cited.dated.height and cited.trusted is not False), default=0.0)
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

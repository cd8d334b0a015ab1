"""Looking for signs: the lines near an incident that speak for or against a cause, and those that should be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from logcorr.diagnosis import weights
from logcorr.diagnosis.classes import Classed, classify_symptoms
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.scene import Scene
from logcorr.model import Missing, Strength
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Cause, Sign

_AFTERMATH = timedelta(seconds=60)
_CITED = 5
_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)?)\}")
ROW = ("id", "event", "role", "host", "program", "source", "time", "time_lo", "time_hi")


@dataclass(frozen=True, slots=True)
class Nearby:
    """What lies near one incident, laid out so that a sign is found by its name."""

    scene: Scene
    start: datetime
    end: datetime
    until: datetime  # the end, and a while after it
    events: Mapping[str, pl.DataFrame]  # by event name
    matches: Mapping[str, pl.DataFrame]  # by pattern: the event rows that matched, with the match's begin and end
    symptoms: pl.DataFrame  # of the incident; all its records where none is a mere symptom
    classed: Classed  # what these symptoms are
    limited: frozenset[str]  # events whose program suppresses repeats
    hosts: tuple[str, ...]  # the machines that noticed and whose own logs were given


@dataclass(frozen=True, slots=True)
class Cited:
    """One sign that was found. ``rows`` are timeline ids; ``weight`` is what it adds to or takes from the score."""

    says: str
    strength: Strength
    rows: tuple[int, ...]
    trusted: bool | None
    weight: float
    found: pl.DataFrame  # ROW; earliest first
    dated: pl.DataFrame  # those of them that date the onset of the cause


def look_around(incident: Incident, scene: Scene) -> Nearby:
    """Cut the events and matches that any cause may look at out of the run."""
    reach = max((cause.look_back for cause in scene.rules.causes.values()), default=0.0)
    since, until = incident.start - timedelta(seconds=reach), incident.end + _AFTERMATH
    events = scene.brief.filter(pl.col("time").is_between(since, until))
    matches = scene.matches.filter(
        (pl.col("outcome") == "matched") & (pl.col("begin") <= until) & (pl.col("end") >= since)
    )
    spread = matches.select("pattern", "end", match=pl.int_range(pl.len()), id="records", step="steps")
    spread = spread.explode("id", "step")
    rows = scene.of(spread["id"])
    rows = rows.unique("id", keep="first", maintain_order=True)
    joined = rows.join(spread, on="id", how="inner", maintain_order="left")
    joined = joined.with_columns(trusted=_weakest(pl.col("trusted")).over("match"))
    symptoms = incident.symptoms.filter(pl.col("role") == "symptom")
    symptoms = symptoms if symptoms.height else incident.symptoms
    shown = events.with_columns(step=pl.lit(None, pl.String))
    return Nearby(
        scene=scene,
        start=incident.start,
        end=incident.end,
        until=until,
        events={str(name): part for (name,), part in shown.group_by("event", maintain_order=True)},
        matches={str(name): part for (name,), part in joined.group_by("pattern", maintain_order=True)},
        symptoms=symptoms,
        classed=classify_symptoms(symptoms, scene),
        limited=frozenset(events.filter(pl.col("limited"))["event"].unique()),
        hosts=tuple(host for host in incident.hosts if host in scene.machines),
    )


def look_for(
    signs: Iterable[Sign], cause: Cause, nearby: Nearby
) -> tuple[tuple[Cited, ...], tuple[tuple[Missing, float], ...]]:
    """The signs that are there, and those that should be and are not, with what their absence costs."""
    since = nearby.start - timedelta(seconds=cause.look_back)
    found: list[Cited] = []
    missing: list[tuple[Missing, float]] = []
    for sign in signs:
        rows = _rows_of(sign, since, nearby)
        if rows is not None and rows.height:
            found.append(_cite(sign, rows, since, nearby.scene))
        if sign.expect != "sometimes" and (rows is None or not rows["trusted"].fill_null(value=True).any()):
            observable = _observable(sign, cause, since, nearby)
            penalty = weights.MISSING[sign.expect] if observable else 0.0
            missing.append((Missing(says=fill(sign.says, None, 0), observable=observable), penalty))
    return counted_once(found), tuple(missing)


def _rows_of(sign: Sign, since: datetime, nearby: Nearby) -> pl.DataFrame | None:
    """The event rows that show the sign, from ``since`` on; None where its event or pattern never occurs."""
    if sign.pattern is not None:
        part = nearby.matches.get(sign.pattern)
        if part is None:
            return None
        rows = _timely(part.filter(pl.col("end") >= since), sign, since, nearby.until)
    else:
        wanted = (sign.event,) if isinstance(sign.event, str) else (sign.event or ())
        parts = [part for name, part in nearby.events.items() if glob_matches(name, wanted)]
        if not parts:
            return None
        rows = (pl.concat(parts) if len(parts) > 1 else parts[0]).filter(pl.col("time") >= since)
    if sign.on is not None:
        on_router = pl.col("host").is_in(list(nearby.scene.routers)).fill_null(value=False)
        rows = rows.filter(on_router if sign.on == "router" else ~on_router)
    if not sign.where or rows.is_empty():
        return rows
    told = nearby.scene.with_fields(rows)
    return rows.filter(told.select(all_hold(sign.where, told.schema)).to_series())


def believed(name: str, cause: Cause, nearby: Nearby) -> pl.DataFrame:
    """The rows near the incident that show an event (globs allowed) or a pattern, and that nothing contradicts."""
    since = nearby.start - timedelta(seconds=cause.look_back)
    if name in nearby.scene.rules.patterns:
        sign = Sign(pattern=name, strength="weak", says="")
    elif name in nearby.scene.rules.sources:
        return nearby.scene.brief.clear()
    else:
        sign = Sign(event=name, strength="weak", says="")
    rows = _rows_of(sign, since, nearby)
    if rows is None:
        return nearby.scene.brief.clear()
    return rows.filter(pl.col("trusted").fill_null(value=True)).sort("time", "id")


def _timely(rows: pl.DataFrame, sign: Sign, since: datetime, until: datetime) -> pl.DataFrame:
    """Without the matches that date the cause to another time, where the sign dates it at all."""
    if sign.trigger is not False:
        dates = pl.col("step") == sign.trigger if isinstance(sign.trigger, str) else pl.lit(value=True)
        near = rows.filter(dates & pl.col("time").is_between(since, until))
        rows = rows.filter(pl.col("match").is_in(near["match"].implode()))
    return rows.drop("end", "match", "pattern")


def _cite(sign: Sign, rows: pl.DataFrame, since: datetime, scene: Scene) -> Cited:
    """What the rows say. Where some lines can be believed, those of contradicted origin are left out altogether."""
    trusted = _trust(rows)
    rows = rows if trusted is False else rows.filter(pl.col("trusted").fill_null(value=True))
    rows = rows.sort("time", "id")
    ordered = rows.unique("id", keep="first", maintain_order=True)
    dates = pl.col("step") == sign.trigger if isinstance(sign.trigger, str) else pl.lit(value=sign.trigger)
    dated = rows.filter(dates & (pl.col("time") >= since)).unique("id", maintain_order=True)
    factor = weights.UNTRUSTED if trusted is False else 1.0
    return Cited(
        says=fill(sign.says, scene.with_fields(ordered.head(1)).row(0, named=True), ordered.height),
        strength=sign.strength,
        rows=tuple(ordered["id"].head(_CITED)),
        trusted=trusted,
        weight=weights.STRENGTH[sign.strength] * factor,
        found=ordered[list(ROW)],
        dated=dated[list(ROW)],
    )


def _trust(rows: pl.DataFrame) -> bool | None:
    """True if journald vouches for one of the rows; False if it contradicts all; None if no format could say."""
    if rows["trusted"].any():
        return True
    return False if rows["trusted"].null_count() == 0 else None


def _weakest(trusted: pl.Expr) -> pl.Expr:
    """A match is worth its weakest line: False where one is contradicted, True where all are vouched for."""
    return pl.when((~trusted).any()).then(statement=False).when(trusted.all(ignore_nulls=False)).then(statement=True)


def counted_once(signs: Iterable[Cited]) -> tuple[Cited, ...]:
    """The same fact proves something once: a sign that rests on nothing new adds no weight.

    What one program says again within the time in which writers may print out of order is the same fact, as where its
    log was given twice: from the journal, and as a file of its own.
    """
    records: set[int] = set()
    facts: set[tuple[str, str | None, int]] = set()
    kept = []
    for cited in sorted(signs, key=lambda item: -item.weight):
        found = _facts(cited.found)
        new = any(
            record not in records
            and not {(event, program, at), (event, program, at - 1), (event, program, at + 1)} & facts
            for record, event, program, at in found
        )
        kept.append(cited if new else replace(cited, weight=0.0))
        records |= {fact[0] for fact in found}
        facts |= {fact[1:] for fact in found}
    return tuple(kept)


def _facts(found: pl.DataFrame) -> list[tuple[int, str, str | None, int]]:
    slot = pl.col("time").dt.timestamp("us") // int(weights.REORDERING * 1e6)
    return found.select("id", "event", "program", slot).rows()


def holes(template: str) -> set[str]:
    """The fields that a template uses."""
    return {name.rsplit(".", 1)[-1] for name in _PLACEHOLDER.findall(template)} - {"n"}


def fill(template: str, row: dict[str, Any] | None, count: int) -> str:
    """The template with ``{n}`` and the row's fields put in; what is not known becomes its own name in words."""
    fields = dict(row.get("fields") or {}) if row else {}

    def value(found: re.Match[str]) -> str:
        name = found[1].rsplit(".", 1)[-1]
        if name == "n":
            return str(count) if count else "several"
        known = fields.get(name) or (row or {}).get(name)
        return str(known) if known is not None else f"the {name.replace('_', ' ')}"

    return _PLACEHOLDER.sub(value, template)


def _observable(sign: Sign, cause: Cause, since: datetime, nearby: Nearby) -> bool:
    """Whether some source would have shown the sign, had it been there, up to when the incident began."""
    scene, wanted = nearby.scene, _events_of(sign, nearby.scene)
    if sign.pattern is None and any(name in nearby.limited for name in wanted):
        return False
    if scene.kinds.held_back(wanted, nearby.hosts, since, nearby.until):
        return False
    begun = nearby.start + timedelta(seconds=weights.STRAY)
    return any(scene.sees(kind, cause, nearby.hosts, since, begun) for kind in sign.sources or cause.needs)


def _events_of(sign: Sign, scene: Scene) -> tuple[str, ...]:
    """The events (names or globs) that a sign rests on."""
    if sign.pattern is not None:
        pattern = scene.rules.patterns.get(sign.pattern)
        return pattern.events() if pattern else ()
    return (sign.event,) if isinstance(sign.event, str) else (sign.event or ())

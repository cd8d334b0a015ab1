"""The causal chain: from the root, over hosts and clocks, to the symptoms, and back where a reaction feeds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.words import describe_event
from logcorr.model import ChainRole, ChainStep, LoopTurn
from logcorr.rulebook.models import Rulebook

_MOST = 12
_SYMPTOMS = 5
_OF_EACH_SIGN = 2


def build_chain(outcome: Outcome, incident: Incident, scene: Scene) -> list[tuple[ChainStep, tuple[int, ...]]]:
    """The chain in the order of time, each step with the timeline ids it cites.

    The first is the root; where the root is not in the logs, an inferred step stands for it. What stands before the
    root by its clock is no step, however doubtful the clocks: the chain states an order, and this one is not known.
    """
    steps: dict[int, tuple[ChainRole, dict[str, Any]]] = {}

    def add(rows: Iterable[dict[str, Any]], role: ChainRole) -> None:
        for row in rows:
            steps.setdefault(int(row["id"]), (role, row))

    if outcome.root is not None:
        add(first_of_each(outcome.root.triggers, scene, 1), "root")
    since = min((row["time"] for _, row in steps.values()), default=incident.start)
    suffers = (pl.col("role") == "symptom") | pl.col("lost").is_not_null() | pl.col("trigger")
    shown = incident.symptoms.filter(suffers & (pl.col("time") >= since))
    add(_first_of_each_family(_own(shown, outcome.contributing), scene), "symptom")
    for cause in outcome.contributing:
        add((row for row in _reaction(cause, scene) if row["time"] >= since), "step")
    ordered = sorted(steps.values(), key=_in_time)[:_MOST]
    recovery = _recovery(outcome, incident, scene)
    if recovery is not None and recovery["id"] not in {row["id"] for _, row in ordered}:
        ordered = sorted([*ordered, ("recovery", recovery)], key=_in_time)
    chain = _told_once(_step(row, role, scene.rules) for role, row in ordered)
    return chain if outcome.root is not None else [_unknown(incident), *chain]


def _in_time(step: tuple[ChainRole, dict[str, Any]]) -> tuple[datetime, bool]:
    role, row = step
    return row["time"], role != "root"


def _told_once(
    steps: Iterable[tuple[ChainStep, tuple[int, ...]]],
) -> list[tuple[ChainStep, tuple[int, ...]]]:
    """Without symptoms that read like one before them: two programs of a host say the same of one failure."""
    kept: dict[tuple[str, str | None, str], tuple[ChainStep, tuple[int, ...]]] = {}
    for number, (step, rows) in enumerate(steps):
        key = (step.text, step.host, step.role if step.role == "symptom" else str(number))
        kept.setdefault(key, (step, rows))
    return list(kept.values())


def loop_sentence(outcome: Outcome, incident: Incident) -> str | None:
    """The feedback loop, where a contributing cause reacts to the failure and makes it again."""
    for item in outcome.contributing:
        times = _acts(item, incident).height
        if times > 1:
            return (
                f"Failure, reaction, failure: {item.cause.title[0].lower()}{item.cause.title[1:]} ({times} times here)."
            )
    return None


def loop_turns(outcome: Outcome, incident: Incident, scene: Scene) -> list[tuple[LoopTurn, tuple[int, ...]]]:
    """The turns of that loop, each with the timeline ids it cites: what failed last before the reaction, and that."""
    for item in outcome.contributing:
        acts = _acts(item, incident)
        if acts.height > 1:
            firsts = acts.head(_MOST).select("id", "event")
            return [_turn(row, item, incident, scene) for row in _full(firsts, scene)]
    return []


def _acts(item: Weighed, incident: Incident) -> pl.DataFrame:
    """The first record of each reaction within the incident; none of a cause that reacts to nothing."""
    inside = pl.col("time") >= incident.start
    if not incident.ongoing:
        inside &= pl.col("time") <= incident.end
    acts = item.triggers.filter(inside).sort("time", "id")
    apart = (acts["time"].diff().dt.total_seconds() > weights.ONE_ACT).fill_null(value=True)
    return acts.filter(apart) if item.cause.reacts_to else acts.clear()


def _turn(
    reaction: dict[str, Any], item: Weighed, incident: Incident, scene: Scene
) -> tuple[LoopTurn, tuple[int, ...]]:
    """The failure is the first of the kinds that the cause reacts to, in the order in which it names them."""
    near = pl.col("time").is_between(reaction["time"] - timedelta(seconds=item.cause.look_back), reaction["time"])
    rank = {event: place for place, event in enumerate(item.cause.reacts_to)}
    before = incident.symptoms.filter(near & pl.col("event").is_in(list(rank)))
    ranked = before.with_columns(rank=pl.col("event").replace_strict(rank)).sort(
        ["rank", "time"], descending=[True, False]
    )
    failures = _full(ranked.tail(1).select("id", "event"), scene)
    failure = failures[0] if failures else None
    turn = LoopTurn(
        failed=failure["time"] if failure else None,
        failure=describe_event(failure, scene.rules) if failure else None,
        reacted=reaction["time"],
        reaction=describe_event(reaction, scene.rules),
    )
    return turn, tuple(int(row["id"]) for row in (failure, reaction) if row)


def _own(symptoms: pl.DataFrame, contributing: tuple[Weighed, ...]) -> pl.DataFrame:
    """The symptoms that no reaction brought about."""
    made = {row for item in contributing for row in item.explained}
    rest = symptoms.filter(~pl.col("id").is_in(list(made)))
    return rest if rest.height else symptoms


def first_of_each(rows: pl.DataFrame, scene: Scene, most: int) -> list[dict[str, Any]]:
    """The first row of each event, as full event rows."""
    firsts = rows.sort("time", "id").unique("event", keep="first", maintain_order=True).head(most)
    return _full(firsts.select("id", "event"), scene)


def _first_of_each_family(rows: pl.DataFrame, scene: Scene) -> list[dict[str, Any]]:
    """The first row of each kind of symptom (dns.*, derp.*, peer.* ...), the most frequent kinds."""
    family = rows.with_columns(family=pl.col("event").str.extract(r"^([^.]+)"))
    frequent = family.group_by("family").len().sort(["len", "family"], descending=[True, False]).head(_SYMPTOMS)
    firsts = family.join(frequent, on="family", how="semi").sort("time", "id").unique("family", keep="first")
    return _full(firsts.select("id", "event"), scene)


def _full(wanted: pl.DataFrame, scene: Scene) -> list[dict[str, Any]]:
    rows = scene.with_fields(scene.of(wanted["id"]).join(wanted, on=["id", "event"], how="semi"))
    messages = scene.records(rows["id"]).select("id", "message")
    return rows.join(messages, on="id", how="left").sort("time", "id").rows(named=True)


def _reaction(item: Weighed, scene: Scene) -> list[dict[str, Any]]:
    """What a contributing cause reacted to, did, and brought about the first time: the first rows of its signs."""
    if item.onset is None:
        return []
    first = [cited.found.filter(pl.col("time") >= item.onset).head(_OF_EACH_SIGN) for cited in item.supports]
    rows = pl.concat(first).filter(pl.col("time") <= item.onset + timedelta(seconds=item.cause.look_back))
    return first_of_each(rows, scene, _MOST)


def _recovery(outcome: Outcome, incident: Incident, scene: Scene) -> dict[str, Any] | None:
    """What ended the root, or the first sign of recovery after the last symptom."""
    if incident.ongoing:
        return None
    ends = outcome.root.cause.ends_with if outcome.root else ()
    near = timedelta(seconds=weights.STRAY)
    over = scene.named(ends).filter(pl.col("time").is_between(incident.end - near, incident.end + near)).tail(1)
    if over.is_empty():
        late = pl.col("time").is_between(incident.end, incident.end + 3 * near)
        here = pl.col("host").is_in(list(incident.hosts)) if incident.hosts else pl.lit(value=True)
        believed = pl.col("trusted").fill_null(value=True)
        over = scene.brief.filter((pl.col("role") == "recovery") & late & here & believed).head(1)
    found = _full(over.select("id", "event"), scene)
    return found[0] if found else None


def _step(row: dict[str, Any], role: ChainRole, rules: Rulebook) -> tuple[ChainStep, tuple[int, ...]]:
    step = ChainStep(
        time=row["time"],
        host=row["host"],
        event=str(row["event"]),
        text=describe_event(row, rules),
        role=role,
        observed=True,
    )
    return step, (int(row["id"]),)


def _unknown(incident: Incident) -> tuple[ChainStep, tuple[int, ...]]:
    text = "The root cause is not in these logs; first symptom:"
    return ChainStep(time=incident.start, host=None, event="unknown", text=text, role="root", observed=False), ()

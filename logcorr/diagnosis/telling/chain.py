"""The causal chain: from the root, over hosts and clocks, to the symptoms, and back where a reaction feeds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.lines import Lines, times
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.recovery import recovered
from logcorr.diagnosis.telling.words import describe_event
from logcorr.model import ChainRole, ChainStep, LoopTurn
from logcorr.rulebook.models import Rulebook
from logcorr.times.micros import NEVER, SECOND, Ints, to_micros

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
        add(_first_lines(outcome.root.triggers, scene, 1), "root")
    since = min((row["time"] for _, row in steps.values()), default=incident.start)
    suffers = (pl.col("role") == "symptom") | pl.col("lost").is_not_null() | pl.col("trigger")
    shown = incident.symptoms.filter(suffers & (pl.col("time") >= since))
    add(_first_of_each_family(_own(shown, outcome.contributing), scene), "symptom")
    for cause in outcome.contributing:
        add((row for row in _reaction(cause, scene) if row["time"] >= since), "step")
    ordered = sorted(steps.values(), key=_in_time)[:_MOST]
    known = {row["id"] for _, row in ordered}
    for recovery in _full(recovered(outcome, incident, scene), scene):
        if recovery["id"] not in known:
            ordered = sorted([*ordered, ("recovery", recovery)], key=_in_time)
    chain = _told_once(_step(row, role, scene.rules) for role, row in ordered)
    return chain if outcome.root is not None else [_unknown(outcome, incident), *chain]


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
        often = len(_acts(item, incident))
        if often > 1:
            return (
                f"Failure, reaction, failure: {item.cause.title[0].lower()}{item.cause.title[1:]} ({often} times here)."
            )
    return None


def loop_turns(outcome: Outcome, incident: Incident, scene: Scene) -> list[tuple[LoopTurn, tuple[int, ...]]]:
    """The turns of that loop, each with the timeline ids it cites: what failed last before the reaction, and that."""
    for item in outcome.contributing:
        acts = _acts(item, incident)
        if len(acts) > 1:
            before = _reacted_to(item, incident)
            return [_turn(row, item, before, scene) for row in _full(acts.at[:_MOST], scene)]
    return []


def _acts(item: Weighed, incident: Incident) -> Lines:
    """The first record of each reaction within the incident; none of a cause that reacts to nothing."""
    if not item.cause.reacts_to or not item.triggers:
        return item.triggers.take(slice(0))
    over = NEVER if incident.ongoing else to_micros(incident.end)
    acts = item.triggers.between(to_micros(incident.start), over)
    return acts.take(np.diff(acts.time, prepend=-NEVER) // SECOND > weights.ONE_ACT)


def _reacted_to(item: Weighed, incident: Incident) -> tuple[Ints, Ints, pl.DataFrame]:
    """The failures that a cause reacts to, by time: when (µs), the place of each in what the cause names, id, event."""
    rank = {event: place for place, event in enumerate(item.cause.reacts_to)}
    failed = incident.symptoms.filter(pl.col("event").is_in(list(rank)))
    ranks = failed["event"].replace_strict(rank, return_dtype=pl.Int64).to_numpy()
    return times(failed["time"]), ranks, failed.select("id", "event")


def _turn(
    reaction: dict[str, Any], item: Weighed, before: tuple[Ints, Ints, pl.DataFrame], scene: Scene
) -> tuple[LoopTurn, tuple[int, ...]]:
    """The failure is the last of the first kind that the cause reacts to, in the order in which it names them."""
    failed, ranks, rows = before
    reacted = to_micros(reaction["time"])
    low, high = np.searchsorted(failed, (reacted - round(item.cause.look_back * SECOND), reacted + 1), "left")
    best = low + np.flatnonzero(ranks[low:high] == ranks[low:high].min())[-1:] if high > low else []
    failures = _full(_at(rows[[int(row) for row in best]], scene), scene)
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
    """The first row of each event of symptoms, as full event rows."""
    firsts = rows.sort("time", "id").unique("event", keep="first", maintain_order=True).head(most)
    return _full(_at(firsts, scene), scene)


def _first_lines(rows: Lines, scene: Scene, most: int) -> list[dict[str, Any]]:
    """The first line of each event, as full event rows."""
    ordered = rows.take(np.lexsort((rows.id, rows.time)))
    _, first = np.unique(ordered.event, return_index=True)
    return _full(ordered.at[np.sort(first)[:most]], scene)


def _first_of_each_family(rows: pl.DataFrame, scene: Scene) -> list[dict[str, Any]]:
    """The first row of each kind of symptom (dns.*, derp.*, peer.* ...), the most frequent kinds."""
    family = rows.sort("time", "id").group_by(pl.col("event").str.extract(r"^([^.]+)").alias("family"))
    first = family.agg(pl.len(), pl.col("id", "event").first())
    return _full(_at(first.sort(["len", "family"], descending=[True, False]).head(_SYMPTOMS), scene), scene)


def _at(wanted: pl.DataFrame, scene: Scene) -> Ints:
    """The rows of Scene.brief that some records (id) report as some events (event)."""
    told = set(wanted.select("id", "event").rows())
    at, columns = scene.at(wanted["id"].to_numpy()), scene.columns
    named = zip(at.tolist(), columns.id[at].tolist(), columns.event.numbers[at].tolist(), strict=True)
    rows = [row for row, record, number in named if (record, columns.event.names[number]) in told]
    return np.array(rows, dtype=np.int64)


def _full(at: Ints, scene: Scene) -> list[dict[str, Any]]:
    """Rows of Scene.brief, in order, with their fields and messages."""
    rows = scene.told(np.unique(at))
    messages = scene.messages(row["id"] for row in rows)
    return [{**row, "message": messages[row["id"]]} for row in rows]


def _reaction(item: Weighed, scene: Scene) -> list[dict[str, Any]]:
    """What a contributing cause reacted to, did, and brought about the first time: the first rows of its signs."""
    if item.onset is None:
        return []
    since, until = to_micros(item.onset), to_micros(item.onset + timedelta(seconds=item.cause.look_back))
    first = [cited.found.take(cited.found.time >= since).at[:_OF_EACH_SIGN] for cited in item.supports]
    rows = Lines(scene.columns, np.concatenate(first))
    return _first_lines(rows.take(rows.time <= until), scene, _MOST)


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


def _unknown(outcome: Outcome, incident: Incident) -> tuple[ChainStep, tuple[int, ...]]:
    text = f"{outcome.left_open[0].upper()}{outcome.left_open[1:]}; first symptom:"
    return ChainStep(time=incident.start, host=None, event="unknown", text=text, role="root", observed=False), ()

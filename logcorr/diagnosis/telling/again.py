"""Incidents that came again: those of one cause at one place are one headline, with the list of their times.

Nothing is claimed but that it happened so often between the first and the last; two or three times have no rhythm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.verdicts import Case
from logcorr.model import Outage, Recurrence

#: Statuses, the surest first: the occurrence that shows most is told in detail.
_SUREST: Final = ("confirmed", "likely", "possible", "undetermined")

#: Fields that name whom a line speaks of, beside those by which states tell things apart.
_FAR_END: Final = frozenset({"remote_ip", "server", "peer", "unit", "interface"})
_LINES: Final = 20  # of those that date the cause, whose names are compared


@dataclass(frozen=True, slots=True)
class _Place:
    """What failed where, and why."""

    cause: str
    hosts: frozenset[str]
    symptoms: frozenset[tuple[str, str]]  # of an open cause: what failed (event) on which host; else none
    first: str  # of an open cause: the first symptom in words; else none


def told_once(cases: Sequence[Case], scene: Scene) -> tuple[Case, ...]:
    """The cases, with those of one cause at one place as one, where the first of them stands. What something made worse
    stays by itself, for that is told of one time: the turns of a loop are none of another's.
    """
    alike: dict[_Place, list[int]] = {}
    for position, case in enumerate(cases):
        if case.incident.openings != ("unknown",) and not case.outcome.contributing:
            alike.setdefault(_place(case), []).append(position)
    told: dict[int, Case] = dict(enumerate(cases))
    for positions in alike.values():
        for run in _runs([(position, cases[position]) for position in positions], scene):
            told[min(run)] = _as_one([cases[position] for position in run])
            for position in run - {min(run)}:
                del told[position]
    return tuple(told.values())


def _place(case: Case) -> _Place:
    root, rows = case.outcome.root, case.incident.symptoms
    hosts = frozenset(case.incident.hosts)
    if root is not None:
        return _Place(root.cause.id, hosts, frozenset(), "")
    first = next((step.text for step, _ in case.chain if step.role == "symptom"), "")
    return _Place("", hosts, frozenset(rows.select("event", pl.col("host").fill_null("")).rows()), first)


def _runs(given: list[tuple[int, Case]], scene: Scene) -> Iterable[set[int]]:
    """Positions of those that follow each other within days and have a thing in common. Of two, both have to last: one
    that is over within minutes is no occurrence of an outage of hours.
    """
    runs: list[list[tuple[int, Case]]] = []
    for position, case in sorted(given, key=lambda each: each[1].incident.start):
        for run in runs:
            last = max(each.incident.end for _, each in run)
            if case.incident.start - last <= weights.AGAIN and _same_thing(case, run[0][1], scene):
                run.append((position, case))
                break
        else:
            runs.append([(position, case)])
    for run in runs:
        brief = any(_lasted(case.incident) < timedelta(seconds=weights.STRAY) for _, case in run)
        if len(run) >= weights.FEWEST_INCIDENTS or (len(run) > 1 and not brief):
            yield {position for position, _ in run}


def _same_thing(one: Case, other: Case, scene: Scene) -> bool:
    """Whether what was lost, and what the cause's lines name (an interface, a peer, a server), is the same in both as
    far as both name it.
    """
    mine, others = (_things(case, scene) for case in (one, other))
    return all(mine[name] & others[name] for name in mine.keys() & others.keys())


def _things(case: Case, scene: Scene) -> dict[str, set[str]]:
    """What an incident lost, by kind; and the names in the lines that date its cause, by field."""
    found: dict[str, set[str]] = {}
    for kind, thing in case.incident.symptoms.drop_nulls(["lost", "object"]).select("lost", "object").rows():
        found.setdefault(f"lost {kind}", set()).add(thing)
    naming = {name for kind in scene.rules.states.values() for name in kind.of} | _FAR_END
    root = case.outcome.root
    for row in scene.told(root.triggers.at[:_LINES]) if root else ():
        for name, value in row["fields"].items():
            if name in naming:
                found.setdefault(name, set()).add(str(value))
    return found


def _lasted(incident: Incident) -> timedelta:
    return incident.end - incident.start


def _as_one(cases: list[Case]) -> Case:
    """The one that shows most, with the times of all."""
    ordered = sorted(cases, key=lambda case: case.incident.start)
    shown = min(ordered, key=lambda case: _SUREST.index(case.outcome.status))
    incidents = [case.incident for case in ordered]
    incident = replace(
        shown.incident,
        start=incidents[0].start,
        end=max(each.end for each in incidents),
        weight=sum(each.weight for each in incidents),
        symptoms=pl.concat([each.symptoms for each in incidents], how="diagonal").unique("id").sort("time", "id"),
        ongoing=any(each.ongoing for each in incidents),
        openings=tuple(dict.fromkeys(name for each in incidents for name in each.openings)),
        recurrence=_recurrence(incidents),
        doubtful=tuple(dict.fromkeys(host for each in incidents for host in each.doubtful)),
    )
    return replace(shown, incident=incident)


def _recurrence(incidents: Sequence[Incident]) -> Recurrence:
    lasted = [_lasted(each).total_seconds() for each in incidents]
    over = [None if each.ongoing else seconds for each, seconds in zip(incidents, lasted, strict=True)]
    return Recurrence(
        count=len(incidents),
        outages=tuple(
            Outage(start=each.start, end=None if each.ongoing else each.end, duration_s=seconds)
            for each, seconds in zip(incidents, over, strict=True)
        ),
        shortest_s=round(min(lasted), 3),
        longest_s=round(max(lasted), 3),
    )

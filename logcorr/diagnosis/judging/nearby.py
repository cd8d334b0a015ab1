"""What lies near an incident: the rows in which signs of its causes are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Classed, classify_symptoms
from logcorr.diagnosis.judging.ledger import Ledger, open_ledger
from logcorr.diagnosis.lines import CONTRADICTED, Lines, Symptoms
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import Sites
from logcorr.rulebook.models import Cause, Sign
from logcorr.times.micros import Bools, Ints, to_micros


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
    own: Ints  # the records of the incident
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
    scene, strangers = ledger.scene, incident.strangers
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
        own=incident.symptoms["id"].to_numpy(),
        strange=scene.columns.host.among(strangers) if strangers else None,
        sites=incident.sites,
    )


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
    ``trigger`` is the step that dates it, True for any. Of a match that ends in a line of the incident itself the
    pattern says how much earlier that step may be.
    """
    if not rows:
        return rows
    since, until = nearby.span(cause)
    touching = _of_the_place(rows.take((rows.more["begin"] <= until) & (rows.more["end"] >= since)), nearby)
    if trigger is not None:
        near = (touching.time >= since) & (touching.time <= until)
        if isinstance(trigger, str):
            near &= touching.more["step"] == trigger
        near |= np.isin(touching.id, nearby.own) & (touching.time == touching.more["end"])
        match = touching.more["match"]
        touching = touching.take(np.isin(match, match[near]))
    whole = touching.take(~touching.more["open"])
    return whole or touching


def _of_the_place(rows: Lines, nearby: Nearby) -> Lines:
    return rows if nearby.strange is None or not rows else rows.take(~nearby.strange[rows.host])

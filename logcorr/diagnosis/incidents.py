"""Where in the window something went wrong, before any cause is asked for.

Records that say something about connectivity (``impact``) are grouped in time; a group is an incident if it weighs
enough and is not what the log's own background rate would bring about. Benign warnings, however many, have no impact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis import weights
from logcorr.diagnosis.scene import Scene
from logcorr.schema import Timeline

_SAME_SIGN_COUNTS = 3
_SHORTEST = 300.0
_STILL_GOING = 300.0


@dataclass(frozen=True, slots=True)
class Incident:
    """One stretch in which connectivity suffered. ``symptoms``: one row a record, id, event, host, time, time_lo,
    time_hi, impact.
    """

    start: datetime
    end: datetime
    weight: int
    symptoms: pl.DataFrame
    ongoing: bool

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that noticed, most affected first."""
        counts = self.symptoms.drop_nulls("host").group_by("host").len().sort(["len", "host"], descending=[True, False])
        return tuple(counts["host"])


def find_incidents(scene: Scene) -> tuple[Incident, ...]:
    """All incidents of the run, gravest first."""
    records = _weighty_records(scene)
    if records.is_empty():
        return ()
    gap = (pl.col("time").diff().dt.total_microseconds() > weights.INCIDENT_GAP * 1e6).fill_null(value=False)
    groups = records.with_columns(group=gap.cum_sum()).partition_by("group", maintain_order=True)
    trimmed = [core for group in groups if not (core := _without_strays(group)).is_empty()]
    grave = [core for core in trimmed if _weight(core) >= weights.INCIDENT_WEIGHT]
    inside = sum(core.height for core in grave)
    background = records.height - inside
    times = scene.timeline.frame["time"]
    rest = _seconds(times.min(), times.max()) - sum(map(_duration, grave))  # type: ignore[arg-type]  # not empty
    incidents = [_incident(core, scene.timeline) for core in grave if _stands_out(core, background, rest)]
    return tuple(sorted(incidents, key=lambda item: (-item.weight, item.start)))


def _weighty_records(scene: Scene) -> pl.DataFrame:
    """One row for each record with impact, its gravest event standing for it. A line whose origin is contradicted does
    not make an incident.
    """
    return (
        scene.brief.filter((pl.col("impact") > 0) & pl.col("trusted").fill_null(value=True))
        .sort("impact", descending=True, maintain_order=True)
        .unique("id", keep="first", maintain_order=True)
        .select("id", "event", "host", "program", "role", "time", "time_lo", "time_hi", "impact", "source")
        .sort("time", "id")
    )


def _without_strays(group: pl.DataFrame) -> pl.DataFrame:
    """Cut off leading and trailing records that stand alone, unless they are grave by themselves."""
    near = weights.STRAY * 1e6
    before = pl.col("time").diff().dt.total_microseconds().fill_null(2**62)
    after = pl.col("time").diff(-1).dt.total_microseconds().neg().fill_null(2**62)
    kept = (pl.col("impact") >= weights.IMPACT["outage"]) | (before <= near) | (after <= near)
    marked = group.with_columns(kept=kept)
    positions = marked["kept"].arg_true()
    if positions.is_empty():
        return group.clear()
    return group.slice(positions[0], positions[-1] - positions[0] + 1)


def _weight(core: pl.DataFrame) -> int:
    """Sum of impacts; of one event on one host only the first few count, so that a chatty daemon is no outage."""
    counted = core.group_by("event", "host").agg(pl.col("impact").top_k(_SAME_SIGN_COUNTS).sum())
    return int(counted["impact"].sum())


def _stands_out(core: pl.DataFrame, background: int, rest: float) -> bool:
    """Whether this many records in this time are more than the rest of the log (s) would lead one to expect."""
    if int(core["impact"].max()) >= weights.IMPACT["outage"]:  # type: ignore[arg-type]  # never empty
        return True
    if rest < _SHORTEST:
        return True
    expected = (background + 1) / rest * _duration(core)
    return poisson_tail(core.height, expected) < weights.BACKGROUND_P


def _duration(core: pl.DataFrame) -> float:
    return max(_SHORTEST, _seconds(core["time"][0], core["time"][-1]))


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _incident(core: pl.DataFrame, timeline: Timeline) -> Incident:
    start, end = core["time"][0], core["time"][-1]
    last_seen: datetime = timeline.frame["time"].max()  # type: ignore[assignment]  # a datetime column, not empty
    ongoing = last_seen - end <= timedelta(seconds=_STILL_GOING)
    return Incident(start=start, end=end, weight=_weight(core), symptoms=core, ongoing=ongoing)

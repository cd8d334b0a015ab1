"""Burst: more symptoms than the log's own background explains. Benign warnings, however many, have no impact."""

from __future__ import annotations

import polars as pl

from logcorr.chance.tails import poisson_tail
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.openings.found import Field, Opened


def by_burst(field: Field) -> list[Opened]:
    """The groups that weigh enough, and stand out from what the rest of the log would lead one to expect."""
    weighty = field.rows.filter(pl.col("impact") > 0)
    if weighty.is_empty():
        return []
    groups = _weighed(weighty)
    grave = groups.filter(pl.col("weight") >= weights.INCIDENT_WEIGHT)
    alone = field.strays.filter(pl.col("impact") > 0).height
    background = alone + weighty.height - int(grave["count"].sum())
    times = field.scene.timeline.frame["time"]
    span: float = (times.max() - times.min()).total_seconds()  # type: ignore[operator,union-attr]  # datetimes
    rest = span - float(grave["lasted"].sum())
    return [
        Opened("burst", (group,), weight)
        for group, count, gravest, lasted, weight in grave.rows()
        if gravest >= weights.IMPACT["outage"]
        or rest < weights.SHORTEST_BURST
        or poisson_tail(count, (background + 1) / rest * lasted) < weights.BACKGROUND_P
    ]


def _weighed(weighty: pl.DataFrame) -> pl.DataFrame:
    """group, count of records, gravest impact, seconds that they span, and weight: the sum of impacts, where of one
    event on one host only the first few count, so that a chatty daemon is no outage.
    """
    spent = (pl.col("time").max() - pl.col("time").min()).dt.total_microseconds() / 1e6
    whole = weighty.group_by("group").agg(
        count=pl.len(), gravest=pl.col("impact").max(), lasted=pl.max_horizontal(spent, weights.SHORTEST_BURST)
    )
    counted = weighty.group_by("group", "event", "host").agg(pl.col("impact").top_k(weights.SAME_SIGN_COUNTS).sum())
    return whole.join(counted.group_by("group").agg(weight=pl.col("impact").sum()), on="group").sort("group")

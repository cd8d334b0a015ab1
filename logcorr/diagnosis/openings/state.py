"""State: something that was there is gone, and how long it was gone is what counts, even as two lines."""

from __future__ import annotations

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.openings.found import Field, Opened


def by_state(field: Field) -> list[Opened]:
    """The groups in which something was gone for longer than a retry takes, long enough to be an outage.

    Each thing's time without it weighs as the look-ups that fail in it.
    """
    lost = field.rows.filter(pl.col("lasted") > 0)
    single = lost.unique(["group", "host", "lost", "object", "until"], keep="first", maintain_order=True)
    things = single.group_by("group", "host", "lost", "object").agg(pl.col("lasted").sum())
    weight = (pl.col("lasted") // weights.LOOKUP).clip(0, weights.MOST_OF_A_LOSS)
    weighed = things.group_by("group").agg(weight=weight.sum().cast(pl.Int64)).sort("group")
    return [Opened("state", (group,), each) for group, each in weighed.rows() if each >= weights.INCIDENT_WEIGHT]

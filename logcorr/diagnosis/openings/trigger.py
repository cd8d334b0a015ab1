"""Trigger: one line that is proof by itself, however quiet the rest of the log is."""

from __future__ import annotations

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.openings.found import Field, Opened


def by_trigger(field: Field) -> list[Opened]:
    """The groups with a line that reports a fault itself, or with a pattern of more than low severity."""
    proofs = field.rows.filter(pl.col("trigger") | pl.col("pattern"))
    kinds = proofs.group_by("group").agg(kinds=pl.struct("event", "host").n_unique()).sort("group")
    return [Opened("trigger", (group,), weights.INCIDENT_WEIGHT * count) for group, count in kinds.rows()]

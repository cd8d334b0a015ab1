"""The picture of ``logcorr check``: how busy every source was over time, and where nobody could look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl

from logcorr.model import CoverageGap
from logcorr.schema import SPANS, Timeline

OCCUPANCY: Final[dict[str, pl.DataType]] = {
    "source": pl.UInt16(),
    "path": pl.String(),
    "host": pl.String(),
    "slice": pl.UInt32(),  # from 0, of equal length; every source has all of them
    "start": SPANS["start"],
    "end": SPANS["end"],
    "records": pl.UInt32(),
    "gap": pl.String(),  # kinds of coverage gaps that overlap the slice, joined with ", "; null for none
}


def occupancy(timeline: Timeline, columns: int = 60) -> pl.DataFrame:
    """Records of each source in each of ``columns`` slices of the timeline. Shape: OCCUPANCY."""
    time = timeline.frame["time"].to_physical()
    low, high = time.min(), time.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return pl.DataFrame(schema=OCCUPANCY)
    width = (high - low) // columns + 1
    slices = pl.DataFrame({"slice": pl.Series(range(columns), dtype=pl.UInt32)})
    at = low + pl.col("slice").cast(pl.Int64) * width
    slices = slices.with_columns(at.cast(SPANS["start"]).alias("start"), (at + width).cast(SPANS["end"]).alias("end"))
    number = ((pl.col("time").to_physical() - low) // width).cast(pl.UInt32).alias("slice")
    counted = timeline.frame.lazy().group_by("source", number).len("records").collect()
    grid = _sources(timeline).join(slices, how="cross").join(counted, on=["source", "slice"], how="left")
    kinds = [_kinds(timeline.gaps, *bounds) for bounds in grid.select("path", "start", "end").rows()]
    return (
        grid.with_columns(pl.col("records").fill_null(0), pl.Series("gap", kinds, dtype=pl.String))
        .select(OCCUPANCY.keys())
        .sort("source", "slice")
    )


def _sources(timeline: Timeline) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": pl.Series(range(len(timeline.inputs)), dtype=pl.UInt16),
            "path": [one.path for one in timeline.inputs],
            "host": pl.Series([one.host for one in timeline.inputs], dtype=pl.String),
        }
    )


def _kinds(gaps: Sequence[CoverageGap], path: str, start: datetime, end: datetime) -> str | None:
    over = {
        one.kind for one in gaps if one.source == path and one.start and one.end and one.start < end and one.end > start
    }
    return ", ".join(sorted(over)) or None

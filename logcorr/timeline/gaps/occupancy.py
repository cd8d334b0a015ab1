"""The picture of ``logcorr check``: how busy every source was over time, and where nobody could look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.model import CoverageGap, Rates, SourceFile
from logcorr.schema import SPANS, Timeline
from logcorr.times.micros import to_micros

OCCUPANCY: Final[dict[str, pl.DataType]] = {
    "source": pl.UInt16(),
    "path": pl.String(),
    "host": pl.String(),
    "slice": pl.UInt32(),  # from 0, of equal length; every source has all of them
    "start": SPANS["start"],
    "end": SPANS["end"],
    "records": pl.UInt32(),
    "boots": pl.UInt32(),  # how many clock domains of a host begin here, its first one in the source not counted
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
    frame = timeline.frame.lazy().select(
        "source", "host", "clock", pl.col("time").to_physical(), slice=_slice(pl.col("time").to_physical(), low, width)
    )
    key = ["source", "slice"]
    return (
        _sources(timeline)
        .join(slices, how="cross")
        .join(frame.group_by(key).len("records").collect(), on=key, how="left")
        .join(_boots(frame), on=key, how="left")
        .join(_gaps(timeline.gaps, timeline.inputs, low, width, columns), on=key, how="left")
        .with_columns(pl.col("records", "boots").fill_null(0))
        .select(pl.col(name).cast(kind) for name, kind in OCCUPANCY.items())
        .sort("source", "slice")
    )


def rates(timeline: Timeline, columns: int) -> dict[str, Rates]:
    """How busy each source was in ``columns`` slices of the timeline, by the source's path."""
    slices = occupancy(timeline, columns)
    return {
        str(path): Rates(start=group["start"][0], end=group["end"][-1], records=tuple(group["records"]))
        for (path,), group in slices.group_by("path", maintain_order=True)
    }


def _slice(time: pl.Expr, low: int, width: int) -> pl.Expr:
    return ((time - low) // width).cast(pl.UInt32)


def _sources(timeline: Timeline) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": pl.Series(range(len(timeline.inputs)), dtype=pl.UInt16),
            "path": [one.path for one in timeline.inputs],
            "host": pl.Series([one.host for one in timeline.inputs], dtype=pl.String),
        }
    )


def _boots(frame: pl.LazyFrame) -> pl.DataFrame:
    """source, slice, boots: where clock domains begin that are not the first of their host in the source."""
    begins = frame.group_by("source", "host", "clock").agg(pl.col("time", "slice").sort_by("time").first())
    first = pl.col("time").min().over("source", "host")
    return begins.filter(pl.col("time") > first).group_by("source", "slice").len("boots").collect()


def _gaps(
    gaps: Sequence[CoverageGap], inputs: Sequence[SourceFile], low: int, width: int, columns: int
) -> pl.DataFrame:
    """source, slice, gap: the kinds of gaps with a beginning and an end that overlap each slice."""
    place = {one.path: number for number, one in enumerate(inputs)}
    rows = [
        (place[one.source], one.kind, to_micros(one.start), to_micros(one.end))
        for one in gaps
        if one.source in place and one.start and one.end
    ]
    schema = {"source": pl.UInt16(), "kind": pl.String(), "start": pl.Int64(), "end": pl.Int64()}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    begin, end = ((pl.col("start") - low) // width).clip(0), ((pl.col("end") - 1 - low) // width).clip(0, columns - 1)
    return (
        table.select("source", "kind", slice=pl.int_ranges(begin, pl.max_horizontal(begin, end) + 1))
        .explode("slice")
        .filter(pl.col("slice") < columns)
        .group_by("source", pl.col("slice").cast(pl.UInt32))
        .agg(pl.col("kind").unique().sort().str.join(", ").alias("gap"))
    )

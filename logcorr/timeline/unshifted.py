"""A timeline as it were if no clock had been corrected by an estimate: to tell whether a verdict rests on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logcorr.model import SourceFile
from logcorr.schema import Timeline

_TIMES: Final = ("time", "time_lo", "time_hi")


def estimated_shifts(timeline: Timeline, least: float) -> dict[str, float]:
    """By host, the seconds that its clock was found to be ahead from events shared with others, where that matters.

    Args:
        timeline: any timeline.
        least: seconds below which a shift decides nothing.
    """
    return {
        item.host: item.skew_s
        for item in timeline.inputs
        if item.host and item.skew_s is not None and abs(item.skew_s) > least and _is_estimate(item.skew_from)
    }


def unshifted(timeline: Timeline, events: pl.DataFrame, shifts: Mapping[str, float]) -> tuple[Timeline, pl.DataFrame]:
    """The timeline and its events (schema.EVENTS) with the times that the hosts' own clocks show."""
    micros = {host: round(seconds * 1_000_000) for host, seconds in shifts.items()}
    by = pl.col("host").replace_strict(micros, default=0, return_dtype=pl.Int64)
    back = [(pl.col(name) + pl.duration(microseconds=by)).alias(name) for name in _TIMES]
    frame = timeline.frame.with_columns(back).sort("time", maintain_order=True)
    number = pl.int_range(pl.len(), dtype=pl.UInt32)
    places = frame.select("id", new=number)
    moved = events.with_columns(back).join(places, on="id", how="left", maintain_order="left")
    moved = moved.with_columns(id="new").drop("new").sort("id", maintain_order=True)
    delta = {host: timedelta(seconds=seconds) for host, seconds in shifts.items()}
    spans = timeline.spans.with_columns(
        (pl.col(end) + pl.duration(microseconds=by)).alias(end) for end in ("start", "end")
    )
    inputs = tuple(_unshifted_input(item, delta.get(item.host or "")) for item in timeline.inputs)
    return replace(timeline, frame=frame.with_columns(id=number), spans=spans, inputs=inputs), moved


def _unshifted_input(item: SourceFile, by: timedelta | None) -> SourceFile:
    if by is None:
        return item
    first, last = _later(item.first, by), _later(item.last, by)
    return replace(item, skew_s=None, skew_from="not applied", first=first, last=last)


def _is_estimate(words: str | None) -> bool:
    return words is not None and words.startswith("estimated")


def _later(time: datetime | None, by: timedelta) -> datetime | None:
    return None if time is None else time + by

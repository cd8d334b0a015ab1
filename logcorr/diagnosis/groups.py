"""Which signs of trouble belong together: near in time, on one machine or on machines that belong together.

First by place and time, then over places: ``over_places``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.over_places import over_places
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import Sites

#: A row of a group, beside what an event says of itself. ``until``: the end of the loss that it tells, else its time.
#: ``open``: that loss is not made good. ``lost``: its kind. ``lasted``: its seconds, as far as they count. ``trigger``:
#: the line is proof by itself. ``pattern``: it belongs to a pattern of more than low severity.
#: ``spare``: another carries the traffic while this is gone. ``beside``: the other, where the log names it.
ROWS: Final = (
    "id", "event", "host", "program", "role", "time", "time_lo", "time_hi", "impact", "source",
    "until", "open", "lost", "object", "lasted", "trigger", "pattern", "spare", "beside",
)  # fmt: skip

_NONE: Final = timedelta(0)


def group_rows(rows: pl.DataFrame, scene: Scene, sites: Sites) -> pl.DataFrame:
    """The rows (ROWS) with ``group``, the number of the group that each belongs to, by group and time.

    Also ``doubtful``: whether the logs leave open that the row's machine belongs to the group; and ``stray``: whether
    the row stands too far off to be part of it.
    """
    placed = _with_place(rows, sites)
    if rows.is_empty():
        nothing = pl.lit(value=False)
        return placed.with_columns(group=pl.lit(0, pl.UInt32), doubtful=nothing, stray=nothing).drop("place")
    awake = _awake(placed, scene).sort("place", "time", "id")
    before = pl.max_horizontal("until", "time").cum_max().shift(1).over("place")
    slept = (pl.col("awake") - pl.col("time")).diff().over("place").fill_null(_NONE)  # never positive
    gap = pl.col("time") - before + pl.min_horizontal(slept, pl.lit(_NONE))
    apart = (gap > timedelta(seconds=weights.INCIDENT_GAP)).fill_null(value=True)
    numbered = awake.with_columns(group=apart.cum_sum().cast(pl.UInt32))
    if numbered["place"].n_unique() > 1:
        numbered = (
            numbered.join(over_places(numbered, scene, sites), on="group").drop("group").rename({"into": "group"})
        )
    else:
        numbered = numbered.with_columns(doubtful=pl.lit(value=False))
    return _with_strays(numbered.drop("place", "awake").sort("group", "time", "id"))


def _with_place(rows: pl.DataFrame, sites: Sites) -> pl.DataFrame:
    return rows.with_columns(place=pl.col("host").fill_null("").replace(dict(sites.site_of)))


def _awake(rows: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """``awake``: the time less what the row's machine was off or asleep before it."""
    dark = scene.darkness.drop_nulls("start").sort("end")
    slept = dark.select("host", "end", slept=(pl.col("end") - pl.col("start")).cum_sum().over("host")).rename(
        {"end": "at"}
    )
    joined = rows.with_columns(at="time").sort("at").join_asof(slept, on="at", by="host", check_sortedness=False)
    return joined.with_columns(awake=pl.col("time") - pl.col("slept").fill_null(_NONE)).drop("at", "slept")


def _with_strays(rows: pl.DataFrame) -> pl.DataFrame:
    """``stray``: what stands alone before or after a group is no part of it, unless it is grave by itself."""
    near = timedelta(seconds=weights.STRAY)
    reach = pl.max_horizontal("until", "time").cum_max().shift(1).over("group")
    close = ((pl.col("time") - reach) <= near).fill_null(value=False)
    grave = (
        (pl.col("impact") >= weights.IMPACT["outage"]) | pl.col("trigger") | pl.col("pattern") | (pl.col("lasted") > 0)
    )
    kept = grave | close | close.shift(-1).over("group").fill_null(value=False)
    at = pl.int_range(pl.len()).over("group")
    marked = rows.with_columns(kept=kept, at=at)
    first, last = (getattr(pl.col("at").filter("kept"), end)().over("group") for end in ("min", "max"))
    inside = pl.col("at").is_between(first, last).fill_null(value=False)
    return marked.with_columns(stray=~inside).drop("kept", "at")

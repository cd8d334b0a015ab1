"""What changed between two snapshots of one thing: counters that grew, states that turned.

A counter counts since the machine or its driver started, so one snapshot proves nothing about an incident. Two of them
do: whatever they differ by happened in between. Snapshots state ``object: name value, name value``; a counter that
is zero may be left out. The parser marks their rows with the transport "snapshot".
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.schema import TIMELINE
from logcorr.timeline.metric_changes import find_changes

#: Programs whose statements can be compared; pings and lines kept as they are cannot.
COMPARED: Final = (
    *("ethtool", "ip", "conntrack", "bonding", "networkctl", "resolvectl", "systemctl"),
    *("tailscale-status", "tailscale-netcheck"),
)
#: What changes all the time and means nothing.
_RESTLESS: Final = ("percent", "count", "tx", "rx", "rx_packets", "tx_packets", "last-seen", "relays-answering")
_KEY: Final = ("host", "program", "object")
_ORDER: Final = ("_place", "_late")


def with_deltas(frame: pl.DataFrame) -> pl.DataFrame:
    """A TIMELINE frame with a record for every difference between two snapshots of the same thing, in place."""
    if not frame["transport"].is_in(["snapshot", "metric"]).any():
        return frame
    return weave(frame, find_told(frame))


def find_told(frame: pl.DataFrame) -> pl.DataFrame:
    """What snapshots differ in and what metrics show, as ``find_deltas``."""
    parts = [find_deltas(frame), find_changes(frame)]
    return pl.concat(parts).sort("time", maintain_order=True)


def weave(frame: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the records ``found`` put where their time is."""
    if found.is_empty():
        return frame
    place = frame["time"].search_sorted(found["time"], side="right")
    kept = frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("_place"), pl.lit(1).alias("_late"))
    new = found.with_columns(pl.Series("_place", place, dtype=pl.Int64), pl.lit(0).alias("_late"))
    rows = pl.concat([kept, new], how="diagonal").sort(_ORDER, maintain_order=True).drop(_ORDER)
    return rows.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("id"))


def find_deltas(frame: pl.DataFrame) -> pl.DataFrame:
    """Records (TIMELINE, without ids, by time) of what consecutive snapshots of one thing differ in.

    Each spans both snapshots; its time is the middle. It is cited where the later snapshot stands.
    """
    shots = _shots(frame)
    told = _changes(shots)
    spans = shots.join(told, on="shot").sort("time", "shot", maintain_order=True)
    middle = pl.col("time_before") + (pl.col("time") - pl.col("time_before")) / 2
    length = (pl.col("time") - pl.col("time_before")).dt.total_microseconds() / 1e6
    clock = pl.format("from {} to {} UTC", *(pl.col(one).dt.strftime("%H:%M:%S") for one in ("time_before", "time")))
    return (
        spans.with_columns(
            message=pl.format("{}: {} within {} s, {}", "object", "told", length.round(1), clock),
            time=middle.cast(TIMELINE["time"]),
            time_lo="low_before",
            monotonic=pl.lit(None, pl.Int64),
        )
        .sort("time", "shot", maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in TIMELINE.items())
    )


def _shots(frame: pl.DataFrame) -> pl.DataFrame:
    """The comparable statements in time order, with the times of the one before of the same thing."""
    said = pl.col("message").str.extract_groups(r"^(?P<object>.*?): (?P<items>.+)$")
    shots = (
        frame.filter((pl.col("transport") == "snapshot") & pl.col("program").is_in(COMPARED))
        .with_columns(said.alias("said"))
        .unnest("said")
        .filter(pl.col("object") != "health")  # prose
        .sort("time", "id", maintain_order=True)
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("shot"))
    )
    before = {"before": "shot", "time_before": "time", "low_before": "time_lo", "high_before": "time_hi",
              "source_before": "source"}  # fmt: skip
    shots = shots.with_columns(pl.col(column).shift().over(_KEY).alias(name) for name, column in before.items())
    # where the times overlap only one file's own order tells which was first
    later = (pl.col("time_lo") >= pl.col("high_before")) | (pl.col("source") == pl.col("source_before"))
    comes_after = (later & (pl.col("time") > pl.col("time_before"))).fill_null(value=False)
    return shots.with_columns(pl.when(comes_after).then("before").alias("before"))


def _changes(shots: pl.DataFrame) -> pl.DataFrame:
    """For each shot that differs from the one before: ``shot`` and in words what changed (``told``)."""
    items = (
        shots.select("shot", pl.col("items").str.split(", ").alias("item"))
        .explode("item")
        .select("shot", pl.col("item").str.extract_groups(r"^(?P<name>.+) (?P<value>\S+)$").alias("pair"))
        .unnest("pair")
        .drop_nulls("name")
        .filter(~pl.col("name").is_in(_RESTLESS))
        .unique(["shot", "name"], keep="first", maintain_order=True)
        .with_columns(pl.col("value").replace({"idle": "online", "active": "online"}))
    )
    # a counter that fell to nothing is left out, and so are those that were nothing before
    pairs = shots.drop_nulls("before").select("shot", "before")
    now = pairs.join(items, on="shot", how="inner", maintain_order="left")
    past = pairs.join(
        items.rename({"shot": "before", "value": "past"}), on="before", how="inner", maintain_order="left"
    )
    both = now.join(past, on=["shot", "before", "name"], how="full", coalesce=True, maintain_order="left_right")
    number = both.with_columns(
        here=pl.col("value").cast(pl.Int64, strict=False), there=pl.col("past").cast(pl.Int64, strict=False)
    )
    counted = number.filter(pl.coalesce("here", "there").is_not_null() & _countable(pl.col("value"), pl.col("past")))
    return _in_words(counted.with_columns(pl.col("here", "there").fill_null(0)), number)


def _countable(value: pl.Expr, past: pl.Expr) -> pl.Expr:
    """Whether neither is a word where the other is a number."""
    return (value.is_null() | value.str.contains(r"^\d{1,18}$")) & (past.is_null() | past.str.contains(r"^\d{1,18}$"))


def _in_words(counted: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    fell = counted.filter(pl.col("here") < pl.col("there")).select("shot").unique(maintain_order=True)
    grew = counted.filter(pl.col("here") > pl.col("there")).join(fell, on="shot", how="anti", maintain_order="left")
    turned = items.filter((pl.col("value") != pl.col("past")) & pl.coalesce("here", "there").is_null())
    words = [
        grew.select("shot", told=pl.format("{} +{}", "name", pl.col("here") - pl.col("there"))),
        turned.select("shot", told=pl.format("{} {} -> {}", "name", "past", "value")),
        fell.with_columns(told=pl.lit("counters began again")),
    ]
    return pl.concat(words).group_by("shot", maintain_order=True).agg(pl.col("told").str.join(", "))

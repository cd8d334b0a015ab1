"""What metrics show: errors that appear, values that rise, limits that are reached, links and traffic that end.

A value is high where its modified z-score, 0.6745 (x - median) / MAD, exceeds 3.5 (Iglewicz and Hoaglin 1993, as in the
NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17; where more than half of the values are the same, with 1.2533
times the mean deviation in place of MAD / 0.6745). High values side by side are told once, with the chance that they
stand together by chance. A limit is reached at 100 % of it. What was measured too seldom says nothing.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.chance.runs import side_by_side
from logcorr.schema import TIMELINE, empty
from logcorr.timeline import metric_kinds as kinds

TRANSPORT: Final = "metric"  # of records that hold samples; see logcorr.parsers.formats.metrics
PROGRAM: Final = "metric"  # of records that say what the samples show
_SCORE: Final = 3.5
_MAD: Final = 0.6745
_MEAN: Final = 1.253314
_FEWEST: Final = 8  # values of a series of which its median says anything
_NUMBER: Final = r"^(?P<name>\S+) (?P<value>[+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|Inf))$"
#: What is as likely by chance is told of no drops and no values, which vary in everyday life.
_LIKELY: Final = 0.01
_LEAST: Final = 1e-9
_FULL: Final = 0.99995  # what is printed as 100.00 %


def find_changes(frame: pl.DataFrame) -> pl.DataFrame:
    """Records (TIMELINE, without ids, by time) of what the samples in a TIMELINE frame show."""
    samples = _samples(frame)
    if samples.is_empty():
        return empty(TIMELINE)
    values = _rates(samples)
    parts = [
        *(_counted(values.filter(kinds.of_kind(kind)), kind) for kind in kinds.COUNTED),
        *(_risen(values.filter(kinds.of_kind(kind)), kind) for kind in kinds.RISING),
        *(_full(_runs(samples.filter(kinds.of_kind(kind)), pl.col("value") >= kind.share * _FULL), kind.id)
          for kind in kinds.FULL),
        *(_full(_runs(samples.filter(kinds.of_kind(kind)), pl.col("value") <= 0), kind.id) for kind in kinds.SPENT),
        *(_pair(samples, *pair) for pair in kinds.PAIRS),
        _ended(values.filter(kinds.of_kind(kinds.TRAFFIC))),
        _carrier(samples.filter(kinds.of_kind(kinds.CARRIER))),
        _killed(values.filter(kinds.of_kind(kinds.KILLED))),
    ]  # fmt: skip
    told = pl.concat([part.select("row", "first", "message") for part in parts], how="vertical_relaxed")
    return _records(frame, told)


def _samples(frame: pl.DataFrame) -> pl.DataFrame:
    """A row a value: row, time, host, thing, name, value, series; each series in the order of time."""
    mine = frame.with_row_index("row").filter(
        (pl.col("transport") == TRANSPORT) & pl.col("message").str.contains(": ", literal=True)
    )
    parts = mine.select(
        "row", "time", "host", "source", pl.col("message").str.splitn(": ", 2).struct.rename_fields(["thing", "items"])
        .alias("said")
    ).unnest("said")  # fmt: skip
    rows = parts.with_columns(pl.col("items").str.split(", ")).explode("items").drop_nulls("items")
    found = rows.with_columns(pl.col("items").str.extract_groups(_NUMBER).alias("pair")).unnest("pair")
    key = pl.struct("host", "source", "thing", "name")
    return (
        found.with_columns(pl.col("value").cast(pl.Float64, strict=False))
        .filter(pl.col("name").is_not_null() & pl.col("value").is_finite())
        .with_columns(series=key.rank("dense"))
        .sort("series", "time", "row", maintain_order=True)
        .unique(["series", "time"], keep="first", maintain_order=True)
        .drop("items")
    )


def _rates(samples: pl.DataFrame) -> pl.DataFrame:
    """The same with ``rate`` (per second, of counters; else the value), ``since`` and ``seconds`` of the step before.

    The first of a counter says nothing. A counter that fell began again at nothing.
    """
    step = pl.col("time").diff().over("series").dt.total_microseconds() / 1e6
    frame = samples.with_columns(counter=kinds.is_counter(), seconds=step, since=pl.col("time").shift().over("series"))
    grew = pl.col("value").diff().over("series")
    more = pl.when(grew >= 0).then(grew).otherwise("value")
    usual = pl.col("seconds").median().over("series")
    return frame.with_columns(
        rate=pl.when(pl.col("counter")).then(more / pl.col("seconds")).otherwise("value"),
        more=pl.when(pl.col("counter")).then(more).otherwise(pl.col("value") * pl.coalesce("seconds", usual)),
    ).filter(pl.col("rate").is_not_null())


def _runs(values: pl.DataFrame, high: pl.Expr) -> pl.DataFrame:
    """Neighbours that are ``high``, a row each: the first's columns, and n, last, before (the value before), of."""
    frame = values.with_columns(high=high.fill_null(value=False), before=pl.col("value").shift().over("series"))
    run = (pl.col("high") != pl.col("high").shift()).fill_null(value=True).cum_sum().over("series")
    frame = frame.with_columns(run=run, of=pl.len().over("series"), highs=pl.col("high").sum().over("series"))
    return (
        frame.filter("high")
        .group_by("series", "run", maintain_order=True)
        .agg(pl.exclude("high", "run").first(), n=pl.len(), last=pl.col("time").last(), peak=pl.col("value").max(),
             **({"sum": pl.col("more").sum()} if "more" in frame.columns else {}))
    )  # fmt: skip


def _high(values: pl.DataFrame) -> pl.DataFrame:
    """Runs of values that stand out from the others of their series, with their ``usual`` value and ``chance``."""
    middle = pl.col("rate").median().over("series")
    away = (pl.col("rate") - middle).abs()
    frame = values.filter(pl.len().over("series") >= _FEWEST).with_columns(usual=middle, away=away)
    spread, mean = pl.col("away").median().over("series"), pl.col("away").mean().over("series")
    scale = pl.when(spread > 0).then(spread / _MAD).otherwise(mean * _MEAN)
    found = _runs(frame, (scale > 0) & (pl.col("rate") - pl.col("usual") > _SCORE * scale))
    chances = [side_by_side(of, highs, n) for of, highs, n in found.select("of", "highs", "n").rows()]
    text = [f"1 in {round(1 / max(one, _LEAST)):,}" if one < 1 else "as likely as not" for one in chances]
    return found.with_columns(
        chance=pl.Series(text, dtype=pl.String), likely=pl.Series(chances, dtype=pl.Float64) > _LIKELY
    )


def _within(begin: str, end: str) -> list[pl.Expr]:
    """Seconds, and the clock, between two columns."""
    seconds = (pl.col(end) - pl.col(begin)).dt.total_microseconds() / 1e6
    return [seconds.round(1), *(pl.col(one).dt.strftime("%H:%M:%S") for one in (begin, end))]


_WITHIN: Final = "within {} s, from {} to {} UTC"
_SO_MANY: Final = "{} of {} values, side by side by chance: {}"


def _counted(values: pl.DataFrame, kind: kinds.Kind) -> pl.DataFrame:
    runs = _high(values).with_columns(since=pl.coalesce("since", "time"))
    more = pl.col("sum").round(0).cast(pl.Int64)
    text = pl.format(f"{{}}: {{}} +{{}} {_WITHIN}; {_SO_MANY}", "thing", kinds.counter_name(kind.id), more,
                     *_within("since", "last"), "n", "of", "chance")  # fmt: skip
    everyday = pl.col("likely") & (kind.id != "errors")
    return runs.filter((more > 0) & ~everyday).with_columns(first="since", message=text)


def _risen(values: pl.DataFrame, kind: kinds.Kind) -> pl.DataFrame:
    runs = _high(values).with_columns(since=pl.coalesce("since", "time"))
    peak = pl.when(pl.col("counter")).then(pl.col("rate")).otherwise("peak")
    text = pl.format(f"{{}}: {kind.id} rose from {{}} to {{}} ({{}}) {_WITHIN}; {_SO_MANY}", "thing",
                     pl.col("usual").round(3), peak.round(3), "name", *_within("since", "last"), "n", "of",
                     "chance")  # fmt: skip
    return runs.filter(~pl.col("likely")).with_columns(first="since", message=text)


def _full(runs: pl.DataFrame, what: str) -> pl.DataFrame:
    seconds, *clock = _within("time", "last")
    form = f"{{}}: {what} used up ({{}} {{}}) for {{}} s, from {{}} to {{}} UTC; {{}} of {{}} values"
    text = pl.format(form, "thing", "name", "value", seconds, *clock, "n", "of")
    return runs.with_columns(first="time", message=text)


def _pair(samples: pl.DataFrame, what: str, used: str, limit: str) -> pl.DataFrame:
    """Where one series reaches the limit that another one of the same host and time states."""
    at = ["host", "source", "time"]
    limits = samples.filter(pl.col("name").str.contains(limit) & (pl.col("value") > 0)).unique(at, keep="first")
    both = samples.filter(pl.col("name").str.contains(used)).join(
        limits.select(*at, limit="value"), on=at, how="inner", maintain_order="left", nulls_equal=True
    )
    runs = _runs(both, pl.col("value") >= pl.col("limit") * _FULL)
    if what == "conntrack":
        share = (100 * pl.col("value") / pl.col("limit")).round(1)
        counts = [pl.col(name).cast(pl.Int64) for name in ("value", "limit")]
        return runs.with_columns(
            first="time", message=pl.format("conntrack table: count {}, max {}, percent {}", *counts, share)
        )
    return _full(runs, what)


def _ended(values: pl.DataFrame) -> pl.DataFrame:
    """Traffic that falls to nothing and had never been nothing before, where enough was measured before."""
    frame = values.with_columns(
        early=(pl.col("rate") > 0).cum_sum().over("series"), silent=(pl.col("rate") <= 0).cum_sum().over("series")
    )
    runs = _runs(frame, pl.col("rate") <= 0)
    first = runs.filter((pl.col("silent") == 1) & (pl.col("early") >= _FEWEST))
    form = f"{{}}: no traffic any more ({{}} 0, before {{}}) {_WITHIN}; {{}} values before it, none of them 0"
    text = pl.format(form, "thing", "name", "before", *_within("since", "last"), "early")
    return first.with_columns(first="since", message=text)


def _carrier(samples: pl.DataFrame) -> pl.DataFrame:
    frame = samples.with_columns(
        before=pl.col("value").shift().over("series"), since=pl.col("time").shift().over("series")
    ).filter((pl.col("value") != pl.col("before")) & pl.col("value").is_in([0.0, 1.0]))
    turn = pl.when(pl.col("value") == 0).then(pl.lit("yes -> no")).otherwise(pl.lit("no -> yes"))
    text = pl.format(f"{{}}: carrier {{}} {_WITHIN}", "thing", turn, *_within("since", "time"))
    return frame.with_columns(first="since", message=text)


def _killed(values: pl.DataFrame) -> pl.DataFrame:
    frame = values.filter((pl.col("more") > 0) & pl.col("since").is_not_null())
    more = pl.col("more").cast(pl.Int64)
    text = pl.format(f"memory: the kernel killed {{}} processes more {_WITHIN}", more, *_within("since", "time"))
    return frame.with_columns(first="since", message=text)


def _records(frame: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Each finding as a record at the sample that shows it first; it was so since some moment after the one before."""
    rows = frame.with_row_index("row")
    found = told.join(rows.drop("message"), on="row", how="left", maintain_order="left")
    return (
        found.with_columns(
            program=pl.lit(PROGRAM), transport=pl.lit("snapshot"), monotonic=pl.lit(None, pl.Int64),
            time_lo=pl.min_horizontal("first", "time_lo"),
        )
        .sort("time", "row", "message", maintain_order=True)
        .select(pl.col(name).cast(kind) for name, kind in TIMELINE.items())
    )  # fmt: skip

"""What changed: message templates whose rate, or first appearance, marks the incident. For what no rule knows."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from logcorr.diagnosis.incidents import Incident
from logcorr.diagnosis.telling.templates import marked, template
from logcorr.model import Change
from logcorr.schema import Timeline

_SAMPLE = 200_000
_SHOWN = 10
_AT_LEAST = 3
_LEAD = timedelta(seconds=120)


def what_changed(incident: Incident, timeline: Timeline) -> tuple[Change, ...]:
    """The templates that set the incident apart from the rest of the window, most telling first.

    Rates are per hour of the time that the logs span outside and during it.
    """
    first, last = timeline.frame["time"].min(), timeline.frame["time"].max()
    start, end = incident.start - _LEAD, incident.end
    during_h = max((end - start).total_seconds(), 60.0) / 3600
    span: timedelta = last - first  # type: ignore[operator,assignment]  # a datetime column, not empty
    before_h = max((span - (end - start)).total_seconds(), 60.0) / 3600
    inside = timeline.frame.select(pl.col("time").is_between(start, end)).to_series()
    during = _templates(timeline, inside.arg_true(), "during")
    before = _templates(timeline, (~inside).arg_true(), "before")
    joined = during.join(before, on=["program", "template"], how="left", nulls_equal=True).with_columns(
        pl.col("before").fill_null(0.0)
    )
    rates = joined.with_columns(during_rate=pl.col("during") / during_h, before_rate=pl.col("before") / before_h)
    # Dunning's log-likelihood ratio of the two rates: surprising and frequent beats merely new or merely frequent.
    total = pl.col("during") + pl.col("before")
    expected = total * (during_h / (during_h + before_h))
    rates = rates.with_columns(score=pl.col("during") * (pl.col("during") / expected).log())
    telling = rates.filter((pl.col("during") >= _AT_LEAST) & (pl.col("during_rate") > 2 * pl.col("before_rate")))
    shown = telling.sort(["score", "template"], descending=[True, False]).head(_SHOWN)
    return tuple(
        Change(
            template=row["template"],
            program=row["program"],
            before_per_hour=round(row["before_rate"], 2),
            during_per_hour=round(row["during_rate"], 2),
            ratio=round(row["during_rate"] / row["before_rate"], 1) if row["before_rate"] else None,
        )
        for row in shown.rows(named=True)
    )


def _templates(timeline: Timeline, rows: pl.Series, name: str) -> pl.DataFrame:
    """How often each template occurs in some rows; many are thinned evenly, and the counts scaled back."""
    thin = max(1, len(rows) // _SAMPLE)
    sampled = timeline.rows(rows.gather_every(thin), ["program", "message"])
    counted = (
        sampled.select("program", template=template(pl.col("message")))
        .drop_nulls("template")
        .group_by("program", "template")
        .agg((pl.len().cast(pl.Float64) * thin).alias(name))
    )
    return counted.with_columns(marked(pl.col("template")))

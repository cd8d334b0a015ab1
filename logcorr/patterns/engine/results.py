"""Each pattern's matches summed up for the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.chance.tails import adjust
from logcorr.dataclass import dataclass
from logcorr.patterns.engine.figures import Figure
from logcorr.rulebook.models import Pattern
from logcorr.schema import PatternResult

#: Timeline ids kept for one pattern; a report cites a handful.
MOST_RECORDS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """One pattern with its matches (schema.MATCHES, at least one of them matched)."""

    pattern: Pattern
    frame: pl.DataFrame
    figure: Figure | None
    hosts: tuple[str, ...]


def summarise(summaries: Sequence[Summary], unmatched: int) -> tuple[PatternResult, ...]:
    """One result for each pattern; p-values are adjusted for the number of rules that have one (Benjamini-Hochberg),
    ``unmatched`` further ones of 1 among them.
    """
    tested = [place for place, each in enumerate(summaries) if each.figure and each.figure.p_value is not None]
    raw = [each.figure.p_value for each in summaries if each.figure and each.figure.p_value is not None]
    adjusted = dict(zip(tested, adjust([*raw, *[1.0] * unmatched]), strict=False))
    return tuple(_result(each, adjusted.get(place)) for place, each in enumerate(summaries))


def _result(summary: Summary, adjusted: float | None) -> PatternResult:
    pattern, figure = summary.pattern, summary.figure
    matched = summary.frame.filter(pl.col("outcome") == "matched")
    records = matched["records"].head(MOST_RECORDS).explode().unique(maintain_order=True).head(MOST_RECORDS)
    p_value, words = figure.adjusted(adjusted) if figure else (None, None)
    return PatternResult(
        pattern=pattern.id,
        title=matched["title"][0],
        severity=pattern.severity,
        count=matched.height,
        first=matched["begin"].min(),  # type: ignore[arg-type]  # a time column without nulls
        last=matched["end"].max(),  # type: ignore[arg-type]
        hosts=summary.hosts,
        records=tuple(records),
        inconclusive=summary.frame.height - matched.height,
        pairing=pattern.pair if pattern.sequence is not None else None,
        expected_by_chance=figure.expected if figure else None,
        p_value=p_value,
        chance=words,
        caution=pattern.caution,
        order_undetermined=int((~matched["order_known"]).sum()),
    )

"""Events told by a condition on whole records (Sigma's detections), which may use the fields of the record's other
events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import polars as pl

from logcorr.events.matching import Hits
from logcorr.events.wordbook import Wordbook
from logcorr.rulebook.globs import any_glob
from logcorr.rulebook.models import Query


def query_hits(frame: pl.DataFrame, hits: Sequence[Hits], wordbook: Wordbook) -> list[Hits]:
    """What the queries match in the timeline ``frame``, given what the wordings matched.

    Such an event has all fields of the record's other events; of a field that several have, the first one's value.
    """
    if not wordbook.queries:
        return []
    known = _fields_by_record(hits)
    used = sorted({name for query in wordbook.queries for name in query.fields})
    wide = frame.with_columns(
        _column(known.get(name), wordbook.dtypes[name], frame.height).alias(f"field:{name}") for name in used
    )
    programs = frame["program"].fill_null("")
    distinct = programs.unique()
    found = []
    for number, query in enumerate(wordbook.queries, len(wordbook.entries)):
        ours = distinct.filter(any_glob(distinct, query.programs))
        candidates = programs.is_in(ours.implode()).arg_true()
        named = dict.fromkeys(query.where.meta.root_names() or ["message"])
        seen = wide.select(pl.col(*named).gather(candidates))
        rows = candidates.filter(seen.select(query.where.alias("hit")).to_series()).cast(pl.UInt32)
        if len(rows):
            found.append(Hits(number, rows, _fields(query, known, rows)))
    return found


def _fields(query: Query, known: Mapping[str, pl.DataFrame], rows: pl.Series) -> dict[str, pl.Series]:
    """The fields of the records ``rows``, with those that the query gives; none that all of them lack."""
    fields = {name: _lookup(values, rows) for name, values in known.items()}
    for name, sources in query.gives:
        parts = [fields[source] for source in sources if source in fields]
        if parts:
            fields[name] = reduce(lambda one, other: one.fill_null(other), parts)
    return {name: values for name, values in fields.items() if values.null_count() < len(rows)}


def _fields_by_record(hits: Sequence[Hits]) -> dict[str, pl.DataFrame]:
    """For each field, its value in each record (``row``, ``value``) that has one."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for found in hits:
        for name, values in found.fields.items():
            parts.setdefault(name, []).append(pl.DataFrame({"row": found.rows, "value": values}).drop_nulls("value"))
    return {name: pl.concat(frames).unique("row", keep="first", maintain_order=True) for name, frames in parts.items()}


def _lookup(values: pl.DataFrame, rows: pl.Series) -> pl.Series:
    return rows.to_frame("row").join(values, on="row", how="left", maintain_order="left")["value"]


def _column(values: pl.DataFrame | None, dtype: type[pl.DataType], height: int) -> pl.Series:
    """A field for every record."""
    if values is None:
        return pl.repeat(None, height, dtype=dtype, eager=True)
    place = np.full(height, -1, dtype=np.int64)
    place[values["row"].to_numpy()] = np.arange(values.height)
    return values["value"].gather(pl.Series(place).set(pl.Series(place < 0), None))

"""Records whose text is itself a record: a container's output in Docker's json-file, syslog lines in a store's export.

The inner record says which program wrote it. When it was written the outer one says better where that is a container's
runtime or journald, which stamp a line as it is printed; a log store's stamp may be that of its arrival.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import Batch
from logcorr.parsers.wrappers.pasted import BEGINS
from logcorr.schema import RECORDS

_BEGINS: Final = rf"^{BEGINS}"
#: Docker's journald and syslog drivers tag lines with the container's short id.
_CONTAINER: Final = r"^[0-9a-f]{12}$"
_NAMED_BY_SERVICE: Final = "docker-compose"
_STORES: Final = frozenset({"json", "json-lines", "csv", "workbook"})
_MOST: Final = 64  # programs told apart in one block
_OF_INNER: Final = ("program", "pid", "priority", "host", "monotonic")
_TIME: Final = ("stamp", "stamp_kind", "resolution")


def opened(part: Batch, read: Callable[[bytes], Batch]) -> Batch:
    """``part`` with the records inside its records.

    Args:
        part: what a block holds.
        read: reads the lines of some text, as whole inputs are read.
    """
    if not part.rows.height:
        return part
    programs = part.rows["program"].unique()
    if _NAMED_BY_SERVICE not in part.formats:
        programs = programs.filter(programs.is_null() | programs.str.contains(_CONTAINER).fill_null(value=False))
    if not len(programs):
        return part
    rows = part.rows.with_row_index("_row")
    mine = pl.col("program").is_in(programs.implode(), nulls_equal=True)
    candidates = rows.filter(mine).filter(pl.col("message").str.contains(_BEGINS))
    if not candidates.height:
        return part
    groups = candidates.select("_row", "program", "message").partition_by("program", maintain_order=True)[:_MOST]
    found = [inner for inner in (_inner(group, read) for group in groups) if inner.height]
    if not found:
        return part
    rows = rows.join(pl.concat(found), on="_row", how="left", maintain_order="left")
    return replace(part, rows=_joined(rows, arrival=bool(_STORES.intersection(part.formats))))


def _inner(group: pl.DataFrame, read: Callable[[bytes], Batch]) -> pl.DataFrame:
    """The records in the messages of ``group`` that name their program: ``_row``, and their columns with ``_in_``."""
    parts = group["message"].str.splitn("\n", 2).struct.unnest()
    first, rest = parts.get_columns()
    data = "\n".join(first.str.replace_all("\r", "", literal=True)).encode()
    rows = read(data).rows.filter(pl.col("program").is_not_null()).unique("line", maintain_order=True)
    at = rows["line"].cast(pl.Int64) - 1
    more = pl.when(rest.gather(at).is_null()).then(rows["message"]).otherwise(rows["message"] + "\n" + rest.gather(at))
    return rows.select(
        group["_row"].gather(at),
        pl.select(more).to_series().alias("_in_message"),
        *(pl.col(name).name.prefix("_in_") for name in (*_OF_INNER, *_TIME)),
    )


def _joined(rows: pl.DataFrame, *, arrival: bool) -> pl.DataFrame:
    inside = pl.col("_in_program").is_not_null()
    utc = pl.col("stamp_kind") == "utc"
    take = inside & (pl.lit(arrival) | ~utc & (pl.col("_in_stamp_kind") == "utc"))
    when = pl.when(inside & pl.lit(arrival) & utc).then(pl.col("stamp").dt.replace_time_zone("UTC"))
    return rows.with_columns(
        pl.coalesce("_in_message", "message").alias("message"),
        *(pl.coalesce(f"_in_{name}", name).alias(name) for name in ("program", "pid", "priority")),
        *(pl.coalesce(name, f"_in_{name}").alias(name) for name in ("host", "monotonic")),
        *(pl.when(take).then(f"_in_{name}").otherwise(name).alias(name) for name in _TIME),
        pl.coalesce("received", when).alias("received"),
    ).select(*RECORDS)

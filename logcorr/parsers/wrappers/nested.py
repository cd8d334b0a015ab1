"""Records whose text is itself a record: a container's output in Docker's json-file, syslog lines in a store's export.

The inner record says which program wrote it. When it was written the outer one says better where that is a container's
runtime or journald, which stamp a line as it is printed; a log store's stamp may be that of its arrival.

What a container prints is its own word. A name in it that is not the container's is no more than quoted text, and a
host in it is not believed, unless the container is declared a collector of other machines' logs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.origin import of_text, printed, trusted
from logcorr.parsers.engine.base import Batch
from logcorr.parsers.wrappers.pasted import BEGINS
from logcorr.schema import RECORDS

_BEGINS: Final = rf"^(?:{BEGINS}|\{{ ?\")"
_OBJECT: Final = "{"  # names no program, and says what it has to say under names of its own
#: Docker's journald and syslog drivers tag lines with the container's short id.
_CONTAINER: Final = r"^[0-9a-f]{12}$"
_NAMED_BY_SERVICE: Final = "docker-compose"
_STORES: Final = frozenset({"json", "json-lines", "csv", "workbook"})
_MOST: Final = 64  # programs told apart in one block
_OF_INNER: Final = ("program", "pid", "priority", "host", "monotonic", "origin")
_TIME: Final = ("stamp", "stamp_kind", "resolution")


def unwrap_nested(part: Batch, read: Callable[[bytes], Batch], name: str = "", collectors: Sequence[str] = ()) -> Batch:
    """``part`` with the records inside its records.

    Args:
        part: what a block holds.
        read: reads the lines of some text, as whole inputs are read.
        name: of the input: a container's, where its records do not name it.
        collectors: globs on names of containers or inputs whose output is other machines' logs.
    """
    if not part.rows.height:
        return part
    declared = _Declared(name, tuple(collectors))
    rows = _with_inner(part, read, declared)
    rows = part.rows if rows is None else rows
    if not rows["origin"].is_in(["container", "quoted"]).any():
        return part if rows is part.rows else replace(part, rows=rows)
    return replace(part, rows=declared.settled(rows))


def _with_inner(part: Batch, read: Callable[[bytes], Batch], declared: _Declared) -> pl.DataFrame | None:
    """The rows with the records inside them in their place; None where there are none."""
    programs = part.rows["program"].unique()
    if _NAMED_BY_SERVICE not in part.formats:
        programs = programs.filter(programs.is_null() | programs.str.contains(_CONTAINER).fill_null(value=False))
    if not len(programs):
        return None
    rows = part.rows.with_row_index("_row")
    mine = pl.col("program").is_in(programs.implode(), nulls_equal=True)
    candidates = rows.filter(mine).filter(pl.col("message").str.contains(_BEGINS))
    if not candidates.height:
        return None
    groups = candidates.select("_row", "program", "message").partition_by("program", maintain_order=True)[:_MOST]
    found = [inner for inner in (_inner(group, read) for group in groups) if inner.height]
    if not found:
        return None
    rows = rows.join(pl.concat(found), on="_row", how="left", maintain_order="left")
    return _joined(declared.judged(rows), arrival=bool(_STORES.intersection(part.formats)))


@dataclass(frozen=True, slots=True)
class _Declared:
    """An input's name, and which containers collect other machines' logs."""

    name: str
    collectors: tuple[str, ...]

    def judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        """With the origin of the records inside (``_in_origin``), and their host only where it may be believed."""
        container = pl.coalesce("program", pl.lit(self.name, pl.String))
        names = rows.select(name=container.unique())["name"].drop_nulls()
        collects = container.is_in([name for name in names if self._are_others(name)]).fill_null(value=False)
        tagged = pl.col("program").str.contains(_CONTAINER).fill_null(value=False)
        within = ((pl.col("origin") == "container") | tagged) & ~collects
        whose = pl.when(within).then(printed(pl.col("_in_program"), container))
        return rows.with_columns(
            _in_origin=whose.when(pl.col("origin").is_in(["container", "text"])).then("_in_origin"),
            _in_host=pl.when(~within).then("_in_host"),
        )

    def settled(self, rows: pl.DataFrame) -> pl.DataFrame:
        """With the origin of what a container printed, where the input's name is the container's."""
        program, origin = pl.col("program"), pl.col("origin")
        if self._are_others(self.name):
            whose = pl.when(origin.is_in(["container", "quoted"])).then(of_text(program, pl.col("pid"), known="text"))
        else:
            named = (origin == "quoted") & pl.lit(value=bool(self.name))
            whose = pl.when(named).then(printed(program, pl.lit(self.name)))
        return rows.with_columns(origin=whose.otherwise("origin")).with_columns(trusted=trusted(origin))

    def _are_others(self, name: str) -> bool:
        return any(fnmatchcase(name, glob) for glob in self.collectors)


def _inner(group: pl.DataFrame, read: Callable[[bytes], Batch]) -> pl.DataFrame:
    """The records in the messages of ``group`` that name their program: ``_row``, and their columns with ``_in_``."""
    parts = group["message"].str.splitn("\n", 2).struct.unnest()
    first, rest = parts.get_columns()
    data = "\n".join(first.str.replace_all("\r", "", literal=True)).encode()
    objects = first.str.starts_with(_OBJECT).to_numpy()
    rows = read(data).rows.unique("line", maintain_order=True)
    rows = rows.filter(pl.col("program").is_not_null() | pl.Series(objects[rows["line"].to_numpy().astype(int) - 1]))
    at = rows["line"].cast(pl.Int64) - 1
    more = pl.when(rest.gather(at).is_null()).then(rows["message"]).otherwise(rows["message"] + "\n" + rest.gather(at))
    return rows.select(
        group["_row"].gather(at),
        pl.select(more).to_series().alias("_in_message"),
        *(pl.col(name).name.prefix("_in_") for name in (*_OF_INNER, *_TIME)),
    )


def _joined(rows: pl.DataFrame, *, arrival: bool) -> pl.DataFrame:
    inside = pl.col("_in_message").is_not_null()
    utc = pl.col("stamp_kind") == "utc"
    take = inside & (pl.lit(arrival) | ~utc & (pl.col("_in_stamp_kind") == "utc"))
    when = pl.when(inside & pl.lit(arrival) & utc).then(pl.col("stamp").dt.replace_time_zone("UTC"))
    # a store's host may be that of the collector; a container's runtime and journald know theirs
    innermost = ("program", "pid", "priority", "origin", *(("host",) if arrival else ()))
    return rows.with_columns(
        pl.coalesce("_in_message", "message").alias("message"),
        *(pl.coalesce(f"_in_{name}", name).alias(name) for name in innermost),
        *(pl.coalesce(name, f"_in_{name}").alias(name) for name in ("host", "monotonic") if name not in innermost),
        *(pl.when(take).then(f"_in_{name}").otherwise(name).alias(name) for name in _TIME),
        pl.coalesce("received", when).alias("received"),
        trusted=pl.lit(None, pl.Boolean),
    ).select(*RECORDS)

"""The one form of a sampled metric: a record a moment and thing, ``thing: metric value, metric value``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.parsers.engine.base import NO_ROWS, Batch, records
from logcorr.parsers.engine.lines import Lines
from logcorr.schema import Facts

#: What marks a row as a metric, where a journal has its transport.
TRANSPORT: Final = "metric"
#: A thing of which only the file's name may tell what it is.
NAMELESS: Final = "?"
#: What is written for no value.
EMPTY: Final = ("", "null", "NULL", "NaN", "nan", "-", "None", "undefined", "N/A", "U")
NUMBER: Final = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"

#: What a table of sysstat is of, where no column of it says: by the name of its first column, with and without ``/s``.
_SUBJECTS: Final = {
    "proc": "tasks", "pswpin": "swap", "pgpgin": "paging", "tps": "disks", "kbmemfree": "memory", "memfree": "memory",
    "frmpg": "memory", "kbswpfree": "swap", "swpfree": "swap", "kbhugfree": "huge-pages", "hugfree": "huge-pages",
    "dentunusd": "files", "runq-sz": "load", "call": "nfs", "scall": "nfs-server", "totsck": "sockets",
    "tcp6sck": "sockets6", "irec": "ip", "ihdrerr": "ip", "imsg": "icmp", "ierr": "icmp", "active": "tcp",
    "atmptf": "tcp", "idgm": "udp", "irec6": "ip6", "imsg6": "icmp6", "idgm6": "udp6", "total": "softnet",
}  # fmt: skip


def subject(metric: str) -> str:
    """What a table without names in it is of, by its first metric."""
    return _SUBJECTS.get(metric.removesuffix("/s"), "system")


def format_points(names: Sequence[str], values: Sequence[pl.Expr]) -> pl.Expr:
    """``name value, name value`` from String columns, without those that hold no value; null where none does."""
    pairs = [
        pl.when(value.is_not_null() & ~value.is_in(EMPTY)).then(pl.lit(f"{word(name)} ") + value)
        for name, value in zip(names, values, strict=True)
    ]
    text = pl.concat_str(pairs, separator=", ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def word(name: str) -> str:
    """``name`` without what would tear it from its value."""
    return "_".join(name.replace(",", " ").replace(":", " ").split()) or "value"


def points(frame: pl.DataFrame, program: str) -> pl.DataFrame:
    """Rows of schema.RECORDS from columns stamp, stamp_kind, resolution, line, host, thing and told, others kept.

    Those without a value or a time are left out.
    """
    frame = frame.filter(pl.col("told").is_not_null() & pl.col("stamp").is_not_null())
    if not frame.height:
        return NO_ROWS
    thing = pl.col("thing").str.replace_all(r"[,:\s]+", " ").str.strip_chars()
    return records(
        frame.with_columns(
            message=pl.format("{}: {}", thing, "told"),
            about=pl.when(thing != NAMELESS).then(thing),
            program=pl.lit(program),
            transport=pl.lit(TRANSPORT),
        )
    )


def whole(lines: Lines, rows: pl.DataFrame, unparsed: pl.DataFrame, name: str, facts: Facts | None = None) -> Batch:
    """A batch of a whole input: lines that hold no record and are not unparsed are part of the layout."""
    holding = rows["line"].n_unique() if rows.height else 0
    return Batch(
        rows,
        unparsed.select(pl.col("line").cast(pl.UInt32), pl.col("text").cast(pl.String)),
        lines=len(lines) + rows.height - holding,
        markers=len(lines) - holding - unparsed.height,
        facts=facts or Facts(),
        formats=(name,) if rows.height else (),
    )

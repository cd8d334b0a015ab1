"""What syslog and journalctl's text modes have in common: the pieces of a header, and rows from its groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.parsers.fields import stamps

PRI: Final = r"(?:<(?P<pri>[0-9]{1,3})>)?"
CLOCK: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
FRACTION: Final = r"(?:[.,](?P<fraction>[0-9]{1,9}))?"
ZONE: Final = r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})"
#: A host name or address: no white space or bracket, and no colon at its end (that would be a tag).
HOST: Final = r"(?P<host>[^\s:\[\]]+(?::+[^\s:\[\]]+)*)"
#: ``program[pid]: `` or ``program: ``; the message may be empty.
TAG: Final = r"(?P<program>[^\s:\[\]]+)(?:\[(?P<pid>[0-9]{1,10})\])?:(?: |$)"

_KERNEL_STAMP: Final = r"^\[ *(?P<s>[0-9]{1,9})\.(?P<us>[0-9]{6})\] ?"
#: rsyslog writes control characters as # and three octal digits.
_ESCAPES: Final = {"#011": "\t", "#012": "\n", "#015": "", "#033": "\x1b"}
_SEVERITY: Final = 7


def severity(pri: str = "pri") -> pl.Expr:
    """The severity in a ``<PRI>`` value (facility times 8 plus severity)."""
    return (pl.col(pri).cast(pl.Int64, strict=False) & _SEVERITY).cast(pl.UInt8)


def common(frame: pl.DataFrame) -> pl.DataFrame:
    """pid, priority and the kernel's uptime stamp from the groups ``pid``, ``pri`` and ``message``, where present."""
    columns: list[pl.Expr] = []
    if "uptime" in frame.columns:
        columns.append(pl.concat_str("uptime", pl.lit(" "), "message").alias("message"))
    if "pid" in frame.columns:
        columns.append(pl.col("pid").cast(pl.Int64, strict=False))
    if "pri" in frame.columns:
        given = [pl.col("priority")] if "priority" in frame.columns else []
        columns.append(pl.coalesce(severity(), *given).alias("priority"))
    return kernel_uptime(frame.with_columns(columns))


def kernel_uptime(frame: pl.DataFrame) -> pl.DataFrame:
    """Move ``[  123.456789] `` from the head of kernel messages into ``monotonic``."""
    if "program" not in frame.columns or not (frame["program"] == "kernel").any():
        return frame
    kernel = pl.col("program") == "kernel"
    found = pl.when(kernel).then(pl.col("message")).str.extract_groups(_KERNEL_STAMP)
    micros = found.struct.field("s").cast(pl.Int64) * 1_000_000 + found.struct.field("us").cast(pl.Int64)
    bare = pl.when(micros.is_null()).then(pl.col("message")).otherwise(pl.col("message").str.replace(_KERNEL_STAMP, ""))
    old = pl.col("monotonic") if "monotonic" in frame.columns else pl.lit(None, pl.Int64)
    return frame.with_columns(monotonic=pl.coalesce(old, micros), message=bare)


def unescape(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn rsyslog's ``#011``, ``#012``, ``#015``, ``#033`` back into characters (a carriage return: into none)."""
    if not frame["message"].str.contains("#0[13]", literal=False).any():
        return frame
    text = pl.col("message").str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return frame.with_columns(message=text.str.strip_chars_end("\n"))


def iso_time(frame: pl.DataFrame, formats: Sequence[str] = stamps.ISO) -> pl.DataFrame:
    """Columns ``stamp``, ``stamp_kind``, ``resolution`` from the groups ``date``, ``fraction`` and ``zone``."""
    zone = frame["zone"] if "zone" in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    fraction = frame["fraction"] if "fraction" in frame.columns else None
    whole = stamps.wall(frame["date"].str.replace_all(",", ".", literal=True), formats)
    return frame.with_columns(
        *stamps.utc(whole, zone).get_columns(), stamps.resolution(fraction, frame.height).alias("resolution")
    )


def bsd_time(frame: pl.DataFrame) -> pl.DataFrame:
    """The same from the group ``date`` (``Nov  4 03:00:45``, ``Nov 04 03:00:45.123``), without year and zone."""
    fraction = frame["fraction"] if "fraction" in frame.columns else None
    return frame.with_columns(
        stamp=stamps.yearless(frame["date"]),
        stamp_kind=pl.lit("yearless"),
        resolution=stamps.resolution(fraction, frame.height),
    )

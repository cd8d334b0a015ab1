"""Journal fields to rows of ``schema.RECORDS``: shared by export, JSON, verbose and native files.

systemd.journal-fields(7) says what the fields mean; those that begin with ``_`` are set by journald itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.parsers.base import records
from logcorr.parsers.lines import Lines, utf8, views
from logcorr.parsers.trust import trusted

#: The fields that a row is made from.
FIELDS: Final = (
    "MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "UNIT", "USER_UNIT", "INTERFACE",
    "_BOOT_ID", "_COMM", "_EXE", "_HOSTNAME", "_PID", "_SOURCE_REALTIME_TIMESTAMP", "_SYSTEMD_UNIT",
    "_SYSTEMD_USER_UNIT", "_TRANSPORT", "__CURSOR", "__MONOTONIC_TIMESTAMP", "__REALTIME_TIMESTAMP", "__SEQNUM",
    "__SEQNUM_ID",
)  # fmt: skip

_LATEST: Final = 1 << 55  # VALID_REALTIME of systemd: later than this is no time


def rows(fields: pl.DataFrame) -> pl.DataFrame:
    """RECORDS from a frame with columns of ``FIELDS`` (String; absent ones may be missing), ``line`` and ``offset``.

    The time is the sender's (``_SOURCE_REALTIME_TIMESTAMP``) where valid, else that of journald's receipt, as journalctl
    shows it. Without either the row's ``stamp`` is null.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in fields.columns]
    frame = fields.with_columns(absent)
    cursor = pl.col("__CURSOR")
    stamp = pl.coalesce(_time("_SOURCE_REALTIME_TIMESTAMP"), _time("__REALTIME_TIMESTAMP"), _cursor_time())
    identifier = pl.coalesce("SYSLOG_IDENTIFIER", "_COMM")
    return records(
        frame.with_columns(
            stamp=stamp.cast(pl.Datetime("us")),
            stamp_kind=pl.lit("utc"),
            resolution=pl.lit(1, pl.Int64),
            boot=pl.coalesce("_BOOT_ID", cursor.str.extract(r"(?:^|;)b=([0-9a-f]{32})")),
            monotonic=pl.coalesce(
                pl.col("__MONOTONIC_TIMESTAMP").cast(pl.Int64, strict=False),
                _hex(r"(?:^|;)m=([0-9a-f]{1,15})(?:;|$)", pl.Int64()),
            ),
            seqnum=pl.coalesce(
                pl.col("__SEQNUM").cast(pl.UInt64, strict=False), _hex(r"(?:^|;)i=([0-9a-f]{1,16})(?:;|$)", pl.UInt64())
            ),
            seqnum_id=pl.coalesce("__SEQNUM_ID", cursor.str.extract(r"^s=([0-9a-f]{32})")),
            host=pl.col("_HOSTNAME"),
            program=identifier,
            unit=pl.col("_SYSTEMD_UNIT"),
            pid=pl.coalesce(
                pl.col("_PID").cast(pl.Int64, strict=False), pl.col("SYSLOG_PID").cast(pl.Int64, strict=False)
            ),
            priority=pl.col("PRIORITY").cast(pl.UInt8, strict=False),
            transport=pl.col("_TRANSPORT"),
            message=pl.col("MESSAGE").fill_null(""),
            message_id=pl.col("MESSAGE_ID"),
            about=pl.coalesce("UNIT", "USER_UNIT", "INTERFACE"),
            trusted=trusted(),
        )
    )


def _time(name: str) -> pl.Expr:
    micros = pl.col(name).cast(pl.Int64, strict=False)
    return pl.when((micros > 0) & (micros < _LATEST)).then(micros)


def _cursor_time() -> pl.Expr:
    micros = _hex(r"(?:^|;)t=([0-9a-f]{1,15})(?:;|$)", pl.Int64())
    return pl.when((micros > 0) & (micros < _LATEST)).then(micros)


def _hex(pattern: str, kind: pl.DataType) -> pl.Expr:
    return pl.col("__CURSOR").str.extract(pattern).str.to_integer(base=16, dtype=kind, strict=False)


def columns(lines: Lines, entry: NDArray[np.int64], count: int) -> pl.DataFrame:
    """One row per entry, one String column for each of ``FIELDS``, from lines ``NAME=value``.

    ``entry`` is the row that each line belongs to (negative: none). Values of a repeated field are joined by newlines.
    """
    return pl.DataFrame([_column(lines, entry, count, name) for name in FIELDS])


def _column(lines: Lines, entry: NDArray[np.int64], count: int, name: str) -> pl.Series:
    key = f"{name}=".encode()
    index = lines.having(key)
    index = index[entry[index] >= 0]
    values = utf8(views(lines.data, lines.start[index] + len(key), lines.end[index]))
    return spread(name, entry[index], values, count)


def spread(name: str, entry: NDArray[np.int64], values: pl.Series, count: int) -> pl.Series:
    """A series of ``count`` strings with ``values`` at ``entry``, null elsewhere; several for one entry are joined."""
    if len(np.unique(entry)) < len(entry):
        joined = pl.DataFrame({"entry": entry, "text": values}).group_by("entry", maintain_order=True)
        several = joined.agg(pl.col("text").str.join("\n"))
        entry, values = several["entry"].to_numpy(), several["text"]
    place = np.full(count, len(values), np.int64)
    place[entry] = np.arange(len(values))
    return pl.concat([values.alias(name), pl.Series(name, [None], dtype=pl.String)]).gather(place)

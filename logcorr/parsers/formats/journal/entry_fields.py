"""Journal fields to rows of ``schema.RECORDS``: shared by export, JSON, verbose and native files.

systemd.journal-fields(7) says what the fields mean; those that begin with ``_`` are set by journald itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.origin import origins
from logcorr.parsers.engine.base import records
from logcorr.parsers.engine.lines import Lines, utf8, views

#: The fields that a row is made from.
FIELDS: Final = (
    "MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "UNIT", "USER_UNIT", "INTERFACE",
    "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "CONTAINER_NAME",
    "_BOOT_ID", "_COMM", "_EXE", "_HOSTNAME", "_PID", "_SOURCE_REALTIME_TIMESTAMP", "_SYSTEMD_UNIT",
    "_SYSTEMD_USER_UNIT", "_TRANSPORT", "_UID", "__CURSOR", "__MONOTONIC_TIMESTAMP", "__REALTIME_TIMESTAMP",
    "__SEQNUM", "__SEQNUM_ID",
)  # fmt: skip

#: Of these an entry that repeats the field has one value, the first.
SINGLE: Final = frozenset(FIELDS) - {"MESSAGE"}

#: The parts of ``__CURSOR`` and the fields that they repeat; numbers are hexadecimal there.
_CURSOR: Final = {
    "s": "__SEQNUM_ID", "i": "__SEQNUM", "b": "_BOOT_ID", "m": "__MONOTONIC_TIMESTAMP", "t": "__REALTIME_TIMESTAMP",
}  # fmt: skip
_HEXADECIMAL: Final = ("i", "m", "t")

#: Values that are no lines: by field, the positions of the lines that name them (ascending), and their text.
Binary = Mapping[str, tuple[NDArray[np.int64], pl.Series]]

_DEBUG: Final = 7  # the last of syslog's severities
_LATEST: Final = 1 << 55  # VALID_REALTIME of systemd: later than this is no time


def rows(fields: pl.DataFrame) -> pl.DataFrame:
    """RECORDS from columns of ``FIELDS`` (String; any may be missing), ``line`` and ``offset``.

    The time is the sender's (``_SOURCE_REALTIME_TIMESTAMP``) where valid, else that of journald's receipt, as
    journalctl shows it. Without either the row's ``stamp`` is null.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in fields.columns]
    frame = _from_cursor(fields.with_columns(absent))
    return records(
        frame.with_columns(
            stamp=pl.coalesce(_time("_SOURCE_REALTIME_TIMESTAMP"), _time("__REALTIME_TIMESTAMP")),
            stamp_kind=pl.lit("utc"),
            resolution=pl.lit(1, pl.Int64),
            boot=pl.col("_BOOT_ID"),
            monotonic=pl.col("__MONOTONIC_TIMESTAMP").cast(pl.Int64, strict=False),
            seqnum=pl.col("__SEQNUM").cast(pl.UInt64, strict=False),
            seqnum_id=pl.col("__SEQNUM_ID"),
            host=pl.col("_HOSTNAME"),
            program=pl.coalesce("SYSLOG_IDENTIFIER", "_COMM"),
            unit=pl.col("_SYSTEMD_UNIT"),
            pid=pl.coalesce("_PID", "SYSLOG_PID").cast(pl.Int64, strict=False),
            priority=_severity(),
            transport=pl.col("_TRANSPORT"),
            message=pl.col("MESSAGE").fill_null(""),
            message_id=pl.col("MESSAGE_ID"),
            about=pl.coalesce("UNIT", "USER_UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "INTERFACE"),
            origin=origins(frame),
        )
    )


def _severity() -> pl.Expr:
    level = pl.col("PRIORITY").cast(pl.UInt8, strict=False)
    return pl.when(level <= _DEBUG).then(level)


def _time(name: str) -> pl.Expr:
    micros = pl.col(name).cast(pl.Int64, strict=False)
    return pl.when((micros > 0) & (micros < _LATEST)).then(micros).cast(pl.Datetime("us"))


def _from_cursor(frame: pl.DataFrame) -> pl.DataFrame:
    """Fill what systemd before v254 (no ``__SEQNUM``) and verbose output (no times) carry in the cursor alone."""
    lacking = {part: name for part, name in _CURSOR.items() if frame[name].null_count()}
    if not lacking or frame["__CURSOR"].null_count() == frame.height:
        return frame
    names = [*_CURSOR, "rest"]
    parts = frame["__CURSOR"].str.split_exact(";", len(_CURSOR)).struct.rename_fields(names).struct.unnest()
    sound = pl.all_horizontal(pl.col(part).str.starts_with(f"{part}=") for part in _CURSOR)
    told = parts.select(pl.when(sound).then(_cursor_value(part)).alias(name) for part, name in lacking.items())
    return frame.with_columns(pl.coalesce(pl.col(name), told[name]).alias(name) for name in told.columns)


def _cursor_value(part: str) -> pl.Expr:
    value = pl.col(part).str.strip_prefix(f"{part}=")
    number = value.str.to_integer(base=16, dtype=pl.UInt64, strict=False)
    return number.cast(pl.String) if part in _HEXADECIMAL else value


def columns(
    lines: Lines, entry: NDArray[np.int64], count: int, binary: Binary | None = None
) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """One row per entry and a String column for each of ``FIELDS``, from lines ``NAME=value``; and which lines served.

    ``entry`` is the row that each line belongs to (negative: none). Of a field that an entry repeats, the first value
    counts, as in native files; the texts of a repeated MESSAGE are joined by newlines.
    """
    used = np.zeros(len(lines), np.bool_)
    series = []
    for name in FIELDS:
        key = f"{name}=".encode()
        index = lines.having(key)
        index = index[entry[index] >= 0]
        used[index] = True
        values = utf8(views(lines.data, lines.start[index] + len(key), lines.end[index]))
        owner = entry[index]
        if binary and name in binary:
            place, more = binary[name]
            order = np.argsort(np.concatenate([index, place]), kind="stable")
            values = pl.concat([values, more]).gather(order)
            owner = np.concatenate([owner, entry[place]])[order]
        series.append(spread(name, owner, values, count))
    return pl.DataFrame(series), used


def spread(name: str, entry: NDArray[np.int64], values: pl.Series, count: int) -> pl.Series:
    """A series of ``count`` strings with ``values`` at ``entry`` (ascending), null elsewhere.

    Of several for one entry the first counts in a column of ``SINGLE``; else they are joined by newlines.
    """
    if (entry[1:] <= entry[:-1]).any():
        several = pl.DataFrame({"entry": entry, "text": values}).group_by("entry", maintain_order=True)
        text = pl.col("text").first() if name in SINGLE else pl.col("text").str.join("\n")
        one = several.agg(text)
        entry, values = one["entry"].to_numpy(), one["text"]
    place = np.full(count, len(values), np.int64)
    place[entry] = np.arange(len(values))
    return pl.concat([values.alias(name), pl.Series(name, [None], dtype=pl.String)]).gather(place)

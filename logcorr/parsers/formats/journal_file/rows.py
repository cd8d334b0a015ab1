"""The columns of ``schema.RECORDS``: what can be told of distinct values is, then comes one take per column."""

from __future__ import annotations

import math
from functools import reduce
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.origin import CLAIM, ORIGIN, VOUCHED, judged, trusted
from logcorr.parsers.formats.journal_file.columns import ABOUT, Column, Columns
from logcorr.parsers.formats.journal_file.entries import Entries
from logcorr.parsers.formats.journal_file.layout import BOOT_ID, MONOTONIC, SEQNUM
from logcorr.schema import RECORDS

_ID: Final = 16  # bytes
_DEBUG: Final = 7  # the last of syslog's severities

#: Columns that say the same of every row.
_CONSTANT: Final = {"stamp_kind": "utc", "resolution": 1, "received": None, "repeat": 1}


def records(
    entries: Entries, columns: Columns, seqnum_id: str, *, lines: NDArray[np.integer], first_offset: int
) -> pl.DataFrame:
    """Rows of ``schema.RECORDS``, one per entry; ``lines`` are their numbers."""
    field = columns.fields
    series = {
        "line": lines.astype(np.uint32),
        "offset": (entries.offsets + first_offset).view(np.uint64),
        "stamp": pl.Series(columns.stamp).cast(pl.Datetime("us")),
        "boot": _boot(entries),
        "monotonic": entries.head[MONOTONIC].view(np.int64),
        "seqnum": entries.head[SEQNUM],
        "host": field["_HOSTNAME"].take(),
        "program": field["SYSLOG_IDENTIFIER"].or_else(field["_COMM"]).take(),
        "unit": field["_SYSTEMD_UNIT"].take(),
        "pid": field["_PID"].or_else(field["SYSLOG_PID"]).integers(pl.Int64()),
        "priority": _priority(field["PRIORITY"]),
        "transport": field["_TRANSPORT"].take(),
        "message": _message(field["MESSAGE"], columns.more),
        "message_id": field["MESSAGE_ID"].take(),
        "about": reduce(Column.or_else, (field[name] for name in ABOUT)).take(),
        "origin": _origin(field, entries.loose),
    }
    constant = [pl.lit(value).alias(name) for name, value in _CONSTANT.items()]
    frame = pl.DataFrame(series).with_columns(
        *constant, trusted(pl.col("origin")).alias("trusted"), seqnum_id=pl.lit(seqnum_id)
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in RECORDS.items())


def _priority(priority: Column) -> pl.Series:
    levels = priority.values.cast(pl.UInt8, strict=False)
    return priority.take(levels.set(levels > _DEBUG, None))


def _boot(entries: Entries) -> pl.Series:
    """Boot ids in hex, made once per stretch of entries with the same one."""
    halves = entries.head[BOOT_ID : BOOT_ID + 2]
    changed = np.ones(halves.shape[1], np.bool_)
    changed[1:] = (halves[:, 1:] != halves[:, :-1]).any(axis=0)
    raw = halves[:, changed].T.tobytes()
    stretches = pl.Series([raw[at : at + _ID] for at in range(0, len(raw), _ID)], dtype=pl.Binary)
    return stretches.bin.encode("hex").gather(pl.Series(np.cumsum(changed) - 1))


def _message(message: Column, again: NDArray[np.int64]) -> pl.Series:
    """Every row has a message, if an empty one; those of an entry that repeats the field are joined by newlines."""
    values = message.values.fill_null("")
    series = message.take(values)
    if not len(again):
        return series
    more = pl.DataFrame({"row": again[:, 0], "text": values.gather(again[:, 1])})
    joined = more.group_by("row", maintain_order=True).agg(pl.col("text").str.join("\n"))
    return series.scatter(joined["row"], series.gather(joined["row"]) + "\n" + joined["text"])


def _origin(field: dict[str, Column], loose: NDArray[np.bool_]) -> pl.Series:
    """``origin.judged``, worked out once for each combination of values; of what only looks like an entry, nothing."""
    columns = {name: field[name] for name in (CLAIM, *VOUCHED)}
    sizes = [len(column.values) for column in columns.values()]
    if math.prod(sizes) < 1 << 62:
        code = np.ravel_multi_index([column.index for column in columns.values()], sizes)
        distinct = np.sort(code)
        distinct = distinct[np.flatnonzero(np.diff(distinct, prepend=-1))]
        row = np.searchsorted(distinct, code)
        chosen = [
            column.values.gather(at)
            for column, at in zip(columns.values(), np.unravel_index(distinct, sizes), strict=True)
        ]
    else:
        row = np.arange(len(loose))
        chosen = [column.take() for column in columns.values()]
    answer = judged(pl.DataFrame(chosen, schema=list(columns))).gather(row)
    return answer.zip_with(~pl.Series(loose), pl.Series(["text"], dtype=ORIGIN)) if loose.any() else answer

"""The columns of ``schema.RECORDS``: each distinct value decoded once, then one take per column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow ships no types
from numpy.typing import NDArray

from logcorr.parsers import trust
from logcorr.parsers.journal_file.entries import Entries
from logcorr.parsers.journal_file.items import Items
from logcorr.parsers.journal_file.layout import BOOT_ID, MONOTONIC, REALTIME, SEQNUM, TIME_END, Journal
from logcorr.parsers.journal_file.values import text
from logcorr.schema import RECORDS

#: The fields that a row is made from (systemd.journal-fields(7)).
FIELDS: Final = (
    "MESSAGE",
    "_SOURCE_REALTIME_TIMESTAMP",
    "SYSLOG_IDENTIFIER",
    "_TRANSPORT",
    "_PID",
    "_COMM",
    "_EXE",
    "_SYSTEMD_UNIT",
    "_SYSTEMD_USER_UNIT",
    "SYSLOG_PID",
    "PRIORITY",
    "_HOSTNAME",
    "MESSAGE_ID",
    "UNIT",
    "USER_UNIT",
    "INTERFACE",
)
_NUMBER: Final = {name: index for index, name in enumerate(FIELDS)}


_DEBUG: Final = 7  # the last of syslog's severities

#: Columns that say the same of every row.
_CONSTANT: Final = {"stamp_kind": "utc", "resolution": 1, "received": None, "repeat": 1}


@dataclass(frozen=True, slots=True)
class _Column:
    """A field's distinct values behind a null at 0, and for each row the index of its value."""

    values: pl.Series
    index: NDArray[np.uint32]

    def take(self, values: pl.Series | None = None) -> pl.Series:
        """One value per row: the field's own, or from ``values`` made of them."""
        return (self.values if values is None else values).gather(pl.Series(self.index))

    def integers(self, kind: pl.DataType) -> pl.Series:
        """One integer per row, null where the value is none of that type."""
        return self.take(self.values.cast(kind, strict=False))

    def or_else(self, other: _Column) -> _Column:
        """``other`` where this has no value."""
        if len(other.values) == 1:
            return self
        behind = np.where(other.index == 0, np.uint32(0), other.index + np.uint32(len(self.values)))
        values = pl.concat([self.values, other.values], rechunk=True)
        return _Column(values, np.where(self.index == 0, behind, self.index))


def records(journal: Journal, entries: Entries, items: Items, *, first_line: int, first_offset: int) -> pl.DataFrame:
    """Rows of ``schema.RECORDS``, one per entry.

    The time is the sender's where valid, else that of journald's receipt, as journalctl shows it.
    """
    place = np.zeros(len(items.field), np.uint32)
    field = {name: _column(journal, items, index, place) for index, name in enumerate(FIELDS)}
    columns = {
        "line": np.arange(first_line, first_line + len(entries.offsets), dtype=np.uint32),
        "offset": (entries.offsets + first_offset).view(np.uint64),
        "stamp": _stamp(field["_SOURCE_REALTIME_TIMESTAMP"], entries.head[REALTIME].view(np.int64)),
        "boot": _boot(entries),
        "monotonic": entries.head[MONOTONIC].view(np.int64),
        "seqnum": entries.head[SEQNUM],
        "host": field["_HOSTNAME"].take(),
        "program": field["SYSLOG_IDENTIFIER"].or_else(field["_COMM"]).take(),
        "unit": field["_SYSTEMD_UNIT"].take(),
        "pid": field["_PID"].or_else(field["SYSLOG_PID"]).integers(pl.Int64()),
        "priority": _priority(field["PRIORITY"]),
        "transport": field["_TRANSPORT"].take(),
        "message": _message(field["MESSAGE"], items.repeats, place),
        "message_id": field["MESSAGE_ID"].take(),
        "about": field["UNIT"].or_else(field["USER_UNIT"]).or_else(field["INTERFACE"]).take(),
        "trusted": _trusted(field, entries.loose),
    }
    constant = [pl.lit(value).alias(name) for name, value in _CONSTANT.items()]
    frame = pl.DataFrame(columns).with_columns(*constant, seqnum_id=pl.lit(journal.header.seqnum_id))
    return frame.select(pl.col(name).cast(kind) for name, kind in RECORDS.items())


def _column(journal: Journal, items: Items, field: int, place: NDArray[np.uint32]) -> _Column:
    """The column of field number ``field``; ``place`` is room for one index per data object."""
    numbers = np.flatnonzero(items.field == field)
    packed = [number for number in items.unpacked if items.field[number] == field]
    numbers = np.delete(numbers, np.searchsorted(numbers, packed)) if packed else numbers
    at = items.place[numbers].astype(np.int64)
    skipped = journal.data_head + len(FIELDS[field]) + 1
    values = text(journal.data, at * 8 + skipped, journal.words[at + 1].view(np.int64) - skipped)
    if packed:
        values = pl.concat([values, _unpacked_text([items.unpacked[number] for number in packed])], rechunk=True)
        numbers = np.concatenate([numbers, packed])
    place[numbers] = np.arange(1, len(numbers) + 1)
    return _Column(values, place.take(items.table[field]))


def _unpacked_text(values: list[bytes]) -> pl.Series:
    length = np.array([len(value) for value in values], np.int64)
    return text(b"".join(values), np.cumsum(length) - length, length)[1:]


def _stamp(source: _Column, received: NDArray[np.int64]) -> pl.Series:
    sent = source.values.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    sent = np.where((sent > 0) & (sent < TIME_END), sent, 0)[source.index]
    return pl.Series(np.where(sent > 0, sent, received)).cast(pl.Datetime("us"))


def _priority(priority: _Column) -> pl.Series:
    levels = priority.values.cast(pl.UInt8, strict=False)
    return priority.take(levels.set(levels > _DEBUG, None))


def _boot(entries: Entries) -> pl.Series:
    """Boot ids in hex, made once per stretch of entries with the same one."""
    halves = entries.head[BOOT_ID : BOOT_ID + 2]
    changed = np.ones(halves.shape[1], np.bool_)
    changed[1:] = (halves[:, 1:] != halves[:, :-1]).any(axis=0)
    raw = halves[:, changed].T.copy()
    stretches = pa.Array.from_buffers(pa.binary(16), len(raw), [None, pa.py_buffer(raw)])
    return pl.Series(stretches, dtype=pl.Binary).bin.encode("hex").gather(pl.Series(np.cumsum(changed) - 1))


def _message(message: _Column, repeats: NDArray[np.int64], place: NDArray[np.uint32]) -> pl.Series:
    """Every row has a message, if an empty one; those of an entry that repeats the field are joined by newlines."""
    values = message.values.fill_null("")
    series = message.take(values)
    if not len(repeats):
        return series
    more = pl.DataFrame({"row": repeats[:, 0], "text": values.gather(place[repeats[:, 1]])})
    joined = more.group_by("row", maintain_order=True).agg(pl.col("text").str.join("\n"))
    return series.scatter(joined["row"], series.gather(joined["row"]) + "\n" + joined["text"])


def _trusted(field: dict[str, _Column], loose: NDArray[np.bool_]) -> pl.Series:
    """The rule of ``trust``, worked out once for each combination of values; null for what only looks like an entry."""
    columns = {name: field[name] for name in (trust.CLAIM, *trust.ORIGIN)}
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
    answer = pl.DataFrame(chosen, schema=list(columns)).select(trust.trusted()).to_series().gather(row)
    return answer.zip_with(~pl.Series(loose), pl.Series([None], dtype=pl.Boolean)) if loose.any() else answer

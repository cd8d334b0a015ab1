"""The columns of ``schema.RECORDS``: each distinct value decoded once, then one take per column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow ships no types
from numpy.typing import NDArray

from logcorr.parsers import trust
from logcorr.parsers.journal_file.entries import Entries
from logcorr.parsers.journal_file.items import Items
from logcorr.parsers.journal_file.layout import BOOT_ID, MONOTONIC, REALTIME, SEQNUM, TIME_END, Journal
from logcorr.parsers.journal_file.values import DIGITS, micros, text
from logcorr.schema import RECORDS

_SENT: Final = "_SOURCE_REALTIME_TIMESTAMP"

#: What a line is about, by precedence: units that systemd, coredump and other daemons name, or networkd's interface.
_ABOUT: Final = ("UNIT", "USER_UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "INTERFACE")

#: The fields that a row is made from (systemd.journal-fields(7)).
FIELDS: Final = (
    "MESSAGE",
    _SENT,
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
    *_ABOUT,
)


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
    field = {name: _column(journal, items, name, place) for name in FIELDS if name != _SENT}
    columns = {
        "line": np.arange(first_line, first_line + len(entries.offsets), dtype=np.uint32),
        "offset": (entries.offsets + first_offset).view(np.uint64),
        "stamp": _stamp(journal, items, entries.head[REALTIME].view(np.int64)),
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
        "about": reduce(_Column.or_else, (field[name] for name in _ABOUT)).take(),
        "trusted": _trusted(field, entries.loose),
    }
    constant = [pl.lit(value).alias(name) for name, value in _CONSTANT.items()]
    frame = pl.DataFrame(columns).with_columns(*constant, seqnum_id=pl.lit(journal.header.seqnum_id))
    return frame.select(pl.col(name).cast(kind) for name, kind in RECORDS.items())


def _column(journal: Journal, items: Items, name: str, place: NDArray[np.uint32]) -> _Column:
    """The column of field ``name``; ``place`` is room for one index per data object."""
    field = FIELDS.index(name)
    numbers, values = _texts(journal, items, name, np.flatnonzero(items.field == field))
    place[numbers] = np.arange(1, len(numbers) + 1)
    return _Column(values, place.take(items.table[field]))


def _texts(
    journal: Journal, items: Items, name: str, numbers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], pl.Series]:
    """The values of the data objects ``numbers`` of field ``name``, behind a null, and the order that they are in."""
    packed = _is_packed(items, numbers)
    values = text(journal.data, *_spans(journal, items, name, numbers[~packed]))
    if packed.any():
        unpacked = [items.unpacked[number] for number in numbers[packed].tolist()]
        values = pl.concat([values, _unpacked_text(unpacked)], rechunk=True)
        numbers = np.concatenate([numbers[~packed], numbers[packed]])
    return numbers, values


def _is_packed(items: Items, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    packed = np.zeros(len(items.field), np.bool_)
    packed[list(items.unpacked)] = True
    return packed[numbers]


def _spans(
    journal: Journal, items: Items, name: str, numbers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the values of data objects begin, and their lengths."""
    at = items.place[numbers].astype(np.int64)
    skipped = journal.data_head + len(name) + 1
    return at * 8 + skipped, journal.words.take(at + 1).view(np.int64) - skipped


def _unpacked_text(values: list[bytes]) -> pl.Series:
    length = np.array([len(value) for value in values], np.int64)
    return text(b"".join(values), np.cumsum(length) - length, length)[1:]


def _stamp(journal: Journal, items: Items, received: NDArray[np.int64]) -> pl.Series:
    """The sender's time, which nearly every entry has for itself and which is nearly always 16 digits."""
    field = FIELDS.index(_SENT)
    numbers = np.flatnonzero(items.field == field)
    start, length = _spans(journal, items, _SENT, numbers)
    usual = (length == DIGITS) & ~_is_packed(items, numbers)
    sent = np.zeros(len(items.field), np.int64)
    sent[numbers[usual]] = micros(journal.words, start[usual])
    odd, values = _texts(journal, items, _SENT, numbers[~usual])
    sent[odd] = values[1:].cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    stamp = sent.take(items.table[field])
    return pl.Series(np.where((stamp > 0) & (stamp < TIME_END), stamp, received)).cast(pl.Datetime("us"))


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

"""The values of wanted fields, copied out of the file: each distinct one decoded once, and which one an entry has."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file.entries import Entries
from logcorr.parsers.formats.journal_file.items import Items, gather
from logcorr.parsers.formats.journal_file.layout import REALTIME, TIME_END, Journal
from logcorr.parsers.formats.journal_file.values import DIGITS, parse_digits, text

_SENT: Final = "_SOURCE_REALTIME_TIMESTAMP"

#: What a line is about, by precedence: units that systemd, coredump and other daemons name, or networkd's interface.
ABOUT: Final = ("UNIT", "USER_UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "INTERFACE")

#: The fields that a row is made from (systemd.journal-fields(7)).
FIELDS: Final = (
    "MESSAGE",
    _SENT,
    "SYSLOG_IDENTIFIER",
    "_TRANSPORT",
    "_PID",
    "_UID",
    "_COMM",
    "_EXE",
    "_SYSTEMD_UNIT",
    "_SYSTEMD_USER_UNIT",
    "SYSLOG_PID",
    "PRIORITY",
    "_HOSTNAME",
    "MESSAGE_ID",
    "CONTAINER_NAME",
    *ABOUT,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field's distinct values behind a null at 0, and for each row the index of its value."""

    values: pl.Series
    index: NDArray[np.uint32]

    def take(self, values: pl.Series | None = None) -> pl.Series:
        """One value per row: the field's own, or from ``values`` made of them."""
        return (self.values if values is None else values).gather(pl.Series(self.index))

    def integers(self, kind: pl.DataType) -> pl.Series:
        """One integer per row, null where the value is none of that type."""
        return self.take(self.values.cast(kind, strict=False))

    def or_else(self, other: Column) -> Column:
        """``other`` where this has no value."""
        if len(other.values) == 1:
            return self
        behind = np.where(other.index == 0, np.uint32(0), other.index + np.uint32(len(self.values)))
        values = pl.concat([self.values, other.values], rechunk=True)
        return Column(values, np.where(self.index == 0, behind, self.index))


@dataclass(frozen=True, slots=True)
class Columns:
    """What the rows need to know of the fields; nothing refers to the bytes of the file.

    ``stamp`` is µs, the sender's time where valid, else that of journald's receipt, as journalctl shows it. ``more``
    has a row [entry, index of a value] for each further MESSAGE of an entry.
    """

    fields: dict[str, Column]  # by name, all of FIELDS but the sender's time
    stamp: NDArray[np.int64]
    more: NDArray[np.int64]
    bad_items: int  # as in Items
    bad_values: int


def look_up(journal: Journal, entries: Entries) -> Columns:
    """The values of ``FIELDS`` in all ``entries``."""
    items = gather(journal, entries, FIELDS)
    place = np.zeros(len(items.field), np.uint32)
    return Columns(
        fields={name: _column(journal, items, name, place) for name in FIELDS if name != _SENT},
        stamp=_stamp(journal, items, entries.head[REALTIME].view(np.int64)),
        more=np.stack([items.repeats[:, 0], place[items.repeats[:, 1]]], axis=1),
        bad_items=items.bad_items,
        bad_values=items.bad_values,
    )


def _column(journal: Journal, items: Items, name: str, place: NDArray[np.uint32]) -> Column:
    """The column of field ``name``; ``place`` is room for one index per data object."""
    field = FIELDS.index(name)
    numbers, values = _texts(journal, items, name, np.flatnonzero(items.field == field))
    place[numbers] = np.arange(1, len(numbers) + 1)
    index = items.table[field]  # its memory is used again
    return Column(values, place.take(index, out=index, mode="clip"))


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


def _stamp(journal: Journal, items: Items, received: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sender's time, which nearly every entry has for itself and which is nearly always 16 digits."""
    field = FIELDS.index(_SENT)
    numbers = np.flatnonzero(items.field == field)
    start, length = _spans(journal, items, _SENT, numbers)
    usual = (length == DIGITS) & ~_is_packed(items, numbers)
    sent = np.zeros(len(items.field), np.int64)
    sent[numbers[usual]] = parse_digits(journal.words, start[usual])
    odd, values = _texts(journal, items, _SENT, numbers[~usual])
    sent[odd] = values[1:].cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    stamp = sent.take(items.table[field])
    return np.where((stamp > 0) & (stamp < TIME_END), stamp, received)

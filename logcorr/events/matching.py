"""One wording against the rows that it may match: which it does match, and the typed fields that it finds there."""

from __future__ import annotations

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.events.wordbook import Entry
from logcorr.narrow import narrowed
from logcorr.rulebook.wordings import CompiledWording, set_dtype


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The rows that one wording or query matches, ascending, and a column for each of its fields."""

    number: int  # of the wording or query in the wordbook
    rows: pl.Series
    fields: dict[str, pl.Series]


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """The rows (ascending) in whose messages outsiders chose something, and the messages without that."""

    rows: pl.Series
    message: pl.Series

    def over(self, message: pl.Series, rows: pl.Series) -> pl.Series:
        """The messages of ``rows``, a part of all (ascending), with these in the place of their own."""
        hidden, wanted = self.rows.to_numpy(), rows.to_numpy()
        place = np.minimum(np.searchsorted(hidden, wanted), len(hidden) - 1)
        mine = np.flatnonzero(hidden[place] == wanted)
        return message.scatter(mine, self.message[pl.Series(place[mine])]) if mine.size else message


def match_entry(
    records: pl.DataFrame, entry: Entry, rows: pl.Series, hidden: Hidden | None = None, *, fields: bool = True
) -> Hits:
    """Hold a wording against rows of ``records``: ``message``, ``wide``, ``message_id``, ``transport``, row n at n.

    It sees nothing of what outsiders chose, unless it is meant to. ``fields``: whether these are wanted, too.
    """
    wording = entry.wording
    # an operation on a frame costs as much as matching a hundred lines: there is none that the wording does not need
    message = records["message"][rows]
    if hidden is not None and not entry.as_written:
        message = hidden.over(message, rows)
    if wording.message_id is not None:
        fits = _identified(records, wording, rows)
        rows, message = rows.filter(fits), message.filter(fits)
    plain = not records["wide"][rows].any()
    if wording.regex is not None and len(rows):
        fits = message.str.contains(_told(wording.regex, plain=plain))
        rows, message = rows.filter(fits), message.filter(fits)
    if wording.unless and len(rows):
        fits = ~_plainly(message.str.contains_any(list(wording.unless)))
        rows, message = rows.filter(fits), message.filter(fits)
    if wording.unless_matches is not None and len(rows):
        fits = ~_plainly(message.str.contains(_told(wording.unless_matches, plain=plain)))
        rows, message = rows.filter(fits), message.filter(fits)
    return Hits(entry.number, rows, _fields(message, wording, plain=plain) if fields and len(rows) else {})


def _told(regex: str, *, plain: bool) -> str:
    """An expression for messages, ``plain`` where they are of ASCII alone."""
    return narrowed(regex) if plain else regex


def _plainly(mask: pl.Series) -> pl.Series:
    """False where nothing is known."""
    return mask.fill_null(value=False) if mask.has_nulls() else mask


def _identified(records: pl.DataFrame, wording: CompiledWording, rows: pl.Series) -> pl.Series:
    """Whether the message id is the wanted one. Without a journal's fields (no transport) the text alone decides."""
    message_id = records["message_id"][rows]
    same = _plainly(message_id == wording.message_id)
    if wording.regex is None:
        return same
    return same | (message_id.is_null() & records["transport"][rows].is_null())


def _fields(message: pl.Series, wording: CompiledWording, *, plain: bool) -> dict[str, pl.Series]:
    """The fields of matching messages, converted to their types."""
    found: dict[str, pl.Series] = {}
    if wording.fields and wording.regex is not None:
        groups = message.str.extract_groups(_told(wording.regex, plain=plain)).struct.unnest()
        found = {name: groups[name] for name in wording.fields}
        typed = {name: kind for name, kind in wording.fields.items() if kind.changes}
        if typed:
            converted = groups.select(kind.convert(pl.col(name)).alias(name) for name, kind in typed.items())
            found |= {column.name: column for column in converted}
    for name, value in wording.set.items():
        implied = pl.Series([value], dtype=set_dtype(name, value)).new_from_index(0, len(message))
        found[name] = found[name].fill_null(implied) if name in found else implied
    return found

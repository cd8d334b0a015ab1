"""One wording against the rows that it may match: which it does match, and the typed fields that it finds there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

import polars as pl

from logcorr.events.wordbook import Entry
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
        mine = rows.is_in(self.rows.implode()).arg_true()
        if mine.is_empty():
            return message
        place = self.rows.search_sorted(rows.gather(mine))
        return message.scatter(mine, self.message.gather(place))


def match_entry(
    records: pl.DataFrame, entry: Entry, rows: pl.Series, hidden: Hidden | None = None, *, fields: bool = True
) -> Hits:
    """Hold a wording against some rows of ``records`` (``message``, ``message_id``, ``transport``; row n at n).

    It sees nothing of what outsiders chose, unless it is meant to. ``fields``: whether these are wanted, too.
    """
    wording = entry.wording
    message = records["message"].gather(rows)
    if hidden is not None and not entry.as_written:
        message = hidden.over(message, rows)
    # an operation on a frame costs as much as matching a hundred lines: there is none that the wording does not need
    fits: list[pl.Series] = []
    if wording.message_id is not None:
        fits.append(_identified(records, wording, rows))
    if wording.unless:
        fits.append(~message.str.contains_any(list(wording.unless)).fill_null(value=False))
    if wording.unless_matches is not None:
        fits.append(~message.str.contains(wording.unless_matches).fill_null(value=False))
    if wording.regex is not None:
        fits.append(message.str.contains(wording.regex))
    if fits:
        mask = reduce(and_, fits)
        rows, message = rows.filter(mask), message.filter(mask)
    return Hits(entry.number, rows, _fields(message, wording) if fields and len(rows) else {})


def _identified(records: pl.DataFrame, wording: CompiledWording, rows: pl.Series) -> pl.Series:
    """Whether the message id is the wanted one. Without a journal's fields (no transport) the text alone decides."""
    message_id = records["message_id"].gather(rows)
    same = (message_id == wording.message_id).fill_null(value=False)
    if wording.regex is None:
        return same
    return same | (message_id.is_null() & records["transport"].gather(rows).is_null())


def _fields(message: pl.Series, wording: CompiledWording) -> dict[str, pl.Series]:
    """The fields of matching messages, converted to their types."""
    found: dict[str, pl.Series] = {}
    if wording.fields and wording.regex is not None:
        groups = message.str.extract_groups(wording.regex).struct.unnest()
        found = {name: groups[name] for name in wording.fields}
        typed = {name: kind for name, kind in wording.fields.items() if kind.changes}
        if typed:
            converted = groups.select(kind.convert(pl.col(name)).alias(name) for name, kind in typed.items())
            found |= {column.name: column for column in converted}
    for name, value in wording.set.items():
        implied = pl.repeat(value, len(message), dtype=set_dtype(name, value), eager=True)
        found[name] = found[name].fill_null(implied) if name in found else implied
    return found

"""One wording against the rows that it may match: which it does match, and the typed fields that it finds there."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from logcorr.events.wordbook import Entry
from logcorr.rulebook.wordings import CompiledWording, set_dtype


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The rows that one wording or query matches, ascending, and a column for each of its fields."""

    number: int  # of the wording or query in the wordbook
    rows: pl.Series
    fields: dict[str, pl.Series]


def match_entry(records: pl.DataFrame, entry: Entry, rows: pl.Series) -> Hits:
    """Hold a wording against some rows of ``records`` (``message``, ``message_id``, ``transport``; row n at n)."""
    wording = entry.wording
    message = records["message"].gather(rows)
    fits = _identified(records, wording, rows)
    if wording.unless:
        fits &= ~message.str.contains_any(list(wording.unless)).fill_null(value=False)
    if wording.unless_matches is not None:
        fits &= ~message.str.contains(wording.unless_matches).fill_null(value=False)
    if wording.regex is not None:
        fits &= message.str.contains(wording.regex).fill_null(value=False)
    found = rows.filter(fits)
    return Hits(entry.number, found, _fields(message.filter(fits), wording) if len(found) else {})


def _identified(records: pl.DataFrame, wording: CompiledWording, rows: pl.Series) -> pl.Series:
    """Whether the message id is the wanted one. Without a journal's fields (no transport) the text alone decides."""
    if wording.message_id is None:
        return pl.repeat(value=True, n=len(rows), eager=True)
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
        typed = groups.select(kind.convert(pl.col(name)).alias(name) for name, kind in wording.fields.items())
        found = {column.name: column for column in typed}
    for name, value in wording.set.items():
        implied = pl.repeat(value, len(message), dtype=set_dtype(name, value), eager=True)
        found[name] = found[name].fill_null(implied) if name in found else implied
    return found

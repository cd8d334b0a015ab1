"""Which events a daemon's own rate limit hides.

tailscaled limits each format string to a burst of five lines and then one every five seconds (types/logger). It notes
``[RATELIMIT] format("...")`` when it begins to hold lines of that format back, and the same with ``(N dropped)`` when
it goes on. The rules turn such lines into ``logs.suppressed`` with the field ``format``; here they gain ``hides``:
the names, separated by blanks, of the events whose absence from that program proves nothing in the meantime. It stays
null where that cannot be told: a format that is all verbs (``%s: %v``), or the name of one of the kernel's functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from logcorr.coverage.limiters import NOTE
from logcorr.events.wordbook import Entry, Group, Wordbook

#: Distinct formats that are looked into; of any more, ``hides`` stays null.
MAX_FORMATS: Final = 200
#: Pieces of a format shorter than this could belong to any wording.
_TELLING: Final = 8

_VERB: Final = re.compile(r"%[-+# 0]*(?:\[\d+\])?[\d*]*(?:\.[\d*]+)?[A-Za-z%]")


def note_hidden(events: pl.DataFrame, messages: pl.Series, wordbook: Wordbook) -> pl.DataFrame:
    """Fill the field ``hides`` of ``logs.suppressed`` events.

    Args:
        events: the events, with ``fields``.
        messages: the message of each event's record.
        wordbook: the wordings of the run.
    """
    noted = events["event"] == NOTE
    if not noted.any() or not _has_formats(events.schema["fields"]):
        return events
    notes = noted.arg_true()
    formats = events.select(pl.col("program", "fields").gather(notes)).select(
        "program", format=pl.col("fields").struct.field("format")
    )
    distinct = formats.drop_nulls("format").unique(maintain_order=True).head(MAX_FORMATS)
    spoke = events["program"].is_in(distinct["program"].implode(), nulls_equal=True)
    seen = events.select("program", "event").with_columns(messages.alias("message")).filter(~noted & spoke)
    entries = {group.programs[0]: group.entries for group in _by_program(distinct["program"], wordbook)}
    hides = [_hidden(program, text, entries.get(program, ()), seen) for program, text in distinct.rows()]
    looked_up = formats.join(
        distinct.with_columns(hides=pl.Series(hides, dtype=pl.String)),
        on=["program", "format"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    filled = pl.Series([None], dtype=pl.String).new_from_index(0, events.height).scatter(notes, looked_up["hides"])
    return events.with_columns(pl.col("fields").struct.with_fields(hides=filled))


def _has_formats(fields: pl.DataType) -> bool:
    return isinstance(fields, pl.Struct) and "format" in {member.name for member in fields.fields}


def _by_program(programs: pl.Series, wordbook: Wordbook) -> Iterable[Group]:
    for program in programs.unique():
        yield from wordbook.groups(pl.Series([program], dtype=pl.String))


def _hidden(program: str | None, text: str, entries: Sequence[Entry], seen: pl.DataFrame) -> str | None:
    """The events that lines of a format may carry: by their wordings, and by the lines that were not held back."""
    pieces = _VERB.split(text)
    longest = max((piece.strip() for piece in pieces), key=len)
    if len(longest) < _TELLING or text == longest.split(maxsplit=1)[0]:
        return None
    worded = {
        entry.event
        for entry in entries
        if any(literal in text or longest in literal for literal in entry.wording.literals)
    }
    pattern = "(?s)^" + ".*".join(pl.Series([piece]).str.escape_regex()[0] for piece in pieces) + r"\s*$"
    alike = seen.filter(pl.col("program").eq_missing(program), pl.col("message").str.contains(pattern))
    return " ".join(sorted(worded | set(alike["event"].unique())))

"""Which rows may match which wordings: one Aho-Corasick pass over literals, and a join on message ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.events.wordbook import Entry

#: Up to this many patterns the automaton is a full table, several times faster than beyond. Measured on 1 M lines of
#: 66 bytes: 0.12 s with 100 patterns, 0.46 s with 200, 0.5 s with 1,000.
TABLE_SIZE: Final = 100
#: From this many patterns on, one slow pass is cheaper than several fast ones.
ONE_PASS: Final = 4 * TABLE_SIZE
#: Up to this many rows, too: making the tables (0.6 ms each) takes longer than they save.
FEW_ROWS: Final = 4096

#: For few patterns the automaton is preceded by a search for rare bytes, which on log text is the slower part: 0.44 s
#: with 10 patterns. Patterns that never occur, with many different bytes, switch it off: 0.11 s.
FEW: Final = 30
_NEVER: Final = tuple(f"{chr(1 + number)}{chr(14 + number)}\x01\x02" for number in range(16))

#: The column of what is known already.
KNOWN: Final = "told"
CANDIDATES: Final = {"row": pl.UInt32(), "entry": pl.UInt32()}


def find_candidates(rows: pl.DataFrame, entries: Sequence[Entry]) -> list[tuple[Entry, pl.Series]]:
    """The wordings that may match anything, in their order, each with the rows (ascending) that it may match.

    Args:
        rows: ``row``: UInt32, ``message``, ``message_id``, and ``told`` (schema.TOLD) where a worker has looked.
        entries: the wordings that apply to these rows' programs.
    """
    known = pl.DataFrame(schema=CANDIDATES)
    if KNOWN in rows.columns:
        known = rows.select("row", entry=KNOWN).explode("entry").drop_nulls("entry")
        rows = rows.filter(pl.col(KNOWN).is_null())
    literals, ids, unfiltered = _sorted_out(entries)
    found = pl.concat([known, _by_literals(rows, literals), _by_message_id(rows, ids)])
    packed = np.sort((found["entry"].cast(pl.UInt64).to_numpy() << np.uint64(32)) | found["row"].to_numpy())
    again = packed[1:] == packed[:-1]
    packed = np.delete(packed, np.flatnonzero(again))
    row, number = packed.astype(np.uint32), (packed >> np.uint64(32)).astype(np.int64)
    candidates = []
    numbers = np.array([entry.number for entry in entries])
    starts, ends = (np.searchsorted(number, numbers + more).tolist() for more in (0, 1))
    for entry, start, end in zip(entries, starts, ends, strict=True):
        if entry.number in unfiltered:
            candidates.append((entry, _ascending(rows["row"], row[start:end])))
        elif end > start:
            candidates.append((entry, pl.Series("row", row[start:end])))
    return candidates


def _ascending(rows: pl.Series, others: NDArray[np.uint32]) -> pl.Series:
    return pl.concat([rows, pl.Series("row", others)]).sort() if len(others) else rows


def _sorted_out(entries: Sequence[Entry]) -> tuple[list[tuple[str, int]], list[tuple[str, int]], set[int]]:
    """(literal, entry) pairs, (message id, entry) pairs, and the wordings that every row must be held against."""
    literals: list[tuple[str, int]] = []
    ids: list[tuple[str, int]] = []
    unfiltered: set[int] = set()
    for entry in entries:
        wording = entry.wording
        if wording.regex is None:
            ids.append((wording.message_id or "", entry.number))
        elif wording.literals:
            literals += [(literal, entry.number) for literal in wording.literals]
        else:
            unfiltered.add(entry.number)
    return literals, ids, unfiltered


def _pairs(pairs: Sequence[tuple[str, int]]) -> pl.DataFrame:
    keys, numbers = zip(*pairs, strict=True)
    return pl.DataFrame({"key": pl.Series(keys, dtype=pl.String), "entry": pl.Series(numbers, dtype=pl.UInt32)})


def _by_literals(rows: pl.DataFrame, literals: Sequence[tuple[str, int]]) -> pl.DataFrame:
    patterns = sorted({literal for literal, _ in literals})
    if not patterns or rows.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    several = len(patterns) < ONE_PASS and rows.height > FEW_ROWS
    width = TABLE_SIZE if several else len(patterns)
    parts = []
    for start in range(0, len(patterns), width):
        sought = patterns[start : start + width]
        padding = _NEVER if 1 < len(sought) < FEW else ()
        hits = rows["message"].str.extract_many([*sought, *padding], overlapping=True)
        some = hits.list.len() > 0  # null, as of no message, is none
        parts.append(pl.DataFrame({"row": rows["row"].filter(some), "key": hits.filter(some)}))
    found = pl.concat(parts)
    if found.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    return found.explode("key").join(_pairs(literals), on="key").select(*CANDIDATES)


def _by_message_id(rows: pl.DataFrame, ids: Sequence[tuple[str, int]]) -> pl.DataFrame:
    if not ids:
        return pl.DataFrame(schema=CANDIDATES)
    known = rows.select("row", key="message_id").drop_nulls("key")
    return known.join(_pairs(ids), on="key").select(*CANDIDATES)

"""Which rows may match which wordings: one Aho-Corasick pass over literals, and a join on message ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.events.wordbook import Entry
from logcorr.rulebook.regexes import ELSEWHERE

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
_KEYS: Final = {"group": pl.UInt16(), "key": pl.String(), "entry": pl.UInt32()}


def find_candidates(rows: pl.DataFrame, groups: Sequence[Sequence[Entry]]) -> list[tuple[Entry, pl.Series]]:
    """The wordings that may match anything, in their order, each with the rows (ascending) that it may match.

    Args:
        rows: ``row``: UInt32, ascending, ``group``: UInt16, ``message``, ``message_id``, and ``told`` (schema.TOLD)
            where a worker has looked.
        groups: the wordings that apply to the programs of each group of rows.
    """
    known = pl.DataFrame(schema=CANDIDATES)
    if KNOWN in rows.columns:
        known = rows.select("row", entry=KNOWN).explode("entry").drop_nulls("entry")
        rows = rows.filter(pl.col(KNOWN).is_null())
    sought = _Sought.of(groups)
    found = pl.concat(
        [known, _by_literals(rows, sought.literals), _by_folded(rows, sought.folded), _by_message_id(rows, sought.ids)]
    )
    packed = np.sort((found["entry"].cast(pl.UInt64).to_numpy() << np.uint64(32)) | found["row"].to_numpy())
    again = packed[1:] == packed[:-1]
    packed = np.delete(packed, np.flatnonzero(again))
    row, number = packed.astype(np.uint32), (packed >> np.uint64(32)).astype(np.int64)
    candidates = []
    entries = sorted(
        {entry.number: entry for entries in groups for entry in entries}.values(), key=lambda one: one.number
    )
    numbers = np.array([entry.number for entry in entries])
    starts, ends = (np.searchsorted(number, numbers + more).tolist() for more in (0, 1))
    for entry, start, end in zip(entries, starts, ends, strict=True):
        if entry.number in sought.unfiltered:
            every = _of_groups(rows, sought.unfiltered[entry.number], len(groups))
            candidates.append((entry, _ascending(every, row[start:end])))
        elif end > start:
            candidates.append((entry, pl.Series("row", row[start:end])))
    return candidates


def _ascending(rows: pl.Series, others: NDArray[np.uint32]) -> pl.Series:
    return pl.concat([rows, pl.Series("row", others)]).sort() if len(others) else rows


def _of_groups(rows: pl.DataFrame, some: Sequence[int], count: int) -> pl.Series:
    """The rows of some of so many groups."""
    if len(some) == count:
        return rows["row"]
    wanted = np.zeros(count, np.bool_)
    wanted[list(some)] = True
    return rows["row"].filter(pl.Series(wanted[rows["group"].to_numpy()]))


_Key = tuple[int, str, int]  # group, what is sought, wording


@dataclass(frozen=True, slots=True)
class _Sought:
    """What tells that a row may match a wording of its group."""

    literals: list[_Key]
    folded: list[_Key]
    ids: list[_Key]
    unfiltered: dict[int, list[int]]  # wordings that every row must be held against, and the groups that have them

    @classmethod
    def of(cls, groups: Sequence[Sequence[Entry]]) -> _Sought:
        """What tells of the wordings of groups."""
        sought = cls([], [], [], {})
        for group, entries in enumerate(groups):
            for entry in entries:
                wording = entry.wording
                if wording.regex is None:
                    sought.ids.append((group, wording.message_id or "", entry.number))
                elif wording.literals or wording.folded:
                    sought.literals.extend((group, literal, entry.number) for literal in wording.literals)
                    sought.folded.extend((group, literal, entry.number) for literal in wording.folded)
                else:
                    sought.unfiltered.setdefault(entry.number, []).append(group)
        return sought


def _keys(keys: Sequence[_Key]) -> pl.DataFrame:
    return pl.DataFrame(keys, schema=_KEYS, orient="row")


def _by_literals(rows: pl.DataFrame, keys: Sequence[_Key]) -> pl.DataFrame:
    patterns = sorted({literal for _, literal, _ in keys})
    if not patterns or rows.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    several = len(patterns) < ONE_PASS and rows.height > FEW_ROWS
    width = TABLE_SIZE if several else len(patterns)
    parts = [_holding(rows, patterns[start : start + width]) for start in range(0, len(patterns), width)]
    return _of_keys(pl.concat(parts), keys)


def _by_folded(rows: pl.DataFrame, keys: Sequence[_Key]) -> pl.DataFrame:
    """The same without regard to case; what holds letters that are none of ASCII's may match any such wording."""
    if not keys or rows.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    found = _holding(rows, sorted({literal for _, literal, _ in keys}), folded=True)
    found = _of_keys(found.with_columns(pl.col("key").str.to_lowercase()), keys)
    message = pl.col("message").str
    odd = rows.filter(message.len_bytes() != message.len_chars()).filter(message.contains_any(list(ELSEWHERE)))
    if odd.is_empty():
        return found
    return pl.concat([found, odd.select("row", "group").join(_keys(keys), on="group").select(*CANDIDATES)])


def _holding(rows: pl.DataFrame, sought: list[str], *, folded: bool = False) -> pl.DataFrame:
    """Which rows hold which of some texts: row, group, and as ``key`` the text as it stands there."""
    padding = _NEVER if 1 < len(sought) < FEW else ()
    hits = rows["message"].str.extract_many([*sought, *padding], ascii_case_insensitive=folded, overlapping=True)
    some = hits.list.len() > 0  # null, as of no message, is none
    return rows.select("row", "group").filter(some).with_columns(hits.filter(some).alias("key")).explode("key")


def _of_keys(found: pl.DataFrame, keys: Sequence[_Key]) -> pl.DataFrame:
    """Rows (row, group, key) with the wordings that the keys stand for in their groups."""
    if found.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    return found.join(_keys(keys), on=["group", "key"]).select(*CANDIDATES)


def _by_message_id(rows: pl.DataFrame, keys: Sequence[_Key]) -> pl.DataFrame:
    if not keys:
        return pl.DataFrame(schema=CANDIDATES)
    return _of_keys(rows.select("row", "group", key="message_id").drop_nulls("key"), keys)

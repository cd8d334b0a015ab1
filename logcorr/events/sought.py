"""Which texts tell that a message may match a wording: one Aho-Corasick pass over literals, and a join on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.events.shapes import zeroed
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

CANDIDATES: Final = {"row": pl.UInt32(), "entry": pl.UInt32()}
_KEYS: Final = {"key": pl.String(), "entry": pl.UInt32()}
_Key = tuple[str, int]  # what is sought, wording


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """What tells that a row may match a wording of its group. Numbers have zeros in the place of their digits."""

    entries: dict[int, Entry]
    literals: list[_Key]
    folded: list[_Key]
    ids: list[_Key]
    unfiltered: list[int]  # wordings that every row must be held against
    of_group: NDArray[np.bool_]  # [group, wording]: whether it is one of the group's

    @classmethod
    def of(cls, groups: Sequence[Sequence[Entry]]) -> Sought:
        """What tells of the wordings of groups."""
        entries = {entry.number: entry for mine in groups for entry in mine}
        of_group = np.zeros((len(groups), max(entries, default=0) + 1), np.bool_)
        for group, mine in enumerate(groups):
            of_group[group, [entry.number for entry in mine]] = True
        sought = cls(entries, [], [], [], [], of_group)
        for number, entry in entries.items():
            wording = entry.wording
            if wording.regex is None:
                sought.ids.append((wording.message_id or "", number))
            elif wording.literals or wording.folded:
                sought.literals.extend((zeroed(literal), number) for literal in wording.literals)
                sought.folded.extend((zeroed(literal), number) for literal in wording.folded)
            else:
                sought.unfiltered.append(number)
        return sought

    def by_shape(self, shapes: pl.DataFrame) -> pl.DataFrame:
        """The wordings (CANDIDATES) that each shape (``row``, ``group``, ``message``) may match by its literals."""
        if shapes.is_empty():
            return pl.DataFrame(schema=CANDIDATES)
        parts = [self._every(shapes, self.unfiltered)]
        if self.literals:
            parts.append(
                self._of_keys(_holding_any(shapes, sorted({text for text, _ in self.literals})), self.literals)
            )
        if self.folded:
            found = _holding(shapes, sorted({text for text, _ in self.folded}), folded=True)
            parts.append(self._of_keys(found.with_columns(pl.col("key").str.to_lowercase()), self.folded))
            # letters that are none of ASCII's may stand for any of these
            parts.append(self._every(_odd(shapes), sorted({number for _, number in self.folded})))
        return pl.concat(parts)

    def by_message_id(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The wordings that the message id of each row (``row``, ``group``, ``message_id``) decides alone."""
        return self._of_keys(rows.select("row", "group", key="message_id").drop_nulls("key"), self.ids)

    def _of_keys(self, found: pl.DataFrame, keys: Sequence[_Key]) -> pl.DataFrame:
        """Rows (row, group, key) with the wordings of their group that the keys stand for."""
        if found.is_empty() or not keys:
            return pl.DataFrame(schema=CANDIDATES)
        pairs = found.join(pl.DataFrame(keys, schema=_KEYS, orient="row"), on="key")
        return pairs.select(*CANDIDATES).filter(pl.Series(self.of_group[pairs["group"], pairs["entry"]]))

    def _every(self, shapes: pl.DataFrame, numbers: Sequence[int]) -> pl.DataFrame:
        """Each shape with those of some wordings that are its group's."""
        some = np.array(numbers, dtype=np.int64)
        at, which = np.nonzero(self.of_group[np.ix_(shapes["group"].to_numpy(), some)])
        return pl.DataFrame({"row": shapes["row"].to_numpy()[at], "entry": some[which]}, schema=CANDIDATES)


def _odd(shapes: pl.DataFrame) -> pl.DataFrame:
    message = pl.col("message").str
    return shapes.filter(message.len_bytes() != message.len_chars()).filter(message.contains_any(list(ELSEWHERE)))


def _holding_any(rows: pl.DataFrame, sought: list[str]) -> pl.DataFrame:
    several = len(sought) < ONE_PASS and rows.height > FEW_ROWS
    width = TABLE_SIZE if several else len(sought)
    return pl.concat([_holding(rows, sought[start : start + width]) for start in range(0, len(sought), width)])


def _holding(rows: pl.DataFrame, sought: list[str], *, folded: bool = False) -> pl.DataFrame:
    """Which rows hold which of some texts: row, group, and as ``key`` the text as it stands there."""
    padding = _NEVER if 1 < len(sought) < FEW else ()
    hits = rows["message"].str.extract_many([*sought, *padding], ascii_case_insensitive=folded, overlapping=True)
    some = hits.list.len() > 0
    return rows.select("row", "group").filter(some).with_columns(hits.filter(some).alias("key")).explode("key")

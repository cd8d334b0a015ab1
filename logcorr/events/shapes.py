"""Records that differ in their digits alone, taken as one: logs say the same things again with other numbers.

A shape is a message with a zero in the place of every digit. An expression that makes no difference between digits is
found in a message where it is found in its shape; of any other, ``any_digits`` makes one that is found in the shape of
every message that it is found in. So what cannot match is told from a few shapes; what may is looked at record by
record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.events.wordbook import Entry
from logcorr.narrow import is_plain, narrowed, wide
from logcorr.origin import Chosen, acting
from logcorr.rulebook.regexes import any_digits

_ZEROS: Final = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
_ZEROS_OF_TEXT: Final = dict.fromkeys(range(ord("0"), ord("9") + 1), "0")
#: Of fewer messages the digits are replaced (0.5 us each) sooner than pyarrow is loaded, which takes 40 MB and 0.1 s.
_FEW: Final = 1 << 16
#: Fewer rows are held against an expression sooner (0.4 us each) than it is made ready twice, for shapes and for them.
_FEW_ROWS: Final = 500


def zeroed(text: str) -> str:
    """A text with zeros in the place of its digits."""
    return text.translate(_ZEROS_OF_TEXT)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The distinct shapes of the messages of each group of rows."""

    frame: pl.DataFrame  # ``row``: the number of the shape, UInt32; ``group``: UInt16; ``message``: the shape
    rows: NDArray[np.uint32]  # those of each shape, one shape after the other
    starts: NDArray[np.int64]  # where those of each begin, and their end

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Shapes:
        """The shapes of ``rows``: ``row``, ``group``, ``message``; of no message there is none."""
        written = rows.select("row", "group", "message").drop_nulls("message")
        found = written.with_columns(_zeroed(written["message"])).group_by("group", "message").agg("row")
        number = pl.int_range(found.height, dtype=pl.UInt32, eager=True)
        starts = np.zeros(found.height + 1, np.int64)
        np.cumsum(found["row"].list.len().to_numpy(), out=starts[1:])
        frame = found.select("group", "message").insert_column(0, number.alias("row"))
        return cls(frame, found["row"].explode(empty_as_null=False).to_numpy(), starts)

    def spread(self, numbers: NDArray[np.integer]) -> NDArray[np.uint32]:
        """The rows of some shapes."""
        counts = self.counts(numbers)
        shift = np.repeat(self.starts[numbers] - np.cumsum(counts) + counts, counts)
        return self.rows[shift + np.arange(len(shift))]

    def counts(self, numbers: NDArray[np.integer]) -> NDArray[np.int64]:
        """How many rows some shapes have."""
        counts: NDArray[np.int64] = self.starts[numbers + np.uint32(1)] - self.starts[numbers]
        return counts


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Shapes as wordings see them: without what outsiders chose."""

    message: pl.Series
    wide: NDArray[np.bool_]  # where there is more in it than ASCII
    unsure: NDArray[np.bool_]  # where that depends on the digits
    changed: NDArray[np.bool_]  # where something is hidden, or may be

    @classmethod
    def of(cls, shapes: Shapes, some: NDArray[np.integer], chosen: Sequence[tuple[Chosen, ...]]) -> Shown:
        """Of the shapes ``some``, where ``chosen`` has what others choose in the lines of each group."""
        message, group = shapes.frame["message"], shapes.frame["group"].to_numpy()[some]
        unsure = np.zeros(shapes.frame.height, np.bool_)
        changed = np.zeros(shapes.frame.height, np.bool_)
        counting = [acting(one) for one in chosen]
        for alike in dict.fromkeys(counting):
            mine = some[np.isin(group, [number for number, one in enumerate(counting) if one == alike])]
            if alike and len(mine):
                at = pl.Series(mine)
                written = message.gather(at)
                shown, doubtful = _hidden(written, alike)
                unsure[mine] = doubtful
                changed[mine] = doubtful | (shown != written).to_numpy()
                message = message.scatter(at, shown)
        return cls(message, wide(shapes.frame["message"]).to_numpy(), unsure, changed)

    def fits(self, entry: Entry, some: NDArray[np.uint32], shapes: Shapes) -> NDArray[np.uint32]:
        """Those of the shapes ``some`` that have messages which the wording may match."""
        regex = None if entry.wording.regex is None else any_digits(entry.wording.regex)
        if regex is None or shapes.counts(some).sum() < _FEW_ROWS:
            return some
        seen = shapes.frame["message"] if entry.as_written else self.message
        regex = regex if self.wide[some].any() else narrowed(regex)
        fits: NDArray[np.bool_] = seen.gather(pl.Series(some)).str.contains(regex).to_numpy()
        return some[fits if entry.as_written else fits | self.unsure[some]]


def _hidden(shapes: pl.Series, chosen: Sequence[Chosen]) -> tuple[pl.Series, NDArray[np.bool_]]:
    """Shapes without what outsiders chose, and of which of them that depends on the digits."""
    unsure, plain = np.zeros(len(shapes), np.bool_), is_plain(shapes)
    for one in chosen:
        for regex in one.regexes:
            loose = any_digits(regex)
            if loose != regex:
                unsure |= True if loose is None else _holds(shapes, f"(?s){loose}", plain=plain)
        shapes = shapes.to_frame().select(one.hide(pl.col(shapes.name), plain=plain)).to_series()
    return shapes, unsure


def _holds(shapes: pl.Series, regex: str, *, plain: bool) -> NDArray[np.bool_]:
    return shapes.str.contains(narrowed(regex) if plain else regex).to_numpy()


def _zeroed(messages: pl.Series) -> pl.Series:
    """Messages, none of them null, with zeros in the place of their digits."""
    if len(messages) < _FEW:
        return messages.str.replace_all("[1-9]", "0")
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  # loaded for many alone (_FEW); it ships no types

    array = messages.to_arrow(compat_level=pl.CompatLevel.oldest())
    validity, offsets, text = array.buffers()
    zeros = pa.py_buffer(text.to_pybytes().translate(_ZEROS)) if text else text
    buffers = [validity, offsets, zeros]
    replaced = pa.Array.from_buffers(array.type, len(array), buffers, array.null_count, array.offset)
    return pl.Series(messages.name, replaced, dtype=pl.String)

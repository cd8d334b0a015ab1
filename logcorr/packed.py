"""Text of millions of records in a tenth of its memory: packed in blocks, of which a few at a time are unpacked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass

#: Records in a block: in larger ones a record is found more slowly, in smaller ones they pack worse.
BLOCK: Final = 1 << 14
#: Records that are read together, about: what is done with each part takes a while to begin.
TOGETHER: Final = 8 * BLOCK
_PART: Final = 2  # of less than one in so many records the text is copied


@dataclass(frozen=True, slots=True)
class Packed:
    """Columns of records, block after block; there is at least one."""

    blocks: tuple[bytes, ...]  # each an Arrow file of its own
    starts: NDArray[np.int64]  # the place of the first record of each block, and the number of all

    @classmethod
    def of(cls, blocks: Sequence[tuple[bytes, int]]) -> Packed:
        """Blocks, each with how many records it holds."""
        starts = np.cumsum([0, *(length for _, length in blocks)], dtype=np.int64)
        return cls(tuple(block for block, _ in blocks), starts)

    def with_more(self, blocks: Sequence[tuple[bytes, int]]) -> Packed:
        """The same with blocks behind its own."""
        return Packed.of([*zip(self.blocks, np.diff(self.starts).tolist(), strict=True), *blocks])

    def parts(self, places: NDArray[np.integer], rows: NDArray[np.integer]) -> list[slice]:
        """Which of some places (ascending) to read together, in the order of their ``rows`` as far as that is possible.

        Places and the rows that they have elsewhere mostly rise together, file by file.
        """
        found: list[slice] = []
        for low, high in pairwise(np.searchsorted(places, self.starts).tolist()):
            if high == low:
                continue
            last = found[-1] if found else None
            falls = last is not None and last.stop - last.start >= BLOCK and rows[low] < rows[low - 1]
            if last is None or high - last.start > TOGETHER or falls:
                found.append(slice(low, high))
            else:
                found[-1] = slice(last.start, high)
        return sorted(found, key=lambda part: int(rows[part.start])) or [slice(0, 0)]

    def read(self, places: NDArray[np.integer], columns: Sequence[str]) -> pl.DataFrame:
        """Those of ``columns`` that are here of the records at ``places``, in that order."""
        known = pl.read_ipc_schema(io.BytesIO(self.blocks[0]))
        names = [name for name in columns if name in known]
        if not names:
            return pl.DataFrame()
        order = None if (places[1:] >= places[:-1]).all() else np.argsort(places, kind="stable")
        sought = places if order is None else places[order]
        edges = np.searchsorted(sought, self.starts).tolist()
        wanted = [number for number, (low, high) in enumerate(pairwise(edges)) if high > low] or [0]
        found = pl.concat(
            [
                _rows(unpack(self.blocks[at], names), sought[edges[at] : edges[at + 1]] - self.starts[at])
                for at in wanted
            ]
        )
        if order is None:
            return found
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return found[back]


def pack(frame: pl.DataFrame) -> list[tuple[bytes, int]]:
    """The frame in blocks, and how many records each holds."""
    return [(_packed(part), part.height) for part in frame.iter_slices(BLOCK)] if frame.height else []


def unpack(block: bytes, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The records of a block."""
    return pl.read_ipc(block, columns=None if columns is None else list(columns))


def alone(frame: pl.DataFrame, among: int) -> pl.DataFrame:
    """The frame, chosen from ``among`` rows; if it is a small part of them, without the text of the others.

    What Polars chooses refers to all the text that there was.
    """
    if frame.height * _PART > among:
        return frame
    file = io.BytesIO()
    frame.write_ipc(file)
    return pl.read_ipc(file.getvalue())


def _packed(part: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    part.write_ipc(file, compression="zstd")
    return file.getvalue()


def _rows(frame: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    """Some rows (ascending); a stretch of them is not copied."""
    begin, count = (int(rows[0]), len(rows)) if len(rows) else (0, 0)
    return frame.slice(begin, count) if (rows[1:] - rows[:-1] == 1).all() else alone(frame[rows], frame.height)

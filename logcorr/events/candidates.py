"""Which rows may match which wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.events.shapes import Shapes, Shown
from logcorr.events.sought import CANDIDATES, Sought
from logcorr.events.wordbook import Entry
from logcorr.origin import Chosen

#: The column of what is known already.
KNOWN: Final = "told"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The wordings that may match anything, in their order, each with the rows (ascending) that it may match."""

    candidates: list[tuple[Entry, pl.Series]]
    chosen: NDArray[np.uint32]  # rows in which others may have chosen something; in no other of ``candidates`` they did


def find_candidates(
    rows: pl.DataFrame, groups: Sequence[Sequence[Entry]], chosen: Sequence[tuple[Chosen, ...]]
) -> Found:
    """What may match.

    Args:
        rows: ``row``: UInt32, ascending, ``group``: UInt16, ``message``, ``message_id``, and ``told`` (schema.TOLD)
            where a worker has looked.
        groups: the wordings that apply to the programs of each group of rows.
        chosen: what others choose in the lines of each group.
    """
    known = pl.DataFrame(schema=CANDIDATES)
    if KNOWN in rows.columns:
        known = rows.select("row", entry=KNOWN).explode("entry").drop_nulls("entry")
        rows = rows.filter(pl.col(KNOWN).is_null())
    sought = Sought.of(groups)
    certain = pl.concat([known, sought.by_message_id(rows)])
    shapes = Shapes.of(rows)
    fitting = sought.by_shape(shapes.frame)
    shown = Shown.of(shapes, _seen(fitting, sought), chosen)
    parts = {number: [some] for number, some in _by_entry(certain)}
    for number, some in _by_entry(fitting):
        fits = shown.fits(sought.entries[number], some, shapes)
        if len(fits):
            parts.setdefault(number, []).append(np.sort(shapes.spread(fits)))
    candidates = [(sought.entries[number], pl.Series("row", _union(parts[number]))) for number in sorted(parts)]
    changed = shapes.spread(np.flatnonzero(shown.changed))
    return Found(candidates, np.concatenate([certain["row"].to_numpy(), changed]))


def _seen(fitting: pl.DataFrame, sought: Sought) -> NDArray[np.uint32]:
    """The shapes that some wording may match that is not to see what outsiders chose."""
    blind = np.ones(sought.of_group.shape[1], np.bool_)
    blind[[number for number, entry in sought.entries.items() if entry.as_written]] = False
    return np.unique(fitting["row"].to_numpy()[blind[fitting["entry"].to_numpy()]])


def _by_entry(pairs: pl.DataFrame) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Each wording with the rows (ascending, each once) that pairs give it."""
    packed = np.unique((pairs["entry"].cast(pl.UInt64).to_numpy() << np.uint64(32)) | pairs["row"].to_numpy())
    number, row = (packed >> np.uint64(32)).astype(np.int64), packed.astype(np.uint32)
    edges = [0, *(np.flatnonzero(number[1:] != number[:-1]) + 1).tolist(), len(number)]
    for start, end in pairwise(edges):
        if end > start:
            yield int(number[start]), row[start:end]


def _union(parts: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

"""What is kept of an input once it is parsed, whether that came in one piece or block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.origin import Outsiders
from logcorr.packed import pack, unpack
from logcorr.schema import CODED, PACKED, TOLD, Source
from logcorr.timeline.frame import CARRIED
from logcorr.timeline.tracks.track import Registry, Track, adopt, join, take


@dataclass(slots=True)
class Kept:
    """An input, or a block of it: its clocks, numbered by themselves, and what of its rows goes to the timeline."""

    track: Track
    names: Registry
    text: pl.DataFrame  # CARRIED; once it is packed, of it what is not PACKED
    told: pl.Series | None
    packed: list[tuple[bytes, int]] | None = None

    def pack(self) -> None:
        """Pack the text, unless it is."""
        if self.packed is None:
            coded = pl.col(name for name in CODED if name in self.text.columns).cast(pl.Categorical)
            self.packed, self.text = pack(self.text.select(PACKED)), self.text.drop(PACKED).with_columns(coded)

    def blocks(self) -> Iterator[pl.DataFrame]:
        """CARRIED, a part of the rows at a time."""
        if self.packed is None:
            yield self.text
            return
        start = 0
        for block, length in self.packed:
            yield self.text.slice(start, length).cast({pl.Categorical: pl.String}).hstack(unpack(block))
            start += length


def keep(source: Source, outsiders: Outsiders) -> Kept:
    """What is kept of an input, or of a block of one."""
    names = Registry()
    return Kept(take(source, names, outsiders), names, source.rows.select(CARRIED), source.told)


def join_blocks(blocks: Sequence[Kept]) -> Kept:
    """The blocks of one input, in their order, as one; all are packed, or none. Uses them up."""
    if len(blocks) == 1:
        return blocks[0]
    names = blocks[0].names
    for block in blocks[1:]:
        adopt(block.track, block.names, names)
    packed = [part for block in blocks for part in block.packed or ()]
    return Kept(
        track=join([block.track for block in blocks]),
        names=names,
        text=pl.concat([block.text for block in blocks]),
        told=None if all(block.told is None for block in blocks) else pl.concat(told_of(blocks)),
        packed=packed or None,
    )


def told_of(parts: Sequence[Kept]) -> Iterator[pl.Series]:
    """What workers found in the rows of each part; null in those that none has seen."""
    for one in parts:
        yield pl.Series([None], dtype=TOLD).new_from_index(0, one.text.height) if one.told is None else one.told

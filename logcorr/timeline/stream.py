"""A timeline larger than memory: the clocks are resolved in memory, the text waits in a temporary folder.

One pass over the blocks keeps the clock columns of every record (tracks) and spills the rest, a file per block. Once
all clocks are known, so is the order; slices of it are then put together from the blocks that hold their records. A
block whose records lie far apart in time is read more than once; nothing else depends on how well the input was sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pyarrow import parquet  # type: ignore[import-untyped]  # pyarrow has no types

from logcorr.model import CoverageGap, SourceFile
from logcorr.schema import TIMELINE, Source, empty
from logcorr.timeline.arrays import Rows, grouped
from logcorr.timeline.build import look
from logcorr.timeline.frame import CARRIED, file_rows, kept_rows, make_frame
from logcorr.timeline.inputs import describe
from logcorr.timeline.resolve import Resolved, resolve
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks import Registry, Track, add_evidence, are_alone, join, take

ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Spilled:
    """The text of all records, in one file per block, in the order of the resolved records."""

    files: tuple[Path, ...]
    starts: Rows  # where each block begins among all records, and the end
    tracks: Rows  # the first file of each track, and the end

    def of_track(self, number: int) -> Iterator[pl.DataFrame]:
        """What tracks.add_evidence looks at, block by block."""
        for file in self.files[self.tracks[number] : self.tracks[number + 1]]:
            yield pl.read_ipc(file, columns=["message", "unit", "about"])

    def read(self, positions: Rows) -> pl.DataFrame:
        """The CARRIED columns of the records at ``positions``, in that order."""
        block = np.searchsorted(self.starts, positions, side="right") - 1
        groups = grouped(block)
        parts = []
        for group in groups:
            number = int(block[group[0]])
            rows = pl.read_ipc(self.files[number])
            parts.append(rows[positions[group] - self.starts[number]])
        back = np.empty(len(positions), dtype=np.int64)
        back[np.concatenate(groups)] = np.arange(len(positions))
        text: pl.DataFrame = pl.concat(parts)[back]
        return text


@dataclass(frozen=True, slots=True)
class Merged:
    """A timeline of which only slices are in memory. Its text can be read while ``merged`` is open."""

    records: int
    inputs: tuple[SourceFile, ...]
    spans: pl.DataFrame  # schema.SPANS
    gaps: tuple[CoverageGap, ...]
    resolved: Resolved
    registry: Registry
    spilled: Spilled
    rows: NDArray[np.uint32]

    def frames(self, rows: int = ROWS) -> Iterator[pl.DataFrame]:
        """The timeline (schema.TIMELINE) in order, ``rows`` records at a time; at least one frame."""
        if not self.records:
            yield empty(TIMELINE)
        for start in range(0, self.records, rows):
            part = self.rows[start : start + rows]
            text = self.spilled.read(file_rows(self.resolved, part))
            yield make_frame(text, self.resolved, part, self.registry, first_id=start)

    def write_parquet(self, path: Path) -> None:
        """Write the whole timeline, a row group per slice."""
        frames = self.frames()
        first = next(frames).to_arrow()
        with parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for frame in frames:
                writer.write_table(frame.to_arrow())


@contextmanager
def merged(blocks: Iterable[Source], settings: ClockSettings, *, folder: Path | None = None) -> Iterator[Merged]:
    """A timeline of blocks of sources, without holding their text. To be used in a ``with`` statement.

    The blocks of one source follow one another, in file order. ``folder`` is where the temporary folder is made
    (default: the system's). Memory is about a hundred bytes for each record. Raises what ``build`` raises.
    """
    with TemporaryDirectory(prefix="logcorr-", dir=folder) as place:
        registry = Registry()
        tracks, spilled = _take_all(blocks, registry, Path(place))
        if settings.hosts or not are_alone(tracks):
            for number, track in enumerate(tracks):
                add_evidence(track, spilled.of_track(number))
        resolved = resolve(tracks, registry, settings)
        del tracks
        inputs = describe(resolved, registry)
        spans, gaps = look(resolved, registry, inputs, settings)
        rows = kept_rows(resolved)
        yield Merged(len(rows), inputs, spans, gaps, resolved, registry, spilled, rows)


def _take_all(blocks: Iterable[Source], registry: Registry, folder: Path) -> tuple[list[Track], Spilled]:
    """The tracks of all sources, sorted as ``build`` sorts sources, and their text on disk in the same order."""
    found: list[tuple[Track, list[Path], list[int]]] = []
    number = count()
    for _, group in groupby(blocks, key=lambda block: block.path):
        parts, files = [], []
        for block in group:
            files.append(folder / f"{next(number):06}.arrow")
            block.rows.select(CARRIED).write_ipc(files[-1], compression="lz4")
            parts.append(take(block, registry))
        lengths = [len(part) for part in parts]
        found.append((join(parts), files, lengths))
    found.sort(key=lambda one: (one[0].path, one[0].sha256 or ""))
    sizes = [length for _, _, lengths in found for length in lengths]
    spilled = Spilled(
        files=tuple(file for _, files, _ in found for file in files),
        starts=np.cumsum([0, *sizes], dtype=np.int64),
        tracks=np.cumsum([0, *(len(files) for _, files, _ in found)], dtype=np.int64),
    )
    return [track for track, _, _ in found], spilled

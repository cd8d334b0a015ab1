"""A timeline larger than memory: the clocks are resolved in memory, the text waits, most of it in a temporary folder.

One pass over the blocks keeps the clock columns of every record (tracks) and puts the rest aside, block by block. Once
all clocks are known, so is the order; slices of it are then put together from the blocks that hold their records. A
block whose records lie far apart in time is read more than once; nothing else depends on how well the input was sorted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

from logcorr.model import CoverageGap, SourceFile
from logcorr.schema import TIMELINE, Source, empty
from logcorr.timeline.arrays import Rows, runs
from logcorr.timeline.build import look
from logcorr.timeline.deltas import find_deltas, weave
from logcorr.timeline.frame import CARRIED, file_rows, kept_rows, make_frame, with_paths
from logcorr.timeline.inputs import describe
from logcorr.timeline.resolve import Resolved, resolve
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks import Registry, Track, add_evidence, adopt, are_alone, join, take

ROWS: Final = 100_000
_THREADS: Final = 2  # blocks at a time; Polars and numpy let go of the interpreter while they work
_IN_MEMORY: Final = 96 << 20  # bytes of text that need no file

#: A block of a source, or what reads one when its turn comes, on another thread. None: nothing could be read.
Block: TypeAlias = Source | Callable[[], Source | None]


@dataclass(slots=True)
class _Shelf:
    """Takes the text of blocks, in memory while there is room, else in a file of ``folder``."""

    folder: Path
    _room: int = _IN_MEMORY
    _files: int = 0
    _lock: Lock = field(default_factory=Lock)

    def put(self, rows: pl.DataFrame) -> pl.DataFrame | Path:
        """Where the CARRIED columns of ``rows`` are from now on."""
        text = rows.select(CARRIED)
        size = int(text.estimated_size())
        with self._lock:
            fits = size <= self._room
            self._room -= size if fits else 0
            self._files += not fits
            file = self.folder / f"{self._files:06}.arrow"
        if fits:
            return text
        text.write_ipc(file, compression="lz4")
        return file


@dataclass(slots=True)
class Shelved:
    """The text of all records, block by block, in the order of the resolved records."""

    blocks: tuple[pl.DataFrame | Path, ...]
    starts: Rows  # where each block begins among all records, and the end
    tracks: Rows  # the first block of each track, and the end
    _loaded: tuple[Path, pl.DataFrame] | None = None  # the file read last, which the next slice often needs too

    def of_track(self, number: int) -> Iterator[pl.DataFrame]:
        """What tracks.add_evidence looks at, block by block."""
        for block in self.blocks[self.tracks[number] : self.tracks[number + 1]]:
            yield pl.read_ipc(block, columns=["message", "unit", "about"]) if isinstance(block, Path) else block

    def read(self, positions: Rows) -> pl.DataFrame:
        """The CARRIED columns of the records at ``positions``, in that order."""
        number = np.searchsorted(self.starts, positions, side="right") - 1
        order = np.argsort(number, kind="stable")
        edges = runs(number[order])
        parts = [
            _chosen(
                self._block(int(number[order[begin]])), positions[order[begin:end]] - self.starts[number[order[begin]]]
            )
            for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        text: pl.DataFrame = pl.concat(parts) if len(parts) != 1 else parts[0]
        if (order[1:] > order[:-1]).all():
            return text
        back = np.empty(len(positions), dtype=np.int64)
        back[order] = np.arange(len(positions))
        return text[back]

    def _block(self, number: int) -> pl.DataFrame:
        block = self.blocks[number]
        if isinstance(block, pl.DataFrame):
            return block
        if self._loaded is None or self._loaded[0] != block:
            self._loaded = None
            self._loaded = block, pl.read_ipc(block)
        return self._loaded[1]


def _chosen(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    if rows[-1] - rows[0] + 1 == len(rows) and (rows[1:] > rows[:-1]).all():
        return frame.slice(int(rows[0]), len(rows))
    return frame[rows]


@dataclass(frozen=True, slots=True)
class Merged:
    """A timeline of which only slices are in memory. Its text can be read while ``merged`` is open."""

    records: int
    inputs: tuple[SourceFile, ...]
    spans: pl.DataFrame  # schema.SPANS
    gaps: tuple[CoverageGap, ...]
    resolved: Resolved
    registry: Registry
    shelved: Shelved
    rows: NDArray[np.uint32]

    def frames(self, rows: int = ROWS) -> Iterator[pl.DataFrame]:
        """The timeline (schema.TIMELINE) in order, ``rows`` records at a time; at least one frame."""
        if not self.records:
            yield empty(TIMELINE)
        deltas, added = self._deltas(), 0
        for start in range(0, self.records, rows):
            frame = self._frame(self.rows[start : start + rows], first_id=start + added)
            last = start + rows >= self.records
            due = deltas if last else deltas.filter(pl.col("time") < frame["time"][-1])
            deltas = deltas.slice(due.height)
            yield weave(frame, due, first_id=start + added)
            added += due.height

    def _frame(self, rows: NDArray[np.uint32], first_id: int = 0) -> pl.DataFrame:
        text = self.shelved.read(file_rows(self.resolved, rows))
        return make_frame(text, self.resolved, rows, self.registry, first_id=first_id)

    def _deltas(self) -> pl.DataFrame:
        """What snapshots differ in. They are few, and are held in memory together."""
        shown = [index for index, track in enumerate(self.resolved.tracks) if "snapshot" in track.format.split("+")]
        mine = self.rows[np.isin(self.resolved.records.source[self.rows], shown)] if shown else self.rows[:0]
        return find_deltas(self._frame(mine)) if mine.size else empty(TIMELINE)

    def write_parquet(self, path: Path, *, paths: bool = False) -> None:
        """Write the whole timeline, a row group per slice; with ``paths``, ``source`` is a path and no number."""

        def slices(*_: object) -> Iterator[pl.DataFrame]:
            return (with_paths(frame, self.inputs) for frame in self.frames()) if paths else self.frames()

        source = pl.String() if paths else TIMELINE["source"]
        timeline = register_io_source(slices, schema=pl.Schema(TIMELINE | {"source": source}))
        timeline.sink_parquet(path, compression="zstd", compression_level=1, row_group_size=ROWS)


@contextmanager
def merged(blocks: Iterable[Block], settings: ClockSettings, *, folder: Path | None = None) -> Iterator[Merged]:
    """A timeline of blocks of sources, without holding their text. To be used in a ``with`` statement.

    The blocks of one source follow one another, in file order. ``folder`` is where the temporary folder is made
    (default: the system's). Memory is about a hundred bytes for each record. Raises what ``build`` raises.
    """
    with TemporaryDirectory(prefix="logcorr-", dir=folder) as place:
        registry = Registry()
        tracks, shelved = _take_all(blocks, registry, _Shelf(Path(place)))
        if settings.hosts or not are_alone(tracks):
            for number, track in enumerate(tracks):
                add_evidence(track, shelved.of_track(number))
        resolved = resolve(tracks, registry, settings)
        del tracks
        inputs = describe(resolved, registry)
        spans, gaps = look(resolved, registry, inputs, settings)
        rows = kept_rows(resolved)
        yield Merged(len(rows), inputs, spans, gaps, resolved, registry, shelved, rows)


@dataclass(frozen=True, slots=True)
class _Taken:
    """One block: its clocks, numbered by themselves, and its text."""

    track: Track
    names: Registry
    text: pl.DataFrame | Path


def _take_all(blocks: Iterable[Block], registry: Registry, shelf: _Shelf) -> tuple[list[Track], Shelved]:
    """The tracks of all sources, sorted as ``build`` sorts sources, and their text in the same order."""
    found: list[tuple[Track, list[pl.DataFrame | Path], list[int]]] = []
    for _, group in groupby(_taken(blocks, shelf), key=lambda one: one.track.path):
        parts, texts = [], []
        for one in group:
            adopt(one.track, one.names, registry)
            parts.append(one.track)
            texts.append(one.text)
        lengths = [len(part) for part in parts]
        found.append((join(parts), texts, lengths))
    found.sort(key=lambda one: (one[0].path, one[0].sha256 or ""))
    sizes = [length for _, _, lengths in found for length in lengths]
    shelved = Shelved(
        blocks=tuple(text for _, texts, _ in found for text in texts),
        starts=np.cumsum([0, *sizes], dtype=np.int64),
        tracks=np.cumsum([0, *(len(texts) for _, texts, _ in found)], dtype=np.int64),
    )
    return [track for track, _, _ in found], shelved


def _taken(blocks: Iterable[Block], shelf: _Shelf) -> Iterator[_Taken]:
    """All blocks, in order; the next ones are worked on meanwhile."""
    waiting: deque[Future[_Taken | None]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for block in blocks:
            waiting.append(pool.submit(_take, block, shelf))
            if len(waiting) > _THREADS and (one := waiting.popleft().result()):
                yield one
        while waiting:
            if one := waiting.popleft().result():
                yield one


def _take(block: Block, shelf: _Shelf) -> _Taken | None:
    source = block if isinstance(block, Source) else block()
    if source is None:
        return None
    names = Registry()
    return _Taken(take(source, names), names, shelf.put(source.rows))

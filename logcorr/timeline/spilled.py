"""A timeline larger than memory: the clocks are resolved in memory, the text waits in a temporary folder.

One pass over the blocks keeps the clock columns of every record (tracks) and spills the rest, a file per block. Once
all clocks are known, so is the order; slices of it are then put together from the blocks that hold their records. A
block whose records lie far apart in time is read more than once; nothing else depends on how well the input was sorted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

from logcorr.dataclass import dataclass
from logcorr.errors import OutputError
from logcorr.model import CoverageGap, SourceFile
from logcorr.origin import Outsiders
from logcorr.schema import TIMELINE, Source, empty
from logcorr.timeline.arrays import Rows, give_back, runs
from logcorr.timeline.build import find_coverage
from logcorr.timeline.frame import CARRIED, clock_columns, file_rows, kept_rows, make_frame, with_paths
from logcorr.timeline.inputs import describe
from logcorr.timeline.resolve import Resolved, resolve
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.snapshot_deltas import find_told, weave
from logcorr.timeline.tracks.track import Registry, Track, add_evidence, adopt, are_alone, join, take

ROWS: Final = 50_000
_THREADS: Final = 2  # blocks at a time; Polars and numpy let go of the interpreter while they work
_PLAIN: Final = 1 << 30  # bytes written as they are, in a third of the time; what follows is compressed

#: A block of a source, or what makes one when its turn comes, on another thread.
Block: TypeAlias = Source | Callable[[], Source]


@dataclass(slots=True)
class _Spill:
    """Takes the text of blocks, each in a file of its own in ``folder``."""

    folder: Path
    _plain: int = _PLAIN
    _files: int = 0
    _lock: Lock = field(default_factory=Lock)

    def put(self, rows: pl.DataFrame) -> Path:
        """The file that holds the CARRIED columns of ``rows`` from now on."""
        text = rows.select(CARRIED)
        with self._lock:
            self._plain -= int(text.estimated_size())
            self._files += 1
            file, plain = self.folder / f"{self._files:06}.arrow", self._plain >= 0
        try:
            text.write_ipc(file, compression="uncompressed" if plain else "lz4")
        except OSError as error:
            why, hint = f"cannot be written: {error}", "give TMPDIR a folder with more room"
            raise OutputError(why, location=str(self.folder), hint=hint) from error
        return file


@dataclass(slots=True)
class Spilled:
    """The text of all records, in one file per block, in the order of the resolved records."""

    files: tuple[Path, ...]
    starts: Rows  # where each block begins among all records, and the end
    tracks: Rows  # the first file of each track, and the end
    _loaded: tuple[Path, pl.DataFrame] | None = None  # the file read last, which the next slice often needs too

    def of_track(self, number: int) -> Iterator[pl.DataFrame]:
        """What tracks.add_evidence looks at, block by block."""
        for file in self.files[self.tracks[number] : self.tracks[number + 1]]:
            yield pl.read_ipc(file, columns=["message", "program", "origin", "unit", "about"])

    def read(self, positions: Rows) -> pl.DataFrame:
        """The CARRIED columns of the records at ``positions``, in that order."""
        number = np.searchsorted(self.starts, positions, side="right") - 1
        order = np.argsort(number, kind="stable")
        edges = runs(number[order])
        parts = [
            _chosen(
                self._rows(int(number[order[begin]])), positions[order[begin:end]] - self.starts[number[order[begin]]]
            )
            for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        text: pl.DataFrame = pl.concat(parts) if len(parts) != 1 else parts[0]
        if (order[1:] > order[:-1]).all():
            return text
        back = np.empty(len(positions), dtype=np.int64)
        back[order] = np.arange(len(positions))
        return text[back]

    def _rows(self, number: int) -> pl.DataFrame:
        file = self.files[number]
        if self._loaded is None or self._loaded[0] != file:
            self._loaded = None
            self._loaded = file, pl.read_ipc(file)
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
    settings: ClockSettings
    resolved: Resolved
    registry: Registry
    spilled: Spilled
    rows: NDArray[np.uint32]

    def coverage(self) -> tuple[pl.DataFrame, tuple[CoverageGap, ...]]:
        """Where the sources were seen (schema.SPANS), and where we could not look."""
        return find_coverage(self.resolved, self.registry, self.inputs, self.settings)

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
        text = self.spilled.read(file_rows(self.resolved, rows))
        return make_frame(text, clock_columns(self.resolved, rows, self.registry), first_id)

    def _deltas(self) -> pl.DataFrame:
        """What snapshots differ in. They are few, and are held in memory together."""
        shown = [index for index, track in enumerate(self.resolved.tracks) if track.states]
        mine = self.rows[np.isin(self.resolved.records.source[self.rows], shown)] if shown else self.rows[:0]
        return find_told(self._frame(mine)) if mine.size else empty(TIMELINE)

    def write_parquet(self, path: Path, *, paths: bool = False) -> None:
        """Write the whole timeline, a row group per slice; with ``paths``, ``source`` is a path and no number."""

        def slices(*_: object) -> Iterator[pl.DataFrame]:
            return (with_paths(frame, self.inputs) for frame in self.frames()) if paths else self.frames()

        source = pl.String() if paths else TIMELINE["source"]
        timeline = register_io_source(slices, schema=pl.Schema(TIMELINE | {"source": source}))
        timeline.sink_parquet(path, compression="zstd", compression_level=1, row_group_size=ROWS)


@contextmanager
def merge_blocks(blocks: Iterable[Block], settings: ClockSettings, *, folder: Path | None = None) -> Iterator[Merged]:
    """A timeline of blocks of sources, without holding their text. To be used in a ``with`` statement.

    The blocks of one source follow one another, in file order. ``folder`` is where the temporary folder is made
    (default: the system's). Memory is about a hundred bytes for each record. Raises what ``build`` raises.
    """
    with TemporaryDirectory(prefix="logcorr-", dir=folder) as place:
        registry = Registry()
        tracks, spilled = _take_all(blocks, registry, _Spill(Path(place)), settings.outsiders)
        give_back()
        if settings.hosts or not are_alone(tracks):
            for number, track in enumerate(tracks):
                add_evidence(track, spilled.of_track(number), settings.outsiders)
        resolved = resolve(tracks, registry, settings)
        del tracks
        give_back()
        inputs = describe(resolved, registry)
        rows = kept_rows(resolved)
        yield Merged(len(rows), inputs, settings, resolved, registry, spilled, rows)


@dataclass(frozen=True, slots=True)
class _Taken:
    """One block: its clocks, numbered by themselves, and its text."""

    track: Track
    names: Registry
    text: Path


def _take_all(
    blocks: Iterable[Block], registry: Registry, spill: _Spill, outsiders: Outsiders
) -> tuple[list[Track], Spilled]:
    """The tracks of all sources, sorted as ``build`` sorts sources, and their text in the same order."""
    found: list[tuple[Track, list[Path], list[int]]] = []
    for _, group in groupby(_taken(blocks, spill, outsiders), key=lambda one: one.track.path):
        parts, texts = [], []
        for one in group:
            adopt(one.track, one.names, registry)
            parts.append(one.track)
            texts.append(one.text)
        lengths = [len(part) for part in parts]
        found.append((join(parts), texts, lengths))
    found.sort(key=lambda one: (one[0].path, one[0].sha256 or ""))
    sizes = [length for _, _, lengths in found for length in lengths]
    spilled = Spilled(
        files=tuple(text for _, texts, _ in found for text in texts),
        starts=np.cumsum([0, *sizes], dtype=np.int64),
        tracks=np.cumsum([0, *(len(texts) for _, texts, _ in found)], dtype=np.int64),
    )
    return [track for track, _, _ in found], spilled


def _taken(blocks: Iterable[Block], spill: _Spill, outsiders: Outsiders) -> Iterator[_Taken]:
    """All blocks, in order; the next ones are worked on meanwhile."""
    waiting: deque[Future[_Taken]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for block in blocks:
            waiting.append(pool.submit(_take, block, spill, outsiders))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _take(block: Block, spill: _Spill, outsiders: Outsiders) -> _Taken:
    source = block if isinstance(block, Source) else block()
    names = Registry()
    return _Taken(take(source, names, outsiders), names, spill.put(source.rows))

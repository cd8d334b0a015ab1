"""One source's records reduced to what placing them in time needs: numbers, not text.

A ``Track`` holds about fifty bytes for each record, so that the clocks of ten million records can be worked out in
memory while the records themselves wait on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.origin import NOBODY, Outsiders
from logcorr.schema import STAMP_KINDS, Facts, Source, Whole, join_facts
from logcorr.timeline.arrays import Codes, Names, distinct
from logcorr.timeline.dating.file_hosts import WORKINGS, find_workings
from logcorr.timeline.tracks.anchors import ANCHORS, find_anchors
from logcorr.timeline.tracks.clock_messages import find_marks
from logcorr.times.micros import NULL, Ints, ints

UTC_KIND, LOCAL, YEARLESS, TIMEOFDAY, UPTIME = (
    STAMP_KINDS.index(kind) for kind in ("utc", "local", "yearless", "timeofday", "uptime")
)
NO_STAMP: Final = len(STAMP_KINDS)
#: Formats that state what was so at some moments; and those that may hold such.
_SAMPLED: Final = frozenset({"snapshot", "sar", "sadf", "sadf-json", "prometheus", "metrics"})
_STATING: Final = _SAMPLED | {"csv", "xlsx"}
_COARSEST: Final = 1800 * 1_000_000


@dataclass(slots=True)
class Registry:
    """The shared numbering of hosts, boots and journald sequence ids."""

    hosts: Names = field(default_factory=Names)
    boots: Names = field(default_factory=Names)
    seqnum_ids: Names = field(default_factory=Names)


@dataclass(slots=True)
class Track:
    """The clock columns of one source, in file order. Times are µs; ``NULL`` or -1 is "none"."""

    path: str
    stamp: Ints
    kind: NDArray[np.uint8]
    resolution: NDArray[np.int32]  # half an hour at most
    received: Ints | None
    mono: Ints | None
    boot: Codes | None
    seqnum: Ints | None
    seqnum_id: Codes | None
    host: Codes
    digest: NDArray[np.uint64]  # of program and message
    marks: pl.DataFrame  # the few records whose text tells about clocks or losses; see marks.MARKS
    programs: pl.DataFrame  # program, count
    templates: pl.DataFrame  # shape of unparsed lines, count
    format: str = ""
    sha256: str | None = None
    bytes: int = 0
    lines: int = 0
    continuation: int = 0
    unparsed: int = 0
    modified: datetime | None = None
    facts: Facts = field(default_factory=Facts)
    passed_over: int = 0  # lines outside the window that were not read
    whole: Whole | None = None  # where only a part of the source was read
    anchors: pl.DataFrame = field(default_factory=lambda: _short(pl.DataFrame(schema=ANCHORS)))  # see add_evidence
    workings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WORKINGS))  # the same
    flipped: bool = False  # the file ran newest first, and the columns were turned round
    journal: bool = False  # its records carry boot ids

    def __len__(self) -> int:
        return len(self.stamp)

    @property
    def is_snapshot(self) -> bool:
        """Whether the source is no log, but what commands printed at some moments."""
        return self.states and _STATING.issuperset(self.format.split("+"))

    @property
    def states(self) -> bool:
        """Whether any of it was printed by commands, or sampled."""
        return not _SAMPLED.isdisjoint(self.format.split("+"))

    def release(self) -> None:
        """Let go of the columns that nobody needs once the stamps are placed in time."""
        self.journal = self.boot is not None
        for name in _STAMPS:
            setattr(self, name, None)

    def flip(self) -> Track:
        """The same track with its lines in the opposite order."""
        columns = {name: value[::-1].copy() for name in _COLUMNS if (value := getattr(self, name)) is not None}
        turned = (len(self) - 1 - pl.col("row")).alias("row")
        return replace(
            self,
            **columns,
            marks=self.marks.with_columns(turned).sort("row", "mark"),
            anchors=self.anchors.with_columns(turned).sort("row", "key"),
            workings=self.workings.with_columns(turned).sort("row"),
            flipped=not self.flipped,
        )


_COLUMNS: Final = (
    *("stamp", "kind", "resolution", "received", "mono", "boot", "seqnum", "seqnum_id", "host", "digest"),
)

_STAMPS: Final = ("stamp", "kind", "received")


def take(source: Source, names: Registry, outsiders: Outsiders = NOBODY) -> Track:
    """The clock columns of a source (or of one block of it), without what ``add_evidence`` adds."""
    rows = source.rows
    kind = rows["stamp_kind"].to_physical().cast(pl.UInt8).fill_null(NO_STAMP).to_numpy().copy()
    stamp = ints(rows["stamp"])
    kind[stamp == NULL] = NO_STAMP
    mono = _uptimes(rows["monotonic"])
    uptime = kind == UPTIME
    if uptime.any():
        mono = np.full(len(rows), NULL, dtype=np.int64) if mono is None else mono.copy()
        mono[uptime & (mono == NULL)] = stamp[uptime & (mono == NULL)]
    return Track(
        path=source.path,
        stamp=stamp,
        kind=kind,
        resolution=np.clip(ints(rows["resolution"].fill_null(1)), 1, _COARSEST).astype(np.int32),
        received=_optional(rows["received"]),
        mono=mono,
        boot=_optional_codes(rows["boot"], names.boots),
        seqnum=_optional(rows["seqnum"]),
        seqnum_id=_optional_codes(rows["seqnum_id"], names.seqnum_ids),
        host=names.hosts.codes(rows["host"]),
        digest=_digest(rows),
        marks=find_marks(rows, outsiders),
        programs=rows.group_by("program").len("count").drop_nulls(),
        templates=shapes(source.unparsed),
        format=source.format,
        sha256=source.sha256,
        bytes=source.bytes,
        lines=source.lines,
        continuation=source.continuation,
        unparsed=source.unparsed.height,
        modified=source.modified,
        facts=source.facts,
        passed_over=source.passed_over,
        whole=source.whole,
    )


def adopt(track: Track, own: Registry, names: Registry) -> None:
    """Number the track's names as ``names`` does; until now it was by itself, with ``own``."""
    track.host = names.hosts.adopt(own.hosts, track.host)
    track.boot = None if track.boot is None else names.boots.adopt(own.boots, track.boot)
    if track.seqnum_id is not None:
        track.seqnum_id = names.seqnum_ids.adopt(own.seqnum_ids, track.seqnum_id)


def join(blocks: Sequence[Track]) -> Track:
    """The blocks of one source, in file order, as one track. Empties the blocks."""
    if len(blocks) == 1:
        return blocks[0]
    lengths = [len(block) for block in blocks]
    starts = np.cumsum([0, *lengths])
    form, facts = join_facts([block.format for block in blocks], [block.facts for block in blocks])
    joined = replace(
        blocks[-1],
        marks=_moved([block.marks for block in blocks], starts),
        programs=_add_up([block.programs for block in blocks], "program"),
        templates=_add_up([block.templates for block in blocks], "template"),
        format=form,
        sha256=next((block.sha256 for block in reversed(blocks) if block.sha256), None),
        bytes=sum(block.bytes for block in blocks),
        lines=sum(block.lines for block in blocks),
        continuation=sum(block.continuation for block in blocks),
        unparsed=sum(block.unparsed for block in blocks),
        passed_over=sum(block.passed_over for block in blocks),
        modified=next((block.modified for block in blocks if block.modified), None),
        facts=facts,
    )
    for name in _COLUMNS:
        parts = [getattr(block, name) for block in blocks]
        for block in blocks:
            setattr(block, name, None)  # so that no column is held twice for longer than it takes
        setattr(joined, name, _concat(parts, lengths, -1 if name in ("boot", "seqnum_id") else NULL))
    return joined


def are_alone(tracks: Sequence[Track]) -> bool:
    """Whether all records are of one named host and say their time in UTC, so that nothing needs to be compared."""
    hosts = {code for track in tracks for code in distinct(track.host)}
    return len(hosts) == 1 and -1 not in hosts and all((track.kind == UTC_KIND).all() for track in tracks)


def add_evidence(track: Track, blocks: Iterable[pl.DataFrame], outsiders: Outsiders = NOBODY) -> None:
    """Find what the track is compared by with others, block by block, in message, program, origin, unit and about.

    ``anchors`` are what other hosts may have logged too (see anchors.ANCHORS), with numbers for their strings: there
    may be one in every few records. ``workings`` are records that show a unit at work (see owners.WORKINGS).
    """
    anchors, workings, start = [track.anchors], [track.workings], 0
    for rows in blocks:
        moved = pl.col("row") + start
        # the addresses that a snapshot shows are no event that another host may have logged
        anchors.append(_short(find_anchors(rows.clear() if track.is_snapshot else rows, outsiders)).with_columns(moved))
        hosted = track.host[start : start + rows.height] >= 0
        workings.append(find_workings(rows, hosted).with_columns(moved))
        start += rows.height
    track.anchors, track.workings = pl.concat(anchors), pl.concat(workings)


def _short(anchors: pl.DataFrame) -> pl.DataFrame:
    names = ("key", "starter", "other")
    return anchors.select(
        "row", *(pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name) for name in names)
    )


def _moved(frames: Sequence[pl.DataFrame], starts: Ints) -> pl.DataFrame:
    """The rows of all blocks, counted from the start of the source."""
    return pl.concat(
        [frame.with_columns(pl.col("row") + int(start)) for frame, start in zip(frames, starts, strict=False)]
    )


def _uptimes(series: pl.Series) -> Ints | None:
    """The time since boot, where it can be one: no machine runs for thirty years."""
    mono = _optional(series)
    return None if mono is None else np.where((mono >= 0) & (mono < 1 << 50), mono, NULL)


def _optional(series: pl.Series) -> Ints | None:
    return None if series.null_count() == len(series) else ints(series)


def _optional_codes(series: pl.Series, names: Names) -> Codes | None:
    return None if series.null_count() == len(series) else names.codes(series)


def _digest(rows: pl.DataFrame) -> NDArray[np.uint64]:
    """A number that equal (program, message) share. Not the pid: syslog often leaves out what journald knows."""
    message, program = rows["message"].str.strip_chars().hash().to_numpy(), rows["program"].hash().to_numpy()
    with np.errstate(over="ignore"):
        mixed: NDArray[np.uint64] = (message * np.uint64(3) ^ program) * np.uint64(0x9E3779B97F4A7C15)
    return mixed


def shapes(unparsed: pl.DataFrame) -> pl.DataFrame:
    """The shapes of lines that no parser understood, numbers and hexadecimal words masked: template, count."""
    shape = (
        pl.col("text")
        .str.slice(0, 160)
        .str.replace_all(r"\b(?:0x[0-9a-fA-F]+|[0-9a-fA-F]*\d[0-9a-fA-F]*)\b", "#")
        .str.replace_all(r"#(?:[.:-]#)+", "#")
        .alias("template")
    )
    counted = unparsed.select(shape).group_by("template").len("count").drop_nulls()
    return counted.sort(["count", "template"], descending=[True, False])


def _add_up(tables: Sequence[pl.DataFrame], key: str) -> pl.DataFrame:
    return pl.concat(tables).group_by(key).agg(pl.col("count").sum())


def _concat(parts: list[NDArray[Any] | None], lengths: Sequence[int], missing: int) -> NDArray[Any] | None:
    dtype = next((part.dtype for part in parts if part is not None), None)
    if dtype is None:
        return None
    return np.concatenate(
        [np.full(length, missing, dtype) if part is None else part for part, length in zip(parts, lengths, strict=True)]
    )

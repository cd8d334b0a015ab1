"""All tracks together: the time, order and clock domain of every record. Numbers only; the text waits elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.timeline.arrays import NULL, Bools, Codes, Ints, to_micros
from logcorr.timeline.clocks import Boots, Clocked, Step, name_domains, order_boots
from logcorr.timeline.hosts import fill_hosts
from logcorr.timeline.place import ANCHORED, Placed, Walls, Zone, convert, extent, find_walls, find_zone_of, straighten
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks import LOCAL, TIMEOFDAY, YEARLESS, Registry, Track
from logcorr.timeline.twins import find_twins
from logcorr.timeline.years import Anchors, merge_extents
from logcorr.timeline.zones import find_zone, given_zone


@dataclass(slots=True)
class Resolved:
    """Every record of every track, concatenated in the order of the tracks. Times are µs, UTC."""

    tracks: list[Track]
    placed: list[Placed]
    starts: NDArray[np.int64]  # where each track begins, and the end
    time: Ints
    earliest: Ints
    latest: Ints
    basis: NDArray[np.uint8]
    host: Codes
    domain: Codes
    domains: list[tuple[int, int, int]]  # (host, boot or -1, number)
    source: NDArray[np.uint16]
    seqnum: Ints
    seqnum_id: Codes
    order: NDArray[np.int64]  # all records in true time order
    twin: Bools
    inside: Bools  # within the window and its margin
    steps: tuple[Step, ...]
    marks: pl.DataFrame  # source, row (global), time, host, mark, count, subject


def resolve(tracks: Sequence[Track], registry: Registry, settings: ClockSettings) -> Resolved:
    """Work out when every record happened. ``tracks`` must be sorted by path; they are changed."""
    tracks = [straighten(track) for track in tracks]
    fill_hosts(tracks, registry.hosts, registry.boots, settings.hosts)
    placed = _place(tracks, registry, settings)
    starts = np.cumsum([0, *(len(track) for track in tracks)])
    records = Clocked(
        time=_join([one.time for one in placed]),
        earliest=_join([one.earliest for one in placed]),
        latest=_join([one.latest for one in placed]),
        moved=np.zeros(int(starts[-1]), dtype=np.bool_),
        host=_join_codes([track.host for track in tracks]),
        boot=_join_codes([_or_none(track.boot, track, -1).astype(np.int32) for track in tracks]),
        mono=_join([_or_none(track.mono, track, NULL) for track in tracks]),
        seqnum=_join([_or_none(track.seqnum, track, NULL) for track in tracks]),
    )
    basis = np.concatenate([one.basis for one in placed]) if placed else np.array([], dtype=np.uint8)
    source = np.repeat(np.arange(len(tracks), dtype=np.uint16), np.diff(starts))
    marks = _marks(tracks, starts)
    boots = order_boots(records, _rows(marks, "clock-set"), _rows(marks, "sleep"))
    basis[records.moved] = ANCHORED
    seqnum_id = _join_codes([_or_none(track.seqnum_id, track, -1).astype(np.int32) for track in tracks])
    resolution = _join([track.resolution for track in tracks])
    digest = np.concatenate([track.digest for track in tracks]) if tracks else np.array([], dtype=np.uint64)
    twin = find_twins(
        records.time, resolution, records.host, source, digest, records.mono, records.boot, records.seqnum, seqnum_id
    )
    domain, domains = name_domains(records, boots, _rows(marks, "boot"))
    window = window_of(settings)
    return Resolved(
        tracks=tracks,
        placed=placed,
        starts=starts,
        time=records.time,
        earliest=records.earliest,
        latest=records.latest,
        basis=basis,
        host=records.host,
        domain=domain,
        domains=domains,
        source=source,
        seqnum=records.seqnum,
        seqnum_id=seqnum_id,
        order=_order(records, boots, tracks, placed, starts, registry),
        twin=twin,
        inside=(records.time >= window[0]) & (records.time <= window[1]),
        steps=boots.steps,
        marks=_locate(marks, records, registry),
    )


def window_of(settings: ClockSettings) -> tuple[int, int]:
    """The window and its margin in µs; open ends reach as far as int64 does."""
    margin = settings.margin
    low = to_micros(settings.since - margin) if settings.since else NULL + 1
    high = to_micros(settings.until + margin) if settings.until else np.iinfo(np.int64).max
    return low, high


def _place(tracks: list[Track], registry: Registry, settings: ClockSettings) -> list[Placed]:
    extents = [extent(track) for track in tracks]
    neighbours = merge_extents([one for one in extents if one])
    window = _asked(settings)
    stated = _stated_zones(tracks)
    placed = []
    for track in tracks:
        anchors = Anchors(
            stated=track.facts.year,
            stated_from=track.facts.year_from or "the log",
            modified=track.modified,
            neighbours=neighbours,
            window=window,
            now=to_micros(settings.now),
        )
        hosts = [registry.hosts[int(code)] for code in np.unique(track.host)]
        guess = next(filter(None, (given_zone(settings.zones, host, track.path) for host in hosts)), None)
        walls = find_walls(track, anchors, find_zone(guess or track.facts.zone or settings.default_zone))
        placed.append(convert(track, walls, _zones(track, walls, registry, settings, stated)))
    return placed


def _zones(
    track: Track, walls: Walls, registry: Registry, settings: ClockSettings, stated: dict[int, str]
) -> list[tuple[NDArray[np.int64], Zone]]:
    local = np.flatnonzero((track.kind == LOCAL) | (track.kind == YEARLESS) | (track.kind == TIMEOFDAY))
    groups = []
    for code in np.unique(track.host[local]):
        rows = local[track.host[local] == code]
        zone = find_zone_of(track, walls, rows, registry.hosts[int(code)], settings, stated.get(int(code)), None)
        groups.append((rows, zone))
    return groups


def _stated_zones(tracks: list[Track]) -> dict[int, str]:
    """The zone that each host states in one of its logs."""
    said: dict[int, set[str]] = {}
    for track in tracks:
        if track.facts.zone:
            for code in np.unique(track.host):
                said.setdefault(int(code), set()).add(track.facts.zone)
    return {code: min(zones) for code, zones in said.items()}


def _asked(settings: ClockSettings) -> tuple[int, int] | None:
    ends = [to_micros(end) for end in (settings.since, settings.until) if end]
    return (ends[0], ends[-1]) if ends else None


def _marks(tracks: list[Track], starts: NDArray[np.int64]) -> pl.DataFrame:
    frames = [
        track.marks.with_columns(pl.lit(index, dtype=pl.UInt16).alias("source"), pl.col("row") + int(starts[index]))
        for index, track in enumerate(tracks)
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def _rows(marks: pl.DataFrame, mark: str) -> NDArray[np.int64]:
    if marks.is_empty():
        return np.array([], dtype=np.int64)
    return marks.filter(pl.col("mark") == mark)["row"].to_numpy()


def _locate(marks: pl.DataFrame, records: Clocked, registry: Registry) -> pl.DataFrame:
    if marks.is_empty():
        return marks
    rows = marks["row"].to_numpy()
    hosts = [registry.hosts[int(code)] for code in records.host[rows]]
    return marks.with_columns(
        pl.Series("time", records.time[rows], dtype=pl.Int64), pl.Series("host", hosts, dtype=pl.String)
    )


def _order(
    records: Clocked,
    boots: Boots,
    tracks: list[Track],
    placed: list[Placed],
    starts: NDArray[np.int64],
    registry: Registry,
) -> NDArray[np.int64]:
    """All records by time. Ties: by host name; within a host boots first, in their own order, then source by source."""
    firsts = [_first(one) for one in placed]
    ranked = sorted(range(len(tracks)), key=lambda index: (firsts[index], tracks[index].path))
    in_boot = np.zeros(len(records.time), dtype=np.bool_)
    in_boot[boots.rows] = True
    loose = np.concatenate([np.arange(starts[index], starts[index + 1]) for index in ranked]) if ranked else boots.rows
    before = np.concatenate([boots.rows, loose[~in_boot[loose]]])
    names = sorted(range(len(registry.hosts)), key=lambda code: registry.hosts[code])
    rank = np.empty(len(names) + 1, dtype=np.int32)
    rank[names] = np.arange(len(names))
    before = before[np.argsort(rank[records.host[before]], kind="stable")]
    return before[np.argsort(records.time[before], kind="stable")]


def _first(placed: Placed) -> tuple[int, int]:
    known = placed.time[placed.time != NULL]
    return (int(known.min()), int(known.max())) if known.size else (NULL, NULL)


def _or_none(column: NDArray[np.int64] | Codes | None, track: Track, missing: int) -> NDArray[np.int64]:
    if column is None:
        return np.full(len(track), missing, dtype=np.int64)
    return column.astype(np.int64, copy=False)


def _join(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.array([], dtype=np.int64)


def _join_codes(parts: Sequence[Codes]) -> Codes:
    return np.concatenate(parts) if parts else np.array([], dtype=np.int32)

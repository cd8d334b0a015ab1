"""All tracks together: the time, order and clock domain of every record. Numbers only; the text waits elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.timeline.arrays import NULL, Bools, Codes, Ints, Rows, distinct, grouped, to_micros
from logcorr.timeline.clocks import Boots, Records, Step, order_boots
from logcorr.timeline.domains import Domain, name_domains
from logcorr.timeline.healing import find_falls, heal_beside_journal, heal_by_uptime, heal_excursions, lines_of
from logcorr.timeline.hosts import fill_hosts, hosted
from logcorr.timeline.place import ANCHORED, Placed, Walls, Zone, convert, extent, find_walls, find_zone_of, straighten
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.shared import Reference
from logcorr.timeline.skew import HostClock, estimate_all, make_pairs, settle
from logcorr.timeline.tracks import LOCAL, TIMEOFDAY, UTC_KIND, YEARLESS, Registry, Track
from logcorr.timeline.twins import find_twins
from logcorr.timeline.uptime import place_uptime
from logcorr.timeline.years import Anchors, merge_extents
from logcorr.timeline.zones import find_zone, given_zone


@dataclass(slots=True)
class Resolved:
    """Every record of every track, concatenated in the order of the tracks. Times are µs, UTC."""

    tracks: list[Track]
    placed: list[Placed]
    starts: Rows  # where each track begins, and the end
    records: Records
    basis: NDArray[np.uint8]
    domain: Codes
    domains: list[Domain]
    seqnum_id: Codes
    order: Rows  # all records in true time order
    twin: Bools
    inside: Bools  # within the window and its margin
    boots: Boots
    steps: tuple[Step, ...]
    falls: tuple[tuple[int, int], ...]
    marks: pl.DataFrame  # source, row (global), time, host, mark, count, subject
    clocks: dict[str, HostClock]  # by host


def resolve(tracks: Sequence[Track], registry: Registry, settings: ClockSettings) -> Resolved:
    """Work out when every record happened. ``tracks`` must be sorted by path; their hosts are filled in."""
    tracks = [straighten(track) for track in tracks]
    named = hosted(tracks, settings.hosts)
    fill_hosts(tracks, registry.hosts, registry.boots, settings.hosts)
    placed = _place(tracks, registry, settings)
    starts = np.cumsum([0, *(len(track) for track in tracks)])
    records = _records(tracks, placed, starts)
    seqnum_id = _joined([_or_none(track.seqnum_id, track, -1) for track in tracks], np.int32)
    digest = _joined([track.digest for track in tracks], np.uint64)
    marks = _marks(tracks, starts)
    said = _rows(marks, "clock-set"), _rows(marks, "sleep")
    boots = order_boots(records, *said)
    groups = lines_of(records)
    steps, resets = heal_by_uptime(records, groups, *said)
    heal_beside_journal(records, boots.shifts)
    modified = [track.modified for track in tracks]
    steps += heal_excursions(records, groups, modified)
    for source, words in place_uptime(records, digest, named, modified, to_micros(settings.now)).items():
        placed[source].timezone, placed[source].timezone_from = "UTC", words
    _place_rest(records, tracks, settings)
    twin = find_twins(
        records.time,
        records.resolution,
        records.host,
        records.source,
        digest,
        records.mono,
        records.boot,
        records.seqnum,
        seqnum_id,
    )
    _drop_copies(tracks, starts, twin)
    falls = find_falls(records, groups)
    clocks = _settle_clocks(tracks, starts, records, registry, settings, marks)
    basis = _joined([one.basis for one in placed], np.uint8)
    basis[records.moved] = ANCHORED
    _apply_skew(records, registry, clocks)
    resets = np.concatenate([resets, _rows(marks, "boot")])
    domain, domains = name_domains(records, boots, resets)
    low, high = window_of(settings)
    return Resolved(
        tracks=tracks,
        placed=placed,
        starts=starts,
        records=records,
        basis=basis,
        domain=domain,
        domains=domains,
        seqnum_id=seqnum_id,
        order=_order(records, boots, tracks, starts, registry),
        twin=twin,
        inside=(records.time >= low) & (records.time <= high),
        boots=boots,
        steps=(*boots.steps, *steps),
        falls=tuple(falls),
        marks=_locate(marks, records, registry),
        clocks=clocks,
    )


def window_of(settings: ClockSettings) -> tuple[int, int]:
    """The window and its margin in µs; open ends reach as far as int64 does."""
    low = to_micros(settings.since - settings.margin) if settings.since else NULL + 1
    high = to_micros(settings.until + settings.margin) if settings.until else np.iinfo(np.int64).max
    return low, high


def _records(tracks: Sequence[Track], placed: Sequence[Placed], starts: Rows) -> Records:
    return Records(
        time=_joined([one.time for one in placed], np.int64),
        earliest=_joined([one.earliest for one in placed], np.int64),
        latest=_joined([one.latest for one in placed], np.int64),
        moved=np.zeros(int(starts[-1]), dtype=np.bool_),
        host=_joined([track.host for track in tracks], np.int32),
        boot=_joined([_or_none(track.boot, track, -1) for track in tracks], np.int32),
        mono=_joined([_or_none(track.mono, track, NULL) for track in tracks], np.int64),
        seqnum=_joined([_or_none(track.seqnum, track, NULL) for track in tracks], np.int64),
        source=np.repeat(np.arange(len(tracks), dtype=np.uint16), np.diff(starts)),
        resolution=_joined([track.resolution for track in tracks], np.int64),
    )


def _place(tracks: list[Track], registry: Registry, settings: ClockSettings) -> list[Placed]:
    neighbours = merge_extents([one for one in map(extent, tracks) if one])
    stated = _stated_zones(tracks)
    reference = Reference(tracks)
    placed = []
    for track in tracks:
        anchors = Anchors(
            stated=track.facts.year,
            stated_from=track.facts.year_from or "the log",
            modified=track.modified,
            neighbours=neighbours,
            window=_asked(settings),
            now=to_micros(settings.now),
        )
        hosts = [registry.hosts[code] for code in distinct(track.host)]
        guess = next(filter(None, (given_zone(settings.zones, host, track.path) for host in hosts)), None)
        walls = find_walls(track, anchors, find_zone(guess or track.facts.zone or settings.default_zone))
        placed.append(convert(track, walls, _zones(track, walls, registry, settings, stated, reference)))
    return placed


def _zones(
    track: Track,
    walls: Walls,
    registry: Registry,
    settings: ClockSettings,
    stated: dict[int, str],
    reference: Reference,
) -> list[tuple[Rows, Zone]]:
    """The zone of each host's local lines."""
    local = np.flatnonzero((track.kind == LOCAL) | (track.kind == YEARLESS) | (track.kind == TIMEOFDAY))
    found = []
    for group in grouped(track.host[local]):
        rows = local[group]
        code = int(track.host[rows[0]])
        zone = find_zone_of(track, walls, rows, registry.hosts[code], settings, stated.get(code), reference)
        found.append((rows, zone))
    return found


def _stated_zones(tracks: list[Track]) -> dict[int, str]:
    """The zone that each host states in one of its logs."""
    said: dict[int, set[str]] = {}
    for track in tracks:
        if track.facts.zone:
            for code in distinct(track.host):
                said.setdefault(code, set()).add(track.facts.zone)
    return {code: min(zones) for code, zones in said.items()}


def _asked(settings: ClockSettings) -> tuple[int, int] | None:
    ends = [to_micros(end) for end in (settings.since, settings.until) if end]
    return (ends[0], ends[-1]) if ends else None


def _place_rest(records: Records, tracks: Sequence[Track], settings: ClockSettings) -> None:
    """Sources of which no line has any clock: at their modification time, or now."""
    rest = np.flatnonzero(records.time == NULL)
    for group in grouped(records.source[rest]):
        rows = rest[group]
        modified = tracks[int(records.source[rows[0]])].modified or settings.now
        records.time[rows] = records.earliest[rows] = records.latest[rows] = to_micros(modified)
        records.moved[rows] = True


def _drop_copies(tracks: Sequence[Track], starts: Rows, twin: Bools) -> None:
    """A file given twice counts once."""
    seen: set[str] = set()
    for index, track in enumerate(tracks):
        if track.sha256 and track.sha256 in seen:
            twin[starts[index] : starts[index + 1]] = True
        seen.add(track.sha256 or "")


def _settle_clocks(
    tracks: Sequence[Track],
    starts: Rows,
    records: Records,
    registry: Registry,
    settings: ClockSettings,
    marks: pl.DataFrame,
) -> dict[str, HostClock]:
    codes, counts = np.unique(records.host, return_counts=True)
    if len(codes) < 2 and not settings.skews:
        return {}
    synchronised = set(records.host[_rows(marks, "clock-set")].tolist())
    exact = set(records.host[np.concatenate([track.kind == UTC_KIND for track in tracks])].tolist())
    weight = {
        registry.hosts[int(code)]: (int(code in exact), int(code in synchronised), int(count))
        for code, count in zip(codes, counts, strict=True)
    }
    estimates = []
    if settings.estimate_skew and len(codes) > 1:
        estimates = estimate_all(make_pairs(_sightings(tracks, starts, records, registry)))
    return settle(estimates, settings.skews, weight)


def _sightings(tracks: Sequence[Track], starts: Rows, records: Records, registry: Registry) -> pl.DataFrame:
    names = pl.Series([registry.hosts[code] for code in range(len(registry.hosts))], dtype=pl.String)
    frames = []
    for track, start in zip(tracks, starts, strict=False):
        rows = track.anchors["row"].to_numpy() + int(start)
        time, resolution = records.time[rows], records.resolution[rows]
        frames.append(
            track.anchors.select("key", "starter", "other").with_columns(
                names.gather(records.host[rows]).alias("host"),
                pl.Series("time", time + resolution // 2),
                pl.Series("resolution", resolution),
            )
        )
    return pl.concat(frames)


def _apply_skew(records: Records, registry: Registry, clocks: dict[str, HostClock]) -> None:
    skew = np.zeros(len(registry.hosts), dtype=np.int64)
    doubt = np.zeros(len(registry.hosts), dtype=np.int64)
    for host, clock in clocks.items():
        if clock.known:
            skew[registry.hosts.code(host)], doubt[registry.hosts.code(host)] = clock.skew, clock.uncertainty
    if skew.any():
        records.time -= skew[records.host]
        records.earliest -= (skew + doubt)[records.host]
        records.latest -= (skew - doubt)[records.host]


def _marks(tracks: Sequence[Track], starts: Rows) -> pl.DataFrame:
    frames = [
        track.marks.with_columns(pl.lit(index, dtype=pl.UInt16).alias("source"), pl.col("row") + int(starts[index]))
        for index, track in enumerate(tracks)
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def _rows(marks: pl.DataFrame, mark: str) -> Rows:
    if marks.is_empty():
        return np.array([], dtype=np.int64)
    return marks.filter(pl.col("mark") == mark)["row"].to_numpy()


def _locate(marks: pl.DataFrame, records: Records, registry: Registry) -> pl.DataFrame:
    if marks.is_empty():
        return marks
    rows = marks["row"].to_numpy()
    hosts = [registry.hosts[int(code)] for code in records.host[rows]]
    return marks.with_columns(
        pl.Series("time", records.time[rows], dtype=pl.Int64), pl.Series("host", hosts, dtype=pl.String)
    )


def _order(records: Records, boots: Boots, tracks: Sequence[Track], starts: Rows, registry: Registry) -> Rows:
    """All records by time. Ties: by host name; within a host boots first, in their own order, then source by source."""
    firsts = [_first(records.time[begin:end]) for begin, end in pairwise(starts)]
    ranked = sorted(range(len(tracks)), key=lambda index: (firsts[index], tracks[index].path))
    in_boot = np.zeros(len(records.time), dtype=np.bool_)
    in_boot[boots.rows] = True
    loose = np.concatenate([np.arange(starts[index], starts[index + 1]) for index in ranked]) if ranked else boots.rows
    before = np.concatenate([boots.rows, loose[~in_boot[loose]]])
    names = sorted(range(len(registry.hosts)), key=lambda code: registry.hosts[code])
    rank = np.empty(len(names), dtype=np.int32)
    rank[names] = np.arange(len(names))
    before = before[np.argsort(rank[records.host[before]], kind="stable")]
    return before[np.argsort(records.time[before], kind="stable")]


def _first(time: Ints) -> tuple[int, int]:
    return (int(time.min()), int(time.max())) if time.size else (NULL, NULL)


def _or_none(column: NDArray[np.int64] | Codes | None, track: Track, missing: int) -> NDArray[np.int64] | Codes:
    return np.full(len(track), missing, dtype=np.int64) if column is None else column


def _joined(parts: Sequence[NDArray[np.generic]], dtype: type[np.generic]) -> NDArray:  # type: ignore[type-arg]  # the dtype is an argument
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.array([], dtype=dtype)

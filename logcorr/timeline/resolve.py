"""All tracks together: the time, order and clock domain of every record. Numbers only; the text waits elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Codes, Rows, concatenate, grouped
from logcorr.timeline.clocks.boots import Boots, ClockJump, Records, order_boots
from logcorr.timeline.clocks.domains import Domain, name_domains
from logcorr.timeline.clocks.order import order_records
from logcorr.timeline.clocks.repair import (
    Unset,
    find_falls,
    heal_beside_journal,
    heal_by_uptime,
    heal_excursions,
    lines_of,
)
from logcorr.timeline.clocks.skew import MANY, HostClock, estimate_all, make_pairs, settle_clocks
from logcorr.timeline.clocks.uptime import place_uptime
from logcorr.timeline.dating.date_tracks import date_tracks
from logcorr.timeline.dating.hosts import fill_hosts, hosted
from logcorr.timeline.dating.to_utc import ANCHORED, DatedTrack, straighten
from logcorr.timeline.duplicates import find_twins
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks.track import LOCAL, UTC_KIND, Registry, Track
from logcorr.times.micros import HIGHEST, LOWEST, NULL, Bools, to_micros

_NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every record of every track, concatenated in the order of the tracks. Times are µs, UTC."""

    tracks: Sequence[Track]  # without their columns
    placed: Sequence[DatedTrack]  # the same
    starts: Rows  # where each track begins, and the end
    records: Records
    basis: NDArray[np.uint8]
    domain: Codes
    domains: Sequence[Domain]
    seqnum_id: Codes
    order: NDArray[np.uint32]  # all records in true time order
    twin: Bools
    inside: Bools  # within the window and its margin
    boots: Boots
    steps: Sequence[ClockJump]
    falls: Sequence[tuple[int, int]]
    unset: Sequence[Unset]
    marks: pl.DataFrame  # source, row (global), time, host, mark, count, subject
    clocks: Mapping[str, HostClock]  # by host


@dataclass(frozen=True, slots=True)
class _Sources:
    """What the tracks say as a whole, and what of their columns is not a clock."""

    tracks: Sequence[Track]
    starts: Rows
    modified: Sequence[datetime | None]
    hosted: Sequence[bool]
    exact: frozenset[int]  # hosts that log in UTC
    marks: pl.DataFrame
    seqnum_id: Codes
    digest: NDArray[np.uint64]
    dated: Bools  # records that print their whole date


def resolve(tracks: Sequence[Track], registry: Registry, settings: ClockSettings) -> Resolved:
    """Work out when every record happened. ``tracks`` must be sorted by path; their columns are used up."""
    tracks = [straighten(track) for track in tracks]
    named = hosted(tracks, settings.hosts)
    fill_hosts(tracks, registry.hosts, registry.boots, settings.hosts)
    placed = date_tracks(tracks, registry, settings, named)
    sources, records, basis = _gather(tracks, placed, named)
    boots, steps, falls, resets, unset = _mend(sources, records, placed, to_micros(settings.now))
    twin = _find_copies(sources, records)
    basis[records.moved] = ANCHORED
    clocks = _settle_clocks(sources, records, registry, settings)
    _apply_skew(records, registry, clocks)
    for bound in (records.time, records.earliest, records.latest):
        np.clip(bound, LOWEST, HIGHEST, out=bound)
    domain, domains = name_domains(records, boots, np.concatenate([resets, _rows(sources.marks, "boot")]))
    order = order_records(records, boots, tracks, sources.starts, registry)
    low, high = window_of(settings)
    return Resolved(
        tracks=tracks,
        placed=placed,
        starts=sources.starts,
        records=records,
        basis=basis,
        domain=domain,
        domains=domains,
        seqnum_id=sources.seqnum_id,
        order=order,
        twin=twin,
        inside=(records.time >= low) & (records.time <= high),
        boots=boots,
        steps=steps,
        falls=falls,
        unset=unset,
        marks=_locate(sources.marks, records, registry),
        clocks=clocks,
    )


def _gather(
    tracks: Sequence[Track], placed: Sequence[DatedTrack], named: Sequence[bool]
) -> tuple[_Sources, Records, NDArray[np.uint8]]:
    """The columns of all tracks put together; the tracks let go of theirs."""
    lengths = [len(track) for track in tracks]
    starts = np.cumsum([0, *lengths], dtype=np.int64)
    timed = any(track.mono is not None for track in tracks)
    exact = frozenset(int(code) for track in tracks for code in np.unique(track.host[track.kind == UTC_KIND]))
    dated = concatenate([(track.kind == UTC_KIND) | (track.kind == LOCAL) for track in tracks], np.bool_)
    marks = _marks(tracks, starts)
    for track in tracks:
        track.release()
    records = Records(
        time=concatenate(_given_up(placed, "time"), np.int64),
        earliest=concatenate(_given_up(placed, "earliest"), np.int64),
        latest=concatenate(_given_up(placed, "latest"), np.int64),
        moved=np.zeros(int(starts[-1]), dtype=np.bool_),
        host=concatenate(_given_up(tracks, "host"), np.int32),
        boot=_filled(_given_up(tracks, "boot"), lengths, -1, np.int32, needed=timed),
        mono=_filled(_given_up(tracks, "mono"), lengths, NULL, np.int64),
        seqnum=_filled(_given_up(tracks, "seqnum"), lengths, NULL, np.int64),
        source=np.repeat(np.arange(len(tracks), dtype=np.uint16), lengths),
        resolution=concatenate(_given_up(tracks, "resolution"), np.int32),
    )
    sources = _Sources(
        tracks=tracks,
        starts=starts,
        modified=[track.modified for track in tracks],
        hosted=named,
        exact=exact,
        marks=marks,
        seqnum_id=_filled(_given_up(tracks, "seqnum_id"), lengths, -1, np.int32),
        digest=concatenate(_given_up(tracks, "digest"), np.uint64),
        dated=dated,
    )
    return sources, records, concatenate(_given_up(placed, "basis"), np.uint8)


def _given_up(items: Sequence[Track] | Sequence[DatedTrack], name: str) -> list[Any]:
    """A column of all items, which let go of it, so that no two columns are held twice at a time."""
    columns = [getattr(item, name) for item in items]
    for item in items:
        setattr(item, name, None)
    return columns


def _filled(
    parts: Sequence[NDArray[Any] | None], lengths: Sequence[int], missing: int, dtype: type[np.generic], *,
    needed: bool = False,
) -> NDArray[Any]:  # fmt: skip
    """A column that some tracks have. One that none has takes no memory, and cannot be written to, unless needed."""
    if not needed and all(part is None for part in parts):
        return np.broadcast_to(np.array(missing, dtype), sum(lengths))
    filled = [
        np.full(length, missing, dtype) if part is None else part for part, length in zip(parts, lengths, strict=True)
    ]
    return concatenate(filled, dtype)


def _mend(
    sources: _Sources, records: Records, placed: Sequence[DatedTrack], now: int
) -> tuple[Boots, list[ClockJump], list[tuple[int, int]], Rows, list[Unset]]:
    """Put clocks right that were wrong, in place: (boots, steps, stamps that fall back, resets, what was not set)."""
    said = _rows(sources.marks, "clock-set"), _rows(sources.marks, "sleep")
    boots = order_boots(records, *said)
    groups = lines_of(records)
    steps, resets = heal_by_uptime(records, groups, *said)
    heal_beside_journal(records, boots.shifts)
    set_right, unset = heal_excursions(records, groups, sources.dated, sources.modified, _rows(sources.marks, "boot"))
    words = place_uptime(records, sources.digest, sources.hosted, sources.modified, now)
    for source, reason in words.items():
        placed[source].timezone, placed[source].timezone_from = "UTC", reason
    _place_rest(records, sources.modified, now)
    return boots, [*boots.steps, *steps, *set_right], find_falls(records, groups), resets, unset


def _find_copies(sources: _Sources, records: Records) -> Bools:
    """Records that another source has; all of them, if the whole file was given twice."""
    twin = find_twins(records, sources.digest, sources.seqnum_id)
    seen: set[str] = set()
    for index, track in enumerate(sources.tracks):
        if track.sha256 and track.sha256 in seen:
            twin[sources.starts[index] : sources.starts[index + 1]] = True
        seen.add(track.sha256 or "")
    return twin


def window_of(settings: ClockSettings) -> tuple[int, int]:
    """The window and its margin in µs; open ends reach as far as int64 does."""
    low = to_micros(settings.since - settings.margin) if settings.since else NULL + 1
    high = to_micros(settings.until + settings.margin) if settings.until else np.iinfo(np.int64).max
    return low, high


def _place_rest(records: Records, modified: Sequence[datetime | None], now: int) -> None:
    """Sources of which no line has any clock: at their modification time, or now."""
    rest = np.flatnonzero(records.time == NULL)
    for group in grouped(records.source[rest]):
        rows = rest[group]
        written = modified[int(records.source[rows[0]])]
        records.time[rows] = records.earliest[rows] = records.latest[rows] = to_micros(written) if written else now
        records.moved[rows] = True


def _settle_clocks(
    sources: _Sources, records: Records, registry: Registry, settings: ClockSettings
) -> dict[str, HostClock]:
    counts = np.bincount(records.host) if len(records.host) else np.array([], dtype=np.int64)
    codes = np.flatnonzero(counts).tolist()
    if len(codes) < 2 and not settings.skews:
        return {}
    synchronised = set(records.host[_rows(sources.marks, "clock-set")].tolist())
    weight = {
        registry.hosts[code]: (int(code in sources.exact), int(code in synchronised), int(counts[code]))
        for code in codes
    }
    estimates = []
    if settings.estimate_skew and len(codes) > 1:
        estimates = estimate_all(make_pairs(_sightings(sources, records, registry)))
    clocks = settle_clocks(estimates, settings.skews, weight)
    shared = "no event that another host logged too" + ", or only such as many did" * (len(codes) > MANY)
    alone = HostClock(0, 0, f"not estimated: {shared}", known=False)
    return {host: clocks.get(host, alone) for host in sorted(weight)} if settings.estimate_skew else clocks


def _sightings(sources: _Sources, records: Records, registry: Registry) -> pl.DataFrame:
    """What the hosts wrote of events that others may have written of too; see skew.make_pairs."""
    names = pl.Series([registry.hosts[code] for code in range(len(registry.hosts))], dtype=pl.String)
    frames = []
    for track, start in zip(sources.tracks, sources.starts, strict=False):
        rows = track.anchors["row"].to_numpy() + int(start)
        time, resolution = records.time[rows], records.resolution[rows].astype(np.int64)
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

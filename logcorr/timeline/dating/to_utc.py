"""One source's stamps as UTC: years, days and zones, each from the best authority there is, named in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.schema import TIME_BASES
from logcorr.timeline.arrays import Rows, RowSet, as_rows
from logcorr.timeline.dating.epoch_boots import at_epoch, unset_clock
from logcorr.timeline.dating.offsets import remove
from logcorr.timeline.dating.years import (
    YEAR,
    Anchors,
    is_newest_first,
    nearest_day,
    nearest_year,
    place_days,
    place_years,
    to_1972,
)
from logcorr.timeline.dating.zone_finding import Zone
from logcorr.timeline.dating.zones import local_now, offset_text, to_utc, zone_text
from logcorr.timeline.neighbours import YEAR_2000, heaviest, is_dated
from logcorr.timeline.tracks.track import LOCAL, NO_STAMP, TIMEOFDAY, UPTIME, UTC_KIND, YEARLESS, Track
from logcorr.times.micros import DAY, NULL, Bools, Ints, to_micros

EXACT, ZONE_ASSUMED, YEAR_INFERRED, ANCHORED = (
    TIME_BASES.index(basis) for basis in ("exact", "zone-assumed", "year-inferred", "anchored")
)
_NOTHING: Final = np.array([], dtype=np.int64)
_YEAR_OFF: Final = 2 * DAY


@dataclass(slots=True)
class DatedTrack:
    """When each record of a track happened, as far as the track and its zone tell; ``NULL`` where they do not."""

    time: Ints
    earliest: Ints
    latest: Ints
    basis: NDArray[np.uint8]
    timezone: str | None = None
    timezone_from: str | None = None
    year_from: str | None = None


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """A track's wall clocks with their dates, and where the dates came from."""

    wall: Ints
    inferred: Bools  # the year or day is not printed
    year_from: str | None


def straighten(track: Track) -> Track:
    """The track with its oldest line first. ``Track.flipped`` remembers that the file runs the other way."""
    wraps = np.zeros(NO_STAMP + 1, dtype=np.int64)
    wraps[YEARLESS], wraps[TIMEOFDAY] = YEAR, DAY
    if not (track.facts.newest_first or is_newest_first(track.stamp, lambda piece: wraps[track.kind[piece]])):
        return track
    return track.flip()


def find_walls(track: Track, anchors: Anchors, zone: tzinfo) -> LocalTimes:
    """Dates for every stamp of the track. ``zone`` is a first guess, used only to compare with UTC anchors."""
    wall = track.stamp.copy()
    wall[track.kind == UPTIME] = NULL
    inferred = np.zeros(len(wall), dtype=np.bool_)
    words: list[str] = []
    received = track.received
    yearless, timeofday = track.kind == YEARLESS, track.kind == TIMEOFDAY
    if received is not None:
        stamped = received != NULL
        wall[yearless & stamped] = nearest_year(wall[yearless & stamped], received[yearless & stamped])
        words += ["the receive stamps"] if (yearless & stamped).any() else []
        words += _mend_years(wall, received, (track.kind == LOCAL) & stamped)
        yearless &= ~stamped
    if yearless.any():
        unset = _unset(track, yearless)
        wall[unset] = at_epoch(track.stamp[unset])
        yearless &= ~unset
    if yearless.any():
        lines = slice(None) if yearless.all() else np.flatnonzero(yearless)
        wall[lines], source = place_years(track.stamp[lines], anchors, _dated(track, yearless))
        inferred |= yearless
        words.append(source)
    if timeofday.any():
        wall[timeofday], source = _days(track, wall, timeofday, anchors, zone)
        inferred |= timeofday
        words.append(source)
    return LocalTimes(wall, inferred, "; ".join(words) or None)


def _unset(track: Track, yearless: Bools) -> Bools:
    """Which of the yearless stamps are those of a clock at the epoch."""
    rows = np.flatnonzero(yearless)
    boots = track.marks.filter(pl.col("mark") == "boot")["row"].to_numpy()
    mono = None if track.mono is None else track.mono[rows]
    found = np.zeros(len(track), dtype=np.bool_)
    found[rows] = unset_clock(track.stamp[rows], mono, np.flatnonzero(np.isin(rows, boots)))
    return found


def _dated(track: Track, yearless: Bools) -> Ints | None:
    """For each yearless stamp, the time of the line with a date right before or after it."""
    dated = is_dated(track)
    if not dated.any():
        return None
    rows = np.flatnonzero(yearless)
    found = np.full(len(rows), NULL, dtype=np.int64)
    for step in (1, -1):
        beside = np.clip(rows + step, 0, len(track) - 1)
        found = np.where(dated[beside], track.stamp[beside], found)
    return found


def _mend_years(wall: Ints, received: Ints, rows: Bools) -> list[str]:
    """Move stamps whose year is off by one back to their receive stamps; say how many, if any."""
    off = np.flatnonzero(rows & (np.abs(wall - received) > YEAR // 2))
    if not off.size:
        return []
    mended = nearest_year(to_1972(wall[off]), received[off])
    good = np.abs(mended - received[off]) < _YEAR_OFF
    wall[off[good]] = mended[good]
    count = int(good.sum())
    return (
        [f"the receive stamps for {count} line{'s' * (count > 1)} whose printed year they contradict"] if count else []
    )


def _days(track: Track, wall: Ints, rows: Bools, anchors: Anchors, zone: tzinfo) -> tuple[Ints, str]:
    """Days for times of day: those of the lines with dates around them, else counted back from a last day."""
    dated = np.flatnonzero(~rows & (wall != NULL) & (wall > YEAR_2000))
    if dated.size:
        mine = np.flatnonzero(rows)
        after = np.searchsorted(dated, mine)
        before = dated[np.maximum(after - 1, 0)]
        beside = np.where(after > 0, wall[before], wall[dated[np.minimum(after, len(dated) - 1)]])
        return nearest_day(track.stamp[rows], beside), "the lines with dates in the same file"
    last, source = _last_day(track, anchors, zone)
    return place_days(track.stamp[rows], last), f"the order of the lines, back from {source}"


def _last_day(track: Track, anchors: Anchors, zone: tzinfo) -> tuple[int, str]:
    """The local time that the newest dateless line does not exceed, and who says so."""
    if track.received is not None and (track.received != NULL).any():
        return local_now(int(track.received.max()), zone), "the receive stamps"
    beside = heaviest(anchors.neighbours)
    bounds = [
        ((beside.first, beside.last) if beside else None, "the sources with dates"),
        (anchors.window, "the window asked for"),
    ]
    around = next(((bound, words) for bound, words in bounds if bound), None)
    if anchors.modified:
        modified = to_micros(anchors.modified)
        if around is None or around[0][0] - _YEAR_OFF < modified < around[0][1] + _YEAR_OFF:
            return local_now(modified, zone), "the file's modification time"
    if around:
        return local_now(around[0][1], zone), around[1]
    return local_now(anchors.now, zone), "the current date"


def convert(track: Track, walls: LocalTimes, groups: Sequence[tuple[RowSet, Zone]]) -> DatedTrack:
    """UTC times for the track; ``groups`` are the local rows with the zone of each. Consumes ``walls``."""
    time = walls.wall
    time[track.kind == NO_STAMP] = NULL
    basis = np.where(walls.inferred, np.uint8(YEAR_INFERRED), np.uint8(EXACT))
    texts, sources, undecided = [], [], []
    for lines, zone in groups:
        text, source, folded = _convert_group(track, time, lines, zone)
        texts.append(text)
        sources.append(source)
        undecided.append(folded)
        if zone.assumed:
            basis[lines] = ZONE_ASSUMED
    if not groups and (track.kind == UTC_KIND).any():
        texts, sources = ["UTC"], ["in the log"]
    latest = time + (track.resolution - 1)
    latest[time == NULL] = NULL
    for rows, second in undecided:
        latest[rows] = second + track.resolution[rows] - 1
    for lines, zone in groups:
        if zone.pieces and track.received is not None:
            _bound(time, latest, track.received, as_rows(lines))
    earliest = time.copy()
    for lines, zone in groups:
        for doubt in zone.doubts:
            rows = as_rows(lines)[doubt.begin : doubt.end]
            earliest[rows] = np.minimum(earliest[rows], time[rows] - doubt.earlier)
            latest[rows] = np.maximum(latest[rows], time[rows] + track.resolution[rows] - 1 + doubt.later)
    placed = DatedTrack(time, earliest, latest, basis, _unique(texts), _unique(sources), walls.year_from)
    _fill(track, placed)
    return placed


def _convert_group(track: Track, time: Ints, lines: RowSet, zone: Zone) -> tuple[str, str, tuple[Rows, Ints]]:
    """Turn local into UTC in place: the zone and its source in words, and the rows that have a second reading."""
    wall = time[lines]
    received = None if track.received is None else track.received[lines]
    if zone.zone is None:
        time[lines] = remove(wall, zone.pieces)
        text = ", then ".join(offset_text(piece.offset) for piece in zone.pieces)
        return text, zone.source, (_NOTHING, _NOTHING)
    conversion = to_utc(wall, zone.zone, received)
    note = ""
    if conversion.skipped:
        stamps = f"{conversion.skipped} stamp{'s fall' if conversion.skipped > 1 else ' falls'}"
        note = f"; {stamps} into the hour that {zone_text(zone.zone)} skips, so it is not the zone"
        if zone.assumed:
            return _convert_group(track, time, lines, replace(zone, zone=UTC, source=zone.source + note))
    time[lines] = conversion.time
    return zone_text(zone.zone), zone.source + note, (as_rows(lines)[conversion.open], conversion.second)


def _bound(time: Ints, latest: Ints, received: Ints, rows: Rows) -> None:
    """No line was written after it was received, whatever its clock showed."""
    ahead = rows[(received[rows] != NULL) & (time[rows] > received[rows])]
    latest[ahead] = time[ahead] = received[ahead]


def _fill(track: Track, placed: DatedTrack) -> None:
    """Lines without any stamp lie between the lines around them."""
    rows = np.flatnonzero((track.kind == NO_STAMP) & (placed.time == NULL))
    if not rows.size:
        return
    known = np.flatnonzero(placed.time != NULL)
    if not known.size:
        return
    at = np.searchsorted(known, rows)
    before, after = known[np.maximum(at - 1, 0)], known[np.minimum(at, len(known) - 1)]
    placed.time[rows] = np.where(at == 0, placed.time[after], placed.time[before])
    placed.earliest[rows] = np.minimum(placed.earliest[before], placed.earliest[after])
    placed.latest[rows] = np.maximum(placed.latest[before], placed.latest[after])
    placed.basis[rows] = ANCHORED


def _unique(words: list[str]) -> str | None:
    return "; ".join(dict.fromkeys(words)) or None

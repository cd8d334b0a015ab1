"""Which zone a host's local stamps are in, from the best authority there is, and who that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.timeline.arrays import Rows, RowSet, as_rows
from logcorr.timeline.dating.offset_changes import Doubt, latency, place_changes
from logcorr.timeline.dating.offsets import OffsetPiece, from_receipts, from_shared, remove
from logcorr.timeline.dating.shared_events import Reference, Shared
from logcorr.timeline.dating.zones import find_zone, given_zone, stated_zone, to_utc, zone_text
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks.track import UTC_KIND, Track
from logcorr.times.micros import NULL, Ints

_NOTHING: Final = np.array([], dtype=np.int64)

#: What ``timezone_from`` says of a zone that the logs prove and that is not the one given for all.
AGAINST_GIVEN: Final = "against the given"


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone of one host's lines in one source: an IANA zone, or offsets by piece."""

    zone: tzinfo | None
    pieces: tuple[OffsetPiece, ...]
    source: str
    assumed: bool = False
    doubts: tuple[Doubt, ...] = ()  # positions among the lines


def find_zone_of(
    track: Track,
    wall: Ints,
    rows: RowSet,
    host: str,
    settings: ClockSettings,
    stated: tzinfo | None,
    reference: Reference,
) -> Zone:
    """The zone of one host's local stamps (at ``rows``), from the best authority."""
    given = given_zone(settings.zones, host, track.path)
    if given:
        return Zone(find_zone(given), (), "given")
    shown = _shown_zone(track, wall, rows, stated, reference)
    if settings.general_zone is None:
        return shown or Zone(find_zone(settings.default_zone), (), "assumed: no log states or shows it", assumed=True)
    general = find_zone(settings.general_zone)
    if shown is None:
        return Zone(general, (), "given for all that show none")
    if _differs(wall[rows], shown, general):
        return replace(shown, source=f"{shown.source}, {AGAINST_GIVEN} {zone_text(general)}")
    return shown


def _differs(wall: Ints, shown: Zone, general: tzinfo) -> bool:
    """Whether most of the stamps are other instants under the two zones."""
    found = remove(wall, shown.pieces) if shown.zone is None else to_utc(wall, shown.zone).time
    return bool(np.median(np.abs(found - to_utc(wall, general).time)) > 0)


def _shown_zone(track: Track, wall: Ints, rows: RowSet, stated: tzinfo | None, reference: Reference) -> Zone | None:
    """What the logs themselves tell of that zone."""
    own = stated_zone(track.facts.zone)
    if own:
        return Zone(own, (), f"stated in the log ({track.facts.zone_from or 'zone'})")
    if track.received is not None:
        pieces = from_receipts(wall[rows], track.received[rows])
        if pieces:
            count = int((track.received[rows] != NULL).sum())
            doubts, words = latency(wall[rows], track.received[rows], pieces)
            source = f"inferred from the receive stamps of {count} lines{words}"
            return Zone(None, tuple(pieces), source, doubts=doubts)
    if stated:
        return Zone(stated, (), "stated in another log of the same host")
    for find in (_beside_utc, reference.differences, reference.workings):
        found = find(track, wall, rows)
        if found is None:
            continue
        at, difference, beat, words = found
        own_walls = wall[rows]
        told = from_shared(at, difference, None if find is _beside_utc else own_walls[at], beat)
        if told.pieces:
            settled, doubts = place_changes(own_walls, told, _boots(track, rows))
            return Zone(None, settled, f"inferred from {told.agree} of {len(at)} {words}", doubts=doubts)
    return None


def _boots(track: Track, lines: RowSet) -> Rows:
    """Which of the lines say that the machine starts."""
    rows = track.marks.filter(pl.col("mark") == "boot")["row"].to_numpy()
    return np.flatnonzero(np.isin(as_rows(lines), rows)) if rows.size else _NOTHING


def _beside_utc(track: Track, wall: Ints, lines: RowSet) -> Shared | None:
    """Local lines right beside lines with an offset in the same file."""
    utc = track.kind == UTC_KIND
    if not utc.any():
        return None
    rows = as_rows(lines)
    before, after = np.clip(rows - 1, 0, None), np.clip(rows + 1, None, len(track) - 1)
    neighbour = np.where(utc[before], before, after)
    at = np.flatnonzero(utc[neighbour])
    beat = np.zeros(len(at), dtype=np.bool_)
    return at, wall[rows[at]] - track.stamp[neighbour[at]], beat, "lines beside lines with an offset in the same file"

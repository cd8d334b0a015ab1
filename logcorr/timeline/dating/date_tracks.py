"""All sources' stamps as UTC: what each knows of its own years and zones, and what it learns from the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np

from logcorr.timeline.arrays import RowSet, distinct, lines_by
from logcorr.timeline.dating.shared_events import Reference
from logcorr.timeline.dating.to_utc import DatedTrack, LocalTimes, convert, find_walls
from logcorr.timeline.dating.years import Anchors
from logcorr.timeline.dating.zone_finding import Zone, find_zone_of
from logcorr.timeline.dating.zones import find_zone, given_zone, stated_zone
from logcorr.timeline.neighbours import find_stretches
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks.track import LOCAL, TIMEOFDAY, YEARLESS, Registry, Track
from logcorr.times.micros import to_micros


def date_tracks(
    tracks: list[Track], registry: Registry, settings: ClockSettings, named: Sequence[bool]
) -> list[DatedTrack]:
    """UTC times for every track whose stamps are times of day or dates; ``NULL`` for those that are uptimes.

    ``named`` says which tracks name their host themselves.
    """
    now = to_micros(settings.now)
    neighbours = find_stretches(tracks, now)
    stated = _stated_zones(tracks)
    reference = Reference(tracks, named)
    placed = []
    for track in tracks:
        anchors = Anchors(
            stated=track.facts.year,
            stated_from=track.facts.year_from or "the log",
            modified=track.modified,
            neighbours=neighbours,
            window=_asked(settings),
            now=now,
        )
        hosts = [registry.hosts[code] for code in distinct(track.host)]
        guess = next(filter(None, (given_zone(settings.zones, host, track.path) for host in hosts)), None)
        fallback = settings.general_zone or settings.default_zone
        zone = find_zone(guess) if guess else stated_zone(track.facts.zone) or find_zone(fallback)
        walls = find_walls(track, anchors, zone)
        placed.append(convert(track, walls, _zones(track, walls, registry, settings, stated, reference)))
    return placed


def _zones(
    track: Track,
    walls: LocalTimes,
    registry: Registry,
    settings: ClockSettings,
    stated: dict[int, tzinfo],
    reference: Reference,
) -> list[tuple[RowSet, Zone]]:
    """The zone of each host's local lines."""
    local = (track.kind == LOCAL) | (track.kind == YEARLESS) | (track.kind == TIMEOFDAY)
    if not local.any():
        return []
    found: list[tuple[RowSet, Zone]] = []
    rows = None if local.all() else np.flatnonzero(local)
    for group in lines_by(track.host if rows is None else track.host[rows]):
        lines = group if rows is None else rows[group]
        code = int(track.host[lines][0])
        zone = find_zone_of(track, walls.wall, lines, registry.hosts[code], settings, stated.get(code), reference)
        found.append((lines, zone))
    return found


def _stated_zones(tracks: list[Track]) -> dict[int, tzinfo]:
    """The zone that each host states in one of its logs."""
    said: dict[int, dict[str, tzinfo]] = {}
    for track in tracks:
        zone = stated_zone(track.facts.zone)
        if zone:
            for code in distinct(track.host):
                said.setdefault(code, {})[str(track.facts.zone)] = zone
    return {code: zones[min(zones)] for code, zones in said.items()}


def _asked(settings: ClockSettings) -> tuple[int, int] | None:
    ends = [to_micros(end) for end in (settings.since, settings.until) if end]
    return (ends[0], ends[-1]) if ends else None

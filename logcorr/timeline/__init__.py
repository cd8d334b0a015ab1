"""Rows of many sources -> one frame in true time order, and what could not be seen.

    build      takes inputs, block by block; kept: what is kept of each
    tracks     a source's clock columns: the clocks of ten million records fit into memory without their text; messages
               that tell about clocks; events that two machines may both log
    dating     to_utc: years, days and zones of one source: what it says itself, what the user says, what others show;
               date_tracks: the same for all sources, which learn from one another (shared_events, file_hosts)
    resolve    all sources together: order, domains, and the steps below
    clocks     wall clocks repaired by monotonic ones, by their surroundings; stamps since boot; clocks of different
               hosts against one another (skew)
    duplicates    records that came in twice
    gaps       spans, silences, losses, steps
    frame, inputs    the results in the shape that other stages read

A zone that is only assumed does not widen a record's interval: the doubt is the same for all lines of the source, so
their order among themselves is sure; ``time_basis`` carries it instead. Where several doubts meet, ``time_basis`` names
the gravest: anchored, then zone-assumed, then year-inferred.
"""

from __future__ import annotations

from logcorr.timeline.build import build
from logcorr.timeline.frame import with_paths
from logcorr.timeline.gaps.occupancy import occupancy, rates
from logcorr.timeline.kept import Kept, join_blocks, keep
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks.track import Registry, Track, shapes
from logcorr.timeline.unshifted import estimated_shifts, unshifted

__all__ = [
    "ClockSettings",
    "Kept",
    "Registry",
    "Track",
    "build",
    "estimated_shifts",
    "join_blocks",
    "keep",
    "occupancy",
    "rates",
    "shapes",
    "unshifted",
    "with_paths",
]

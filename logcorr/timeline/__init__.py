"""Rows of many sources -> one frame in true time order, and what could not be seen.

    build      everything in memory; stream: the same for what does not fit
    tracks     a source's clock columns: the clocks of ten million records fit into memory without their text
    marks, anchors    records whose text tells about clocks; events that two machines may both log
    place      years, days and zones of one source: what it says itself, what the user says, what others show
    dating     the same for all sources, which learn from one another (shared, owners)
    resolve    all sources together: order, domains, and the steps below
    clocks, healing, uptime    wall clocks mended by monotonic ones, by their surroundings; stamps since boot
    twins      records that came in twice
    skew       clocks of different hosts against one another
    coverage, clock_gaps, picture    spans, silences, losses, steps
    frame, inputs    the results in the shape that other stages read

A zone that is only assumed does not widen a record's interval: the doubt is the same for all lines of the source, so
their order among themselves is sure; ``time_basis`` carries it instead. Where several doubts meet, ``time_basis`` names
the gravest: anchored, then zone-assumed, then year-inferred.
"""

from __future__ import annotations

from logcorr.timeline.build import build
from logcorr.timeline.frame import with_paths
from logcorr.timeline.picture import occupancy
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.stream import Block, Merged, merged
from logcorr.timeline.tracks import shapes

__all__ = ["Block", "ClockSettings", "Merged", "build", "merged", "occupancy", "shapes", "with_paths"]

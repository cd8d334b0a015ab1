"""Rows of many sources -> one frame in true time order, and what could not be seen.

    tracks     a source's clock columns; millions of records fit into memory without their text
    place      years, days, zones: what the source itself, or the user, says about its wall clock
    offsets    zones inferred from receive stamps and shared records
    clocks     boots, steps of the wall clock, clock domains
    twins      records that came in twice
    coverage   spans, silences, losses
    build      all of it in memory

A zone that is only assumed does not widen a record's interval: the doubt is the same for all lines of the source, so
their order among themselves is sure; ``time_basis`` carries it instead.
"""

from __future__ import annotations

from logcorr.timeline.build import build
from logcorr.timeline.coverage import occupancy
from logcorr.timeline.settings import ClockSettings

__all__ = ["ClockSettings", "build", "occupancy"]

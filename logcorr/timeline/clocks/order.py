"""The order of all records, once their times are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.timeline.arrays import Rows, concatenate, distinct, falls_and_rises
from logcorr.timeline.clocks.boots import Boots, Records
from logcorr.timeline.dating.hosts import rotation_age
from logcorr.timeline.tracks.track import Registry, Track
from logcorr.times.micros import NULL, Ints

_NEVER: Final = 1 << 62


def order_records(
    records: Records, boots: Boots, tracks: Sequence[Track], starts: Rows, registry: Registry
) -> NDArray[np.uint32]:
    """All records by time. Ties: by host name; within a host boots first, in their own order, then source by source."""
    ranks = [_rank(records.time[starts[one] : starts[one + 1]], track.path) for one, track in enumerate(tracks)]
    ranked = sorted(range(len(tracks)), key=ranks.__getitem__)
    before = concatenate([np.arange(starts[one], starts[one + 1], dtype=np.uint32) for one in ranked], np.uint32)
    if boots.rows.size:
        in_boot = np.zeros(len(records.time), dtype=np.bool_)
        in_boot[boots.rows] = True
        before = np.concatenate([boots.rows.astype(np.uint32), before[~in_boot[before]]])
    hosts = distinct(records.host)
    if len(hosts) > 1:
        rank = np.zeros(len(registry.hosts), dtype=np.int32)
        rank[sorted(hosts, key=lambda code: registry.hosts[code])] = np.arange(len(hosts))
        before = before[np.argsort(rank[records.host][before], kind="stable")]
    if len(falls_and_rises(records.time[before], 0, _NEVER)[0]):
        before = before[np.argsort(records.time[before], kind="stable")]
    return before


def _rank(time: Ints, path: str) -> tuple[int, int, int, str]:
    """Older files first: by their first record, then as logrotate numbers them."""
    return (int(time.min()), -rotation_age(path), int(time.max()), path) if time.size else (NULL, 0, NULL, path)

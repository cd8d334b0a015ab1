"""Matching piece by piece in time: the same matches, without holding all events at once.

A sequence with a time limit under ``each``, ``nearest`` or ``all`` is matched in shards of a fixed length that overlap
by as much as it can reach; each shard keeps the matches whose first required row lies in it. Under ``first`` and
``fifo``, and for counts, what is open now depends on what was before, but not across a stretch without events that is
longer than the reach: there the shards are cut. The other forms look at unbounded stretches (a state, a usual rate, a
period) and see all events that they name at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from logcorr.coverage.survey import Survey, survey
from logcorr.patterns.engine import stream as streams
from logcorr.patterns.engine.context import context_of
from logcorr.patterns.engine.found import to_frame
from logcorr.patterns.match import find
from logcorr.ratelimits import TAILSCALED_SUPPRESSION
from logcorr.rulebook.models import Pattern, Rulebook
from logcorr.schema import MATCHES, Timeline
from logcorr.times.micros import NEVER, ints, of_seconds


def match_in_shards(events: pl.DataFrame, rules: Rulebook, timeline: Timeline, length: timedelta) -> pl.DataFrame:
    """``match(...).frame``, found in shards of ``length``."""
    looked = survey(timeline, events, rules)
    frames = [pl.DataFrame(schema=MATCHES)]
    for pattern in rules.patterns.values():
        parts = [_match(pattern, shard, looked) for shard in _shards(events, pattern, length)]
        found = pl.concat([pl.DataFrame(schema=MATCHES), *parts])
        frames.append(found.sort("begin", "end", maintain_order=True))
    return pl.concat(frames)


@dataclass(frozen=True, slots=True, eq=False)
class _Shard:
    """Events, and the times (µs) between which a match must be anchored to count."""

    events: pl.DataFrame
    start: int = -NEVER
    end: int = NEVER


def _shards(events: pl.DataFrame, pattern: Pattern, length: timedelta) -> Iterator[_Shard]:
    stream = streams.build(events, pattern.events())
    mine = stream.events[stream.index]
    reach = _reach(pattern)
    if reach is None or not mine.height:
        yield _Shard(mine)
        return
    time, size = ints(mine["time"]), round(length.total_seconds() * 1e6)
    blur = int(max((time - ints(mine["time_lo"])).max(), (ints(mine["time_hi"]) - time).max()))
    overlap = 2 * (reach + 2 * blur + TAILSCALED_SUPPRESSION)
    if pattern.sequence is None or pattern.pair in ("first", "fifo"):
        quiet = np.flatnonzero(np.diff(time) > overlap) + 1
        far = np.unique(np.searchsorted(time[quiet], np.arange(time[0] + size, time[-1] + 1, size)))
        cuts = [0, *quiet[far[far < len(quiet)]].tolist(), len(time)]
        yield from (_Shard(mine[low:high]) for low, high in pairwise(cuts))
        return
    for start in range(int(time[0]), int(time[-1]) + 1, size):
        low, high = np.searchsorted(time, [start - overlap, start + size + overlap]).tolist()
        yield _Shard(mine[low:high], start, start + size)


def _reach(pattern: Pattern) -> int | None:
    """How far a match can look ahead and back of its first required row, in µs; None: no bound is known."""
    if pattern.count is not None:
        return of_seconds(pattern.count.within)
    if pattern.sequence is None:
        return None
    limits = [of_seconds(step.within) for step in pattern.sequence[1:] if not step.negated or step.within is not None]
    first = pattern.sequence[0]
    limits += [of_seconds(first.within)] if first.negated or first.optional or first.at_least > 1 else []
    reach = sum(limits) if max(limits, default=0) < NEVER else of_seconds(pattern.span)
    return reach if reach < NEVER else None


def _match(pattern: Pattern, shard: _Shard, looked: Survey) -> pl.DataFrame:
    stream = streams.build(shard.events, pattern.events())
    found, _ = find(pattern, context_of(stream, looked))
    if shard.start > -NEVER and found.count:
        anchor = found.names == found.anchor
        owner, first = np.unique(found.owner[anchor], return_index=True)
        time = stream.time[found.rows[anchor][first]]
        found = found.take(owner[(time >= shard.start) & (time < shard.end)])
    return to_frame(found, pattern, stream)

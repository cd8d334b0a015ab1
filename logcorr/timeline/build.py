"""Many sources in memory -> one timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from logcorr.model import CoverageGap, SourceFile
from logcorr.schema import TIMELINE, Source, Timeline, empty
from logcorr.timeline.arrays import NULL
from logcorr.timeline.coverage import (
    Seen,
    duration_text,
    edge_gaps,
    find_spans,
    gap,
    loss_gaps,
    sequence_gaps,
    unparsed_gaps,
)
from logcorr.timeline.frame import CARRIED, file_rows, kept_rows, make_frame
from logcorr.timeline.inputs import describe
from logcorr.timeline.resolve import Resolved, resolve, window_of
from logcorr.timeline.settings import ClockSettings
from logcorr.timeline.tracks import Registry, take


def build(sources: Sequence[Source], settings: ClockSettings) -> Timeline:
    """Put the records of all sources into true time order. Pure: the order of ``sources`` changes nothing.

    ``Timeline.inputs`` are the sources sorted by path. Raises UsageError for a zone in ``settings`` that is not known.
    """
    sources = sorted(sources, key=lambda source: (source.path, source.sha256 or ""))
    registry = Registry()
    resolved = resolve([take(source, registry) for source in sources], registry, settings)
    rows = kept_rows(resolved)
    if sources:
        text = pl.concat([source.rows.select(CARRIED) for source in sources])[file_rows(resolved, rows)]
        frame = make_frame(text, resolved, rows, registry)
    else:
        frame = empty(TIMELINE)
    inputs = describe(resolved, registry)
    spans, gaps = look(resolved, registry, inputs, settings)
    return Timeline(frame=frame, inputs=inputs, spans=spans, gaps=gaps)


def look(
    resolved: Resolved, registry: Registry, inputs: Sequence[SourceFile], settings: ClockSettings
) -> tuple[pl.DataFrame, tuple[CoverageGap, ...]]:
    """Where the sources were seen (SPANS), and where we could not look."""
    seen = _seen(resolved, registry)
    spans, silences = find_spans(seen)
    paths = [one.path for one in inputs]
    low, high = window_of(settings)
    window = (low, high) if settings.since and settings.until else None
    gaps: list[CoverageGap] = []
    for one, start, end in silences:
        reason = f"no record for {duration_text(end - start)}"
        gaps.append(gap("silence", reason, source=paths[one.source], host=one.host, start=start, end=end))
    gaps += edge_gaps(seen, paths, window)
    gaps += unparsed_gaps(inputs)
    gaps += loss_gaps(resolved.marks, paths) if not resolved.marks.is_empty() else ()
    known = np.flatnonzero((resolved.seqnum_id >= 0) & (resolved.seqnum != NULL) & ~resolved.twin)
    gaps += sequence_gaps(
        resolved.seqnum_id[known], resolved.seqnum[known], resolved.time[known], resolved.source[known], paths
    )
    gaps += _step_gaps(resolved, registry, paths)
    return spans, tuple(sorted(gaps, key=_gap_key))


def _seen(resolved: Resolved, registry: Registry) -> list[Seen]:
    """Times per source and host, sorted. Hosts with a handful of lines in another's file do not count as seen there."""
    rows = resolved.order[resolved.inside[resolved.order]]
    key = resolved.source[rows].astype(np.int64) << 32 | resolved.host[rows].astype(np.int64)
    by_key = np.argsort(key, kind="stable")
    rows, key = rows[by_key], key[by_key]
    edges = np.flatnonzero(np.concatenate([[True], np.diff(key) != 0, [True]])) if len(rows) else np.array([0])
    found = []
    for begin, end in pairwise(edges):
        first = rows[begin]
        host = registry.hosts[int(resolved.host[first])]
        found.append(Seen(int(resolved.source[first]), host, resolved.time[rows[begin:end]]))
    return found


def _step_gaps(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    for step in resolved.steps:
        start, end = sorted((int(resolved.time[step.before]), int(resolved.time[step.after])))
        way = "forward" if step.size > 0 else "back"
        why = step.why or "which side was right is not known"
        moved = ", earlier records are corrected" if step.healed else ""
        reason = f"the wall clock jumped {way} by {duration_text(step.size)} against the monotonic clock: {why}{moved}"
        yield gap(
            "clock-step",
            reason,
            source=paths[int(resolved.source[step.after])],
            host=registry.hosts[step.host],
            start=start,
            end=end,
        )


def _gap_key(one: CoverageGap) -> tuple[str, str, str, str, str]:
    return (str(one.start), str(one.end), one.source or "", one.kind, one.reason)

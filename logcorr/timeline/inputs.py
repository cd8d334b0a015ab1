"""What is known of every input: host, zone and why, span, counts."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from logcorr.model import SourceFile
from logcorr.schema import Whole
from logcorr.timeline.gaps.clock_gaps import unset_words
from logcorr.timeline.resolve import Resolved
from logcorr.timeline.tracks.track import Registry
from logcorr.times.micros import SECOND, Ints, to_datetime

_MOST = 12  # programs named
_TEMPLATES = 5


def describe(resolved: Resolved, registry: Registry) -> tuple[SourceFile, ...]:
    """One SourceFile for every track, in order."""
    return tuple(_describe(resolved, index, registry) for index in range(len(resolved.tracks)))


def _describe(resolved: Resolved, index: int, registry: Registry) -> SourceFile:
    track, placed = resolved.tracks[index], resolved.placed[index]
    part = slice(int(resolved.starts[index]), int(resolved.starts[index + 1]))
    time = resolved.records.time[part]
    host = _host(resolved.records.host[part], registry)
    clock = resolved.clocks.get(host or "")
    programs = track.programs.sort(["count", "program"], descending=[True, False]).head(_MOST)
    records = track.whole.records if track.whole else len(time)
    inside = int((resolved.inside[part] & ~resolved.twin[part]).sum())
    dropped = int(resolved.twin[part].sum())
    first, last = _ends(time, track.whole)
    templates = track.templates.sort(["count", "template"], descending=[True, False]).head(_TEMPLATES)
    return SourceFile(
        path=track.path,
        sha256=track.sha256,
        bytes=track.bytes,
        format=track.format,
        host=host,
        timezone=placed.timezone,
        timezone_from=placed.timezone_from,
        year_from=placed.year_from,
        skew_s=clock.skew / SECOND if clock and clock.known else None,
        skew_from=clock.words if clock else None,
        records=records,
        unparsed=track.unparsed,
        dropped=dropped,
        outside=records - inside - dropped,
        first=first,
        last=last,
        programs=tuple(programs["program"].to_list()),
        lines=track.lines,
        passed_over=track.passed_over,
        continuation=track.continuation,
        templates=tuple(templates.rows()),
        notes=(
            *track.facts.notes,
            *track.facts.lost,
            *(unset_words(resolved, one) for one in resolved.unset if part.start <= one.first < part.stop),
        ),
        problem="no known log format" if track.format == "unrecognised" else None,
    )


def _ends(time: Ints, whole: Whole | None) -> tuple[datetime | None, datetime | None]:
    """When the first and the last record of the source was written."""
    ends = [int(time.min()), int(time.max())] if time.size else []
    ends += [whole.first, whole.last] if whole else []
    return (to_datetime(min(ends)), to_datetime(max(ends))) if ends else (None, None)


def _host(codes: np.ndarray[tuple[int], np.dtype[np.int32]], registry: Registry) -> str | None:
    """The host that most of the records are from."""
    if not codes.size:
        return None
    counts = np.bincount(codes)
    named = [(int(counts[code]), registry.hosts[int(code)]) for code in np.flatnonzero(counts)]
    return max(named)[1]

"""What the clocks themselves did wrong, as coverage gaps: steps, boots that overlap, stamps that fall back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from logcorr.model import CoverageGap
from logcorr.timeline.clocks.repair import Unset
from logcorr.timeline.gaps.silences import gap
from logcorr.timeline.resolve import Resolved
from logcorr.timeline.tracks.track import Registry
from logcorr.times.micros import SECOND, to_datetime
from logcorr.times.timespan import duration


def clock_gaps(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    """Every place where a clock cannot be taken at its word."""
    yield from _steps(resolved, registry, paths)
    yield from _overlaps(resolved, registry, paths)
    yield from _falls(resolved, registry, paths)
    yield from _unset(resolved, registry, paths)


def _steps(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    records = resolved.records
    for step in resolved.steps:
        start, end = sorted((int(records.time[step.before]), int(records.time[step.after])))
        moved = "; the records before it are corrected" if step.healed else ""
        yield gap(
            "clock-step",
            f"the wall clock jumped by {step.size / SECOND:+.1f} s: {step.why}{moved}",
            source=paths[int(records.source[step.after])],
            host=registry.hosts[int(records.host[step.after])],
            start=start,
            end=end,
        )


def _overlaps(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    """A machine runs one boot at a time; where two overlap, the clock of at least one of them was never right."""
    records, boots = resolved.records, resolved.boots
    stretches: dict[int, list[tuple[int, int, int]]] = {}
    for begin, end in pairwise(boots.starts.tolist()):
        inside = boots.rows[begin:end]
        time = records.time[inside]
        stretches.setdefault(int(records.host[inside[0]]), []).append(
            (int(time.min()), int(time.max()), int(inside[0]))
        )
    for host, found in sorted(stretches.items()):
        for (_, end, _), (start, other_end, row) in pairwise(sorted(found)):
            if start < end:
                length = duration((min(end, other_end) - start) / SECOND)
                reason = f"two boots overlap by {length}, which cannot be: the clock of one of them was not set"
                source = paths[int(records.source[row])]
                yield gap(
                    "clock-step", reason, source=source, host=registry.hosts[host], start=start, end=min(end, other_end)
                )


def _falls(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    records = resolved.records
    for before, after in resolved.falls:
        size = int(records.time[before] - records.time[after])
        reason = (
            f"the stamps fall back by {duration(abs(size) / SECOND)}: the clock was set back, daylight saving ended in "
            "a zone that is not stated, or the file was put together from several"
        )
        yield gap(
            "clock-step",
            reason,
            source=paths[int(records.source[after])],
            host=registry.hosts[int(records.host[after])],
            start=int(records.time[after]),
            end=int(records.time[before]),
        )


def unset_words(resolved: Resolved, one: Unset) -> str:
    """What was done with records of a clock that was not set."""
    records = resolved.records
    lines = "a line is" if one.count == 1 else f"{one.count:,} lines are"
    first, last = (str(to_datetime(int(records.time[row])))[:19] for row in (one.first, one.last))
    return (
        f"{lines} dated {to_datetime(one.shown).year} by a clock that was not set, and placed by what is around them: "
        f"{first} to {last}"
    )


def _unset(resolved: Resolved, registry: Registry, paths: Sequence[str]) -> Iterator[CoverageGap]:
    records = resolved.records
    for one in resolved.unset:
        if one.ended:
            continue
        yield gap(
            "clock-step",
            unset_words(resolved, one),
            source=paths[int(records.source[one.first])],
            host=registry.hosts[int(records.host[one.first])],
            start=int(records.earliest[one.first]),
            end=int(records.latest[one.last]),
        )

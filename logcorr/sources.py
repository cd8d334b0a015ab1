"""From a request to parsed sources and their timeline: joins the stages that every command needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.intake import Refusal, Stream, discover
from logcorr.intake.live import LiveQuery, live_journal
from logcorr.model import SourceFile
from logcorr.parsers import read
from logcorr.request import LOOK_BACK, AnalyzeRequest, clock_settings, empty_window, nothing_usable
from logcorr.schema import Source, Timeline
from logcorr.timeline import build, occupancy, shapes

__all__ = ["occupancy", "read_sources", "read_timeline"]

_SHAPES: Final = 3  # of lines that nobody understood


def read_timeline(
    request: AnalyzeRequest, *, margin: timedelta = timedelta(0)
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    """Read all inputs into one timeline; the second value are those that could not be used, each with its problem."""
    items = tuple(read_sources(request))
    sources = [item for item in items if isinstance(item, Source)]
    refused = [item for item in items if isinstance(item, SourceFile)]
    if not sources:
        raise nothing_usable(request, refused)
    request.progress("putting records in time order")
    timeline = build(sources, clock_settings(request, margin))
    if not _in_window(request, timeline):
        raise empty_window(request, timeline.inputs)
    return timeline, tuple(refused)


def _in_window(request: AnalyzeRequest, timeline: Timeline) -> bool:
    times = timeline.frame.select("time")
    times = times.filter(pl.col("time") >= request.since) if request.since else times
    times = times.filter(pl.col("time") <= request.until) if request.until else times
    return not times.is_empty()


def read_sources(request: AnalyzeRequest) -> Iterator[Source | SourceFile]:
    """Each input as it was parsed, or, where it could not be used, as a SourceFile that says why."""
    live = None if request.inputs else live_journal(_journal(request))
    parsed: list[Source] = []
    for item in live.inputs if live else discover(request.inputs):
        request.progress(f"reading {item.name}")
        found = _refused(item) if isinstance(item, Refusal) else _parsed(item)
        if live and isinstance(found, Source):
            parsed.append(found)
        else:
            yield found
    yield from live.select(parsed) if live else ()


def _journal(request: AnalyzeRequest) -> LiveQuery:
    since = request.since - LOOK_BACK if request.since else None
    return LiveQuery(
        since=since,
        until=request.until,
        boot=request.boot,
        units=tuple(request.units),
        directory=request.directory,
        namespace=request.namespace,
    )


def _parsed(stream: Stream) -> Source | SourceFile:
    try:
        with stream.open() as file:
            source = read(stream.name, file, modified=stream.modified)
    except OSError as error:
        return SourceFile(path=stream.name, problem=f"cannot be read: {error.strerror or error}")
    if source.rows.is_empty():
        problem = "; ".join((*source.facts.notes, *source.facts.lost)) or (
            "empty" if not source.bytes else "no known log format" if source.format == "unrecognised" else "no records"
        )
        return SourceFile(
            path=source.path,
            sha256=source.sha256,
            bytes=source.bytes,
            format=source.format,
            lines=source.lines,
            unparsed=source.unparsed.height,
            templates=tuple(shapes(source.unparsed).head(_SHAPES).rows()) if source.unparsed.height else (),
            problem=problem,
        )
    return source


def _refused(item: Refusal) -> SourceFile:
    return SourceFile(path=item.name, problem=item.reason, problem_kind=item.kind)

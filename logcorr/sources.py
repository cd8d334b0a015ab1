"""From a request to parsed sources and their timeline: joins the stages that every command needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.intake import Refusal, Stream, discover
from logcorr.intake.live import LiveQuery, live_journal
from logcorr.model import SourceFile
from logcorr.origin import NOBODY, Outsiders
from logcorr.parsers import read
from logcorr.parsers.engine.window import Window
from logcorr.request import LOOK_BACK, AnalyzeRequest, clock_settings, empty_window, nothing_usable
from logcorr.schema import Source, Timeline
from logcorr.timeline import build, occupancy, shapes
from logcorr.windows import Reach, reach_of, tells_too_little, windowed

__all__ = ["occupancy", "read_sources", "read_timeline"]

_SHAPES: Final = 3  # of lines that nobody understood


def read_timeline(
    request: AnalyzeRequest, *, margin: timedelta = timedelta(0), outsiders: Outsiders = NOBODY
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    """Read all inputs into one timeline; the second value are those that could not be used, each with its problem.

    ``outsiders`` are the words that date no clock, as the rules say; without any, a look at the inputs alone.
    """
    timeline, refused = _read_timeline(request, margin, reach_of(request, margin), outsiders)
    if tells_too_little(request, timeline):
        timeline, refused = _read_timeline(request, margin, None, outsiders)
    return timeline, refused


def _read_timeline(
    request: AnalyzeRequest, margin: timedelta, reach: Reach | None, outsiders: Outsiders
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    items = tuple(read_sources(request, reach))
    sources = [item for item in items if isinstance(item, Source)]
    others = [item for item in items if isinstance(item, SourceFile)]
    refused = tuple(item for item in others if item.problem is not None)
    passed_over = tuple(item for item in others if item.problem is None)
    if not sources:
        raise empty_window(request, passed_over) if passed_over else nothing_usable(request, refused)
    request.progress("putting records in time order")
    timeline = build(sources, clock_settings(request, margin, outsiders))
    if not _in_window(request, timeline):
        raise empty_window(request, (*timeline.inputs, *passed_over))
    return replace(timeline, inputs=(*timeline.inputs, *passed_over)), refused


def _in_window(request: AnalyzeRequest, timeline: Timeline) -> bool:
    times = timeline.frame.select("time")
    times = times.filter(pl.col("time") >= request.since) if request.since else times
    times = times.filter(pl.col("time") <= request.until) if request.until else times
    return not times.is_empty()


def read_sources(request: AnalyzeRequest, reach: Reach | None = None) -> Iterator[Source | SourceFile]:
    """Each input as it was parsed, or, where it could not be used, as a SourceFile that says why.

    With ``reach``, only what lies in the window is read; journal files of which nothing does are SourceFiles as well.
    """
    live = None if request.inputs else live_journal(_journal(request))
    parsed: list[Source] = []
    for item in windowed(request, live.inputs if live else discover(request.inputs), reach):
        found = _refused(item) if isinstance(item, Refusal) else item
        if isinstance(found, Stream):
            found = _parsed(found, reach.text if reach else None, request.collectors)
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


def _parsed(stream: Stream, window: Window | None, collectors: Sequence[str]) -> Source | SourceFile:
    try:
        with stream.open() as file:
            source = read(stream.name, file, modified=stream.modified, window=window, collectors=collectors)
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

"""From a request to parsed sources and their timeline: joins the stages that every command needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeAlias

import polars as pl

from logcorr.inputs.request import LOOK_BACK, AnalyzeRequest, clock_settings, empty_window, nothing_usable
from logcorr.inputs.windows import Reach, reach_of, tells_too_little, windowed
from logcorr.intake import Input, Refusal, discover
from logcorr.intake.live import LiveQuery, live_journal
from logcorr.model import SourceFile
from logcorr.origin import NOBODY, Outsiders
from logcorr.parsers.engine.window import Window
from logcorr.schema import Source, Timeline
from logcorr.timeline import build, occupancy, shapes

__all__ = ["Workers", "occupancy", "parse_stream", "read_sources", "read_timeline"]

#: Who parses files in place of this process: the same files parsed, in their order.
Workers: TypeAlias = Callable[[Sequence[Input], Window | None], Iterable[Source | SourceFile]]

_SHAPES: Final = 3  # of lines that nobody understood
_MANY: Final = 1 << 18  # records whose text is packed: of fewer it takes less than the program itself


def read_timeline(
    request: AnalyzeRequest,
    *,
    margin: timedelta = timedelta(0),
    outsiders: Outsiders = NOBODY,
    workers: Workers | None = None,
    packs: bool = False,
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    """Read all inputs into one timeline; the second value are those that could not be used, each with its problem.

    ``outsiders`` are the words that date no clock, as the rules say; without any, a look at the inputs alone.
    ``workers`` parse files, if others than this process do. ``packs``: the text of many records is packed.
    """
    settings = clock_settings(request, margin, outsiders)

    def read(reach: Reach | None) -> tuple[Timeline, tuple[SourceFile, ...]]:
        others: list[SourceFile] = []
        sources = _usable(request, reach, workers, others)
        return _told(request, build(sources, settings, packed_from=_MANY if packs else None), others)

    timeline, refused = read(reach_of(request, margin))
    return read(None) if tells_too_little(request, timeline) else (timeline, refused)


def _told(
    request: AnalyzeRequest, timeline: Timeline, others: Sequence[SourceFile]
) -> tuple[Timeline, tuple[SourceFile, ...]]:
    """The timeline with all inputs that have no problem, and those that have one. Raises InputError."""
    refused = tuple(item for item in others if item.problem is not None)
    inputs = (*timeline.inputs, *(item for item in others if item.problem is None))
    if not _in_window(request, timeline):
        raise empty_window(request, inputs)
    return replace(timeline, inputs=inputs), refused


def _usable(
    request: AnalyzeRequest, reach: Reach | None, workers: Workers | None, others: list[SourceFile]
) -> Iterator[Source]:
    """The inputs that were read, each forgotten as it is handed on; the rest is appended to ``others``."""
    usable = False
    for item in read_sources(request, reach, workers):
        if isinstance(item, Source):
            usable = True
            yield item
        else:
            others.append(item)
    if not usable:
        refused = [item for item in others if item.problem is not None]
        passed_over = [item for item in others if item.problem is None]
        raise empty_window(request, passed_over) if passed_over else nothing_usable(request, refused)
    request.progress("putting records in time order")


def _in_window(request: AnalyzeRequest, timeline: Timeline) -> bool:
    times = timeline.frame.select("time")
    times = times.filter(pl.col("time") >= request.since) if request.since else times
    times = times.filter(pl.col("time") <= request.until) if request.until else times
    return not times.is_empty()


def read_sources(
    request: AnalyzeRequest, reach: Reach | None = None, workers: Workers | None = None
) -> Iterator[Source | SourceFile]:
    """Each input as it was parsed, or, where it could not be used, as a SourceFile that says why.

    With ``reach``, only what lies in the window is read; journal files of which nothing does are SourceFiles as well.
    """
    live = None if request.inputs else live_journal(_journal(request))
    parsed: list[Source] = []
    items = windowed(request, live.inputs if live else discover(request.inputs), reach)
    for found in _read(items, reach.text if reach else None, request, workers):
        if live and isinstance(found, Source):
            parsed.append(found)
        else:
            yield found
    yield from live.select(parsed) if live else ()


def _read(
    items: Iterable[Input | Refusal | Source | SourceFile],
    window: Window | None,
    request: AnalyzeRequest,
    workers: Workers | None,
) -> Iterator[Source | SourceFile]:
    """All inputs in their order. What is no file of its own can only be read here, and before the next is asked for."""
    waiting: list[Input | Source | SourceFile] = []
    for item in items:
        found = _refused(item) if isinstance(item, Refusal) else item
        if isinstance(found, Input) and (workers is None or found.path is None):
            found = parse_stream(found, window, request.collectors)
        if workers is None and not isinstance(found, Input):
            yield found
        else:
            waiting.append(found)
    files = [item for item in waiting if isinstance(item, Input)]
    parsed = iter(workers(files, window) if workers and files else ())
    for item in waiting:
        yield next(parsed) if isinstance(item, Input) else item


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


def parse_stream(stream: Input, window: Window | None, collectors: Sequence[str]) -> Source | SourceFile:
    """One input as it was parsed, or, where it could not be used, as a SourceFile that says why."""
    from logcorr.parsers import read  # noqa: PLC0415  # with every format that there is

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

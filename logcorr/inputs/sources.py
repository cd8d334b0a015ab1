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
from logcorr.schema import UNRECOGNISED, Source, Timeline, join_facts
from logcorr.timeline import Kept, build, occupancy, shapes

__all__ = ["Workers", "occupancy", "parse_blocks", "read_sources", "read_timeline"]

#: Who parses files in place of this process: what is kept of the same files, in their order.
Workers: TypeAlias = Callable[[Sequence[Input], Window | None], Iterable[Kept | SourceFile]]

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
) -> Iterator[Source | Kept]:
    """The inputs that were read, each block forgotten as it is handed on; the rest is appended to ``others``."""
    usable = False
    for item in read_sources(request, reach, workers):
        if not isinstance(item, SourceFile):
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
) -> Iterator[Source | Kept | SourceFile]:
    """Each input block by block as it was parsed, or what workers kept of it, or why it cannot be used.

    With ``reach``, only what lies in the window is read; journal files of which nothing does are SourceFiles as well.
    """
    live = None if request.inputs else live_journal(_journal(request))
    select = live.select if live else None
    parsed: list[Source] = []
    items = windowed(request, live.inputs if live else discover(request.inputs), reach)
    for found in _read(items, reach.text if reach else None, request, None if select else workers):
        if select and isinstance(found, Source):
            parsed.append(found)
        else:
            yield found
    yield from select(parsed) if select else ()


def _read(
    items: Iterable[Input | Refusal | Source | SourceFile],
    window: Window | None,
    request: AnalyzeRequest,
    workers: Workers | None,
) -> Iterator[Source | Kept | SourceFile]:
    """All inputs, those that cannot be used in their order.

    What is no file of its own can only be read here, and before the next is asked for; files are left to workers, if
    there are any.
    """
    files: list[Input] = []
    waiting: list[Input | SourceFile] = []
    for item in items:
        if isinstance(item, Input) and workers is not None and item.place is not None:
            files.append(item)
            waiting.append(item)
            continue
        found = parse_blocks(item, window, request.collectors) if isinstance(item, Input) else iter((_told_of(item),))
        for one in found:
            if isinstance(one, SourceFile) and files:
                waiting.append(one)
            else:
                yield one
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


def parse_blocks(stream: Input, window: Window | None, collectors: Sequence[str]) -> Iterator[Source | SourceFile]:
    """One input block by block as it is parsed, or, where there is no record in it, one SourceFile that says why."""
    from logcorr.parsers import read_blocks  # noqa: PLC0415  # with every format that there is

    try:
        file = stream.open()
    except OSError as error:
        yield SourceFile(path=stream.name, problem=f"cannot be read: {error.strerror or error}")
        return
    silent: list[Source] = []  # no record has come yet
    with file:
        blocks = read_blocks(stream.name, file, modified=stream.modified, window=window, collectors=collectors)
        for block in blocks:
            if block.rows.is_empty():
                silent.append(block)
                continue
            yield from (*silent, block)
            silent.clear()
            del block
            yield from blocks
    if silent:
        yield _without_records(silent)


def _without_records(blocks: Sequence[Source]) -> SourceFile:
    """What is told of an input none of whose blocks holds a record."""
    form, facts = join_facts([block.format for block in blocks], [block.facts for block in blocks])
    size, unparsed = sum(block.bytes for block in blocks), pl.concat([block.unparsed for block in blocks])
    told = (*facts.notes, *([facts.untimed] if facts.untimed else ()), *facts.lost)
    otherwise = "empty" if not size else "no known log format" if form == UNRECOGNISED else "no records"
    return SourceFile(
        path=blocks[-1].path,
        sha256=blocks[-1].sha256,
        bytes=size,
        format=form,
        lines=sum(block.lines for block in blocks),
        unparsed=unparsed.height,
        templates=tuple(shapes(unparsed).head(_SHAPES).rows()) if unparsed.height else (),
        problem="; ".join(told) or otherwise,
    )


def _told_of(item: Refusal | Source | SourceFile) -> Source | SourceFile:
    """The same; of what is refused, why."""
    if isinstance(item, Refusal):
        return SourceFile(path=item.name, problem=item.reason, problem_kind=item.kind)
    return item

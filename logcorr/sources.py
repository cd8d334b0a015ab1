"""From a request to parsed sources: joins intake and parsers for ``api`` and ``streamed``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logcorr.intake import Refusal, Stream, discover
from logcorr.intake.live import LiveQuery, live_journal
from logcorr.model import SourceFile
from logcorr.parsers import read
from logcorr.request import LOOK_BACK, AnalyzeRequest
from logcorr.schema import Source
from logcorr.timeline import shapes

_SHAPES: Final = 3  # of lines that nobody understood


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

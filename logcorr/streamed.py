"""Timelines larger than memory: inputs read block by block and merged into Parquet. Joins stages, as ``api`` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyarrow import parquet  # type: ignore[import-untyped]  # pyarrow ships no types

from logcorr.intake import Refusal, discover
from logcorr.model import SourceFile
from logcorr.parsers import read_blocks
from logcorr.request import AnalyzeRequest, clock_settings, nothing_usable
from logcorr.schema import Source
from logcorr.sources import read_sources
from logcorr.timeline import merged, with_paths


def write_parquet(request: AnalyzeRequest, place: Path) -> None:
    """Write schema.TIMELINE in true time order, ``source`` as a path. Raises InputError where nothing could be used."""
    refused: list[SourceFile] = []
    with merged(_blocks(request, refused), clock_settings(request)) as timeline:
        if not timeline.records:
            raise nothing_usable(request, refused)
        request.progress("writing")
        writer: parquet.ParquetWriter | None = None
        for frame in timeline.frames():
            table = with_paths(frame, timeline.inputs).to_arrow()
            writer = writer or parquet.ParquetWriter(place, table.schema, compression="zstd")
            writer.write_table(table)
        if writer:
            writer.close()


def _blocks(request: AnalyzeRequest, refused: list[SourceFile]) -> Iterator[Source]:
    """All inputs block by block; what cannot be used is appended to ``refused``."""
    if not request.inputs:
        yield from (item for item in read_sources(request) if isinstance(item, Source))
        return
    for item in discover(request.inputs):
        request.progress(f"reading {item.name}")
        if isinstance(item, Refusal):
            refused.append(SourceFile(path=item.name, problem=item.reason))
            continue
        try:
            with item.open() as file:
                yield from read_blocks(item.name, file, modified=item.modified)
        except OSError as error:
            refused.append(SourceFile(path=item.name, problem=f"cannot be read: {error.strerror or error}"))

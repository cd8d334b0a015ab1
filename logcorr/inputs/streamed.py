"""Timelines larger than memory: inputs read block by block and merged into Parquet. Joins stages, as ``api`` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from logcorr.inputs.request import AnalyzeRequest, clock_settings, empty_window, nothing_usable
from logcorr.inputs.sources import read_sources
from logcorr.intake import Input, Refusal, discover
from logcorr.model import SourceFile
from logcorr.parsers import read_blocks
from logcorr.parsers.formats.journal_file.files import JournalFiles, is_journal
from logcorr.rulebook import load_rules
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.schema import Source
from logcorr.timeline import Block, merge_blocks


def write_parquet(request: AnalyzeRequest, place: Path) -> tuple[SourceFile, ...]:
    """Write schema.TIMELINE in true time order, ``source`` as a path. Returns all inputs, those not used too.

    Raises InputError where nothing could be used.
    """
    refused: list[SourceFile] = []
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    with merge_blocks(_blocks(request, refused), clock_settings(request, outsiders=outsiders_of(rules))) as timeline:
        if not timeline.records:
            held = any(item.records for item in timeline.inputs)
            raise empty_window(request, timeline.inputs) if held else nothing_usable(request, refused)
        request.progress("writing")
        try:
            timeline.write_parquet(place, paths=True)
        except pl.exceptions.PolarsError as error:  # what the disk says, in Polars' words
            raise OSError(str(error)) from error
        return (*timeline.inputs, *refused)


def _blocks(request: AnalyzeRequest, refused: list[SourceFile]) -> Iterator[Block]:
    """All inputs block by block; what cannot be used is appended to ``refused``."""
    if not request.inputs:
        yield from (item for item in read_sources(request) if isinstance(item, Source))
        return
    journals = JournalFiles()
    for item in discover(request.inputs):
        request.progress(f"reading {item.name}")
        if isinstance(item, Refusal):
            refused.append(SourceFile(path=item.name, problem=item.reason, problem_kind=item.kind))
            continue
        try:
            if item.path and is_journal(item.path):
                yield journals.read(item.name, item.path, modified=item.modified)
                continue
            with item.open() as file:
                yield from read_blocks(item.name, file, modified=item.modified, collectors=request.collectors)
        except OSError as error:
            refused.append(_unreadable(item, error))


def _unreadable(item: Input, error: OSError) -> SourceFile:
    return SourceFile(path=item.name, problem=f"cannot be read: {error.strerror or error}")

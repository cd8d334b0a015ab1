"""A timeline written to Parquet, of which only a part is in memory as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from logcorr.inputs.request import AnalyzeRequest
from logcorr.inputs.sources import read_timeline
from logcorr.model import SourceFile
from logcorr.rulebook import load_rules
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.schema import TIMELINE
from logcorr.timeline import with_paths

_ROWS: Final = 1 << 18  # in a row group


def write_parquet(request: AnalyzeRequest, place: Path) -> tuple[SourceFile, ...]:
    """Write schema.TIMELINE in true time order, ``source`` as a path. Returns all inputs, those not used too.

    Raises InputError where nothing could be used.
    """
    rules = load_rules(request.rules, shipped=request.shipped_rules)
    timeline, refused = read_timeline(request, outsiders=outsiders_of(rules), packs=True)
    request.progress("writing")

    def slices(*_: object) -> Iterator[pl.DataFrame]:
        return (with_paths(frame, timeline.inputs) for frame in timeline.in_order(_ROWS))

    written = register_io_source(slices, schema=pl.Schema(TIMELINE | {"source": pl.String()}))
    try:
        written.sink_parquet(place, compression="zstd", compression_level=1, row_group_size=_ROWS)
    except pl.exceptions.PolarsError as error:  # what the disk says, in Polars' words
        raise OSError(str(error)) from error
    return (*timeline.inputs, *refused)

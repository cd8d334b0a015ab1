r"""Collectors that put ``<when received>\t<sender>\t`` in front of every line, whatever the line is.

The stamp in front is when the line arrived; the line's own tells when it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from logcorr.parsers import stamps
from logcorr.parsers.base import Batch
from logcorr.parsers.lines import Lines

_PREFIX: Final = (
    r"^(?P<all>(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?\t(?P<host>[0-9A-Fa-f.:]{3,45}|[A-Za-z0-9.-]{1,253})\t)."
)
_LOOK: Final = 20


@dataclass(frozen=True, slots=True)
class Bare:
    """Lines without the collector's stamp, and the stamps by line."""

    lines: Lines
    received: pl.DataFrame  # line: UInt32, received: UTC or null, sender: String


def without_stamp(lines: Lines) -> Bare | None:
    """The lines less their prefixes; nothing where the first lines have none."""
    if not len(lines) or not lines.head(_LOOK).text.str.contains(_PREFIX).any():
        return None
    found = lines.text.str.extract_groups(_PREFIX).struct.unnest()
    width = found["all"].str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    when = stamps.utc(stamps.wall(found["date"]), found["zone"])
    known = when.select(
        pl.when(pl.col("stamp_kind") == "utc").then(pl.col("stamp").dt.replace_time_zone("UTC"))
    ).to_series()
    received = pl.DataFrame(
        {"line": pl.Series(lines.number).cast(pl.UInt32), "_received": known, "_sender": found["host"]}
    )
    bare = Lines(lines.data, lines.start + width, lines.end, lines.number, lines.base, lines.stop)
    return Bare(bare, received)


def with_stamp(part: Batch, bare: Bare) -> Batch:
    """The rows with ``received``, and the sender for a host where they name none."""
    rows = part.rows.join(bare.received, on="line", how="left", maintain_order="left")
    rows = rows.with_columns(received=pl.coalesce("received", "_received"), host=pl.coalesce("host", "_sender"))
    return replace(part, rows=rows.drop("_received", "_sender"))

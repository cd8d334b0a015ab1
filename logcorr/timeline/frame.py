"""The timeline frame: resolved clocks and the text of the records, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.model import SourceFile
from logcorr.schema import TIME_BASES, TIMELINE, UTC
from logcorr.timeline.arrays import Names, pieces
from logcorr.timeline.resolve import Resolved
from logcorr.timeline.tracks.track import Registry
from logcorr.times.micros import NULL, Ints

#: Columns that go from a record to the timeline as they are.
CARRIED = (
    *(
        "received",
        "program",
        "unit",
        "pid",
        "priority",
        "transport",
        "message",
        "message_id",
        "about",
        "origin",
        "trusted",
    ),
    *("repeat", "line", "offset"),
)

#: What resolved records know that no column of a timeline tells.
_UNUSED: Final = ("moved", "boot", "seqnum", "resolution")


def kept_rows(resolved: Resolved) -> NDArray[np.uint32]:
    """The records of the timeline, in order: inside the window, each once."""
    order = resolved.order
    kept = resolved.inside & ~resolved.twin
    return order if kept.all() else order[kept[order]]


def file_rows(resolved: Resolved, rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Where the records stand among all sources' rows as they were parsed (newest-first files were turned round)."""
    flipped = np.array([track.flipped for track in resolved.tracks], dtype=np.bool_)
    if not flipped.any():
        return rows
    places = rows.copy()
    source = resolved.records.source[rows]
    turned = flipped[source]
    begin, end = resolved.starts[:-1][source[turned]], resolved.starts[1:][source[turned]]
    places[turned] = begin + end - 1 - places[turned]
    return places


def clock_columns(
    resolved: Resolved, rows: NDArray[np.integer], registry: Registry, *, coded: bool
) -> dict[str, pl.Series]:
    """The columns of TIMELINE that tell when and where, for the records ``rows``.

    The resolved records let go of each of theirs as it is made, so that none is held twice. With ``coded`` what is
    CODED is Categorical, and there is no "monotonic" where no record has one.
    """
    names = pl.Series([registry.hosts[code] for code in range(len(registry.hosts))], dtype=pl.String)
    clocks = pl.Series(clock_names(resolved, registry), dtype=pl.String)
    clocks = clocks.cast(pl.Categorical) if coded else clocks
    bases = pl.Series(TIME_BASES, dtype=TIMELINE["time_basis"])
    records = resolved.records
    at = _all_in_order(rows, len(records.time))

    def taken(name: str) -> NDArray[Any]:
        values = getattr(records, name)
        setattr(records, name, values[:0].copy())
        chosen: NDArray[Any] = values[at]
        return chosen

    for name in _UNUSED:
        taken(name)
    timed = {} if coded and not any(records.mono.strides) else {"monotonic": _uptime(taken("mono"))}
    time = taken("time")
    exact = _same(time, records.earliest, at)  # of most logs, whose column is then held once
    when = _utc(time)
    return {
        "time": when,
        "time_lo": when if exact else _utc(taken("earliest")),
        "time_hi": _utc(taken("latest")),
        **timed,
        "host": names.gather(taken("host")),
        "source": pl.Series(taken("source")),
        "clock": clocks.gather(resolved.domain[at]),
        "time_basis": bases.gather(resolved.basis[at]),
    }


def make_frame(text: pl.DataFrame, clocks: Mapping[str, pl.Series]) -> pl.DataFrame:
    """TIMELINE rows of their CARRIED columns, without those that were packed, and their ``clock_columns``."""
    numbers = pl.int_range(text.height, dtype=pl.UInt32)
    whole = text.with_columns(numbers.alias("id"), **clocks)
    return whole.select(name for name in TIMELINE if name in whole.columns)


def _all_in_order(rows: NDArray[np.integer], count: int) -> NDArray[np.integer] | slice:
    """``rows``; a slice where they are all ``count`` records as they stand, so that indexing copies nothing."""
    return slice(None) if len(rows) == count and (rows[1:] == rows[:-1] + 1).all() else rows


def _same(values: Ints, others: Ints, at: NDArray[np.integer] | slice) -> bool:
    """Whether ``values`` are ``others`` at some rows. Works in pieces, so that nothing is copied."""
    if isinstance(at, slice):
        return bool((values == others).all())
    return all((values[piece] == others[at[piece]]).all() for piece in pieces(len(values)))


def with_paths(frame: pl.DataFrame, inputs: Sequence[SourceFile]) -> pl.DataFrame:
    """The frame with the path of each record's source in place of its number."""
    paths = pl.Series("source", [item.path for item in inputs], dtype=pl.String)
    return frame.with_columns(source=pl.lit(paths).gather(pl.col("source")))


def clock_names(resolved: Resolved, registry: Registry) -> list[str]:
    """The name of every clock domain: ``<host>/<boot id>``, or ``<host>/<number>`` between resets."""
    return [
        f"{registry.hosts[host]}/{_boot_name(boot, number, registry.boots)}" for host, boot, number in resolved.domains
    ]


def _boot_name(boot: int, number: int, boots: Names) -> str:
    return boots[boot] if boot >= 0 else str(number)


def _utc(micros: Ints) -> pl.Series:
    return pl.Series(micros).cast(UTC)


def _uptime(micros: Ints) -> pl.Series:
    series = pl.Series(micros)
    return series.replace(NULL, None) if (micros == NULL).any() else series

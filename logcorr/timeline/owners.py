"""Whose log is it? A file that names no host is often named after the unit that writes it.

Where exactly one machine's journal knows that unit, the file is that machine's, and the times at which the journal saw
the unit at work tell the zone of the file's stamps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from logcorr.timeline.arrays import SECOND, Ints, Rows
from logcorr.timeline.offsets import OFFSETS

if TYPE_CHECKING:
    from logcorr.timeline.tracks import Track

_NEAR: Final = 2 * SECOND  # a line is written this close to a record about the unit
_LONG: Final = 15 * SECOND  # a unit's run may take this long before it writes
_CLEAR: Final = 5  # times as many misses with the second-best offset
_FEWEST: Final = 10  # by how many misses it must be worse
_MOST: Final = 20_000  # lines looked at

WORKINGS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),  # position in the source
    "name": pl.UInt64(),  # of the unit or interface, as name_number makes it
}


def find_workings(rows: pl.DataFrame) -> pl.DataFrame:
    """The records of a RECORDS frame that show a unit at work. Shape: WORKINGS."""
    told = pl.coalesce("about", "unit")
    numbered = rows.lazy().with_row_index("row").select(pl.col("row").cast(pl.Int64), told.alias("name"))
    named = numbered.drop_nulls("name").collect()
    return named.with_columns(_number(named["name"]))


def name_number(name: str) -> int:
    """A number for a unit's name, whatever its case and with or without ".service"."""
    return int(_number(pl.Series([name])).item())


def _number(names: pl.Series) -> pl.Series:
    return names.str.to_lowercase().str.strip_suffix(".service").hash()


def owner_of(stem: str, tracks: Sequence[Track]) -> int | None:
    """The code of the only host of which a journal knows a unit called ``stem``."""
    hosts: set[int] = set()
    number = name_number(stem)
    for track in tracks:
        rows = track.workings.filter(pl.col("name") == number)["row"].to_numpy()
        hosts |= set(np.unique(track.host[rows]).tolist())
    hosts.discard(-1)
    return hosts.pop() if len(hosts) == 1 else None


def offset_by_workings(wall: Ints, seen: Ints, resolution: int) -> tuple[Rows, Ints] | None:
    """Local minus UTC time at the lines that fall together with records of the unit, under the one offset that fits.

    ``seen`` are the sorted times (UTC) of those records. None where a second offset fits nearly as well, as it does for
    jobs that run on the minute all day.
    """
    lines = np.sort(wall)[:_MOST]
    if not len(lines) or not len(seen):
        return None
    near = _NEAR + resolution
    misses = np.array([_misses(lines - offset, seen, near) for offset in OFFSETS.tolist()])
    best, second = np.argsort(misses, kind="stable")[:2]
    few, many = int(misses[best]), int(misses[second])
    if few * _CLEAR > many or many - few < _FEWEST or few > len(lines) // 5:
        return None
    moved = wall - OFFSETS[best]
    nearest = _nearest(moved, seen)
    rows = np.flatnonzero(np.abs(moved - nearest) <= near)
    return rows, wall[rows] - nearest[rows]


def _misses(lines: Ints, seen: Ints, near: int) -> int:
    """How many lines no record goes with, and how many records in their time no line goes with."""
    lonely = int((np.abs(lines - _nearest(lines, seen)) > near).sum())
    low, high = np.searchsorted(seen, [lines[0] - near, lines[-1] + near])
    during = seen[low:high]
    return lonely + int((np.abs(during - _nearest(during, lines)) > _LONG).sum())


def _nearest(values: Ints, among: Ints) -> Ints:
    """For each value, the closest of ``among`` (sorted)."""
    after = np.clip(np.searchsorted(among, values), 0, len(among) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(among[before] - values) <= np.abs(among[after] - values)
    nearest: Ints = np.where(closer, among[before], among[after])
    return nearest


def owner_by_links(track: Track, tracks: Sequence[Track]) -> int | None:
    """The code of the only host whose logs know the interfaces and units that ``track`` is about."""
    names = track.workings["name"].unique()
    hosts: set[int] = set()
    for other in tracks:
        if other is not track:
            rows = other.workings.filter(pl.col("name").is_in(names.implode()))["row"].to_numpy()
            hosts |= set(np.unique(other.host[rows]).tolist())
    hosts.discard(-1)
    return hosts.pop() if len(hosts) == 1 else None

"""Whose log is it? A file that names no host is often named after the unit or program that writes it.

Where exactly one machine's log knows that unit or program, the file is that machine's, and the times at which a journal
saw the unit at work tell the zone of the file's stamps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.schema import STAMP_KINDS
from logcorr.timeline.arrays import Codes, Rows, concatenate
from logcorr.timeline.dating.offsets import OFFSETS
from logcorr.times.micros import NULL, SECOND, Bools, Ints

if TYPE_CHECKING:
    from logcorr.timeline.tracks.track import Track

_UTC: Final = STAMP_KINDS.index("utc")
_NEAR: Final = 2 * SECOND  # a line is written this close to a record about the unit
_LONG: Final = 15 * SECOND  # a unit's run may take this long before it writes
_CLEAR: Final = 5  # times as many misses with the second-best offset
_FEWEST: Final = 10  # by how many misses it must be worse
_MOST: Final = 20_000  # lines looked at

WORKINGS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),  # position in the source
    "name": pl.UInt64(),  # of the unit, interface or program, as name_number makes it
}


def find_workings(rows: pl.DataFrame, hosted: Bools) -> pl.DataFrame:
    """The records of a RECORDS frame that show a unit at work, and the first of each program among those that name
    their host (``hosted``): text tells no units. Shape: WORKINGS.
    """
    told = pl.coalesce("about", "unit")
    numbered = (
        rows.lazy()
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64), name=told, hosted=pl.Series(hosted))
    )
    units = numbered.drop_nulls("name").select("row", "name")
    text = numbered.filter(pl.col("name").is_null() & pl.col("hosted")).drop_nulls("program")
    programs = text.unique("program", keep="first").select("row", name=pl.col("program").cast(pl.String))
    named = pl.concat([units, programs]).sort("row").collect()
    return named.with_columns(_number(named["name"]))


def name_number(name: str) -> int:
    """A number for a unit's name, whatever its case and with or without ".service"."""
    return int(_number(pl.Series([name])).item())


def _number(names: pl.Series) -> pl.Series:
    return names.str.to_lowercase().str.strip_suffix(".service").hash()


@dataclass(frozen=True, slots=True)
class Workings:
    """The workings of all tracks together: of which track, on which host (a code, -1: unknown), and when (µs)."""

    name: NDArray[np.uint64]  # ascending
    track: Rows
    host: Codes
    time: Ints  # UTC; NULL where the record's stamp is not

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> Workings:
        """Those of ``tracks``, with the hosts that these have now."""
        rows = [track.workings["row"].to_numpy() for track in tracks]
        found = [(track, mine) for track, mine in zip(tracks, rows, strict=True) if len(mine)]
        name = concatenate([track.workings["name"].to_numpy() for track, _ in found], np.uint64)
        host = concatenate([track.host[mine] for track, mine in found], np.int32)
        time = [np.where(track.kind[mine] == _UTC, track.stamp[mine], NULL) for track, mine in found]
        number = np.repeat(np.arange(len(tracks)), [len(mine) for mine in rows])
        order = np.argsort(name, kind="stable")
        return cls(name[order], number[order], host[order], concatenate(time, np.int64)[order])

    def named(self, number: int) -> slice:
        """Where those of one name lie; see ``name_number``."""
        low, high = (int(np.searchsorted(self.name, np.uint64(number), side=side)) for side in ("left", "right"))
        return slice(low, high)


def owner_of(stem: str, workings: Workings) -> int | None:
    """The code of the only host of which a log knows a unit or program called ``stem``."""
    return _only(workings.host[workings.named(name_number(stem))])


def owner_by_links(index: int, workings: Workings) -> int | None:
    """The code of the only host whose logs know the interfaces and units that the track ``index`` is about."""
    mine = workings.track == index
    return _only(workings.host[~mine & np.isin(workings.name, workings.name[mine])])


def _only(hosts: Codes) -> int | None:
    known = np.unique(hosts[hosts >= 0]).tolist()
    return known[0] if len(known) == 1 else None


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

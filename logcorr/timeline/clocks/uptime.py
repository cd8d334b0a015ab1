"""Records that carry only the time since boot (dmesg, short-monotonic), placed by records that carry both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from logcorr.timeline.arrays import Rows, grouped
from logcorr.timeline.clocks.boots import Records
from logcorr.times.micros import DAY, MILLISECOND, NULL, SECOND, Ints, to_micros

_READ: Final = 5 * MILLISECOND
_DOUBT: Final = 50 * MILLISECOND


def place_uptime(
    records: Records,
    digest: np.ndarray[tuple[int], np.dtype[np.uint64]],
    hosted: Sequence[bool],
    modified: Sequence[datetime | None],
    now: int,
) -> dict[int, str]:
    """Give records without a wall clock a time, in place. Returns for each source how its boots were placed.

    ``hosted`` says which sources name their host; the others take the host of the records that they share.
    """
    waiting = np.flatnonzero((records.time == NULL) & (records.mono != NULL))
    if not waiting.size:
        return {}
    words: dict[int, str] = {}
    both = np.flatnonzero((records.time != NULL) & (records.mono != NULL))
    for group in grouped(records.source[waiting]):
        lines = waiting[group]
        source = int(records.source[lines[0]])
        for rows in _boots_of(records, lines):
            words[source] = _place_boot(records, rows, both, digest, hosted[source], modified[source], now)
    return words


def _boots_of(records: Records, rows: Rows) -> list[Rows]:
    """The boots of one source: where the boot id changes, or the time since boot falls back."""
    new = (np.diff(records.mono[rows]) < -SECOND) | (np.diff(records.boot[rows]) != 0)
    edges = [0, *(np.flatnonzero(new) + 1).tolist(), len(rows)]
    return [rows[begin:end] for begin, end in pairwise(edges)]


def _place_boot(
    records: Records,
    rows: Rows,
    both: Rows,
    digest: np.ndarray[tuple[int], np.dtype[np.uint64]],
    hosted: bool,
    modified: datetime | None,
    now: int,
) -> str:
    boot = int(records.boot[rows[0]])
    same = both[records.boot[both] == boot] if boot >= 0 else both[:0]
    if same.size:
        _set(records, rows, records.time[same] - records.mono[same])
        return "the time since boot, by the same boot in another log"
    pairs = _shared(records, rows, both, digest)
    if pairs.size >= 3:
        if not hosted:
            records.host[rows] = np.bincount(records.host[pairs]).argmax()
        records.boot[rows] = np.bincount(records.boot[pairs] + 1).argmax() - 1
        _set(records, rows, records.time[pairs] - records.mono[pairs])
        return f"the time since boot, by {len(pairs)} lines that another log has with both clocks"
    mine = both[(records.host[both] == records.host[rows[0]])]
    if mine.size:
        last = mine[records.time[mine].argmax()]
        boot = int(records.boot[last])
        near = mine[records.boot[mine] == boot] if boot >= 0 else mine[mine == last]
        records.boot[rows] = boot
        _set(records, rows, records.time[near] - records.mono[near])
        return "the time since boot, taking it for the host's latest boot"
    beside = _beside(records, rows)
    if beside is not None:
        time = beside - (records.mono[rows].max() - records.mono[rows])
        _write(records, rows, time, time - DAY, time + DAY)
        return "the time since boot, the last line beside the dated one next to it in the file: within a day of it"
    end = to_micros(modified) if modified else now
    time = end - (records.mono[rows].max() - records.mono[rows])
    _write(records, rows, time, time - DAY, time)
    anchor = "the file's modification time" if modified else "the current date"
    return f"the time since boot, the last line at {anchor}: it may be earlier"


def _beside(records: Records, rows: Rows) -> int | None:
    """The time of the line with a date that follows some lines of a source, or else of the one before them."""
    mine = np.flatnonzero((records.source == records.source[rows[0]]) & (records.time != NULL) & ~records.moved)
    after, before = mine[mine > rows[-1]], mine[mine < rows[0]]
    if after.size:
        return int(records.time[after[0]])
    return int(records.time[before[-1]]) if before.size else None


def _shared(records: Records, rows: Rows, both: Rows, digest: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Rows:
    """Records with both clocks that have the same text at the same time since boot, all of one host and boot.

    journald notes when it read a line, which is a little later than when the kernel wrote it.
    """
    left = pl.DataFrame({"digest": digest[rows], "mono": records.mono[rows]}).unique()
    right = pl.DataFrame(
        {
            "digest": digest[both],
            "mono_right": records.mono[both],
            "row": both,
            "host": records.host[both],
            "boot": records.boot[both],
            "time": records.time[both],
        }
    )
    lag = pl.col("mono_right") - pl.col("mono")
    same = left.join(right, on="digest").filter(lag.is_between(0, _READ))
    if same.is_empty():
        return both[:0]
    best = (
        same.group_by("host", "boot")
        .agg(pl.len(), pl.col("time").max())
        .sort("len", "time", "host")
        .row(-1, named=True)
    )
    mine = same.filter((pl.col("host") == best["host"]) & (pl.col("boot") == best["boot"]))
    return mine["row"].sort().to_numpy()


def _set(records: Records, rows: Rows, offset: Ints) -> None:
    """Place records by the offset of wall to monotonic time: the median, within the middle half of what was seen."""
    low, middle, high = (int(value) for value in np.quantile(offset, [0.25, 0.5, 0.75]))
    mono = records.mono[rows]
    _write(records, rows, mono + middle, mono + low - _DOUBT, mono + high + _DOUBT)


def _write(records: Records, rows: Rows, time: Ints, earliest: Ints, latest: Ints) -> None:
    records.time[rows] = time
    records.earliest[rows] = earliest
    records.latest[rows] = latest + records.resolution[rows] - 1
    records.moved[rows] = True

"""Records that came in twice: a journal and its export, a file and its copy, journald and the rsyslog that reads it."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.timeline.arrays import Codes, Rows, as_rows, falls_and_rises, in_order, lines_by, pieces, runs
from logcorr.timeline.clocks.boots import Records
from logcorr.times.micros import NULL, SECOND, Bools

_SHARE: Final = 1 << 21
_HALF: Final = SECOND // 2
_NEVER: Final = 1 << 62


def find_twins(records: Records, digest: NDArray[np.uint64], seqnum_id: Codes) -> Bools:
    """Which records repeat one that another source has. Of each pair the one that tells more is kept.

    The same journal entry (sequence id and number, boot, monotonic time) is one record wherever it turns up. Else
    records are the same if host, program and message are, they are the n-th of their kind in the same second in
    both sources, and only one of them has a journal identity.
    """
    twin = np.zeros(len(records.time), dtype=np.bool_)
    entry = np.flatnonzero((seqnum_id >= 0) & (records.seqnum != NULL))
    if entry.size:
        twin[entry] = _same_entry(records, seqnum_id, entry)
    rows = _candidates(records, digest, twin)
    for shift in (0, _HALF):
        if not rows.size:
            break
        again = _same_text(records, digest, seqnum_id, rows, shift)
        twin[again] = True
        rows = rows[~twin[rows]]
    return twin


def _same_entry(records: Records, seqnum_id: Codes, rows: Rows) -> Bools:
    number = records.seqnum[in_order(rows, records.seqnum)]
    if not len(falls_and_rises(number, -1, _NEVER)[0]):  # the usual case, and much faster told
        return np.zeros(len(rows), dtype=np.bool_)
    frame = pl.DataFrame(
        {
            "identity": seqnum_id[rows],
            "seqnum": records.seqnum[rows],
            "boot": records.boot[rows],
            "mono": records.mono[rows],
        }
    )
    again: Bools = frame.select(~pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return again


def _candidates(records: Records, digest: NDArray[np.uint64], twin: Bools) -> Rows:
    """The records whose text occurs in more than one source of their host, where such sources cover the same time."""
    time, host, source = records.time, records.host, records.source
    found: list[Rows] = []
    for lines in lines_by(host):
        sources = lines_by(source[lines])
        if len(sources) < 2:
            continue
        rows = as_rows(lines)
        mine = [rows[one] for one in sources]
        lows = np.sort([int(time[one].min()) - SECOND for one in mine])
        highs = np.sort([int(time[one].max()) + SECOND for one in mine])
        # the sources that had begun, less those that had ended: the record's own is one of them
        for piece in pieces(len(rows)):
            some = rows[piece]
            covering = np.searchsorted(lows, time[some], side="right") - np.searchsorted(highs, time[some], side="left")
            found.append(some[(covering > 1) & ~twin[some]])
    rows = np.sort(np.concatenate(found)) if found else np.array([], dtype=np.int64)
    return _repeated(rows, host, source, digest)


def _repeated(rows: Rows, host: Codes, source: NDArray[np.uint16], digest: NDArray[np.uint64]) -> Rows:
    """Those whose text more than one source has. Looked at in shares, to keep what is sorted at a time small."""
    shares = len(rows) // _SHARE + 1
    kept: list[Rows] = [rows[:0]]
    share = (digest[rows] >> np.uint64(32)) % np.uint64(shares) if shares > 1 else None
    for number in range(shares):
        some = rows if share is None else rows[share == number]
        key = _mix(digest[some], host[some])
        order = np.lexsort((source[some], key))
        starts = runs(key[order])[:-1]
        if not len(starts):
            continue
        first = np.minimum.reduceat(source[some][order], starts)
        last = np.maximum.reduceat(source[some][order], starts)
        several = np.repeat(first != last, np.diff([*starts, len(order)]))
        kept.append(some[order[several]])
    return np.sort(np.concatenate(kept))


def _same_text(records: Records, digest: NDArray[np.uint64], seqnum_id: Codes, rows: Rows, shift: int) -> Rows:
    """The rows of which a better copy exists: same text in the same second, as often in both sources."""
    time, source = records.time[rows] + shift, records.source[rows]
    key = _mix(_mix(digest[rows], records.host[rows]), time // SECOND)
    order = np.lexsort((time, source, key))
    new = np.concatenate([[True], (np.diff(key[order]) != 0) | (np.diff(source[order]) != 0)])
    first = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    nth = np.empty(len(rows), dtype=np.int64)
    nth[order] = np.arange(len(rows)) - first
    key = _mix(key, nth)
    entry = seqnum_id[rows] >= 0
    worse = (~entry).astype(np.int64) << 61 | (records.mono[rows] == NULL).astype(np.int64) << 60
    worse |= records.resolution[rows].astype(np.int64) << 16 | source.astype(np.int64)
    order = np.lexsort((worse, key))
    new = np.concatenate([[True], np.diff(key[order]) != 0])
    best = order[np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))]
    # two entries with identities of their own are two records, whatever they say
    repeated: NDArray[np.int64] = rows[order[~new & ~(entry[order] & entry[best])]]
    return repeated


def _mix(key: NDArray[np.uint64], value: NDArray[np.integer]) -> NDArray[np.uint64]:
    """A number for the pair; splitmix64's finaliser, so that near values end far apart."""
    with np.errstate(over="ignore"):
        mixed = key ^ (value.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    final: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return final

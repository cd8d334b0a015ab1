"""Records that came in twice: a journal and its export, a file and its copy, journald and the rsyslog that reads it."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.timeline.arrays import NULL, SECOND, Bools, Codes, Ints

_HALF: Final = SECOND // 2


def find_twins(
    time: Ints,
    resolution: Ints,
    host: Codes,
    source: NDArray[np.uint16],
    digest: NDArray[np.uint64],
    mono: Ints,
    boot: Codes,
    seqnum: Ints,
    seqnum_id: Codes,
) -> Bools:
    """Which records repeat one that another source has. Of each pair the one that tells more is kept.

    The same journal entry (sequence id and number, boot, monotonic time) is one record wherever it turns up. Else
    records are the same if host, program, pid and message are, they are the n-th of their kind in the same second in
    both sources, and only one of them has a journal identity.
    """
    twin = np.zeros(len(time), dtype=np.bool_)
    entry = np.flatnonzero((seqnum_id >= 0) & (seqnum != NULL))
    if entry.size:
        twin[entry] = _same_entry(source[entry], seqnum_id[entry], seqnum[entry], boot[entry], mono[entry])
    rows = _candidates(host, source, digest, np.flatnonzero(~twin & (time != NULL)))
    for shift in (0, _HALF):
        if not rows.size:
            break
        again = _same_text(rows, time + shift, resolution, host, source, digest, mono, seqnum_id)
        twin[again] = True
        rows = rows[~twin[rows]]
    return twin


def _same_entry(source: NDArray[np.uint16], identity: Codes, seqnum: Ints, boot: Codes, mono: Ints) -> Bools:
    frame = pl.DataFrame({"source": source, "identity": identity, "seqnum": seqnum, "boot": boot, "mono": mono})
    first: Bools = (
        frame.select(~pl.struct("identity", "seqnum", "boot", "mono").is_first_distinct()).to_series().to_numpy()
    )
    return first


def _candidates(
    host: Codes, source: NDArray[np.uint16], digest: NDArray[np.uint64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The records whose text occurs in more than one source of their host."""
    frame = pl.DataFrame({"row": rows, "host": host[rows], "source": source[rows], "digest": digest[rows]})
    shared = frame.group_by("host").agg(pl.col("source").n_unique()).filter(pl.col("source") > 1)["host"]
    frame = frame.filter(pl.col("host").is_in(shared.implode()))
    several = frame.lazy().group_by("host", "digest").agg(pl.col("source").n_unique().alias("sources"))
    joined = frame.lazy().join(several.filter(pl.col("sources") > 1), on=["host", "digest"], how="semi")
    return joined.select(pl.col("row").sort()).collect().to_series().to_numpy()


def _same_text(
    rows: NDArray[np.int64],
    time: Ints,
    resolution: Ints,
    host: Codes,
    source: NDArray[np.uint16],
    digest: NDArray[np.uint64],
    mono: Ints,
    seqnum_id: Codes,
) -> NDArray[np.int64]:
    """The rows of which a better copy exists: same text in the same second, as often in both sources."""
    key = _mix(_mix(digest[rows], host[rows]), time[rows] // SECOND)
    order = np.lexsort((time[rows], source[rows], key))
    new = np.concatenate([[True], (np.diff(key[order]) != 0) | (np.diff(source[rows][order]) != 0)])
    first = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    nth = np.empty(len(rows), dtype=np.int64)
    nth[order] = np.arange(len(rows)) - first
    key = _mix(key, nth)
    entry = seqnum_id[rows] >= 0
    worse = (~entry).astype(np.int64) << 61 | (mono[rows] == NULL).astype(np.int64) << 60
    worse |= np.minimum(resolution[rows], 1 << 40) << 16 | source[rows].astype(np.int64)
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

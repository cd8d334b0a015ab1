"""Where the entries of a journal file lie: by its index first, object by object where the index is not enough."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file.layout import (
    ARRAY_HEAD,
    ENTRY_HEAD,
    HEAD_WORDS,
    KIND,
    MONOTONIC,
    ONLINE,
    REALTIME,
    SEQNUM,
    SIZE,
    TIME_END,
    Journal,
    Kind,
)

_OBJECT_HEAD: Final = 16
_CHUNK: Final = 8192


@dataclass(frozen=True, slots=True)
class Entries:
    """The sound entries, in file order.

    ``head`` has a row for each of an entry's first seven words; ``layout`` names them.
    """

    offsets: NDArray[np.int64]
    head: NDArray[np.uint64]
    loose: NDArray[np.bool_]  # found by its looks beyond damage: a message's bytes may look like an entry too
    recovered: int  # entries that the index does not list


def find_entries(journal: Journal) -> Entries:
    """All entries of ``journal``.

    The index (the chain of entry arrays) is believed if it is whole, holds as many entries as the header counts, and
    the file was closed. Otherwise all objects are walked as well, which takes longer.
    """
    listed, whole = _listed(journal)
    indexed, head = sound_entries(journal, listed)
    if (
        whole
        and len(indexed) == len(listed) == journal.header.entries
        and journal.header.state != ONLINE
        and (indexed[1:] > indexed[:-1]).all()
    ):
        return Entries(indexed, head, np.zeros(len(indexed), np.bool_), 0)
    walked, certain = _walk(journal)
    indexed = np.unique(indexed)
    offsets, head = sound_entries(journal, np.union1d(indexed, walked))
    loose = ~np.isin(offsets, indexed, assume_unique=True) & (offsets >= certain)
    return Entries(offsets, head, loose, len(offsets) - len(indexed))


def _listed(journal: Journal) -> tuple[NDArray[np.int64], bool]:
    """The offsets in the chain of entry arrays, and whether the chain ends as it should.

    Arrays are only ever appended, so each must lie behind the one before it. That ends any loop, too.
    """
    parts: list[NDArray[np.int64]] = []
    at, behind = journal.header.entry_array, journal.header.size
    while at:
        if at % 8 or not behind <= at <= journal.size - ARRAY_HEAD:
            break
        kind, size, following = (int(word) for word in journal.words[at >> 3 : (at >> 3) + 3])
        if kind & 0xFF != Kind.ENTRY_ARRAY or size < ARRAY_HEAD:
            break
        end = min(at + size, journal.size)
        parts.append(journal.array_items(at + ARRAY_HEAD, end))
        at, behind = following, end
    offsets = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return offsets[offsets != 0], at == 0


def sound_entries(journal: Journal, offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Those ``offsets`` at which systemd's check_object() would see an entry, and the entries' heads.

    Unlike there, the last items may be cut off.
    """
    inside = (offsets % 8 == 0) & (offsets >= journal.header.size) & (offsets <= journal.size - ENTRY_HEAD)
    offsets = offsets if inside.all() else offsets[inside]
    at = offsets >> 3
    head = np.empty((HEAD_WORDS, len(at)), np.uint64)
    for low in range(0, len(at), _CHUNK):  # so that an entry stays in the cache until its last word is taken
        part = slice(low, low + _CHUNK)
        for word in range(HEAD_WORDS):
            head[word, part] = journal.words.take(at[part] + word)
    items = head[SIZE] - ENTRY_HEAD  # wraps for what is too small, as the other subtractions do
    sound = (head[KIND] & 0xFF == Kind.ENTRY) & (items - 1 < 1 << 32) & (items % journal.item_size == 0)
    sound &= (head[SEQNUM] > 0) & (head[REALTIME] - 1 < TIME_END - 1) & (head[MONOTONIC] < TIME_END)
    return (offsets, head) if sound.all() else (offsets[sound], head[:, sound])


def _walk(journal: Journal) -> tuple[NDArray[np.int64], int]:
    """The offsets of all entries met going from object to object, and the offset from which that is a guess.

    Where an object is damaged, the walk goes on at the next place that looks like an entry.
    """
    words = np.ascontiguousarray(journal.words, np.uint64).data
    at = before = journal.header.size >> 3
    end, certain = len(words) - 1, journal.size
    looks: list[int] | None = None
    found: list[int] = []
    while at < end:
        kind, size = words[at], words[at + 1]
        if kind & 0xFF == Kind.ENTRY:
            found.append(at)
        if 0 < kind & 0xFF <= Kind.LAST and _OBJECT_HEAD <= size <= journal.size - at * 8:
            before, at = at, at + (size + 7 >> 3)
            continue
        # Zeros are the preallocated tail, or a page that was never written. Anything else may be due to a wrong size
        # of the object before, so the search begins inside that one.
        lost = at if kind == size == 0 else before
        if looks is None:
            looks, certain = _looks_like_entry(journal), lost * 8 + 1
        here = bisect_right(looks, lost)
        before = at = looks[here] if here < len(looks) else end
    return np.array(found, np.int64) * 8, certain


def _looks_like_entry(journal: Journal) -> list[int]:
    """The word numbers, ascending, at which an entry without flags could begin."""
    offsets = np.flatnonzero(journal.words == np.uint64(Kind.ENTRY)) * 8
    places: list[int] = (sound_entries(journal, offsets)[0] >> 3).tolist()
    return places

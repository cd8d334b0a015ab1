"""The entries of a journal file by number, without reading the file: only what is asked for is touched."""

from __future__ import annotations

import mmap
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file.entries import sound_entries
from logcorr.parsers.formats.journal_file.layout import ARRAY_HEAD, HEADER_MIN, Journal, Kind, open_journal, refusal

_OBJECT_HEAD: Final = 16
_LAST_OBJECT: Final = 17  # the header's word
_UNLISTED: Final = 10_000  # entries written and not yet listed, of a file that is open: no more than come at once


@dataclass(frozen=True, slots=True)
class Index:
    """Where the entries lie, in file order."""

    journal: Journal
    starts: NDArray[np.int64]  # the number of the first entry of each array, and the end
    places: tuple[int, ...]  # the byte at which each array's offsets begin
    unlisted: NDArray[np.int64]  # offsets of the entries behind those that the arrays list

    @property
    def count(self) -> int:
        """How many entries there are."""
        return int(self.starts[-1]) + len(self.unlisted)

    def heads(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]] | None:
        """The offsets of the entries ``numbers`` (ascending, from 0) and their first words (``layout`` names them).

        None where one of them is damaged.
        """
        offsets = self._offsets(numbers)
        found, head = sound_entries(self.journal, offsets)
        return (offsets, head) if len(found) == len(offsets) and (offsets[1:] > offsets[:-1]).all() else None

    def let_go(self) -> None:
        """Count what was looked at no longer as memory in use; looked at again, it is fetched again."""
        mapped = self.journal.data.obj if isinstance(self.journal.data, memoryview) else None
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def _offsets(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        parts = []
        edges = np.searchsorted(numbers, self.starts)
        width = 4 if self.journal.header.compact else 8
        for array, place in enumerate(self.places):
            mine = numbers[edges[array] : edges[array + 1]] - self.starts[array]
            if len(mine):
                low, high = int(mine[0]), int(mine[-1]) + 1
                part = self.journal.array_items(place + low * width, place + high * width)
                parts.append(part if len(part) == len(mine) else part[mine - low])
        parts.append(self.unlisted[numbers[edges[-1] :] - self.starts[-1]])
        return np.concatenate(parts)


def open_index(path: Path) -> Index | None:
    """The index of the journal file at ``path``; None where it is not whole, so that all of the file must be read.

    Raises OSError. The file is mapped for as long as the index lives, up to the end of its last object: what journald
    cuts off a file that it closes lies behind that.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        if size < HEADER_MIN:
            return None
        whole = memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
    words = np.frombuffer(whole[: size & ~7], "<u8")
    last = int(words[_LAST_OBJECT])
    if refusal(whole) is not None or last % 8 or not HEADER_MIN <= last <= size - _OBJECT_HEAD:
        return None
    end = last + (int(words[(last >> 3) + 1]) + 7 & ~7)
    return None if not last + _OBJECT_HEAD <= end <= size else _indexed(open_journal(whole[:end]))


def _indexed(journal: Journal) -> Index | None:
    """The index, if the chain of arrays is whole and lists as many entries as the header counts."""
    starts, places = [0], []
    at, behind = journal.header.entry_array, journal.header.size
    width = 4 if journal.header.compact else 8
    while at:
        if at % 8 or not behind <= at <= journal.size - ARRAY_HEAD:
            return None
        kind, size, following = (int(word) for word in journal.words[at >> 3 : (at >> 3) + 3])
        if kind & 0xFF != Kind.ENTRY_ARRAY or size < ARRAY_HEAD or at + size > journal.size:
            return None
        places.append(at + ARRAY_HEAD)
        starts.append(starts[-1] + (size - ARRAY_HEAD) // width)
        at, behind = following, at + size
    count = journal.header.entries
    if not places or not starts[-2] < count <= starts[-1]:
        return None
    starts[-1] = count  # the last array has room for more
    index = Index(journal, np.array(starts, np.int64), tuple(places), np.zeros(0, np.int64))
    unlisted = _unlisted(index)
    return None if unlisted is None else replace(index, unlisted=unlisted)


def _unlisted(index: Index) -> NDArray[np.int64] | None:
    """The offsets of the entries behind the last that is listed; None where something there is damaged."""
    journal = index.journal
    last = index.heads(np.array([index.count - 1]))
    if last is None:
        return None
    at, found = int(last[0][0]), list[int]()
    while at < journal.size - _OBJECT_HEAD:
        kind, size = int(journal.words[at >> 3]), int(journal.words[(at >> 3) + 1])
        if not 0 < kind & 0xFF <= Kind.LAST or size < _OBJECT_HEAD or len(found) > _UNLISTED:
            return None
        if kind & 0xFF == Kind.ENTRY:
            found.append(at)
        at += size + 7 & ~7
    return np.array(found[1:], np.int64)

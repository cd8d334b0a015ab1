"""Which data objects the entries hold, field by field: the items gathered in bulk, each data object looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.parsers.journal_file.entries import Entries
from logcorr.parsers.journal_file.layout import ENTRY_HEAD, SIZE, Journal, Kind
from logcorr.parsers.journal_file.payloads import Unpacker
from logcorr.parsers.journal_file.values import SLAB

#: Entries taken at a time, so that their items stay in the processor's cache.
_CHUNK: Final = 8192

#: Items of an entry that are looked at to tell whether they are new.
_MOST_NEW: Final = 64

#: Odd, with its bits spread: powers of it tell apart lists of near numbers.
_FACTOR: Final = 0x9E3779B97F4A7C15

_UNWANTED: Final = 1
_FIRST: Final = 2
_NO_FIELD: Final = 255


@dataclass(frozen=True, slots=True)
class Items:
    """``table[field, entry]`` is the number of the data object that holds the field's value, or 0.

    ``field[number]`` tells its field (255: none), and ``place[number]`` the word that it begins at; compressed values
    are in ``unpacked``. ``repeats`` has a row [entry, number] for each further value of the first field.
    """

    table: NDArray[np.uint32]
    field: NDArray[np.uint8]
    place: NDArray[np.uint32]
    unpacked: dict[int, bytes]
    repeats: NDArray[np.int64]
    bad_items: int  # items that point to no sound data object
    bad_values: int  # compressed values that could not be unpacked


def gather(journal: Journal, entries: Entries, names: Sequence[str]) -> Items:
    """Look up the fields ``names`` of all ``entries``.

    Of a field that an entry repeats, the first value counts; of the first field in ``names``, all are kept.

    Entries of one process share most of their data objects, and journald lists an entry's objects by their place in
    the file, the newest last. So most entries begin with a list of items that many others begin with: each such list
    is looked at once, and of each entry only the rest.
    """
    objects = _Objects(journal, names)
    counts = _item_counts(journal, entries)
    own = _own_counts(journal, entries.offsets, counts)
    begin = entries.offsets + ENTRY_HEAD
    first, lists = _lists(journal, begin, counts - own)
    shared = np.zeros((len(first), len(names)), np.uint32)
    again, lost = _fill(objects, begin[first], (counts - own)[first], shared)
    table = np.empty((len(names), len(begin)), np.uint32)
    rest = begin + (counts - own) * journal.item_size
    more, bad = [_of_members(again, lists)], [lost[lists]]
    for low in range(0, len(begin), _CHUNK):
        part = slice(low, low + _CHUNK)
        cells = shared[lists[part]]
        again, lost = _fill(objects, rest[part], own[part], cells)
        table[:, part] = cells.T
        more.append(again + np.array([low, 0]))
        bad.append(lost)
    repeats = np.concatenate(more)
    found = slice(0, objects.count)
    return Items(
        table=table,
        field=objects.field[found],
        place=objects.place[found],
        unpacked=objects.unpacked,
        repeats=repeats[np.argsort(repeats[:, 0], kind="stable")],
        bad_items=int(np.concatenate(bad).sum()),
        bad_values=objects.unpacker.failed,
    )


def _item_counts(journal: Journal, entries: Entries) -> NDArray[np.int64]:
    """How many items each entry has; none may reach into the next entry or past the end of the file."""
    room = np.diff(entries.offsets, append=journal.size)
    size: NDArray[np.int64] = np.minimum(entries.head[SIZE].view(np.int64), room)
    return (size - ENTRY_HEAD) // journal.item_size


def _own_counts(journal: Journal, offsets: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of each entry's last items lie behind the entry before it, and so are new; all if they are many."""
    own = np.zeros(len(offsets), np.int64)
    before = np.zeros(len(offsets), np.int64)
    before[1:] = offsets[:-1]
    source, shift, step = _item_words(journal)
    rest = np.flatnonzero(counts)
    last = ((offsets + ENTRY_HEAD) >> shift) + step * (counts - 1)
    for number in range(_MOST_NEW):
        new = source.take(last[rest] - step * number).astype(np.int64) > before[rest]
        rest = rest[new]
        own[rest] += 1
        rest = rest[counts[rest] > number + 1]
    own[rest] = counts[rest]
    return own


def _lists(
    journal: Journal, begin: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Entries by their first ``counts`` items: an entry with each distinct list, and the list of each entry."""
    firsts = [np.zeros(0, np.int64)]
    lists = np.empty(len(begin), np.int64)
    known = 0
    order = np.argsort(counts, kind="stable")
    edges = np.flatnonzero(np.diff(counts[order], prepend=-1, append=-1))
    for low, high in pairwise(edges.tolist()):
        rows = order[low:high]
        first, which = _same(journal, begin[rows] >> 3, int(counts[rows[0]]))
        lists[rows] = which + known
        firsts.append(rows[first])
        known += len(first)
    return np.concatenate(firsts), lists


def _same(journal: Journal, at: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same for lists of ``count`` items each, from each word on. They are told apart by a hash; then compared."""
    size = count * journal.item_size
    width = (size + 7) // 8
    windows = np.ndarray((len(journal.words) - width + 1, width), np.uint64, journal.data, strides=(8, 8))
    mask = np.full(width, -1, np.int64).view(np.uint64)
    mask[width - 1 :] >>= np.uint64(8 * (8 * width - size))  # the last word may hold half of something else
    factors = np.cumprod(np.full(width, _FACTOR, np.uint64))
    parts = [slice(low, low + _CHUNK) for low in range(0, len(at), _CHUNK)]
    digest = np.concatenate([(windows[at[part]] & mask) @ factors for part in parts])
    order = np.argsort(digest)
    new = np.diff(digest[order], prepend=~digest[order[0]]) != 0
    first = order[new]
    which = np.empty(len(at), np.int64)
    which[order] = np.cumsum(new) - 1
    same = ((windows[at[part]] ^ windows[at[first[which[part]]]]) & mask for part in parts)
    return (first, which) if not any(part.any() for part in same) else (np.arange(len(at)), np.arange(len(at)))


def _fill(
    objects: _Objects, begin: NDArray[np.int64], counts: NDArray[np.int64], cells: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Write the objects of ``counts`` items from each byte ``begin`` on into ``cells[row, field]``, where still free.

    The first result has a row [row, number] for each further value of the first field, the second counts each row's
    items that point to no sound data object.
    """
    repeats, bad = [np.zeros((0, 2), np.int64)], np.zeros(len(begin), np.int64)
    width = cells.shape[1]
    for low in range(0, len(begin), _CHUNK):
        part = slice(low, low + _CHUNK)
        owner, places = _items(objects.journal, begin[part], counts[part])
        numbers = objects.numbers(places)
        if not numbers.all():
            bad[part] = np.bincount(owner[numbers == 0], minlength=len(bad[part]))
        kept = np.flatnonzero(numbers >= _FIRST)
        numbers, owner = numbers.take(kept), owner.take(kept)
        flat = cells[part].reshape(-1)
        cell = owner * width + objects.field.take(numbers)
        free = np.flatnonzero(flat.take(cell) == 0)[::-1]
        flat[cell[free]] = numbers[free]  # backwards, so that the first of a field stays
        again = np.flatnonzero((cell % width == 0) & (flat.take(cell) != numbers))
        repeats.append(np.stack([owner[again] + low, numbers[again].astype(np.int64)], axis=1))
    return np.concatenate(repeats), bad


def _of_members(repeats: NDArray[np.int64], lists: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows [list, number] as rows [entry, number], for every entry that has the list."""
    members = np.argsort(lists, kind="stable")
    begin, end = (np.searchsorted(lists[members], repeats[:, 0], side) for side in ("left", "right"))
    count = end - begin
    at = np.arange(count.sum()) + np.repeat(begin - (np.cumsum(count) - count), count)
    return np.stack([members[at], np.repeat(repeats[:, 1], count)], axis=1)


def _item_words(journal: Journal) -> tuple[NDArray[np.uint32] | NDArray[np.uint64], int, int]:
    """The file as words of an item's size, the bits of a byte offset within one, and words from item to item."""
    return (journal.halves, 2, 1) if journal.header.compact else (journal.words, 3, 2)


def _items(
    journal: Journal, begin: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """For each item of the lists: the list's index, and the word at which its data object begins (0: nowhere)."""
    source, shift, step = _item_words(journal)
    first = (begin >> shift) - step * (np.cumsum(counts) - counts)
    at = np.arange(0, step * counts.sum(), step)
    at += np.repeat(first, counts)
    items = source.take(at)
    if len(items) and (items.max() >= journal.size or np.bitwise_or.reduce(items) & 7):
        items = np.where((items < journal.size) & (items & 7 == 0), items, 0)
    return np.repeat(np.arange(len(begin)), counts), (items >> 3).astype(np.uint32, copy=False)


class _Objects:
    """The data objects seen so far, each known by the word that it begins at.

    A sound data object has at least 65 bytes, so no two share a slot of 64: ``slots`` finds an object's number by its
    place. It holds the number and, in the low three bits, which of the slot's eight words the object begins at.
    """

    def __init__(self, journal: Journal, names: Sequence[str]) -> None:
        self.journal = journal
        self.prefixes = [name.encode() + b"=" for name in names]
        self.indexes = {name.encode(): index for index, name in enumerate(names)}
        self.data = memoryview(journal.data)
        self.unpacker = Unpacker(journal.size)
        self.unpacked: dict[int, bytes] = {}
        self.slots = np.zeros((journal.size >> 6) + 1, np.uint32)
        self.field = np.full(len(self.slots) + _FIRST, _NO_FIELD, np.uint8)
        self.place = np.zeros(len(self.slots) + _FIRST, np.uint32)
        self.count = _FIRST

    def numbers(self, places: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The number of the object at each place (0: no sound one)."""
        found: NDArray[np.uint32] = self.slots.take(places >> 3)
        unknown = self._unknown(found, places)
        if len(unknown):
            self._learn(_distinct(places[unknown]))
            found[unknown] = self.slots[places[unknown] >> 3]
            unknown = unknown[self._unknown(found[unknown], places[unknown])]
            found[unknown] = 0
        return found >> np.uint32(3)

    @staticmethod
    def _unknown(found: NDArray[np.uint32], places: NDArray[np.uint32]) -> NDArray[np.int64]:
        return np.flatnonzero(((found ^ places) & 7 != 0) | (found == 0))

    def _learn(self, places: NDArray[np.int64]) -> None:
        """Take in the sound objects among ``places``, unless another one has the slot already."""
        places, flags, size = self._sound(places)
        fields = self._plain_fields(places, size)
        packed = np.flatnonzero(flags)
        values = [
            self._unpack(*found)
            for found in zip(places[packed].tolist(), size[packed].tolist(), flags[packed].tolist(), strict=True)
        ]
        fields[packed] = [field for field, _ in values]
        wanted = np.flatnonzero(fields != _NO_FIELD)
        new = slice(self.count, self.count + len(wanted))
        numbers = np.full(len(places), _UNWANTED, np.uint32)
        numbers[wanted] = np.arange(new.start, new.stop)
        self.field[new] = fields[wanted]
        self.place[new] = places[wanted]
        self.count = new.stop
        self.slots[places >> 3] = numbers << 3 | (places & 7).astype(np.uint32)
        kept = ((number, value) for number, (_, value) in zip(numbers[packed].tolist(), values, strict=True))
        self.unpacked.update((number, value) for number, value in kept if number >= _FIRST)

    def _sound(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint64]]:
        """The places of data objects that have a payload, all of it in the file, with their flags and sizes."""
        words = self.journal.words
        places = places[(places > 0) & (places < len(words) - 1) & (self.slots[places >> 3] == 0)]
        kind, size = words.take(places), words.take(places + 1)
        room = np.minimum(self.journal.size - 8 * places, SLAB - 1).view(np.uint64)
        sound = np.flatnonzero((kind & 0xFF == Kind.DATA) & (size > self.journal.data_head) & (size <= room))
        return places[sound], kind[sound] >> np.uint64(8) & np.uint64(0xFF), size[sound]

    def _plain_fields(self, places: NDArray[np.int64], size: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """The index of each object's field by its first bytes, eight compared at a time."""
        words, head = self.journal.words, self.journal.data_head
        first = places + (head >> 3)
        start, rest = words.take(first), np.arange(len(places))
        fields = np.full(len(places), _NO_FIELD, np.uint8)
        for index, prefix in enumerate(self.prefixes):
            like = rest[_begins(start, prefix[:8])]
            for at in range(8, len(prefix), 8):
                like = like[size[like] > head + at]
                like = like[_begins(words[first[like] + (at >> 3)], prefix[at : at + 8])]
            like = like[size[like] >= head + len(prefix)]
            if len(like):
                fields[like] = index
                left = np.flatnonzero(fields[rest] == _NO_FIELD)
                start, rest = start[left], rest[left]
        return fields

    def _unpack(self, place: int, size: int, flag: int) -> tuple[int, bytes]:
        """The field's index and the value of the compressed object at ``place``."""
        plain = self.unpacker.unpack(self.data[place * 8 + self.journal.data_head : place * 8 + size], flag)
        name, mark, value = (plain or b"").partition(b"=")
        field = self.indexes.get(name, _NO_FIELD) if mark else _NO_FIELD
        return (field, value) if field != _NO_FIELD else (_NO_FIELD, b"")


def _begins(words: NDArray[np.uint64], prefix: bytes) -> NDArray[np.bool_]:
    """Which words begin with ``prefix``, up to eight bytes."""
    mask = np.uint64((1 << 8 * len(prefix)) - 1)
    same: NDArray[np.bool_] = words & mask == np.uint64(int.from_bytes(prefix, "little"))
    return same


def _distinct(places: NDArray[np.uint32]) -> NDArray[np.int64]:
    """``places`` in order and once each. Sorting is many times faster here than the hashing of numpy.unique."""
    places = np.sort(places)
    return places[np.flatnonzero(np.diff(places, prepend=places[0] ^ 1))].astype(np.int64)

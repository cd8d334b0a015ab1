"""Which data objects the entries hold, field by field: the items gathered in bulk, each data object looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.journal_file.entries import Entries
from logcorr.parsers.formats.journal_file.layout import ENTRY_HEAD, SIZE, Journal, Kind
from logcorr.parsers.formats.journal_file.payloads import Unpacker
from logcorr.parsers.formats.journal_file.values import SLAB

#: Entries taken at a time, so that their items stay in the processor's cache.
_CHUNK: Final = 4096

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
    """
    objects = _Objects(journal, names)
    offsets, counts = entries.offsets, _item_counts(journal, entries)
    table = np.zeros((len(names), len(offsets)), np.uint32)
    repeats = [np.zeros((0, 2), np.int64)]
    bad = 0
    for low in range(0, len(offsets), _CHUNK):
        part = slice(low, low + _CHUNK)
        owner, places = _items(journal, offsets[part], counts[part])
        numbers, sound = objects.numbers(places)
        bad += len(places) - sound
        kept = np.flatnonzero(numbers >= _FIRST)
        numbers, owner = numbers.take(kept), owner.take(kept)
        cells, again = _cells(numbers, owner, objects.field.take(numbers), (len(counts[part]), len(names)))
        repeats.append(np.stack([owner[again] + low, numbers[again].astype(np.int64)], axis=1))
        table[:, part] = cells.T
    found = slice(0, objects.count)
    return Items(
        table=table,
        field=objects.field[found],
        place=objects.place[found],
        unpacked=objects.unpacked,
        repeats=np.concatenate(repeats),
        bad_items=bad,
        bad_values=objects.unpacker.failed,
    )


def _cells(
    numbers: NDArray[np.uint32], owner: NDArray[np.int64], field: NDArray[np.integer], shape: tuple[int, int]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The first of each field's values by entry and field, and which items are further values of the first field."""
    cell = owner * shape[1] + field
    cells = np.zeros(shape, np.uint32)
    flat = cells.reshape(-1)
    flat[cell] = numbers
    if np.count_nonzero(cells) == len(numbers):
        return cells, np.zeros(0, np.int64)
    flat[cell[::-1]] = numbers[::-1]  # backwards, so that the first of a field stays
    return cells, np.flatnonzero((cell % shape[1] == 0) & (flat[cell] != numbers))


def _item_counts(journal: Journal, entries: Entries) -> NDArray[np.int64]:
    """How many items each entry has; none may reach into the next entry or past the end of the file."""
    room = np.diff(entries.offsets, append=journal.size)
    size: NDArray[np.int64] = np.minimum(entries.head[SIZE].view(np.int64), room)
    return (size - ENTRY_HEAD) // journal.item_size


def _items(
    journal: Journal, offsets: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """For each item of the entries: the entry's index, and the word at which its data object begins (0: nowhere)."""
    source, shift, step = (journal.halves, 2, 1) if journal.header.compact else (journal.words, 3, 2)
    first = ((offsets + ENTRY_HEAD) >> shift) - step * (np.cumsum(counts) - counts)
    at = np.arange(0, step * counts.sum(), step)
    at += np.repeat(first, counts)
    items = source.take(at)
    if len(items) and (items.max() >= journal.size or np.bitwise_or.reduce(items) & 7):
        items = np.where((items < journal.size) & (items & 7 == 0), items, 0)
    return np.repeat(np.arange(len(offsets)), counts), (items >> 3).astype(np.uint32, copy=False)


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

    def numbers(self, places: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], int]:
        """The number of the object at each place (0: no sound one), and how many are sound."""
        found: NDArray[np.uint32] = self.slots.take(places >> 3)
        unknown = self._unknown(found, places)
        if len(unknown):
            self._learn(_distinct(places[unknown]))
            found[unknown] = self.slots[places[unknown] >> 3]
            unknown = unknown[self._unknown(found[unknown], places[unknown])]
            found[unknown] = 0
        return found >> np.uint32(3), len(found) - len(unknown)

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

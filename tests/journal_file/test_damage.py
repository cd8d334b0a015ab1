"""Damaged, hostile and open files: nothing raises, what can be read is read, and never less than journalctl prints."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcorr import schema
from logcorr.parsers.engine.base import Batch
from logcorr.parsers.formats.journal_file import payloads, read_journal
from tests.journal_file import nasty, systemd, writer

FLAGS = (writer.COMPACT | writer.KEYED | writer.ZSTD, writer.KEYED | writer.LZ4)
BASES = [writer.build(nasty.entries(60, seed=flags), flags, threshold=100, tail=2048) for flags in FLAGS]


def check(batch: Batch) -> None:
    assert dict(batch.rows.schema) == schema.RECORDS
    assert batch.lines == batch.rows.height + batch.unparsed.height
    assert batch.rows["line"].n_unique() == batch.rows["offset"].n_unique() == batch.rows.height
    assert batch.rows["message"].null_count() == 0
    assert batch.facts.notes


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(len(data) - 1, 0))) & draw(st.sampled_from((-1, -8)))
        patch = draw(
            st.one_of(st.binary(min_size=1, max_size=16), st.sampled_from((bytes(8), b"\xff" * 8, bytes(4096))))
        )
        data[at : at + len(patch)] = patch
    return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])


@given(damaged())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damage_never_raises(data: bytes) -> None:
    check(read_journal(data))


@given(st.binary(max_size=4096), st.integers(0, 31), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_any_bytes_behind_the_signature_never_raise(noise: bytes, flags: int, state: int) -> None:
    check(read_journal(struct.pack("<8sIIB7x", b"LPKSHHRH", 0, flags, state) + noise))


def flip(data: bytearray, rnd: random.Random) -> None:
    for _ in range(rnd.choice((1, 5, 50))):
        data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)


def blank(data: bytearray, rnd: random.Random) -> None:
    at = rnd.randrange(0, len(data), 512)
    data[at : at + 512 * rnd.randrange(1, 8)] = bytes(min(512 * rnd.randrange(1, 8), len(data) - at))


def shorten(data: bytearray, rnd: random.Random) -> None:
    del data[rnd.randrange(len(data)) :]


def scramble(data: bytearray, rnd: random.Random) -> None:
    for _ in range(20):
        at = rnd.randrange(264, len(data) - 8) & -8
        data[at : at + 8] = (rnd.choice((at, 0, 264, len(data), 1 << 63, rnd.randrange(len(data)) & -8))).to_bytes(
            8, "little"
        )


@pytest.mark.parametrize("damage", [flip, blank, shorten, scramble])
@pytest.mark.parametrize("seed", range(12))
def test_journalctl_never_prints_more(
    damage: Callable[[bytearray, random.Random], None], seed: int, tmp_path: Path
) -> None:
    rnd = random.Random(seed)
    data = bytearray(BASES[seed % len(BASES)])
    damage(data, rnd)
    path = tmp_path / "damaged.journal"
    path.write_bytes(data)
    batch = read_journal(path.read_bytes())
    check(batch)
    printed = {
        (entry["__CURSOR"][0].split(b";")[1], entry["__REALTIME_TIMESTAMP"][0]) for entry in systemd.journalctl(path)
    }
    read = {
        (b"i=%x" % number, b"%d" % time)
        for number, time in zip(batch.rows["seqnum"], entry_times(bytes(data), batch), strict=True)
    }
    assert printed <= read


def entry_times(data: bytes, batch: Batch) -> list[int]:
    """When journald received each entry; rows show the sender's time where there is one."""
    return [int.from_bytes(data[offset + 24 : offset + 32], "little") for offset in batch.rows["offset"]]


@pytest.mark.parametrize("data", BASES, ids=["compact", "regular"])
def test_entries_that_the_index_lost_are_found(data: bytes) -> None:
    whole = read_journal(data).rows
    batch = read_journal(data[:176] + bytes(8) + data[184:])
    assert batch.rows.equals(whole)
    assert "entries that the file's index does not list: 60" in batch.facts.notes


def test_an_entry_in_flight_is_found() -> None:
    """journald had written the object, and had not linked it yet when the file was copied."""
    source = writer.Writer(writer.COMPACT)
    for entry in nasty.entries(20, seed=5):
        source.add(entry)
    source.entries.pop()
    batch = read_journal(source.finish(state=writer.ONLINE, tail=4096))
    assert batch.rows.height == 20
    assert "header says 19 entries, read 20" in batch.facts.notes


def test_a_loop_in_the_index_ends() -> None:
    data = bytearray(BASES[1])
    first = int.from_bytes(data[176:184], "little")
    data[first + 16 : first + 24] = data[176:184]
    assert read_journal(bytes(data)).rows.height == 60


def test_entries_that_claim_the_whole_file_do_not_multiply_its_items() -> None:
    """40,000 entries in a row, each as long as the rest of the file: 10^9 items if they were believed."""
    count = 40_000
    source = writer.Writer(0)
    source.data += struct.pack("<Q", 3) * 0
    start = len(source.data)
    for number in range(count):
        size = 64 + (count - number) * 80 // 16 * 16
        source.data += struct.pack("<7Q", 3, size, number + 1, 1, 1, 1, 1) + bytes(24)
    source.entries = list(range(start, len(source.data), 80))
    batch = read_journal(source.finish())
    assert batch.rows.height == count


def test_a_reference_between_objects_does_not_hide_the_object() -> None:
    """Wrong references into an object come first; the object itself is still found by the right ones."""
    source = writer.Writer(writer.COMPACT)
    entries = list(nasty.entries(30, seed=6))
    for entry in entries:
        source.add(entry | {"_HOSTNAME": [b"opg-srv"]})
    data = bytearray(source.finish())
    host = next(offset for payload, (offset, _) in source.values.items() if payload == b"_HOSTNAME=opg-srv")
    at = data.index(struct.pack("<I", host), source.entries[0])
    data[at : at + 4] = struct.pack("<I", host + 8)
    rows = read_journal(bytes(data)).rows
    assert rows["host"].to_list() == [None] + ["opg-srv"] * 29


def test_a_message_that_looks_like_an_entry_is_none() -> None:
    forged = struct.pack("<5Q16sQ", 3, 64 + 4, 99, 1_762_225_245_000_000, 5, bytes(15) + b"\1", 0) + bytes(8)
    source = writer.Writer(writer.COMPACT)
    for entry in nasty.entries(3, seed=7):
        source.add(entry | {"MESSAGE": [forged]})
    whole = source.finish(state=writer.ONLINE)
    assert 99 not in read_journal(whole).rows["seqnum"]

    # with the damage just before it there is no telling: it is read, and journald vouches for nothing in it
    data = bytearray(whole)
    message = source.values[b"MESSAGE=" + forged][0]
    data[message : message + 16] = b"\xff" * 16
    rows = read_journal(bytes(data)).rows.filter(seqnum=99)
    assert rows["trusted"].to_list() == [None]


def test_a_value_that_unpacks_without_end_is_dropped() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(b"MESSAGE=" + bytes(payloads.VALUE_LIMIT + 1))
    source = writer.Writer(writer.ZSTD)
    (entry,) = nasty.entries(1, seed=8)
    source.values[b"MESSAGE=bomb"] = source.put(writer.DATA, 4, struct.pack("<6Q", 0, 0, 0, 8, 0, 1) + bomb), 0
    source.add(entry | {"MESSAGE": [b"bomb"]})
    batch = read_journal(source.finish())
    assert batch.rows["message"].to_list() == [""]
    assert "compressed values that could not be unpacked: 1" in batch.facts.notes


@pytest.mark.parametrize("codec", [writer.XZ, writer.LZ4, writer.ZSTD])
def test_a_damaged_compressed_value_is_dropped_alone(codec: int) -> None:
    source = writer.Writer(codec, threshold=100)
    entries = [
        entry | {"MESSAGE": [b"long enough to be packed " * 99 + b"%d" % number]}
        for number, entry in enumerate(nasty.entries(3, seed=9))
    ]
    for entry in entries:
        source.add(entry)
    data = bytearray(source.finish())
    offset, _ = source.values[b"MESSAGE=" + entries[1]["MESSAGE"][0]]
    data[offset + 64 : offset + 80] = b"\xff" * 16
    batch = read_journal(bytes(data))
    assert batch.rows["message"].to_list() == [entries[0]["MESSAGE"][0].decode(), "", entries[2]["MESSAGE"][0].decode()]
    assert "compressed values that could not be unpacked: 1" in batch.facts.notes


@pytest.mark.parametrize("size", [0, 7, 8, 100, 207])
def test_a_file_cut_inside_its_header(size: int) -> None:
    batch = read_journal(BASES[0][:size])
    assert (batch.rows.height, batch.lines, batch.unparsed.height) == (0, 1, 1)


@pytest.mark.parametrize("data", BASES, ids=["compact", "regular"])
def test_a_file_cut_anywhere_keeps_what_lies_before(data: bytes) -> None:
    whole = read_journal(data).rows
    ends = np.linspace(300, len(data), 25).astype(int)
    for end in ends.tolist():
        batch = read_journal(data[:end])
        check(batch)
        before = whole.filter(whole["offset"] + 64 <= end)
        assert batch.rows["seqnum"].to_list() == before["seqnum"].to_list()
        assert batch.lines == max(before.height, min(60, -(-end // 8) // 8))

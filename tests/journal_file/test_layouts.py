"""Layouts of all ages: every compression, keyed hash, compact offsets, short headers, open files."""

import itertools
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from logcorr import schema
from logcorr.parsers.formats.journal_file import read_journal
from tests.journal_file import expected, nasty, systemd, writer

CODECS = {0: "none", writer.XZ: "xz", writer.LZ4: "lz4", writer.ZSTD: "zstd"}
SHAPES = (0, writer.KEYED, writer.COMPACT | writer.KEYED)


@pytest.mark.parametrize(("codec", "shape"), list(itertools.product(CODECS, SHAPES)))
def test_every_layout_reads_as_journalctl_reads_it(tmp_path: Path, codec: int, shape: int) -> None:
    path = tmp_path / "built.journal"
    path.write_bytes(writer.build(nasty.entries(300, seed=3), codec | shape, threshold=1, tail=4096))
    batch = read_journal(path.read_bytes())
    entries = systemd.journalctl(path)
    assert batch.rows.height == len(entries) == 300
    wanted = pl.DataFrame([expected.row(entry) for entry in entries], schema=dict(schema.RECORDS))
    known = list(expected.row(entries[0]))
    assert_frame_equal(batch.rows.select(known), wanted.select(known))
    assert batch.facts.notes[0].split(", ")[0] == "archived"
    assert all(CODECS[bit] in batch.facts.notes[0] for bit in (codec,) if bit)


@pytest.mark.parametrize("state", [writer.OFFLINE, writer.ONLINE, writer.ARCHIVED, 77])
@pytest.mark.parametrize("header_size", [208, 224, 240, 256, 264, 272])
def test_state_and_age_of_the_header_change_nothing(state: int, header_size: int) -> None:
    data = writer.build(nasty.entries(50, seed=4), writer.KEYED, state=state, header_size=header_size, tail=999)
    assert read_journal(data).rows.height == 50


@pytest.mark.parametrize("flags", [32, 1 << 31, 64 | writer.ZSTD])
def test_unknown_features_are_refused_by_name(flags: int) -> None:
    batch = read_journal(writer.build(nasty.entries(5, seed=4), flags))
    unknown = flags & ~31
    assert (batch.rows.height, batch.lines) == (0, 1)
    assert batch.unparsed["text"].item() == batch.facts.notes[0]
    assert f"{unknown:#x}" in batch.facts.notes[0]


def test_a_journal_without_entries() -> None:
    batch = read_journal(writer.build([], writer.COMPACT))
    assert (batch.rows.height, batch.lines, batch.unparsed.height) == (0, 0, 0)
    assert dict(batch.rows.schema) == schema.RECORDS


def test_memory_may_be_given_as_a_view() -> None:
    data = writer.build(nasty.entries(50, seed=4), writer.KEYED)
    assert_frame_equal(read_journal(memoryview(data)).rows, read_journal(data).rows)

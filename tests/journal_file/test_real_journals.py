"""A real set: a machine without a clock, four boots, three of the files damaged. What is in it is known."""

from pathlib import Path

import polars as pl
import pytest
import zstandard
from polars.testing import assert_frame_equal

from logcorr import schema
from logcorr.parsers.formats.journal_file import read_journal
from tests.conftest import ROOT
from tests.journal_file import expected, systemd

FOLDER = ROOT.parent / "shared" / "data" / "journals" / "no-rtc"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of public samples, ../shared/data, is not here")

#: File -> entries that its header counts, and how many of them were ever written.
KNOWN = {
    "system.journal": (1922, 1922),
    "system@0005ebbfd42fc981-39a8842ec948769a.journal~": (2648, 2648),
    "system@0005ebbfd4346b9f-43185b46162d9fa5.journal~": (2736, 2736),
    "system@0005ebbfd4385848-2e5dff5354ab9bcf.journal~": (1904, 1836),
    "user-1000.journal": (312, 296),
    "user-1000@0005ebbfd660bcbe-dbef2eee11f4b575.journal~": (502, 502),
    "user-1000@0005ebbfe89faec4-a5e890e7b00bedd1.journal~": (825, 817),
}


def journal(name: str) -> bytes:
    return zstandard.ZstdDecompressor().decompress((FOLDER / f"{name}.zst").read_bytes(), max_output_size=64 << 20)


@pytest.mark.parametrize("name", KNOWN)
def test_file(name: str, tmp_path: Path) -> None:
    counted, written = KNOWN[name]
    data = journal(name)
    batch = read_journal(data)
    assert (batch.lines, batch.rows.height, batch.unparsed.height) == (counted, written, counted - written)
    assert f"header says {counted} entries, read {written}" in batch.facts.notes

    path = tmp_path / name.replace("~", "")
    path.write_bytes(data)
    entries = systemd.journalctl(path)
    assert len(entries) <= written
    assert [expected.row(entry) for entry in systemd.from_json(systemd.json_output(path))] == [
        expected.row(entry) for entry in entries
    ]
    wanted = pl.DataFrame([expected.row(entry) for entry in entries], schema=dict(schema.RECORDS))
    known = list(expected.row(entries[0]))
    assert_frame_equal(batch.rows.join(wanted, on="seqnum", how="semi").select(known), wanted.select(known))


def test_boots() -> None:
    rows = pl.concat([read_journal(journal(name)).rows for name in KNOWN])
    rows = rows.unique(["seqnum_id", "seqnum"], maintain_order=True)
    boots = rows.group_by("boot", maintain_order=True).len().sort("boot")
    assert sorted(boots["len"]) == sorted((3177, 3238, 2218, 2124))


def test_kernel_and_managers_are_trusted() -> None:
    rows = read_journal(journal("system.journal")).rows
    assert rows.filter(pl.col("transport") == "kernel", pl.col("program") == "kernel")["trusted"].all()
    assert rows.filter(pl.col("program") == "systemd", pl.col("pid") == 1)["trusted"].all()
    assert (~rows["trusted"]).sum() < 0.05 * rows.height

"""A folder of journal files through ``timeline --format parquet``: the same rows as in memory, in the same order."""

import shutil
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from logcorr import api
from logcorr.inputs.parquet import write_parquet
from tests.journal_file import nasty, writer

FLAGS = (writer.COMPACT | writer.KEYED | writer.ZSTD, writer.KEYED | writer.LZ4, 0)


def test_rows_of_a_folder_are_those_read_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    (folder / "more").mkdir(parents=True)
    for number, flags in enumerate(FLAGS):
        data = bytearray(writer.build(nasty.entries(200, seed=number), flags, threshold=100))
        data[72:88] = bytes([number + 1]) * 16  # the seqnum id: entries of different journals are different records
        (folder / f"system@{number}.journal").write_bytes(data)
    (folder / "damaged.journal~").write_bytes(data[: len(data) * 2 // 3])
    (folder / "none.journal").write_bytes(data[:100])
    shutil.copy(folder / "system@0.journal", folder / "more" / "copy.journal")
    (folder / "syslog").write_text("Nov  4 03:00:45 opg-srv networkd[1111]: tailscale0: Link DOWN\n" * 3)

    request = api.AnalyzeRequest(inputs=[str(folder)])
    write_parquet(request, tmp_path / "out.parquet")
    whole, _ = api.build_frame(request)
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert_frame_equal(rows, whole)
    assert rows.height == 603

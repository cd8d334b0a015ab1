"""A folder of journal files to one Parquet file of ``schema.RECORDS``: the reader alone, as a whole process.

Two files are read at a time; rows are written as soon as their file is done, so memory holds those in flight.

    python -m tests.benchmarks.journal_to_parquet FOLDER OUT.parquet
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow ships no types

from logcorr.parsers.journal_file import read_journal

#: Columns with few distinct values.
REPETITIVE = ["boot", "seqnum_id", "host", "program", "unit", "transport", "message_id", "about", "stamp_kind"]
THREADS = 2


def write(paths: list[Path], out: Path) -> None:
    """Read ``paths``, and write the rows of each to ``out`` as soon as it is done."""
    schema = read_journal(b"").rows.to_arrow().schema
    options = {"compression": "lz4", "use_dictionary": REPETITIVE, "write_statistics": False}
    with pq.ParquetWriter(out, schema, **options) as writer, ThreadPoolExecutor(THREADS) as pool:
        turn = Lock()
        buffers = [bytearray(max(path.stat().st_size for path in paths)) for _ in range(THREADS)]

        def add(path: Path) -> None:
            buffer = buffers.pop()  # rows do not refer to the bytes that they were read from
            with path.open("rb", buffering=0) as file, memoryview(buffer) as memory:
                size = file.readinto(memory)
                table = read_journal(memory[:size]).rows.to_arrow()
            buffers.append(buffer)
            with turn:
                writer.write_table(table)

        for done in [pool.submit(add, path) for path in paths]:
            done.result()


if __name__ == "__main__":
    write(sorted(Path(sys.argv[1]).glob("*.journal")), Path(sys.argv[2]))

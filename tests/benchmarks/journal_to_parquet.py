"""A folder of journal files to one Parquet file of ``schema.RECORDS``: the reader alone, as a whole process.

Two files are read at a time; rows are written as soon as their file is done, so memory holds those in flight.

    python -m tests.benchmarks.journal_to_parquet FOLDER OUT.parquet
"""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet  # type: ignore[import-untyped]  # pyarrow ships no types

from logcorr.parsers.journal_file import read_journal

#: Columns with few distinct values.
REPETITIVE = ["boot", "seqnum_id", "host", "program", "unit", "transport", "message_id", "about", "stamp_kind"]
THREADS = 2


def rows(path: Path) -> Any:
    """A file's rows as an Arrow table."""
    return read_journal(path.read_bytes()).rows.to_arrow()


def write(paths: list[Path], out: Path) -> None:
    """Read ``paths``, and write all rows to ``out``."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Any]] = deque(pool.submit(rows, path) for path in paths[:THREADS])
        rest = iter(paths[THREADS:])
        writer = None
        while waiting:
            table = waiting.popleft().result()
            waiting.extend(pool.submit(rows, path) for path in [next(rest, None)] if path)
            writer = writer or pyarrow.parquet.ParquetWriter(
                out, table.schema, compression="lz4", use_dictionary=REPETITIVE, write_statistics=False
            )
            writer.write_table(table)
        if writer:
            writer.close()


if __name__ == "__main__":
    write(sorted(Path(sys.argv[1]).glob("*.journal")), Path(sys.argv[2]))

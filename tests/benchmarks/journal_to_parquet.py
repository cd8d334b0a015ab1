"""A folder of journal files to a folder of Parquet files of ``schema.RECORDS``: the reader alone, as a whole process.

Two files are read at a time, and the rows of each are written as soon as it is done: memory holds those in flight.

    python -m tests.benchmarks.journal_to_parquet FOLDER OUT
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from logcorr.parsers.journal_file import read_journal

THREADS = 2


def write(paths: list[Path], out: Path) -> None:
    """Read ``paths``, and write the rows of each to a file of its own in ``out``."""
    out.mkdir(exist_ok=True)
    buffers = [bytearray(max(path.stat().st_size for path in paths)) for _ in range(THREADS)]

    def convert(path: Path) -> None:
        buffer = buffers.pop()  # used again: rows do not refer to the bytes that they were read from
        with path.open("rb", buffering=0) as file, memoryview(buffer) as memory:
            rows = read_journal(memory[: file.readinto(memory)]).rows
        buffers.append(buffer)
        rows.write_parquet(out / f"{path.stem}.parquet", compression="lz4", statistics=False)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(convert, path) for path in paths]:
            done.result()


if __name__ == "__main__":
    write(sorted(Path(sys.argv[1]).glob("*.journal")), Path(sys.argv[2]))

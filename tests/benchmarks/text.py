"""Exported text beside a ``json.loads`` loop, and the memory of a large timeline, in one run.

One journal is exported as ``journalctl -o json`` and as short-iso, and written anew as the JSON lines of a program.
The reader runs inside this process, from an open file to rows (it hashes the file too); the loop reads the same file
line by line and keeps nothing. Runs take turns, and the best of each counts. With other work on the machine, the
processor seconds say more than the wall clock. Ten million lines then go through ``logcorr timeline --format parquet``.

    python -m tests.benchmarks.text [ENTRIES [LINES]]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

from logcorr import parsers
from tests.benchmarks import journal_entries
from tests.benchmarks.journal import CACHE, run, say

ROUNDS = 4
GIB = 1 << 30
DAY = len("2025-11-04")


def exported(folder: Path, mode: str) -> Path:
    """What journalctl prints of a journal, written once and kept."""
    kept = folder.with_name(f"{folder.name}.{mode}")
    if not kept.exists():
        making = kept.with_name(f"{kept.name}.making")
        with making.open("wb") as file:
            command: list[str | Path] = ["journalctl", "-D", folder, "-o", mode]
            subprocess.run(command, stdout=file, check=True, env=os.environ | {"TZ": "UTC"})
        making.rename(kept)
    return kept


def program_lines(journal: Path) -> Path:
    """The same messages as a program would log them: short objects, strings and numbers."""
    kept = journal.with_suffix(".lines")
    if not kept.exists():
        making = kept.with_name(f"{kept.name}.making")
        with journal.open("rb") as lines, making.open("w", encoding="utf-8") as file:
            for entry in map(json.loads, lines):
                said = {
                    "level": "info",
                    "ts": int(entry["__REALTIME_TIMESTAMP"]) / 1e6,
                    "logger": entry.get("SYSLOG_IDENTIFIER"),
                    "msg": entry.get("MESSAGE"),
                    "pid": int(entry.get("_PID", 1)),
                    "status": 200,
                    "remote": "192.168.0.5",
                }
                file.write(json.dumps(said, separators=(",", ":")) + "\n")
        making.rename(kept)
    return kept


def loop(path: Path) -> int:
    """Every line through ``json.loads``."""
    with path.open("rb") as lines:
        return sum(1 for line in lines if json.loads(line))


def ours(path: Path) -> int:
    """Every line to a row."""
    with path.open("rb") as file:
        return parsers.read(path.name, file).rows.height


def timed(work: Callable[[Path], int], path: Path, expected: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    wall, processor = perf_counter(), process_time()
    count = work(path)
    assert count == expected, (path, count)
    return perf_counter() - wall, process_time() - processor


def best(runs: list[tuple[float, float]]) -> tuple[float, float]:
    """The least of each."""
    return min(wall for wall, _ in runs), min(processor for _, processor in runs)


def beside_json_loads(path: Path, entries: int) -> None:
    """One line of the table: how many times as fast as the loop."""
    runs = [(timed(ours, path, entries), timed(loop, path, entries)) for _ in range(ROUNDS)]
    mine, others = best([mine for mine, _ in runs]), best([other for _, other in runs])
    times = f"{mine[0]:8.2f}{mine[1]:8.2f}{others[0]:8.2f}{others[1]:8.2f}"
    say(f"{path.name:34}{times}{others[0] / mine[0]:8.2f}{others[1] / mine[1]:8.2f}{5:8}")


def large(short_iso: Path, lines: int, folder: Path) -> Path:
    """``lines`` lines in order of time: the same day over and over, each time under the next date."""
    texts = short_iso.read_bytes().splitlines(keepends=True)
    path = folder / "large.log"
    with path.open("wb") as file:
        for number in range(-(-lines // len(texts))):
            day = str(date(2025, 1, 1) + timedelta(days=number)).encode()
            file.writelines(day + text[DAY:] for text in texts[: lines - number * len(texts)])
    return path


def memory(short_iso: Path, lines: int) -> None:
    """What a timeline of many lines takes at its peak."""
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        path = large(short_iso, lines, Path(scratch))
        out = Path(scratch, "timeline.parquet")
        done = run([sys.executable, "-m", "logcorr", "timeline", path, "--format", "parquet", "--out", out])
    took = f"{done.wall:.1f} s, {done.processor:.1f} s of the processor"
    say(f"{lines:,} lines through timeline --format parquet: {took}")
    say(f"peak memory {done.memory / GIB:.2f} GiB (goal: under 1.5)")


def main(entries: int, lines: int) -> None:
    """Print JSON beside the loop, short-iso lines a second, and the memory of ``lines`` lines."""
    folder = journal_entries.journal(CACHE, entries)
    as_json, as_text = exported(folder, "json"), exported(folder, "short-iso")
    say(f"{entries:,} entries; load before: {os.getloadavg()[0]:.1f}")
    say(f"{'':34}{'wall s':>8}{'cpu s':>8}{'loads':>8}{'cpu':>8}{'ratio':>8}{'cpu':>8}{'goal':>8}")
    beside_json_loads(as_json, entries)
    beside_json_loads(program_lines(as_json), entries)
    wall, processor = best([timed(ours, as_text, entries) for _ in range(ROUNDS)])
    say(f"short-iso: {entries / wall:,.0f} lines/s, {entries / processor:,.0f} per processor second (goal: 600,000)")
    memory(as_text, lines)


if __name__ == "__main__":
    given = [int(number) for number in sys.argv[1:3]]
    main(*given, *(200_000, 10_000_000)[len(given) :])

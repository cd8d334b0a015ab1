"""Native journals to Parquet against journalctl and systemd-python: whole process against whole process, in one run.

``logcorr timeline FOLDER --format parquet --out FILE`` is run as a user runs it. Every contender reads the same files;
rounds take turns, and the best of each counts. Python's modules are compiled beforehand, as in any installation. With
other work on the machine, the processor seconds say more than the wall clock.

    python -m tests.benchmarks.journal [ENTRIES]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import polars as pl

from tests.benchmarks import journal_entries
from tests.conftest import ROOT

CACHE = ROOT / ".cache" / "bench"
LOOP = """
import sys
from systemd import journal
count = 0
for entry in journal.Reader(path=sys.argv[1]):
    count += len(entry.get("MESSAGE", "")) > 0
print(count)
"""


@dataclass(frozen=True)
class Run:
    """One finished process: seconds by the clock and of the processor, and peak memory in bytes."""

    wall: float
    processor: float
    memory: int


def run(command: Sequence[str | Path]) -> Run:
    """Run ``command`` to its end, its output thrown away."""
    compiled = {"PYTHONPYCACHEPREFIX": str(CACHE / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    # Polars, imported here, leaves its allocator's options to all children
    env = {name: value for name, value in (os.environ | compiled).items() if name != "_RJEM_MALLOC_CONF"}
    start = perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Run(perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def say(text: str) -> None:
    """One line of the table, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(entries: int) -> None:
    """Print the table, with each contender's time as a multiple of ours and the goal for it."""
    folder = journal_entries.journal(CACHE, entries)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "timeline.parquet")
        ours: list[str | Path] = [
            *(sys.executable, "-m", "logcorr", "timeline", folder, "--format", "parquet", "--out", out)
        ]
        contenders: dict[str, tuple[list[str | Path], float, int]] = {
            "journalctl -o short-iso-precise": (["journalctl", "-D", folder, "-o", "short-iso-precise"], 5, 3),
            "journalctl -o json": (["journalctl", "-D", folder, "-o", "json"], 25, 1),
            "systemd-python, a loop": ([sys.executable, "-c", LOOP, folder], 20, 1),
        }
        run(ours)  # so that all find the files in the page cache, and the modules compiled
        mine = [run(ours)]
        others: dict[str, list[Run]] = {name: [] for name in contenders}
        for number in range(3):
            for name, (command, _, rounds) in contenders.items():
                if number < rounds:
                    others[name].append(run(command))
                    mine.append(run(ours))
        messages = pl.scan_parquet(out).select(pl.len(), pl.col("message").str.len_bytes().sum()).collect()
    count, kept = messages.row(0)
    assert count == entries
    best = Run(
        *(min(values) for values in zip(*((each.wall, each.processor, each.memory) for each in mine), strict=True))
    )
    say(f"{entries:,} entries, {kept / 1e6:.0f} MB of messages; load before: {os.getloadavg()[0]:.1f}")
    say(f"{'':34}{'wall s':>8}{'cpu s':>8}{'ratio':>8}{'cpu':>8}{'goal':>8}")
    say(f"{'logcorr timeline':34}{best.wall:8.2f}{best.processor:8.2f}")
    for name, runs in others.items():
        wall, processor = (min(getattr(each, kind) for each in runs) for kind in ("wall", "processor"))
        ratios = f"{wall / best.wall:8.1f}{processor / best.processor:8.1f}{contenders[name][1]:8.0f}"
        say(f"{name:34}{wall:8.2f}{processor:8.2f}{ratios}")
    say(f"peak memory {best.memory / 1e6:.0f} MB, {best.memory / kept:.1f} times the messages (goal: under 6)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

"""Whole commands beside their goals, and beside the programs that they are measured by, in one run.

Each command is run as a user runs it, five times, in turns with what it is compared with; the median counts. On a busy
machine the clock says little, so goals are in seconds of the processor, or in ratios of them. The results are kept in
``reports/bench``, a record a run and a plot of all; what became more than a tenth slower since the last run on a
machine like this one is said.

    python -m tests.benchmarks.suite [--large]
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import history, journal_entries
from tests.benchmarks.history import Figure, Record
from tests.benchmarks.journal import CACHE, Run, run, say
from tests.conftest import ROOT

ROUNDS = 5
KEPT = ROOT / "reports" / "bench"
WINDOW = ("--since", "2025-11-04 04:00:00 UTC", "--until", "2025-11-04 04:10:00 UTC")
MB = 1_000_000
Command = Sequence[str | Path]


def medians(commands: Mapping[str, Command], rounds: int = ROUNDS) -> dict[str, Run]:
    """The median of each, all run in turns."""
    for command in commands.values():
        run(command)  # so that all find their files in the page cache, and the modules compiled
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    return {
        name: Run(
            statistics.median(one.wall for one in mine),
            statistics.median(one.processor for one in mine),
            int(statistics.median(one.memory for one in mine)),
        )
        for name, mine in runs.items()
    }


def logcorr(*words: str | Path) -> Command:
    return [sys.executable, "-m", "logcorr", *words]


def start_up(scratch: Path) -> list[Figure]:
    """Commands on little or nothing."""
    lines = scratch / "thousand.log"
    lines.write_text("".join(f"Nov  4 03:{n // 60 % 60:02}:{n % 60:02} gate app[7]: line {n}\n" for n in range(1_000)))
    found = medians(
        {
            "nothing": [sys.executable, "-c", "pass"],
            "--help": logcorr("--help"),
            "incident": logcorr("analyze", ROOT / "fixtures" / "tailscale-link-flap", "--out", scratch / "a.html"),
            "check": logcorr("check", lines),
        }
    )
    times = found["--help"].processor / found["nothing"].processor
    return [
        figure("--help, times python -c pass", times, 4, "x", found["--help"]),
        seconds("the shipped incident, report written", 1.2, found["incident"]),
        seconds("check of 1,000 lines", 0.6, found["check"]),
    ]


def journals(scratch: Path, entries: int) -> list[Figure]:
    """A journal of so many entries: all of it, and ten minutes of it."""
    folder = journal_entries.journal(CACHE, entries)
    found = medians(
        {
            "window": logcorr("analyze", folder, *WINDOW, "--out", scratch / "w.html"),
            "whole": logcorr("analyze", folder, "--out", scratch / "j.html"),
            "journalctl": ["journalctl", "-D", folder],
        }
    )
    window, whole = found["window"], found["whole"]
    times = whole.processor / found["journalctl"].processor
    named = f"{entries // MB} million entries"
    return [
        seconds(f"ten minutes of {named}", 1.3, window),
        figure(f"ten minutes of {named}, memory", window.memory / MB, 250, "MB", window),
        figure(f"{named} analysed, times journalctl printing them", times, 0.6, "x", whole),
        figure(f"{named} analysed, memory", whole.memory / MB, 500, "MB", whole),
    ]


def large(scratch: Path) -> list[Figure]:
    """A journal ten times as large: a window of it costs the same, all of it ten times as much."""
    small, ten = (journal_entries.journal(CACHE, count) for count in (MB, 10 * MB))
    windows = {str(folder): logcorr("analyze", folder, *WINDOW, "--out", scratch / "w.html") for folder in (small, ten)}
    wholes = {str(folder): logcorr("analyze", folder, "--out", scratch / "j.html") for folder in (small, ten)}
    window, whole = medians(windows), medians(wholes, rounds=1)
    times = window[str(ten)].processor / window[str(small)].processor
    grown = whole[str(ten)].processor / whole[str(small)].processor
    return [
        figure("ten minutes of 10 million, times of 1 million", times, 1.1, "x", window[str(ten)]),
        figure("10 million entries analysed, times 1 million", grown, 10.5, "x", whole[str(ten)]),
        figure("10 million entries analysed, memory", whole[str(ten)].memory / MB, 2147, "MB", whole[str(ten)]),
    ]


def seconds(name: str, goal: float, one: Run) -> Figure:
    return figure(name, one.processor, goal, "s", one)


def figure(name: str, value: float, goal: float, unit: str, one: Run) -> Figure:
    return Figure(name, round(value, 3), goal, unit, round(one.processor, 3), round(one.wall, 3), one.memory)


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = round(os.getloadavg()[0], 1)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "python": platform.python_version(),
        "load_before": load,
    }


def commit() -> str:
    """The commit that is measured, marked where the checkout differs from it."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def tell(figures: Sequence[Figure], before: Record | None) -> None:
    """The table, and what became slower."""
    say(f"{'':56}{'value':>10}{'goal':>10}{'cpu s':>8}{'wall s':>8}{'MB':>6}")
    for one in figures:
        met = " " if one.value <= one.goal else "*"
        said = f"{one.name:56}{one.value:8.2f} {one.unit:2}{one.goal:8g} {met}"
        say(f"{said}{one.cpu:8.2f}{one.wall:8.2f}{one.memory / MB:6.0f}")
    say(f"compared with {before.date} at {before.commit}" if before else "no record of a machine like this one")
    for line in history.regressions(figures, before):
        say(f"    {line}")


def main(*, with_large: bool) -> None:
    """Run everything, compare with what is kept, and keep it."""
    described, records = machine(), history.load(KEPT)
    with tempfile.TemporaryDirectory() as folder:
        parts: list[Callable[[Path], list[Figure]]] = [start_up, lambda scratch: journals(scratch, MB)]
        parts += [large] if with_large else []
        figures = tuple(one for part in parts for one in part(Path(folder)))
    tell(figures, history.last_alike(records, described))
    record = Record(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", commit(), described, figures)
    say(f"kept as {history.save(record, KEPT).relative_to(ROOT)}")
    (KEPT / "history.svg").write_text(history.plot([*records, record]))


if __name__ == "__main__":
    main(with_large="--large" in sys.argv[1:])

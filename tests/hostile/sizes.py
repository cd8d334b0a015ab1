"""What the greatest inputs cost: ``python -m tests.hostile.sizes [NAME ...]`` prints seconds of a core and peak memory.

Each input is made anew, and each run has a process of its own. Ends with 1 where a bound of SECURITY.md is not kept.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS, BYTES = 60.0, 2 << 30  # of one core, and resident
Lines = Iterator[str]


def line(second: float, host: str, text: str) -> str:
    return f"{BEGIN + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ} {host} {text}\n"


def fleet(hosts: int) -> Lines:
    """A lease for each of many hosts."""
    for number in range(hosts):
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        yield line(number, f"h{number}", f"dhclient[1]: bound to address {address} from server address 192.0.2.250")


def flaps(hosts: int) -> Lines:
    """A link that goes and comes for each of many hosts, which nothing relates."""
    for number in range(hosts):
        for late, state in ((0, "Down"), (4, "Up - 1Gbps/Full - flow control rx/tx")):
            yield line(number + late, f"h{number}", f"kernel: eth0: Link is {state}")


def outages(count: int) -> Lines:
    """An incident an hour."""
    for number in range(count):
        for second in (0, 5, 10, 15):
            yield line(number * 3600 + second, "alder", "app[1]: dial tcp 192.0.2.7:4010: connect: connection refused")
        yield line(number * 3600 + 1800, "alder", "app[1]: ready")


def faults(hosts: int) -> Lines:
    """A full disk on each of many hosts, and what fails of it."""
    for number in range(hosts):
        for late, text in ((0, "kernel: EXT4-fs (sda1): Remounting filesystem read-only"), (5, "app[1]: write failed")):
            yield line(number * 60 + late, f"h{number}", text)


def uplinks(outages_of_each: int) -> Lines:
    """One router, whose two uplinks are down in turn, longer than what makes an incident."""
    for number in range(outages_of_each):
        for late, name, state in (
            (0, "WAN1", "Alarm latency 0us stddev 0us loss 100%"),
            (900, "WAN2", "Alarm latency 0us stddev 0us loss 100%"),
            (1500, "WAN1", "Clear latency 5123us stddev 12us loss 0%"),
            (2100, "WAN2", "Clear latency 5123us stddev 12us loss 0%"),
        ):
            yield line(number * 3600 + late, "gw", f"dpinger[7]: {name} 192.0.2.{name[-1]}: {state}")


def programs(count: int) -> Lines:
    """Each line of a program of its own."""
    for number in range(count):
        yield line(number / 10, "alder", f"app{number:x}[{number}]: ready")


def plain(size: int) -> Lines:
    """Good lines of some bytes altogether."""
    one = line(0, "alder", "app[1]: order 81244 stored in 12 ms, nothing to report about it, the queue is empty")
    for number in range(size // len(one)):
        yield line(number / 100, "alder", f"app[1]: order {number:>9} stored in 12 ms, nothing to report, queue empty")


def one_file(lines: Lines) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with (folder / "input.log").open("w") as file:
            file.writelines(lines)
        return folder / "input.log"

    return make


def packed(lines: Lines) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with gzip.open(folder / "input.log.gz", "wt", compresslevel=1) as file:
            file.writelines(lines)
        return folder / "input.log.gz"

    return make


def many_files(count: int) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for number, text in enumerate(fleet(count)):
            (folder / f"h{number}.log").write_text(text * 5)
        return folder

    return make


INPUTS: Final[dict[str, tuple[list[str], Callable[[], Callable[[Path], Path]]]]] = {
    "100,000 hosts": (["analyze", "--json"], lambda: one_file(fleet(100_000))),
    "100,000 hosts, redacted": (["analyze", "--json", "--redact=share"], lambda: one_file(fleet(100_000))),
    "100,000 hosts, each with a flap": (["analyze", "--json"], lambda: one_file(flaps(100_000))),
    "2,000 incidents": (["analyze", "--json"], lambda: one_file(outages(2_000))),
    "8,000 hosts, each with a fault": (["analyze", "--json"], lambda: one_file(faults(8_000))),
    "10,000 outages of two uplinks": (["analyze", "--json"], lambda: one_file(uplinks(5_000))),
    "1,000,000 programs": (["analyze", "--json"], lambda: one_file(programs(1_000_000))),
    "1 GB, gzip": (["analyze", "--json"], lambda: packed(plain(1_000_000_000))),
    "1 GB, gzip, to parquet": (
        ["timeline", "--format", "parquet", "--out", "t.parquet"], lambda: packed(plain(1_000_000_000)),
    ),
    "2,000 files": (["analyze", "--json"], lambda: many_files(2_000)),
}  # fmt: skip

RUN: Final = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=sys.argv[1])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, done.returncode, done.stderr]))
"""


def measured(name: str) -> tuple[float, int, str]:
    """Seconds of a core, peak bytes, and what went wrong."""
    words, maker = INPUTS[name]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as work:
        path = maker()(Path(folder))
        command = [sys.executable, "-m", "logcorr", words[0], "-q", *words[1:], str(path)]
        environment = {"PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "2", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
        done = subprocess.run(
            [sys.executable, "-c", RUN, work, *command], capture_output=True, text=True, check=True, env=environment
        )
    seconds, size, code, told = json.loads(done.stdout)
    return seconds, size, "" if code == 0 else f"ends with {code}: {told}"


def main() -> int:
    """Measure what is named, or all."""
    kept = True
    for name in sys.argv[1:] or INPUTS:
        seconds, size, wrong = measured(name)
        kept = kept and not wrong and seconds <= SECONDS and size <= BYTES
        sys.stdout.write(f"| {name} | {seconds:.1f} s | {size / 2**30:.2f} GiB | {wrong}\n")
        sys.stdout.flush()
    return 0 if kept else 1


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())

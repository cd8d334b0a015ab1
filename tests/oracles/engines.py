"""Other engines, run as programs: python-eql and DuckDB from an environment of their own, SEC as installed.

python-eql is under the AGPL: it is only ever called by its command line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.patterns.material import Ev

HOME = Path(os.environ.get("LOGCORR_ORACLES", Path(__file__).parents[2] / ".cache" / "oracles"))

#: SEC takes the clock for event time. Here the clock stands at the number at the head of the current line: the first
#: rule of the file sets it and lets the line pass.
CLOCK = """\
type=Suppress
ptype=PerlFunc
pattern=sub { $main::now = $1 if $_[0] =~ /^(\\d+)/; return 0; }

"""
WRAPPER = 'BEGIN { $main::now = 0; *CORE::GLOBAL::time = sub { $main::now } } do "%s" or die $@ || $!'


def program(name: str) -> str:
    """A program of the oracles' environment. A missing one fails the test: an oracle is never skipped in silence."""
    path = HOME / "bin" / name
    if not path.exists():
        pytest.fail(f"{path} is missing; `make oracles` sets up the engines that these tests compare with")
    return str(path)


def eql(query: str, events: Sequence[Ev], folder: Path) -> list[dict[str, object]]:
    """The events that python-eql 1.0 prints for a query, in order. Its times are ticks of 100 ns."""
    source = folder / "events.jsonl"
    ordered = sorted(events, key=lambda ev: ev.at)
    lines = [
        {"event_type": "log", "timestamp": round(ev.at * 10**7), "name": ev.name, "host": ev.host, "id": number}
        for number, ev in enumerate(ordered)
    ]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = subprocess.run(
        [program("eql"), "query", "-f", str(source), query], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def duckdb(query: str, events: Sequence[Ev], folder: Path) -> list[list[object]]:
    """The rows of a query over the table ``ev (id, name, host, at)``; ``at`` in µs."""
    source = folder / "events.csv"
    ordered = sorted(events, key=lambda ev: ev.at)
    rows = [f"{number},{ev.name},{ev.host},{round(ev.at * 10**6)}" for number, ev in enumerate(ordered)]
    source.write_text("\n".join(["id,name,host,at", *rows]) + "\n")
    code = (
        "import duckdb, json, sys; con = duckdb.connect();"
        "con.execute('create table ev as select * from read_csv(?)', [sys.argv[1]]);"
        "print(json.dumps(con.execute(sys.argv[2]).fetchall()))"
    )
    done = subprocess.run(
        [program("python"), "-c", code, str(source), query], capture_output=True, text=True, check=True
    )
    return [list(row) for row in json.loads(done.stdout)]


def sec(rule: str, events: Sequence[Ev], folder: Path) -> list[str]:
    """What a SEC rule writes ("- " lines) over events printed as "<second> <host> <name> <id>", with a tick each second
    so that its housekeeping runs."""
    path = shutil.which("sec")
    if path is None:
        pytest.fail("sec is missing; `apt-get install sec`, or `make oracles`, which names what is needed")
    ordered = sorted(events, key=lambda ev: ev.at)
    at_second: dict[int, list[str]] = {}
    for number, ev in enumerate(ordered):
        at_second.setdefault(int(ev.at), []).append(f"{int(ev.at)} {ev.host} {ev.name} {number}")
    end = max(at_second, default=0) + 200
    lines = [line for second in range(end) for line in (f"{second} tick", *at_second.get(second, ()))]
    (folder / "events.log").write_text("\n".join(lines) + "\n")
    (folder / "rules.conf").write_text(CLOCK + rule)
    options = ["--conf=rules.conf", "--input=events.log", "--fromstart", "--notail", "--quoting", "--bufsize=1"]
    done = subprocess.run(
        ["perl", "-e", WRAPPER % path, "--", *options], capture_output=True, text=True, check=True, cwd=folder
    )
    return re.findall(r"^-> (.*)$", done.stdout, re.MULTILINE)

"""One A-then-B rule over a million events of 20 hosts, beside python-eql, SEC and DuckDB's ASOF join, in one run.

What is timed is the rule phase alone: events are in memory for us, python-eql and DuckDB, and from SEC's time that of a
rule which never matches (reading and splitting lines) is taken off. Ours is all of ``match``: pairs, titles, coverage
and the chance figure; "pairs alone" is what a join does too, from the events to the rows that belong together, and is
what DuckDB's join is held against. Ours and DuckDB's runs take turns, and the best of ``--rounds`` counts; the other
two are slow enough to run once. The number of pairs is shown to tell that they did the same work (python-eql pairs the
newest cause, SEC the oldest, the other two every cause).

    python -m tests.benchmarks.patterns [--events 1000000] [--share 0.01 0.1] [--rounds 5]

``--share`` is the share of A, and of B, among the events. Beside the seconds on the wall stand those of all cores,
which tell more on a busy machine. `make oracles` sets up the other engines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import polars as pl

from logcorr import schema
from logcorr.coverage.survey import survey
from logcorr.patterns import match
from logcorr.patterns.engine import stream as streams
from logcorr.patterns.engine.observed import StreamCoverage
from logcorr.patterns.search.pairing import paired
from logcorr.patterns.search.plan import make
from logcorr.rulebook.models import Pattern, Rulebook
from tests.oracles.engines import HOME


class Result(NamedTuple):
    """Seconds on the wall and of all cores, and pairs found."""

    seconds: float
    cpu: float
    pairs: int


HOSTS = 20
WEEK = 7 * 86_400 * 10**6
START = 1_762_225_200 * 10**6
RULE = Pattern(
    id="reset-after-link-down",
    title="Reset after link down on {host}",
    sequence=({"down": "link.down"}, {"reset": "connection.reset", "within": "30s"}),  # type: ignore[arg-type]  # as in YAML
    by="host",
)
NEEDED = {"python-eql": 10.0, "SEC": 10.0, "DuckDB ASOF": 1.0}

EQL = """
import sys, time, json, duckdb, eql
rows = duckdb.execute("select ticks, event, host from read_parquet(?) order by id", [sys.argv[1]]).fetchall()
events = [eql.Event("log", ticks, {"name": event, "host": host}) for ticks, event, host in rows]
best = None
for _ in range(int(sys.argv[2])):
    found = []
    engine = eql.PythonEngine()
    engine.add_query(eql.parse_query("sequence by host with maxspan=30s [any where name == 'link.down'] "
                                     "[any where name == 'connection.reset']"))
    engine.add_output_hook(found.append)
    start, busy = time.perf_counter(), time.process_time()
    for event in events:
        engine.stream_event(event)
    engine.finalize()
    took = time.perf_counter() - start, time.process_time() - busy
    best = took if best is None else min(best, took)
print(json.dumps([*best, len(found)]))
"""
DUCKDB = """
import sys, time, json, duckdb
con = duckdb.connect()
con.execute("create table ev as select id, event, host, ticks from read_parquet(?)", [sys.argv[1]])
best = None
for _ in range(int(sys.argv[2])):
    start, busy = time.perf_counter(), time.process_time()
    con.execute("create or replace table pairs as select a.id as a, b.id as b, a.host as host, a.ticks as begin, "
                "b.ticks as until from (select * from ev where event = 'link.down') a asof join "
                "(select * from ev where event = 'connection.reset') b on a.host = b.host and a.ticks <= b.ticks "
                "where b.ticks - a.ticks <= 300000000")
    took = time.perf_counter() - start, time.process_time() - busy
    best = took if best is None else min(best, took)
print(json.dumps([*best, con.execute("select count(*) from pairs").fetchone()[0]]))
"""
PAIR = r"""type=Pair
ptype=RegExp
pattern=^\d+ (\S+) link\.down$
desc=down $1
action=none
ptype2=RegExp
pattern2=^\d+ $1 connection\.reset$
desc2=%1
action2=write - -> $1
window=30
"""
IDLE = "type=Single\nptype=SubStr\npattern=\x01never\ndesc=never\naction=none\n"


def make_events(count: int, share: float) -> pl.DataFrame:
    """Events of a week in time order: A and B, and the rest of other names."""
    rng = np.random.default_rng(20251104)
    kinds = np.concatenate([[share, share], np.full(8, (1 - 2 * share) / 8)])
    names = pl.Series(["link.down", "connection.reset", *(f"other.event{number}" for number in range(8))])
    host = rng.integers(0, HOSTS, count)
    time = pl.Series(np.sort(rng.integers(START, START + WEEK, count))).cast(schema.UTC)
    hosts = pl.Series([f"host{number:02}" for number in range(HOSTS)]).gather(host)
    columns = {
        "id": pl.Series(np.arange(count)),
        "event": names.gather(rng.choice(10, count, p=kinds)),
        **dict.fromkeys(("time", "time_lo", "time_hi"), time),
        "host": hosts,
        "program": pl.repeat("networkd", count, eager=True),
        "clock": hosts,
        "source": pl.Series(host),
        "repeat": pl.repeat(1, count, eager=True),
    }
    missing = {name: pl.repeat(None, count, eager=True) for name in schema.EVENTS if name not in columns}
    return pl.DataFrame(columns | missing).select(pl.col(name).cast(kind) for name, kind in schema.EVENTS.items())


def ours(events: pl.DataFrame, rounds: int) -> Result:
    """The best of so many runs of ours."""
    edges = events["time"].min(), events["time"].max()
    spans = [(number, f"host{number:02}", *edges) for number in range(HOSTS)]
    timeline = schema.Timeline(
        frame=events.select("source", "program"), spans=pl.DataFrame(spans, schema=schema.SPANS, orient="row")
    )
    rules = Rulebook(patterns={RULE.id: RULE})
    best = Result(float("inf"), 0.0, 0)
    for _ in range(rounds):
        start, busy = perf_counter(), process_time()
        found = match(events, rules, timeline)
        took = perf_counter() - start, process_time() - busy
        best = min(best, Result(*took, found.findings[0].count))
    return best


def pairs_alone(events: pl.DataFrame, rounds: int) -> Result:
    """The best of so many runs up to the pairs."""
    best = Result(float("inf"), 0.0, 0)
    for _ in range(rounds):
        start, busy = perf_counter(), process_time()
        stream = streams.build(events, RULE.events())
        nowhere = survey(schema.Timeline(schema.empty(schema.TIMELINE)), stream.events, Rulebook())
        chains = paired(make(RULE, stream, StreamCoverage(nowhere, stream)))
        best = min(best, Result(perf_counter() - start, process_time() - busy, int(chains.complete.sum())))
    return best


def in_python(code: str, table: Path, rounds: int) -> Result:
    """The best of so many runs of an engine in the oracles' environment."""
    command = [str(HOME / "bin" / "python"), "-c", code, str(table), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Result(*json.loads(done.stdout))


def sec(log: Path) -> Result:
    """A Pair rule less a rule that never matches. SEC reads its clock and not the time of the line, so that no window
    ends; that changes the pairs, not the work.
    """
    took = []
    for name, rule in (("pair", PAIR), ("idle", IDLE)):
        config = log.with_name(f"{name}.conf")
        config.write_text(rule)
        command = ["sec", f"--conf={config}", f"--input={log}", "--fromstart", "--notail", "--bufsize=1"]
        start, busy = perf_counter(), getrusage(RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, cpu = perf_counter() - start, getrusage(RUSAGE_CHILDREN).ru_utime - busy
        took.append(Result(seconds, cpu, done.stdout.count("-> ")))
    return Result(took[0].seconds - took[1].seconds, took[0].cpu - took[1].cpu, took[0].pairs)


def compare(count: int, share: float, rounds: int) -> None:
    """Print one line for each engine, and how many times as long as ours it took."""
    events = make_events(count, share)
    with tempfile.TemporaryDirectory() as folder:
        table, log = Path(folder, "events.parquet"), Path(folder, "events.log")
        ticks = pl.col("time").to_physical() * 10
        events.select("id", "event", "host", ticks.alias("ticks")).write_parquet(table)
        lines = pl.concat_str(pl.col("time").to_physical() // 1_000_000, "host", "event", separator=" ")
        log.write_text("\n".join(events.select(lines).to_series()) + "\n")
        turns = [(ours(events, 2), pairs_alone(events, 2), in_python(DUCKDB, table, 2)) for _ in range(rounds)]
        results = {
            "logcorr": min(turn[0] for turn in turns),
            "pairs alone": min(turn[1] for turn in turns),
            "DuckDB ASOF": min(turn[2] for turn in turns),
            "python-eql": in_python(EQL, table, 1),
            "SEC": sec(log),
        }
    own = results["logcorr"]
    say(f"{count:,} events, {HOSTS} hosts, {share:.0%} causes, {share:.0%} effects; x: times ours, wall and all cores")
    for name, result in results.items():
        needed = NEEDED.get(name)
        ratio, busy = result.seconds / own.seconds, result.cpu / own.cpu
        peer = "pairs alone" if name == "DuckDB ASOF" else "logcorr"
        holds = needed is None or result.seconds / results[peer].seconds >= needed
        verdict = "" if needed is None else f"  ({'at least' if holds else 'NOT'} {needed:g} times {peer})"
        say(
            f"{name:12} {result.seconds:8.3f} s {result.cpu:8.3f} s of all cores {count / result.seconds:12,.0f}/s "
            f"{result.pairs:8,} pairs  x{ratio:.1f} x{busy:.1f}{verdict}"
        )


def say(line: str) -> None:
    """Print at once, as the whole takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Compare for each share."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, nargs="+", default=[0.01, 0.1])
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    for share in chosen.share:
        compare(chosen.events, share, chosen.rounds)


if __name__ == "__main__":
    main()

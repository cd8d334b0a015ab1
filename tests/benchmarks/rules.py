"""All shipped rules over a million realistic lines: classification, patterns and diagnosis, each by itself.

The lines are a week of three simulated sites: each a server, a rented VPS and a router, exported in six formats, with
one incident a day at each site amid the ordinary noise. Reading them is timed too, but has no goal here.

    python -m tests.benchmarks.rules [--lines 1000000] [--rounds 3]

Beside the seconds on the wall stand those of all cores: on a machine that does nothing else and has two cores, a phase
takes at least half of them. The best of ``--rounds`` counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

import polars as pl

from logcorr.api import read_timeline
from logcorr.diagnosis import diagnose
from logcorr.events import classify
from logcorr.inputs.request import AnalyzeRequest
from logcorr.model import Window as Asked
from logcorr.patterns import match
from logcorr.rulebook import load_rules
from logcorr.schema import Timeline
from tests.simulate.causes import SCRIPTS
from tests.simulate.exports.handover import everything, write
from tests.simulate.incident import chatter
from tests.simulate.machines import noise
from tests.simulate.machines.clock import HOUR, MINUTE, Window, instant, moment
from tests.simulate.stage import Stage, build

DAY = 24 * HOUR
WEEK = Window(instant("2026-10-05"), instant("2026-10-12"))
#: The form of the server's log and of the VPS's at each site; seeds that name nine different machines.
SITES = {
    "a/2": ("export", "syslog"),
    "g/1": ("short-iso-precise", "json"),
    "d/2": ("short-full", "syslog-traditional"),
}
#: Lines of the week that timers, cron and the daemons write whatever the traffic, and those of ordinary traffic.
STEADY, TRAFFIC = 77_000, 771_000
RULES_GOAL, DIAGNOSIS_GOAL = 3.0, 1.0

T = TypeVar("T")


class Took(NamedTuple):
    """Seconds on the wall and of all cores."""

    seconds: float
    cpu: float


def site(seed: str, factor: float) -> Stage:
    """A week at one site: noise, and each day another incident."""
    stage = build(seed)
    stage.window = WEEK
    rng = stage.rng("week")
    noise.server(stage.server, WEEK, factor, stage.wired)
    noise.vps(stage.vps, WEEK, factor)
    stage.site.noise(WEEK, factor)
    calm = WEEK.start
    causes = [cause for cause in SCRIPTS if cause != "bond-member-failed"]  # these servers have no bond
    for day, cause in enumerate(rng.sample(causes, 7)):
        outcome = SCRIPTS[cause](stage, WEEK.start + day * DAY + rng.randrange(2 * HOUR, 20 * HOUR))
        chatter(stage, Window(calm, outcome.start - MINUTE))
        calm = outcome.end + MINUTE
    chatter(stage, Window(calm, WEEK.end))
    return stage


def files(factor: float) -> Iterator[tuple[str, bytes]]:
    """The logs of all sites: names and bytes."""
    for seed, (server_form, vps_form) in SITES.items():
        stage = site(seed, factor)
        yield write(stage.server, server_form, everything, WEEK)
        yield write(stage.vps, vps_form, everything, WEEK)
        yield f"{stage.site.sender}.log", stage.site.received()


def timed(run: Callable[[], T]) -> tuple[T, Took]:
    """What a run gives, and how long it took."""
    start, busy = perf_counter(), process_time()
    result = run()
    return result, Took(perf_counter() - start, process_time() - busy)


def read(lines: int) -> Timeline:
    """The week's logs as a timeline; told: what it consists of, and how long reading took."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files(max(lines - STEADY, 0) / TRAFFIC):
            Path(folder, name).write_bytes(data)
        (timeline, _), took = timed(lambda: read_timeline(AnalyzeRequest(inputs=[folder], now=moment(WEEK.end))))
    frame = timeline.frame
    told = f"{frame.height:,} records of {frame['host'].n_unique()} hosts in {len(timeline.inputs)} files"
    message = pl.col("message")
    length, distinct = frame.select(message.str.len_bytes().mean(), distinct=message.n_unique()).row(0)
    say(f"{told}, {length:.0f} bytes a message, {distinct / frame.height:.0%} distinct messages")
    say(f"  {'read':18} {took.seconds:7.2f} s {took.cpu:7.2f} s of all cores")
    return timeline


def compare(timeline: Timeline, rounds: int) -> None:
    """Print the best time of each phase, and beside the goals what share of them it takes."""
    rules = load_rules()
    window = Asked(since=timeline.frame["time"].min(), until=timeline.frame["time"].max())  # type: ignore[arg-type]  # datetimes
    runs: dict[str, list[Took]] = {}
    for _ in range(rounds):
        events, took = timed(lambda: classify(timeline, rules))
        runs.setdefault("classify", []).append(took)
        matches, took = timed(lambda: match(events, rules, timeline))  # noqa: B023  # called at once
        runs.setdefault("match", []).append(took)
        found, took = timed(
            lambda: diagnose(timeline, events, matches.frame, matches.findings, rules, window)  # noqa: B023  # the same
        )
        runs.setdefault("diagnose", []).append(took)
    best = {phase: min(taken) for phase, taken in runs.items()}
    best["classify and match"] = Took(*(map(sum, zip(best["classify"], best["match"], strict=True))))
    goals = {"classify and match": RULES_GOAL, "diagnose": DIAGNOSIS_GOAL}
    for phase in ("classify", "match", "classify and match", "diagnose"):
        took, goal = best[phase], goals.get(phase)
        held = f"  {took.seconds / goal:.2f} of the goal of {goal:g} s" if goal else ""
        say(f"  {phase:18} {took.seconds:7.2f} s {took.cpu:7.2f} s of all cores{held}")
    share = events["id"].n_unique() / timeline.frame.height
    say(f"{events.height:,} events in {share:.0%} of the records, {matches.frame.height:,} matches of")
    say(f"{len(matches.findings)} of {len(rules.patterns)} patterns, {len(found.incidents)} incidents")


def say(line: str) -> None:
    """Print at once, as the whole takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Simulate, read, time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    compare(read(chosen.lines), chosen.rounds)


if __name__ == "__main__":
    main()

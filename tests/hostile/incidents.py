"""Five incidents and two quiet nights, and their verdicts with and without an attack."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl

from logcorr.events import classify
from logcorr.rulebook import load_rules
from logcorr.rulebook.globs import glob_matches
from logcorr.schema import TIMELINE, Timeline
from tests.conftest import FIXTURES
from tests.hostile.spoofs import Attacker, Payload, Spoof, attack, inject, payloads, wired_of
from tests.simulate.accuracy import judge
from tests.simulate.incident import Incident, quiet, simulate
from tests.simulate.machines.clock import MINUTE, instant
from tests.simulate.truth import Truth

AROUND: Final = 20 * MINUTE
#: Of these the router's log is there: where none is, the one device that speaks as a router is believed.
INCIDENTS: Final = (
    "tailscale-link-flap", "wan-outage", "link-carrier-lost", "dns-upstream-failed", "service-crashed", "quiet-2",
    "quiet-night",
)  # fmt: skip

Verdict = tuple[str, str, tuple[str, ...]]


@cache
def incident(name: str) -> Incident:
    """A shipped one or a simulated one."""
    if (FIXTURES / name).is_dir():
        told = tomllib.loads((FIXTURES / f"{name}.toml").read_text("utf-8"))
        files = {path.name: path.read_bytes() for path in sorted((FIXTURES / name).iterdir())}
        since, until = (instant(told["window"][end].isoformat()) for end in ("since", "until"))
        began = instant(told["incident"]["started"].isoformat()) if "incident" in told else None
        truth = Truth(title=name, cause=told["cause"], since=since, until=until, started=began)
        return Incident(name, "shipped", files, truth)
    if name.startswith("quiet-"):
        return quiet(int(name.removeprefix("quiet-")))
    return simulate(name, 13, form="json")


def untouched(name: str) -> Verdict:
    """Status, cause and contributing causes as they are."""
    found = judge(incident(name))
    return found.status, found.cause, found.contributing


def attacked(name: str, attacker: Attacker, spoofs: Sequence[Spoof]) -> Verdict:
    """The same with an attack around the time at which the incident begins, or in the middle of a quiet night."""
    calm = incident(name)
    truth = calm.truth
    middle = truth.started if truth.started is not None else (truth.since + truth.until) // 2
    lines = attack(attacker, middle - AROUND, middle + AROUND, tried(attacker), spoofs)
    found = judge(inject(calm, list(lines), wired_of(calm)))
    return found.status, found.cause, found.contributing


@cache
def tried(attacker: Attacker) -> tuple[Payload, ...]:
    """What the attacker would have us believe. A container's own troubles and a device's own are theirs to report."""
    rules = load_rules()
    if attacker.does == "router":
        speak = rules.sources["router"].programs
        wan = (one for one in payloads() if any(event.startswith(("wan.", "router.")) for event in one.events))
        return tuple(one for one in wan if glob_matches(one.program, speak)) * 5
    if attacker.does == "printed":
        return tuple(one for one, own in zip(payloads(), of_any_program(), strict=True) if not own)
    return payloads()


def of_any_program() -> list[bool]:
    """For each payload whether it tells something when a program says it that no rule names."""
    said = pl.DataFrame({"message": [payload.words for payload in payloads()]})
    missing = [pl.lit(None, kind).alias(name) for name, kind in TIMELINE.items() if name != "message"]
    rows = said.with_columns(missing).with_columns(program=pl.lit("web"), id=pl.int_range(pl.len(), dtype=pl.UInt32))
    told = set(classify(Timeline(rows.select(*TIMELINE)), load_rules())["id"])
    return [number in told for number in range(rows.height)]

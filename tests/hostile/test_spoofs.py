"""Who can only write text into somebody's log brings about no verdict, lifts none and hides none.

By the line: a line with an attacker's words carries no event but those that it carries with an innocent's. By the
verdict: five incidents and two quiet nights keep cause, status and contributing causes under each kind of attack.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl
import pytest

from logcorr.events import classify
from logcorr.parsers import read
from logcorr.rulebook import load_rules
from logcorr.schema import TIMELINE, Timeline
from tests.conftest import ROOT
from tests.hostile.incidents import INCIDENTS, attacked, untouched
from tests.hostile.spoofs import INNOCENT, Attacker, Payload, Spoof, attackers, payloads

ALDER = {"_BOOT_ID": "a" * 32, "_HOSTNAME": "alder", "_MACHINE_ID": "b" * 32}
BEGIN = 1_762_225_200_000_000
WORDS = [attacker for attacker in attackers() if attacker.does in ("words", "claimed", "printed")]
RULES = load_rules()
OF_ANY = {event for file in RULES.events if "*" in file.programs for event in file.events}


def fewer() -> tuple[Payload, ...]:
    """One payload for each combination of events."""
    return tuple({payload.events: payload for payload in payloads()}.values())


def records(spoof: Spoof, tried: Sequence[Payload]) -> pl.DataFrame:
    """The lines as they are read: one record for each."""
    times = range(BEGIN, BEGIN + len(tried) * 1_000_000, 1_000_000)
    lines = [
        json.dumps(spoof.entry(payload, at, ALDER, "eth0"))
        if spoof.log is None
        else spoof.text(payload, at, "alder", "eth0")
        for payload, at in zip(tried, times, strict=True)
    ]
    rows = read(spoof.log or "x.json", io.BytesIO("".join(f"{line}\n" for line in lines).encode())).rows
    assert rows.height == len(tried), f"{spoof.name}: {len(tried)} lines are {rows.height} records"
    given = [name for name in TIMELINE if name in rows.columns and name not in ("time", "source", "id")]
    return rows.select(pl.col(name).cast(TIMELINE[name]) for name in given)


def events(rows: pl.DataFrame) -> list[set[str]]:
    """What the rules make of each record, as far as its origin may say it."""
    missing = [pl.lit(None, kind).alias(name) for name, kind in TIMELINE.items() if name not in rows.columns]
    frame = rows.with_columns(missing).with_columns(id=pl.int_range(pl.len(), dtype=pl.UInt32)).select(*TIMELINE)
    found: list[set[str]] = [set() for _ in range(rows.height)]
    said = classify(Timeline(frame), RULES).filter(pl.col("trusted").fill_null(value=True))
    for row, event in said.select("id", "event").rows():
        found[row].add(event)
    return found


def holes(attacker: Attacker, tried: Sequence[Payload]) -> Iterator[str]:
    """The lines that say more than with an innocent's words. A container may report troubles of its own."""
    own = OF_ANY if attacker.does == "printed" else set()
    programs = list(dict.fromkeys(payload.program for payload in tried))
    whole = [*tried, *(Payload(program, INNOCENT) for program in programs)]
    found = events(pl.concat([records(spoof, whole) for spoof in attacker.spoofs], how="diagonal"))
    for number, spoof in enumerate(attacker.spoofs):
        mine = found[number * len(whole) : (number + 1) * len(whole)]
        usual = dict(zip(programs, mine[len(tried) :], strict=True))
        for payload, carried in zip(tried, mine, strict=False):
            if more := carried - usual[payload.program] - own:
                yield f"{spoof.name}: {payload.words} → {', '.join(sorted(more))}"


@pytest.mark.parametrize("attacker", WORDS, ids=lambda attacker: attacker.kind)
def test_no_words_of_an_outsider_are_an_event(attacker: Attacker) -> None:
    assert list(holes(attacker, fewer()[::4])) == []


@pytest.mark.slow
@pytest.mark.parametrize("attacker", WORDS, ids=lambda attacker: attacker.kind)
def test_no_words_of_an_outsider_are_an_event_whichever(attacker: Attacker) -> None:
    assert list(holes(attacker, payloads())) == []


@cache
def before(name: str) -> tuple[str, str, tuple[str, ...]]:
    return untouched(name)


@pytest.mark.slow
@pytest.mark.parametrize("attacker", attackers(), ids=lambda attacker: attacker.kind)
@pytest.mark.parametrize("name", INCIDENTS)
def test_no_attack_changes_a_verdict(name: str, attacker: Attacker) -> None:
    """All ways of one kind at once, each with its own words; where that fails, those ways are named that do alone."""
    if attacked(name, attacker, attacker.spoofs) == before(name):
        return
    culprits = [spoof.name for spoof in attacker.spoofs if attacked(name, attacker, (spoof,)) != before(name)]
    raise AssertionError(f"{before(name)} becomes {attacked(name, attacker, attacker.spoofs)}: {culprits or 'jointly'}")


def test_the_table_of_attackers_is_that_of_the_documentation() -> None:
    text = (ROOT / "docs" / "origins.md").read_text("utf-8")
    rows = [f"| {one.kind} | {one.who} | {len(one.spoofs)} |" for one in attackers()]
    assert [row for row in rows if row not in text] == []
    assert sum(len(one.spoofs) for one in attackers()) >= 120
    assert len(INCIDENTS) == 7

"""Each pairing policy against the engine it is said to equal: random events on many hosts, and the worked examples."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.oracles.engines import duckdb, eql, sec
from tests.oracles.flink import RECORDED
from tests.patterns.material import Ev, frame_of, outcomes, run, timeline_of
from tests.patterns.worked_examples import CASES, labels, parse

HOSTS = tuple(f"h{number}" for number in range(150))
Found = set[tuple[int, ...]]


def random_events(seed: int, names: str, *, lane_each: bool = False) -> list[Ev]:
    """A dozen events on each host within 80 whole seconds, ties among them. ``lane_each``: each name is a log of its
    own, so that the order of ties is open, as it is for engines that look at times alone.
    """
    r = Random(seed)
    found = []
    for host in HOSTS:
        for _ in range(r.randint(2, 14)):
            name = r.choice(names)
            source = names.index(name) if lane_each else 0
            found.append(Ev(name, float(r.randint(0, 80)), host, source=source))
    return found


def ours(events: list[Ev], **parts: Any) -> Found:
    matches = run(events, timeline_of(hosts=HOSTS), by="host", **parts)
    return {ids for ids, outcome in outcomes(matches) if outcome == "matched"}


# --- python-eql: nearest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["ab", "abc", "aab", "aa", "aba"])
@pytest.mark.parametrize("seed", [1, 2])
def test_nearest_is_an_eql_sequence(names: str, seed: int, tmp_path: Path) -> None:
    events = random_events(seed, "abc")
    terms = " ".join(f"[any where name == '{name}']" for name in names)
    printed = [int(str(each["id"])) for each in eql(f"sequence by host with maxspan=30s {terms}", events, tmp_path)]
    theirs = {tuple(printed[at : at + len(names)]) for at in range(0, len(printed), len(names))}
    steps = [{f"s{number}": name} for number, name in enumerate(names)]
    assert ours(events, sequence=steps, span=30, pair="nearest") == theirs


# --- SEC: first, absence, threshold -----------------------------------------------------------------------------------

PAIR = r"""type=Pair
ptype=RegExp
pattern=^\d+ (\S+) a (\d+)$
desc=open $1
action=none
ptype2=RegExp
pattern2=^\d+ $1 b (\d+)$
desc2=%1
action2=write - -> %2 $1
window=30
"""
ABSENT = r"""type=PairWithWindow
ptype=RegExp
pattern=^\d+ (\S+) a (\d+)$
desc=open $1
action=write - -> $2
ptype2=RegExp
pattern2=^\d+ $1 b (\d+)$
desc2=%1
action2=none
window=30
"""
THRESHOLD = r"""type=SingleWithThreshold
ptype=RegExp
pattern=^(\d+) (\S+) a (\d+)$
desc=count $2
action=write - -> $2 %u
window=20
thresh=3
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_first_is_a_sec_pair(seed: int, tmp_path: Path) -> None:
    events = random_events(seed, "ab")
    theirs = {(int(a), int(b)) for a, b in (line.split() for line in sec(PAIR, events, tmp_path))}
    assert ours(events, sequence=[{"s0": "a"}, {"s1": "b", "within": 30}], pair="first") == theirs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_absence_is_a_sec_pair_with_window(seed: int, tmp_path: Path) -> None:
    events = random_events(seed, "ab")
    theirs = {(int(line),) for line in sec(ABSENT, events, tmp_path)}
    assert ours(events, sequence=[{"s0": "a"}, {"not": "b", "within": 30}], pair="first") == theirs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_episode_begins_where_a_sec_threshold_fires(seed: int, tmp_path: Path) -> None:
    """SEC fires, is still until the window is over, and starts afresh; an episode lasts as long as windows overlap. So
    each shot falls into an episode, and the first one into its third event."""
    events = random_events(seed, "ab")
    shots: dict[str, list[int]] = {}
    for line in sec(THRESHOLD, events, tmp_path):
        host, second = line.split()
        shots.setdefault(host, []).append(int(second))
    at = [round(ev.at) for ev in sorted(events, key=lambda ev: ev.at)]
    host_of = frame_of(events)["host"]
    episodes: dict[str, list[list[int]]] = {}
    for ids in sorted(ours(events, count={"event": "a", "at_least": 3, "within": 20})):
        episodes.setdefault(host_of[ids[0]], []).append([at[each] for each in ids])
    assert episodes.keys() == shots.keys()
    for host, mine in episodes.items():
        assert all(any(one[0] <= shot <= one[-1] for one in mine) for shot in shots[host])
        for one in mine:
            full = next(end for start, end in zip(one, one[2:], strict=False) if end - start <= 20)
            assert min(shot for shot in shots[host] if one[0] <= shot <= one[-1]) == full


# --- DuckDB: each and all ---------------------------------------------------------------------------------------------

ASOF = """
select a.id, b.at from (select * from ev where name = 'a') a
asof join (select * from ev where name = 'b') b on a.host = b.host and a.at <= b.at
where b.at - a.at <= 30000000
"""
JOIN = """
select a.id, b.id from ev a join ev b on a.host = b.host and b.at - a.at between 0 and 30000000
where a.name = 'a' and b.name = 'b'
"""
BETWEEN = """
select a.id, b.id from ev a join ev b on a.host = b.host and b.at - a.at between 0 and 30000000
where a.name = 'a' and b.name = 'b'
and not exists (select 1 from ev m where m.host = a.host and m.name in ('m', 'x') and m.at between a.at and b.at)
"""
PAIR_STEPS = [{"s0": "a"}, {"s1": "b", "within": 30}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_is_an_asof_join(seed: int, tmp_path: Path) -> None:
    events = random_events(seed, "ab", lane_each=True)
    time = [round(ev.at * 10**6) for ev in sorted(events, key=lambda ev: ev.at)]
    theirs = {(int(str(a)), int(str(at))) for a, at in duckdb(ASOF, events, tmp_path)}
    assert {(a, time[b]) for a, b in ours(events, sequence=PAIR_STEPS, pair="each")} == theirs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_is_a_plain_join(seed: int, tmp_path: Path) -> None:
    events = random_events(seed, "ab", lane_each=True)
    theirs = {(int(str(a)), int(str(b))) for a, b in duckdb(JOIN, events, tmp_path)}
    assert ours(events, sequence=PAIR_STEPS, pair="all") == theirs


def test_each_and_nearest_are_what_flink_was_recorded_to_find() -> None:
    """MATCH_RECOGNIZE ``A X*? B``: skipping to the next row, and past the last row with no newer A in between."""
    recorded = json.loads(RECORDED.read_text())
    events = [Ev(name, float(second), host) for name, host, second in recorded["events"]]
    for policy in ("each", "nearest"):
        assert ours(events, sequence=PAIR_STEPS, pair=policy) == {tuple(pair) for pair in recorded[policy]}


# --- the worked examples, by the engines they are of ------------------------------------------------------------------

#: Where python-eql is no oracle: it takes the order of arrival for that of time, and any other event for an absence.
NOT_EQL = ("E6", "E13")


def examples(letter: str, pair: str) -> list[Any]:
    return [
        pytest.param(*case[1:], id=case[0])
        for case in CASES
        if case[0].startswith(letter) and case[3] == pair and not case[0].startswith(NOT_EQL)
    ]


def named(found: list[list[int]], events: list[Ev]) -> list[str]:
    names = labels(events)
    return sorted("-".join(names[at] for at in ids) for ids in found)


def chunks(printed: list[dict[str, object]], length: int) -> list[list[int]]:
    ids = [int(str(each["id"])) for each in printed]
    return [ids[at : at + length] for at in range(0, len(ids), length)]


@pytest.mark.parametrize(("text", "steps", "pair", "expected"), examples("E", "nearest"))
def test_eql_finds_what_its_example_says(text: str, steps: Any, pair: str, expected: list[str], tmp_path: Path) -> None:
    events = parse(text)
    terms = " ".join(f"[any where name == '{next(iter(step.values()))}']" for step in steps)
    printed = eql(f"sequence by host with maxspan=30s {terms}", events, tmp_path)
    assert named(chunks(printed, len(steps)), events) == expected


@pytest.mark.parametrize(
    ("text", "names", "span", "expected"),
    [("a0 a5 a9 a10", "aaa", 30, ["a1-a2-a3", "a2-a3-a4"]), ("a0 b8 c11", "abc", 10, [])],
    ids=["E11 three times", "E14 the span is from the first event"],
)
def test_eql_repeats_and_spans(text: str, names: str, span: int, expected: list[str], tmp_path: Path) -> None:
    events = parse(text)
    terms = " ".join(f"[any where name == '{name}']" for name in names)
    printed = eql(f"sequence by host with maxspan={span}s {terms}", events, tmp_path)
    assert named(chunks(printed, 3), events) == expected


@pytest.mark.parametrize(("text", "steps", "pair", "expected"), examples("S", "first"))
def test_sec_finds_what_its_example_says(text: str, steps: Any, pair: str, expected: list[str], tmp_path: Path) -> None:
    events = parse(text)
    written = sec(ABSENT if "not" in steps[1] else PAIR, events, tmp_path)
    assert named([[int(each) for each in line.split()] for line in written], events) == expected


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("a0 a49 a68 a102 a106", [102]),
        ("a0 a30 a60", [60]),
        ("a0 a30 a61", []),
        ("a0 a1 a2 a70 a71 a72", [2, 72]),
    ],
)
def test_a_sec_threshold_fires_where_its_example_says(text: str, fires: list[int], tmp_path: Path) -> None:
    """S9 and S10: three in 60 s; ``test_threshold`` has the episodes."""
    written = sec(THRESHOLD.replace("window=20", "window=60"), parse(text), tmp_path)
    assert [int(line.split()[1]) for line in written] == fires


@pytest.mark.parametrize(("text", "steps", "pair", "expected"), [*examples("M", "each"), *examples("tie", "each")])
def test_an_asof_join_finds_what_the_example_says(
    text: str, steps: Any, pair: str, expected: list[str], tmp_path: Path
) -> None:
    """What must not lie between the two is one join more."""
    events = parse(text)
    query = BETWEEN if any("not" in step for step in steps) else ASOF.replace("b.at from", "b.id from")
    assert named([[int(str(each)) for each in row] for row in duckdb(query, events, tmp_path)], events) == expected


@pytest.mark.parametrize(("text", "steps", "pair", "expected"), examples("join", "all"))
def test_a_join_finds_what_the_example_says(
    text: str, steps: Any, pair: str, expected: list[str], tmp_path: Path
) -> None:
    events = parse(text)
    assert named([[int(str(each)) for each in row] for row in duckdb(JOIN, events, tmp_path)], events) == expected

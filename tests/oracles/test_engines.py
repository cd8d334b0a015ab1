"""Each pairing policy against the engine it is said to equal, over random events on many hosts at once."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.oracles.engines import duckdb, eql, sec
from tests.patterns.material import Ev, frame_of, outcomes, run, timeline_of

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

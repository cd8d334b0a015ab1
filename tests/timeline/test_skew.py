"""Clock skew between hosts: right within what it states, or withheld."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from logcorr.schema import Source, Timeline
from logcorr.timeline import ClockSettings, build
from logcorr.timeline.clocks.skew import Estimate, estimate_all, make_pairs, settle_clocks
from logcorr.timeline.tracks.anchors import find_anchors
from tests.timeline.frames import at, micros, records, source, times

START = micros(at("2025-11-04 00:00:00"))
SECOND = 1_000_000


@dataclass(frozen=True)
class Network:
    """Two hosts, ``a`` (192.0.2.1) and ``b`` (198.51.100.2), whose clocks differ, and the flows between them."""

    skew: float  # clock of a minus clock of b, in seconds
    flows: int = 60
    both_ways: bool = True
    delay: float = 0.05  # mean one-way delay
    spread: float = 0.05  # of the delay, exponential
    false: float = 0.1  # share of pairs that are two different events
    resolution: float = 0.0  # of b's stamps
    slow_log: float = 0.0  # by which a writes down late what it starts itself
    reach: float = 600.0  # how far apart two different events with one key may lie


def sightings(network: Network, rng: random.Random) -> pl.DataFrame:
    rows = []
    for flow in range(network.flows):
        a_starts = not network.both_ways or flow % 2 == 0
        begun = rng.uniform(0, 6 * 3600)
        arrives = begun + network.delay + rng.expovariate(1 / network.spread)
        on_a, on_b = (begun + network.slow_log, arrives) if a_starts else (arrives, begun)
        if rng.random() < network.false:
            on_b = on_a + rng.uniform(-network.reach, network.reach)
        if network.resolution:
            on_b = on_b // network.resolution * network.resolution + network.resolution / 2
        ends = ("192.0.2.1", "198.51.100.2") if a_starts else ("198.51.100.2", "192.0.2.1")
        for host, time in (("a", on_a + network.skew), ("b", on_b)):
            resolution = int(network.resolution * SECOND) if host == "b" else 1
            rows.append((host, f"{ends[0]} {20_000 + flow}", *ends, START + int(time * SECOND), max(resolution, 1)))
    return pl.DataFrame(rows, schema=["host", "key", "starter", "other", "time", "resolution"], orient="row")


def measure(network: Network, seed: int) -> Estimate:
    (found,) = estimate_all(make_pairs(sightings(network, random.Random(seed))))
    return found


def networks(count: int) -> list[tuple[Network, int]]:
    rng = random.Random(4010)
    return [
        (
            Network(
                skew=rng.choice([-1, 1]) * rng.choice([0.0, rng.uniform(0, 2), rng.uniform(0, 600)]),
                flows=rng.choice([16, 30, 60, 200]),
                delay=rng.choice([0.001, 0.02, 0.2]),
                spread=rng.choice([0.001, 0.03, 0.3]),
                resolution=rng.choice([0.0, 0.0, 1.0]),
                slow_log=rng.choice([0.0, 0.0, 0.0, 5.0]),
            ),
            rng.randrange(10**6),
        )
        for _ in range(count)
    ]


def test_the_truth_lies_within_the_stated_uncertainty_95_times_in_100() -> None:
    right = known = sharp = 0
    trials = networks(400)
    for network, seed in trials:
        found = measure(network, seed)
        if found.skew is None:
            continue
        known += 1
        error = abs(found.skew / SECOND - network.skew)
        right += error <= found.uncertainty / SECOND
        sharp += found.uncertainty <= (3 + network.slow_log + network.resolution) * SECOND
    assert known >= 0.9 * len(trials)
    assert right >= 0.95 * known
    assert sharp >= 0.9 * known


@pytest.mark.parametrize(
    "network",
    [
        Network(skew=3.2, both_ways=False),
        Network(skew=0.0, both_ways=False, delay=5.0),
        Network(skew=120.0, both_ways=False, spread=40.0),
        Network(skew=120.0, spread=120.0),
        Network(skew=3.2, false=0.9),
        Network(skew=3.2, flows=8),
        Network(skew=3.2, slow_log=90.0),
    ],
    ids=["one way", "one way with a constant delay", "one way with lags", "delays that vary by minutes",
         "nearly all pairs false", "too few", "the two ways disagree by minutes"],
)  # fmt: skip
def test_it_is_withheld_where_it_cannot_be_known(network: Network) -> None:
    withheld = [measure(network, seed) for seed in range(20)]
    assert all(one.skew is None for one in withheld)
    assert all(one.words.startswith("not estimated: ") for one in withheld)


def test_a_delay_that_is_really_there_is_not_erased() -> None:
    for seed in range(20):
        found = measure(Network(skew=0.0, delay=4.0, spread=0.01), seed)
        assert found.skew is not None
        assert abs(found.skew) <= found.uncertainty
        assert found.uncertainty >= 4 * SECOND


def test_a_clock_that_drifts_widens_the_uncertainty() -> None:
    steady = sightings(Network(skew=3.0, flows=120, delay=0.001, spread=0.001, false=0.0), random.Random(1))
    drift = ((pl.col("time") - START) * 1e-4).cast(pl.Int64)  # 2.2 s in six hours
    moved = steady.with_columns(time=pl.when(pl.col("host") == "a").then(pl.col("time") + drift).otherwise("time"))
    (found,) = estimate_all(make_pairs(moved))
    assert found.skew is not None
    assert found.uncertainty > 0.5 * SECOND


MESSAGES = {
    "read tcp4 192.168.0.100:45062->172.237.72.8:443: read: connection reset by peer": (
        "192.168.0.100 45062", "192.168.0.100", "172.237.72.8"),
    "open-conn-track: timeout opening (TCP 100.85.61.82:41234 => 100.76.8.62:4010); no associated peer node": (
        "100.85.61.82 41234", "100.85.61.82", "100.76.8.62"),
    "[UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.7 DST=192.0.2.1 LEN=40 PROTO=TCP SPT=443 DPT=57422 SYN": (
        "192.0.2.1 57422", "192.0.2.1", "192.0.2.7"),
    "[NEW] tcp 6 120 SYN_SENT src=192.0.2.7 dst=192.0.2.1 sport=42348 dport=443 [UNREPLIED]": (
        "192.0.2.7 42348", "192.0.2.7", "192.0.2.1"),
    "Connection from 192.0.2.7 port 50122 on 192.0.2.1 port 22 rdomain": ("192.0.2.7 50122", "192.0.2.7", "192.0.2.1"),
    "Accepted publickey for root from 192.0.2.7 port 50122 ssh2": ("192.0.2.7 50122", "192.0.2.7", None),
    "dial tcp [2001:db8::1]:40000->[2001:db8::2]:443: i/o timeout": ("2001:db8::1 40000", "2001:db8::1", "2001:db8::2"),
    "DHCPREQUEST for 192.0.2.9 on eth0 to 255.255.255.255 port 67": (
        "DHCPREQUEST 192.0.2.9", "DHCP client", "DHCP server"),
    "DHCPACK(br0) 192.0.2.9 00:00:5e:00:53:01 host": ("DHCPACK 192.0.2.9", "DHCP server", "DHCP client"),
}  # fmt: skip


def anchors_in(message: str) -> pl.DataFrame:
    return find_anchors(pl.DataFrame({"message": [message], "program": ["app"], "origin": ["text"]}))


@pytest.mark.parametrize(("message", "anchor"), MESSAGES.items())
def test_anchors_in_messages(message: str, anchor: tuple[str, str, str | None]) -> None:
    found = anchors_in(message)
    assert anchor in found.select("key", "starter", "other").rows()


def test_hardware_addresses_match_in_any_spelling() -> None:
    one = anchors_in("DHCPS allocated IP 192.0.2.5 for [MAC: 00-00-5E-00-53-AF]")
    two = anchors_in("DHCPOFFER on lease to 00:00:5e:00:53:af")
    assert "00:00:5e:00:53:af" in set(one["key"]) & set(two["key"])


def two_hosts(skew: float, *, both_ways: bool = True, until: int = 40, lag: float = 0.0) -> list[Source]:
    """``b`` is ``skew`` ahead up to flow ``until``, and writes each line up to ``lag`` late."""
    stamps: dict[str, list[Any]] = {"a": [], "b": []}
    said: dict[str, list[str]] = {"a": [], "b": []}
    for flow in range(40):
        a_starts = flow % 2 == 0 or not both_ways
        ends = ("192.0.2.1", "198.51.100.2") if a_starts else ("198.51.100.2", "192.0.2.1")
        begun = at("2025-11-04 00:00:00") + timedelta(seconds=60 * flow)
        for host in "ab":
            heard = begun + timedelta(milliseconds=0 if (host == "a") == a_starts else 20)
            off = (skew if flow < until else 0) + lag * (flow % 5) / 4
            stamps[host].append(heard + timedelta(seconds=off if host == "b" else 0))
            said[host].append(f"{host}: tcp {ends[0]}:{20_000 + flow}->{ends[1]}:443 seen")
    return [source(f"{host}.log", records(stamps[host], host=host, message=said[host])) for host in "ab"]


def assert_order(timeline: Timeline) -> None:
    hosts = timeline.frame["host"].to_list()
    assert hosts[:4] == ["a", "b", "b", "a"]


def test_an_estimated_skew_is_applied_with_its_uncertainty() -> None:
    timeline = build(two_hosts(120.0), ClockSettings())
    a, b = timeline.inputs
    assert b.skew_s is not None
    assert abs(abs(b.skew_s) - 120) < 0.05
    assert "20 one way and 20 the other" in str(b.skew_from)
    assert a.skew_s is None
    row = timeline.frame.filter(pl.col("host") == "b").row(0, named=True)
    assert row["time_lo"] <= at("2025-11-04 00:00:00.02") <= row["time_hi"]


@pytest.mark.parametrize("skew", [0.5, 600.0, -600.0])
def test_a_clock_that_was_set_meanwhile_has_no_one_skew(skew: float) -> None:
    timeline = build(two_hosts(skew, until=12), ClockSettings())
    assert [one.skew_s for one in timeline.inputs] == [None, None]
    assert f"some in a row {-skew:+.1f} s" in str(timeline.inputs[0].skew_from)


def test_the_uncertainty_holds_for_each_record_of_a_relay_that_lags() -> None:
    timeline = build(two_hosts(20.0, lag=3.0), ClockSettings())
    frame = timeline.frame.filter(pl.col("host") == "b").sort("line")
    assert timeline.inputs[1].skew_s is not None
    for flow, row in enumerate(frame.iter_rows(named=True)):
        true = at("2025-11-04 00:00:00") + timedelta(seconds=60 * flow + (0.02 if flow % 2 == 0 else 0))
        assert row["time_lo"] <= true <= row["time_hi"]


def test_a_given_skew_overrules_and_is_ahead_of_true_time() -> None:
    timeline = build(two_hosts(120.0), ClockSettings(skews={"b": 120.0}))
    assert timeline.inputs[1].skew_s == 120.0
    assert timeline.inputs[1].skew_from == "given"
    assert_order(timeline)


def test_clocks_that_agree_are_left_alone() -> None:
    timeline = build(two_hosts(0.0), ClockSettings())
    assert {item.skew_s for item in timeline.inputs} == {None}
    assert any("agrees with" in str(item.skew_from) for item in timeline.inputs)
    assert_order(timeline)


def test_hosts_that_share_nothing_say_so() -> None:
    sources = [source(f"{host}.log", records(["2025-11-04 00:00:00"], host=host)) for host in "ab"]
    assert {item.skew_from for item in build(sources, ClockSettings()).inputs} == {
        "not estimated: no event that another host logged too"
    }


def test_events_that_run_one_way_change_nothing_and_say_why() -> None:
    sources = two_hosts(3.2, both_ways=False)
    timeline = build(sources, ClockSettings())
    assert {item.skew_s for item in timeline.inputs} == {None}
    assert all("do not run both ways" in str(item.skew_from) for item in timeline.inputs)
    assert times(timeline) == times(build(sources, ClockSettings(estimate_skew=False)))


def test_a_fleet_costs_as_much_as_it_has_hosts_and_what_was_not_compared_is_told() -> None:
    """Each of 3,000 hosts shares an event with the one before, and all of them one that tells none apart."""
    fleet = 3_000
    hosts = [f"h{number:04}" for number in range(fleet)]
    chain = [(name, f"flow {number - back}") for number, name in enumerate(hosts) for back in (0, 1)]
    rows = [*chain, *((name, "198.51.100.1") for name in hosts)]
    frame = pl.DataFrame(rows, schema=["host", "key"], orient="row").with_columns(
        pl.lit(None, pl.String).alias("starter"),
        pl.lit(None, pl.String).alias("other"),
        time=pl.int_range(pl.len()) * 1000,
        resolution=pl.lit(1, pl.Int64),
    )
    pairs = make_pairs(frame)
    assert pairs.height == fleet - 1
    estimates = estimate_all(pairs)
    assert len(estimates) == fleet - 1
    assert {one.words.split(" shared")[0] for one in estimates} == {"not estimated: only 1 event"}
    assert len(settle_clocks(estimates, {}, dict.fromkeys(hosts, (1,)))) == fleet


def test_a_long_row_of_hosts_is_followed_from_end_to_end() -> None:
    row = [Estimate(f"h{n:05}", f"h{n + 1:05}", 1_000, 1, (9, 9), f"estimated with h{n + 1:05}") for n in range(20_000)]
    clocks = settle_clocks(row, {"h00000": 5.0}, {f"h{n:05}": (1,) for n in range(20_001)})
    assert clocks["h20000"].skew == 5_000_000 - 20_000 * 1_000

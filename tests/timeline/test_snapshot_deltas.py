"""What changed between two snapshots: as a plain loop finds it, over files and resets; the same if packed."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from logcorr.schema import Source
from logcorr.timeline import ClockSettings, build
from tests.timeline.frames import at, records, source

NOW = ClockSettings(now=at("2025-11-05 12:00:00"))
NIGHT = at("2025-11-04 03:00:00")


def shots(path: str, *said: tuple[int, str], host: str | None = "opg-srv", program: str = "ethtool") -> Source:
    """A file of snapshots: seconds after the night's beginning, and what was stated then."""
    rows = records(
        [NIGHT + timedelta(seconds=second) for second, _ in said],
        host=host, program=program, message=[text for _, text in said], transport="snapshot", resolution=2_000_000,
        about=[text.split(":")[0] for _, text in said],
    )  # fmt: skip
    return Source(path, "snapshot", rows, source(path, rows).unparsed, lines=rows.height)


def deltas(*sources: Source) -> list[str]:
    frame = build(sources, NOW).frame
    return frame.filter(pl.col("message").str.contains(" within "))["message"].to_list()


def test_two_files_give_what_grew_in_between() -> None:
    frame = build(
        [shots("a", (0, "eno1: rx_packets 12, rx_errors 3")), shots("b", (360, "eno1: rx_packets 90, rx_errors 815"))],
        NOW,
    ).frame
    assert frame["message"].to_list()[1] == "eno1: rx_errors +812 within 360.0 s, from 03:00:00 to 03:06:00 UTC"
    assert frame["id"].to_list() == [0, 1, 2]
    delta = frame.row(1, named=True)
    assert (delta["time_lo"], delta["time_hi"]) == (NIGHT, NIGHT + timedelta(seconds=362) - timedelta(microseconds=1))
    assert delta["time"] == NIGHT + timedelta(seconds=180)
    assert (delta["host"], delta["source"], delta["line"]) == ("opg-srv", 1, 1)


def test_a_counter_that_was_left_out_was_nothing() -> None:
    assert deltas(shots("a", (0, "eno1: rx_packets 12"), (60, "eno1: rx_packets 12, rx_errors 7"))) == [
        "eno1: rx_errors +7 within 60.0 s, from 03:00:00 to 03:01:00 UTC"
    ]


def test_counters_that_fall_began_again_and_nothing_is_added_up() -> None:
    said = shots("a", (0, "eno1: rx_errors 7, tx_errors 1"), (60, "eno1: rx_errors 2, tx_errors 9"), (120, "eno1: e 0"))
    assert [one.split(" within")[0] for one in deltas(said)] == ["eno1: counters began again"] * 2


def test_states_that_turn() -> None:
    said = shots("a", (0, "bond0 member eno1: MII status up, link failures 4"),
                 (60, "bond0 member eno1: MII status down, link failures 5"), program="bonding")  # fmt: skip
    assert deltas(said) == [
        "bond0 member eno1: link failures +1, MII status up -> down within 60.0 s, from 03:00:00 to 03:01:00 UTC"
    ]


def test_no_change_is_no_record() -> None:
    assert not deltas(shots("a", (0, "eno1: rx_packets 1, rx_errors 3"), (60, "eno1: rx_packets 900, rx_errors 3")))


def test_an_idle_peer_that_talks_has_not_changed() -> None:
    said = (0, "peer vps1 100.85.61.82: state idle"), (60, "peer vps1 100.85.61.82: state active, tx 4, rx 5")
    assert not deltas(shots("a", *said, program="tailscale-status"))


def test_prose_is_not_compared() -> None:
    said = (0, "health: not connected to home DERP region 4"), (60, "health: not connected to home DERP region 7")
    assert not deltas(shots("a", *said, program="tailscale-status"))


def test_other_things_other_hosts_and_logs_are_not_compared() -> None:
    assert not deltas(
        shots("a", (0, "eno1: rx_errors 3"), (60, "eno2: rx_errors 815")),
        shots("b", (60, "eno1: rx_errors 815"), host="vps1"),
        shots("c", (60, "eno1: rx_errors 815"), program="ip"),
        source("d", records([NIGHT + timedelta(seconds=60)], host="opg-srv", program="ethtool",
                            message="eno1: rx_errors 815")),
    )  # fmt: skip


def test_files_whose_order_is_open_are_not_compared() -> None:
    """Both may have been printed within the same two seconds."""
    assert not deltas(shots("a", (0, "eno1: rx_errors 3")), shots("b", (1, "eno1: rx_errors 4")))
    assert deltas(shots("a", (0, "eno1: rx_errors 3"), (1, "eno1: rx_errors 4")))  # one file's order is its own


def test_snapshots_without_a_host_belong_to_the_only_host_with_their_interface() -> None:
    journal = source("opg.export", records([NIGHT], host="opg-srv", program="systemd-networkd", about="eno1"))
    other = source("vps.export", records([NIGHT], host="vps1", program="systemd-networkd", about="eth0"))
    frame = build([shots("a", (0, "eno1: rx_errors 3"), host=None), journal, other], NOW).frame
    assert set(frame.filter(pl.col("transport") == "snapshot")["host"]) == {"opg-srv"}


def test_a_series_of_files_is_one_host_and_two_folders_are_two() -> None:
    def one(path: str, second: int, count: int) -> Source:
        return shots(path, (second, f"eth7: rx_errors {count}"), host=None)

    series = one("a/ethtool-20251104T030000.txt", 0, 3), one("a/ethtool-20251104T030600.txt", 360, 4)
    assert len(deltas(*series)) == 1
    assert not deltas(one("a/ethtool-20251104T030000.txt", 0, 3), one("b/ethtool-20251104T030600.txt", 360, 4))


def test_addresses_that_a_snapshot_shows_say_nothing_of_clocks() -> None:
    """The router leases each address, and some minutes later the host shows it."""
    leased = [f"DHCP Server allocated IP address 192.168.0.{one} for the client." for one in range(40)]
    shown = [(200 + 60 * one, f"eno{one}: link up, address 192.168.0.{one}/24") for one in range(40)]
    router = records([NIGHT + timedelta(seconds=60 * one) for one in range(40)], host="er605", message=leased)
    timeline = build([source("er605.log", router), shots("a", *shown, program="ip")], NOW)
    assert {one.skew_from for one in timeline.inputs} == {"not estimated: no event that another host logged too"}


def test_a_snapshot_is_no_log_that_starts_late_or_falls_silent() -> None:
    log = source("opg.log", records([NIGHT + timedelta(minutes=minute) for minute in range(300)], host="opg-srv"))
    timeline = build([log, shots("a", (3600, "eno1: rx_errors 3"), (12000, "eno1: rx_errors 4"))], NOW)
    assert not timeline.gaps


SERIES = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["eno1", "eno2"]), st.integers(0, 3), st.sampled_from(["up", "no"])),
    min_size=1, max_size=25, unique_by=lambda one: (one[0], one[1]),
)  # fmt: skip


def expected(series: list[tuple[int, str, int, str]]) -> list[str]:
    """The same with a plain loop."""
    found = []
    last: dict[str, tuple[int, int, str]] = {}
    for minute, name, errors, link in sorted(series):
        if name in last:
            before, had, was = last[name]
            told = [f"rx_errors +{errors - had}"] if errors > had else []
            told += [f"link {was} -> {link}"] if link != was else []
            told += ["counters began again"] if errors < had else []
            clock = " to ".join(f"{NIGHT + timedelta(minutes=one):%H:%M:%S}" for one in (before, minute))
            if told:
                found.append(f"{name}: {', '.join(told)} within {60.0 * (minute - before)} s, from {clock} UTC")
        last[name] = (minute, errors, link)
    return sorted(found)


@given(SERIES, st.integers(1, 3), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_as_a_loop_finds_them_in_however_many_files_and_packed(
    series: list[tuple[int, str, int, str]], files: int, rows: int
) -> None:
    said = [
        (60 * minute, f"{name}: link {link}" + (f", rx_errors {errors}" if errors else ""))
        for minute, name, errors, link in sorted(series)
    ]
    sources = [shots(f"{number}", *part) for number in range(files) if (part := said[number::files])]
    frame = build(sources, NOW).frame
    assert sorted(frame.filter(pl.col("message").str.contains(" within "))["message"]) == expected(series)
    assert frame["time"].is_sorted()
    assert_frame_equal(pl.concat(build(sources, NOW, packed_from=1).in_order(rows)), frame)

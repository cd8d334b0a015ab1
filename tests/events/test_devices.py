"""What a device that nothing vouches for says of the router: believed where no router was seen, and told elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl
import pytest

from logcorr.events import classify, disbelieved
from logcorr.model import SourceFile
from logcorr.rulebook import load_rules
from logcorr.schema import Timeline
from tests.events.material import timeline
from tests.timeline.frames import at

RULES = load_rules()
BEGIN = at("2026-03-14 03:00:00")
LOST = "WAN_DHCP 192.0.2.1: Alarm latency 0us stddev 0us loss 100%"

Line = tuple[int, int, str, str, str]  # minute, source, host, program, message

#: A router whose log covers an hour and says nothing of an outage.
CALM: list[Line] = [
    (minute, 0, "gw", "dpinger", "send_interval 500ms loss_interval 2000ms") for minute in range(0, 61, 5)
]
CLAIM: Line = (30, 1, "camera", "dpinger", LOST)
OTHER: list[Line] = [(minute, 1, "camera", "app", "motion") for minute in range(0, 61, 5)]


def told(lines: Sequence[Line], routers: Sequence[str] = ()) -> tuple[dict[tuple[str, str], bool | None], list[str]]:
    """By host and event whether it is trusted, and the reasons that are told."""
    rows = [
        {"time": BEGIN + timedelta(minutes=minute), "source": source, "host": host, "program": program,
         "message": message, "origin": "text"}
        for minute, source, host, program, message in sorted(lines)
    ]  # fmt: skip
    inputs = (SourceFile(path="gw.log"), SourceFile(path="collected.log"))
    given = Timeline(timeline(rows).frame, inputs)
    events, gaps = disbelieved(given, classify(given, RULES), RULES, routers)
    trusted = {(host, event): value for host, event, value in events.select("host", "event", "trusted").rows()}
    assert all(gap.kind in ("contradicted", "undeclared") and gap.source for gap in gaps)
    return trusted, [gap.reason for gap in gaps]


def test_a_device_that_the_router_contradicts_is_told_and_decides_nothing() -> None:
    trusted, reasons = told([*CALM, *OTHER, CLAIM])
    assert trusted["camera", "wan.offline"] is False
    (reason,) = reasons
    assert reason.startswith(
        'camera reports "the router finds … down" (1 line), and gw, whose log covers the time, does'
    )
    assert "--router camera" in reason


def test_what_the_router_says_too_is_proved_by_the_router_alone() -> None:
    trusted, reasons = told([*CALM, *OTHER, CLAIM, (31, 0, "gw", "dpinger", LOST)])
    assert (trusted["camera", "wan.offline"], trusted["gw", "wan.offline"]) == (False, None)
    (reason,) = reasons
    assert "and gw does, and proves it alone: nothing vouches" in reason


@pytest.mark.parametrize("minute", range(0, 61, 3))
def test_when_an_undeclared_device_says_it_makes_no_difference(minute: int) -> None:
    claim = (minute, *CLAIM[1:])
    trusted, _ = told([*CALM, *OTHER, claim, (31, 0, "gw", "dpinger", LOST)])
    assert (trusted["camera", "wan.offline"], trusted["gw", "wan.offline"]) == (False, None)


def test_a_device_that_names_another_address_than_the_router_is_not_borne_out() -> None:
    trusted, reasons = told([*CALM, *OTHER, CLAIM, (31, 0, "gw", "dpinger", LOST.replace("192.0.2.1", "192.0.2.254"))])
    assert (trusted["camera", "wan.offline"], trusted["gw", "wan.offline"]) == (False, None)
    assert len(reasons) == 1


def test_routers_of_two_sites_get_back_the_same_provider_with_an_address_each() -> None:
    back = "local  IP address 192.0.2."
    lines: list[Line] = [(30, 1, "far", "pppd", "Modem hangup"), (31, 0, "gw", "pppd", "Modem hangup"),
                         (40, 1, "far", "pppd", f"{back}17"), (41, 0, "gw", "pppd", f"{back}18")]  # fmt: skip
    other = [(minute, source, "far", program, text) for minute, source, _, program, text in OTHER]
    trusted, reasons = told([*CALM, *other, *lines])
    assert (trusted["far", "wan.online"], trusted["far", "wan.address"]) == (False, False)
    assert [("gw does," in reason, reason.count("the PPP session")) for reason in reasons] == [(True, 0), (False, 1)]
    trusted, reasons = told([*CALM, *other, *lines], ["gw", "far"])
    assert (trusted["far", "wan.online"], trusted["far", "wan.address"], reasons) == (None, None, [])


def test_a_device_speaks_where_no_router_was_looking() -> None:
    early = [(minute, 0, "gw", "dpinger", "send_interval 500ms") for minute in range(0, 20, 5)]
    trusted, reasons = told([*early, *OTHER, CLAIM])
    assert (trusted["camera", "wan.offline"], reasons) == (None, [])


def test_what_journald_vouches_for_is_no_strangers() -> None:
    claim = {"time": BEGIN + timedelta(minutes=30), "source": 1, "host": "camera", "program": "dpinger",
             "message": LOST, "origin": "service", "trusted": True, "unit": "dpinger.service"}  # fmt: skip
    rows = [
        {"time": BEGIN + timedelta(minutes=minute), "source": source, "host": host, "program": program,
         "message": message, "origin": "text"}
        for minute, source, host, program, message in sorted([*CALM, *OTHER])
    ]  # fmt: skip
    ordered = sorted([*rows, claim], key=lambda row: row["time"])  # type: ignore[arg-type,return-value]  # a column of times among others
    given = Timeline(timeline(ordered).frame, (SourceFile(path="gw.log"), SourceFile(path="collected.log")))
    events, gaps = disbelieved(given, classify(given, RULES), RULES)
    assert events.filter(pl.col("host") == "camera")["trusted"].to_list() == [True]
    assert gaps == ()


def test_a_router_alone_decides() -> None:
    trusted, reasons = told([*CALM, (30, 0, "gw", "dpinger", LOST)])
    assert (trusted["gw", "wan.offline"], reasons) == (None, [])


@pytest.mark.parametrize("routers", [["gw"], ["g*"], ["nobody"]])
def test_only_those_declared_decide(routers: list[str]) -> None:
    trusted, reasons = told([*CALM, *OTHER, CLAIM, (31, 0, "gw", "dpinger", LOST)], routers)
    assert trusted["camera", "wan.offline"] is False
    assert trusted["gw", "wan.offline"] is (False if routers == ["nobody"] else None)
    assert any("is declared to be the site's router" in reason for reason in reasons)


def test_a_second_router_that_is_declared_decides() -> None:
    trusted, reasons = told([*CALM, *OTHER, CLAIM], ["gw", "camera"])
    assert (trusted["camera", "wan.offline"], reasons) == (None, [])


def test_what_is_said_of_the_device_itself_is_none_of_the_routers() -> None:
    trusted, reasons = told([*CALM, *OTHER, (30, 1, "camera", "kernel", "eth0: Link is Down")])
    assert trusted == {key: value for key, value in trusted.items() if value is not False}
    assert reasons == []


def test_without_any_event_nothing_is_done() -> None:
    empty = timeline([])
    events = classify(empty, RULES)
    same, gaps = disbelieved(empty, events, RULES)
    assert same.equals(events)
    assert gaps == ()
    assert isinstance(same, pl.DataFrame)

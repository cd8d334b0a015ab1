"""What a rate limiter held back is not absent, and what it did not hold back may be: whole logs, shipped events."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from logcorr.events import classify
from logcorr.patterns import match
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Rulebook
from tests.patterns.material import outcomes, rule
from tests.rulebook.stages import read_logs

DERP = "magicsock: [%p] derp.Recv(derp-%d): %v"
OPENS = f'tailscaled[700]: [RATELIMIT] format("{DERP}")'
CLOSES = f"{OPENS} (3 dropped)"
DOWN = "systemd-networkd[611]: eth0: Lost carrier"


@cache
def shipped() -> Rulebook:
    return replace(load_rules(), patterns={}, causes={})


def outcome(*lines: tuple[str, str], absent: str = "derp.lost", **parts: Any) -> list[str]:
    """How ``carrier.lost`` and then no ``absent`` within 30 s comes out, in the journal of a host."""
    steps = [{"down": "carrier.lost"}, {"not": absent, "within": 30}]
    rules = replace(shipped(), patterns={"r": rule(**{"sequence": steps, "by": "host", **parts})})
    around = [
        ("02:00:00", "tailscaled[700]: logtail started"),
        ("02:00:01", "kernel: random: crng init done"),
        ("02:00:02", "sshd[800]: Server listening on 192.0.2.1 port 22."),
        ("02:00:03", "cron[801]: (CRON) INFO (Running @reboot jobs)"),
        *lines,
        ("04:00:00", "tailscaled[700]: the end"),
    ]
    text = "".join(f"2025-11-04T{time}+00:00 h1 {line}\n" for time, line in around)
    timeline = read_logs({"h1.log": text})
    return [out for _, out in outcomes(match(classify(timeline, rules), rules, timeline))]


def test_nothing_held_back_is_absent() -> None:
    assert outcome(("03:00:00", DOWN)) == ["matched"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [("02:59:49", "matched"), ("02:59:52", "inconclusive"), ("03:00:20", "inconclusive"), ("03:00:31", "matched")],
)
def test_a_format_is_held_back_for_ten_seconds_after_the_note(at: str, expected: str) -> None:
    """In the window of 30 s from 03:00:00 on."""
    assert outcome((at, OPENS), ("03:00:00", DOWN)) == [expected]


def test_only_the_events_of_the_format_are_hidden() -> None:
    held = (("03:00:10", OPENS), ("03:00:00", DOWN), ("03:00:25", CLOSES))
    assert outcome(*held) == ["inconclusive"]
    assert outcome(*held, absent="peer.timeout") == ["matched"]
    assert outcome(*held, absent="carrier.gained") == ["matched"]


def test_the_note_that_ends_it_may_come_hours_later() -> None:
    """It comes with the next line of the format; what was dropped was dropped soon after the note that began it."""
    assert outcome(("02:10:00", OPENS), ("03:00:00", DOWN), ("03:30:00", CLOSES)) == ["matched"]


def test_what_began_before_the_log_is_held_back_up_to_the_note_that_ends_it() -> None:
    assert outcome(("03:00:00", DOWN), ("03:30:00", CLOSES)) == ["inconclusive"]


def test_a_format_that_says_nothing_hides_what_its_program_reports() -> None:
    note = ("03:00:10", 'tailscaled[700]: [RATELIMIT] format("%s: %v")')
    assert outcome(note, ("03:00:00", DOWN), absent="peer.timeout") == ["inconclusive"]
    assert outcome(note, ("03:00:00", DOWN), absent="nic.hang") == ["matched"]


@pytest.mark.parametrize(
    ("absent", "expected"), [("nic.hang", "inconclusive"), ("derp.lost", "matched")], ids=["kernel", "tailscaled"]
)
def test_the_kernel_limits_itself(absent: str, expected: str) -> None:
    note = ("03:00:10", "kernel: net_ratelimit: 12 callbacks suppressed")
    assert outcome(("03:00:00", DOWN), note, absent=absent) == [expected]


def test_journald_that_names_a_unit_nobody_speaks_in_hides_everything() -> None:
    note = ("03:00:10", "systemd-journald[300]: Suppressed 1200 messages from other.service")
    assert outcome(("03:00:00", DOWN), note) == ["inconclusive"]


def test_on_another_host_nothing_is_hidden() -> None:
    timeline = read_logs(
        {
            "h1.log": "".join(
                f"2025-11-04T{time}+00:00 h1 {line}\n"
                for time, line in (
                    ("02:00:00", "tailscaled[700]: logtail started"),
                    ("03:00:00", DOWN),
                    ("04:00:00", "tailscaled[700]: the end"),
                )
            ),
            "h2.log": f"2025-11-04T02:00:00+00:00 h2 {OPENS}\n2025-11-04T03:00:05+00:00 h2 {OPENS}\n",
        }
    )
    steps = [{"down": "carrier.lost"}, {"not": "derp.lost", "within": 30}]
    rules = replace(shipped(), patterns={"r": rule(sequence=steps, by="host")})
    assert [out for _, out in outcomes(match(classify(timeline, rules), rules, timeline))] == ["matched"]


def test_a_heartbeat_that_may_have_been_held_back_is_not_silent_for_certain() -> None:
    beats = [
        (f"02:{minute:02}:00", "tailscaled[700]: magicsock: [0xc0] derp.Recv(derp-4): EOF") for minute in range(5, 59)
    ]
    alive = [(f"03:{minute:02}:30", "cron[801]: (root) CMD (true)") for minute in range(60)]
    silence: dict[str, Any] = {"sequence": None, "silence": {"event": "derp.lost", "longer_than": 300}}
    assert outcome(*beats, *alive, **silence) == ["matched"]
    held = [(f"03:{minute:02}:00", f"{OPENS}") for minute in range(60)]
    assert outcome(*beats, *alive, *held, **silence) == []

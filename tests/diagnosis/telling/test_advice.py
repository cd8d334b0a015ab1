"""Actions and checks: whose they are, and what was found filled in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.judging.compete import Outcome, compete
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.advice import actions, checks
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)
CUT = [event(0, "cable.cut"), *LATE]
TOUCH = {"do": "look at <IFACE>", "risk": "none", "why": "it shows"}


def case(rows: list[dict[str, Any]], *causes: Cause) -> tuple[Outcome, Incident, Scene]:
    given = scene(rows, causes)
    return compete(tuple(judged(given).values())), find_incidents(given)[0], given


@pytest.mark.parametrize(
    ("interface", "command"),
    [
        ("enp7s0f1", "ethtool enp7s0f1; ethtool -S enp7s0f1"),
        (None, "ethtool <IFACE>; ethtool -S <IFACE>"),
        ("eth0; reboot", "ethtool <IFACE>; ethtool -S <IFACE>"),
        ("$(reboot)", "ethtool <IFACE>; ethtool -S <IFACE>"),
        ("-I", "ethtool <IFACE>; ethtool -S <IFACE>"),
        ("an-interface-too-long", "ethtool <IFACE>; ethtool -S <IFACE>"),
    ],
)
def test_commands_name_what_was_found_or_show_what_is_open(interface: str | None, command: str) -> None:
    rule = cause(actions=[{**TOUCH, "command": "ethtool <IFACE>; ethtool -S <IFACE>"}])
    outcome, incident, given = case([event(0, "cable.cut", interface=interface), *LATE], rule)
    (action,) = actions([(outcome, incident)], given)
    assert action.command == command
    assert action.do == ("look at enp7s0f1" if interface == "enp7s0f1" else "look at <IFACE>")


def test_commands_name_the_time_of_the_incident() -> None:
    rule = cause(actions=[{**TOUCH, "command": 'journalctl --since "<START>" --until "<END>"'}])
    outcome, incident, given = case(CUT, rule)
    (action,) = actions([(outcome, incident)], given)
    assert action.command == 'journalctl --since "2025-11-04 02:30:00 UTC" --until "2025-11-04 03:31:00 UTC"'


def test_checks_come_from_the_root_first_and_from_nothing_ruled_out() -> None:
    check = {"on": "srv", "settles": ["cable"], "why": "it shows"}
    blind = [{"event": "page.failed", "strength": "weak", "says": "pages fail"}]
    rules = (
        cause(checks=[{"command": "ethtool", **check}]),
        cause("router", "path", needs=["router"], evidence=blind, checks=[{"command": "ping", **check}]),
        cause("fuse", evidence=[{"event": "all.dark", "strength": "strong", "says": "dark"}],
              checks=[{"command": "look", **check}]),
    )  # fmt: skip
    outcome, incident, given = case(CUT, *rules)
    assert [item.command for item in checks([(outcome, incident)], given)] == ["ethtool", "ping"]


def shipped_commands() -> list[tuple[str, str]]:
    """Cause and command of every action and check of the shipped rules."""
    causes = load_rules().causes.values()
    found = [(rule.id, action.command) for rule in causes for action in rule.actions if action.command is not None]
    return found + [(rule.id, check.command) for rule in causes for check in rule.checks]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an address of the documentation", r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d|2001:db8:"),
        ("an interface that is somebody else's", r"\b(?:eno|enp|ens|eth|wlan|wlp)\d"),
        (
            "a time from today on, of an incident that may be old",
            r"(?:--since|-S)[ =]?[\"']?(?:-\d|today|yesterday|\d+ )",
        ),
        ("a size that may be the present one", r"nf_conntrack_max=\d"),
    ],
)
def test_no_shipped_command_names(what: str, pattern: str) -> None:
    assert [(rule, command) for rule, command in shipped_commands() if re.search(pattern, command)] == [], what

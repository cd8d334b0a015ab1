"""What is done to an incident's files on the way to us, and what must not follow from it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.simulate.accuracy import judge
from tests.simulate.causes import SCRIPTS
from tests.simulate.exports.handover import everything, write
from tests.simulate.incident import Incident, background, chatter, simulate
from tests.simulate.machines.clock import MINUTE, SECOND, Window, moment, seconds
from tests.simulate.machines.symptoms import recovered
from tests.simulate.machines.systemd import by_hand
from tests.simulate.score import SURE, Judgement
from tests.simulate.stage import build
from tests.simulate.truth import Truth

pytestmark = pytest.mark.slow

SEED = 13
CAUSES = ("wan-outage", "link-carrier-lost", "service-crashed", "dns-upstream-failed", "key-expired")
KERNEL = "Out of memory: Killed process 1 (tailscaled)"


def verdict(found: Judgement) -> tuple[str, str, tuple[str, ...]]:
    return found.status, found.cause, found.contributing


def rows(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.splitlines()]


def lines(entries: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def server(incident: Incident) -> str:
    return next(name for name, data in incident.files.items() if name.endswith(".json") and b"opg-api" in data)


def shifted(entry: dict[str, object], by: int) -> dict[str, object]:
    stamps = ("__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP")
    return entry | {name: str(int(str(entry[name])) + by) for name in stamps if name in entry}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_order_in_which_lines_are_printed_does_not_matter(cause: str) -> None:
    """The newest first, as ``journalctl -r`` prints: every symptom stands before its cause."""
    incident = simulate(cause, SEED, form="json")
    turned = replace(
        incident,
        files={
            name: lines(rows(data)[::-1]) if name.endswith(".json") else data for name, data in incident.files.items()
        },
    )
    assert verdict(judge(turned)) == verdict(judge(incident))


@pytest.mark.parametrize("by", [-90, 90])
@pytest.mark.parametrize("cause", CAUSES)
def test_a_clock_90_s_off_that_nothing_relates_never_makes_a_wrong_verdict_sure(cause: str, by: int) -> None:
    incident = simulate(cause, SEED, form="json")
    name = server(incident)
    moved = lines([shifted(entry, by * SECOND) for entry in rows(incident.files[name])])
    found = judge(replace(incident, files=incident.files | {name: moved}))
    assert found.cause in (cause, "undetermined") or found.status not in SURE


@pytest.mark.parametrize("cause", CAUSES)
def test_what_only_claims_to_be_the_kernel_changes_nothing(cause: str) -> None:
    """``logger -t kernel`` on the server, and a stranger on the VPS whose user name reads like a kernel's line."""
    incident = simulate(cause, SEED, form="json")
    assert incident.truth.started is not None
    name = server(incident)
    other = next(each for each in incident.files if each.endswith(".json") and each != name)
    entries, far = rows(incident.files[name]), rows(incident.files[other])
    stamp = incident.truth.started - 5 * SECOND
    common = {"__REALTIME_TIMESTAMP": str(stamp), "PRIORITY": "4", "_TRANSPORT": "syslog", "_PID": "4242"}
    claim = {"SYSLOG_IDENTIFIER": "kernel", "MESSAGE": KERNEL, "_COMM": "logger", "_UID": "1000",
             "_SYSTEMD_UNIT": "session-7.scope"}  # fmt: skip
    name_of = {"SYSLOG_IDENTIFIER": "sshd", "_COMM": "sshd", "_EXE": "/usr/sbin/sshd", "_SYSTEMD_UNIT": "ssh.service",
               "MESSAGE": f"Invalid user kernel: {KERNEL} from 203.0.113.9 port 4022"}  # fmt: skip
    entries.append({key: entries[0][key] for key in ("_BOOT_ID", "_HOSTNAME", "_MACHINE_ID")} | common | claim)
    far.append({key: far[0][key] for key in ("_BOOT_ID", "_HOSTNAME", "_MACHINE_ID")} | common | name_of)
    spoofed = replace(incident, files=incident.files | {name: lines(entries), other: lines(far)})
    assert verdict(judge(spoofed)) == verdict(judge(incident))


@pytest.mark.parametrize("cause", CAUSES)
def test_evidence_just_outside_the_window_asked_about_is_looked_back_on(cause: str) -> None:
    """The window begins a minute after the fault: what set it off lies before it, in the same files."""
    incident = simulate(cause, SEED, form="json")
    assert incident.truth.started is not None
    late = replace(incident, since=moment(incident.truth.started + MINUTE))
    found = judge(late)
    assert found.cause in (cause, "undetermined", "no-incident") or found.status not in SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [("wan-outage", "service-crashed"), ("dns-upstream-failed", "peer-offline"), ("key-expired", "wan-outage"),
     ("conntrack-table-full", "relay-region-outage"), ("link-carrier-lost", "control-plane-outage")],
)  # fmt: skip
def test_of_two_faults_at_once_none_is_blamed_for_the_other(first: str, second: str) -> None:
    stage = build(f"two/{first}/{second}")
    background(stage, 1.0)
    at = stage.window.start + 62 * MINUTE
    outcomes = [SCRIPTS[first](stage, at), SCRIPTS[second](stage, at + 40 * SECOND)]
    end = max(outcome.end for outcome in outcomes)
    for calm in (Window(stage.window.start, at - MINUTE), Window(end + MINUTE, stage.window.end)):
        chatter(stage, calm)
    files = dict(write(host, "json", everything, stage.window) for host in (stage.server, stage.vps))
    files["omada-controller.log"] = stage.site.received()
    truth = Truth(title="two", cause=first, since=stage.window.start, until=stage.window.end, also=(second,))
    found = judge(Incident("two", "two", files, truth))
    assert found.cause in (first, second, "undetermined") or found.status not in SURE


def test_a_restart_by_hand_in_the_middle_of_an_outage_is_not_its_cause() -> None:
    """Somebody loses patience: the restart is in the logs, between one failure and the next."""
    stage = build("patience")
    background(stage, 1.0)
    at = stage.window.start + 62 * MINUTE
    outcome = SCRIPTS["wan-outage"](stage, at)
    by_hand(stage.server, at + seconds(45), "/usr/bin/systemctl restart tailscaled")
    stage.on_server.restart(at + seconds(45.1), online=False)
    recovered(stage, outcome.end)
    chatter(stage, Window(stage.window.start, at - MINUTE))
    files = dict(write(host, "json", everything, stage.window) for host in (stage.server, stage.vps))
    truth = Truth(title="x", cause="undetermined", since=stage.window.start, until=stage.window.end)
    assert judge(Incident("patience", "patience", files, truth)).cause == "undetermined"
    with_router = Incident(
        "patience",
        "patience",
        files | {"omada-controller.log": stage.site.received()},
        truth.replaced(cause="wan-outage"),
    )
    assert judge(with_router).cause == "wan-outage"


def test_numbers_in_messages_are_no_times() -> None:
    """A message that begins like a stamp of another year moves nothing."""
    incident = simulate("service-crashed", SEED, form="json")
    name = server(incident)
    odd = re.sub(rb'"MESSAGE":"GET /', b'"MESSAGE":"2019-01-01T00:00:00Z GET /', incident.files[name])
    assert odd != incident.files[name]
    assert verdict(judge(replace(incident, files=incident.files | {name: odd}))) == verdict(judge(incident))

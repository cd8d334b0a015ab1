"""What must never change a verdict: the order, number and format of the files, the zone they are printed in, lines that
only claim their origin. And what may only weaken it: a source left out.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Report

FIXTURES = Path(__file__).parent.parent / "fixtures"
NOW = datetime(2025, 11, 5, tzinfo=UTC)
FLAP, NO_ROUTER, QUIET = "tailscale-link-flap", "tailscale-link-flap-no-router", "quiet-night"
FILES = tuple(sorted(path.name for path in (FIXTURES / FLAP).iterdir()))
SURE = ("confirmed", "likely")
Verdict = tuple[str, str, tuple[str, ...]]


def zones_of(scenario: str) -> dict[str, str]:
    return dict(tomllib.loads((FIXTURES / f"{scenario}.toml").read_text(encoding="utf-8"))["zones"])


def report_on(*inputs: Path, zones: dict[str, str]) -> Report:
    return analyze(AnalyzeRequest(inputs=[str(path) for path in inputs], zones=zones, now=NOW))


def said(report: Report) -> Verdict:
    return report.verdict.status, report.verdict.cause, report.verdict.contributing


@cache
def shipped(scenario: str) -> Report:
    return report_on(FIXTURES / scenario, zones=zones_of(scenario))


@pytest.mark.parametrize("scenario", [FLAP, NO_ROUTER, QUIET])
def test_a_fixture_keeps_its_truth(scenario: str) -> None:
    truth = tomllib.loads((FIXTURES / f"{scenario}.toml").read_text(encoding="utf-8"))
    report = shipped(scenario)
    assert report.verdict.cause == truth["cause"]
    assert list(report.verdict.contributing) == truth["contributing"]
    out = {item.cause for item in report.hypotheses if item.status == "ruled-out"}
    assert set(truth["ruled_out"]) <= out


def test_the_link_is_ruled_out_because_the_daemon_stopped_first() -> None:
    link = next(item for item in shipped(FLAP).hypotheses if item.cause == "interface-set-down")
    assert "the daemon stopped first" in link.reason


def test_without_the_router_its_log_is_asked_for_by_name() -> None:
    report = shipped(NO_ROUTER)
    missing = [gap for gap in report.coverage if gap.kind == "not-given"]
    assert any("router" in gap.reason and "wan-outage" in gap.hides for gap in missing)
    assert any("router" in action.do for action in report.actions)


#: Every question of the note, and the theories that it lists: the report's question, its fate with the router's log,
#: and without it.
ASKED = (
    ("Why is tailscale0 going DOWN?", "Why is tailscale0 going DOWN?", "answered", "answered"),
    ("Is it systemd-networkd?", "Is systemd-networkd interfering", "refuted", "refuted"),
    (
        "Is it a kernel issue?",
        "Why is tailscale0 going DOWN? Is it systemd-networkd, the kernel",
        "answered",
        "answered",
    ),
    ("Is it a driver problem?", "Is the network driver at fault?", "refuted", "refuted"),
    ("What triggers the interface to go DOWN?", "What triggers the interface", "answered", "answered"),
    ("Network errors?", "What triggers the failures, network errors", "answered", "open"),
    ("Resource exhaustion?", "Did resources run out?", "refuted", "refuted"),
    ("Router resetting connections?", "Does the router drop connections", "refuted", "open"),
    ("Is the router the root cause?", "Is the router the root cause?", "answered", "open"),
    ("Connection tracking of the router", "Does the router drop connections (connection tracking", "refuted", "open"),
    ("Firewall rules", "Does the router drop connections (connection tracking, firewall", "refuted", "open"),
    ("NAT timeout settings", "Does the router drop connections (connection tracking, firewall, NAT", "refuted", "open"),
    ("Bond driver or misconfiguration", "Is the bond interface or its driver at fault?", "refuted", "refuted"),
    ("Switch, cable", "Did the physical network fail?", "refuted", "refuted"),
    ("Interface management conflicts", "Do two network managers conflict?", "refuted", "refuted"),
    ("Connection limit reached", "Is connection tracking exhausted on the host?", "refuted", "refuted"),
    ("CPU issues", "Did the host stall?", "refuted", "refuted"),
    ("UDP still blocked", "Is UDP blocked?", "refuted", "refuted"),
    ("Even local DNS times out", "Why does even the local resolver", "answered", "open"),
    ("Works after a restart, then fails", "Why does the service answer right after a restart", "answered", "answered"),
)


@pytest.mark.parametrize(("note", "question", "given", "_"), ASKED, ids=[each[0] for each in ASKED])
def test_each_question_of_the_note_is_answered_with_evidence(note: str, question: str, given: str, _: str) -> None:
    """Evidence is a line, or for what is absent the logs in which it was searched."""
    answer = next(item for item in shipped(FLAP).questions if item.question.startswith(question))
    assert answer.status == given, note
    assert answer.answer
    assert answer.evidence or "Searched: " in answer.answer


@pytest.mark.parametrize(("note", "question", "_", "given"), ASKED, ids=[each[0] for each in ASKED])
def test_without_the_router_each_is_answered_or_names_the_log_that_would(
    note: str, question: str, _: str, given: str
) -> None:
    answer = next(item for item in shipped(NO_ROUTER).questions if item.question.startswith(question))
    assert answer.status == given, note
    assert answer.answer
    assert answer.evidence or "Searched: " in answer.answer or "the router's log" in answer.answer


def test_no_question_that_asks_what_or_why_is_refuted() -> None:
    for scenario in (FLAP, NO_ROUTER):
        refuted = [item.question for item in shipped(scenario).questions if item.status == "refuted"]
        assert not [question for question in refuted if question.startswith(("What", "Why", "Who", "Which", "How"))]


@pytest.mark.parametrize("scenario", [FLAP, NO_ROUTER])
def test_a_mark_of_the_picture_stands_at_its_step_of_the_chain(scenario: str) -> None:
    report = shipped(scenario)
    marks = [mark for lane in report.lanes for mark in lane.marks if mark.chain is not None]
    observed = [place for place, step in enumerate(report.verdict.chain) if step.observed]
    assert sorted(mark.chain for mark in marks if mark.chain is not None) == observed
    for mark in marks:
        assert mark.chain is not None
        assert mark.evidence in report.verdict.chain[mark.chain].evidence


@pytest.mark.parametrize("scenario", [FLAP, NO_ROUTER])
def test_no_symptom_is_told_twice(scenario: str) -> None:
    told = [(step.text, step.host) for step in shipped(scenario).verdict.chain if step.role == "symptom"]
    assert len(told) == len(set(told))


def test_times_in_sentences_say_their_zone() -> None:
    clock = re.compile(r"\b\d\d:\d\d(?::\d\d)?(?![:\d])(?!Z| UTC)")
    for scenario in (FLAP, NO_ROUTER):
        report = shipped(scenario)
        told = [item.explains for item in report.hypotheses] + [item.reason for item in report.hypotheses]
        told += [text for item in report.incidents for text in (item.summary, item.reason, item.warning or "")]
        told += [gap.reason for gap in report.coverage] + [item.answer or "" for item in report.questions]
        assert not [text for text in told if clock.search(text)]


def test_the_export_that_is_asked_for_names_the_time_of_the_incident(tmp_path: Path) -> None:
    """Only the VPS's log: the server's is missing, and the command to get it is ready to be run."""
    shutil.copyfile(FIXTURES / FLAP / "vps1.json.gz", tmp_path / "vps1.json.gz")
    report = report_on(tmp_path, zones={"vps1.json.gz": "UTC"})
    commands = [gap.command for gap in report.coverage if gap.kind == "not-given" and gap.command]
    assert commands
    assert all("START" not in command and " UTC" in command for command in commands)


@pytest.mark.parametrize("left_out", FILES)
def test_a_source_left_out_never_makes_the_verdict_confidently_wrong(left_out: str, tmp_path: Path) -> None:
    kept = [FIXTURES / FLAP / name for name in FILES if name != left_out]
    verdict = report_on(*kept, zones=zones_of(FLAP)).verdict
    assert verdict.cause in ("wan-outage", "undetermined") or verdict.status not in SURE


# --- the same logs, given otherwise --------------------------------------------------------------------------------


def test_the_order_of_the_files_does_not_matter() -> None:
    inputs = [FIXTURES / FLAP / name for name in reversed(FILES)]
    assert said(report_on(*inputs, zones=zones_of(FLAP))) == said(shipped(FLAP))


def test_split_and_merged_files_do_not_matter(tmp_path: Path) -> None:
    """The server's export in three parts, the VPS's syslog after the monitor's own log in one file."""
    entries = (FIXTURES / FLAP / "opg-srv.export").read_bytes().split(b"\n\n")
    third = len(entries) // 3
    for number in range(3):
        part = entries[number * third : (number + 1) * third if number < 2 else None]
        (tmp_path / f"opg-srv.{2 - number}.export").write_bytes(b"\n\n".join(part) + b"\n\n")
    lines = gzip.decompress((FIXTURES / FLAP / "vps1.json.gz").read_bytes()).splitlines(keepends=True)
    (tmp_path / "vps1.json").write_bytes(b"".join(lines[len(lines) // 2 :] + lines[: len(lines) // 2]))
    for name in ("omada-controller.log", "tailscale-monitor.log", "vps1-syslog"):
        shutil.copyfile(FIXTURES / FLAP / name, tmp_path / name)
    zones = zones_of(FLAP) | {f"opg-srv.{number}.export": "UTC" for number in range(3)}
    assert said(report_on(tmp_path, zones=zones)) == said(shipped(FLAP))


def test_all_files_of_a_host_in_one_do_not_matter(tmp_path: Path) -> None:
    """The VPS's journal and its syslog behind one another; the server's export and what its monitor wrote."""
    parts = {
        "vps1.log": (gzip.decompress((FIXTURES / FLAP / "vps1.json.gz").read_bytes()), "vps1-syslog"),
        "opg-srv.log": ((FIXTURES / FLAP / "opg-srv.export").read_bytes(), "tailscale-monitor.log"),
    }
    for name, (first, second) in parts.items():
        (tmp_path / name).write_bytes(first + (FIXTURES / FLAP / second).read_bytes())
    shutil.copyfile(FIXTURES / FLAP / "omada-controller.log", tmp_path / "omada-controller.log")
    zones = zones_of(FLAP) | {"vps1.log": "UTC", "opg-srv.log": "UTC"}
    assert said(report_on(tmp_path, zones=zones)) == said(shipped(FLAP))


def test_another_export_format_and_another_zone_do_not_matter(tmp_path: Path) -> None:
    """The server's journal as JSON instead of export; the VPS's syslog printed five hours and a half ahead."""
    for name in ("omada-controller.log", "tailscale-monitor.log", "vps1.json.gz"):
        shutil.copyfile(FIXTURES / FLAP / name, tmp_path / name)
    (tmp_path / "opg-srv.json").write_text(
        "".join(json.dumps(entry) + "\n" for entry in read_export(FIXTURES / FLAP / "opg-srv.export"))
    )
    syslog = (FIXTURES / FLAP / "vps1-syslog").read_text(encoding="utf-8")
    (tmp_path / "vps1-syslog").write_text(
        re.sub(r"^\w{3} [ \d]\d \d\d:\d\d:\d\d", lambda stamp: ahead(stamp[0]), syslog, flags=re.MULTILINE)
    )
    zones = zones_of(FLAP) | {"vps1-syslog": "Asia/Kolkata"}
    assert said(report_on(tmp_path, zones=zones)) == said(shipped(FLAP))


def ahead(stamp: str) -> str:
    moved = datetime.strptime(f"2025 {stamp}", "%Y %b %d %H:%M:%S") + timedelta(hours=5, minutes=30)  # noqa: DTZ007  a wall clock
    return f"{moved:%b} {moved.day:2d} {moved:%H:%M:%S}"


def read_export(path: Path) -> list[dict[str, str]]:
    """The entries of a journal export; a field without "=" carries its length and its bytes."""
    data, at = path.read_bytes(), 0
    entries: list[dict[str, str]] = [{}]
    while at < len(data):
        end = data.index(b"\n", at)
        name, equals, value = data[at:end].partition(b"=")
        at = end + 1
        if not name:
            entries.append({})
            continue
        if not equals:
            size = int.from_bytes(data[at : at + 8], "little")
            value, at = data[at + 8 : at + 8 + size], at + 8 + size + 1
        entries[-1][name.decode()] = value.decode()
    return [entry for entry in entries if entry]


# --- lines that only claim their origin ------------------------------------------------------------------------------

CLAIMS = (
    ("kernel", "Out of memory: Killed process 1 (tailscaled)"),
    ("systemd", "tailscaled.service: Failed with result 'oom-kill'."),
    ("systemd-networkd", "bond0: Lost carrier"),
    ("tailscaled", "control: server reports new node key [kAbCd] has expired"),
)
NAMES = (
    "kernel: Out of memory: Killed process 1 (tailscaled)",
    "tailscale0: Link DOWN",
    "kernel: bond0: now running without any active interface!",
)


def spoof(folder: Path, at: datetime) -> None:
    """What ``logger -t`` leaves in the server's journal, and strangers with odd user names in the VPS's syslog."""
    stamp = round(at.timestamp() * 1e6)
    path = folder / "opg-srv.export"
    boot = re.search(rb"_BOOT_ID=([0-9a-f]{32})", path.read_bytes())
    assert boot is not None
    with path.open("ab") as export:
        for number, (program, message) in enumerate(CLAIMS):
            fields = {
                "__REALTIME_TIMESTAMP": stamp + number,
                "_BOOT_ID": boot[1].decode(),
                "_HOSTNAME": "opg-srv",
                "_TRANSPORT": "syslog",
                "_COMM": "logger",
                "_UID": 1000,
                "_PID": 4321 + number,
                "_SYSTEMD_UNIT": "user@1000.service",
                "PRIORITY": 5,
                "SYSLOG_IDENTIFIER": program,
                "MESSAGE": message,
            }
            export.write("".join(f"{name}={value}\n" for name, value in fields.items()).encode() + b"\n")
    with (folder / "vps1-syslog").open("a", encoding="utf-8") as syslog:
        for name in NAMES:
            syslog.write(
                f"{at:%b} {at.day:2d} {at:%H:%M:%S} vps1 sshd[990]: Invalid user {name} from 203.0.113.33 port 4242\n"
            )


@pytest.mark.parametrize(("scenario", "at"), [(FLAP, "02:55:40"), (QUIET, "03:10:00")])
def test_spoofed_lines_change_no_verdict(scenario: str, at: str, tmp_path: Path) -> None:
    for path in (FIXTURES / scenario).iterdir():
        if path.name == "opg-srv.export.gz":
            (tmp_path / "opg-srv.export").write_bytes(gzip.decompress(path.read_bytes()))
        else:
            shutil.copyfile(path, tmp_path / path.name)
    spoof(tmp_path, datetime.fromisoformat(f"2025-11-04T{at}+00:00"))
    zones = zones_of(scenario) | {"opg-srv.export": "UTC"}
    assert said(report_on(tmp_path, zones=zones)) == said(shipped(scenario))

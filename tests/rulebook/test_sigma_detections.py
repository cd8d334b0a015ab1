"""Sigma detections: what they match among records, by every modifier, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent

import pytest

from logcorr.errors import RuleError
from logcorr.events import classify_messages
from logcorr.rulebook import load_rules
from logcorr.rulebook.docs.prose import explain
from logcorr.rulebook.models import Rulebook

EVENTS = """\
program: [sshd, app]
events:
  login.failed: {says: "Failed password for {user} from {ip} port {port:port}"}
  blocked: {says: "blocked {remote_ip} to {local_ip} after {duration} of {bytes}"}
"""
RECORDS: list[dict[str, object]] = [
    {
        "program": "sshd",
        "message": "Failed password for root from 192.0.2.7 port 4022",
        "host": "web1",
        "pid": 12,
        "priority": 5,
    },
    {
        "program": "sshd",
        "message": "Failed password for Alice from 198.51.100.9 port 22",
        "host": "web2",
        "priority": 6,
    },
    {"program": "app", "message": "blocked 192.0.2.7 to 10.0.0.1 after 90s of 2048", "host": "Web1"},
    {"program": "app", "message": "a line of\ntwo lines with C:\\temp\\x.exe and 100%", "unit": "app.service"},
    {"program": "cron", "message": "job started"},
    {"program": None, "message": "nothing in particular"},
]


def rules(folder: Path, detection: str, source: str = "{product: linux}") -> Rulebook:
    write(folder, detection, source)
    return load_rules([folder], shipped=False)


def write(folder: Path, detection: str, source: str) -> None:
    detection = indent(detection.strip(), "  ")
    text = f"title: Test\nstatus: test\nlevel: high\nlogsource: {source}\ndetection:\n{detection}\n"
    (folder / "app.yaml").write_text(EVENTS, encoding="utf-8")
    (folder / "sigma.yml").write_text(text, encoding="utf-8")


def matched(folder: Path, detection: str, source: str = "{product: linux}") -> list[int]:
    """The numbers of the records that a detection matches."""
    found = classify_messages(RECORDS, rules(folder, detection, source))
    return [number for number, events in enumerate(found) if any(name == "sigma.test" for name, _ in events)]


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        ("{message: 'job started'}", [4]),
        ("{message: 'JOB started'}", [4]),
        ("{message: 'job'}", []),
        ("{message: 'job*'}", [4]),
        ("{message: '*STARTED'}", [4]),
        ("{message: 'j?b*'}", [4]),
        ("{message: '*'}", [0, 1, 2, 3, 4, 5]),
        ("{message|cased: 'JOB started'}", []),
        ("{message|contains: 'password'}", [0, 1]),
        ("{message|contains: 'PASS*root'}", [0]),
        ("{message|contains|cased: 'PASS'}", []),
        ("{message|startswith: 'failed'}", [0, 1]),
        ("{message|endswith: 'particular'}", [5]),
        ("{message|contains: ['job', 'nothing']}", [4, 5]),
        ("{message|contains|all: ['failed', 'root']}", [0]),
        ("{message|contains: 'line of*two'}", [3]),
        ("{message|contains: '100%'}", [3]),
        ("{message|contains: '\\temp\\'}", [3]),
        ("{message|contains: 'a.l'}", []),
        ("{message|re: 'root|alice'}", [0]),
        ("{message|re|i: 'root|alice'}", [0, 1]),
        ("{message|re: '^two'}", []),
        ("{message|re|m: '^two'}", [3]),
        ("{message|re: 'of.two'}", []),
        ("{message|re|s: 'of.two'}", [3]),
        ("{message|windash|contains: ' -x'}", []),
        ("{message|base64|contains: 'x'}", []),
        ("{program: sshd}", [0, 1]),
        ("{SyslogIdentifier: sshd, hostname: WEB1}", [0]),
        ("{program: [cron, sshd]}", [0, 1, 4]),
        ("{host: web1}", [0, 2]),
        ("{pid: 12}", [0]),
        ("{pid: '1*'}", [0]),
        ("{pid|gte: 12}", [0]),
        ("{pid|gt: 12}", []),
        ("{priority|lt: 6}", [0]),
        ("{priority|lte: 6}", [0, 1]),
        ("{priority|neq: 5}", [1, 2, 3, 4, 5]),
        ("{unit|exists: true}", [3]),
        ("{unit|exists: false}", [0, 1, 2, 4, 5]),
        ("{unit: null}", [0, 1, 2, 4, 5]),
        ("{user: root}", [0]),
        ("{user: ALICE}", [1]),
        ("{src_ip: 192.0.2.7}", [0, 2]),
        ("{src_ip|cidr: 192.0.2.0/24}", [0, 2]),
        ("{src_ip|cidr: ['198.51.100.0/24', '10.0.0.0/8']}", [1]),
        ("{dst_ip|startswith: '10.'}", [2]),
        ("{duration|gt: 60}", [2]),
        ("{bytes: 2048}", [2]),
        ("{user|exists: true}", [0, 1]),
        ("{src_ip|fieldref: local_ip}", []),
        ("{message|fieldref|contains: user}", [0, 1]),
    ],
)
def test_selections(tmp_path: Path, selection: str, numbers: list[int]) -> None:
    assert matched(tmp_path, f"selection: {selection}\ncondition: selection") == numbers


@pytest.mark.parametrize(
    ("detection", "numbers"),
    [
        ("keywords: [job, nothing]\ncondition: keywords", [4, 5]),
        ("keywords: ['failed*root', 4711]\ncondition: keywords", [0]),
        ("keywords:\n  '|all': [failed, root]\ncondition: keywords", [0]),
        ("a: {program: sshd}\nb: {user: root}\ncondition: a and b", [0]),
        ("a: {program: cron}\nb: {user: root}\ncondition: a or b", [0, 4]),
        ("a: {program: sshd}\nb: {user: root}\ncondition: a and not b", [1]),
        ("b: {user: root}\ncondition: not b", [1, 2, 3, 4, 5]),
        ("a1: {program: cron}\na2: {user: root}\nb: {program: app}\ncondition: 1 of a*", [0, 4]),
        ("a1: {program: sshd}\na2: {user: root}\ncondition: all of them", [0]),
        ("a: [{program: cron}, {user: root}]\ncondition: a", [0, 4]),
        ("a: {program: cron}\nb: {user: root}\ncondition: [a, b]", [0, 4]),
        (
            "a:\n  message|contains:\n" + "".join(f"    - word{n}\n" for n in range(250)) + "    - job\ncondition: a",
            [4],
        ),
    ],
)
def test_conditions(tmp_path: Path, detection: str, numbers: list[int]) -> None:
    assert matched(tmp_path, detection) == numbers


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("{product: linux}", [0, 1, 2, 3, 4, 5]),
        ("{product: linux, service: syslog}", [0, 1, 2, 3, 4, 5]),
        ("{product: linux, service: sshd}", [0, 1]),
        ("{product: linux, service: auth}", [0, 1, 4]),
        ("{product: linux, service: cron}", [4]),
        ("{service: sshd}", [0, 1]),
    ],
)
def test_log_sources(tmp_path: Path, source: str, numbers: list[int]) -> None:
    assert matched(tmp_path, "a: {message: '*'}\ncondition: a", source) == numbers


def test_crontab_audit_records_and_network_gear_are_log_sources(tmp_path: Path) -> None:
    said = [
        {"program": "crontab", "message": "(root) REPLACE (root)"},
        {"program": "auditd", "message": 'type=EXECVE msg=audit(1773478800.123:45): argc=2 a0="curl" a1="-s"'},
        {"program": "mgd", "message": "UI_LOGIN_EVENT: User 'ops' login"},
    ]
    wanted = (
        ("a: {message: '*REPLACE*'}\ncondition: a", "{product: linux, service: cron}"),
        ("a: {type: EXECVE, a0: curl}\ncondition: a", "{product: linux, service: auditd}"),
        ("a: {CommandLine|contains: curl}\ncondition: a", "{product: linux, category: process_creation}"),
        ("a: {message: '*login*'}\ncondition: a", "{product: juniper, service: bgp}"),
    )
    for (detection, source), number in zip(wanted, (0, 1, 1, 2), strict=True):
        write(tmp_path, detection, source)
        found = classify_messages(said, load_rules([tmp_path / "sigma.yml"]))
        assert [at for at, events in enumerate(found) if "sigma.test" in dict(events)] == [number], source


def test_rules_that_cannot_be_used_leave_the_others_in_use_and_are_told(tmp_path: Path) -> None:
    for name, product in (("good", "linux"), ("windows", "windows"), ("odd", "linux")):
        field = "Hashes" if name == "odd" else "message"
        source = f"{{product: {product}}}"
        text = f"title: {name}\nlogsource: {source}\ndetection:\n  a: {{{field}: x}}\n  condition: a\n"
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    book = load_rules([tmp_path])
    assert [name for name in book.patterns if name.startswith("sigma-")] == ["sigma-good"]
    assert [text.partition(": ")[0].rsplit("/", 1)[-1].split(":")[0] for text in book.refused] == [
        "odd.yml",
        "windows.yml",
    ]
    assert "product 'windows' is not among these logs" in book.refused[1]
    (tmp_path / "good.yml").unlink()
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path])
    assert len(caught.value.faults) == 2


def test_the_events_have_the_fields_of_the_records_other_events(tmp_path: Path) -> None:
    book = rules(tmp_path, "a: {program: sshd, user: root}\ncondition: a")
    fields = dict(classify_messages(RECORDS, book)[0])["sigma.test"]
    assert fields == {"user": "root", "ip": "192.0.2.7", "port": 4022, "src_ip": "192.0.2.7", "src_port": 4022}


def test_the_event_of_a_detection_can_be_told(tmp_path: Path) -> None:
    told = explain("sigma.test", rules(tmp_path, "a: {user: root}\ncondition: a", "{product: linux, service: cron}"))
    assert "cron, CRON, crond, CROND, anacron or crontab" in told
    assert f"Written in {tmp_path}/sigma.yml:1." in told


def test_a_detection_alone_is_a_pattern_too(tmp_path: Path) -> None:
    book = rules(tmp_path, "a: {user: root}\ncondition: a")
    pattern = book.patterns["sigma-test"]
    assert (pattern.title, pattern.severity, pattern.form()) == ("Test", "high", "count")
    assert book.places["pattern sigma-test"] == f"{tmp_path}/sigma.yml:1"


@pytest.mark.parametrize(
    ("detection", "source", "line", "says"),
    [
        (
            "a: {Hashes: x}\ncondition: a",
            "{product: linux}",
            6,
            "field 'Hashes' is not something that these logs carry",
        ),
        ("a: {usr: x}\ncondition: a", "{product: linux}", 6, "field 'usr'"),
        ("a: {message: x}\ncondition: a", "{product: windows, service: security}", 4, "product 'windows'"),
        ("a: {message: x}\ncondition: a", "{product: linux, category: file_event}", 4, "category 'file_event'"),
        ("a: {message: x}\ncondition: a", "{product: linux, service: shd}", 4, "service 'shd' is not known"),
        ("a: {message|re: 'a(?=b)'}\ncondition: a", "{product: linux}", 1, "invalid"),
        ("a: {message|expand: '%admins%'}\ncondition: a", "{product: linux}", 1, "placeholder %admins%"),
        ("a: {message|sounds_like: x}\ncondition: a", "{product: linux}", 1, "sounds_like"),
        ("a: {message: x}\ncondition: b", "{product: linux}", 1, "'b' not defined"),
        ("a: {message: x}\ncondition: a | count() > 5", "{product: linux}", 1, "pipe syntax"),
        (
            "a: {message: x}\ntimeframe: 5m\ncondition: a",
            "{product: linux}",
            7,
            "timeframe was replaced by correlations",
        ),
        ("a: {message|hour: 3}\ncondition: a", "{product: linux}", 6, "a part of a time"),
        ("a: {message: x}\ncondition: 1 of a*a*a*a*a*", "{product: linux}", 7, "size"),
        ("a: {message: x}", "{product: linux}", 1, "condition"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(
    tmp_path: Path, detection: str, source: str, line: int, says: str
) -> None:
    with pytest.raises(RuleError) as caught:
        rules(tmp_path, detection, source)
    (fault,) = caught.value.faults
    assert says in fault.message
    assert (fault.location or "").startswith(f"{tmp_path}/sigma.yml:{line}:"), fault.location


def test_parts_of_the_time(tmp_path: Path) -> None:
    records = [{"program": "p", "message": "x", "time": datetime(2025, 11, 4, hour, 30, tzinfo=UTC)} for hour in (2, 3)]
    found = classify_messages(records, rules(tmp_path, "a: {timestamp|hour: 3, timestamp|minute: 30}\ncondition: a"))
    assert [len(events) for events in found] == [0, 1]

"""Cases: what they may say, faults in them, and what a run of them reports."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from logcorr.errors import RuleError
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.testing.cases import load_cases
from logcorr.rulebook.testing.trial import Result, junit, run_cases, run_standard_cases
from tests.rulebook.stages import stages

EVENTS = """\
program: [app, "app-*"]
events:
  link.down: {says: "{interface}: down"}
  reset: {says: "reset by {remote_ip} ({mac})"}
"""
PATTERN = """\
id: reset-after-down
title: "reset after {down.interface}"
sequence:
  - down: link.down
  - reset: reset
    within: 30s
by: host
"""
LOG = """\
2025-11-04T03:00:00+00:00 h app: eth0: down
2025-11-04T03:00:{second}+00:00 h app: reset by 192.0.2.1 (aa:bb:cc:00:11:22)
2025-11-04T03:10:00+00:00 h app: still here
"""


def problems(folder: Path, cases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What goes wrong in each case of a folder with one event file, one pattern and the given cases."""
    files = {"events/app.yaml": EVENTS, "patterns/reset-after-down.yaml": PATTERN, **cases}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    rules = load_rules([folder], shipped=False)
    results = run_cases(load_cases([folder], rules), rules, stages((folder,), shipped=False))
    return {result.case: result.problems for result in results}


def test_event_cases(tmp_path: Path) -> None:
    cases = """
    - {name: right, message: "eth0: down", event: link.down, fields: {interface: eth0}}
    - {name: wrong event, message: "eth0: up", event: link.down}
    - {name: wrong field, message: "eth0: down", event: link.down, fields: {interface: eth1}}
    - name: as the log writes it
      message: "reset by 192.0.2.1 (AA-BB-CC-00-11-22)"
      event: reset
      fields: {mac: AA-BB-CC-00-11-22}
    - {name: none, message: "something", event: none}
    - {name: not none, message: "eth0: down", event: none}
    - {name: other program, program: other, message: "eth0: down", event: none}
    - name: a log
      log: |
        2025-11-04T03:00:00+00:00 h app: eth0: down
        2025-11-04T03:00:01+00:00 h app: reset by 192.0.2.1 (aa:bb:cc:00:11:22)
      event: [link.down, reset]
    """
    found = problems(tmp_path, {"events/app.cases.yaml": cases})
    assert {name for name, said in found.items() if said} == {"wrong event", "wrong field", "not none"}
    assert found["wrong event"] == ("recognised nothing, expected link.down",)
    assert found["wrong field"] == ("interface is 'eth0', expected 'eth1'",)


@pytest.mark.parametrize(
    ("second", "expect", "passes"),
    [
        ("30", "{matches: 1, inconclusive: 0}", True),
        ("30", '{first: "03:00:00", last: "03:00:30", title: "reset after eth0", key: h, order_known: true}', True),
        ("30", '{first: "2025-11-04T03:00:00"}', True),
        ("30", '{first: "03:00:01"}', False),
        ("30", '{title: "reset after eth1"}', False),
        ("30", "{matches: 2}", False),
        ("30", "none", False),
        ("30", "inconclusive", False),
        ("45", "none", True),
        ("45", "{matches: 0}", True),
        ("45", "{matches: 1}", False),
        ("45", "inconclusive", False),
    ],
)
def test_pattern_cases(tmp_path: Path, second: str, expect: str, passes: bool) -> None:
    log = "\n".join(f"    {line}" for line in LOG.format(second=second).splitlines())
    found = problems(
        tmp_path, {"patterns/reset-after-down.cases.yaml": f"- name: x\n  log: |\n{log}\n  expect: {expect}\n"}
    )
    assert (not found["x"]) == passes, found


def test_a_log_that_ends_too_early_is_inconclusive(tmp_path: Path) -> None:
    cases = "- name: x\n  log: |\n    2025-11-04T03:00:00+00:00 h app: eth0: down\n  expect: inconclusive\n"
    assert problems(tmp_path, {"patterns/reset-after-down.cases.yaml": cases}) == {"x": ()}


@pytest.mark.parametrize(
    ("name", "text", "line", "says"),
    [
        ("events/app.cases.yaml", "- {message: x, evnt: none}\n", 1, "unknown key 'evnt'"),
        ("events/app.cases.yaml", "- {event: none}\n", 1, "a message or a log"),
        ("events/app.cases.yaml", "\n- {message: x, event: link.dwn}\n", 2, "unknown event 'link.dwn'"),
        ("events/app.cases.yaml", "message: x\n", 1, "one YAML list"),
        ("events/app.cases.yaml", "- [\n", 2, "not YAML"),
        (
            "patterns/reset-after-down.cases.yaml",
            "- {name: x, log: y, expect: {matchs: 1}}\n",
            1,
            "unknown key 'matchs'",
        ),
        ("patterns/reset-after-down.cases.yaml", "- {name: x, log: y, expect: nothing}\n", 1, "not one of"),
        ("patterns/nowhere.cases.yaml", "- {name: x, log: y, expect: none}\n", 1, "no such rule"),
    ],
)
def test_faults_in_cases(tmp_path: Path, name: str, text: str, line: int, says: str) -> None:
    with pytest.raises(RuleError) as caught:
        problems(tmp_path, {name: text})
    (fault,) = caught.value.faults
    assert says in fault.message
    assert (fault.location or "").startswith(f"{tmp_path / name}:{line}:")


@pytest.mark.parametrize("limit", ["30s", "0s", "36h"])
def test_standard_cases_catch_a_matcher_that_is_wrong(tmp_path: Path, limit: str) -> None:
    """With the limit of another rule, the cases made for this one fail."""
    (tmp_path / "app.yaml").write_text(EVENTS)
    (tmp_path / "reset-after-down.yaml").write_text(PATTERN.replace("30s", limit))
    rules = load_rules([tmp_path], shipped=False)
    assert not [result for result in run_standard_cases(rules, stages()) if result.problems]
    wrong = load_rules_with_limit(tmp_path, "7s")
    bound = stages()
    cheated = type(bound)(
        bound.classify_messages,
        bound.read,
        bound.classify,
        lambda events, _, line: bound.match(events, wrong, line),
        bound.analyze,
    )
    assert [result.case for result in run_standard_cases(rules, cheated) if result.problems]


def load_rules_with_limit(folder: Path, limit: str) -> Rulebook:
    other = folder / "other"
    other.mkdir()
    (other / "app.yaml").write_text(EVENTS)
    (other / "reset-after-down.yaml").write_text(PATTERN.replace("30s", limit))
    return load_rules([other], shipped=False)


def test_results_as_junit() -> None:
    results = [
        Result("a", "one", "a:1"),
        Result("a", "two \x1b[31m<&>", "a:2", ("x < 1", "y")),
        Result("b", "three", "b:1"),
    ]
    root = ET.fromstring(junit(results))  # noqa: S314  # our own text
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("a", "2", "1"),
        ("b", "1", "0"),
    ]
    assert [failure.get("message") for failure in root.iter("failure")] == ["x < 1", "y"]
    assert "\x1b" not in junit(results)

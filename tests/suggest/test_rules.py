"""What is suggested is accepted by the rulebook, and its cases pass through the whole pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from logcorr.api import AnalyzeRequest, read_timeline
from logcorr.cli.suggest import suggest as command
from logcorr.errors import OutputError
from logcorr.events import classify
from logcorr.rule_runs import suggest_rules
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.testing.cases import load_cases
from logcorr.rulebook.testing.trial import run_cases
from logcorr.suggest import Suggestion, suggest
from tests.rulebook.stages import stages
from tests.suggest.generate import planted, poisson, timeline_of
from tests.suggest.test_beats import BACKUP, beat

FLAP = Path(__file__).parents[2] / "fixtures" / "tailscale-link-flap"


def save(found: tuple[Suggestion, ...], folder: Path) -> None:
    for each in found:
        for path, text in each.files:
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")


def failures(folder: Path, *, shipped: bool) -> list[str]:
    rules = load_rules([folder], shipped=shipped)
    cases = load_cases([folder], rules)
    assert sum(len(file.cases) for file in cases) >= 2
    ran = run_cases(cases, rules, stages((folder,), shipped=shipped))
    return [f"{each.place} {each.case}: {problem}" for each in ran for problem in each.problems]


@pytest.mark.parametrize("hosts", [{}, {"valve 7 opened by pressure guard": "host2"}], ids=["one host", "two hosts"])
def test_suggestions_from_templates_load_and_pass(tmp_path: Path, hosts: dict[str, str]) -> None:
    rng = np.random.default_rng(4)
    kinds = planted(rng) | {BACKUP: beat(rng, 10), "the oak fell": poisson(rng, 200)}
    found = suggest(timeline_of(kinds, hosts), Rulebook()).rules
    assert [each.form for each in found] == ["sequence", "beat"]
    save(found, tmp_path)
    assert failures(tmp_path, shipped=False) == []


@pytest.mark.parametrize("known", [True, False], ids=["events known", "templates alone"])
def test_suggestions_from_real_formats_load_and_pass(tmp_path: Path, known: bool) -> None:
    rules = load_rules()
    timeline, _ = read_timeline(AnalyzeRequest(inputs=[str(FLAP)]))
    found = suggest(timeline, rules, events=classify(timeline, rules) if known else None, most=30).rules
    assert len(found) >= 4
    save(found, tmp_path)
    assert failures(tmp_path, shipped=known) == []


@pytest.mark.parametrize(
    "message",
    [
        'the "{key}" of 10.0.0.7:443 is {n}% #0 | [x] \\ ok: yes',
        "- not a list: 'it''s' {a}: * & ! > | %YAML",
        "2025/11/04 03:00:45 route to fd7a::1 via /etc/ünïcode/ß 12:30:00 lost",
        "x" * 400 + " gone",
    ],
)
def test_awkward_messages_become_rules_too(tmp_path: Path, message: str) -> None:
    rng = np.random.default_rng(4)
    cause, effect = planted(rng).values()
    found = suggest(timeline_of({message: cause, "valve opened": effect}), Rulebook()).rules
    assert len(found) == 1
    save(found, tmp_path)
    assert failures(tmp_path, shipped=False) == []


def test_messages_that_act_on_a_terminal_are_not_shown() -> None:
    rng = np.random.default_rng(4)
    cause, effect = planted(rng).values()
    for hostile in ("pump \x1b[2J lost", "pump \u202e lost", "pump \u2066lost"):
        assert suggest(timeline_of({hostile: cause, "valve opened": effect}), Rulebook()).rules == ()


def test_what_the_rules_know_is_not_suggested(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    timeline = timeline_of(planted(rng))
    found = suggest(timeline, Rulebook()).rules
    save(found, tmp_path)
    rules = load_rules([tmp_path], shipped=False)
    assert suggest(timeline, rules, events=classify(timeline, rules)).rules == ()


def test_fields_are_typed_and_constants_written_out() -> None:
    rng = np.random.default_rng(4)
    cause, effect = planted(rng).values()
    half = len(cause) // 2
    varying = {
        'lost 10.0.0.1:5001 on eth0 in "cellar" after 5s, try 1 of 3': cause[:half],
        'lost 10.0.0.2:6002 on eth1 in "cellar" after 1m7s, try 2 of 3': cause[half:],
    }
    (found,) = suggest(timeline_of(varying | {"valve opened": effect}), Rulebook()).rules
    rule = dict(found.files)["events/app-lost-cellar-after-try.yaml"]
    assert r'says: "lost {ip}:{port} on {interface} in \"cellar\" after {duration}, try {number} of 3"' in rule


def test_words_that_vary_much_are_fields() -> None:
    rng = np.random.default_rng(4)
    cause, effect = planted(rng).values()
    users = ("ana", "ben", "eva", "ivo", "lea", "max", "mia", "tom")
    logins = {f"door opened for {user} at night": cause[number::8] for number, user in enumerate(users)}
    (found,) = suggest(timeline_of(logins | {"valve opened": effect}), Rulebook()).rules
    assert 'says: "door opened for {word} at night"' in found.yaml()


def test_the_command_prints_yaml_and_says_what_limits_it() -> None:
    printed = CliRunner().invoke(command, [str(FLAP), "--most", "2"], catch_exceptions=False)
    suggested = suggest_rules(AnalyzeRequest(inputs=[str(FLAP)]), most=2)
    assert printed.stdout == "\n".join(each.yaml() for each in suggested.rules)
    assert suggested.limits
    assert all(limit.what in printed.stderr for limit in suggested.limits)
    assert suggested.more
    assert "there are more than 2: --most 8" in printed.stderr


def test_the_command_writes_files_and_never_overwrites(tmp_path: Path) -> None:
    folder, log = tmp_path / "rules", str(FLAP / "vps1-syslog")
    found = suggest_rules(AnalyzeRequest(inputs=[log]), most=2).rules
    CliRunner().invoke(command, [log, "--most", "2", "--out", str(folder)], catch_exceptions=False)
    written = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}
    assert written == {path: text for each in found for path, text in each.files} != {}
    with pytest.raises(OutputError, match="exists already"):
        CliRunner().invoke(
            command, [log, "--most", "2", "--out", str(folder)], catch_exceptions=False, standalone_mode=False
        )

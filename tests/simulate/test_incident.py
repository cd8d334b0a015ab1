"""The simulator gives the same bytes for the same seed, knows the catalogue, and keeps the truth out of the logs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from tests.simulate.causes import SCRIPTS
from tests.simulate.incident import BLIND, VARIANTS, WATCHED, Incident, quiet, simulate, variants_of, without
from tests.simulate.score import Judgement, Score

RULES = Path(__file__).resolve().parents[2] / "rules" / "causes"
NO_CAUSE = {"no-incident", "undetermined"}


@cache
def incident(cause: str, variant: str = "plain") -> Incident:
    return simulate(cause, 0, variant)


@pytest.mark.parametrize("cause", sorted(SCRIPTS))
def test_every_script_plays_and_says_when(cause: str) -> None:
    made = incident(cause)
    truth = made.truth
    assert truth.cause == cause
    assert truth.started is not None
    assert truth.ended is not None
    assert truth.since < truth.started < truth.ended < truth.until
    assert all(made.files.values())


def test_every_cause_with_a_rule_has_a_script() -> None:
    named = {path.stem for path in RULES.rglob("*.yaml") if not path.name.endswith(".cases.yaml")} - NO_CAUSE
    assert named <= set(SCRIPTS)


@pytest.mark.parametrize(
    ("cause", "variant"), [("wan-outage", "monitored"), ("host-rebooted", "plain"), ("dns-loop", "text")]
)
def test_the_same_seed_gives_the_same_bytes(cause: str, variant: str) -> None:
    assert simulate(cause, 3, variant) == simulate(cause, 3, variant)
    assert simulate(cause, 3, variant).files != simulate(cause, 4, variant).files


def test_a_round_has_more_than_three_hundred_incidents() -> None:
    assert sum(len(variants_of(cause)) for cause in SCRIPTS) >= 300
    assert {variant for cause in SCRIPTS for variant in variants_of(cause)} == set(VARIANTS)


@pytest.mark.parametrize("cause", sorted(BLIND))
def test_blind_incidents_ask_for_the_missing_source(cause: str) -> None:
    truth = incident(cause, "blind").truth
    assert (truth.cause, truth.real_cause) == ("undetermined", cause)
    assert truth.missing_source


@pytest.mark.parametrize("cause", sorted(WATCHED))
def test_a_watched_incident_has_the_monitors_log(cause: str) -> None:
    made = incident(cause, "monitored")
    log = made.files["tailscale-monitor.log"]
    restarts = log.count(b"restarting tailscaled")
    assert ("watchdog-restart-loop" in made.truth.contributing) == (restarts > 1)
    assert b"FAILED" in log


@pytest.mark.parametrize("seed", range(6))
def test_nothing_fails_in_a_quiet_window(seed: int) -> None:
    made = quiet(seed)
    assert made.truth.cause == "no-incident"
    for data in made.files.values():
        assert b"tailscaled got signal" not in data
        assert b"FAILED" not in data


def test_spoofed_lines_are_not_vouched_for() -> None:
    made = [simulate("service-crashed", seed, "spoofed") for seed in range(6)]
    rows = [
        json.loads(line)
        for one in made
        for name, data in one.files.items()
        if name.endswith(".json")
        for line in data.splitlines()
    ]
    forged = [row for row in rows if row.get("_COMM") == "logger"]
    assert {row["SYSLOG_IDENTIFIER"] for row in forged} >= {"kernel"}
    assert {row["_TRANSPORT"] for row in forged} == {"syslog"}
    assert all(row["_SYSTEMD_UNIT"].startswith("session-") for row in forged)


def test_leaving_one_file_out_keeps_the_others() -> None:
    made = incident("wan-outage")
    assert {name for name, _ in without(made)} == set(made.files)
    assert all(len(rest.files) == len(made.files) - 1 for _, rest in without(made))


def judgement(expected: str, cause: str, status: str, *, real: str | None = None) -> Judgement:
    true = cause in (expected, real)
    return Judgement("x", "plain", expected, real or expected, status, cause, cause == expected, true, (), (), 0.1)


def test_a_right_undetermined_is_not_harmful_and_a_sure_wrong_name_is() -> None:
    score = Score(
        (
            judgement("wan-outage", "wan-outage", "confirmed"),
            judgement("wan-outage", "dns-loop", "possible"),
            judgement("wan-outage", "dns-loop", "likely"),
            judgement("undetermined", "undetermined", "undetermined", real="wan-outage"),
            judgement("undetermined", "wan-outage", "likely", real="wan-outage"),
            judgement("no-incident", "wan-outage", "likely"),
        )
    )
    assert [item.cause for item in score.harmful] == ["dns-loop", "wan-outage"]
    assert len(score.false_alarms) == 1
    assert score.top1 == pytest.approx(1 / 3)
    assert score.honest == pytest.approx(1 / 2)
    assert score.calibration == {"confirmed": (1, 1.0), "likely": (3, pytest.approx(1 / 3)), "possible": (1, 0.0)}
    assert not score.met

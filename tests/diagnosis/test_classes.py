"""Classes of symptoms: what belongs to them, and whether every cause and every symptom of the shipped rules has one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from logcorr.diagnosis.incidents import find_incidents
from logcorr.diagnosis.judging.classes import classify_symptoms
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Event, SymptomClass
from tests.diagnosis.stage import cause, event, failing, judged, scene

TUNNEL = SymptomClass.model_validate(
    {
        "id": "through-the-tunnel",
        "title": "traffic through the tunnel fails",
        "events": ["mail.*", {"event": "page.failed", "where": {"remote_ip": {"cidr": "100.64.0.0/10"}}}],
    }
)
OUTSIDE = SymptomClass.model_validate(
    {"id": "leaving-the-site", "title": "x", "events": ["all.dark"], "includes": ["through-the-tunnel"]}
)
LOOPED = SymptomClass.model_validate(
    {"id": "in-a-circle", "title": "x", "events": ["all.dark"], "includes": ["in-a-circle"]}
)
RULES = load_rules()
EVENTS: dict[str, Event] = {name: each for file in RULES.events for name, each in file.events.items()}


def explained(rows: list[dict[str, Any]], *names: str) -> list[bool]:
    rule = cause(explains=names)
    given = scene(rows, [rule], symptoms=[TUNNEL, OUTSIDE, LOOPED])
    symptoms = find_incidents(given)[0].symptoms
    return [bool(each) for each in classify_symptoms([symptoms], given)[0].explained_by(rule)]


def test_a_condition_counts_only_where_the_line_has_the_field() -> None:
    rows = [*failing(1, 2, 3), event(4, "mail.failed")]
    for row, address in zip(rows, ("100.64.0.7", "198.51.100.7", None, None), strict=True):
        row["remote_ip"] = address
    assert explained(rows, "through-the-tunnel") == [True, False, True, True]


def test_a_condition_that_asks_for_the_field_needs_it() -> None:
    told = SymptomClass.model_validate(
        {"id": "a-b", "title": "x", "events": [{"event": "page.failed", "where": {"remote_ip": {"exists": True}}}]}
    )
    rows = failing(1, 2, 3)
    rows[1]["remote_ip"] = "100.64.0.7"
    rule = cause(explains=["a-b"])
    given = scene(rows, [rule], symptoms=[told])
    found = classify_symptoms([find_incidents(given)[0].symptoms], given)[0].explained_by(rule)
    assert found.tolist() == [False, True, False]


def test_a_class_has_what_it_includes_and_a_circle_ends() -> None:
    rows = [*failing(1, 2), event(3, "all.dark"), event(4, "mail.failed")]
    assert explained(rows, "leaving-the-site") == [True] * 4
    assert explained(rows, "in-a-circle") == [False, False, True, False]
    assert explained(rows, "in-a-circle", "mail.failed") == [False, False, True, True]


def test_a_cause_explains_its_class_in_whatever_words() -> None:
    rows = [event(0, "cable.cut"), *failing(10, 20), event(30, "mail.failed")]
    rule = cause(explains=["through-the-tunnel"])
    assert judged(scene(rows, [rule], symptoms=[TUNNEL]))["cable"].share == 1.0


# --- the shipped rules --------------------------------------------------------------------------------------------

#: Symptoms that are no failure of any traffic: lines about a program's own state.
NO_TRAFFIC = {
    "bond.slave.suspect", "container.unhealthy", "firewall.failed", "rules.restored", "syn.flood", "rule.deleted",
    "tcp.memory",
}  # fmt: skip
FAILING = sorted(
    name
    for name, each in EVENTS.items()
    if (each.role == "symptom" or each.impact != "none") and name not in NO_TRAFFIC
)


def globs_of(names: tuple[str, ...]) -> list[str]:
    parts = [part for each in RULES.classes_in(names) for part in each.events]
    named = [part if isinstance(part, str) else part.event for part in parts]
    return [name for names in named for name in ((names,) if isinstance(names, str) else names)]


@pytest.mark.parametrize("name", FAILING)
def test_every_symptom_belongs_to_a_class_or_is_a_causes_own(name: str) -> None:
    """A symptom that no cause explains leaves every incident in which it is frequent undetermined."""
    causes = [each.id for each in RULES.causes.values() if _explains(name, RULES.explained_events(each))]
    assert causes, f"no cause explains {name}; add it to its class in rules/symptoms.yaml"


@pytest.mark.parametrize("name", sorted(RULES.causes))
def test_every_cause_explains_what_any_program_may_say(name: str) -> None:
    """What a program sees whose words say no more than that something failed: each of these is explained by every cause
    that can make traffic fail at all.
    """
    explains = RULES.explained_events(RULES.causes[name])
    assert RULES.classes_in(RULES.causes[name].explains), f"{name} explains no class of symptoms"
    holes = [word for word in ("probe.failed", "health.error", "connection.timeout") if not _explains(word, explains)]
    assert holes == ANY_WORDS.get(name, []), f"{name} does not explain {holes}"


#: Causes under which something goes on to work, and what they cannot explain therefore.
ANY_WORDS = {
    "control-plane-outage": ["probe.failed", "connection.timeout"],  # tunnels and relays go on
    "relay-region-outage": [],
}


def _explains(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)

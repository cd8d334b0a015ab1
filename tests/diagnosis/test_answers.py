"""Questions, actions and missing logs: what is answered, what is open, what to export, and for which time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from logcorr.diagnosis.answers import actions, checks, missing_kinds, not_given, questions, span_of
from logcorr.diagnosis.compete import Outcome, compete
from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.scene import Scene
from logcorr.model import Question
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import START, cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)
CUT = [event(0, "cable.cut"), *LATE]
ASKED = {"question": "Was it the cable?", "supported": "Yes.", "ruled_out": "No."}
EXPECTED = [{"event": "cable.cut", "strength": "decisive", "trigger": True, "says": "it was cut", "expect": "always"}]
ROUTER = cause(
    "router",
    "path",
    needs=["router"],
    evidence=[
        {"event": "power.lost", "strength": "decisive", "trigger": True, "says": "no power"},
        {"event": "page.failed", "strength": "weak", "says": "pages fail"},
    ],
    questions=[{"question": "Was it the router?", "supported": "Yes.", "ruled_out": "No."}],
)


def case(rows: list[dict[str, Any]], *causes: Cause) -> tuple[Outcome, Incident, Scene]:
    given = scene(rows, causes)
    return compete(tuple(judged(given).values())), find_incidents(given)[0], given


def asked(rows: list[dict[str, Any]], *causes: Cause) -> dict[str, tuple[Question, tuple[int, ...]]]:
    return {pair[0].question: pair for pair in questions(*case(rows, *causes))}


def test_a_supported_cause_answers_with_evidence() -> None:
    given, rows = asked(CUT, cause(questions=[ASKED]))["Was it the cable?"]
    assert (given.status, given.answer) == ("answered", "Yes.")
    assert rows


def test_absence_answers_with_where_it_was_searched() -> None:
    given, rows = asked(LATE, cause(evidence=EXPECTED, questions=[ASKED]))["Was it the cable?"]
    assert given.status == "refuted"
    assert given.answer == "No. Searched: the machine's log of srv."
    assert not rows


def test_decisive_evidence_against_answers_with_itself() -> None:
    rule = cause(against=[{"event": "power.lost", "strength": "decisive", "says": "power"}], questions=[ASKED])
    given, rows = asked([event(0, "power.lost"), *LATE], rule)["Was it the cable?"]
    assert (given.status, given.answer) == ("refuted", "No.")
    assert rows


@pytest.mark.parametrize("word", ["What", "Why", "Who", "Which", "When", "Where", "How"])
def test_only_a_yes_or_no_question_can_be_refuted(word: str) -> None:
    question = f"{word} broke it?"
    rule = cause(evidence=EXPECTED, questions=[{"question": question, "ruled_out": "Something else."}])
    assert asked(LATE, rule)[question][0].status == "answered"


def test_what_no_given_log_shows_is_open_and_names_the_log() -> None:
    given, _ = asked(LATE, ROUTER)["Was it the router?"]
    assert given.status == "open"
    assert given.answer is not None
    assert "the router's log" in given.answer


def test_too_little_evidence_is_open_where_a_missing_log_would_tell_more() -> None:
    signs = [
        {"event": "page.failed", "strength": "weak", "says": "pages fail"},
        {"event": "power.lost", "strength": "strong", "says": "no power", "sources": ["router"]},
    ]
    rule = cause(evidence=signs, questions=[ASKED])
    given, _ = asked(LATE, rule)["Was it the cable?"]
    assert given.status == "open"
    assert given.answer is not None
    assert "the router's log would tell more" in given.answer


def test_an_answer_replaces_an_open_question_of_another_cause() -> None:
    same = {"question": "Was it the router?", "supported": "No, the cable.", "ruled_out": None}
    given, _ = asked(CUT, cause(questions=[same]), ROUTER)["Was it the router?"]
    assert (given.status, given.answer) == ("answered", "No, the cable.")


def test_the_missing_log_is_a_gap_that_says_what_it_hides() -> None:
    outcome, incident, given = case(LATE, ROUTER)
    assert missing_kinds([(outcome, incident)], given) == ("router",)
    (gap,) = not_given([(outcome, incident)], given)
    assert gap.reason.startswith("the router's log was not given")
    assert (gap.kind, gap.hides) == ("not-given", ("router",))


def test_nothing_is_missing_where_the_log_was_given() -> None:
    rows = [*LATE, event(-100, "chatter", "gateway", "router"), event(100, "chatter", "gateway", "router")]
    outcome, incident, given = case(rows, ROUTER)
    assert not_given([(outcome, incident)], given) == ()


def test_with_nothing_to_go_by_the_logs_that_could_explain_it_are_asked_for() -> None:
    blind = cause("router", "path", needs=["router"], evidence=EXPECTED)
    outcome, incident, given = case(LATE, blind)
    assert missing_kinds([(outcome, incident)], given) == ("router",)
    elsewhere = cause("router", "path", needs=["router"], explains=["mail.failed"], evidence=EXPECTED)
    outcome, incident, given = case(LATE, elsewhere)
    assert missing_kinds([(outcome, incident)], given) == ()


def test_the_export_is_asked_for_with_half_an_hour_on_either_side() -> None:
    outcome, incident, given = case(LATE, ROUTER)
    given.rules.sources["router"] = given.rules.sources["router"].model_copy(
        update={"command": 'export --since "START" --until "END"'}
    )
    (action,) = actions([(outcome, incident)], given)
    assert action.command == 'export --since "2025-11-04 02:30:00 UTC" --until "2025-11-04 03:31:00 UTC"'
    assert action.cause == "undetermined"


def test_the_span_covers_all_incidents_in_whole_minutes() -> None:
    _, incident, _ = case(LATE, ROUTER)
    since, until = span_of([incident]) or (START, START)
    assert (since.second, until.second) == (0, 0)
    assert since <= incident.start - timedelta(minutes=30)
    assert until >= incident.end + timedelta(minutes=30)
    assert span_of([]) is None


def test_a_named_root_asks_for_no_further_log() -> None:
    outcome, incident, given = case(CUT, cause(), ROUTER)
    assert outcome.root is not None
    assert not [action for action in actions([(outcome, incident)], given) if action.cause == "undetermined"]


def test_checks_come_from_the_root_first_and_from_nothing_ruled_out() -> None:
    check = {"on": "srv", "settles": ["cable"], "why": "it shows"}
    rules = (
        cause(checks=[{"command": "ethtool", **check}]),
        ROUTER.model_copy(update={"checks": cause(checks=[{"command": "ping", **check}]).checks}),
        cause("fuse", evidence=[{"event": "all.dark", "strength": "strong", "says": "dark"}],
              checks=[{"command": "look", **check}]),
    )  # fmt: skip
    outcome, _, _ = case(CUT, *rules)
    assert [item.command for item in checks([outcome])] == ["ethtool", "ping"]

"""Questions: asked where their premise was seen, answered with what shows it, open where nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from logcorr.diagnosis.incidents import find_incidents
from logcorr.diagnosis.judging.compete import compete
from logcorr.diagnosis.judging.nearby import look_around
from logcorr.diagnosis.telling.questions import questions
from logcorr.model import Question
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)
CUT = [event(0, "cable.cut"), *LATE]
YES = {"says": "Yes, {host} lost it.", "rests_on": ["cable.cut"]}
NO = {"says": "No.", "rests_on": ["machine"]}
ASKED = {"question": "Was it the cable?", "supported": YES, "ruled_out": NO}
EXPECTED = [{"event": "cable.cut", "strength": "decisive", "trigger": True, "says": "it was cut", "expect": "always"}]


def asked(rows: list[dict[str, Any]], *causes: Cause) -> dict[str, tuple[Question, tuple[int, ...]]]:
    given = scene(rows, causes)
    (nearby,) = look_around(find_incidents(given)[:1], given)
    return {pair[0].question: pair for pair in questions(compete(tuple(judged(given).values())), nearby)}


def test_a_supported_cause_answers_with_the_lines_that_the_answer_rests_on() -> None:
    given, rows = asked(CUT, cause(questions=[ASKED]))["Was it the cable?"]
    assert (given.status, given.answer) == ("answered", "Yes, srv lost it.")
    assert rows == (0,)


def test_an_answer_that_rests_on_what_was_not_seen_is_not_given() -> None:
    answer = {"says": "Yes, and the power failed.", "rests_on": ["cable.cut", "power.lost"]}
    given, rows = asked(CUT, cause(questions=[{**ASKED, "supported": answer}]))["Was it the cable?"]
    assert given.status == "open"
    assert not rows
    told = [answer, {"says": "Only the cable.", "rests_on": [["power.lost", "cable.cut"]]}]
    given, _ = asked(CUT, cause(questions=[{**ASKED, "supported": told}]))["Was it the cable?"]
    assert given.answer == "Only the cable."


def test_a_line_of_contradicted_origin_is_no_ground() -> None:
    rule = cause(
        evidence=[*EXPECTED, {"event": "power.lost", "strength": "weak", "says": "power"}],
        questions=[{**ASKED, "supported": {"says": "The power.", "rests_on": ["power.lost"]}}],
    )
    given, _ = asked([*CUT, event(1, "power.lost", trusted=False)], rule)["Was it the cable?"]
    assert given.status == "open"


def test_absence_answers_with_where_it_was_searched() -> None:
    given, rows = asked(LATE, cause(evidence=EXPECTED, questions=[ASKED]))["Was it the cable?"]
    assert given.status == "refuted"
    assert given.answer == "No. Searched: the machine's log of srv."
    assert not rows


def test_absence_refutes_nothing_where_its_log_has_a_gap() -> None:
    rule = cause(
        evidence=EXPECTED, needs=["monitor"], questions=[{**ASKED, "ruled_out": {**NO, "rests_on": ["kernel"]}}]
    )
    seen = [*LATE, event(-100, "chatter", "box", "monitor"), event(100, "chatter", "box", "monitor")]
    given, _ = asked(seen, rule)["Was it the cable?"]
    assert given.status == "open"
    assert given.answer is not None
    assert "not examined for the whole time of the incident: the kernel's log" in given.answer


def test_decisive_evidence_against_answers_with_itself() -> None:
    against = [{"event": "power.lost", "strength": "decisive", "says": "power"}]
    answer = {"says": "No, the power.", "rests_on": ["power.lost"]}
    rule = cause(against=against, questions=[{**ASKED, "ruled_out": answer}])
    given, rows = asked([event(0, "power.lost"), *LATE], rule)["Was it the cable?"]
    assert (given.status, given.answer) == ("refuted", "No, the power.")
    assert rows == (0,)


@pytest.mark.parametrize("word", ["What", "Why", "Who", "Which", "When", "Where", "How"])
def test_only_a_yes_or_no_question_can_be_refuted(word: str) -> None:
    question = f"{word} broke it?"
    rule = cause(evidence=EXPECTED, questions=[{"question": question, "premise": ["page.failed"], "ruled_out": NO}])
    assert asked(LATE, rule)[question][0].status == "answered"


def test_a_question_is_asked_only_where_its_premise_was_seen() -> None:
    rule = cause(questions=[{**ASKED, "question": "Why is {host} cut off?", "premise": ["power.lost", "cable.cut"]}])
    assert set(asked(CUT, rule)) == {"Why is srv cut off?"}
    unasked = cause(questions=[{**ASKED, "question": "Why did the power fail?", "premise": ["power.lost"]}])
    assert not asked(CUT, unasked)


def test_without_a_premise_it_is_asked_where_a_symptom_is_explained() -> None:
    elsewhere = cause(evidence=EXPECTED, explains=["mail.failed"], questions=[ASKED])
    assert not asked(LATE, elsewhere)


def test_a_consequence_answers_with_what_its_own_lines_show() -> None:
    power = cause(
        "power", "host", explains=["cable.*", "*.failed"], brings_about=["cable"],
        evidence=[{"event": "power.lost", "strength": "decisive", "trigger": True, "says": "no power"}],
    )  # fmt: skip
    given, _ = asked([event(-1, "power.lost"), *CUT], power, cause(questions=[ASKED]))["Was it the cable?"]
    assert (given.status, given.answer) == ("answered", "Yes, srv lost it.")


def test_too_little_evidence_is_open_where_a_missing_log_would_tell_more() -> None:
    signs = [
        {"event": "page.failed", "strength": "weak", "says": "pages fail"},
        {"event": "power.lost", "strength": "strong", "says": "no power", "sources": ["router"]},
    ]
    given, _ = asked(LATE, cause(evidence=signs, questions=[ASKED]))["Was it the cable?"]
    assert given.status == "open"
    assert given.answer is not None
    assert "the router's log would tell more" in given.answer


def test_what_no_given_log_shows_is_open_and_names_the_log() -> None:
    signs = [{"event": "page.failed", "strength": "weak", "says": "pages fail"}]
    router = cause("router", "path", needs=["router"], evidence=signs, questions=[ASKED])
    given, _ = asked(LATE, router)["Was it the cable?"]
    assert given.status == "open"
    assert given.answer is not None
    assert "the router's log" in given.answer


def test_an_answer_replaces_an_open_question_of_another_cause() -> None:
    signs = [{"event": "page.failed", "strength": "weak", "says": "pages fail"}]
    router = cause("router", "path", needs=["router"], evidence=signs, questions=[ASKED])
    given, _ = asked(CUT, router, cause(questions=[ASKED]))["Was it the cable?"]
    assert given.status == "answered"

"""Missing logs: which are asked for, what they hide, and for which time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from logcorr.diagnosis.incidents import Incident, find_incidents
from logcorr.diagnosis.judging.compete import Outcome, compete
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.telling.advice import actions
from logcorr.diagnosis.telling.missing_logs import missing_kinds, not_given, span_of
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import START, cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)
CUT = [event(0, "cable.cut"), *LATE]
EXPECTED = [{"event": "cable.cut", "strength": "decisive", "trigger": True, "says": "it was cut", "expect": "always"}]
ROUTER = cause(
    "router",
    "path",
    needs=["router"],
    evidence=[
        {"event": "power.lost", "strength": "decisive", "trigger": True, "says": "no power"},
        {"event": "page.failed", "strength": "weak", "says": "pages fail"},
    ],
)


def case(rows: list[dict[str, Any]], *causes: Cause) -> tuple[Outcome, Incident, Scene]:
    given = scene(rows, causes)
    return compete(tuple(judged(given).values())), find_incidents(given)[0], given


def test_the_missing_log_is_a_gap_that_says_what_it_hides() -> None:
    outcome, incident, given = case(LATE, ROUTER)
    assert missing_kinds([(outcome, incident)], given) == ("router",)
    (gap,) = not_given([(outcome, incident)], given)
    assert gap.reason == "no log known as the router's log was given"
    assert (gap.kind, gap.hides) == ("not-given", ("router",))


def test_nothing_is_missing_where_the_log_was_given() -> None:
    rows = [*LATE, event(-100, "chatter", "gateway", "router"), event(100, "chatter", "gateway", "router")]
    outcome, incident, given = case(rows, ROUTER)
    assert not_given([(outcome, incident)], given) == ()


def test_what_does_a_routers_work_is_no_missing_router_and_its_silence_refutes_nothing() -> None:
    """A machine that hands a delegated prefix on is the router, in whatever program's words it tells of its uplink."""
    rows = [*LATE, event(-100, "met", "gateway"), event(100, "chatter", "gateway")]
    outcome, incident, given = case(rows, ROUTER)
    assert missing_kinds([(outcome, incident)], given) == ()
    assert not_given([(outcome, incident)], given) == ()
    assert given.kinds.given.isdisjoint({"router"})
    (judged_router,) = outcome.all
    assert judged_router.status == "untestable"
    assert judged_router.reason == (
        "the router's log would show it, and no program known to report it writes in that of gateway"
    )


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

"""One cause against one incident: what counts, what does not, and what it would explain."""

import pytest

from logcorr.diagnosis.judging import weights
from tests.diagnosis.stage import cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)


def test_a_decisive_sign_before_the_symptoms_supports_a_cause() -> None:
    found = judged(scene([event(0, "cable.cut"), *LATE], [cause()]))["cable"]
    assert found.status == "supported"
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"])
    assert found.accounts_for_first
    assert found.share == 1.0


def test_a_line_of_contradicted_origin_weighs_nothing_and_dates_nothing() -> None:
    found = judged(scene([event(0, "cable.cut", trusted=False), *LATE], [cause()]))["cable"]
    assert found.score == weights.PRIOR
    assert found.status != "supported"
    assert found.onset is None
    assert found.supports[0].trusted is False


def test_a_claim_does_not_move_the_onset_that_a_vouched_line_dates() -> None:
    claim, real = event(-100, "cable.cut", trusted=False), event(5, "cable.cut", trusted=True)
    found = judged(scene([claim, real, *LATE], [cause()]))["cable"]
    assert found.onset is not None
    assert (found.onset.minute, found.onset.second) == (0, 5)


def test_a_claim_does_not_stand_in_for_an_expected_sign() -> None:
    sign = {"event": "power.lost", "strength": "weak", "says": "no power", "expect": "always"}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), sign])
    found = judged(scene([event(0, "cable.cut"), event(1, "power.lost", trusted=False), *LATE], [rule]))["cable"]
    assert [item.says for item in found.missing] == ["no power"]


@pytest.mark.parametrize(("expect", "penalty"), weights.MISSING.items())
def test_a_missing_sign_costs_what_it_was_expected(expect: str, penalty: float) -> None:
    sign = {"event": "power.lost", "strength": "weak", "says": "no power", "expect": expect}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), sign])
    found = judged(scene([event(0, "cable.cut"), *LATE], [rule]))["cable"]
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"] - penalty)


def test_a_missing_sign_costs_nothing_where_no_log_would_show_it() -> None:
    sign = {"event": "power.lost", "strength": "weak", "says": "no power", "expect": "always", "sources": ["router"]}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), sign])
    found = judged(scene([event(0, "cable.cut"), *LATE], [rule]))["cable"]
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"])
    assert not found.missing[0].observable


@pytest.mark.parametrize(
    ("note", "observable"),
    [
        ({"hides": "power.lost page.ok"}, False),
        ({"hides": "page.ok"}, True),
        ({"hides": ""}, True),
        ({"unit": "web.service"}, False),
        ({}, False),
    ],
    ids=["names it", "names another", "names none", "of a program that reports it", "says nothing"],
)
def test_a_missing_sign_costs_nothing_where_a_limiter_may_have_held_it_back(
    note: dict[str, str], *, observable: bool
) -> None:
    sign = {"event": "power.*", "strength": "weak", "says": "no power", "expect": "always"}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), sign])
    rows = [event(0, "cable.cut"), event(5, "logs.suppressed", **note), *LATE]
    found = judged(scene(rows, [rule]))["cable"]
    assert found.missing[0].observable == observable
    penalty = weights.MISSING["always"] if observable else 0
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"] - penalty)


def test_the_same_lines_prove_something_once() -> None:
    again = {"event": "cable.*", "strength": "strong", "says": "again"}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), again])
    found = judged(scene([event(0, "cable.cut"), *LATE], [rule]))["cable"]
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"])


def test_decisive_evidence_against_rules_out() -> None:
    rule = cause(against=[{"event": "power.lost", "strength": "decisive", "says": "it was the power"}])
    found = judged(scene([event(0, "cable.cut"), event(1, "power.lost"), *LATE], [rule]))["cable"]
    assert (found.status, found.reason) == ("ruled-out", "it was the power")


@pytest.mark.parametrize(("interface", "weighed"), [("eth0", 1), ("veth51ab", 0), ("docker0", 0)])
def test_a_containers_link_refutes_nothing(interface: str, weighed: int) -> None:
    rule = cause(against=[{"event": "carrier.lost", "strength": "strong", "says": "the link was lost"}])
    found = judged(scene([event(0, "cable.cut"), event(1, "carrier.lost", interface=interface), *LATE], [rule]))
    assert len(found["cable"].against) == weighed


def test_a_claim_rules_nothing_out() -> None:
    rule = cause(against=[{"event": "power.lost", "strength": "decisive", "says": "it was the power"}])
    found = judged(scene([event(0, "cable.cut"), event(1, "power.lost", trusted=False), *LATE], [rule]))["cable"]
    assert found.status == "supported"
    assert found.refuted_by == ()


def test_a_sign_that_dates_it_makes_a_cause_testable() -> None:
    """Whatever other logs were not given: of another kind, or of another machine that failed too."""
    rows = [event(0, "cable.cut"), *LATE, *failing(12, 22, 32, host="vps")]
    assert judged(scene(rows, [cause(needs=["router", "kernel"])]))["cable"].status == "supported"


def test_everyday_context_dates_nothing() -> None:
    """Mere context is no onset, unless it is strong evidence; nor is what comes as often when nothing fails."""
    context = {"event": "chatter", "strength": "moderate", "trigger": True, "says": "chatter"}
    assert judged(scene([event(0, "chatter"), *LATE], [cause(evidence=[context])]))["cable"].onset is None
    strong = cause(evidence=[{**context, "strength": "strong"}])
    assert judged(scene([event(0, "chatter"), *LATE], [strong]))["cable"].onset is not None
    daily = [event(second, "chatter") for second in range(-40_000, 40_001, 400)]
    assert judged(scene([*daily, *LATE], [strong]))["cable"].onset is None


def test_without_its_log_a_cause_is_untestable() -> None:
    rule = cause(layer="path", needs=["router"])
    found = judged(scene(LATE, [rule]))["cable"]
    assert found.status == "untestable"
    assert "the router's log" in found.reason


@pytest.mark.parametrize("assumed", [["gate"], ["srv"]])
def test_a_log_of_another_clock_clears_nobody(assumed: list[str]) -> None:
    """With one of the two zones only assumed, what the router did not log then, it may have logged hours off."""
    rows = [event(-600, "chatter", "gate", "router"), *LATE, event(600, "chatter", "gate", "router")]
    rule = cause(layer="path", needs=["router"])
    assert judged(scene(rows, [rule]))["cable"].status != "untestable"
    found = judged(scene(rows, [rule], assumed=assumed))["cable"]
    assert found.status == "untestable"
    assert "a zone is only assumed" in found.reason


def test_a_cause_on_a_machine_needs_that_machines_own_log() -> None:
    """Two machines noticed, and only one of them gave its kernel's log."""
    rows = [event(5, "chatter", "vps", "cable"), *failing(10, 20, 30, host="vps"), *failing(12, 22)]
    rule = cause(needs=["kernel"])
    assert judged(scene(rows, [rule]))["cable"].status == "untestable"
    assert judged(scene([*rows, event(5, "chatter", "srv", "cable")], [rule]))["cable"].status == "weakened"


def test_a_cause_that_comes_after_the_first_symptoms_does_not_account_for_them() -> None:
    found = judged(scene([*failing(0, 10, 20), event(60, "cable.cut"), *failing(70, 80)], [cause()]))["cable"]
    assert not found.accounts_for_first


def test_the_order_on_two_machines_counts_only_beyond_what_their_clocks_may_differ() -> None:
    rows = [*failing(0, 10, 20, host="vps"), event(40, "cable.cut", "srv"), *failing(50, host="srv")]
    assert judged(scene(rows, [cause(layer="path")]))["cable"].accounts_for_first
    assert not judged(scene(rows, [cause()], clocks=("vps", "srv")))["cable"].accounts_for_first


def test_a_cause_explains_until_what_ends_it_and_its_aftermath() -> None:
    rows = [event(0, "cable.cut"), *failing(10, 20), event(25, "cable.mended"), *failing(30, 200, 210)]
    rule = cause(ends_with=["cable.mended"], look_back="1min")
    assert len(judged(scene(rows, [rule]))["cable"].explained) == 3


def test_a_recovery_after_which_the_symptoms_go_on_was_none() -> None:
    rows = [event(0, "cable.cut"), *failing(10, 20), event(25, "cable.mended"), *failing(*range(30, 600, 20))]
    found = judged(scene(rows, [cause(ends_with=["cable.mended"], look_back="1min")]))["cable"]
    assert found.share == 1.0
    assert found.outlasted


def test_a_state_lasts_until_its_repair() -> None:
    rows = [event(0, "cable.cut"), *failing(*range(10, 7200, 60))]
    found = judged(scene(rows, [cause()]))["cable"]
    assert found.share == 1.0
    assert not found.outlasted


def test_another_machines_recovery_ends_nothing_here() -> None:
    rows = [event(0, "cable.cut"), event(5, "cable.mended", "vps"), *failing(10, 20, 200, 210)]
    rule = cause(ends_with=["cable.mended"], look_back="1min")
    assert judged(scene(rows, [rule]))["cable"].share == 1.0


def test_a_moment_explains_only_for_as_long_as_it_lasts() -> None:
    rows = [event(0, "cable.cut"), *failing(10, 20, 130, 140)]
    assert len(judged(scene(rows, [cause(lasts="1min")]))["cable"].explained) == 2


def test_what_reacts_to_an_earlier_failure_says_so() -> None:
    rule = cause(reacts_to=["page.failed"])
    assert judged(scene([*failing(0, 10), event(20, "cable.cut"), *failing(30)], [rule]))["cable"].reacted
    assert not judged(scene([event(0, "cable.cut"), *LATE], [rule]))["cable"].reacted


def test_another_wording_of_what_dates_the_cause_is_not_missed() -> None:
    """One program's version says it so, another's so: of two signs that date a cause the stronger is enough."""
    other = {"event": "power.lost", "strength": "decisive", "says": "no power", "expect": "always", "trigger": True}
    rule = cause(evidence=[cause().evidence[0].model_dump(exclude_defaults=True), other])
    found = judged(scene([event(0, "cable.cut"), *LATE], [rule]))["cable"]
    assert [item.observable for item in found.missing] == [True]
    assert found.score == pytest.approx(weights.PRIOR + weights.STRENGTH["decisive"])

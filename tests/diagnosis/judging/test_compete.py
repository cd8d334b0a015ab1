"""Which cause is the root, which made it worse, and how sure the verdict is."""

from __future__ import annotations

from typing import Any

import pytest

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.compete import Outcome, compete
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)


def sign(name: str, strength: str, **more: Any) -> dict[str, Any]:
    return {"event": name, "strength": strength, "says": name, "trigger": True, **more}


def outcome(rows: list[dict[str, Any]], *causes: Cause) -> Outcome:
    return compete(tuple(judged(scene(rows, causes)).values()))


def test_nothing_supported_is_undetermined() -> None:
    found = outcome(LATE, cause())
    assert (found.status, found.root) == ("undetermined", None)


def test_a_decisive_sign_alone_is_likely_not_confirmed() -> None:
    found = outcome([event(0, "cable.cut"), *LATE], cause())
    assert found.root is not None
    assert found.status == "likely"


def test_confirmed_needs_a_second_voice() -> None:
    rule = cause(evidence=[sign("cable.cut", "decisive"), sign("power.lost", "strong", trigger=False)])
    one = outcome([event(0, "cable.cut"), event(1, "power.lost"), *LATE], rule)
    two = outcome([event(0, "cable.cut"), event(1, "power.lost", program="cable"), *LATE], rule)
    assert (one.status, two.status) == ("likely", "confirmed")


def test_two_causes_that_fit_equally_well_are_undetermined() -> None:
    rows = [event(0, "cable.cut"), event(0, "power.lost"), *LATE]
    found = outcome(rows, cause(), cause("power", "host", evidence=[sign("power.lost", "decisive")]))
    assert found.status == "undetermined"
    assert "equally well" in found.reason


def test_a_narrow_margin_takes_one_step_down() -> None:
    rows = [event(0, "cable.cut"), event(0, "power.lost"), event(1, "page.ok"), *LATE]
    strong = cause(evidence=[sign("cable.cut", "decisive"), sign("page.ok", "moderate", trigger=False)])
    found = outcome(rows, strong, cause("power", "host", evidence=[sign("power.lost", "decisive")]))
    assert found.root is not None
    assert (found.root.cause.id, found.status) == ("cable", "possible")


def test_what_an_earlier_cause_brings_about_is_its_consequence() -> None:
    """The power goes, and with it the cable: one root, however strong the signs of the second."""
    power = cause("power", "host", evidence=[sign("power.lost", "decisive")], brings_about=["cable"])
    found = outcome([event(0, "power.lost"), event(3, "cable.cut"), *LATE], cause(), power)
    assert found.root is not None
    assert found.root.cause.id == "power"
    assert next(item for item in found.all if item.cause.id == "cable").status == "weakened"


def test_a_decisive_line_is_the_consequence_only_of_a_cause_that_names_it() -> None:
    """That another cause explains such lines, and came first, does not explain a proof away."""
    rows = [event(0, "power.lost"), event(3, "cable.cut"), *LATE]
    noise = cause("noise", "dns", evidence=[sign("power.lost", "strong")], explains=["cable.*", "*.failed"])
    found = outcome(rows, cause(), noise)
    assert found.root is not None
    assert found.root.cause.id == "cable"
    weaker = cause(evidence=[sign("cable.cut", "strong")])
    found = outcome(rows, weaker, noise)
    assert found.root is not None
    assert found.root.cause.id == "noise"


def test_causes_that_rest_on_the_same_lines_are_rivals() -> None:
    other = cause("other", "host", evidence=[sign("cable.cut", "strong")], explains=["cable.*", "*.failed"])
    found = outcome([event(0, "cable.cut"), *LATE], cause(evidence=[sign("cable.cut", "strong")]), other)
    assert found.status == "undetermined"
    assert "equally well" in found.reason


def test_what_cannot_be_the_root_takes_no_others_place() -> None:
    """The power failed while pages failed already, and the cable was cut later: nothing is explained away."""
    late = cause(
        "power", "host", evidence=[sign("power.lost", "strong")], brings_about=["cable"], reacts_to=["page.failed"]
    )
    rows = [*failing(-5, -4, name="page.failed"), event(0, "power.lost"), event(1, "cable.cut"), *LATE]
    found = outcome(rows, cause(noticed_within="10s"), late)
    assert found.root is not None
    assert found.root.cause.id == "cable"


def test_what_would_look_the_same_costs_one_step_and_a_close_rival_no_second() -> None:
    signs = [sign("page.failed", "strong"), sign("chatter", "moderate", trigger=False)]
    hidden = cause("router", "path", needs=["router"], explains=["*"], evidence=[sign("power.lost", "decisive")])
    rival = cause("rival", "service", evidence=[sign("page.failed", "strong")])
    found = outcome([event(-1, "chatter"), *LATE], cause(layer="dns", evidence=signs), hidden, rival)
    assert found.status == "possible"
    assert "would look the same" in found.reason


def test_a_second_machine_or_program_that_says_the_same_is_a_witness() -> None:
    strong = cause(evidence=[sign("cable.cut", "strong")])
    one = outcome([event(0, "cable.cut"), *LATE], strong)
    program = outcome([event(0, "cable.cut"), event(0, "cable.cut", program="cable"), *LATE], strong)
    shared = cause(layer="tailnet", evidence=[sign("cable.cut", "strong")])
    machine = outcome([event(0, "cable.cut"), event(0, "cable.cut", "vps"), *LATE], shared)
    copy = outcome([event(0, "cable.cut"), event(0.5, "cable.cut"), *LATE], strong)
    assert [each.status for each in (one, program, machine, copy)] == ["possible", "likely", "likely", "possible"]


def test_one_strong_sign_is_possible_and_two_are_likely() -> None:
    strong = cause(evidence=[sign("cable.cut", "strong"), sign("power.lost", "strong")])
    assert outcome([event(0, "cable.cut"), *LATE], strong).status == "possible"
    assert outcome([event(0, "cable.cut"), event(1, "power.lost"), *LATE], strong).status == "likely"


def test_a_contributing_cause_never_takes_the_roots_place() -> None:
    monitor = cause(
        "monitor",
        "service",
        usually="contributing",
        reacts_to=["page.failed"],
        evidence=[sign("power.lost", "decisive"), sign("cable.mended", "decisive")],
    )
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), event(46, "cable.mended"), *failing(50, 60)]
    found = outcome(rows, cause(), monitor)
    assert found.root is not None
    assert found.root.cause.id == "cable"
    assert [item.cause.id for item in found.contributing] == ["monitor"]


def test_what_only_reacts_leaves_the_root_undetermined() -> None:
    monitor = cause(
        "monitor",
        "service",
        usually="contributing",
        reacts_to=["page.failed"],
        evidence=[sign("power.lost", "decisive")],
    )
    found = outcome([*failing(0, 5), event(8, "power.lost"), *LATE], monitor)
    assert found.root is None
    assert [item.cause.id for item in found.contributing] == ["monitor"]


def test_a_cause_that_cannot_be_tested_and_would_look_the_same_leaves_it_possible() -> None:
    inferred = cause(layer="dns", evidence=[sign("mail.failed", "decisive")])
    router = cause("router", "path", needs=["router"], evidence=[sign("power.lost", "decisive")])
    rows = [*failing(0, 10, 20, name="mail.failed"), *LATE]
    assert outcome(rows, inferred).status == "likely"
    hidden = outcome(rows, inferred, router)
    assert hidden.status == "possible"
    assert "the router's log" in hidden.reason


def test_a_line_that_reports_the_cause_itself_has_no_likeness() -> None:
    router = cause("router", "path", needs=["router"], explains=["*"], evidence=[sign("power.lost", "decisive")])
    assert outcome([event(0, "cable.cut"), *LATE], cause(), router).status == "likely"


def test_logs_alone_never_make_some_causes_more_than_possible() -> None:
    assert outcome([event(0, "cable.cut"), *LATE], cause(only_possible=True)).status == "possible"


@pytest.mark.parametrize(("late", "status"), [(1, "likely"), (2, "possible"), (9, "undetermined")])
def test_what_remains_unexplained_lowers_the_verdict(late: int, status: str) -> None:
    rows = [event(0, "cable.cut"), *LATE, *failing(*(200 + second for second in range(late)), name="mail.failed")]
    found = outcome(rows, cause(lasts="1min"))
    share = 4 / (4 + late)
    expected = "likely" if share >= weights.MOSTLY else "possible" if share >= weights.EXPLAINED else "undetermined"
    assert found.status == status == expected


def test_what_ends_the_failing_made_nothing_worse() -> None:
    """Whoever restarts the daemon repairs it: its own lines go down and come up, and what failed before is over."""
    restart = cause("restart", "service", usually="contributing", evidence=[sign("power.lost", "decisive")])
    rows = [event(0, "cable.cut"), *LATE, event(400, "power.lost"), event(401, "mail.failed")]
    assert outcome(rows, cause(), restart).contributing == ()
    goes_on = outcome([*rows, *failing(420, 440)], cause(), restart)
    assert [item.cause.id for item in goes_on.contributing] == ["restart"]


def test_what_explains_no_more_than_its_own_line_made_nothing_worse() -> None:
    flap = cause("flap", evidence=[sign("link.gone", "strong")], explains=["link.*", "page.*"])
    rows = [event(-20, "link.gone"), event(-18, "link.back"), event(0, "cable.cut"), *LATE]
    found = outcome(rows, cause(), flap)
    assert found.root is not None
    assert (found.root.cause.id, found.contributing) == ("cable", ())

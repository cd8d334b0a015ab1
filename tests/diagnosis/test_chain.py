"""The chain: its order over clocks that are not sure, what is seen and what is inferred, its end, and its loop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from logcorr.diagnosis.chain import build_chain, loop_sentence
from logcorr.diagnosis.compete import Outcome, compete
from logcorr.diagnosis.incidents import find_incidents
from logcorr.model import ChainStep
from logcorr.rulebook.models import Cause
from tests.diagnosis.stage import START, cause, event, failing, judged, scene

LATE = failing(10, 20, 30, 40)
MONITOR = cause(
    "monitor",
    "service",
    usually="contributing",
    reacts_to=["page.failed"],
    explains=["mail.failed"],
    evidence=[{"event": "power.lost", "strength": "decisive", "trigger": True, "says": "restarted"}],
)


def told(
    rows: list[dict[str, Any]], *causes: Cause, clocks: tuple[str, ...] = ()
) -> tuple[list[tuple[ChainStep, tuple[int, ...]]], Outcome]:
    given = scene(rows, causes, clocks)
    incident = find_incidents(given)[0]
    outcome = compete(tuple(judged(given).values()))
    return build_chain(outcome, incident, given), outcome


def events(chain: list[tuple[ChainStep, tuple[int, ...]]]) -> list[str]:
    return [step.event for step, _ in chain]


def test_root_symptom_recovery_in_true_order() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(50, "cable.mended"), event(9000, "chatter")]
    chain, _ = told(rows, cause(ends_with=["cable.mended"]))
    assert [(step.event, step.role, step.observed) for step, _ in chain] == [
        ("cable.cut", "root", True),
        ("page.failed", "symptom", True),
        ("cable.mended", "recovery", True),
    ]
    assert [step.time for step, _ in chain] == sorted(step.time for step, _ in chain)


def test_a_root_that_no_log_shows_is_inferred_and_cites_nothing() -> None:
    (step, rows), *rest = told(LATE, cause())[0]
    assert (step.role, step.observed, step.host, rows) == ("root", False, None, ())
    assert [later.role for later, _ in rest] == ["symptom"]


def test_what_an_unrelated_clock_puts_before_the_root_stands_behind_it() -> None:
    """The other machine's clock may be a minute off: its failure at -20 s is no proof that the failure came first."""
    rows = [event(0, "cable.cut"), *LATE, *failing(-20, host="far", name="mail.failed")]
    chain, outcome = told(rows, cause())
    assert outcome.root is not None
    assert events(chain) == ["cable.cut", "mail.failed", "page.failed"]
    assert chain[1][0].time == START - timedelta(seconds=20)


def test_what_a_related_clock_puts_before_the_root_is_no_part_of_the_chain() -> None:
    rows = [event(0, "cable.cut"), *LATE, *failing(-20, host="far", name="mail.failed")]
    chain, outcome = told(rows, cause(), clocks=("srv", "far"))
    assert outcome.root is not None
    assert events(chain) == ["cable.cut", "page.failed"]


def test_a_pause_between_two_steps_is_left_as_it_is() -> None:
    """Nothing is put where nothing was seen."""
    rows = [event(0, "cable.cut"), *failing(10, 20), *failing(700, 710, name="mail.failed")]
    chain, _ = told(rows, cause())
    assert [(step.time - START).total_seconds() for step, _ in chain] == [0, 10, 700]


def test_the_recovery_is_never_cut_off() -> None:
    kinds = [("page.failed", 10), ("mail.failed", 11), ("all.dark", 12)]
    rows = [event(0, "cable.cut"), *(event(at + 60 * n, name) for n in range(8) for name, at in kinds)]
    chain, _ = told([*rows, event(500, "cable.mended"), event(9000, "chatter")], cause(ends_with=["cable.mended"]))
    assert chain[-1][0].role == "recovery"


def test_a_log_that_ends_in_the_incident_shows_no_recovery() -> None:
    chain, _ = told([event(0, "cable.cut"), *LATE, event(50, "cable.mended")], cause(ends_with=["cable.mended"]))
    assert "recovery" not in [step.role for step, _ in chain]


def test_no_line_is_two_steps() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), *failing(50, 55, name="mail.failed")]
    chain, _ = told(rows, cause(), MONITOR)
    cited = [row for _, rows in chain for row in rows]
    assert len(cited) == len(set(cited))


def test_a_reaction_is_a_step_and_its_repetition_the_loop() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), *failing(50, 90), event(100, "power.lost")]
    chain, outcome = told(rows, cause(), MONITOR)
    assert ("power.lost", "step") in [(step.event, step.role) for step, _ in chain]
    loop = loop_sentence(outcome)
    assert loop is not None
    assert "2 times" in loop


def test_one_reaction_is_no_loop_however_many_lines_it_has() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), event(46, "power.lost"), *failing(50)]
    _, outcome = told(rows, cause(), MONITOR)
    assert [item.cause.id for item in outcome.contributing] == ["monitor"]
    assert loop_sentence(outcome) is None


def test_what_acts_at_its_own_pace_is_no_reaction() -> None:
    habit = [event(second, "power.lost") for second in range(-7200, 7200, 300)]
    _, outcome = told([event(0, "cable.cut"), *LATE, *habit], cause(), MONITOR)
    assert outcome.root is not None
    assert outcome.contributing == ()


def test_every_step_cites_a_row_of_its_event() -> None:
    rows = [event(0, "cable.cut"), *LATE]
    given = scene(rows, [cause()])
    chain, _ = told(rows, cause())
    for step, cited in chain:
        names = given.events.filter(pl.col("id").is_in(list(cited)))["event"].to_list()
        assert step.event in names

"""The chain: its order over clocks that are not sure, what is seen and what is inferred, its end, and its loop."""

from __future__ import annotations

from typing import Any

import polars as pl

from logcorr.diagnosis.incidents import find_incidents
from logcorr.diagnosis.judging.compete import Outcome, compete
from logcorr.diagnosis.telling.chain import build_chain, loop_sentence, loop_turns
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


def test_what_an_unrelated_clock_puts_before_the_root_is_no_step_but_what_it_puts_behind_is() -> None:
    """The other machine's clock may be a minute off: its failure at -20 s proves no order, and the chain states one."""
    rows = [event(0, "cable.cut"), *LATE, *failing(-20, host="far", name="mail.failed")]
    chain, outcome = told(rows, cause(layer="path"))
    assert outcome.root is not None
    assert events(chain) == ["cable.cut", "page.failed"]
    chain, _ = told([*rows, *failing(25, host="far", name="mail.failed")], cause(layer="path"))
    assert [(step.event, (step.time - START).total_seconds()) for step, _ in chain][1:] == [
        ("page.failed", 10),
        ("mail.failed", 25),
    ]


def test_what_a_related_clock_puts_before_the_root_is_no_part_of_the_chain() -> None:
    rows = [event(0, "cable.cut"), *LATE, *failing(-20, host="far", name="mail.failed")]
    chain, outcome = told(rows, cause(layer="path"), clocks=("srv", "far"))
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


def test_another_thing_that_comes_up_later_is_no_recovery_and_what_was_lost_is() -> None:
    """Some port has a link again, some other program is well: neither tells that this one is."""
    rows = [event(0, "cable.cut"), *LATE, event(5, "link.gone", interface="eth0"), event(9000, "chatter")]
    back = [event(100, "link.back", interface="eth0"), event(160, "link.back", interface="eth7"), event(170, "page.ok")]
    chain, _ = told([*rows, *back], cause(ends_with=["link.back"]))
    assert [(step.role, (step.time - START).total_seconds()) for step, _ in chain][-1] == ("recovery", 100)
    chain, _ = told([*rows, *back[2:], event(14, "link.back", interface="eth0")], cause())
    assert "recovery" not in [step.role for step, _ in chain if (step.time - START).total_seconds() > 14]


def test_a_log_that_ends_in_the_incident_shows_no_recovery() -> None:
    chain, _ = told([event(0, "cable.cut"), *LATE, event(50, "cable.mended")], cause(ends_with=["cable.mended"]))
    assert "recovery" not in [step.role for step, _ in chain]


def test_no_line_is_two_steps() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), *failing(50, 55, name="mail.failed")]
    chain, _ = told(rows, cause(), MONITOR)
    cited = [row for _, rows in chain for row in rows]
    assert len(cited) == len(set(cited))


def test_a_reaction_is_a_step_and_its_repetition_the_loop() -> None:
    rows = [
        event(0, "cable.cut"),
        *LATE,
        event(45, "power.lost"),
        *failing(50, 90),
        event(100, "power.lost"),
        *failing(110),
    ]
    chain, outcome = told(rows, cause(), MONITOR)
    assert ("power.lost", "step") in [(step.event, step.role) for step, _ in chain]
    loop = loop_sentence(outcome, find_incidents(scene(rows))[0])
    assert loop is not None
    assert "2 times" in loop


def test_turns_and_count_of_a_loop_are_those_of_its_own_incident() -> None:
    """One cut, and reactions to it for the rest of the day: the second failure's are none of the first's."""
    first = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), *failing(50, 90), event(95, "power.lost")]
    later = [event(at, "power.lost") for at in range(3300, 3900, 120)]
    rows = [*first, *failing(100), *failing(*range(3200, 4000, 60)), *later, event(20_000, "chatter")]
    given = scene(rows, [cause(lasts="2h"), MONITOR])
    counts = {}
    for incident in find_incidents(given):
        outcome = compete(tuple(judged(given, incident).values()))
        turns = [turn.reacted for turn, _ in loop_turns(outcome, incident, given)]
        assert all(incident.start <= at <= incident.end for at in turns)
        counts[incident.start] = (len(turns), loop_sentence(outcome, incident))
    assert [(count, f"({count} times here)" in str(said)) for _, (count, said) in sorted(counts.items())] == [
        (2, True),
        (5, True),
    ]


def test_a_recovery_before_the_last_reaction_stands_before_it() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "cable.mended"), event(48, "power.lost"), *failing(50, 52)]
    chain, _ = told([*rows, event(9000, "chatter")], cause(ends_with=["cable.mended"]), MONITOR)
    times = [step.time for step, _ in chain]
    assert times == sorted(times)
    assert {"cable.mended", "power.lost"} <= set(events(chain))


def test_one_reaction_is_no_loop_however_many_lines_it_has() -> None:
    rows = [event(0, "cable.cut"), *LATE, event(45, "power.lost"), event(46, "power.lost"), *failing(50)]
    _, outcome = told(rows, cause(), MONITOR)
    assert [item.cause.id for item in outcome.contributing] == ["monitor"]
    assert loop_sentence(outcome, find_incidents(scene(rows))[0]) is None


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

"""What opens an incident, beside a burst: a loss by its time, one proof, what comes again and again, unknown errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from logcorr.diagnosis.incidents import Incident, find_incidents
from tests.diagnosis.stage import START, UNHEARD, cause, event, failing, scene

HOUR = 3600
QUIET = [event(second, "chatter") for second in range(-12 * HOUR, 12 * HOUR, 300)]


def lost(start: float, seconds: float | None, interface: str = "eno7", **more: Any) -> list[dict[str, Any]]:
    """A link is gone for so many seconds, or for good."""
    rows = [event(start, "link.gone", interface=interface, **more)]
    return rows if seconds is None else [*rows, event(start + seconds, "link.back", interface=interface, **more)]


def incidents(*rows: dict[str, Any], causes: tuple[Any, ...] = ()) -> tuple[Incident, ...]:
    return find_incidents(scene([*QUIET, *rows], causes))


# --- state --------------------------------------------------------------------------------------------------------


def test_two_lines_with_twelve_minutes_between_them_are_an_outage_of_twelve_minutes() -> None:
    (found,) = incidents(*lost(0, 720))
    assert found.openings == ("state",)
    assert (found.start, found.end, found.ongoing) == (START, START + timedelta(seconds=720), False)


def test_what_is_not_back_is_still_going_on_when_the_logs_end() -> None:
    (found,) = incidents(*lost(0, None))
    assert found.ongoing
    assert found.end - found.start > timedelta(hours=11)


@pytest.mark.parametrize("seconds", [1, 9, 29])
def test_what_a_retry_rides_out_is_no_incident(seconds: float) -> None:
    assert incidents(*lost(0, seconds)) == ()


def test_the_longer_loss_is_the_graver() -> None:
    first, second = incidents(*lost(0, 60), *lost(2 * HOUR, 600))
    assert first.start > second.start


def test_the_return_of_another_thing_is_no_return() -> None:
    (found,) = incidents(*lost(0, None), event(60, "link.back", interface="eno8"), event(900, "link.back"))
    assert found.end == START + timedelta(seconds=900)


def test_an_open_loss_is_followed_to_its_end_though_nothing_else_fails() -> None:
    rows = [*lost(0, 3 * HOUR), *failing(5, 10, 15)]
    (found,) = incidents(*rows)
    assert found.end - found.start == timedelta(hours=3)


def test_a_spares_loss_does_not_count_by_its_time() -> None:
    (found,) = incidents(event(0, "spare.gone", interface="eno8"), event(7000, "spare.back", interface="eno8"))
    assert found.openings == ("trigger",)
    assert found.weight == 3


def test_where_all_are_lost_a_spare_that_stays_away_does_not_prolong_it() -> None:
    members = [event(0, "spare.gone", interface=name) for name in ("eno7", "eno8")]
    (found,) = incidents(*members, *lost(0, 120, "bond7"), event(119, "spare.back", interface="eno7"))
    assert (found.end, found.ongoing) == (START + timedelta(seconds=120), False)


def test_a_service_that_is_told_to_stop_and_starts_is_no_incident_and_one_that_does_not_is() -> None:
    stop = [event(0, "daemon.told", unit="web.service"), event(1, "daemon.ended", unit="web.service")]
    speaking = [event(second, "chatter", program="cron") for second in range(-HOUR, 6 * HOUR, 300)]
    again = [event(4000, "daemon.began", unit="web.service")]
    assert find_incidents(scene([*speaking, *stop, *again])) == ()
    (found,) = find_incidents(scene([*speaking, *stop]))
    assert found.ongoing
    assert found.start == START + timedelta(seconds=1)


def test_a_service_that_fails_after_the_restart_that_was_asked_for_is_an_incident() -> None:
    told = ((0, "daemon.told"), (1, "daemon.ended"), (2, "daemon.began"), (4, "daemon.ended"))
    restart = [event(second, name, unit="web.service") for second, name in told]
    speaking = [event(second, "chatter", program="cron") for second in range(-HOUR, 6 * HOUR, 300)]
    (found,) = find_incidents(scene([*speaking, *restart, event(4000, "daemon.began", unit="web.service")]))
    assert (found.start, found.end) == (START + timedelta(seconds=4), START + timedelta(seconds=4000))


@pytest.mark.parametrize(("last", "ongoing"), [(-60, True), (1200, False)])
def test_the_log_that_tells_on_decides_whether_it_goes_on(last: int, ongoing: bool) -> None:
    """The link of one machine is not back when its log ends; the other one's pages fail until then, or longer."""
    linked = [event(-7000, "met", host, public_ip="198.51.100.7") for host in ("srv", "far")]
    other = [event(second, "chatter", "far") for second in range(-12 * HOUR, 12 * HOUR, 300)]
    rows = [row for row in QUIET if row["second"] < 300]
    pages = failing(*range(-120, last + 1, 60), host="far")
    (found,) = find_incidents(scene([*rows, *other, *linked, *lost(-100, None), *pages], [cause()]))
    assert (found.hosts, found.ongoing) == (("far", "srv"), ongoing)


def test_a_service_is_there_again_when_its_program_writes() -> None:
    """Of its start no line was kept."""
    stop = [event(0, "daemon.ended", unit="web.service"), event(5, "chatter", program="web")]
    rows = [*(event(second, "chatter", program="cron") for second in range(0, 6 * HOUR, 300)), *stop]
    (found,) = find_incidents(scene([*rows, event(400, "chatter", program="web")]))
    assert found.end == START + timedelta(seconds=400)


# --- darkness -----------------------------------------------------------------------------------------------------


def test_a_darkness_begins_when_the_machine_misses_its_next_record() -> None:
    rows = [row for row in QUIET if not 0 < row["second"] < 900]
    (found,) = find_incidents(scene([*rows, event(840, "host.booted")]))
    assert (found.start, found.end) == (START + timedelta(seconds=300), START + timedelta(seconds=840))


def test_a_darkness_of_a_machine_that_writes_every_second_begins_with_its_last_record() -> None:
    rows = [event(second, "chatter") for second in range(-900, 1)]
    (found,) = find_incidents(scene([*rows, event(840, "host.booted"), event(900, "chatter")]))
    assert (found.start, found.end) == (START + timedelta(seconds=1), START + timedelta(seconds=840))


def test_a_first_boot_is_no_restart() -> None:
    rows = [row for row in QUIET if row["second"] > 0]
    assert find_incidents(scene([event(0, "host.booted"), *lost(5, 20), *rows])) == ()


def test_a_restart_that_was_asked_for_is_no_incident_by_itself() -> None:
    rows = [row for row in QUIET if not 0 < row["second"] < 900]
    assert find_incidents(scene([*rows, event(0, "host.shutdown"), event(840, "host.booted")])) == ()


def test_links_that_flap_while_a_machine_comes_up_are_no_incident() -> None:
    rows = [row for row in QUIET if not 0 < row["second"] < 600]
    flaps = [row for at in (605, 610, 615) for row in lost(at, 3)]
    assert find_incidents(scene([*rows, event(0, "host.shutdown"), event(600, "host.booted"), *flaps])) == ()


def test_a_sleep_does_not_cut_an_incident_in_two() -> None:
    """Ten minutes before it slept, and ten after it woke: in the time that it was awake they are near."""
    slept = [event(400, "sleep.started"), event(6 * HOUR, "sleep.ended")]
    rows = [row for row in QUIET if not 400 < row["second"] < 6 * HOUR]
    (found,) = find_incidents(scene([*rows, *slept, *failing(0, 60, 120), *failing(6 * HOUR + 60, 6 * HOUR + 90)]))
    assert found.symptoms.filter(found.symptoms["event"] == "page.failed").height == 5


# --- trigger ------------------------------------------------------------------------------------------------------


def test_one_line_that_a_cause_calls_decisive_is_an_incident() -> None:
    proof = cause(evidence=[{"event": "memory.gone", "strength": "decisive", "trigger": True, "says": "it was killed"}])
    (found,) = incidents(event(0, "memory.gone"), causes=(proof,))
    assert found.openings == ("trigger",)
    assert incidents(event(0, "memory.gone")) == ()
    assert incidents(event(0, "memory.gone", trusted=False), causes=(proof,)) == ()


@pytest.mark.parametrize(("seconds", "known"), [(5, 0), (None, 1)])
def test_what_is_back_at_once_proves_nothing_and_what_no_line_brings_back_does(
    seconds: float | None, known: int
) -> None:
    proof = {"event": "link.gone", "strength": "decisive", "trigger": True, "says": "gone"}
    assert len(incidents(*lost(12 * HOUR, seconds), causes=(cause(evidence=[proof]),))) == known


def test_what_a_reaction_is_known_by_proves_no_fault() -> None:
    monitor = cause(
        usually="contributing",
        reacts_to=["page.failed"],
        evidence=[{"event": "memory.gone", "strength": "decisive", "trigger": True, "says": "it restarted"}],
    )
    assert incidents(event(0, "memory.gone"), causes=(monitor,)) == ()


# --- recurrence ---------------------------------------------------------------------------------------------------


def test_eight_short_losses_in_sixteen_hours_are_one_incident() -> None:
    hours = (0, 1.7, 3.1, 6.4, 8.2, 8.9, 12.3, 15.8)
    (found,) = incidents(*(row for hour in hours for row in lost((hour - 8) * HOUR, 3)))
    assert found.openings == ("recurrence",)
    told = found.recurrence
    assert told is not None
    assert (told.count, told.shortest_s, told.longest_s, told.period_s) == (8, 3.0, 3.0, None)
    assert [outage.start for outage in told.outages] == [START + timedelta(hours=hour - 8) for hour in hours]
    assert told.share_down == pytest.approx(24 / (15.8 * HOUR), rel=0.02)
    assert told.chance is not None
    assert told.chance < 1e-3


def test_a_day_of_twenty_short_outages_is_one_incident_not_twenty() -> None:
    starts = [(number - 10) * 4000 + 37 * (number * number % 11) for number in range(20)]
    (found,) = incidents(*(row for start in starts for row in (*lost(start, 40), event(start + 5, "page.failed"))))
    told = found.recurrence
    assert told is not None
    assert told.count == 20
    assert [outage.start for outage in told.outages] == [START + timedelta(seconds=start) for start in starts]
    assert told.share_down == pytest.approx(20 * 40 / (starts[-1] + 40 - starts[0]), rel=0.02)
    assert told.chance is not None
    assert told.chance < 1e-3
    assert found.start == START + timedelta(seconds=starts[0])
    assert found.symptoms.height == 40


@pytest.mark.parametrize(("minutes", "count"), [((0, 28, 51), 1), ((0, 50, 100), 3)])
def test_a_program_that_dies_three_times_within_an_hour_is_one_incident(minutes: tuple[int, ...], count: int) -> None:
    dies = [
        event(minute * 60 + after, name, unit="web.service")
        for minute in minutes
        for after, name in ((0, "daemon.ended"), (40, "daemon.began"))
    ]
    speaking = [event(second, "chatter", program="cron") for second in range(-12 * HOUR, 12 * HOUR, 300)]
    found = find_incidents(scene([*speaking, *dies]))
    told = [each.recurrence.count if each.recurrence else 1 for each in found]
    assert told == ([3] if count == 1 else [1, 1, 1])


def test_a_line_that_is_cut_three_times_within_an_hour_makes_three_incidents() -> None:
    assert len(incidents(*(row for minute in (0, 28, 51) for row in lost(minute * 60, 40)))) == 3


def test_failures_on_a_beat_that_stops_are_one_incident() -> None:
    (found,) = incidents(*failing(*range(0, 24 * 365, 365)))
    assert found.recurrence is not None
    assert (found.recurrence.count, found.recurrence.period_s) == (24, 365.0)
    assert found.recurrence.chance is not None
    assert found.recurrence.chance < 1e-6


def test_failures_now_and_then_all_day_are_the_background() -> None:
    times = [(number - 12) * HOUR + (number * 7919) % 2400 for number in range(24)]
    assert incidents(*failing(*times)) == ()


def test_failures_on_a_beat_for_as_long_as_the_log_are_the_background() -> None:
    assert incidents(*failing(*range(-12 * HOUR + 60, 12 * HOUR, 1200))) == ()


def test_what_happens_once_a_day_is_planned() -> None:
    days = [event(second, "chatter") for second in range(0, 14 * 24 * HOUR, 1800)]
    nightly = [row for day in range(14) for row in lost(day * 24 * HOUR + 4 * HOUR, 20)]
    assert find_incidents(scene([*days, *nightly])) == ()


def test_long_outages_stay_incidents_of_their_own() -> None:
    found = incidents(*(row for start in range(-5 * HOUR, 5 * HOUR, 2 * HOUR) for row in lost(start, 1500)))
    assert len(found) == 5
    assert all(each.recurrence is None for each in found)


# --- unknown ------------------------------------------------------------------------------------------------------


def said(seconds: range, message: str, name: str = UNHEARD, **more: Any) -> list[dict[str, Any]]:
    return [event(second, name, message=f"{message} {abs(second)}", program="shop", **more) for second in seconds]


@pytest.mark.parametrize(
    "message",
    [
        "error: order failed: number",
        'level=error msg="order lost" number=',
        "2026/01/01 [error] order",
        "PANIC:  could not write: No space left on device",
        "OSError: [Errno 5] Input/output error: order",
        "java.lang.IllegalStateException: order",
    ],
)
def test_an_hour_of_errors_that_no_rule_knows_is_an_incident_without_a_cause(message: str) -> None:
    (found,) = incidents(*said(range(0, HOUR, 30), message))
    assert found.openings == ("unknown",)
    assert found.symptoms.height == 120


def test_the_same_errors_all_day_long_are_the_background() -> None:
    assert incidents(*said(range(-12 * HOUR, 12 * HOUR, 300), "error: no printer")) == ()


def test_a_few_errors_and_what_requests_quote_are_no_incident() -> None:
    assert incidents(*said(range(0, 300, 60), "error: once")) == ()
    assert incidents(*said(range(0, HOUR, 30), '192.0.2.7 "GET /a?level=error HTTP/1.1" 200')) == ()


def test_errors_during_a_known_incident_open_no_other() -> None:
    (found,) = incidents(*lost(0, HOUR), *said(range(0, HOUR, 30), "error: order failed"))
    assert found.openings == ("state",)

"""Where something went wrong, before any cause is asked for."""

from logcorr.diagnosis.incidents import find_incidents
from tests.diagnosis.stage import event, failing, scene

QUIET = [event(second, "chatter") for second in range(-7200, 7200, 60)]


def test_chatter_is_no_incident() -> None:
    assert find_incidents(scene(QUIET)) == ()


def test_two_signs_are_ordinary_noise() -> None:
    assert find_incidents(scene([*QUIET, *failing(0, 10)])) == ()


def test_three_signs_in_a_quiet_log_are_an_incident() -> None:
    (incident,) = find_incidents(scene([*QUIET, *failing(0, 10, 20)]))
    assert incident.symptoms.height == 3
    assert not incident.ongoing


def test_the_same_three_signs_are_none_where_they_come_all_day() -> None:
    background = failing(*range(-7200, 7200, 400))
    assert find_incidents(scene([*QUIET, *background, *failing(1, 11)])) == ()


def test_one_sign_of_an_outage_suffices() -> None:
    assert len(find_incidents(scene([*QUIET, event(0, "all.dark")]))) == 1


def test_a_line_of_contradicted_origin_makes_no_incident() -> None:
    assert find_incidents(scene([*QUIET, event(0, "all.dark", trusted=False)])) == ()


def test_signs_far_apart_are_two_incidents_the_graver_first() -> None:
    first, second = find_incidents(scene([*QUIET, *failing(-5000, -4990, -4980), event(0, "all.dark"), *failing(5)]))
    assert first.start > second.start


def test_a_stray_before_the_incident_is_not_its_start() -> None:
    (incident,) = find_incidents(scene([*QUIET, *failing(-700, 0, 10, 20)]))
    assert incident.symptoms.height == 3


def test_three_incidents_apart_are_three_and_none_holds_another() -> None:
    rows = [*QUIET, *failing(-5000, -4990, -4980), *failing(0, 10, 20), *failing(5000, 5010, 5020)]
    found = find_incidents(scene(rows))
    assert len(found) == 3
    assert sorted(item.symptoms.height for item in found) == [3, 3, 3]


def test_a_failure_that_fills_the_whole_log_is_an_incident_not_its_background() -> None:
    (incident,) = find_incidents(scene(failing(*range(0, 7200, 60))))
    assert incident.ongoing


def test_failures_for_days_are_an_incident_however_many_they_are() -> None:
    """4,320 of them: e^-expected is no number that a float can hold."""
    days = failing(*range(600, 3 * 86_400, 60))
    (incident,) = find_incidents(scene([*failing(0), *days, *(event(at, "chatter") for at in range(0, 259_000, 900))]))
    assert incident.symptoms.height == 4310


def test_a_claim_to_be_a_known_program_makes_no_incident() -> None:
    rows = [event(second, "page.failed", program="web", trusted=False) for second in (0, 10, 20)]
    assert find_incidents(scene([*QUIET, *rows])) == ()

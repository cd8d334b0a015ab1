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

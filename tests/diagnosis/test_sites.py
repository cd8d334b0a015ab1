"""Which machines belong together, and that faults at different sites stay apart."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from logcorr.diagnosis.incidents import find_incidents
from logcorr.diagnosis.sites import find_sites
from tests.diagnosis.stage import cause, event, failing, scene

QUIET = [event(second, "chatter", host) for host in ("srv", "far") for second in range(-7200, 7200, 300)]
HERE = cause("cable", "physical")
PATH = cause(
    "uplink", "path", evidence=[{"event": "spare.gone", "strength": "strong", "trigger": True, "says": "gone"}]
)


def met(host: str, **fields: str) -> dict[str, Any]:
    """A line that tells addresses or names."""
    return event(-7000, "met", host, **fields)


def cut(second: float, host: str, *later: float) -> list[dict[str, Any]]:
    """A machine's cable is cut, and pages fail on it."""
    return [event(second, "cable.cut", host), *failing(*(second + each for each in later or (5, 10, 15)), host=host)]


def test_two_faults_at_once_on_machines_that_nothing_links_are_two_incidents() -> None:
    found = find_incidents(scene([*QUIET, *cut(0, "srv"), *cut(20, "far")], [HERE]))
    assert sorted(each.hosts for each in found) == [("far",), ("srv",)]
    assert [sorted(each.strangers) for each in sorted(found, key=lambda each: each.hosts)] == [["srv"], ["far"]]


@pytest.mark.parametrize(
    "links",
    [
        [met("srv", public_ip="198.51.100.7"), met("far", public_ip="198.51.100.7")],
        [met("srv", local_ip="100.64.0.7"), met("far", remote_ip="100.64.0.7")],
        [met("srv", local_ip="192.168.7.9"), met("far", remote_ip="192.168.7.9")],
        [met("srv", client="far.example.org")],
    ],
    ids=["one public address", "named by tunnel address", "named by lan address", "named by name"],
)
def test_on_machines_that_belong_together_they_are_one(links: list[dict[str, Any]]) -> None:
    (found,) = find_incidents(scene([*QUIET, *links, *cut(0, "srv"), *cut(20, "far")], [HERE]))
    assert set(found.hosts) == {"srv", "far"}


def port(host: str, interface: str, down: float, back: float) -> list[dict[str, Any]]:
    """A port goes down, and is back later."""
    told = (("carrier.lost", down), ("carrier.gained", back))
    return [event(second, name, host, interface=interface) for name, second in told]


@pytest.mark.parametrize(
    ("there", "linked"),
    [
        (port("sw", "Gi1/0/7", 0.8, 300.4), True),  # the other end of the same cable
        (port("sw", "Gi1/0/7", 41, 341.5), True),  # a clock that is off, by the same at both ends
        (port("sw", "Gi1/0/7", 1, 330), False),  # down for longer
        (port("sw", "Gi1/0/7", 200, 500), False),  # another time
        (port("sw", "veth51ab", 1, 301), False),  # no cable's end
    ],
)
def test_ports_that_go_and_come_back_together_are_the_ends_of_one_link(
    there: list[dict[str, Any]], linked: bool
) -> None:
    rows = [*QUIET, *port("srv", "eth0", 0, 300), *there]
    assert find_sites(scene(rows, [HERE])).related(["srv"], ["sw"]) is (True if linked else None)


def test_the_same_private_address_at_two_public_ones_is_no_link() -> None:
    seen = [met("srv", public_ip="198.51.100.7"), met("far", public_ip="203.0.113.9")]
    same = [met("srv", local_ip="192.168.1.10"), met("far", remote_ip="192.168.1.10")]
    assert find_sites(scene([*QUIET, *seen, *same])).related(["srv"], ["far"]) is False


def test_an_uplink_explains_what_fails_beside_it_and_not_a_cable_elsewhere() -> None:
    hosts = ("srv", "far", "router")
    quiet = [event(second, "chatter", host) for host in hosts for second in range(-7200, 7200, 300)]
    uplink = [event(0, "spare.gone", "router", program="router"), *failing(5, 25, 45, 65, host="srv")]
    first, second = find_incidents(scene([*quiet, *uplink, *cut(60, "far")], [HERE, PATH]))
    assert {frozenset(first.hosts), frozenset(second.hosts)} == {frozenset(("router", "srv")), frozenset(("far",))}
    merged = first if "srv" in first.hosts else second
    assert merged.doubtful == ("srv",)


def test_symptoms_that_begin_together_and_have_no_fault_beside_them_are_told_as_one() -> None:
    (found,) = find_incidents(scene([*QUIET, *failing(0, 10, 20), *failing(5, 15, 25, host="far")], [HERE]))
    assert set(found.hosts) == {"srv", "far"}
    assert found.doubtful


def test_they_are_two_where_the_machines_are_known_to_be_apart() -> None:
    seen = [met("srv", public_ip="198.51.100.7"), met("far", public_ip="203.0.113.9")]
    assert (
        len(find_incidents(scene([*QUIET, *seen, *failing(0, 10, 20), *failing(5, 15, 25, host="far")], [HERE]))) == 2
    )


def test_what_the_user_says_overrules() -> None:
    linked = [met("srv", public_ip="198.51.100.7"), met("far", public_ip="198.51.100.7")]
    rows = [*QUIET, *linked, *cut(0, "srv"), *cut(20, "far")]
    assert len(find_incidents(scene(rows, [HERE]), {"a": ("srv",), "b": ("far",)})) == 2
    apart = [met("srv", public_ip="198.51.100.7"), met("far", public_ip="203.0.113.9")]
    rows = [*QUIET, *apart, *cut(0, "srv"), *cut(20, "far")]
    (found,) = find_incidents(scene(rows, [HERE]), {"a": ("srv", "far")})
    assert found.site == "a"


def test_six_sites_with_a_fault_each_within_a_minute_are_six_incidents() -> None:
    hosts = [f"site{number}" for number in range(6)]
    quiet = [event(second, "chatter", host) for host in hosts for second in range(-7200, 7200, 300)]
    faults = [row for number, host in enumerate(hosts) for row in cut(number * 9, host)]
    found = find_incidents(scene([*quiet, *faults], [HERE]))
    assert sorted(each.hosts for each in found) == [(host,) for host in hosts]


def unrelated(seed: int) -> tuple[list[dict[str, Any]], tuple[float, float]]:
    """Two faults at two sites, each of any kind, with any symptoms and distance; and their times."""
    rng = Random(seed)
    rows = list(QUIET)
    times = (0.0, rng.uniform(-600, 600))
    for host, start in zip(("srv", "far"), times, strict=True):
        kind = rng.choice(["cut", "lost", "dark"])
        count = rng.randint(2, 30)
        symptoms = [start + rng.uniform(1, 400) for _ in range(count)]
        name = rng.choice(["page.failed", "mail.failed"])
        rows += failing(*symptoms, host=host, name=name)
        if kind == "cut":
            rows.append(event(start, "cable.cut", host))
        elif kind == "lost":
            end = start + rng.uniform(60, 900)
            rows += [event(start, "link.gone", host, interface="eno1"), event(end, "link.back", host, interface="eno1")]
        else:
            rows.append(event(start, "power.lost", host))
        if rng.random() < 0.3:
            rows.append(met(host, public_ip="198.51.100.7" if host == "srv" else "203.0.113.9"))
    return rows, times


POWER = cause(
    "power", "host", evidence=[{"event": "power.lost", "strength": "strong", "trigger": True, "says": "lost"}]
)


@pytest.mark.parametrize("seed", range(200))
def test_unrelated_incidents_at_two_sites_are_never_one(seed: int) -> None:
    rows, _ = unrelated(seed)
    found = find_incidents(scene(rows, [HERE, POWER]))
    assert all(len(each.hosts) == 1 for each in found)
    assert {host for each in found for host in each.hosts} == {"srv", "far"}


@pytest.mark.parametrize(("routers", "linked"), [(("gw",), True), (("gw", "gw2"), False)])
def test_a_modem_is_linked_with_the_only_router(routers: tuple[str, ...], linked: bool) -> None:
    modem = [event(0, "modem.online", "modem"), event(5, "wan.down", "modem")]
    rows = [row for gate in routers for row in (event(3, "wan.offline", gate), event(9, "met", gate))]
    assert (find_sites(scene([*modem, *rows])).related(["modem"], ["gw"]) is True) is linked

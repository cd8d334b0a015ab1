"""The same incident handed over otherwise: in another form, another zone, or all of a machine's files in one."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.simulate.accuracy import judge
from tests.simulate.exports.test_export import REMOTE
from tests.simulate.incident import Incident, simulate

pytestmark = pytest.mark.slow

SAID = tuple[str, str, tuple[str, ...]]
KOLKATA = ZoneInfo("Asia/Kolkata")
CAUSES = (
    "bond-member-failed",
    "dhcp-lease-lost",
    "dns-loop",
    "host-rebooted",
    "key-expired",
    "out-of-memory",
    "service-crashed",
    "udp-blocked",
    "wan-outage",
    "watchdog-restart-loop",
)
SEED = 11


def said(incident: Incident) -> SAID:
    found = judge(incident)
    return found.status, found.cause, found.contributing


def native(incident: Incident, folder: Path) -> Incident:
    """The exports as journald's own files, made by systemd's own tool."""
    files = dict(incident.files)
    for name in [name for name in files if name.endswith(".export")]:
        (folder / name).write_bytes(files.pop(name))
        made = folder / name.replace(".export", ".journal")
        subprocess.run([REMOTE, "-o", made, folder / name], check=True, capture_output=True)
        files[made.name] = made.read_bytes()
    return replace(incident, files=files)


def merged(incident: Incident) -> Incident:
    """Everything of the server's machine in one file: its journal, and what its monitor wrote to a file of its own."""
    files = dict(incident.files)
    server = next((name for name in files if name.endswith(".export") and name != "vps"), "")
    files["all.log"] = files.pop(server) + files.pop("tailscale-monitor.log", b"")
    return replace(incident, files=files, zones=incident.zones | {"all.log": "UTC"})


@pytest.mark.parametrize("cause", CAUSES)
def test_neither_form_nor_zone_changes_what_is_said(cause: str, tmp_path: Path) -> None:
    incident = simulate(cause, SEED, form="export")
    expected = said(incident)
    assert expected[1] == cause
    others = {
        "json": simulate(cause, SEED, form="json"),
        "native": native(incident, tmp_path),
        "short-iso": simulate(cause, SEED, form="short-iso"),
        "short-iso, another zone": simulate(cause, SEED, form="short-iso", zone=KOLKATA),
        "all in one": merged(incident),
    }
    found = {name: said(other) for name, other in others.items()}
    assert {name: each[1:] for name, each in found.items()} == dict.fromkeys(others, expected[1:])
    assert {found[name] for name in ("json", "native", "all in one")} == {expected}


@pytest.mark.parametrize("cause", ["wan-outage", "service-crashed"])
def test_a_zone_that_no_line_states_does_not_matter_where_it_is_given(cause: str) -> None:
    incident = simulate(cause, SEED, form="short", zone=KOLKATA)
    zones = incident.zones | {name: "Asia/Kolkata" for name in incident.files if name.endswith(".log")}
    zones.pop("omada-controller.log", None)
    zones.pop("tailscale-monitor.log", None)
    assert said(replace(incident, zones=zones))[1] == cause

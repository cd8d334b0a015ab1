"""Writes the shipped fixtures: ``python -m tests.simulate.fixtures``. The same bytes every time."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from tests.simulate.exports.export import entries, gzipped, journal_export, journal_json, not_auth, rsyslog
from tests.simulate.machines.clock import SECOND
from tests.simulate.story import NIGHT, VPS_SKEW, Scene, clock, link_flap, quiet_night
from tests.simulate.truth import Truth

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"


def files(act: Scene) -> dict[str, bytes]:
    """The logs as the story's people exported them: names and bytes."""
    opg = [entry for entry in entries(act.opg) if entry.record.time in NIGHT]
    vps = [entry for entry in entries(act.vps) if entry.record.time in NIGHT]
    return {
        "opg-srv.export": journal_export(act.opg, opg),
        "vps1.json.gz": journal_json(act.vps, vps),
        "vps1-syslog": rsyslog(act.vps, [entry for entry in vps if not_auth(entry)], traditional=True),
        "omada-controller.log": act.site.received(),
        "tailscale-monitor.log": act.monitor.log(),
    }


HOSTS = {
    "opg-srv.export": "opg-srv",
    "vps1.json.gz": "vps1",
    "vps1-syslog": "vps1",
    "omada-controller.log": "controller_opg",
    "tailscale-monitor.log": "opg-srv",
}
ROUTER = "omada-controller.log"


def truth_about(content: dict[str, bytes], truth: Truth) -> Truth:
    """``truth`` with the zone, host and skew of every file given."""
    hosts = {file: HOSTS[file.replace("export.gz", "export")] for file in content}
    zones = {file: "Europe/Zagreb" if file == ROUTER else "UTC" for file in content}
    return truth.replaced(hosts=hosts, zones=zones, skew_s={"vps1": VPS_SKEW / SECOND})


FLAP = Truth(
    title="The uplink loses the internet again and again; a monitor restarts tailscaled and takes its link down",
    cause="wan-outage",
    contributing=("watchdog-restart-loop",),
    since=NIGHT.start,
    until=NIGHT.end,
    started=clock("02:56:33"),
    ended=clock("03:08:16"),
    ruled_out=("interface-set-down",),
)
FLAP_WITHOUT_ROUTER = FLAP.replaced(
    title="The same outage without the router's log, so that its cause cannot be told",
    cause="undetermined",
    real_cause="wan-outage",
    missing_source="router",
)
QUIET = Truth(
    title="A night with every kind of noise and nothing wrong", cause="no-incident", since=NIGHT.start, until=NIGHT.end
)


def scenarios() -> Iterator[tuple[str, dict[str, bytes], Truth]]:
    """Name, files and truth of every fixture; ``.gz`` files are given by what they hold."""
    flap = files(link_flap())
    yield "tailscale-link-flap", flap, FLAP
    yield (
        "tailscale-link-flap-no-router",
        {file: data for file, data in flap.items() if file != ROUTER},
        FLAP_WITHOUT_ROUTER,
    )
    quiet = files(quiet_night())
    quiet["opg-srv.export.gz"] = quiet.pop("opg-srv.export")
    yield "quiet-night", quiet, QUIET


def fixtures() -> dict[str, bytes]:
    """Every shipped file by its path below ``fixtures/``."""
    out: dict[str, bytes] = {}
    for name, content, truth in scenarios():
        out |= {f"{name}/{file}": data for file, data in content.items()}
        out[f"{name}.toml"] = truth_about(content, truth).toml().encode()
    return out


def stored(path: Path) -> bytes | None:
    """What a file holds, decompressed; None where there is none."""
    if not path.exists():
        return None
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def main() -> None:
    """Rewrite the fixtures. A ``.gz`` of the right content is left alone: zlib's versions compress differently."""
    for name, data in fixtures().items():
        path = FOLDER / name
        if stored(path) != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzipped(data) if path.suffix == ".gz" else data)


if __name__ == "__main__":
    main()

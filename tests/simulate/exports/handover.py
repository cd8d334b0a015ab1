"""Which logs were handed in, and in which form each machine's was exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from tests.simulate.exports.export import (
    UTC_ZONE,
    Entry,
    entries,
    gzipped,
    journal_export,
    journal_json,
    journal_text,
    not_auth,
    rsyslog,
)
from tests.simulate.machines.clock import Window
from tests.simulate.machines.host import Host
from tests.simulate.machines.monitor import Monitor
from tests.simulate.stage import Stage

STRUCTURED = ("export", "json", "json.gz")
TEXT = (
    "short-iso-precise",
    "short-precise",
    "short-full",
    "short-unix",
    "short",
    "with-unit",
    "syslog",
    "syslog-traditional",
)


@dataclass(frozen=True, slots=True)
class Blind:
    """How the telling evidence goes missing, and which verdicts are then as good as "undetermined"."""

    server: bool = False  # the server's logs are missing altogether
    only_daemon: bool = False  # of the server only ``journalctl -u tailscaled`` is given
    router: bool = True  # the router's log is missing
    devices: bool = True  # the logs of switches and access points are missing
    without: tuple[str, ...] = ()  # the server's log lacks the lines of these programs
    missing: str = "server"
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forms:
    """In which form each machine's log was exported."""

    rng: Random
    variant: str
    needs_journal: bool = False
    fixed: str | None = None  # this form for all machines
    zone: ZoneInfo = UTC_ZONE  # in which text is printed

    def pick(self, *, server: bool) -> str:
        chosen = self._choose(server=server)
        return self.fixed or chosen

    def _choose(self, *, server: bool) -> str:
        if self.variant == "text" and not (server and self.needs_journal):
            return self.rng.choice(TEXT)
        if server and (self.needs_journal or self.variant == "spoofed"):
            return self.rng.choice(STRUCTURED)  # text cannot tell a claimed tag from a true one
        return self.rng.choice((*STRUCTURED, *STRUCTURED, "short-iso-precise", "short-unix", "syslog"))


def write(
    host: Host, form: str, keep: Callable[[Entry], bool], window: Window, zone: ZoneInfo = UTC_ZONE
) -> tuple[str, bytes]:
    """A host's log in a form: the file's name and bytes."""
    chosen = [entry for entry in entries(host) if entry.record.time in window and keep(entry)]
    if form == "export":
        return f"{host.name}.export", journal_export(host, chosen)
    if form.startswith("json"):
        data = journal_json(host, chosen)
        return f"{host.name}.{form}", gzipped(data) if form.endswith(".gz") else data
    if form.startswith("syslog"):
        visible = [entry for entry in chosen if not_auth(entry)]
        return f"{host.name}-syslog", rsyslog(host, visible, traditional=form.endswith("traditional"), zone=zone)
    return f"{host.name}.log", journal_text(host, chosen, form, zone)


def of_daemon(entry: Entry) -> bool:
    """What ``journalctl -u tailscaled`` selects."""
    return (
        entry.record.program.unit == "tailscaled.service"
        or dict(entry.record.fields).get("UNIT") == "tailscaled.service"
    )


def everything(entry: Entry) -> bool:
    """No selection."""
    return entry is not None


def lacking(programs: tuple[str, ...]) -> Callable[[Entry], bool]:
    """Everything but what ``programs`` wrote, and what PID 1 said of their units."""

    def keep(entry: Entry) -> bool:
        unit = dict(entry.record.fields).get("UNIT", "")
        return entry.record.program.identifier not in programs and not unit.startswith(programs)

    return keep


def export(
    stage: Stage, forms: Forms, *, blind: Blind | None, router: bool, monitor: Monitor | None
) -> dict[str, bytes]:
    """The files that were handed in."""
    files: dict[str, bytes] = {}
    server_form, vps_form = forms.pick(server=True), forms.pick(server=False)
    if not (blind and blind.server):
        keep = of_daemon if blind and blind.only_daemon else lacking(blind.without) if blind else everything
        name, data = write(stage.server, server_form, keep, stage.window, forms.zone)
        files[name] = data
        if monitor and not blind:
            files["tailscale-monitor.log"] = monitor.log()
    name, data = write(stage.vps, vps_form, everything, stage.window, forms.zone)
    files[name] = data
    if router and not (blind and blind.router):
        files["omada-controller.log"] = stage.site.received()
    if not (blind and blind.devices):
        files |= {device.file: device.log() for device in stage.devices}
    return files

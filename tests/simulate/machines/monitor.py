"""The on-site monitor: has the VPS open a port over the tailnet, and restarts tailscaled when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulate.machines.clock import moment, seconds
from tests.simulate.machines.host import MONITOR, MONITOR_SUDO, Host
from tests.simulate.machines.systemd import Manager, sudo, sudo_done

UNIT = "tailscale-monitor.service"


@dataclass(slots=True)
class Monitor:
    """``patience`` failures in a row lead to a restart; a run starts ``pause`` after the last one ended."""

    host: Host
    target: str = "100.76.8.62:4010"
    prober: str = "vps1"
    patience: int = 4
    pause: int = seconds(55.1)
    timeout: int = seconds(5)
    hesitation: int = seconds(1.2)
    settle: int = seconds(20)
    failures: int = 0
    lines: list[str] = field(default_factory=list)

    def note(self, at: int, text: str) -> None:
        """One line of the monitor's own log, in the host's local time (UTC)."""
        self.lines.append(f"{moment(self.host.clock.wall(at)):%Y-%m-%d %H:%M:%S} {text}\n")

    def test(self, at: int, reachable: bool, pid: int) -> int:
        """One probe; returns when its result was there."""
        if reachable:
            took = 31 + self.host.rng("probe", at).randrange(40)
            end = at + took * 1000
            self.note(end, f"{self.target} from {self.prober}: OK ({took} ms)")
            self.failures = 0
            return end
        self.failures += 1
        end = at + self.timeout
        waited = self.timeout // 1_000_000
        text = f"{self.target} from {self.prober}: FAILED (no answer in {waited} s), {self.failures} in a row"
        self.note(end, text)
        self.host.log(end, MONITOR, text, pid=pid)
        return end

    def run(self, start: int, end: int, reachable: Callable[[int], bool], restart: Callable[[int], int]) -> None:
        """Watch from ``start`` to ``end``. ``restart`` takes the time of PID 1's job and gives that of its end."""
        at = start
        while at < end:
            at = self.once(at, reachable, restart) + self.pause

    def once(self, at: int, reachable: Callable[[int], bool], restart: Callable[[int], int]) -> int:
        """One run of the service; returns its end."""
        manager, pid = Manager(self.host), self.host.fork(at)
        manager.starting(at - 9_000, UNIT)
        end = self.test(at, reachable(at), pid)
        if self.failures >= self.patience:
            asked = end + self.hesitation
            self.note(asked, f"restarting tailscaled after {self.failures} failures")
            self.host.log(asked, MONITOR, f"restarting tailscaled after {self.failures} failures", pid=pid)
            job = sudo(self.host, asked + 4_000, MONITOR_SUDO, "monitor", "/usr/bin/systemctl restart tailscaled")
            done = restart(asked + 62_000)
            sudo_done(self.host, done + 8_000, MONITOR_SUDO, job)
            self.note(done + 9_000, "tailscaled restarted")
            self.failures = 0
            end = self.test(done + self.settle, reachable(done + self.settle), pid)
        manager.deactivated(end + 4_000, UNIT)
        manager.started(end + 4_600, UNIT, oneshot=True)
        return end + 4_600

    def log(self) -> bytes:
        """The monitor's own log file."""
        return "".join(self.lines).encode()


def always(at: int) -> bool:
    """Nothing ever fails."""
    return True


def never(at: int) -> int:
    """A restart that cannot happen: for windows in which nothing fails."""
    msg = f"unexpected restart at {moment(at)}"
    raise AssertionError(msg)

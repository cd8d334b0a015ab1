"""Scripts of the host layer (reference, sections 2.7, 2.9, 2.10)."""

from __future__ import annotations

from tests.simulate.machines import trouble
from tests.simulate.machines.clock import HOUR, SECOND, Boot, Clock, Window, moment, seconds
from tests.simulate.machines.host import JOURNALD, LOGIND, NETWORKD, SLEEP, SYSTEMD, TAILSCALED, TIMESYNCD
from tests.simulate.machines.symptoms import lookups_fail, recovered, unanswered
from tests.simulate.machines.systemd import TIME_CHANGE, by_hand, resolved
from tests.simulate.machines.tailscaled import UNIT
from tests.simulate.stage import Outcome, Stage

#: The words of systemd-sleep up to and including a version.
SLEEP_WORDS = {
    251: ("Suspending system...", "System resumed."),
    254: ("Entering sleep state 'suspend'...", "System returned from sleep state."),
    300: ("Performing sleep operation 'suspend'...", "System returned from sleep operation 'suspend'."),
}


def host_rebooted(stage: Stage, at: int) -> Outcome:
    """An ordered reboot, or the power went: the boot id changes."""
    rng, host = stage.rng("reboot"), stage.server
    back = at + seconds(rng.uniform(40, 150))
    stage.silent(Window(at, back))
    if rng.random() < 0.6:
        _shutdown(stage, at)
    _boot(stage, back)
    host.boots = (*host.boots, Boot(host.hex("boot", 2), back))
    up = stage.on_server.start(back + seconds(9.4), connected=back + seconds(12))
    unanswered(stage, Window(at + SECOND, up))
    recovered(stage, up)
    return Outcome(at, up + SECOND, (Window(at, up),))


def _shutdown(stage: Stage, at: int) -> None:
    host, manager = stage.server, stage.manager
    by_hand(stage.server, at - seconds(0.7), "/usr/sbin/reboot")
    host.log(at - seconds(0.2), LOGIND, "The system will reboot now!")
    host.log(at - seconds(0.15), LOGIND, "System is rebooting.")
    manager.stopping(at, UNIT)
    gone = stage.on_server.stop(at + seconds(0.01))
    manager.deactivated(gone + seconds(0.02), UNIT)
    manager.stopped(gone + seconds(0.021), UNIT)
    host.log(gone + seconds(0.9), SYSTEMD, "Reached target shutdown.target - System Shutdown.")
    host.log(
        gone + seconds(1.1), JOURNALD, "Journal stopped", fields={"MESSAGE_ID": "d93fb3c9c24d451a97cea615ce59c00b"}
    )


def _boot(stage: Stage, at: int) -> None:
    """``at`` is the kernel's zero."""
    host, wired = stage.server, stage.wired
    release = {245: "5.4.0-150-generic", 249: "5.15.0-91-generic", 252: "6.1.0-28-amd64"}.get(
        host.systemd, "6.8.0-60-generic"
    )
    stage.kernel(at + 10, f"Linux version {release} (buildd@lcy02) (gcc) #1 SMP")
    stage.kernel(at + 20, f"Command line: BOOT_IMAGE=/boot/vmlinuz-{release} root=/dev/sda2 ro quiet")
    stage.kernel(at + seconds(0.6), "ACPI: PM: Power Button [PWRF]")
    host.log(at + seconds(2.1), SYSTEMD, f"systemd {host.systemd} running in system mode (+PAM +AUDIT)")
    host.log(at + seconds(2.9), JOURNALD, "Journal started", fields={"MESSAGE_ID": "f77379a8490b408bbe5f6940505a777b"})
    stage.manager.starting(at + seconds(4.0), "systemd-networkd.service")
    host.log(at + seconds(4.2), NETWORKD, "Enumeration completed")
    stage.manager.started(at + seconds(4.3), "systemd-networkd.service")
    stage.networkd.link_up(at + seconds(4.4), wired)
    stage.nic(at + seconds(7.1), up=True, name=stage.slaves[0] if stage.slaves else wired)


def host_suspended(stage: Stage, at: int) -> Outcome:
    """Sleep and wake, with the sleep messages of the version."""
    rng, host = stage.rng("sleep"), stage.server
    wake = at + seconds(rng.uniform(180, 2400))
    nap = Window(at + seconds(0.4), wake)
    stage.silent(nap)
    boot = host.boots[-1]
    host.boots = (*host.boots[:-1], Boot(boot.id, boot.start, (nap,)))
    host.log(at - SECOND, LOGIND, "The system will suspend now!")
    before, after = SLEEP_WORDS[min(version for version in SLEEP_WORDS if version >= host.systemd)]
    host.log(at, SLEEP, before, fields={"MESSAGE_ID": "6bbd95ee977941e497c48be27c254128", "SLEEP": "suspend"})
    stage.kernel(at + seconds(0.1), "PM: suspend entry (s2idle)")
    stage.kernel(wake + seconds(0.2), "PM: suspend exit")
    host.log(
        wake + seconds(0.5), SLEEP, after, fields={"MESSAGE_ID": "8811e6df2a8e40f58a94cea26f8ebf14", "SLEEP": "suspend"}
    )
    end = _time_jump(stage, wake, wake - at)
    unanswered(stage, Window(at + SECOND, end))
    return Outcome(at, end, (Window(at, end),))


def _time_jump(stage: Stage, at: int, slept: int) -> int:
    """What the daemon makes of a gap in time; returns when it is connected again."""
    daemon = stage.on_server
    text = (
        f"monitor: time jump detected (slept {slept // SECOND}s), probably wake from sleep"
        if daemon.version >= (1, 98)
        else "monitor: time jumped (probably wake from sleep); synthesizing major change event"
    )
    daemon.say(at + seconds(3.1), text)
    trouble.link_change(daemon, at + seconds(3.12), f"time-jumped({slept // SECOND}s)")
    trouble.derp_reset(daemon, at + seconds(3.3), reason="connection timed out")
    trouble.derp_reconnect(daemon, at + seconds(5.1))
    recovered(stage, at + seconds(5.5))
    return at + seconds(6)


def host_paused(stage: Stage, at: int) -> Outcome:
    """The hypervisor stops the machine once or twice: the clock jumps, and nobody said good night."""
    rng, start, outages = stage.rng("pause"), at, []
    for _ in range(rng.choice((1, 2, 2, 3))):
        wake = at + seconds(rng.uniform(45, 200))
        stage.silent(Window(at, wake))
        end = _time_jump(stage, wake, wake - at)
        unanswered(stage, Window(at, end))
        outages.append(Window(at, end))
        at = end + seconds(rng.uniform(120, 400))
    return Outcome(start, outages[-1].end, tuple(outages))


def clock_stepped(stage: Stage, at: int) -> Outcome:
    """The wall clock falls back by months; certificates are not valid yet, until the time service steps it forward."""
    rng, host, daemon = stage.rng("clock"), stage.server, stage.on_server
    end, back = at + seconds(rng.uniform(240, 800)), -rng.randrange(60 * 86_400, 500 * 86_400) * SECOND
    host.clock = Clock(host.clock.offset, ((at, back), (end, host.clock.offset)))
    _stepped(stage, at, None)
    wrong = host.clock.wall(at)
    retry = at + seconds(8)
    while retry < end - 4 * SECOND:
        stamp = _rfc3339(host.clock.wall(retry))
        daemon.say(
            retry,
            'Received error: fetch control key: Get "https://controlplane.tailscale.com/key?v=109": tls: failed to '
            f"verify certificate: x509: certificate has expired or is not yet valid: current time {stamp} is before "
            f"{_rfc3339(wrong - back - 20 * 24 * HOUR)}",
        )
        retry += seconds(rng.uniform(25, 50))
    trouble.derp_error(
        daemon,
        at + seconds(31),
        f"derphttp.Client.Recv connect to region {daemon.home.id} ({daemon.home.code}): x509: "
        f"certificate has expired or is not yet valid: current time {_rfc3339(wrong)} is before "
        f"{_rfc3339(wrong - back - 20 * 24 * HOUR)}",
    )
    _stepped(stage, end, "192.0.2.123:123 (0.debian.pool.ntp.org)")
    trouble.derp_reconnect(daemon, end + 4 * SECOND)
    window = Window(at + 20 * SECOND, end + 5 * SECOND)
    unanswered(stage, window)
    recovered(stage, end + 6 * SECOND)
    return Outcome(at, end + 6 * SECOND, (window,))


def _rfc3339(us: int) -> str:
    return f"{moment(us):%Y-%m-%dT%H:%M:%SZ}"


def _stepped(stage: Stage, at: int, server: str | None) -> None:
    host, daemon = stage.server, stage.on_server
    host.log(at + seconds(0.1), SYSTEMD, "Time has been changed", fields={"MESSAGE_ID": TIME_CHANGE})
    resolved(host, at + seconds(0.2), "Clock change detected. Flushing caches.")
    if server:
        host.log(
            at + seconds(0.05),
            TIMESYNCD,
            f"Initial clock synchronization to {server}.",
            fields={"MESSAGE_ID": "7c8a41f37b764941a0e1780b1be2f037"},
        )
    text = (
        "monitor: time jump detected (slept 0s), probably wake from sleep"
        if daemon.version >= (1, 98)
        else "monitor: time jumped (probably wake from sleep); synthesizing major change event"
    )
    daemon.say(at + seconds(6), text)


def out_of_memory(stage: Stage, at: int) -> Outcome:
    """The kernel kills the daemon, once or a few times."""
    rng, start, outages = stage.rng("oom"), at, []
    for count in range(1, rng.choice((2, 2, 3)) + 1):
        pid, rss = stage.server.pid(TAILSCALED, at), rng.randrange(300_000, 1_900_000)
        hog = rng.choice(("node", "java", "tailscaled", "postgres"))
        stage.kernel(
            at,
            f"{hog} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0",
            4,
        )
        scope = "Memory cgroup out of memory" if stage.rng("oom", "scope").random() < 0.3 else "Out of memory"
        stage.kernel(
            at + seconds(0.08),
            f"{scope}: Killed process {pid} (tailscaled) total-vm:{rss * 3}kB, anon-rss:{rss}kB, "
            "file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:2048kB oom_score_adj:0",
            3,
        )
        end = stage.on_server.killed(at + seconds(0.1), "killed", "9/KILL", "oom-kill", count, oom=True)
        unanswered(stage, Window(at, end), gap=(2, 5))
        outages.append(Window(at, end))
        at = end + seconds(rng.uniform(90, 500))
    return Outcome(start, outages[-1].end, tuple(outages))


def conntrack_table_full(stage: Stage, at: int) -> Outcome:
    """The server's own connection table is full: new flows are dropped, old ones live."""
    rng = stage.rng("conntrack")
    window = Window(at, at + seconds(rng.uniform(150, 700)))
    burst = at
    while burst < window.end:
        if burst > at:
            stage.kernel(burst - 300, f"net_ratelimit: {rng.randrange(12, 900)} callbacks suppressed", 4)
        for number in range(rng.randrange(3, 10)):
            stage.kernel(burst + number * 40_000, "nf_conntrack: nf_conntrack: table full, dropping packet", 4)
        burst += seconds(rng.uniform(5.1, 20))
    lookups_fail(stage, Window(at + 2 * SECOND, window.end), step=(15, 35))
    unanswered(stage, Window(at + SECOND, window.end), fresh=True)
    return Outcome(at, window.end, (window,))

"""What misleads: lines that claim to be something else, harmless look-alikes, other faults elsewhere in time."""

from __future__ import annotations

from random import Random

from tests.simulate.machines import noise, trouble
from tests.simulate.machines.clock import MINUTE, SECOND, Window, seconds
from tests.simulate.machines.host import CONTAINERD, NGINX, SMBD
from tests.simulate.machines.symptoms import cut_off, recovered, unanswered
from tests.simulate.machines.systemd import Manager, by_hand
from tests.simulate.stage import Stage


def spoofed(stage: Stage, around: int) -> None:
    """A user types log lines with ``logger -t``; strangers try ssh user names that read like log lines."""
    rng, host = stage.rng("spoof"), stage.server
    pid = stage.tailscaled_pid
    claims = [
        (
            "kernel",
            f"Out of memory: Killed process {pid} (tailscaled) total-vm:1811212kB, anon-rss:912332kB, file-rss:0kB",
        ),
        ("systemd", "tailscaled.service: Failed with result 'oom-kill'."),
        ("systemd-networkd", f"{stage.wired}: Lost carrier"),
        ("kernel", f"e1000e 0000:00:1f.6 {stage.wired}: NIC Link is Down"),
        ("tailscaled", "control: server reports new node key [kAbCd] has expired"),
    ]
    for number, (identifier, message) in enumerate(rng.sample(claims, 3)):
        noise.spoofed(host, around - seconds(rng.uniform(2, 90)) + number * SECOND, identifier, message)
    for name in (
        "kernel: nf_conntrack: nf_conntrack: table full, dropping packet",
        "tailscale0: Link DOWN",
        "kernel: Out of memory: Killed process 1 (tailscaled)",
    ):
        noise.odd_ssh_name(stage.vps, around - seconds(rng.uniform(1, 60)), name)


def decoys(stage: Stage, around: int) -> None:
    """Things that look like trouble and are none: containers' links, other services, a sleeping PC's port."""
    rng = stage.rng("decoys")
    Manager(stage.server).restart(
        around - seconds(rng.uniform(20, 50)), "smbd.service", SMBD, ("smbd version 4.19.5 started.",)
    )
    Manager(stage.vps).restart(around - seconds(rng.uniform(200, 900)), "nginx.service", NGINX)
    for at in (around - 31 * MINUTE, around - seconds(rng.uniform(30, 100)), around + 24 * MINUTE):
        container_link(stage, at, rng)
    stage.site.lan_physical(around - 9 * MINUTE, up=False, port="LAN5")
    stage.site.lan_physical(around + 42 * MINUTE, up=True, port="LAN5")
    trouble.stray_eof(stage.on_server, around - 22 * MINUTE)
    stage.on_vps.say(around - 47 * MINUTE, "netcheck: netcheck: UDP is blocked, trying HTTPS")


def container_link(stage: Stage, at: int, rng: Random) -> None:
    """A container ends: its virtual link loses carrier and goes down, as it should."""
    veth = f"veth{rng.getrandbits(28):07x}"
    stage.server.log(at - 900, CONTAINERD, 'level=info msg="shim disconnected" namespace=moby')
    stage.kernel(at, f"docker0: port 2({veth}) entered disabled state")
    stage.networkd.carrier(at + 900, veth, gained=False)
    stage.networkd.link_down(at + 1_400, veth)
    stage.kernel(at + 2_000, f"{veth}: renamed from eth0")


def other_fault(stage: Stage, at: int) -> None:
    """Long before: an operator restarts the daemon, for a reason of that hour."""
    by_hand(stage.server, at - seconds(0.06), "/usr/bin/systemctl restart tailscaled")
    end = stage.on_server.restart(at, connected=at + seconds(2.4))
    recovered(stage, end + SECOND)


def earlier_outage(stage: Stage, at: int) -> None:
    """Long before, and outside of what is asked about: the uplink failed for two minutes."""
    window = Window(at, at + 2 * MINUTE)
    stage.site.wan_detection(window.start + 7 * SECOND, online=False, lag=90)
    stage.site.wan_detection(window.end - SECOND, online=True, lag=12)
    cut_off(stage, window)
    unanswered(stage, Window(window.start + 8 * SECOND, window.end))
    recovered(stage, window.end)

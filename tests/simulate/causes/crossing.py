"""Scripts of tunnels in each other's way: two that want one network, packets larger than what carries them."""

from __future__ import annotations

from tests.simulate.causes.vpn import GATEWAY, OPENVPN
from tests.simulate.machines.clock import SECOND, Window, seconds
from tests.simulate.machines.host import API, service
from tests.simulate.machines.symptoms import backend_fails
from tests.simulate.machines.systemd import by_hand
from tests.simulate.stage import Outcome, Stage

PARTNER = service("openvpn", unit="openvpn-client@partner.service", exe="/usr/sbin/openvpn")
TARGET = "10.30.0.12"


def vpn_route_conflict(stage: Stage, at: int) -> Outcome:
    """A second tunnel is started that wants the network of the first; it stands, and what it is for is not reached."""
    rng = stage.rng("conflict")
    window = Window(at, at + seconds(rng.uniform(120, 600)))
    by_hand(stage.server, at - seconds(2.2), "/usr/bin/systemctl start openvpn-client@partner")
    known = (
        (
            "sitnl_send: rtnl: generic error (-17): File exists",
            "NOTE: Linux route add command failed because route exists",
        )
        if stage.server.systemd >= 252
        else (
            "RTNETLINK answers: File exists",
            "ERROR: Linux route add command failed: external program exited with error status: 2",
        )
    )
    for number, line in enumerate(
        (
            f"[vpn.partner.example] Peer Connection Initiated with [AF_INET]{GATEWAY}:1194",
            "TUN/TAP device tun1 opened",
            "/sbin/ip route add 10.30.0.0/24 via 10.9.0.1",
            *known,
            "Initialization Sequence Completed",
        )
    ):
        stage.server.log(at + number * 900, PARTNER, line)
    backend_fails(stage, Window(at + SECOND, window.end), TARGET, 5432)
    by_hand(stage.server, window.end, "/usr/bin/systemctl stop openvpn-client@partner")
    stage.server.log(window.end + seconds(0.1), PARTNER, "SIGTERM[hard,] received, process exiting")
    return Outcome(at, window.end)


def mtu_exceeded(stage: Stage, at: int) -> Outcome:
    """The line takes 1492 bytes from now on (PPPoE): the tunnel's large packets are refused, and transfers stall."""
    rng = stage.rng("mtu")
    window = Window(at, at + seconds(rng.uniform(120, 600)))
    again = at
    while again < window.end:
        text = (
            "write UDPv4: Message too long (fd=4,code=90)"
            if stage.server.systemd >= 252
            else ("write UDP: Message too long (code=90)")
        )
        stage.server.log(again, OPENVPN, text)
        if rng.random() < 0.7:
            stage.server.log(again + seconds(4), API, f"stock query failed: Error: connect ETIMEDOUT {TARGET}:5432")
        again += seconds(rng.uniform(5, 12))
    by_hand(stage.server, window.end, "/usr/sbin/ip link set dev tun0 mtu 1400")
    return Outcome(at, window.end)

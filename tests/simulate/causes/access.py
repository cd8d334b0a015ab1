"""Scripts of what lets a machine into the network: addresses, log-ins, ports, certificates, the firewall's chains."""

from __future__ import annotations

from tests.simulate.machines.clock import MINUTE, SECOND, Clock, Window, moment, seconds
from tests.simulate.machines.device import Device, cisco
from tests.simulate.machines.host import API, DOCKERD, Program, service
from tests.simulate.machines.symptoms import (
    backend_fails,
    cut_off,
    dead_link,
    recovered,
    unanswered,
    unreachable,
    upstream_error,
)
from tests.simulate.machines.systemd import by_hand, network_manager
from tests.simulate.stage import Outcome, Stage

PPPD = service("pppd", unit="pppoe-wan.service", transport="syslog", exe="/usr/sbin/pppd")
DHCLIENT = service("dhclient", unit="ifup@lan.service", transport="syslog", exe="/sbin/dhclient")
DHCPCD = service("dhcpcd", transport="syslog", exe="/usr/sbin/dhcpcd")
FIREWALLD = service("firewalld", exe="/usr/bin/python3", cmdline="/usr/bin/python3 -s /usr/sbin/firewalld --nofork")


def _say(stage: Stage, program: Program, at: int, *lines: str) -> None:
    for number, line in enumerate(lines):
        stage.server.log(at + number * 900, program, line)


def dhcp_server_silent(stage: Stage, at: int) -> Outcome:
    """The server's client asks and asks, and no DHCP server answers, though the link stands."""
    rng, name, lan = stage.rng("dhcp"), stage.wired, stage.on_server.lan
    net = lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(90, 500)))
    kind = rng.choice(("dhclient", "NetworkManager", "dhcpcd"))
    asked = at - seconds(rng.uniform(46, 60))
    if kind == "dhclient":
        wait = asked
        while wait < at:
            interval = rng.randrange(5, 15)
            _say(stage, DHCLIENT, wait, f"DHCPDISCOVER on {name} to 255.255.255.255 port 67 interval {interval}")
            wait += interval * SECOND
        _say(stage, DHCLIENT, at, "No DHCPOFFERS received.", "No working leases in persistent database - sleeping.")
        _say(
            stage, DHCLIENT, window.end - seconds(0.5), f"DHCPDISCOVER on {name} to 255.255.255.255 port 67 interval 4"
        )
        _say(
            stage,
            DHCLIENT,
            window.end - seconds(0.2),
            f"DHCPOFFER of {lan} from {net}.1",
            f"DHCPREQUEST for {lan} on {name} to 255.255.255.255 port 67",
            f"DHCPACK of {lan} from {net}.1",
            f"bound to {lan} -- renewal in 2904 seconds.",
        )
    elif kind == "NetworkManager":
        for offset, text in (
            (asked, f"dhcp4 ({name}): activation: beginning transaction (timeout in 45 seconds)"),
            (at, f"dhcp4 ({name}): request timed out"),
            (at + 900, f"dhcp4 ({name}): state changed unknown -> timeout"),
            (
                at + 1_800,
                f"device ({name}): state change: ip-config -> failed (reason 'ip-config-unavailable', {{}})",
            ),
            (window.end - seconds(0.5), f"dhcp4 ({name}): activation: beginning transaction (timeout in 45 seconds)"),
            (window.end - seconds(0.2), f"dhcp4 ({name}): state changed new lease, address={lan}"),
            (window.end - seconds(0.1), f"device ({name}): state change: ip-config -> ip-check (reason 'none', {{}})"),
        ):
            network_manager(stage.server, offset, text, name)
    else:
        _say(stage, DHCPCD, asked, f"{name}: soliciting a DHCP lease")
        _say(stage, DHCPCD, at, f"{name}: probing for an IPv4LL address")
        _say(stage, DHCPCD, at + seconds(5), f"{name}: using IPv4LL address 169.254.18.77")
        _say(stage, DHCPCD, window.end - seconds(2), f"{name}: offered {lan} from {net}.1")
        _say(stage, DHCPCD, window.end - seconds(0.1), f"{name}: leased {lan} for 7200 seconds")
    stage.on_server.say(at + seconds(0.04), f"monitor: RTM_DELADDR: src=, dst={lan}/24, gw=, outif=2, table=255")
    unreachable(stage, window)
    unanswered(stage, window)
    recovered(stage, window.end + 2 * SECOND)
    return Outcome(asked, window.end + 2 * SECOND, (window,), (window,))


def pppoe_login_refused(stage: Stage, at: int) -> Outcome:
    """The server dials itself: the provider ends the session and refuses the login until the account is mended."""
    rng = stage.rng("pppoe")
    window = Window(at, at + seconds(rng.uniform(150, 600)))
    refusal = rng.choice(
        ("PAP authentication failed", "CHAP authentication failed", "CHAP authentication failed: Invalid user")
    )
    _say(
        stage,
        PPPD,
        at,
        "LCP terminated by peer",
        "Connect time 1439.9 minutes.",
        "Sent 91882713 bytes, received 882711923 bytes.",
        "Connection terminated.",
    )
    again, number = at + seconds(rng.uniform(3, 8)), rng.randrange(1000, 60_000)
    dialled = (
        "PPP session is {}",
        "Connected to 02:00:5e:00:53:fe via interface eno2",
        "Using interface ppp0",
        "Connect: ppp0 <--> eno2",
    )
    while again < window.end - 6 * SECOND:
        _say(stage, PPPD, again, *(line.format(number) for line in dialled))
        _say(stage, PPPD, again + seconds(1.1), refusal, "Connection terminated.", "Sent PADT")
        again, number = again + seconds(rng.uniform(12, 40)), number + 1
    _say(stage, PPPD, window.end - seconds(3), *(line.format(number) for line in dialled))
    _say(
        stage,
        PPPD,
        window.end - seconds(1.2),
        "PAP authentication succeeded" if refusal.startswith("PAP") else "CHAP authentication succeeded",
        "peer from calling number 02:00:5E:00:53:FE authorized",
        f"local  IP address {stage.on_server.node.endpoint.partition(':')[0]}",
        "remote IP address 198.51.100.1",
    )
    cut_off(stage, Window(at + 3 * SECOND, window.end), ending="timeout")
    outage = Window(at + 2 * SECOND, window.end + 3 * SECOND)
    unanswered(stage, outage, since=at)
    recovered(stage, outage.end)
    return Outcome(at, outage.end, (outage,), (window,))


def link_errors(stage: Stage, at: int) -> Outcome:
    """The cable of the server damages frames: the switch counts them, and what is sent stalls."""
    rng = stage.rng("cable")
    switch = Device("sw-core.log", cisco, Clock(seconds(rng.uniform(-1, 1))))
    stage.devices.append(switch)
    window = Window(at, at + seconds(rng.uniform(300, 600)))
    for told in range(at, window.end, 60 * SECOND):
        switch.say(
            told,
            "%CDP-4-DUPLEX_MISMATCH: duplex mismatch discovered on GigabitEthernet0/5 (not half duplex), "
            "with srv eno1 (half duplex).",
        )
    backend_fails(stage, window, "10.30.0.12", 5432)
    return Outcome(at, window.end)


def port_shut(stage: Stage, at: int) -> Outcome:
    """The switch's port of the server is shut by hand, or disabled by the switch itself."""
    rng = stage.rng("switch")
    switch = Device("sw-core.log", cisco, Clock(seconds(rng.uniform(-1, 1))))
    stage.devices.append(switch)
    window = Window(at, at + seconds(rng.uniform(60, 400)))
    port = rng.choice(("GigabitEthernet0/5", "GigabitEthernet1/0/17"))
    short = port.replace("GigabitEthernet", "Gi")
    for number in range(9):
        host = rng.choice(("192.168.0.42", "192.168.0.43"))
        switch.say(at - (8 + number * 6) * MINUTE, f"%SYS-6-LOGOUT: User backup has exited tty session 2({host})")
    if rng.random() < 0.6:
        switch.say(at - seconds(0.2), f"%LINK-5-CHANGED: Interface {port}, changed state to administratively down")
        switch.say(at + seconds(9), "%SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.168.0.42)")
    else:
        switch.say(
            at - seconds(0.4),
            f"%SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU on port {port} with BPDU Guard enabled. Disabling port.",
        )
        switch.say(
            at - seconds(0.3),
            f"%PM-4-ERR_DISABLE: bpduguard error detected on {short}, putting {short} in err-disable state",
        )
    switch.say(at + seconds(0.8), f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {port}, changed state to down")
    switch.say(window.end - seconds(1), f"%LINK-3-UPDOWN: Interface {port}, changed state to up")
    switch.say(window.end, f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {port}, changed state to up")
    stage.nic(at, up=False)
    dead_link(stage, window)
    stage.nic(window.end, up=True)
    outage = Window(window.start, window.end + 2 * SECOND)
    return Outcome(at - seconds(0.4), outage.end, (outage,), (outage,))


def certificate_expired(stage: Stage, at: int) -> Outcome:
    """The certificate of the payment gateway runs out; every call is refused until it is renewed."""
    rng = stage.rng("certificate")
    window = Window(at, at + seconds(rng.uniform(200, 900)))
    until = f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"
    again = at + seconds(rng.uniform(1, 4))
    while again < window.end:
        if rng.random() < 0.6:
            stage.server.log(again, API, "payment gateway: Error: certificate has expired (CERT_HAS_EXPIRED)")
        else:
            now = f"{moment(stage.server.clock.wall(again)):%Y-%m-%dT%H:%M:%SZ}"
            stage.server.log(
                again,
                service("stock-sync", exe="/usr/local/bin/stock-sync", uid=1002),
                'sync failed: Get "https://stock.example.com/v2/items": tls: failed to verify certificate: x509: '
                f"certificate has expired or is not yet valid: current time {now} is after {until}",
            )
        again += seconds(rng.uniform(6, 15))
    by_hand(stage.server, window.end, "/usr/bin/certbot renew")
    return Outcome(at, window.end)


def firewall_chains_flushed(stage: Stage, at: int) -> Outcome:
    """The firewall is restarted and flushes Docker's chains; a container's published port cannot be made again."""
    rng, unit = stage.rng("firewall"), "firewalld.service"
    window = Window(at, at + seconds(rng.uniform(120, 600)))
    by_hand(stage.server, at - seconds(0.1), "/usr/bin/systemctl restart firewalld")
    stage.manager.restart(at, unit, FIREWALLD)
    again = at + seconds(rng.uniform(4, 20))
    while again < window.end:
        stamp = moment(stage.server.clock.wall(again)).isoformat(timespec="microseconds")
        endpoint = f"{rng.getrandbits(256):064x}"
        stage.server.log(
            again,
            DOCKERD,
            f'time="{stamp}" level=error msg="Handler for POST /v1.43/containers/web/start returned error: driver '
            f"failed programming external connectivity on endpoint web ({endpoint}):  (iptables failed: iptables "
            "--wait -t nat -A DOCKER -p tcp -d 0/0 --dport 8080 -j DNAT --to-destination 172.17.0.2:80 ! -i docker0: "
            'iptables: No chain/target/match by that name.\\n (exit status 1))"',
        )
        again += seconds(rng.uniform(15, 60))
    at_vps = at + seconds(2)
    while at_vps < window.end:
        upstream_error(stage, at_vps, "connect() failed (111: Connection refused)", f"{stage.on_server.node.ip}:8080")
        at_vps += seconds(rng.uniform(6, 14))
    by_hand(stage.server, window.end - seconds(0.1), "/usr/bin/systemctl restart docker")
    stage.manager.restart(window.end, "docker.service", DOCKERD)
    return Outcome(at, window.end + SECOND)

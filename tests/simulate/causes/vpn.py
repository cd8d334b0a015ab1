"""Scripts of VPNs between the server and a branch office, other than the tailnet. The words are the daemons' own."""

from __future__ import annotations

from random import Random

from tests.simulate.machines.clock import MINUTE, SECOND, Window, moment, seconds
from tests.simulate.machines.host import KERNEL, Program, service
from tests.simulate.machines.symptoms import backend_fails
from tests.simulate.stage import Outcome, Stage

OPENVPN = service(
    "openvpn", unit="openvpn-client@branch.service", cmdline="/usr/sbin/openvpn --suppress-timestamps --nobind"
)
CHARON = service("charon", unit="strongswan-starter.service", transport="syslog", exe="/usr/lib/ipsec/charon")
CHARON_SYSTEMD = service("charon-systemd", unit="strongswan.service", transport="journal")
CLOUDFLARED = service("cloudflared", exe="/usr/bin/cloudflared", uid=990)
GATEWAY, BACKEND = "203.0.113.80", "10.30.0.12"


def _openvpn(stage: Stage, at: int, *lines: str) -> None:
    for number, line in enumerate(lines):
        stage.server.log(at + number * 700, OPENVPN, line)


def _dial(stage: Stage, at: int) -> None:
    bound = "UDPv4 link" if stage.server.systemd >= 252 else "UDP link"
    _openvpn(
        stage,
        at,
        f"TCP/UDP: Preserving recently used remote address: [AF_INET]{GATEWAY}:1194",
        "Socket Buffers: R=[212992->212992] S=[212992->212992]",
        f"{bound} local: (not bound)",
        f"{bound} remote: [AF_INET]{GATEWAY}:1194",
    )


def _dialled(stage: Stage, at: int) -> None:
    _openvpn(
        stage,
        at - seconds(1.2),
        f"TLS: Initial packet from [AF_INET]{GATEWAY}:1194, sid=5c1d09aa 77e0b3f4",
        "VERIFY OK: depth=1, CN=Example CA",
        "VERIFY KU OK",
        "VERIFY OK: depth=0, CN=vpn.example.net",
        "Control Channel: TLSv1.3, cipher TLSv1.3 TLS_AES_256_GCM_SHA384, peer certificate: 2048 bits RSA, "
        "signature: RSA-SHA256",
        f"[vpn.example.net] Peer Connection Initiated with [AF_INET]{GATEWAY}:1194",
    )


def _tunnel_up(stage: Stage, at: int) -> None:
    _dialled(stage, at)
    _openvpn(
        stage,
        at - seconds(0.1),
        "PUSH: Received control message: 'PUSH_REPLY,route 10.30.0.0 255.255.255.0,ping 10,ping-restart 60,"
        "ifconfig 10.8.0.6 255.255.255.0,peer-id 0,cipher AES-256-GCM'",
        "Preserving previous TUN/TAP instance: tun0",
    )
    _openvpn(stage, at, "Initialization Sequence Completed")


def openvpn_peer_silent(stage: Stage, at: int) -> Outcome:
    """The server's OpenVPN client hears nothing, restarts by itself, and tries for a minute each time."""
    rng = stage.rng("openvpn")
    window = Window(at, at + seconds(rng.uniform(150, 600)))
    restart, reason = at + seconds(rng.uniform(52, 62)), "ping-restart"
    _openvpn(stage, restart, "[vpn.example.net] Inactivity timeout (--ping-restart), restarting")
    while restart < window.end:
        _openvpn(stage, restart + 900, f"SIGUSR1[soft,{reason}] received, process restarting")
        pause = 1 if stage.server.systemd >= 252 else 5
        _openvpn(stage, restart + 1_800, f"Restart pause, {pause} second(s)")
        _dial(stage, restart + (pause * SECOND) + 4_000)
        restart, reason = restart + seconds(60 + pause), "tls-error"
        if restart < window.end - 2 * SECOND:
            _openvpn(
                stage,
                restart,
                "TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)",
                "TLS Error: TLS handshake failed",
            )
    _tunnel_up(stage, window.end)
    backend_fails(stage, window, BACKEND, 5432)
    return Outcome(at, window.end)


def openvpn_login_refused(stage: Stage, at: int) -> Outcome:
    """At a renegotiation the server refuses the account, and refuses it until somebody mends it."""
    rng = stage.rng("openvpn")
    window = Window(at, at + seconds(rng.uniform(120, 500)))
    _openvpn(stage, at - seconds(0.4), "TLS: soft reset sec=3600/3600 bytes=8812331/-1 pkts=10422/0")
    refused = at
    while refused < window.end - 9 * SECOND:
        _openvpn(
            stage,
            refused,
            "AUTH: Received control message: AUTH_FAILED",
            "SIGUSR1[soft,auth-failure] received, process restarting",
            "Restart pause, 5 second(s)",
        )
        _dial(stage, refused + seconds(5.1))
        refused += seconds(rng.uniform(8, 30))
        if refused < window.end - 9 * SECOND:
            _dialled(stage, refused - seconds(0.4))
    _tunnel_up(stage, window.end)
    backend_fails(stage, window, BACKEND, 5432)
    return Outcome(at, window.end)


def _wireguard(stage: Stage, at: int, text: str) -> None:
    stage.server.log(at, KERNEL, f"wireguard: wg0: {text}", priority=7)


def wireguard_peer_silent(stage: Stage, at: int) -> Outcome:
    """The kernel's WireGuard, with dynamic debugging on, tries a handshake every five seconds."""
    rng = stage.rng("wireguard")
    peer = f"peer 1 ({GATEWAY}:51820)"
    window = Window(at, at + seconds(rng.uniform(60, 420)))
    for beat in (*range(at - 20 * MINUTE, at, 2 * MINUTE), *range(window.end, window.end + 9 * MINUTE, 2 * MINUTE)):
        _wireguard(stage, beat, f"Sending handshake initiation to {peer}")
        _wireguard(stage, beat + 31_000, f"Receiving handshake response from {peer}")
        _wireguard(stage, beat + 31_100, f"Keypair {80 + beat // MINUTE % 900} created for peer 1")
    first = at + seconds(rng.uniform(15, 22))
    _wireguard(stage, first, f"Retrying handshake with {peer} because we stopped hearing back after 15 seconds")
    tries, again = 1, first
    while again < window.end:
        _wireguard(stage, again + 90, f"Sending handshake initiation to {peer}")
        tries, again = tries + 1, again + seconds(5.2)
        if again >= window.end:
            break
        if tries > 20:
            _wireguard(stage, again, f"Handshake for {peer} did not complete after 20 attempts, giving up")
            tries, again = 1, again + seconds(rng.uniform(1, 6))
        else:
            text = f"Handshake for {peer} did not complete after 5 seconds, retrying (try {tries})"
            _wireguard(stage, again, text)
    backend_fails(stage, window, BACKEND, 5432)
    return Outcome(at, window.end)


def firewall_drops_tunnel(stage: Stage, at: int) -> Outcome:
    """The server's own packet filter drops what the other end sends, so no handshake of WireGuard's is answered."""
    rng = stage.rng("filter")
    for number in range(9):
        packet = (
            f"[UFW BLOCK] IN={stage.wired} OUT= MAC=02:00:5e:10:00:11:02:00:5e:10:00:12:08:00 SRC={GATEWAY} "
            f"DST={stage.on_server.lan} LEN=176 TOS=0x00 PREC=0x00 TTL=54 ID={rng.randrange(65_535)} PROTO=UDP "
            "SPT=51820 DPT=51820 LEN=156"
        )
        stage.server.log(at + seconds(number * 5.3), KERNEL, packet, priority=4)
    return wireguard_peer_silent(stage, at)


def _charon(stage: Stage, at: int, *lines: str) -> None:
    program: Program = CHARON if stage.server.systemd < 252 else CHARON_SYSTEMD
    thread = 5 + at // SECOND % 11
    for number, line in enumerate(lines):
        stage.server.log(at + number * 600, program, f"{thread:02d}{line}")


def _ike_up(stage: Stage, at: int, number: int) -> None:
    lan = stage.on_server.lan
    net = lan.rpartition(".")[0]
    _charon(
        stage,
        at - seconds(0.2),
        f"[IKE] IKE_SA branch[{number}] established between {lan}[hq.example.net]...{GATEWAY}[branch.example.net]",
        f"[IKE] scheduling rekeying in {13_000 + number}s",
        f"[IKE] CHILD_SA net{{{number + 4}}} established with SPIs c4f0a1b2_i c77d3e09_o "
        f"and TS {net}.0/24 === 10.30.0.0/24",
    )


def ipsec_peer_silent(stage: Stage, at: int) -> Outcome:
    """Dead peer detection gets no answer; after five retransmissions the IKE_SA is given up and initiated anew."""
    rng, lan = stage.rng("ipsec"), stage.on_server.lan
    path = f"from {lan}[4500] to {GATEWAY}[4500]"
    _charon(
        stage,
        at + seconds(6),
        "[IKE] sending DPD request",
        "[ENC] generating INFORMATIONAL request 14 [ ]",
        f"[NET] sending packet: {path} (80 bytes)",
    )
    delay, given_up = 4.0, at + seconds(6)
    for count in range(1, 6):
        given_up += seconds(delay)
        delay *= 1.8
        text = f"[IKE] retransmit {count} of request with message ID 14"
        _charon(stage, given_up, text, f"[NET] sending packet: {path} (80 bytes)")
    given_up += seconds(delay)
    _charon(
        stage,
        given_up,
        "[IKE] giving up after 5 retransmits",
        "[IKE] restarting CHILD_SA net",
        f"[IKE] initiating IKE_SA branch[9] to {GATEWAY}",
        "[ENC] generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) ]",
    )
    _charon(stage, given_up + seconds(4), "[IKE] retransmit 1 of request with message ID 0")
    _charon(stage, given_up + seconds(11.2), "[IKE] retransmit 2 of request with message ID 0")
    window = Window(at, given_up + seconds(rng.uniform(15, 23)))
    _ike_up(stage, window.end, 9)
    backend_fails(stage, window, BACKEND, 5432)
    return Outcome(at, window.end)


#: What strongSwan says when the other side refuses (src/libcharon/sa/ikev2/tasks).
REFUSALS = (
    ("[ENC] parsed IKE_AUTH response 1 [ N(AUTH_FAILED) ]", "[IKE] received AUTHENTICATION_FAILED notify error"),
    ("[ENC] parsed IKE_SA_INIT response 0 [ N(NO_PROP) ]", "[IKE] received NO_PROPOSAL_CHOSEN notify error"),
    (
        "[ENC] parsed IKE_AUTH response 1 [ IDr AUTH N(TS_UNACCEPT) ]",
        "[IKE] received TS_UNACCEPTABLE notify, no CHILD_SA built",
    ),
)


def ipsec_refused(stage: Stage, at: int) -> Outcome:
    """The other gateway was configured anew: each attempt is answered with a refusal."""
    rng: Random = stage.rng("ipsec")
    refusal = rng.choice(REFUSALS)
    window = Window(at, at + seconds(rng.uniform(150, 600)))
    _charon(
        stage,
        at,
        f"[NET] received packet: from {GATEWAY}[4500] to {stage.on_server.lan}[4500] (80 bytes)",
        "[ENC] parsed INFORMATIONAL request 3 [ D ]",
        "[IKE] received DELETE for IKE_SA branch[8]",
        f"[IKE] deleting IKE_SA branch[8] between {stage.on_server.lan}[hq.example.net]"
        f"...{GATEWAY}[branch.example.net]",
    )
    again, number = at + seconds(1), 9
    while again < window.end - 3 * SECOND:
        _charon(stage, again, f"[IKE] initiating IKE_SA branch[{number}] to {GATEWAY}")
        _charon(stage, again + seconds(0.09), *refusal)
        again, number = again + seconds(rng.uniform(20, 40)), number + 1
    _ike_up(stage, window.end, number)
    backend_fails(stage, window, BACKEND, 5432)
    return Outcome(at, window.end)


def cloudflared_edge_silent(stage: Stage, at: int) -> Outcome:
    """The connector's four connections time out one after the other, and dials to the edge fail until it is back."""
    rng = stage.rng("cloudflared")
    window = Window(at, at + seconds(rng.uniform(60, 420)))
    edges = [f"198.51.100.{rng.randrange(210, 250)}" for _ in range(4)]

    def say(when: int, level: str, text: str) -> None:
        stamp = f"{moment(stage.server.clock.wall(when)):%Y-%m-%dT%H:%M:%SZ}"
        stage.server.log(when, CLOUDFLARED, f"{stamp} {level} {text}")

    for index, ip in enumerate(edges):
        ends = f"connIndex={index} event=0 ip={ip}"
        idle = 'error="timeout: no recent network activity"'
        down = at + seconds(rng.uniform(5, 9))
        say(down, "WRN", f'failed to accept QUIC stream error="failed to accept QUIC stream: {idle[7:-1]}" {ends}')
        say(down + 3_000, "ERR", f"Serve tunnel error {idle} {ends}")
        say(down + 4_000, "INF", f"Retrying connection in up to 1s {ends}")
        again, wait = down + seconds(6), 2
        while again < window.end - 6 * SECOND:
            dial = 'error="failed to dial to edge with quic: timeout: no recent network activity"'
            say(again, "ERR", f"Failed to dial a quic connection {dial} {ends}")
            say(again + 1_000, "INF", f"Retrying connection in up to {wait}s {ends}")
            again, wait = again + seconds(5 + rng.uniform(0, wait)), min(64, wait * 2)
        uuid = f"{rng.getrandbits(32):08x}-4c1d-4a83-9d55-{rng.getrandbits(48):012x}"
        back = window.end + seconds(rng.uniform(-3, 0))
        say(
            back,
            "INF",
            f"Registered tunnel connection connIndex={index} connection={uuid} event=0 ip={ip} "
            "location=fra08 protocol=quic",
        )
    return Outcome(at, window.end)

"""Scripts of clusters and routing daemons: corosync, keepalived, the kubelet, FRRouting and BIRD in their own words."""

from __future__ import annotations

from tests.simulate.machines.clock import SECOND, Window, moment, seconds
from tests.simulate.machines.host import CONTAINERD, Program, service
from tests.simulate.machines.symptoms import backend_fails
from tests.simulate.stage import Outcome, Stage

COROSYNC = service("corosync", transport="syslog", exe="/usr/sbin/corosync", cmdline="/usr/sbin/corosync -f")
PMXCFS = service("pmxcfs", unit="pve-cluster.service", transport="syslog", exe="/usr/bin/pmxcfs")
KEEPALIVED = service("Keepalived_vrrp", unit="keepalived.service", transport="syslog", exe="/usr/sbin/keepalived")
KUBELET = service("kubelet", exe="/usr/bin/kubelet", cmdline="/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml")
K3S = service("k3s", unit="k3s-agent.service", exe="/usr/local/bin/k3s", cmdline="/usr/local/bin/k3s agent")
BGPD = service("bgpd", unit="frr.service", transport="syslog", exe="/usr/lib/frr/bgpd")
OSPFD = service("ospfd", unit="frr.service", transport="syslog", exe="/usr/lib/frr/ospfd")
BIRD = service("bird", transport="syslog", exe="/usr/sbin/bird")
REMOTE, API_SERVER = "10.40.0.12", "10.40.0.2"


def _say(stage: Stage, program: Program, at: int, *lines: str) -> None:
    for number, line in enumerate(lines):
        stage.server.log(at + number * 800, program, line)


def cluster_heartbeat_lost(stage: Stage, at: int) -> Outcome:
    """The link to node 2 goes, the token with it; node 1 forms a membership of its own until node 2 is heard again."""
    rng = stage.rng("corosync")
    window = Window(at, at + seconds(rng.uniform(45, 400)))
    ring, two = rng.randrange(0x100, 0xFFF), rng.random() < 0.6
    _say(
        stage,
        COROSYNC,
        at,
        "  [KNET  ] link: host: 2 link: 0 is down",
        "  [KNET  ] host: host: 2 (passive) best link: 0 (pri: 1)",
        "  [KNET  ] host: host: 2 has no active links",
    )
    _say(stage, COROSYNC, at + seconds(0.9), "  [TOTEM ] Token has not been received in 2250 ms ")
    _say(
        stage,
        COROSYNC,
        at + seconds(1.65),
        "  [TOTEM ] A processor failed, forming new configuration: token timed out (3000ms), "
        "waiting 3600ms for consensus.",
    )
    left = "  [QUORUM] This node is within the non-primary component and will NOT provide any services."
    _say(
        stage,
        COROSYNC,
        at + seconds(5.3),
        "  [QUORUM] Sync members[1]: 1",
        "  [QUORUM] Sync left[1]: 2",
        f"  [TOTEM ] A new membership (1.{ring:x}) was formed. Members left: 2",
        "  [TOTEM ] Failed to receive the leave message. failed: 2",
        *((left,) if two else ()),
        "  [QUORUM] Members[1]: 1",
        "  [MAIN  ] Completed service synchronization, ready to provide service.",
    )
    if two:
        _say(stage, PMXCFS, at + seconds(5.4), "[status] notice: node lost quorum")
    backend_fails(stage, Window(at + SECOND, window.end), REMOTE, 5432, step=(5, 11))
    _say(
        stage,
        COROSYNC,
        window.end,
        "  [KNET  ] rx: host: 2 link: 0 is up",
        "  [KNET  ] link: Resetting MTU for link 0 because host 2 joined",
        "  [KNET  ] host: host: 2 (passive) best link: 0 (pri: 1)",
    )
    _say(
        stage,
        COROSYNC,
        window.end + seconds(0.7),
        "  [QUORUM] Sync members[2]: 1 2",
        "  [QUORUM] Sync joined[1]: 2",
        f"  [TOTEM ] A new membership (1.{ring + 4:x}) was formed. Members joined: 2",
        *(("  [QUORUM] This node is within the primary component and will provide service.",) if two else ()),
        "  [QUORUM] Members[2]: 1 2",
        "  [MAIN  ] Completed service synchronization, ready to provide service.",
    )
    return Outcome(at, window.end + SECOND)


def cluster_address_moved(stage: Stage, at: int) -> Outcome:
    """The master is not heard, or gives up: this machine takes the shared address and gives it back later."""
    rng, lan = stage.rng("keepalived"), stage.on_server.lan
    net = lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(60, 500)))
    why = "Backup received priority 0 advertisement" if rng.random() < 0.5 else "Receive advertisement timeout"
    _say(stage, KEEPALIVED, at, f"(VI_1) {why}")
    _say(
        stage,
        KEEPALIVED,
        at + seconds(0.6),
        "(VI_1) Entering MASTER STATE",
        "(VI_1) setting VIPs.",
        f"(VI_1) Sending/queueing gratuitous ARPs on {stage.wired} for {net}.250",
        f"Sending gratuitous ARP on {stage.wired} for {net}.250",
    )
    stall = Window(at - seconds(3), at + seconds(rng.uniform(16, 40)))
    backend_fails(stage, stall, f"{net}.250", 443, step=(3, 6))
    _say(
        stage,
        KEEPALIVED,
        window.end,
        f"(VI_1) Master received advert from {net}.11 with higher priority 150, ours 100",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) removing VIPs.",
    )
    return Outcome(at - seconds(3), window.end)


def _klog(stage: Stage, at: int, source: str, text: str, level: str = "E") -> None:
    """A line of the kubelet: klog's head, and the message with its values."""
    wall = stage.server.clock.wall(at)
    head = f"{level}{moment(wall):%m%d %H:%M:%S}.{wall % SECOND:06d}    1284 {source}] "
    stage.server.log(at, KUBELET, head + text)


def kubernetes_api_unreachable(stage: Stage, at: int) -> Outcome:
    """The node's kubelet (or k3s agent) gets no answer of the control plane."""
    rng, node = stage.rng("kubelet"), stage.server.name
    window = Window(at, at + seconds(rng.uniform(90, 500)))
    how = rng.choice(("connect: connection refused", "i/o timeout", "connect: no route to host"))
    error = f"dial tcp {API_SERVER}:6443: {how}"
    lease = (
        f"https://{API_SERVER}:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{node}?timeout=10s"
    )
    status = f"https://{API_SERVER}:6443/api/v1/nodes/{node}?resourceVersion=0&timeout=10s"
    again, wait = at + seconds(rng.uniform(0.3, 4)), 200
    while again < window.end:
        text = f'"Failed to ensure lease exists, will retry" err="Get \\"{lease}\\": {error}" interval="{wait}ms"'
        _klog(stage, again, "controller.go:145", text)
        if rng.random() < 0.6:
            failed = f'error getting node \\"{node}\\": Get \\"{status}\\": {error}'
            text = f'"Error updating node status, will retry" err="{failed}"'
            _klog(stage, again + seconds(0.7), "kubelet_node_status.go:540", text)
        if rng.random() < 0.3:
            _klog(
                stage,
                again + seconds(1.4),
                "reflector.go:147",
                "k8s.io/client-go/informers/factory.go:150: Failed to watch *v1.Service: failed to list *v1.Service: "
                f'Get "https://{API_SERVER}:6443/api/v1/services?limit=500&resourceVersion=0": {error}',
            )
        again, wait = again + seconds(rng.uniform(6, 12)), min(7000, wait * 2)
    return Outcome(at, window.end)


def kubernetes_network_not_ready(stage: Stage, at: int) -> Outcome:
    """The pod network's configuration is gone from the node until its plugin has written it again."""
    rng, node = stage.rng("kubelet"), stage.server.name
    window = Window(at, at + seconds(rng.uniform(60, 400)))
    reason = "Network plugin returns error: cni plugin not initialized"
    state = f"NetworkReady=false reason:NetworkPluginNotReady message:{reason}"
    _klog(
        stage,
        at,
        "kubelet_node_status.go:669",
        f'"Recording event message for node" node="{node}" event="NodeNotReady"',
        "I",
    )
    again = at + seconds(0.5)
    while again < window.end:
        _klog(stage, again, "kubelet.go:2855", f'"Container runtime network not ready" networkReady="{state}"')
        if rng.random() < 0.6:
            pod = f"default/web-7c9f8d6b5-{rng.choice(('x2k4p', 'm8zqt'))}"
            _klog(
                stage,
                again + seconds(0.9),
                "pod_workers.go:1300",
                '"Error syncing pod, skipping" err="network is not ready: container runtime network not ready: '
                f'{state}" pod="{pod}" podUID="2b1f8f0e-51c4-4c8b-9d0e-3f5f5a0c7d11"',
            )
        if rng.random() < 0.3:
            stamp = moment(stage.server.clock.wall(again)).isoformat(timespec="microseconds")
            stage.server.log(
                again + seconds(1.5),
                CONTAINERD,
                f'time="{stamp}" level=error msg="RunPodSandbox for &PodSandboxMetadata{{Name:web,Namespace:default,'
                'Attempt:0,} failed, error" error="failed to setup network for sandbox '
                f'\\"{rng.getrandbits(128):032x}\\": plugin type=\\"flannel\\" failed (add): loadFlannelSubnetEnv '
                'failed: open /run/flannel/subnet.env: no such file or directory"',
            )
        again += seconds(5)
    _klog(
        stage,
        window.end,
        "kubelet_node_status.go:497",
        '"Fast updating node status as it just became ready"',
        "I",
    )
    return Outcome(at, window.end)


def routing_neighbour_lost(stage: Stage, at: int) -> Outcome:
    """A session with the branch's router is not kept up: BGP under FRRouting or BIRD, or OSPF."""
    rng = stage.rng("routing")
    window = Window(at, at + seconds(rng.uniform(60, 400)))
    peer, kind = "10.40.0.1", rng.choice(("frr", "bird", "ospf"))
    if kind == "frr":
        _say(
            stage,
            BGPD,
            at,
            f"[HKWM3-ZC5QP] %NOTIFICATION: sent to neighbor {peer} 4/0 (Hold Timer Expired) 0 bytes",
            f"[M59KS-A3ZXZ] bgp_update_receive: rcvd End-of-RIB for IPv4 Unicast from {peer} in vrf default",
            f"%ADJCHANGE: neighbor {peer}(branch) in vrf default Down BGP Notification send",
        )
        _say(stage, BGPD, window.end, f"%ADJCHANGE: neighbor {peer}(branch) in vrf default Up")
    elif kind == "bird":
        _say(stage, BIRD, at, "branch: Error: Hold timer expired", "branch: State changed to stop")
        _say(stage, BIRD, at + seconds(0.3), "branch: State changed to down", "branch: State changed to start")
        _say(stage, BIRD, window.end, "branch: BGP session established", "branch: State changed to up")
    else:
        text = f"[Q4CC5-9EYRB] AdjChg: Nbr {peer}(default) on gre1:10.40.255.2: "
        _say(stage, OSPFD, at, f"{text}Full -> Deleted (InactivityTimer)")
        for number, change in enumerate(
            (
                "Down -> Init (PacketReceived)",
                "Init -> ExStart (AdjOK?)",
                "ExStart -> Exchange (NegotiationDone)",
                "Loading -> Full (LoadingDone)",
            )
        ):
            _say(stage, OSPFD, window.end - seconds(0.4 - 0.1 * number), text + change)
    backend_fails(stage, window, REMOTE, 5432, "unroutable")
    return Outcome(at, window.end)

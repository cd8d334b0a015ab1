"""A report as the pipeline would make it: the note's incident, and variants that stretch the renderers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from logcorr.model import (
    Action,
    Argument,
    ChainRole,
    ChainStep,
    Change,
    Check,
    CoverageGap,
    Evidence,
    Finding,
    Hypothesis,
    Lane,
    Limit,
    LoopTurn,
    Mark,
    Missing,
    Outage,
    Question,
    Rates,
    Recurrence,
    Redaction,
    Report,
    SourceFile,
    Status,
    Strength,
    Tool,
    Verdict,
    Window,
)

NIGHT = datetime(2025, 11, 4, tzinfo=UTC)


def at(clock: str, micros: int = 0) -> datetime:
    """Return a time of the incident's night."""
    hours, minutes, seconds = map(int, clock.split(":"))
    return NIGHT + timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)


SRV, VPS, ROUTER, MONITOR = "opg-srv.export", "vps1.json", "omada-controller.log", "monitor.log"


def evidence() -> tuple[Evidence, ...]:
    """Return the cited lines, in true order."""
    tailscaled: dict[str, Any] = {
        "host": "opg-srv",
        "program": "tailscaled",
        "unit": "tailscaled.service",
        "pid": 2231,
        "source": SRV,
    }
    router: dict[str, Any] = {
        "host": "omada",
        "program": "omada-controller",
        "unit": None,
        "pid": None,
        "source": ROUTER,
    }
    monitor: dict[str, Any] = {"host": "opg-srv", "program": "ts-monitor", "unit": None, "pid": None, "source": MONITOR}
    vps: dict[str, Any] = {**tailscaled, "host": "vps1", "pid": 801, "source": VPS}
    systemd: dict[str, Any] = {**tailscaled, "program": "systemd", "unit": "init.scope", "pid": 1}
    networkd: dict[str, Any] = {
        **tailscaled,
        "program": "systemd-networkd",
        "unit": "systemd-networkd.service",
        "pid": 1111,
    }
    reset = "derp.Recv(derp-10): read tcp4 192.168.0.100:{}->172.237.72.8:443: read: connection reset by peer"
    rows = (
        (
            router,
            "02:58:12",
            0,
            1.0,
            "wan.offline",
            412,
            None,
            "[gateway:AC-15-A2-00-00-01]: The online detection result of [WAN1] was offline.",
            "the uplink failed first; the port itself stayed up",
        ),
        (
            tailscaled,
            "02:58:31",
            204115,
            0.0,
            "derp.lost",
            10017,
            True,
            "magicsock: " + reset.format(52110),
            "a TCP connection over the LAN address was reset; the tunnel was not involved",
        ),
        (
            tailscaled,
            "02:58:52",
            88121,
            0.0,
            "dns.timeout",
            10029,
            True,
            "dns: resolver: forward: read udp 127.0.0.1:45062->127.0.0.53:53: i/o timeout",
            None,
        ),
        (
            vps,
            "02:59:06",
            4521,
            0.4,
            "peer.timeout",
            6120,
            True,
            "open-conn-track: timeout opening (TCP 100.85.61.82:40122 => 100.76.8.62:4010) to node [k3F0Z]; online=yes",
            "the VPS could not reach port 4010 while tailscale0 was still up",
        ),
        (
            monitor,
            "03:00:02",
            0,
            0.5,
            "probe.failed",
            181,
            None,
            "probe tcp 100.76.8.62:4010 FAILED (timeout 5s)",
            None,
        ),
        (
            monitor,
            "03:00:44",
            0,
            0.5,
            "restart.requested",
            182,
            None,
            "3 probes failed, restarting: systemctl restart tailscaled",
            "the monitor asked for the restart",
        ),
        (
            systemd,
            "03:00:44",
            611200,
            0.0,
            "unit.stopping",
            10102,
            True,
            "Stopping tailscaled.service - Tailscale node agent...",
            None,
        ),
        (
            tailscaled,
            "03:00:44",
            640871,
            0.0,
            "daemon.stop.requested",
            10103,
            True,
            "tailscaled got signal terminated; shutting down",
            "the daemon was told to stop before the link went down",
        ),
        (
            networkd,
            "03:00:45",
            2310,
            0.0,
            "link.down",
            10109,
            True,
            "tailscale0: Link DOWN",
            "networkd witnesses it; it does not act",
        ),
        (
            tailscaled,
            "03:00:58",
            120004,
            0.0,
            "derp.lost",
            10131,
            True,
            "magicsock: " + reset.format(52144),
            "within 30 s of the link going down, and 14 s after the restart",
        ),
        (
            router,
            "03:01:40",
            0,
            1.0,
            "wan.online",
            413,
            None,
            "[gateway:AC-15-A2-00-00-01]: The online detection result of [WAN1] was online.",
            None,
        ),
        (
            router,
            "03:03:05",
            0,
            1.0,
            "wan.offline",
            414,
            None,
            "[gateway:AC-15-A2-00-00-01]: The online detection result of [WAN1] was offline.",
            "and again",
        ),
        (
            monitor,
            "03:05:08",
            0,
            0.5,
            "restart.requested",
            187,
            None,
            "3 probes failed, restarting: systemctl restart tailscaled",
            None,
        ),
        (networkd, "03:05:09", 18022, 0.0, "link.down", 10288, True, "tailscale0: Link DOWN", None),
        (
            router,
            "03:12:31",
            0,
            1.0,
            "wan.online",
            415,
            None,
            "[gateway:AC-15-A2-00-00-01]: The online detection result of [WAN1] was online.",
            None,
        ),
        (
            tailscaled,
            "03:12:58",
            771003,
            0.0,
            "derp.connected",
            10402,
            True,
            "magicsock: derp-10 connected; connGen=3",
            None,
        ),
    )
    return tuple(
        Evidence(
            id=f"E{number}",
            time=at(clock, micros),
            time_uncertainty_s=uncertainty,
            event=event,
            fields={"interface": "tailscale0"} if event == "link.down" else {},
            message=message,
            line=line,
            trusted=trusted,
            says=says,
            before=(f"{clock} {who['host']} a line of the ordinary night before it",),
            after=(f"{clock} {who['host']} and one after it", f"{clock} {who['host']} and another"),
            **who,
        )
        for number, (who, clock, micros, uncertainty, event, line, trusted, message, says) in enumerate(rows, start=1)
    )


CHAIN: tuple[tuple[str, str, str, str, ChainRole, bool, tuple[str, ...]], ...] = (
    (
        "02:58:12",
        "omada",
        "wan.offline",
        "WAN1 loses the internet; its port and the LAN stay up",
        "root",
        True,
        ("E1",),
    ),
    ("02:58:20", "omada", "nat.lost", "Open connections through WAN1 are cut", "step", False, ()),
    ("02:58:31", "opg-srv", "derp.lost", "The DERP relay connection is reset", "step", True, ("E2",)),
    ("02:58:52", "opg-srv", "dns.timeout", "DNS lookups time out", "step", True, ("E3",)),
    ("02:59:06", "vps1", "peer.timeout", "The VPS cannot open port 4010", "symptom", True, ("E4",)),
    ("03:00:02", "opg-srv", "probe.failed", "The monitor's probe of port 4010 fails", "symptom", True, ("E5",)),
    ("03:00:44", "opg-srv", "restart.requested", "The monitor restarts tailscaled", "step", True, ("E6", "E7", "E8")),
    ("03:00:45", "opg-srv", "link.down", "tailscale0 goes down because tailscaled stops", "symptom", True, ("E9",)),
    ("03:12:31", "omada", "wan.online", "WAN1 is back, and DERP reconnects", "recovery", True, ("E15", "E16")),
)


def verdict() -> Verdict:
    """Return the true story."""
    return Verdict(
        status="likely",
        cause="wan-outage",
        contributing=("watchdog-restart-loop",),
        title="The router's WAN1 lost the internet twice, and the monitor's restarts of tailscaled prolonged it",
        summary="WAN1's online detection failed at 02:58:12 and again at 03:03:05 while its port and the LAN stayed "
        "up. Relay connections were reset, DNS timed out and port 4010 stopped answering. A monitor then restarted "
        "tailscaled twice, which took tailscale0 down: the two Link DOWN lines are symptoms.",
        reason="4 of 4 expected signs, in order, from 3 independent sources; nothing against",
        chain=tuple(
            ChainStep(time=at(clock), host=host, event=event, text=text, role=role, observed=observed, evidence=cited)
            for clock, host, event, text, role, observed, cited in CHAIN
        ),
        loop="the probe fails, the monitor restarts tailscaled, the restart cuts what had recovered, and the next "
        "probe fails too. Twice, every 4 min 24 s, on the monitor's beat.",
        turns=tuple(
            LoopTurn(
                failed=at(failed),
                failure="the monitor's probe of port 4010 fails",
                reacted=at(reacted),
                reaction="the monitor restarts tailscaled",
                evidence=cited,
            )
            for failed, reacted, cited in (("03:00:02", "03:00:44", ("E5", "E6")), ("03:04:26", "03:05:08", ("E13",)))
        ),
        started=at("02:58:12"),
        ended=at("03:12:58"),
        ongoing=False,
        key_evidence=("E1", "E2", "E4", "E6", "E9"),
        warning="the router's log keeps no NAT or session table, so dropped sessions can only be inferred.",
        hosts=("omada", "opg-srv", "vps1"),
        opened_by=("burst", "state"),
        recurrence=Recurrence(
            count=2,
            outages=(
                Outage(start=at("02:58:12"), end=at("03:02:31"), duration_s=259.0),
                Outage(start=at("03:03:05"), end=at("03:12:31"), duration_s=566.0),
            ),
            shortest_s=259.0,
            longest_s=566.0,
            share_down=0.9604,
            period_s=293.0,
            chance=0.02,
            chance_of="that as many pauses between them are alike, if they came at random",
        ),
        site="Opatija",
    )


def hypotheses() -> tuple[Hypothesis, ...]:
    """Return the competition."""

    def arg(says: str, strength: Strength, *cited: str, trusted: bool | None = None) -> Argument:
        return Argument(says=says, strength=strength, evidence=cited, trusted=trusted)

    return (
        Hypothesis(
            incident=0,
            cause="wan-outage",
            title="The internet uplink failed while the LAN stayed up",
            layer="path",
            status="supported",
            score=5.3,
            explains="31 of 31 symptoms, from 02:58:31 on",
            reason="The router reports it before every other sign, twice.",
            supports=(
                arg("WAN1's online detection reports offline, 19 s before the first reset", "strong", "E1", "E12"),
                arg("bond0 and the router's LAN ports keep their carrier", "moderate"),
                arg(
                    "connections over the LAN address are reset, not only those in the tunnel", "moderate", "E2", "E10"
                ),
                arg("the VPS sees the same outage from outside", "moderate", "E4"),
            ),
            expected_missing=(Missing(says="a new public address after the outage", observable=True),),
        ),
        Hypothesis(
            incident=0,
            cause="watchdog-restart-loop",
            title="A monitor keeps restarting tailscaled",
            layer="service",
            status="supported",
            score=4.1,
            explains="2 of 2 Link DOWN lines, 11 of 31 symptoms",
            reason="It prolongs the outage; it cannot have begun it: symptoms come 2 min 13 s before a restart.",
            supports=(
                arg("the monitor's own log asks for both restarts", "strong", "E6", "E13", trusted=False),
                arg(
                    "PID 1 stops the unit, tailscaled gets the signal, then the link goes down",
                    "strong",
                    "E7",
                    "E8",
                    "E9",
                ),
            ),
            against=(arg("symptoms begin before the first restart", "decisive", "E2", "E4"),),
        ),
        Hypothesis(
            incident=0,
            cause="dns-upstream-failed",
            title="The resolver's upstream does not answer",
            layer="dns",
            status="weakened",
            score=-0.4,
            explains="4 of 31 symptoms",
            reason="DNS fails, but so does traffic to literal addresses.",
            supports=(arg("lookups through 127.0.0.53 time out", "moderate", "E3"),),
            against=(arg("a connection to a literal address was reset 21 s earlier", "strong", "E2"),),
            expected_missing=(Missing(says="resolved switching to another server", observable=False),),
        ),
        Hypothesis(
            incident=0,
            cause="interface-set-down",
            title="Something set tailscale0 down",
            layer="host",
            status="ruled-out",
            score=-6.0,
            reason="The daemon was stopped first, each time, and took its own interface down.",
            against=(arg("tailscaled got its signal 0.4 s before Link DOWN", "decisive", "E8", "E9"),),
        ),
        Hypothesis(
            incident=0,
            cause="bond-member-failed",
            title="A member of bond0 failed",
            layer="physical",
            status="ruled-out",
            score=-4.2,
            reason="The kernel reports no change of bond0's slaves all night.",
        ),
        Hypothesis(
            incident=0,
            cause="router-session-drops",
            title="The router drops idle or excess sessions",
            layer="path",
            status="untestable",
            score=0.2,
            reason="Omada logs no session table.",
            expected_missing=(Missing(says="a session-limit line", observable=False),),
        ),
    )


def findings() -> tuple[Finding, ...]:
    """Return the patterns."""
    return (
        Finding(
            pattern="reset-after-wan-offline",
            title="Connections reset after WAN1 went offline",
            severity="high",
            count=2,
            first=at("02:58:12"),
            last=at("03:03:24"),
            hosts=("omada", "opg-srv"),
            evidence=("E1", "E2", "E12"),
            pairing="each",
            expected_by_chance=0.02,
            p_value=0.004,
            chance="2 seen, 0.02 expected by chance (p = 0.004)",
        ),
        Finding(
            pattern="reset-after-link-down",
            title="Connections reset after tailscale0 went down",
            severity="high",
            count=2,
            first=at("03:00:45"),
            last=at("03:05:31"),
            hosts=("opg-srv",),
            evidence=("E9", "E10", "E14"),
            pairing="each",
            chance="too few to judge",
            order_undetermined=0,
            inconclusive=0,
            caution="the resets begin at 02:58:31, 2 min 14 s before the first Link DOWN, and they hit the LAN address "
            "192.168.0.100, which does not pass through tailscale0. Both lines follow from one restart: tailscaled got "
            "its signal (E8) before its link went down (E9).",
        ),
        Finding(
            pattern="restarts-on-a-beat",
            title="tailscaled restarted on a beat",
            severity="medium",
            count=2,
            first=at("03:00:44"),
            last=at("03:05:08"),
            hosts=("opg-srv",),
            evidence=("E6", "E13"),
            inconclusive=1,
            expected_by_chance=0.4,
            p_value=0.07,
        ),
    )


def lanes() -> tuple[Lane, ...]:
    """Return the picture's lanes."""
    lines = {line.id: line for line in evidence()}

    def mark(evidence_id: str, kind: str, chain: int | None = None) -> Mark:
        line = lines[evidence_id]
        return Mark(
            time=line.time, kind=kind, event=line.event or "", text=line.message, evidence=evidence_id, chain=chain
        )

    noise = tuple(
        Mark(
            time=at("00:07:00") + timedelta(minutes=11 * number),
            kind="context",
            event="netinfo",
            text="netinfo changed",
        )
        for number in range(31)
    )
    probes = tuple(
        Mark(
            time=at("02:59:32") + timedelta(seconds=30 * number),
            kind="symptom",
            event="probe.failed",
            text="probe of port 4010 FAILED",
        )
        for number in range(26)
    )
    day = (at("00:00:00"), at("05:59:59"))
    busy = Rates(start=day[0], end=day[1], records=tuple(10 + number % 7 for number in range(60)))
    late = replace(busy, records=(0,) * 15 + busy.records[15:])
    return (
        Lane(
            label="omada · controller",
            host="omada",
            spans=(day,),
            rates=busy,
            marks=(
                Mark(
                    time=at("02:58:12"),
                    until=at("03:01:40"),
                    kind="cause",
                    event="wan.offline",
                    evidence="E1",
                    chain=0,
                    text="WAN1 offline",
                ),
                mark("E11", "recovery"),
                Mark(
                    time=at("03:03:05"),
                    until=at("03:12:31"),
                    kind="cause",
                    event="wan.offline",
                    evidence="E12",
                    text="WAN1 offline again",
                ),
                mark("E15", "recovery", 8),
            ),
        ),
        Lane(
            label="opg-srv · journal",
            host="opg-srv",
            rates=busy,
            spans=((at("00:00:00"), at("03:07:40")), (at("03:09:15"), day[1])),
            gaps=((at("03:07:40"), at("03:09:15"), "journald suppressed 1,204 messages of tailscaled"),),
            marks=(
                *noise,
                mark("E2", "symptom", 2),
                mark("E3", "symptom", 3),
                mark("E7", "context"),
                mark("E8", "context"),
                mark("E9", "symptom", 7),
                mark("E10", "symptom"),
                mark("E14", "symptom"),
                mark("E16", "recovery"),
            ),
        ),
        Lane(
            label="opg-srv · monitor",
            host="opg-srv",
            rates=busy,
            spans=(day,),
            marks=(*probes, mark("E5", "symptom", 5), mark("E6", "context", 6), mark("E13", "context")),
        ),
        Lane(
            label="vps1 · journal",
            host="vps1",
            rates=late,
            spans=((at("01:30:00"), day[1]),),
            gaps=((day[0], at("01:30:00"), "the export starts late"),),
            marks=(mark("E4", "symptom", 4),),
        ),
    )


def incident() -> Report:
    """Return the report on the note's incident."""
    return Report(
        tool=Tool(
            name="logcorr",
            version="0.1.0",
            rules_sha256="9f2c" * 16,
            command="logcorr analyze opg-srv.export vps1.json omada-controller.log monitor.log --tz omada=UTC",
        ),
        window=Window(since=at("00:00:00"), until=at("05:59:59")),
        verdict=verdict(),
        incidents=(verdict(),),
        hypotheses=hypotheses(),
        findings=findings(),
        evidence=evidence(),
        actions=(
            Action(
                do="Stop the monitor's restarts while the uplink is repaired",
                command="sudo systemctl stop ts-monitor.timer",
                risk="none to connections; probes stop",
                undo="sudo systemctl start ts-monitor.timer",
                why="each restart cuts the relay connection that had just recovered",
                cause="watchdog-restart-loop",
            ),
            Action(
                do="Check WAN1's line and its online-detection targets in the controller",
                command=None,
                risk="read-only",
                undo=None,
                why="the outages begin there",
                cause="wan-outage",
            ),
            Action(
                do="Tell networkd to leave tailscale0 alone",
                command="printf '[Match]\\nName=tailscale0\\n\\n[Link]\\nUnmanaged=yes\\n' |\n"
                "  sudo tee /etc/systemd/network/10-tailscale.network\nsudo networkctl reload",
                risk="low; it rules out a later conflict and cures nothing of tonight's",
                undo="sudo rm /etc/systemd/network/10-tailscale.network",
                why="the note suggested DHCP=no, which does not do it",
                cause="network-managers-conflict",
            ),
        ),
        checks=(
            Check(
                command="systemctl list-timers --all",
                on="opg-srv",
                settles=("watchdog-restart-loop",),
                why="names the job that restarts tailscaled",
            ),
            Check(
                command="ip -s link show bond0\nethtool -S bond0",
                on="opg-srv",
                settles=("bond-member-failed", "nic-driver-reset"),
                why="error counters would show a failing member that logs nothing",
            ),
        ),
        questions=(
            Question(
                question="Why is the tailscale0 interface going DOWN?",
                status="answered",
                evidence=("E8", "E9"),
                answer="Because tailscaled is stopped: it takes its interface down itself.",
            ),
            Question(
                question="Is systemd-networkd interfering?",
                status="refuted",
                evidence=("E9",),
                answer="It only reports the link's state; no rule or address was removed.",
            ),
            Question(question="Does the router drop sessions at a limit?", status="open", answer=None),
        ),
        coverage=(
            CoverageGap(
                source=SRV,
                host="opg-srv",
                kind="rate-limited",
                start=at("03:07:40"),
                end=at("03:09:15"),
                reason="journald suppressed 1,204 messages of tailscaled",
                hides=("derp-reconnect", "peer-timeout-burst"),
            ),
            CoverageGap(
                source=VPS,
                host="vps1",
                kind="starts-late",
                start=at("00:00:00"),
                end=at("01:30:00"),
                reason="the export begins at 01:30",
            ),
            CoverageGap(
                source=None,
                host=None,
                kind="not-given",
                reason="no log of the router's session table",
                hides=("router-session-drops",),
            ),
        ),
        changes=(
            Change(
                template="magicsock: derp.Recv(derp-<*>): read tcp4 <*>: connection reset by peer",
                program="tailscaled",
                before_per_hour=0.17,
                during_per_hour=52.0,
                ratio=305.9,
            ),
            Change(
                template="probe tcp <*> FAILED (timeout <*>)",
                program="ts-monitor",
                before_per_hour=0,
                during_per_hour=108,
                ratio=None,
            ),
        ),
        inputs=(
            SourceFile(
                path=SRV,
                sha256="1a" * 32,
                bytes=4_812_113,
                format="journal-export",
                host="opg-srv",
                timezone="UTC",
                timezone_from="in the log",
                skew_s=0.0,
                skew_from="reference",
                records=12_904,
                lines=12_911,
                unparsed=7,
                dropped=12,
                first=at("00:00:00"),
                last=at("05:59:59"),
                programs=("tailscaled", "systemd", "kernel"),
                templates=(("-- cursor: <*>", 7),),
            ),
            SourceFile(
                path=VPS,
                sha256="2b" * 32,
                bytes=2_101_002,
                format="journal-json",
                host="vps1",
                timezone="UTC",
                timezone_from="in the log",
                skew_s=-1.8,
                skew_from="11 shared connections, ±0.4 s",
                records=6_301,
                lines=6_301,
                first=at("01:30:00"),
                last=at("05:59:58"),
                programs=("tailscaled", "sshd"),
            ),
            SourceFile(
                path=ROUTER,
                sha256="3c" * 32,
                bytes=61_240,
                format="omada-controller",
                host="omada",
                timezone="Europe/Zagreb",
                timezone_from="given",
                year_from="in the log",
                records=512,
                lines=512,
                first=at("00:00:00"),
                last=at("05:59:50"),
            ),
            SourceFile(
                path=MONITOR,
                sha256="4d" * 32,
                bytes=31_000,
                format="leading-timestamp",
                host="opg-srv",
                timezone="UTC",
                timezone_from="inferred from opg-srv.export",
                records=380,
                lines=380,
                first=at("00:00:02"),
                last=at("05:59:32"),
            ),
            SourceFile(path="core.bin", sha256="5e" * 32, bytes=88, problem="a binary file, not a log"),
        ),
        limits=(Limit(what="characters in one line", limit=1_048_576, seen=1_200_000),),
        lanes=lanes(),
        redaction=Redaction(profile="share", classes={"host": 3, "address": 11}),
    )


def undetermined() -> Report:
    """Return the same night without the router's log."""
    full = incident()
    return replace(
        full,
        zone="Europe/Zagreb",
        verdict=replace(
            full.verdict,
            status="undetermined",
            cause="undetermined",
            title="Connectivity failed before the monitor restarted tailscaled, and these logs do not show why",
            summary="Relay connections were reset from 02:58:31 on. Nothing on opg-srv or vps1 explains it.",
            reason="no hypothesis of the path can be tested without the router's log",
            chain=full.verdict.chain[2:],
            loop=None,
            ended=None,
            ongoing=None,
            key_evidence=("E2", "E4", "E6", "E9"),
            warning="no log of the router was given. Export it: Omada controller, Logs, Export.",
        ),
        incidents=(),
        findings=full.findings[1:],
        actions=(),
        lanes=full.lanes[1:],
        redaction=Redaction(profile="none"),
    )


def quiet() -> Report:
    """Return a night without an incident."""
    full = incident()
    return Report(
        tool=full.tool,
        window=Window(),
        verdict=Verdict(
            status="no-incident",
            cause="no-incident",
            title="No connectivity incident found",
            summary="All symptoms stayed at their own baseline.",
            reason="no symptom above its baseline in 19,585 records of 3 hosts",
        ),
        inputs=full.inputs[:3],
        lanes=tuple(replace(lane, marks=lane.marks[:5], gaps=()) for lane in full.lanes[1:3]),
    )


def several(count: int, hypotheses: int = 8) -> Report:
    """Return a window with ``count`` incidents of all statuses, each with its chain and its lines.

    ``hypotheses``: how often each has those of one incident.
    """
    full = incident()
    statuses: tuple[Status, ...] = ("confirmed", "undetermined", "likely", "confirmed", "possible", "confirmed")
    verdicts = tuple(
        replace(
            full.verdict,
            status=statuses[number % len(statuses)],
            title=f"{full.verdict.title}, time {number + 1}",
            started=at("00:10:00") + timedelta(minutes=20 * number),
            ended=at("00:14:00") + timedelta(minutes=20 * number),
            hosts=tuple(f"host{each}" for each in range(number + 1)),
            recurrence=None,
        )
        for number in range(count)
    )
    return replace(
        full,
        verdict=verdicts[0],
        incidents=verdicts,
        hypotheses=tuple(
            replace(each, incident=number)
            for number in range(count)
            for each in full.hypotheses
            for _ in range(hypotheses)
        ),
    )

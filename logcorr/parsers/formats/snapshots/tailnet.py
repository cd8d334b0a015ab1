"""The tailnet as one machine sees it: ``tailscale status`` (text and JSON) and ``tailscale netcheck``.

References: tailscale cmd/tailscale/cli/status.go, netcheck.go and ipn/ipnstate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from logcorr.parsers.formats.snapshots.counters import pairs, word
from logcorr.parsers.formats.snapshots.moments import moment_of
from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

_STATUS: Final = "tailscale-status"  # never the bare name, which is the daemon's
_LONGEST: Final = 200_000  # lines of JSON
_SYSTEMS: Final = "linux|windows|macOS|iOS|android|freebsd|openbsd|tvOS|js|illumos|solaris|plan9"
_PEER: Final = re.compile(
    rf"^(?P<ip>100\.[0-9.]{{5,12}}|fd7a:[0-9a-f:]+)\s+(?P<name>\S+)\s+(?P<owner>\S+)\s+(?P<os>{_SYSTEMS})\s+(?P<state>.*)$"
)
_WORDS: Final = (
    ("direct", "path", re.compile(r"\bdirect (\S+?)(?:,|$)")),
    ("relay", "relay", re.compile(r"\b(?:relay|peer-relay) \"?([^\s\",]+)")),
    ("seen", "last-seen", re.compile(r"\blast seen (.+?)(?: ago)?(?:,|$)")),
    ("tx", "tx", re.compile(r"\btx ([0-9]+)")),
    ("rx", "rx", re.compile(r"\brx ([0-9]+)")),
)
_HEALTH: Final = re.compile(r"^#\s+- (?P<text>\S.*)$")
_TOLD: Final = {
    "UDP": "UDP", "IPv4": "IPv4", "IPv6": "IPv6", "MappingVariesByDestIP": "mapping-varies",
    "PortMapping": "port-mapping", "CaptivePortal": "captive-portal", "Nearest DERP": "nearest-relay",
}  # fmt: skip
#: Health check and the like under the machines; a heading ``### …`` or root's prompt ``# date`` begins something else.
_NOTE: Final = re.compile(r"^#(?:\s*$|\s{2,}| [A-Z])")
_BULLET: Final = re.compile(r"^\s+\* (?P<name>[^:]{1,40}):\s*(?P<value>.*)$")
_LATENCY: Final = re.compile(r"^\s+- (?P<region>[^:\s]{1,20}):\s*(?P<latency>[0-9.]+m?s)?")


def _read_status(lines: Sequence[str], start: int, _: Context) -> Reading:
    """A line for each machine, the first being this one, and the health check."""
    statements: list[Statement] = []
    own: str | None = None
    end = start
    while end < len(lines) and ((peer := _PEER.match(lines[end])) or _NOTE.match(lines[end]) or not lines[end].strip()):
        health = None if peer else _HEALTH.match(lines[end])
        if peer and not statements and peer["state"].startswith("-"):
            own = peer["name"]
            statements.append(Statement(end, f"this node {own} {peer['ip']}: state online", own))
        elif peer:
            statements.append(_peer(end, peer["name"], peer["ip"], _state(peer["state"].strip())))
        elif health:
            statements.append(Statement(end, f"health: {health['text']}"))
        end += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return Reading(end, statements, host=own)


def _peer(at: int, name: str, ip: str, told: list[tuple[str, object]]) -> Statement:
    return Statement(at, f"peer {word(name)} {word(ip)}: {pairs(told)}", name)


def _state(text: str) -> list[tuple[str, object]]:
    state = "offline" if re.search(r"\boffline\b", text) else "active" if text.startswith("active") else "idle"
    found = [(name, value[1]) for _, name, form in _WORDS if (value := form.search(text))]
    return [("state", state), *found]


def _read_json(lines: Sequence[str], start: int, context: Context) -> Reading:
    if start < context.unclosed or start + 1 >= len(lines) or not lines[start + 1].startswith('  "'):
        return Reading(start)
    stop = min(len(lines), start + _LONGEST)
    end = next((at for at in range(start + 1, stop) if lines[at].startswith("}")), stop) + 1
    if end > stop:
        context.unclosed = stop
        return Reading(start)
    try:
        told = orjson.loads("\n".join(lines[start:end]))
    except orjson.JSONDecodeError:
        return Reading(start)
    if not isinstance(told, Mapping) or "BackendState" not in told:
        return Reading(start)
    me, peers = _object(told, "Self"), _object(told, "Peer")
    own = _text(me, "HostName")
    statements = [Statement(start, f"this node {word(own) or '?'} {_address(me)}: {pairs(_of_node(told, me))}", own)]
    statements += [
        _peer(start, _text(peer, "HostName"), _address(peer), _of_peer(peer))
        for peer in list(peers.values())[:_LONGEST]
        if isinstance(peer, Mapping)
    ]
    statements += [Statement(start, f"health: {text}") for text in told.get("Health") or () if isinstance(text, str)]
    return Reading(end, statements, host=own or None)


def _of_node(told: Mapping[str, Any], me: Mapping[str, Any]) -> list[tuple[str, object]]:
    items: list[tuple[str, object]] = [("state", "online" if me.get("Online") else "offline")]
    items.append(("backend", _text(told, "BackendState")))
    return [*items, ("key-expiry", me["KeyExpiry"])] if isinstance(me.get("KeyExpiry"), str) else items


def _of_peer(peer: Mapping[str, Any]) -> list[tuple[str, object]]:
    online = "offline" if peer.get("Online") is False else "active" if peer.get("Active") else "idle"
    items: list[tuple[str, object]] = [("state", online)]
    items += [("path", peer["CurAddr"])] if _text(peer, "CurAddr") else []
    items += [("relay", peer["Relay"])] if _text(peer, "Relay") and not _text(peer, "CurAddr") else []
    items += [("last-seen", peer["LastSeen"])] if online == "offline" and _text(peer, "LastSeen") else []
    return items


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _address(told: Mapping[str, Any]) -> str:
    found = told.get("TailscaleIPs")
    return str(found[0]) if isinstance(found, list) and found else "?"


def _read_netcheck(lines: Sequence[str], start: int, _: Context) -> Reading:
    told: dict[str, str] = {}
    regions: list[str] = []
    end = start + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t"):
        if bullet := _BULLET.match(lines[end]):
            told[bullet["name"]] = bullet["value"].strip()
        elif (latency := _LATENCY.match(lines[end])) and latency["latency"]:
            regions.append(latency["region"])
        end += 1
    items: list[tuple[str, object]] = [(_TOLD[name], _plain(value)) for name, value in told.items() if name in _TOLD]
    items.append(("relays-answering", len(regions)))
    return Reading(end, [Statement(start, f"netcheck: {pairs(items)}")], moment=moment_of(told.get("Time", "")))


def _plain(value: str) -> str:
    """``yes, 203.0.113.7:41641`` is that address; ``(no addr found)`` and ``no, but OS has support`` are "no"."""
    if value.startswith("yes, "):
        return value.removeprefix("yes, ")
    return "no" if value.startswith(("no", "(no")) else value or "-"


STATUS: Final = Tool(
    _STATUS,
    rf"(?:100\.[0-9.]{{5,12}}|fd7a:[0-9a-f:]+)\s+\S+\s+\S+\s+(?:{_SYSTEMS})\s+(?:-|active|idle|offline)",
    _read_status,
)
STATUS_JSON: Final = Tool(_STATUS, r"\{\s*$", _read_json)
NETCHECK: Final = Tool("tailscale-netcheck", r"Report:\s*$", _read_netcheck)

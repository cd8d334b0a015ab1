"""What state things are in, as ethtool, the bonding driver, networkctl, resolvectl and systemctl print it.

References: Linux Documentation/networking/bonding.rst, networkctl(1), resolvectl(1), systemctl(1), ethtool(8).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from logcorr.parsers.formats.snapshots.counters import pairs
from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

_FIELD: Final = re.compile(r"^\s*(?P<name>[A-Za-z][A-Za-z0-9 ./()_-]{0,60}?)\s*: ?(?P<value>.*)$")
_MEMBER: Final = "Slave Interface"
_OWN_PARTS: Final = 2  # the driver's version, and the bond itself


def fields(lines: Sequence[str], start: int, *, indented: bool = True) -> tuple[int, list[tuple[int, str, str]]]:
    """Lines ``name: value`` from ``start`` on: the first line that is none, and (line, name, value) of each.

    Values that go on are joined: where lines are indented, what has no name belongs to the line before.
    """
    found: list[tuple[int, str, str]] = []
    end = start
    while end < len(lines) and lines[end].strip():
        if indented and lines[end][:1] not in (" ", "\t") and not lines[end].startswith("Current DNS Server"):
            break
        field = _FIELD.match(lines[end])
        value = field["value"].strip() if field else ""
        if field and (found or value or indented) and not _is_address(lines[end]):
            found.append((end, field["name"], value))
        elif indented and found:
            at, name, before = found[-1]
            found[-1] = (at, name, f"{before} {lines[end].strip()}")
        else:
            break
        end += 1
    return end, found


def _is_address(line: str) -> bool:
    """Whether a line that goes on is an IPv6 address, whose colons end no name."""
    return bool(re.fullmatch(r"\s*[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(?:%\S+)?\s*", line))


def _picked(found: Sequence[tuple[int, str, str]], names: dict[str, str]) -> list[tuple[str, object]]:
    return [(names[name], value) for _, name, value in found if name in names and value]


def _read_settings(lines: Sequence[str], start: int, _: Context) -> Reading:
    name = lines[start].removeprefix("Settings for ").strip().rstrip(":")
    end, found = fields(lines, start + 1)
    told = _picked(found, {"Speed": "speed", "Duplex": "duplex", "Link detected": "carrier"})
    return Reading(end, [Statement(start, f"{name}: {pairs(told)}", name)] if told else [])


def _read_bonding(lines: Sequence[str], start: int, context: Context) -> Reading:
    """The bond's own part and one for each member, parted by blank lines."""
    bond = context.object_of("bonding")
    statements: list[Statement] = []
    end = part = start
    parts = 0
    while part < len(lines):
        last, found = fields(lines, part, indented=False)
        if not found or (parts >= _OWN_PARTS and not _goes_on(found)):
            break
        end = part = last
        parts += 1
        statements += _of_bond(bond or "?", found)
        while part < len(lines) and not lines[part].strip():
            part += 1
    return Reading(max(end, start + 1), statements)


def _goes_on(found: Sequence[tuple[int, str, str]]) -> bool:
    return found[0][1] in (_MEMBER, "802.3ad info", "Bonding Mode", "Active Aggregator Info")


def _of_bond(bond: str, found: Sequence[tuple[int, str, str]]) -> list[Statement]:
    member = next((value for _, name, value in found if name == _MEMBER), None)
    names = {"Currently Active Slave": "active member", "MII Status": "MII status"}
    if member:
        names = {"MII Status": "MII status", "Link Failure Count": "link failures", "Speed": "speed"}
    told = pairs(_picked(found, names)).replace("+Mbps", "Mbps")
    owner = f"{bond} member {member}" if member else bond
    return [Statement(found[0][0], f"{owner}: {told}", member or bond.strip("?") or None)] if told else []


def _read_network(lines: Sequence[str], start: int, _: Context) -> Reading:
    """``networkctl status [LINK]``; the log lines at its end are left to the parsers of logs."""
    titled = re.match(r"^\S+ +[0-9]+: (?P<name>\S+)", lines[start])
    name = titled["name"] if titled else None
    end, found = fields(lines, start + 1)
    found += [] if name else [(start, "State", lines[start].partition(": ")[2])]
    names = {"Network File": "file", "Online state": "online", "Address": "address", "Gateway": "gateway", "DNS": "DNS"}
    told = [pair for _, field, value in found if field == "State" for pair in _network_state(value)]
    told += [(field, str(value).split()[0]) for field, value in _picked(found, names)]
    return Reading(end, [Statement(start, f"{name or 'network'}: {pairs(told)}", name)] if told else [])


def _network_state(text: str) -> list[tuple[str, object]]:
    """``routable (configured)``."""
    operational, _, setup = text.partition(" ")
    return [("operational", operational), *([("setup", setup.strip("()"))] if setup else [])]


def _read_network_list(lines: Sequence[str], start: int, _: Context) -> Reading:
    statements, end = [], start + 1
    while end < len(lines) and (row := re.match(r"^ *[0-9]+ (\S+) +(\S+) +(\S+) +(\S+)\s*$", lines[end])):
        told = pairs([("operational", row[3]), ("setup", row[4])])
        statements.append(Statement(end, f"{row[1]}: {told}", row[1]))
        end += 1
    tail = end + 1 if end < len(lines) and not lines[end].strip() else end
    counted = tail < len(lines) and re.match(r"^[0-9]+ links listed\.$", lines[tail])
    return Reading(tail + 1 if counted else end, statements)


def _read_resolver(lines: Sequence[str], start: int, _: Context) -> Reading:
    """``resolvectl status``: the global part and one for each link, parted by blank lines."""
    statements: list[Statement] = []
    end = part = start
    while part < len(lines) and (titled := re.match(r"^(?:Global|Link [0-9]+ \((?P<name>[^)]+)\))\s*$", lines[part])):
        name = titled["name"]
        end, found = fields(lines, part + 1)
        names = {"DNS Servers": "servers", "Current DNS Server": "current", "Fallback DNS Servers": "fallback",
                 "resolv.conf mode": "mode"}  # fmt: skip
        told = _picked(found, names)
        statements.append(Statement(part, f"DNS of {name or 'the host'}: {pairs(told or [('servers', 'none')])}", name))
        part = end
        while part < len(lines) and not lines[part].strip():
            part += 1
    return Reading(max(end, start + 1), statements)


def _read_unit(lines: Sequence[str], start: int, _: Context) -> Reading:
    """``systemctl status UNIT`` up to its log lines."""
    unit = lines[start].split()[1]
    end = start + 1
    active = None
    while end < len(lines) and lines[end][:1] == " ":
        active = active or re.match(r"^ +Active: (?P<state>\w[\w-]*)(?: \((?P<sub>[^)]*)\))?", lines[end])
        end += 1
    told: list[tuple[str, object]] = [("active", active["state"]), ("sub", active["sub"] or "-")] if active else []
    return Reading(end, [Statement(start, f"{unit}: {pairs(told)}", unit)] if told else [])


SETTINGS: Final = Tool("ethtool", r"Settings for \S+:\s*$", _read_settings)
BONDING: Final = Tool("bonding", r"Ethernet Channel Bonding Driver: ", _read_bonding)
NETWORK: Final = Tool("networkctl", r"[●○×*xo] +(?:[0-9]+: \S+\s*$|State: \S)", _read_network)
NETWORK_LIST: Final = Tool("networkctl", r"IDX LINK +TYPE +OPERATIONAL +SETUP", _read_network_list)
RESOLVER: Final = Tool("resolvectl", r"(?:Global|Link [0-9]+ \([^)]{1,64}\))\s*$", _read_resolver)
UNIT: Final = Tool("systemctl", r"[●○×↻*] [\w:.@\\-]+\.(?:service|timer|socket|target) - ", _read_unit)

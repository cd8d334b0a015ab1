"""Counters: ``ethtool -S``, ``ip -s link``, ``conntrack -S`` and the size of the connection table.

References: ethtool(8), ip-link(8), conntrack(8), Linux Documentation/networking/nf_conntrack-sysctl.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

_MOST: Final = 40  # counters in one statement
#: Counters that tell of trouble. A card has hundreds more.
_TROUBLE: Final = re.compile(
    r"err|crc|miss|fail|fifo|overrun|abort|timeout|collision|reset|align|no_buf|nobuf|drop|discard|invalid"
)
_TRAFFIC: Final = frozenset({"rx_packets", "tx_packets"})

_ETHTOOL: Final = re.compile(r"^\s+(?P<name>[^\s:][^:]{0,80}?)\s*: (?P<value>[0-9]{1,20})\s*$")
_LINK: Final = re.compile(r"^[0-9]{1,9}: (?P<name>[^\s:@]{1,64})(?:@\S+)?: <(?P<flags>[A-Z0-9_,-]*)>(?P<rest>.*)$")
_STATE: Final = re.compile(r"\bstate (\S+)")
_MASTER: Final = re.compile(r"\bmaster (\S+)")
_COLUMNS: Final = re.compile(r"^\s+(?P<way>[RT]X)(?: errors)?: +(?P<names>[a-z ]+)$")
_ADDRESS: Final = re.compile(r"^\s+inet6? (?P<address>[0-9A-Fa-f.:]+/[0-9]{1,3})\b")
_CPU: Final = re.compile(r"\b(?P<name>[a-z_]+)=(?P<value>[0-9]{1,20})")
_TABLE: Final = re.compile(
    r"^(?:/proc/sys/)?net[./](?:netfilter[./]|ipv4[./]netfilter[./]ip_)?(?:nf_)?conntrack_(?P<name>count|max) ?[=:] ?"
    r"(?P<value>[0-9]{1,18})\s*$"
)


def pairs(items: Iterable[tuple[str, object]]) -> str:
    """``rx_errors 812, MII status up``: each value is one word, so that two snapshots can be compared."""
    return ", ".join(f"{name.replace(',', ' ')} {word(str(value)) or '-'}" for name, value in items)


def word(text: str) -> str:
    """``text`` without commas and blanks at the ends; blanks within a value would tear it from its name."""
    return re.sub(r"[\s,]+", "+", text.strip())


def _counted(found: Iterable[tuple[str, int]]) -> list[tuple[str, object]]:
    """Traffic first, then the counters of trouble that are not zero."""
    known = [(name.strip().replace(" ", "_"), value) for name, value in found]
    traffic = [(name, value) for name, value in known if name in _TRAFFIC]
    trouble = [(name, value) for name, value in known if value and _TROUBLE.search(name.lower())]
    return [*traffic, *trouble[:_MOST]] or [("errors", 0)]


def _read_ethtool(lines: Sequence[str], start: int, context: Context) -> Reading:
    name = context.object_of("ethtool")
    found, end = [], start + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t") and not _COLUMNS.match(lines[end]):
        counter = _ETHTOOL.match(lines[end])
        found += [(counter["name"], int(counter["value"]))] if counter else []
        end += 1
    return Reading(end, [Statement(start, f"{name or '?'}: {pairs(_counted(found))}", name)])


def _read_links(lines: Sequence[str], start: int, _: Context) -> Reading:
    """Interfaces one after another, each a line of flags and indented lines of addresses and counters."""
    statements, end = [], start
    while end < len(lines) and (found := _LINK.match(lines[end])):
        first, end = end, end + 1
        while end < len(lines) and lines[end][:1] in (" ", "\t"):
            end += 1
        told = pairs([*_flags(found["flags"], found["rest"]), *_of_link(lines[first + 1 : end])])
        statements.append(Statement(first, f"{found['name']}: {told}", found["name"]))
    return Reading(end, statements)


def _flags(flags: str, rest: str) -> list[tuple[str, object]]:
    up = flags.split(",")
    carrier = "no" if "NO-CARRIER" in up or ("UP" in up and "LOWER_UP" not in up) else "yes"
    told: list[tuple[str, object]] = [("link", "up" if "UP" in up else "down")]
    told += [("carrier", carrier)] if "UP" in up else []
    told += [("state", state[1])] if (state := _STATE.search(rest)) else []
    return told + ([("master", master[1])] if (master := _MASTER.search(rest)) else [])


def _of_link(lines: Sequence[str]) -> list[tuple[str, object]]:
    counters: list[tuple[str, int]] = []
    addresses: list[tuple[str, object]] = []
    for at, line in enumerate(lines):
        if address := _ADDRESS.match(line):
            addresses.append(("address", address["address"]))
        columns = _COLUMNS.match(line)
        values = lines[at + 1].split() if columns and at + 1 < len(lines) else []
        if columns and all(value.isascii() and value.isdigit() and len(value) <= 20 for value in values):
            names = (f"{columns['way'].lower()}_{name}" for name in columns["names"].split())
            counters += zip(names, map(int, values), strict=False)
    return [*addresses[:4], *(_counted(counters) if counters else [])]


def _read_conntrack(lines: Sequence[str], start: int, _: Context) -> Reading:
    """One line for each CPU; the table is one, so they are added up."""
    total: dict[str, int] = {}
    end = start
    while end < len(lines) and lines[end].startswith("cpu="):
        for found in _CPU.finditer(lines[end][:2000]):
            total[found["name"]] = total.get(found["name"], 0) + int(found["value"])
        end += 1
    total.pop("cpu", None)
    names = ("insert_failed", "drop", "early_drop", "error", "invalid")
    told: list[tuple[str, object]] = [(name, total[name]) for name in names if name in total]
    return Reading(end, [Statement(start, f"conntrack: {pairs(told or [('errors', 0)])}", "conntrack")])


def _read_table(lines: Sequence[str], start: int, _: Context) -> Reading:
    """``sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max``, in either order, or one of them."""
    told: dict[str, int] = {}
    end = start
    while end < len(lines) and (found := _TABLE.match(lines[end])) and found["name"] not in told:
        told[found["name"]] = int(found["value"])
        end += 1
    items: list[tuple[str, object]] = [*told.items()]
    if told.get("max") and "count" in told:
        items = [*sorted(items), ("percent", f"{100 * told['count'] / told['max']:.1f}")]
    return Reading(end, [Statement(start, f"conntrack table: {pairs(items)}", "conntrack")])


ETHTOOL: Final = Tool("ethtool", r"NIC statistics:\s*$", _read_ethtool)
LINKS: Final = Tool("ip", r"[0-9]{1,9}: [^\s:]{1,80}: <[A-Z0-9_,-]*>", _read_links)
CONNTRACK: Final = Tool("conntrack", r"cpu=[0-9]+\s+(?:found|searched|invalid)=", _read_conntrack)
TABLE: Final = Tool(
    "conntrack", r"(?:/proc/sys/)?net[./][a-z0-9./_]{0,40}conntrack_(?:count|max) ?[=:] ?[0-9]+\s*$", _read_table
)

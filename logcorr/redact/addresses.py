"""Addresses: IPv4 and IPv6 in every spelling, MAC addresses in three notations.

A label keeps what a diagnosis needs: whether the address is public, private, of the tailnet, link-local, and which
addresses share a network (/24, /64). What belongs to nobody stays: loopback, unspecified, broadcast, multicast, public
resolvers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from logcorr.redact.spans import Span

Address = IPv4Address | IPv6Address

_IPV4: Final = re.compile(r"(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)")
_IPV6: Final = re.compile(
    r"(?<![0-9A-Za-z:])(?<!\d\.)(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4})(?![0-9A-Za-z:])"
)
# ec2-203-0-113-7.compute, dhcp-192-168-0-66, ip_10_0_0_5: only behind a letter and the same sign
_DASHED: Final = re.compile(r"(?<=[A-Za-z])(?P<sign>[-_])(?P<it>\d{1,3}(?:(?P=sign)\d{1,3}){3})(?!\d|(?P=sign)\d)")
# six octets or more: netfilter's MAC= has two addresses and a type
_MAC: Final = re.compile(
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{2}(?P<sign>[:-])(?:[0-9A-Fa-f]{2}(?P=sign)){4,}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])"
)
#: Whose last six octets are the address: DHCP's identifiers of clients (RFC 2132, 9.14) and DUIDs (RFC 8415, 11).
_AT_THE_END: Final = re.compile(r"(?:01[:-](?:..[:-]){5}..|00[:-]0[13][:-]00[:-]..[:-].*)")
_MAC_LENGTH: Final = len("00:00:00:00:00:00")
_CISCO_MAC: Final = re.compile(r"(?<![0-9A-Fa-f.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Fa-f.])")
_IN_NAME: Final = re.compile(r"(?<=\benx|\bwlx)[0-9A-Fa-f]{12}\b")  # systemd.net-naming-scheme(7)

# a BGP router's id: bird: open(ver=4,as=64500,hold=240,id=c0000221)
_IN_HEX: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?![0-9A-Za-z])")

_RESOLVERS: Final = frozenset(
    ip_address(text)
    for text in (
        "1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220",
        "2606:4700:4700::1111", "2606:4700:4700::1001", "2001:4860:4860::8888", "2001:4860:4860::8844", "2620:fe::fe",
        "100.100.100.100", "fd7a:115c:a1e0::53", "169.254.169.254",
    )
)  # fmt: skip
_TAILNET: Final = (ip_network("100.64.0.0/10"), ip_network("fd7a:115c:a1e0::/48"))  # tailscale net/tsaddr
_ULA: Final = ip_network("fc00::/7")
_PRIVATE: Final = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_V4_NETWORK, _V6_NETWORK = 24, 64  # prefix lengths that count as one network
_LOCALLY_ADMINISTERED = 0x02
_GROUP = 0x01


def find_addresses(text: str) -> Iterator[Span]:
    """IP addresses in ``text``; the value is the canonical address."""
    for found in _IPV4.finditer(text) if "." in text else ():
        yield from _span(found.start(), found.end(), _without_zeros(found[0], "."))
    if ":" in text:
        for found in _IPV6.finditer(text):
            yield from _span(found.start(), found.end(), found[0])
    for found in _DASHED.finditer(text) if "-" in text or "_" in text else ():
        yield from _span(found.start("it"), found.end("it"), _without_zeros(found["it"], found["sign"]))


def in_hex(text: str) -> Iterator[tuple[str, Span]]:
    """IPv4 addresses in ``text``, each with the eight hex digits that are another spelling of it."""
    for span in find_addresses(text):
        if "." in span.value:
            yield f"{int(IPv4Address(span.value)):08x}", span


def find_in_hex(text: str, known: Mapping[str, Span]) -> Iterator[Span]:
    """Of eight hex digits those that spell a ``known`` address: others are identifiers of any kind."""
    for found in _IN_HEX.finditer(text) if known else ():
        if (span := known.get(found[0].lower())) is not None:
            yield Span(found.start(), found.end(), span.kind, span.value)


def _without_zeros(text: str, sign: str) -> str:
    return ".".join(part.lstrip("0") or "0" for part in text.split(sign))


def _span(start: int, end: int, text: str) -> Iterator[Span]:
    try:
        address = canonical(text)
    except ValueError:
        return
    if not is_nobodys(address):
        yield Span(start, end, kind_of(address), str(address))


def canonical(text: str) -> Address:
    """The address that ``text`` spells; IPv4 where IPv6 only wraps one. Raises ValueError."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_nobodys(address: Address) -> bool:
    """Whether the address says nothing of anybody: loopback, unspecified, multicast, broadcast, a public resolver."""
    if address.is_loopback or address.is_unspecified or address.is_multicast or address in _RESOLVERS:
        return True
    return isinstance(address, IPv4Address) and (int(address) >> 24 in (0, 255) or str(address).startswith("255."))


def kind_of(address: Address) -> str:
    """The class that its label shows: ts, lan, ll (link-local), ula, pub or pub6."""
    if any(address in network for network in _TAILNET):
        return "ts"
    if address.is_link_local:
        return "ll"
    if isinstance(address, IPv6Address):
        return "ula" if address in _ULA else "pub6"
    return "lan" if any(address in network for network in _PRIVATE) else "pub"


def network_of(value: str) -> tuple[str, bool]:
    """The network that a label keeps, and whether ``value`` is the network's own address."""
    address = ip_address(value)
    length = _V4_NETWORK if isinstance(address, IPv4Address) else _V6_NETWORK
    network = ip_network((address, length), strict=False)
    return str(network), address == network.network_address


def find_macs(text: str) -> Iterator[Span]:
    """MAC addresses in ``text``; the value is twelve lower-case hex digits."""
    for found in _MAC.finditer(text) if ":" in text or "-" in text else ():
        for start in _starts(found):
            yield from _mac(start, start + _MAC_LENGTH, text[start : start + _MAC_LENGTH])
    for expression in (_CISCO_MAC, _IN_NAME):
        for found in expression.finditer(text):
            yield from _mac(found.start(), found.end(), found[0])


def _starts(run: re.Match[str]) -> Iterable[int]:
    """Where the addresses in a run of octets begin."""
    if _AT_THE_END.fullmatch(run[0]):
        return (run.end() - _MAC_LENGTH,)
    return range(run.start(), run.end() - _MAC_LENGTH + 1, _MAC_LENGTH + 1)


def _mac(start: int, end: int, text: str) -> Iterator[Span]:
    digits = re.sub("[^0-9a-f]", "", text.lower())
    if not int(digits[:2], 16) & _GROUP and int(digits, 16):  # group addresses and all zeros are nobody's
        yield Span(start, end, "mac", digits)


def vendor_of(digits: str) -> str | None:
    """The vendor's part of a MAC address; None where the owner made the address up (IEEE 802, local bit)."""
    return None if int(digits[:2], 16) & _LOCALLY_ADMINISTERED else digits[:6]


def spellings(kind: str, value: str) -> Iterator[str]:
    """Every way in which a report could spell an address, in lower case."""
    if kind == "mac":
        pairs = [value[at : at + 2] for at in range(0, 12, 2)]
        yield from (value, ":".join(pairs), "-".join(pairs), ".".join(value[at : at + 4] for at in (0, 4, 8)))
        return
    address = ip_address(value)
    if isinstance(address, IPv4Address):
        yield from (value, value.replace(".", "-"), value.replace(".", "_"), f"::ffff:{value}", f"{int(address):08x}")
    else:
        yield from (value, address.exploded, address.exploded.replace(":", ""), value.replace(":", "-"))

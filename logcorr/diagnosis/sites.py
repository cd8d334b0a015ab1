"""Which machines belong together: at one site, known to each other, or certainly apart.

Machines share a site that come from one public address, or that a router logs by name or address. Two machines are
linked where one names the other or one of its addresses. Where two machines were seen from outside at public addresses
that differ, and neither names the other, they are apart: what a router calls its own address is no proof, as another
may translate it again. Two machines whose ports went down within a minute of each other, and for equally long, are the
two ends of one link. A modem's log beside that of the only router is that of its line. Of all others the logs do not
say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights

if TYPE_CHECKING:
    from logcorr.diagnosis.scene import Scene

#: Fields that hold an address of the machine that logs, of its uplink, and of another machine.
OWN: Final = ("local_ip",)
PUBLIC: Final = ("public_ip",)
OTHER: Final = ("remote_ip", "ip", "target", "server", "endpoint")
NAMES: Final = ("client", "name", "target", "peer")
#: Events whose ``ip`` is the machine's own; of an uplink it is the site's public one.
ACQUIRED: Final = ("address.acquired", "wan.address", "wan.online", "wan.lease.renewed")

_ADDRESS: Final = r"(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})"
#: What is no machine's own: loopback, multicast, broadcast, link-local, none.
_NOBODYS: Final = r"^(127\.|0\.|22[4-9]\.|23\d\.|169\.254\.|255\.|.*\.255$|::1?$|fe80|ff)"
#: What may be anybody's own: private networks, the tailnet's range, loopback.
PRIVATE: Final = (
    r"^(127\.|::1$|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])"
)
_LAN: Final = r"(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)"
_SHORTEST_NAME: Final = 3
#: A name or an address that more machines than this have tells none of them from others; and of more cables than this
#: that are cut within a minute, each is compared with those that are cut next. So the cost is linear in machines.
_MANY: Final = 64
_PAIRS: Final = 250_000  # of cables altogether

#: How a port tells that it is down, and that it is back; and what ports of cables are called.
_DOWN: Final = ("carrier.lost", "link.down", "port.shut", "port.disabled")
_BACK: Final = ("carrier.gained", "link.up")
#: What a modem tells, and no router without one; beside it it tells of the line as a router of its uplink does.
_MODEM: Final = "modem."
_LINE: Final = "wan."

_CABLE: Final = r"^(?:eth|en|em\d|p\d|lan|xe-|ge-|et-|Gi|Te|Fa|Eth|Hu|Fo|Tw)"


@dataclass(frozen=True, slots=True)
class Sites:
    """What is known of the machines of a run."""

    site_of: Mapping[str, str] = field(
        default_factory=dict
    )  # host -> name of its site; a host's own name where unknown
    links: Mapping[str, AbstractSet[str]] = field(default_factory=dict)  # host -> those that it names, and that name it
    public: Mapping[str, frozenset[str]] = field(default_factory=dict)  # host -> public addresses seen
    given: Mapping[str, str] = field(default_factory=dict)  # host -> site, as the user says

    def place(self, host: str | None) -> str:
        """The name of the site of a host."""
        return self.site_of.get(host or "", host or "")

    def related(self, one: Iterable[str], other: Iterable[str]) -> bool | None:
        """Whether some of these machines are linked to some of those; None where the logs do not say."""
        pairs = [(a, b) for a in one for b in other]
        if not (self.links or self.given or self.public):
            return True if any(self.place(a) == self.place(b) for a, b in pairs) else None
        if any(self._linked(a, b) for a, b in pairs):
            return True
        return False if pairs and all(self._apart(a, b) for a, b in pairs) else None

    def _linked(self, one: str, other: str) -> bool:
        if one in self.given and other in self.given:
            return self.given[one] == self.given[other]
        return self.place(one) == self.place(other) or other in self.links.get(one, ())

    def _apart(self, one: str, other: str) -> bool:
        if one in self.given and other in self.given:
            return self.given[one] != self.given[other]
        known, others = self.public.get(one), self.public.get(other)
        return bool(known and others and not known & others)


def find_sites(scene: Scene, given: Mapping[str, Sequence[str]] | None = None) -> Sites:
    """Who belongs to whom. ``given``: the user's sites, by name."""
    told = {host: site for site, hosts in (given or {}).items() for host in hosts}
    hosts = sorted(host for host in scene.brief["host"].unique() if host)
    if len(hosts) < 2:
        return Sites(given=told)
    facts = _facts(scene)
    public, uplink = _by_host(facts, "public"), _by_host(facts, "uplink")
    named = {*_by_address(facts, public, uplink), *_by_name(facts, hosts)}
    same = [pair for pair in named if (pair[0] in scene.routers) != (pair[1] in scene.routers)]
    links: dict[str, set[str]] = {}
    for one, two in (*named, *_ends_of_a_link(scene), *_modem_and_router(scene)):
        links.setdefault(one, set()).add(two)
        links.setdefault(two, set()).add(one)
    for members in _from_one_address(facts):
        first = next((host for host in members if host not in told), members[0])
        same += [(first, host) for host in members]
        for host in members:  # the user's name for it keeps it apart by name only
            if host in told:
                links.setdefault(host, set()).update(each for each in members if each not in told)
                for each in links[host]:
                    links.setdefault(each, set()).add(host)
    return Sites(_components(hosts, same, told), links, {host: frozenset(each) for host, each in public.items()}, told)


def _from_one_address(facts: pl.DataFrame) -> Iterator[list[str]]:
    """The machines, in order, that were seen at each public address, and those whose uplink has it."""
    at = {what: facts.filter(pl.col("what") == what) for what in ("public", "uplink")}
    seen = at["uplink"].join(at["public"], on="value", how="semi").vstack(at["public"])
    yield from seen.group_by("value").agg(pl.col("host").unique().sort())["host"].to_list()


def _by_address(
    facts: pl.DataFrame, public: Mapping[str, set[str]], uplink: Mapping[str, set[str]]
) -> Iterator[tuple[str, str]]:
    """Pairs of machines of which one names an address of the other."""
    own = facts.filter(pl.col("what") == "own").filter(pl.len().over("value") <= _MANY)
    met = facts.filter(pl.col("what") == "other").select("value", other="host").join(own, on="value")
    lan = pl.col("value").str.contains(f"^{_LAN}")
    rows = met.filter(pl.col("host") != pl.col("other")).select("host", "other", lan=lan)
    for one, two, private in rows.rows():
        seen, others = public.get(one), public.get(two)
        # the same private address is found at many sites
        if private and seen and others and not _share(seen, others, uplink.get(one, set()), uplink.get(two, set())):
            continue
        yield min(one, two), max(one, two)


def _share(seen: set[str], others: set[str], mine: set[str], theirs: set[str]) -> bool:
    """Whether two machines come from one public address, or one of them from the address of the other's uplink."""
    return bool(seen & others or seen & theirs or others & mine)


def _modem_and_router(scene: Scene) -> Iterator[tuple[str, str]]:
    """The modem whose log tells of its line alone, and the router, where a run has one of each."""
    line, modem = pl.col("event").str.starts_with(_LINE), pl.col("event").str.starts_with(_MODEM)
    told = (
        scene.brief.drop_nulls("host")
        .group_by("host")
        .agg(modem.any().alias("modem"), line.any().alias("line"), alone=(modem | line).all())
    )
    modems = told.filter(pl.col("modem") & pl.col("alone"))["host"].to_list()
    routers = told.filter(pl.col("line") & ~pl.col("alone"))["host"].to_list()
    if len(modems) == len(routers) == 1:
        yield modems[0], routers[0]


def _ends_of_a_link(scene: Scene) -> set[tuple[str, str]]:
    """Pairs of machines of which a port of each went down at the same time, and for equally long."""
    told = scene.events.lazy().filter(pl.col("event").is_in([*_DOWN, *_BACK]) & pl.col("trusted").fill_null(value=True))
    if "interface" not in field_names(scene.events):
        return set()
    port = pl.col("fields").struct.field("interface").cast(pl.String)
    rows = told.select("id", "host", "time", down=pl.col("event").is_in(_DOWN), port=port).drop_nulls()
    ports = rows.filter(pl.col("port").str.contains(_CABLE)).sort("time", "id")
    run = (pl.col("down") != pl.col("down").shift(1)).fill_null(value=True).cum_sum().over("host", "port")
    runs = ports.with_columns(run=run).group_by("host", "port", "run").agg(pl.col("down", "time").first())
    lasted = (pl.col("time").shift(-1) - pl.col("time")).over("host", "port", order_by="run")
    lost = (
        runs.with_columns(lasted=lasted).filter("down").drop_nulls("lasted").select("host", "time", "lasted").collect()
    )
    near, alike = timedelta(seconds=weights.CLOCK_DOUBT), timedelta(seconds=weights.REORDERING)
    return {(min(pair), max(pair)) for pair in _alike(lost.sort("time", "host", "lasted"), near, alike)}


def _alike(lost: pl.DataFrame, near: timedelta, alike: timedelta) -> Iterator[tuple[str, str]]:
    """Pairs of machines of losses (host, time, lasted; by time) that are near, and equally long."""
    for step in range(1, min(_MANY, lost.height, _PAIRS // max(lost.height, 1) + 1)):
        after = lost.shift(-step)
        close = (after["time"] - lost["time"] <= near).fill_null(value=False)
        if not close.any():
            return
        equal = ((after["lasted"] - lost["lasted"]).abs() <= alike) & (after["host"] != lost["host"])
        found = close & equal.fill_null(value=False)
        yield from zip(lost.filter(found)["host"], after.filter(found)["host"], strict=True)


def field_names(events: pl.DataFrame) -> set[str]:
    """The fields that events may have."""
    kept = events.schema.get("fields")
    return {member.name for member in kept.fields} if isinstance(kept, pl.Struct) else set()


def _facts(scene: Scene) -> pl.DataFrame:
    """host, what ("own", "public", "uplink", "other", "name"), value: every distinct one."""
    members = field_names(scene.events)
    acquired = pl.col("event").is_in(ACQUIRED)
    picks = [
        *((name, "own", pl.lit(value=True)) for name in OWN),
        *((name, "public", pl.lit(value=True)) for name in PUBLIC),
        ("ip", "own", acquired),
        ("ip", "uplink", acquired & pl.col("event").str.starts_with("wan.")),
        *((name, "other", ~acquired) for name in OTHER),
        *((name, "name", pl.lit(value=True)) for name in NAMES),
    ]
    wanted = dict.fromkeys(name for name, _, _ in picks if name in members)
    # the fields as columns of their own: to filter the struct would copy every field for each of them
    said = {name: pl.col("fields").struct.field(name).cast(pl.String) for name in wanted}
    believed = pl.col("trusted").fill_null(value=True) & pl.col("host").is_not_null()
    rows = scene.events.select(
        "host", "event", believed=believed, **{f"_{name}": value for name, value in said.items()}
    )
    parts = [
        rows.lazy()
        .filter(pl.col(f"_{name}").is_not_null() & pl.col("believed") & where)
        .select("host", pl.lit(what).alias("what"), pl.col(f"_{name}").alias("value"))
        .unique()
        for name, what, where in picks
        if name in wanted
    ]
    if not parts:
        return pl.DataFrame(schema={"host": pl.String, "what": pl.String, "value": pl.String})
    found = pl.concat(parts).unique().collect()
    named = pl.col("what") == "name"
    address = pl.when(named).then("value").otherwise(pl.col("value").str.extract(_ADDRESS))
    known = (
        found.with_columns(value=address).drop_nulls("value").filter(named | ~pl.col("value").str.contains(_NOBODYS))
    )
    outside = ~pl.col("what").is_in(["public", "uplink"]) | ~pl.col("value").str.contains(PRIVATE)
    also = known.filter(pl.col("what").is_in(["public", "uplink"])).with_columns(what=pl.lit("own"))
    return pl.concat([known.filter(outside), also]).unique().sort("host", "what", "value")


def addresses_of(scene: Scene) -> dict[str, set[str]]:
    """The addresses that each machine was seen to have."""
    return _by_host(_facts(scene), "own")


def _by_host(facts: pl.DataFrame, what: str) -> dict[str, set[str]]:
    part = facts.filter(pl.col("what") == what).group_by("host").agg("value")
    return {host: set(values) for host, values in part.rows()}


def _by_name(facts: pl.DataFrame, hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of machines of which one's log names the other."""
    called: dict[str, list[str]] = {}
    for host in hosts:
        called.setdefault(host.split(".")[0].lower(), []).append(host)
    for host, values in _by_host(facts, "name").items():
        for word in {word.lower() for value in values for word in re.split(r"[^\w-]|_", value)}:
            others = called.get(word, ()) if len(word) >= _SHORTEST_NAME else ()
            if len(others) <= _MANY:
                yield from ((min(host, other), max(host, other)) for other in others if other != host)


def _components(hosts: list[str], pairs: list[tuple[str, str]], told: Mapping[str, str]) -> dict[str, str]:
    """The name of the first of the machines that belong together, for each; the user's name where given."""
    first = {host: host for host in hosts}

    def root(host: str) -> str:
        while first[host] != host:
            first[host] = first[first[host]]
            host = first[host]
        return host

    for one, two in pairs:
        if not (one in told and two in told and told[one] != told[two]):
            a, b = sorted((root(one), root(two)))
            first[b] = a
    return {host: told.get(host) or root(host) for host in hosts}

"""What the diagnosis looks at: the frames and rules of one run, prepared once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from logcorr.coverage.kinds import SourceKinds, find_kinds
from logcorr.dataclass import dataclass
from logcorr.diagnosis.darkness import DARKNESS, find_darkness
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.lines import Columns
from logcorr.diagnosis.losses import LOSSES, find_losses
from logcorr.rulebook.globs import matching
from logcorr.rulebook.models import Cause, Event, Rulebook
from logcorr.schema import TIMELINE, Timeline
from logcorr.times.micros import Bools, Ints

#: Layers of causes that lie between machines: any machine's log may show them.
SHARED_LAYERS = ("path", "tailnet")

#: The kind of source that is a router's own log: what its kernel says is said of the router, not of a host.
ROUTER = "router"

#: Interfaces that containers and bridges make and drop all day; their link state says nothing about connectivity.
#: Docker names a bridge by 12 digits of its network's id, Proxmox VE a guest's tap by its number, OpenStack by a port.
EPHEMERAL_INTERFACE = (
    r"^(veth|br-[0-9a-f]{12}$|docker|virbr|vnet|tap\d+i\d|tap[0-9a-f]{8}-|cali|flannel|cni|lxc|lxd|ifb|dummy|lo$)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One run. ``events`` is schema.EVENTS with ``role``, ``impact`` (see weights.IMPACT) and ``limited`` added, in
    timeline order. Its dozens of fields are fetched for the few rows that are wanted, found in ``brief``.
    """

    timeline: Timeline
    events: pl.DataFrame
    matches: pl.DataFrame
    rules: Rulebook
    kinds: SourceKinds  # what kinds of source were there, and when
    machines: frozenset[str]  # hosts that a log of their own speaks for
    set_clocks: frozenset[str]  # hosts whose clock could be related to others'
    routers: frozenset[str]  # hosts that a router's log speaks for
    brief: pl.DataFrame  # the events without ``fields``; ``place``: row in ``events``; ``unverified``: by origin
    places: Mapping[str, Ints]  # rows of ``events`` by event name
    members: frozenset[str]  # the fields that events may have
    believed: Bools  # which rows of ``brief`` nothing contradicts
    lasting: Bools  # those of them that are not of links that come and go with containers
    explains: Mapping[str, tuple[str, ...]]  # by cause: the events (globs) that it may explain
    darkness: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DARKNESS))  # when machines were off
    losses: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LOSSES))  # what was gone, and how long
    _found: dict[tuple[str, ...], Ints] = field(default_factory=dict)  # rows by names looked for
    _mentioned: dict[str, bool] = field(default_factory=dict)  # kinds of source that were looked for
    _columns: list[Columns] = field(default_factory=list)  # once they were asked for
    _fields: list[pl.DataFrame] = field(default_factory=list)  # those of ``events`` as columns, once asked for
    _told: dict[int, dict[str, Any]] = field(default_factory=dict)  # rows that were fetched with their fields

    @property
    def columns(self) -> Columns:
        """``brief`` as arrays."""
        if not self._columns:
            self._columns.append(Columns.of(self.brief, self.places, self.timeline.spans["host"]))
        return self._columns[0]

    def named(self, names: str | tuple[str, ...]) -> pl.DataFrame:
        """The events that can be believed, without their fields, whose name is one of ``names`` (globs allowed)."""
        return self.claimed(names, self.believed)

    def claimed(self, names: str | tuple[str, ...], which: Bools | None = None) -> pl.DataFrame:
        """The same with those that cannot be believed, which are shown and weigh nothing.

        ``which`` rows of ``brief`` are meant, if not all.
        """
        found = self.rows_of(names, which)
        return self.brief[found] if found.size else self.brief.clear()

    def rows_of(self, names: str | tuple[str, ...], which: Bools | None = None) -> Ints:
        """The same, as rows of ``brief``."""
        wanted = (names,) if isinstance(names, str) else names
        found = self._found.get(wanted)
        if found is None:
            rows = [self.places[name] for name in matching(self.places, wanted)]
            found = self._found[wanted] = np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)
        return found if which is None or not found.size else found[which[found]]

    def of(self, records: Iterable[int]) -> pl.DataFrame:
        """The events, without their fields, of some records (timeline ids)."""
        return self.brief[self.at(records)]

    def at(self, records: Iterable[int]) -> Ints:
        """The rows of ``brief`` of some records."""
        return _places_of(self.brief["id"], records)

    def told(self, rows: Ints) -> list[dict[str, Any]]:
        """Rows of ``brief`` by name, with the ``fields`` that they have. Few are wanted, the same again and again."""
        wanted = rows.tolist()
        new = np.array([row for row in dict.fromkeys(wanted) if row not in self._told], dtype=np.int64)
        if new.size:
            names, values = self._members.columns, self._members[new].rows() if self.members else [()] * new.size
            for row, brief, fields in zip(new.tolist(), self.brief[new].rows(named=True), values, strict=True):
                known = {name: value for name, value in zip(names, fields, strict=True) if value is not None}
                self._told[row] = {**brief, "fields": known}
        return [self._told[row] for row in wanted]

    @property
    def _members(self) -> pl.DataFrame:
        """The fields of all events, each as a column."""
        if not self._fields:
            given = self.members and self.events["fields"].struct.unnest()
            self._fields.append(given if isinstance(given, pl.DataFrame) else pl.DataFrame())
        return self._fields[0]

    def messages(self, records: Iterable[int]) -> dict[int, str | None]:
        """The messages of some records (timeline ids)."""
        return dict(self.records(records, ("id", "message")).rows())

    def with_fields(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of ``brief`` with their fields."""
        if "fields" not in self.events.columns:
            return rows
        return rows.hstack([self.events["fields"][rows["place"]]])

    def with_members(self, rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
        """Rows of ``brief`` with some of their fields, each as a column; a name that is no field is left out."""
        wanted = [name for name in names if name in self.members]
        return rows.with_columns(self._members.select(wanted)[rows["place"]]) if wanted else rows

    def records(self, records: Iterable[int], columns: Sequence[str] = tuple(TIMELINE)) -> pl.DataFrame:
        """Some records (timeline ids) with some columns of schema.TIMELINE."""
        return self.timeline.rows(_places_of(self.timeline.frame["id"], records), columns)

    def title(self, kind: str) -> str:
        """What the report calls a kind of source."""
        known = self.rules.sources.get(kind)
        return known.title if known else kind

    def in_use(self, kind: str) -> bool:
        """Whether what writes a kind of source may be there: where the rules say how it is mentioned, whether it is."""
        known = self.rules.sources.get(kind)
        if known is None or known.mentioned is None:
            return True
        if kind not in self._mentioned:
            said = pl.col("message").str.contains(known.mentioned).any()
            self._mentioned[kind] = any(part.select(said).item() for part in self.timeline.slices(["message"]))
        return self._mentioned[kind]

    def sees(
        self,
        kind: str,
        cause: Cause,
        hosts: tuple[str, ...],
        since: datetime,
        until: datetime,
        sources: Iterable[int] | None = None,
    ) -> bool:
        """Whether a source of ``kind`` was observed all the time between the two, where ``cause`` would show.

        A cause below the path sits on one machine, so the log must be that machine's: on each of ``hosts``.
        ``sources``: those whose lines date the two times; None: whatever clock does.
        """
        known = self.rules.sources.get(kind)
        local = cause.layer not in SHARED_LAYERS and (known is None or known.scope == "host")
        return self.kinds.is_seen(kind, since, until, sources, hosts if local else ())


def _places_of(ids: pl.Series, records: Iterable[int]) -> Ints:
    """Where in ``ids`` (ascending, each once or several times in a row) the records are."""
    given = records if isinstance(records, np.ndarray) else np.fromiter(records, dtype=np.int64)
    sought = np.unique(given)
    known = ids.to_numpy()
    start = np.searchsorted(known, sought.astype(known.dtype), "left")
    count = np.searchsorted(known, sought.astype(known.dtype), "right") - start
    return np.repeat(start + count - count.cumsum(), count) + np.arange(count.sum())


def set_scene(timeline: Timeline, events: pl.DataFrame, matches: pl.DataFrame, rules: Rulebook) -> Scene:
    """Add what the rules say about each event, and find which kinds of source were there, and when."""
    traits = pl.DataFrame(
        [
            (name, event.role, weights.IMPACT[event.impact], event.rate_limited)
            for name, event in _events(rules).items()
        ],
        schema={"event": pl.String, "role": pl.String, "impact": pl.Int64, "limited": pl.Boolean},
        orient="row",
    )
    rich = events.join(traits, on="event", how="left", maintain_order="left").with_columns(
        pl.col("role").fill_null("context"), pl.col("impact").fill_null(0), pl.col("limited").fill_null(value=False)
    )
    kinds = find_kinds(timeline, events, rules)
    own = {kind.id for kind in rules.sources.values() if kind.scope == "host"}
    machines = {host for kind in own & kinds.given for host in kinds.seen[kind] if host is not None}
    told = _without_ephemeral(rich)
    brief = told.drop("fields", strict=False).with_row_index("place")
    brief = brief.with_columns(unverified=pl.col("id").is_in(_unverified(timeline).implode()))
    by_name = brief.select("event", at=pl.int_range(pl.len())).group_by("event").agg("at")
    believed = brief["trusted"].fill_null(value=True).to_numpy()
    scene = Scene(
        timeline=timeline,
        events=told,
        matches=matches,
        rules=rules,
        kinds=kinds,
        machines=frozenset(machines),
        set_clocks=_set_clocks(timeline),
        routers=frozenset(host for host in kinds.seen.get(ROUTER, {}) if host is not None),
        brief=brief,
        places={name: rows.to_numpy() for name, rows in zip(by_name["event"], by_name["at"], strict=True)},
        members=_members(told),
        believed=believed,
        lasting=believed & ~brief["ephemeral"].to_numpy(),
        explains={name: rules.explained_events(cause) for name, cause in rules.causes.items()},
    )
    scene = replace(scene, darkness=find_darkness(scene))
    return replace(scene, losses=find_losses(scene))


def _set_clocks(timeline: Timeline) -> frozenset[str]:
    """Hosts of which the timeline says how far their clock is off, or that it agrees with another's."""
    return frozenset(
        item.host
        for item in timeline.inputs
        if item.host and (item.skew_s is not None or (item.skew_from or "not").split()[0] != "not")
    )


def _events(rules: Rulebook) -> dict[str, Event]:
    """One definition for each event name; where programs differ in impact, the gravest."""
    merged: dict[str, Event] = {}
    for file in rules.events:
        for name, event in file.events.items():
            known = merged.get(name)
            if known is None or weights.IMPACT[event.impact] > weights.IMPACT[known.impact]:
                merged[name] = event
    return merged


def _without_ephemeral(events: pl.DataFrame) -> pl.DataFrame:
    """Mark what is said of interfaces that come and go with containers, and take its impact away."""
    if "interface" not in _members(events):
        return events.with_columns(ephemeral=pl.lit(value=False))
    ephemeral = pl.col("fields").struct.field("interface").str.contains(EPHEMERAL_INTERFACE).fill_null(value=False)
    marked = events.with_columns(ephemeral=ephemeral)
    return marked.with_columns(impact=pl.when("ephemeral").then(0).otherwise(pl.col("impact")))


def _members(events: pl.DataFrame) -> frozenset[str]:
    kept = events.schema.get("fields")
    return frozenset(member.name for member in kept.fields) if isinstance(kept, pl.Struct) else frozenset()


def _unverified(timeline: Timeline) -> pl.Series:
    """The records whose sender journald could not look at any more."""
    return timeline.frame.filter(pl.col("origin").is_in(["unverified", "quoted"]))["id"]

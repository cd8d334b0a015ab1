"""Where in the window something went wrong, before any cause is asked for.

What suffered, what was lost and what proves a fault by itself is put into groups that belong together (``groups``); the
openings (``openings``) tell which of them are incidents. An incident lasts until what was lost is back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import polars as pl

from logcorr.diagnosis.groups import group_rows
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.openings import OPENINGS, Field, Opened
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import Sites, find_sites
from logcorr.diagnosis.traces import find_traces
from logcorr.model import Recurrence


@dataclass(frozen=True, slots=True)
class Incident:
    """One stretch in which connectivity suffered. ``symptoms``: one row a record in order of time: id, event, host,
    program, role, time, time_lo, time_hi, impact, source, and what groups.ROWS adds.
    """

    start: datetime
    end: datetime
    weight: int
    symptoms: pl.DataFrame
    ongoing: bool
    openings: tuple[str, ...] = ("burst",)
    recurrence: Recurrence | None = None
    site: str | None = None  # as the user names it
    strangers: frozenset[str] = frozenset()  # hosts that have no part in it: those of other incidents of the same time
    doubtful: tuple[str, ...] = ()  # hosts of which the logs do not say whether they have a part in it
    sites: Sites = field(default_factory=Sites)  # which machines of the run belong together
    _hosts: list[tuple[str, ...]] = field(default_factory=list)  # once they were asked for

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that noticed, most affected first."""
        if not self._hosts:
            counts = Counter(self.symptoms["host"].drop_nulls())
            self._hosts.append(tuple(sorted(counts, key=lambda host: (-counts[host], host))))
        return self._hosts[0]

    @property
    def opening(self) -> str:
        """What opened it first, in the order of ``OPENINGS``."""
        return self.openings[0]


@dataclass(slots=True, eq=False)
class _Draft:
    """An incident that is put together from what opened it."""

    groups: set[int]
    openings: list[str] = field(default_factory=list)
    weight: int = 0
    recurrence: Recurrence | None = None
    rows: list[pl.DataFrame] = field(default_factory=list)


def find_incidents(scene: Scene, given: Mapping[str, Sequence[str]] | None = None) -> tuple[Incident, ...]:
    """All incidents of the run, gravest first. ``given``: the user's sites, each with its hosts."""
    sites = find_sites(scene, given)
    grouped = group_rows(find_traces(scene), scene, sites)
    rows, strays = grouped.filter(~pl.col("stray")), grouped.filter("stray")
    opened: tuple[Opened, ...] = ()
    for opening in OPENINGS:
        opened += tuple(opening(Field(scene, rows, strays, opened)))
    parts = {group: part for (group,), part in rows.group_by("group", maintain_order=True)}
    found = [_incident(draft, parts, scene, sites) for draft in _drafts(opened)]
    return _apart(sorted(found, key=_gravest))


def _gravest(item: Incident) -> tuple[int, bool, datetime]:
    """Of two that are as grave, the one first of which several lines report the fault itself and not what suffers."""
    return (-item.weight, (item.symptoms["role"] == "cause").sum() < weights.SEVERAL, item.start)


def _drafts(opened: Iterable[Opened]) -> list[_Draft]:
    """What is opened in several ways is one incident; what comes again and again takes its episodes in."""
    drafts: dict[int, _Draft] = {}  # by their number, in the order in which they were opened
    numbers: dict[int, int] = {}  # of the draft that a group is part of
    for number, item in enumerate(opened):
        mine = sorted({numbers[group] for group in item.groups if group in numbers})
        draft = drafts.setdefault(mine[0] if mine else number, _Draft(set()))
        for other in (drafts.pop(each) for each in mine[1:]):
            draft.openings += [name for name in other.openings if name not in draft.openings]
            draft.groups |= other.groups
            draft.weight = max(draft.weight, other.weight)
            draft.recurrence = draft.recurrence or other.recurrence
            draft.rows += other.rows
        draft.groups |= set(item.groups)
        draft.openings += [item.opening] if item.opening not in draft.openings else []
        draft.weight = max(draft.weight, item.weight)
        draft.recurrence = draft.recurrence or item.recurrence
        draft.rows += [] if item.rows is None else [item.rows]
        numbers |= dict.fromkeys(draft.groups if mine[1:] else item.groups, mine[0] if mine else number)
    return list(drafts.values())


def _incident(draft: _Draft, parts: Mapping[object, pl.DataFrame], scene: Scene, sites: Sites) -> Incident:
    grouped = [parts[group] for group in sorted(draft.groups) if group in parts]
    own = pl.concat([*grouped, *draft.rows], how="diagonal").unique("id", keep="first").sort("time", "id")
    start: datetime = own["time"].min()  # type: ignore[assignment]  # a datetime column, not empty
    end: datetime = own.select(pl.max_horizontal("time", _until(own)).max()).item()
    hosts = own["host"].drop_nulls().unique().to_list()
    named = {sites.given[host] for host in hosts if host in sites.given}
    open_to_doubt = own.filter(pl.col("doubtful").fill_null(value=False)) if "doubtful" in own.columns else own.clear()
    return Incident(
        start=_dark_since(own, start, scene),
        end=end,
        weight=draft.weight,
        symptoms=own.drop("group", "doubtful", "stray", strict=False),
        ongoing=_still_going(own, scene),
        openings=tuple(draft.openings),
        recurrence=draft.recurrence,
        site=named.pop() if len(named) == 1 else None,
        doubtful=tuple(open_to_doubt["host"].drop_nulls().unique().sort()),
        sites=sites,
    )


def _until(own: pl.DataFrame) -> pl.Expr:
    """Until when a row's loss lasted; a spare's does not count where all of them were lost, and some are back."""
    whole = bool((own["lost"].is_not_null() & ~own["spare"].fill_null(value=False)).any())
    return pl.when(pl.col("spare") & pl.col("open") & whole).then("time").otherwise("until")


def _dark_since(own: pl.DataFrame, start: datetime, scene: Scene) -> datetime:
    """A darkness has begun when the machine misses its next record; its end is the first line that tells of it."""
    dark = scene.darkness.drop_nulls("due").explode("rows").filter(pl.col("rows").is_in(own["id"].implode()))
    begun: datetime | None = dark["due"].min()  # type: ignore[assignment]  # a datetime column
    return min([start, *([begun] if begun else []), *_stalled_since(own, scene)])


def _stalled_since(own: pl.DataFrame, scene: Scene) -> list[datetime]:
    """When the stalls began of which the kernel tells how long they have lasted: a task is blocked for 120 s before
    its first line (hung_task_timeout_secs, kernel/hung_task.c).
    """
    stalls = scene.named(("host.stalled",)).filter(pl.col("id").is_in(own["id"].implode()))
    told = scene.with_members(stalls, ("seconds",))
    if "seconds" not in told.columns:
        return []
    return told.select(pl.col("time") - pl.duration(seconds=pl.col("seconds"))).to_series().drop_nulls().to_list()


def _still_going(own: pl.DataFrame, scene: Scene) -> bool:
    """Whether something lost is not back when the logs end; where nothing was lost, whether it fails until then.

    Of what was lost on a machine whose log ends while it goes on elsewhere, the other logs have the last word.
    """
    told = own.filter(pl.col("lost").is_not_null())
    whole = told.filter(~pl.col("spare").fill_null(value=False))
    told = whole if whole.height else told
    last: datetime = own["time"].max()  # type: ignore[assignment]  # a datetime column, not empty
    if told.select((pl.col("open") & (pl.col("until") >= last - weights.STILL_GOING)).any()).item():
        return True
    back: datetime | None = told["until"].max()  # type: ignore[assignment]  # a datetime column
    if back is not None and back >= last:
        return False
    final: datetime = scene.timeline.frame["time"].max()  # type: ignore[assignment]  # a datetime column, not empty
    return final - last <= weights.STILL_GOING


def _apart(found: list[Incident]) -> tuple[Incident, ...]:
    """Each incident with the hosts of the others of its time: what they log is no part of it."""
    near = timedelta(seconds=weights.INCIDENT_GAP)
    strangers: list[set[str]] = [set() for _ in found]
    hosts = [set(item.hosts) for item in found]
    running: list[int] = []
    for number in sorted(range(len(found)), key=lambda each: found[each].start):
        running = [other for other in running if found[other].end + near >= found[number].start]
        for other in running:
            strangers[number] |= hosts[other] - hosts[number]
            strangers[other] |= hosts[number] - hosts[other]
        running.append(number)
    return tuple(replace(item, strangers=frozenset(theirs)) for item, theirs in zip(found, strangers, strict=True))

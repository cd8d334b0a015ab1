"""Where in the window something went wrong, before any cause is asked for.

What suffered, what was lost and what proves a fault by itself is put into groups that belong together (``groups``); the
openings (``openings``) tell which of them are incidents. An incident lasts until what was lost is back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.groups import group_rows
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.losses import unanswered
from logcorr.diagnosis.openings import OPENINGS, Field, Opened
from logcorr.diagnosis.scene import Scene
from logcorr.diagnosis.sites import Sites, find_sites
from logcorr.diagnosis.traces import find_traces
from logcorr.model import Recurrence
from logcorr.times.micros import SECOND, Ints, to_micros


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """All incidents of a run: when each begins and ends (µs), and its hosts."""

    start: Ints
    end: Ints
    hosts: tuple[tuple[str, ...], ...]


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
    run: Run | None = None  # all incidents of the run
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
    def strangers(self) -> frozenset[str]:
        """The hosts that have no part in it: those of other incidents of its time. What they log is no part of it."""
        if self.run is None:
            return frozenset()
        start, end, near = to_micros(self.start), to_micros(self.end), int(weights.INCIDENT_GAP * SECOND)
        beside = np.flatnonzero((self.run.start <= end + near) & (self.run.end + near >= start))
        return frozenset().union(*(self.run.hosts[number] for number in beside)) - set(self.hosts)

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
    found = _incidents(_drafts(opened), rows, scene, sites)
    return _together(sorted(found, key=_gravest))


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


def _incidents(drafts: Sequence[_Draft], rows: pl.DataFrame, scene: Scene, sites: Sites) -> list[Incident]:
    """The incidents that the drafts become."""
    if not drafts:
        return []
    numbered = [(number, group) for number, draft in enumerate(drafts) for group in draft.groups]
    into = pl.DataFrame(numbered, schema={"draft": pl.UInt32, "group": rows.schema["group"]}, orient="row")
    alone = [part.with_columns(draft=pl.lit(n, pl.UInt32)) for n, draft in enumerate(drafts) for part in draft.rows]
    own = pl.concat([rows.join(into, on="group", how="inner"), *alone], how="diagonal")
    own = own.unique(["draft", "id"], keep="first", maintain_order=True).sort("draft", "time", "id")
    told = own.join(_begun(scene), on="id", how="left", maintain_order="left").group_by("draft").agg(*_extent())
    parts = own.drop("group", "doubtful", "stray").partition_by("draft", as_dict=True, include_key=False)
    final: datetime = scene.timeline.frame["time"].max()  # type: ignore[assignment]  # a datetime column, not empty
    return [
        _incident(drafts[each["draft"]], each, parts[each["draft"],], final, sites)
        for each in told.sort("draft").rows(named=True)
    ]


def _incident(draft: _Draft, told: Mapping[str, Any], own: pl.DataFrame, final: datetime, sites: Sites) -> Incident:
    named = {sites.given[host] for host in told["hosts"] if host in sites.given} if sites.given else set()
    return Incident(
        start=min(told["start"], told["begun"] or told["start"]),
        end=told["end"],
        weight=draft.weight,
        symptoms=own,
        ongoing=_still_going(told, final),
        openings=tuple(draft.openings),
        recurrence=draft.recurrence,
        site=named.pop() if len(named) == 1 else None,
        doubtful=tuple(told["doubted"]),
        sites=sites,
    )


def _extent() -> tuple[pl.Expr, ...]:
    """What its rows say of an incident: a spare's loss does not prolong it where all were lost, and some are back."""
    spare = pl.col("spare").fill_null(value=False)
    lost, hosts = pl.col("lost").is_not_null(), pl.col("host").drop_nulls().unique()
    whole = lost & ~spare
    until = pl.when(spare & pl.col("open") & whole.any()).then("time").otherwise("until")
    lasting = whole | (lost & ~whole.any())
    until_the_end = pl.col("until") >= pl.col("time").max() - weights.STILL_GOING
    return (
        pl.col("time").min().alias("start"),
        pl.col("begun").min(),
        pl.max_horizontal("time", until).max().alias("end"),
        pl.col("time").max().alias("last"),
        pl.col("until").filter(lasting).max().alias("back"),
        (pl.col("open") & lasting & until_the_end).fill_null(value=False).any().alias("open"),
        hosts.alias("hosts"),
        pl.col("host").filter(pl.col("doubtful").fill_null(value=False)).drop_nulls().unique().sort().alias("doubted"),
    )


def _begun(scene: Scene) -> pl.DataFrame:
    """When what some records tell had begun before (``id``, ``begun``): a darkness, when the machine missed its next
    record; a stall of which the kernel says how long it lasts: a task is blocked for 120 s before its first line
    (hung_task_timeout_secs, kernel/hung_task.c); a loss, with the first request that nothing answered.
    """
    dark = scene.darkness.drop_nulls("due").explode("rows").select(id="rows", begun="due")
    dark = pl.concat([dark, unanswered(scene).cast(dark.schema)])
    stalls = scene.with_members(scene.named(("host.stalled",)), ("seconds",))
    if "seconds" in stalls.columns:
        lasted = stalls.select("id", begun=pl.col("time") - pl.duration(seconds=pl.col("seconds")))
        dark = pl.concat([dark, lasted.drop_nulls().cast(dark.schema)])
    return dark.drop_nulls("id").group_by("id").agg(pl.col("begun").min())


def _still_going(told: Mapping[str, Any], final: datetime) -> bool:
    """Whether something lost is not back when the logs end; where nothing was lost, whether it fails until then.

    Of what was lost on a machine whose log ends while it goes on elsewhere, the other logs have the last word.
    """
    if told["open"]:
        return True
    if told["back"] is not None and told["back"] >= told["last"]:
        return False
    return bool(final - told["last"] <= weights.STILL_GOING)


def _together(found: list[Incident]) -> tuple[Incident, ...]:
    """Each incident with what all of them lasted, and their hosts."""
    start = np.array([to_micros(item.start) for item in found], np.int64)
    end = np.array([to_micros(item.end) for item in found], np.int64)
    run = Run(start, end, tuple(item.hosts for item in found))
    return tuple(replace(item, run=run) for item in found)

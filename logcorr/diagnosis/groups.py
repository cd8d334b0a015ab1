"""Which signs of trouble belong together: near in time, on one machine or on machines that belong together.

First by place and time, then over places: machines that are linked are one incident if they are near in time. Where the
logs do not say whether two machines belong together, what a fault of one site (its uplink, a relay) explains on the
other is told as one, and so are symptoms that begin together and have no fault of their own beside them; two machines
that each show a fault of their own are two incidents, unless it is the same fault of what all sites share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.scene import SHARED_LAYERS, Scene
from logcorr.diagnosis.sites import Sites
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Cause

#: A row of a group, beside what an event says of itself. ``until``: the end of the loss that it tells, else its time.
#: ``open``: that loss is not made good. ``lost``: its kind. ``lasted``: its seconds, as far as they count. ``trigger``:
#: the line is proof by itself. ``pattern``: it belongs to a pattern of more than low severity.
#: ``spare``: another carries the traffic while this is gone.
ROWS: Final = (
    "id", "event", "host", "program", "role", "time", "time_lo", "time_hi", "impact", "source",
    "until", "open", "lost", "object", "lasted", "trigger", "pattern", "spare",
)  # fmt: skip

#: The classes of symptoms that tell of the machine at the other end, and of a service there.
_OF_A_PEER: Final = ("to-one-peer", "to-one-service")
_NONE: Final = timedelta(0)


def group_rows(rows: pl.DataFrame, scene: Scene, sites: Sites) -> pl.DataFrame:
    """The rows (ROWS) with ``group``, the number of the group that each belongs to, by group and time.

    Also ``doubtful``: whether the logs leave open that the row's machine belongs to the group; and ``stray``: whether
    the row stands too far off to be part of it.
    """
    placed = _with_place(rows, sites)
    if rows.is_empty():
        nothing = pl.lit(value=False)
        return placed.with_columns(group=pl.lit(0, pl.UInt32), doubtful=nothing, stray=nothing).drop("place")
    awake = _awake(placed, scene).sort("place", "time", "id")
    before = pl.max_horizontal("until", "time").cum_max().shift(1).over("place")
    slept = (pl.col("awake") - pl.col("time")).diff().over("place").fill_null(_NONE)  # never positive
    gap = pl.col("time") - before + pl.min_horizontal(slept, pl.lit(_NONE))
    apart = (gap > timedelta(seconds=weights.INCIDENT_GAP)).fill_null(value=True)
    numbered = awake.with_columns(group=apart.cum_sum().cast(pl.UInt32))
    if numbered["place"].n_unique() > 1:
        numbered = (
            numbered.join(_over_places(numbered, scene, sites), on="group").drop("group").rename({"into": "group"})
        )
    else:
        numbered = numbered.with_columns(doubtful=pl.lit(value=False))
    return _with_strays(numbered.drop("place", "awake").sort("group", "time", "id"))


def _with_place(rows: pl.DataFrame, sites: Sites) -> pl.DataFrame:
    return rows.with_columns(place=pl.col("host").fill_null("").replace(dict(sites.site_of)))


def _awake(rows: pl.DataFrame, scene: Scene) -> pl.DataFrame:
    """``awake``: the time less what the row's machine was off or asleep before it."""
    dark = scene.darkness.drop_nulls("start").sort("end")
    slept = dark.select("host", "end", slept=(pl.col("end") - pl.col("start")).cum_sum().over("host")).rename(
        {"end": "at"}
    )
    joined = rows.with_columns(at="time").sort("at").join_asof(slept, on="at", by="host", check_sortedness=False)
    return joined.with_columns(awake=pl.col("time") - pl.col("slept").fill_null(_NONE)).drop("at", "slept")


def _with_strays(rows: pl.DataFrame) -> pl.DataFrame:
    """``stray``: what stands alone before or after a group is no part of it, unless it is grave by itself."""
    near = timedelta(seconds=weights.STRAY)
    reach = pl.max_horizontal("until", "time").cum_max().shift(1).over("group")
    close = ((pl.col("time") - reach) <= near).fill_null(value=False)
    grave = (
        (pl.col("impact") >= weights.IMPACT["outage"]) | pl.col("trigger") | pl.col("pattern") | (pl.col("lasted") > 0)
    )
    kept = grave | close | close.shift(-1).over("group").fill_null(value=False)
    at = pl.int_range(pl.len()).over("group")
    marked = rows.with_columns(kept=kept, at=at)
    first, last = (getattr(pl.col("at").filter("kept"), end)().over("group") for end in ("min", "max"))
    inside = pl.col("at").is_between(first, last).fill_null(value=False)
    return marked.with_columns(stray=~inside).drop("kept", "at")


# --- over places --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A group of one place: what it shows of its own, and from when to when."""

    number: int
    start: datetime
    end: datetime
    hosts: tuple[str, ...]
    faults: tuple[str, ...]  # events that show a fault of its own
    onset: datetime  # of that fault, else of the symptoms
    symptoms: tuple[str, ...]
    things: tuple[str, ...]  # what was lost


def _over_places(rows: pl.DataFrame, scene: Scene, sites: Sites) -> pl.DataFrame:
    """``group``, the group ``into`` which it goes, and whether that is ``doubtful``."""
    parts = _parts(rows, scene)
    parent = {part.number: part.number for part in parts}

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    unsaid: list[tuple[_Part, _Part]] = []
    for one, two in _near(parts):
        related = sites.related(one.hosts, two.hosts)
        if related:
            parent[max(root(one.number), root(two.number))] = min(root(one.number), root(two.number))
        elif related is None:
            unsaid.append((one, two))
    doubtful = set()
    for one, two in _doubtful(unsaid, scene):
        a, b = root(one.number), root(two.number)
        if a != b:
            parent[max(a, b)] = min(a, b)
            doubtful.add(two.number)
    told = [(part.number, root(part.number), part.number in doubtful) for part in parts]
    return pl.DataFrame(told, schema={"group": pl.UInt32, "into": pl.UInt32, "doubtful": pl.Boolean}, orient="row")


def _parts(rows: pl.DataFrame, scene: Scene) -> list[_Part]:
    watched = [kind.id for kind in scene.rules.states.values() if kind.watched]
    own = ~pl.col("lost").is_in(watched).fill_null(value=False)
    long = own & (pl.col("lasted") >= weights.INCIDENT_WEIGHT * weights.LOOKUP)
    fault = pl.col("trigger") | long
    summed = rows.group_by("group").agg(
        start=pl.col("time").min(),
        end=pl.max_horizontal("until", "time").max(),
        hosts=pl.col("host").drop_nulls().unique().sort(),
        faults=pl.col("event").filter(fault).unique().sort(),
        onset=pl.col("time").filter(fault).min(),
        symptoms=pl.col("event").filter(pl.col("role") == "symptom"),
        things=pl.col("object").drop_nulls().unique().sort(),
    )
    filled = summed.with_columns(pl.col("onset").fill_null(pl.col("start"))).sort("start", "group")
    columns = ("group", "start", "end", "hosts", "faults", "onset", "symptoms", "things")
    return [
        _Part(number, start, end, tuple(hosts), tuple(faults), onset, tuple(symptoms), tuple(things))
        for number, start, end, hosts, faults, onset, symptoms, things in filled.select(columns).rows()
    ]


def _near(parts: Sequence[_Part]) -> Iterator[tuple[_Part, _Part]]:
    """Pairs of parts of which the one begins before the other has been over for long."""
    slack = timedelta(seconds=weights.INCIDENT_GAP)
    running: list[_Part] = []
    for part in parts:
        running = [other for other in running if other.end + slack >= part.start]
        yield from ((other, part) for other in running)
        running.append(part)


def _doubtful(pairs: list[tuple[_Part, _Part]], scene: Scene) -> Iterable[tuple[_Part, _Part]]:
    """Of parts whose machines are not known to belong together, those that are told as one."""
    best: dict[int, tuple[tuple[bool, float], _Part, _Part]] = {}
    for pair in pairs:
        for fault, other in (pair, pair[::-1]):
            if not fault.faults or other.faults:
                continue
            shared, explained = _accounts_for(fault, other, scene)
            if explained:
                rank = (not shared, abs((fault.onset - other.onset).total_seconds()))
                known = best.get(other.number)
                best[other.number] = (
                    min(known, (rank, fault, other), key=lambda each: each[0]) if known else (rank, fault, other)
                )
    yield from ((fault, other) for _, fault, other in best.values())
    near = timedelta(seconds=weights.STRAY)
    wide = _of_every_site(scene)
    for one, two in pairs:
        if abs((one.onset - two.onset).total_seconds()) <= weights.SAME_MOMENT and _brings_about(one, two, scene):
            yield one, two
        if set(one.faults) & set(two.faults) & wide and abs(one.onset - two.onset) <= near:
            yield one, two
        free = not (one.faults or two.faults or one.number in best or two.number in best)
        if free and abs(one.start - two.start) <= near:
            yield one, two


def _of_every_site(scene: Scene) -> set[str]:
    """Events that report a fault of what all sites share: the coordination server, the relays."""
    causes = [cause for cause in scene.rules.causes.values() if cause.layer == "tailnet"]
    named = [sign.event for cause in causes for sign in cause.evidence if sign.event is not None]
    return {name for names in named for name in ((names,) if isinstance(names, str) else names)}


def _accounts_for(fault: _Part, other: _Part, scene: Scene) -> tuple[bool, bool]:
    """Whether machines elsewhere suffer from such a fault at all, and whether it explains most of what they suffer.

    Of a fault of one machine others see no more than that this machine does not answer, or a service of it.
    """
    causes = _causes(fault, scene)
    late = max((cause.noticed_within for cause in causes), default=0.0) + weights.CLOCK_DOUBT
    timely = -late <= (other.onset - fault.onset).total_seconds() <= weights.STRAY
    shared = any(cause.layer in SHARED_LAYERS for cause in causes)
    served = [
        each.id
        for each in scene.rules.symptoms.values()
        if each.served_by and any(re.match(each.served_by, thing) for thing in fault.things)
    ]
    peers = _events_of((*_OF_A_PEER, *served), scene)
    told = [name for name in other.symptoms if shared or glob_matches(name, peers)]
    globs = {glob for cause in causes for glob in scene.rules.explained_events(cause)}
    explained = [name for name in told if glob_matches(name, globs)]
    return shared, timely and len(explained) >= max(1.0, weights.EXPLAINED * len(other.symptoms))


def _causes(part: _Part, scene: Scene) -> list[Cause]:
    """The causes of which a part's faults are strong signs."""
    grave = ("strong", "decisive")
    return [
        cause
        for cause in scene.rules.causes.values()
        if any(_names(sign.event, part.faults) for sign in cause.evidence if sign.strength in grave)
    ]


def _brings_about(one: _Part, two: _Part, scene: Scene) -> bool:
    """Whether a fault of either names the other's as its consequence: a port that is shut, and the link behind it."""
    first, second = ([each for each in _causes(part, scene) if each.layer == "physical"] for part in (one, two))
    named = ({name for cause in each for name in cause.brings_about} for each in (first, second))
    others = ({cause.id for cause in each} for each in (second, first))
    return any(names & ids for names, ids in zip(named, others, strict=True))


def _events_of(classes: tuple[str, ...], scene: Scene) -> set[str]:
    """The globs of the events of some classes of symptoms."""
    parts = [part for each in scene.rules.classes_in(classes) for part in each.events]
    named = [part if isinstance(part, str) else part.event for part in parts]
    return {glob for names in named for glob in ((names,) if isinstance(names, str) else names)}


def _names(event: str | tuple[str, ...] | None, names: Iterable[str]) -> bool:
    return any(glob_matches(name, event or ()) for name in names)

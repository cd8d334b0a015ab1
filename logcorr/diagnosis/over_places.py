"""Which groups of signs of trouble belong together although they come from different places.

Machines that are linked are one incident if they are near in time. Where the logs do not say whether two machines
belong together, what a fault of one site (its uplink, a relay) explains on the other is told as one, and so are
symptoms that begin together and have no fault of their own beside them; two machines that each show a fault of their
own are two incidents, unless it is the same fault of what all sites share.

The cost is linear in machines: each group is compared with those of its kind that began last before it, and with the
faults nearest to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import OF_A_PEER
from logcorr.diagnosis.scene import SHARED_LAYERS, Scene
from logcorr.diagnosis.sites import Sites
from logcorr.rulebook.globs import glob_matches
from logcorr.rulebook.models import Cause

#: The class of what several machines on one network tell of, each for itself.
_OF_THE_WIRE: Final = ("on-the-shared-wire",)
_SLACK: Final = timedelta(seconds=weights.INCIDENT_GAP)


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


def over_places(rows: pl.DataFrame, scene: Scene, sites: Sites) -> pl.DataFrame:
    """``group``, the group ``into`` which it goes, and whether that is ``doubtful``."""
    parts = _parts(rows, scene)
    parent = {part.number: part.number for part in parts}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, two in _linked(parts, sites):
        parent[max(root(one.number), root(two.number))] = min(root(one.number), root(two.number))
    doubtful = set()

    def joined(one: _Part, two: _Part) -> bool:
        return root(one.number) == root(two.number)

    for one, two in _doubtful(parts, scene, sites, joined):
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
        symptoms=pl.col("event").filter(pl.col("role") == "symptom").sort(),
        things=pl.col("object").drop_nulls().unique().sort(),
    )
    filled = summed.with_columns(pl.col("onset").fill_null(pl.col("start"))).sort("start", "group")
    columns = ("group", "start", "end", "hosts", "faults", "onset", "symptoms", "things")
    return [
        _Part(number, start, end, tuple(hosts), tuple(faults), onset, tuple(symptoms), tuple(things))
        for number, start, end, hosts, faults, onset, symptoms, things in filled.select(columns).rows()
    ]


def _linked(parts: Sequence[_Part], sites: Sites) -> Iterator[tuple[_Part, _Part]]:
    """Pairs of parts that are near, of machines that belong together."""
    running: dict[str, _Part] = {}
    for part in parts:
        for host in part.hosts:
            others = (running[other] for other in sites.links.get(host, ()) if other in running)
            yield from (
                (one, part)
                for one in others
                if _near(one, part) and (not sites.given or sites.related(one.hosts, part.hosts))
            )
        running |= dict.fromkeys(part.hosts, part)


def _near(one: _Part, two: _Part) -> bool:
    """Whether the first, which begins first, has not been over for long when the second begins."""
    return one.end + _SLACK >= two.start


def _faults_beside(faults: Collection[int], parts: Sequence[_Part]) -> Iterator[tuple[_Part, _Part]]:
    """Pairs that are near of a part with one of the ``faults`` and one without any."""
    running: list[_Part] = []
    waiting: dict[int, tuple[_Part, int]] = {}  # without a fault, and with how many later ones it was compared
    for part in parts:
        if part.number in faults:
            for number, (other, met) in list(waiting.items()):
                if met < weights.NEIGHBOURS and _near(other, part):
                    waiting[number] = other, met + 1
                    yield part, other
                else:
                    del waiting[number]
            running = [*running[1 - weights.NEIGHBOURS :], part]
        elif not part.faults:
            running = [fault for fault in running if _near(fault, part)]
            yield from ((fault, part) for fault in running)
            waiting[part.number] = part, 0


def _alike(parts: Iterable[_Part]) -> Iterator[tuple[_Part, _Part]]:
    """Pairs of parts that are near: each with those that began last before it."""
    running: list[_Part] = []
    for part in parts:
        running = [other for other in running if _near(other, part)]
        yield from ((other, part) for other in running)
        running = [*running[1 - weights.NEIGHBOURS :], part]


def _doubtful(
    parts: Sequence[_Part], scene: Scene, sites: Sites, joined: Callable[[_Part, _Part], bool]
) -> Iterator[tuple[_Part, _Part]]:
    """Of parts whose machines are not known to belong together, those that are told as one. ``joined``: already."""
    best = _explained(parts, scene, sites)
    yield from ((fault, other) for _, fault, other in best.values())
    near = timedelta(seconds=weights.STRAY)
    free = [part for part in parts if not part.faults and part.number not in best]
    for one, two in _alike(free):
        close = abs(one.start - two.start) <= near and not joined(one, two)
        if close and sites.related(one.hosts, two.hosts) is None:
            yield one, two
    wire = _events_of(_OF_THE_WIRE, scene)
    for one, two in _alike([part for part in parts if wire & set(part.symptoms)]):
        if abs(one.start - two.start) <= near and sites.related(one.hosts, two.hosts) is None:
            yield one, two
    wide = _of_every_site(scene)
    causes = cache(lambda faults: _causes(faults, scene))
    for one, two in _alike([part for part in parts if part.faults]):
        if joined(one, two) or sites.related(one.hosts, two.hosts) is not None:
            continue
        if abs((one.onset - two.onset).total_seconds()) <= weights.SAME_MOMENT and _brings_about(one, two, causes):
            yield one, two
        if set(one.faults) & set(two.faults) & wide and abs(one.onset - two.onset) <= near:
            yield one, two


def _explained(
    parts: Sequence[_Part], scene: Scene, sites: Sites
) -> dict[int, tuple[tuple[bool, float], _Part, _Part]]:
    """The fault that best explains each part without one, with how well: what all sites share first, then by time."""
    best: dict[int, tuple[tuple[bool, float], _Part, _Part]] = {}
    reach = cache(lambda faults, things: _reach_of(faults, things, scene))
    explains = cache(lambda fault, things, symptoms: _explains(reach(fault, things), symptoms))
    faulty = {part.number: reach(part.faults, part.things).shared for part in parts if part.faults}
    for kind in (True, False):
        mine = {number for number, shared in faulty.items() if shared is kind}
        for fault, other in _faults_beside(mine, parts):
            late = reach(fault.faults, fault.things).late
            seconds = (other.onset - fault.onset).total_seconds()
            if not (-late <= seconds <= weights.STRAY and explains(fault.faults, fault.things, other.symptoms)):
                continue
            rank = (not kind, abs(seconds))
            if (other.number not in best or rank < best[other.number][0]) and (
                sites.related(fault.hosts, other.hosts) is None
            ):
                best[other.number] = rank, fault, other
    return best


def _of_every_site(scene: Scene) -> set[str]:
    """Events that report a fault of what all sites share: the coordination server, the relays."""
    causes = [cause for cause in scene.rules.causes.values() if cause.layer == "tailnet"]
    named = [sign.event for cause in causes for sign in cause.evidence if sign.event is not None]
    return {name for names in named for name in ((names,) if isinstance(names, str) else names)}


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whom a fault makes suffer elsewhere, by what they say (names or globs), and how much earlier they may notice.

    Of a fault of one machine others see no more than that this machine does not answer, or a service of it.
    """

    shared: bool  # it lies between machines
    late: float  # seconds
    seen: AbstractSet[str]  # what others may say of it at all
    explained: AbstractSet[str]


def _reach_of(faults: tuple[str, ...], things: tuple[str, ...], scene: Scene) -> _Reach:
    causes = _causes(faults, scene)
    served = [
        each.id
        for each in scene.rules.symptoms.values()
        if each.served_by and any(re.match(each.served_by, thing) for thing in things)
    ]
    return _Reach(
        shared=any(cause.layer in SHARED_LAYERS for cause in causes),
        late=max((cause.noticed_within for cause in causes), default=0.0) + weights.CLOCK_DOUBT,
        seen=_events_of((*OF_A_PEER, *served), scene),
        explained={glob for cause in causes for glob in scene.rules.explained_events(cause)},
    )


def _explains(reach: _Reach, symptoms: tuple[str, ...]) -> bool:
    """Whether a fault explains most of what machines elsewhere suffer."""
    told = [name for name in symptoms if reach.shared or glob_matches(name, reach.seen)]
    explained = [name for name in told if glob_matches(name, reach.explained)]
    return len(explained) >= max(1.0, weights.EXPLAINED * len(symptoms))


def _causes(faults: tuple[str, ...], scene: Scene) -> list[Cause]:
    """The causes of which these events are strong signs."""
    grave = ("strong", "decisive")
    return [
        cause
        for cause in scene.rules.causes.values()
        if any(_names(sign.event, faults) for sign in cause.evidence if sign.strength in grave)
    ]


def _brings_about(one: _Part, two: _Part, causes: Callable[[tuple[str, ...]], list[Cause]]) -> bool:
    """Whether a fault of either names the other's as its consequence: a port that is shut, and the link behind it."""
    first, second = ([each for each in causes(part.faults) if each.layer == "physical"] for part in (one, two))
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

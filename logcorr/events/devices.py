"""Devices that speak for the site's router: nothing in a syslog line is authenticated, so one may contradict another.

Whose word counts: of the hosts that the user declares; else of those whose own log was given, and tells of a router at
work and not of its faults alone, if there is one; else of the host that speaks as a router most. What another one
reports while they were seen decides nothing, and is told: where they report the same, their own lines prove it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.model import CoverageGap
from logcorr.rulebook.globs import any_glob, glob_matches, matching
from logcorr.rulebook.models import Rulebook, SourceKind
from logcorr.schema import Timeline

ROUTER: Final = "router"  # the kind of source, in rules/sources.yaml

_ITS_OWN: Final = ("wan.*", "router.*")  # events of the router and the uplink

_HOLE: Final = re.compile(r"\{\w+\}")  # for a field, in an event's brief

#: Within this two devices report one event: a controller was measured to pass lines on as late as 471 s after them.
_SAME: Final = timedelta(minutes=10)
#: The share of a host's lines in a source that makes it the log of a router; of a router's that tell of no fault; and
#: of what the most talkative router says that another one says too.
_OWN: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Speakers:
    """Hosts that speak as a router, and those of them whose word counts."""

    hosts: frozenset[str]
    declared: frozenset[str]  # whose word counts
    given: bool  # the user declared them
    seen: pl.DataFrame  # host, start, end: when those declared were seen


def disbelieved(
    timeline: Timeline, events: pl.DataFrame, rules: Rulebook, routers: Sequence[str] = ()
) -> tuple[pl.DataFrame, tuple[CoverageGap, ...]]:
    """``events`` with those untrusted that a device reports which is not the site's router; and what was told.

    Args:
        timeline: all records.
        events: schema.EVENTS, with or without ``fields``.
        rules: say which events tell about the site, and who speaks as a router.
        routers: globs on hosts that the user declares; none: it is told from the logs.
    """
    kind = rules.sources.get(ROUTER)
    claims = _claims(rules)
    claimed = events["event"].is_in(sorted(claims)) & events["host"].is_not_null()
    if kind is None or not claimed.any():
        return events, ()
    said = events.with_row_index("at").filter(claimed)
    said = said.filter(any_glob(said["program"].fill_null(""), kind.programs) | _is_device(timeline, said["id"]))
    known = _speakers(timeline, kind, routers, said)
    unvouched = pl.col("trusted").ne_missing(other=True)  # what journald vouches for is no stranger's
    against = said.filter(~pl.col("host").is_in(sorted(known.declared)) & unvouched)
    if not known.given:
        against = against.filter(_covered(known))
    if against.is_empty():
        return events, ()
    against = _alone(against, said.with_columns(address=_address(said, rules)), known)
    untrusted = events["trusted"].scatter(against["at"], pl.repeat(False, against.height, eager=True))
    return events.with_columns(untrusted.alias("trusted")), tuple(_told(against, known, timeline, rules))


def _claims(rules: Rulebook) -> frozenset[str]:
    """The events by which a router decides on a cause that only its log shows, and all about it and the uplink."""
    names = set(_ITS_OWN)
    for cause in rules.causes.values():
        if ROUTER not in cause.needs:
            continue
        for sign in (*cause.evidence, *cause.against):
            names |= {sign.event} if isinstance(sign.event, str) else set(sign.event or ())
        names |= set(cause.ends_with)
    known = {name for file in rules.events for name in file.events}
    return frozenset(matching(known, tuple(sorted(names))))


def _is_device(timeline: Timeline, ids: pl.Series) -> pl.Series:
    frame = timeline.frame
    place = frame["id"].search_sorted(ids)
    return (frame["origin"].gather(place) == "device").fill_null(value=False)


def _speakers(timeline: Timeline, kind: SourceKind, routers: Sequence[str], claims: pl.DataFrame) -> _Speakers:
    frame = (
        timeline.frame.lazy().select("source", "host", "program", "origin", "time").filter(pl.col("host").is_not_null())
    )
    programs = timeline.frame["program"].drop_nulls().unique()
    own = programs.filter(any_glob(programs.cast(pl.String), kind.programs))
    speaks = (pl.col("program").is_in(own.implode()) | (pl.col("origin") == "device")).fill_null(value=False)
    told = (
        frame.group_by("source", "host")
        .agg(
            said=speaks.sum(),
            lines=pl.len(),
            start=pl.col("time").min(),
            end=pl.col("time").max(),
        )
        .filter(pl.col("said") > 0)
        .collect()
        .sort("said", "host", descending=[True, False])
    )
    claimed = claims.group_by("source", "host").agg(claims=pl.col("id").n_unique())
    told = told.join(claimed, on=["source", "host"], how="left", maintain_order="left")
    hosts = told["host"].unique().sort()
    declared = {host for host in hosts if glob_matches(host, routers)} if routers else _at_work(told)
    seen = told.filter(pl.col("host").is_in(sorted(declared))).select("host", "start", "end")
    return _Speakers(frozenset(hosts), frozenset(declared), bool(routers), seen)


def _at_work(told: pl.DataFrame) -> set[str]:
    """Where none is declared: the devices that have more to say than what they claim of others."""
    full = told.filter(pl.col("said") >= _OWN * pl.col("lines"))
    more = pl.col("said") - pl.col("claims").fill_null(0)  # what else a router has to say
    busy = full.filter((more >= _OWN * pl.col("said")) & (more >= _OWN * more.max()))
    declared = set(busy["host"]) or set(full["host"]) or set(told["host"].head(1))
    if len(declared) <= 1:
        return declared
    # of a file that several devices write to, it is the one that writes the most
    most = told.filter(pl.col("said") == pl.col("said").max().over("source"))["host"]
    return declared & set(most) or declared


def _covered(known: _Speakers) -> pl.Expr:
    """Whether a device whose word counts was seen at the time."""
    covered = pl.lit(value=False)
    for start, end in known.seen.select("start", "end").rows():
        covered |= pl.col("time").is_between(start, end)
    return covered


def _alone(against: pl.DataFrame, said: pl.DataFrame, known: _Speakers) -> pl.DataFrame:
    """``against`` with ``alone``: whether no device whose word counts reports the same."""
    theirs = said.filter(pl.col("host").is_in(sorted(known.declared)))
    theirs = theirs.select("event", "address", "time", same="time").sort("time")
    joined = against.join(said.select("at", "address"), on="at", maintain_order="left").sort("time")
    nearest = joined.join_asof(
        theirs, on="time", by=["event", "address"], strategy="nearest", tolerance=_SAME, check_sortedness=False
    )
    return nearest.with_columns(alone=pl.col("same").is_null())


def _address(events: pl.DataFrame, rules: Rulebook) -> pl.Expr:
    """The address that an event names: one event names one. That an uplink is up again is the same news whatever
    address came with it: routers of several sites have one each.
    """
    named_events = (item for file in rules.events for item in file.events.items())
    well = {name for name, event in named_events if event.role == "recovery"}
    fields = events.schema.get("fields")
    named = isinstance(fields, pl.Struct) and any(field.name == "ip" for field in fields.fields)
    address = pl.col("fields").struct.field("ip") if named else pl.lit(None, pl.String)
    return pl.when(pl.col("event").is_in(sorted(well))).then(pl.lit("")).otherwise(address.fill_null(""))


def _told(against: pl.DataFrame, known: _Speakers, timeline: Timeline, rules: Rulebook) -> Iterator[CoverageGap]:
    """One gap for each device and whether those whose word counts say the same (``alone``: they do not)."""
    router = " and ".join(sorted(known.declared)) or "no host here"
    briefs = {name: _HOLE.sub("…", event.brief) or name for file in rules.events for name, event in file.events.items()}
    for (host, alone), rows in against.group_by("host", "alone", maintain_order=True):
        times: list[datetime] = rows["time"].sort().to_list()
        claims = ", ".join(sorted(f'"{briefs[name]}"' for name in rows["event"].unique()))
        why = f"{router}, whose log covers the time, does not" if alone else f"{router} does, and proves it alone"
        if known.given:
            why = f"only {router} is declared to be the site's router"
        lines = "1 line" if len(times) == 1 else f"{len(times)} lines"
        yield CoverageGap(
            source=timeline.inputs[rows["source"][0]].path,
            host=str(host),
            kind="contradicted" if alone else "undeclared",
            start=times[0],
            end=times[-1],
            reason=f"{host} reports {claims} ({lines}), and {why}: nothing vouches for these lines, and they decide "
            f"nothing. If it is a router of a site, say so with --router {host}",
        )

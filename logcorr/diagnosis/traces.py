"""The rows that may make an incident: what suffered, what was lost and for how long, what proves a fault by itself."""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.diagnosis.darkness import BOOTED, JUMPED, ROUTER_BOOTED
from logcorr.diagnosis.everyday import LINKS, find_everyday, stood_in_for
from logcorr.diagnosis.groups import ROWS
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.left_over import stayed_up
from logcorr.diagnosis.losses import HOST
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.conditions import all_hold
from logcorr.rulebook.globs import glob_matches

#: What somebody asked for: no fault, however sure a sign of its cause.
ACTS: Final = (
    "restart.requested",
    "sleep.started",
    "router.config.changed",
    "link.forced",
    "firewall.banned",
    "firewall.closed",
)


def find_traces(scene: Scene) -> pl.DataFrame:
    """One row a record (groups.ROWS), in order of time. What was planned is left out."""
    losses = _lasting(scene)
    told = losses.explode("rows").rename({"rows": "id"})
    # a line of two losses, one of them meant (a service that was stopped, and fails to start), tells the
    # other; and of two that nobody meant the longer
    told = told.sort("planned", "lasted", descending=[False, True], maintain_order=True)
    told = told.unique("id", keep="first", maintain_order=True)
    planned = told.filter("planned")["id"]
    # what no line brings back may be gone for long, and when a machine that boots went down may not be known
    unseen = (pl.col("took") == 0) & pl.col("id").is_in(scene.named(BOOTED)["id"].implode())
    short = pl.col("returned") & ~pl.col("spare") & ~unseen
    nothing = told.filter((pl.col("lasted") <= 0) & (short | pl.col("planned")))["id"]
    triggers, grave = _triggers(scene, nothing), _of_grave_patterns(scene, nothing)
    wanted = told.filter(~pl.col("planned")).select(
        "id", "kind", "object", "until", "open", "lasted", "spare", "beside"
    )
    wide = pl.concat([wanted["id"], triggers["id"], grave]).unique()
    out = pl.concat([planned.filter(~planned.is_in(grave.implode())), _told_boots(scene)]).unique()
    rows = scene.brief.filter(
        pl.col("trusted").fill_null(value=True)
        & ~pl.col("ephemeral")
        & ((pl.col("impact") > 0) | pl.col("id").is_in(wide.implode()))
        & ~pl.col("id").is_in(out.implode())
    )
    lost = pl.col("event").is_in([name for name in rows["event"].unique() if _loses(name, scene)])
    trigger = pl.struct("id", "event").is_in(triggers.select(pl.struct("id", "event")).to_series().implode())
    named = rows.with_columns(trigger=trigger, tells=lost)
    ordered = named.sort("trigger", "tells", "impact", descending=True, maintain_order=True)
    single = ordered.unique("id", keep="first", maintain_order=True).join(wanted, on="id", how="left")
    return (
        single.with_columns(
            pl.col("until").fill_null(pl.col("time")),
            pl.col("open").fill_null(value=False),
            pl.when("spare").then(pl.max_horizontal("impact", 1)).otherwise("impact").alias("impact"),
            pl.col("spare").fill_null(value=False),
            lost=pl.col("kind"),
            pattern=pl.col("id").is_in(grave.implode()),
            lasted=pl.col("lasted").fill_null(0.0),
        )
        .select(ROWS)
        .sort("time", "id")
    )


def _loses(name: str, scene: Scene) -> bool:
    return any(glob_matches(name, kind.lost) for kind in scene.rules.states.values())


def _lasting(scene: Scene) -> pl.DataFrame:
    """The losses with ``until`` (else the end of the machine's log), ``open``, and ``lasted``: the seconds
    that count. A spare's loss counts by its line alone, and not at all what a retry rides out.
    """
    ends = scene.timeline.frame.lazy().group_by("host").agg(last=pl.col("time").max()).collect()
    ridden = {HOST: 10.0} | {kind.id: kind.ridden_out for kind in scene.rules.states.values()}
    degrades = [kind.id for kind in scene.rules.states.values() if kind.effect == "degraded"]
    spares = scene.losses.filter(pl.col("kind").is_in(degrades)).select("host", "object").unique()
    everyday = find_everyday(scene)
    losses = scene.losses.with_columns(planned=pl.col("planned") | everyday)
    known = losses.join(ends, on="host", how="left", nulls_equal=True).with_columns(
        open=pl.col("end").is_null() | (~pl.col("returned") & (pl.col("last") - pl.col("end") <= weights.STILL_GOING)),
        until=pl.col("end").fill_null(pl.col("last")),
    )
    idle = stood_in_for(known, [kind.id for kind in scene.rules.states.values() if kind.instead])
    known = known.with_columns(open=pl.col("open") & ~idle, until=pl.when(idle).then("start").otherwise("until"))
    took = (pl.col("until") - pl.col("start")).dt.total_microseconds() / 1e6
    member = pl.struct("host", "object").is_in(spares.select(pl.struct("host", "object")).to_series().implode())
    beside = stayed_up(known, scene)
    spare = pl.col("kind").is_in(degrades) | (pl.col("kind").is_in(LINKS) & member) | beside.is_not_null()
    counts = (took > pl.col("kind").replace_strict(ridden, return_dtype=pl.Float64)) & ~spare & ~pl.col("planned")
    return known.with_columns(lasted=pl.when(counts).then(took).otherwise(0.0), took=took, spare=spare, beside=beside)


def _told_boots(scene: Scene) -> pl.Series:
    """The lines that tell of the boot of a machine of which nothing is recorded before, and those that tell once more
    of a boot: the kernel and systemd both do.
    """
    boots = scene.darkness.select("host", boot="end", first=pl.col("start").is_null())
    told = scene.named(BOOTED).join(boots, on="host")
    again = pl.col("first") | ~pl.col("id").is_in(scene.darkness["rows"].explode().implode())
    near = again & (pl.col("time") - pl.col("boot")).is_between(-weights.SETTLING, weights.SETTLING)
    # a router keeps its log in memory, so each boot begins it anew: whether it is the first, others have to know
    begin = scene.timeline.frame["time"].min()
    routers = scene.named("router.booted").filter(pl.col("time") - pl.lit(begin) < weights.SETTLING)
    return pl.concat([told.filter(near)["id"], routers["id"]]).unique()


def _triggers(scene: Scene, nothing: pl.Series) -> pl.DataFrame:
    """Id and event of the lines that prove a fault by themselves: a cause's own report that has an effect, and what a
    cause calls decisive or strong and is no act. What tells a loss that came to ``nothing`` proves none.
    """
    reports = scene.brief.filter((pl.col("role") == "cause") & (pl.col("impact") > 0)).select("id", "event", "trusted")
    told = pl.concat([_proofs(scene), reports]).filter(pl.col("trusted").fill_null(value=True))
    known = told.select("id", "event").unique()
    dark = scene.darkness.filter(~pl.col("planned") & pl.col("start").is_not_null())["rows"].explode()
    off = pl.col("event").is_in([BOOTED, JUMPED, ROUTER_BOOTED])
    return known.filter(~pl.col("id").is_in(nothing.implode()) & (~off | pl.col("id").is_in(dark.implode())))


def _of_grave_patterns(scene: Scene, nothing: pl.Series) -> pl.Series:
    """The records of patterns that are more than of low severity; not of matches in which all came to ``nothing``,
    unless it is the repetition that the pattern finds. A match's everyday lines are none where it has graver ones: what
    was so before the fault may be days old.
    """
    grave = {name: pattern for name, pattern in scene.rules.patterns.items() if pattern.severity != "low"}
    names = list(grave)
    again = [name for name, pattern in grave.items() if pattern.beat or pattern.count or pattern.flap]
    found = scene.matches.filter((pl.col("outcome") == "matched") & pl.col("pattern").is_in(names))
    told = found.select("pattern", match=pl.int_range(pl.len()), id="records").explode("id")
    told = told.with_columns(idle=pl.col("id").is_in(nothing.implode()) & ~pl.col("pattern").is_in(again))
    told = told.filter(~pl.col("idle").all().over("match")).cast({"id": pl.UInt32})
    shown = (
        scene.of(told["id"])
        .group_by("id")
        .agg(everyday=((pl.col("role") == "context") & (pl.col("impact") <= 0)).all())
    )
    known = told.join(shown, on="id", how="left")
    return known.filter(~pl.col("everyday") | pl.col("everyday").all().over("match"))["id"].unique()


def _proofs(scene: Scene) -> pl.DataFrame:
    """The lines that a cause calls decisive, or strong where they report a cause themselves."""
    found = [scene.brief.clear().select("id", "event", "trusted")]
    for cause in scene.rules.causes.values():
        reacts = cause.usually == "contributing" or cause.reacts_to  # what reacts to a failure is none
        for sign in () if reacts else cause.evidence:
            if sign.event is None or not sign.trigger or sign.strength not in ("decisive", "strong"):
                continue
            names = (sign.event,) if isinstance(sign.event, str) else sign.event
            named = scene.named(names)
            if named.is_empty():
                continue
            rows = named.filter(~pl.col("event").is_in(ACTS))
            rows = rows if sign.strength == "decisive" else rows.filter(pl.col("role") == "cause")
            if sign.where and rows.height:
                told = scene.with_members(rows, sign.where)
                rows = rows.filter(told.select(all_hold(sign.where, told.schema)).to_series())
            found.append(rows.select("id", "event", "trusted"))
    return pl.concat(found)

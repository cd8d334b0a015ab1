"""Losses that are no fault: what hangs at a port was switched off and on, or unplugged; or something else stood in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from logcorr.diagnosis.darkness import BOOTED
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.losses import SHORT_NAME
from logcorr.diagnosis.scene import Scene
from logcorr.rulebook.globs import glob_matches

#: The kinds of loss that are links.
LINKS: Final = ("link", "interface")

#: Ports that lead on, not to a device at the end: uplinks by name, MikroTik's ether1 (the WAN of its default
#: configuration), bundles, and the fast ports of a switch (Cisco's and Juniper's names of speeds).
_LEADS_ON: Final = (
    r"(?i)wan|uplink|trunk|internet|dsl|ppp|lte|sfp|bond|lag|port-?channel|^po\d|^ae\d|^ether1$|^eth0$"
    r"|^(?:xe|et)-\d|^(?:te|twe|fo|hu|ten|twentyfive|forty|hundred)\w*\d+/"
)


def find_everyday(scene: Scene) -> pl.Expr:
    """Which of ``scene.losses`` are everyday, as a mask over its rows."""
    return _of_a_switch(scene.losses) | _unplugged_again(scene) | _of_a_device(scene)


def stood_in_for(losses: pl.DataFrame, kinds: Sequence[str]) -> pl.Series:
    """Which losses were there long before another one of the kind, that stood in for them: of what a machine has
    several that do the same, it misses one only from the moment on at which none is left.

    Args:
        losses: ``kind``, ``host``, ``object``, ``start``, ``until`` (of a loss that goes on the end of the log),
            ``planned``.
        kinds: of which a machine has several that do the same.
    """
    key = ["kind", "host"]
    several = losses.with_row_index("row").filter(pl.col("kind").is_in(kinds) & ~pl.col("planned"))
    starts = several.select(*key, other="object", later="start").sort("later")
    changes = pl.col("other").ne_missing(pl.col("other").shift(-1))
    starts = starts.with_columns(after=pl.when(changes).then(pl.col("later").shift(-1)).backward_fill().over(key))
    waited = several.with_columns(since=pl.col("start") + timedelta(seconds=weights.INCIDENT_GAP)).sort("since")
    met = waited.join_asof(
        starts, left_on="since", right_on="later", by=key, strategy="forward", allow_exact_matches=False,
        check_sortedness=False, coalesce=False,
    )  # fmt: skip
    another = pl.when(pl.col("other").eq_missing(pl.col("object"))).then("after").otherwise("later")
    return pl.int_range(losses.height, eager=True).is_in(met.filter(another < pl.col("until"))["row"].implode())


def everyday_losses(scene: Scene) -> pl.DataFrame:
    """The losses of links that are everyday, as in ``scene.losses``: the longest first, those without an end before."""
    lost = scene.losses.filter(find_everyday(scene) & ~pl.col("planned"))
    ports = lost.unique(["host", "object", "end"], keep="first", maintain_order=True)  # told as link and as interface
    return ports.sort(pl.col("end") - pl.col("start"), descending=True, nulls_last=False, maintain_order=True)


def _of_a_switch(losses: pl.DataFrame) -> pl.Expr:
    """A machine of which one link and then another is lost, each alone, is a switch, and what hangs there is switched
    off and on. Three that are lost together, or one every half hour, are none of these.
    """
    links = losses.with_row_index("at").filter(pl.col("kind").is_in(LINKS) & ~pl.col("planned")).sort("host", "start")
    third = pl.col("start") - pl.col("start").shift(2) <= timedelta(seconds=weights.SAME_MOMENT)
    three = third.over("host", "kind").fill_null(value=False)
    beside = three | (three.shift(-1) | three.shift(-2)).over("host", "kind").fill_null(value=False)
    marked = links.sort("host", "kind", "start").with_columns(alone=~beside)
    lone = marked.filter(pl.col("alone").all().over("host", "object", "start"))
    seldom = lone.filter(~_flaps())
    ports = seldom.filter(pl.col("object").n_unique().over("host") >= weights.SWITCH_PORTS)
    return pl.int_range(pl.len()).is_in(ports["at"].implode())


def _flaps() -> pl.Expr:
    """Whether a link is lost again and again, more often than every half hour."""
    thing = ("host", "kind", "object")
    spread = (pl.col("start").max() - pl.col("start").min()).over(thing)
    return (pl.len().over(thing) >= weights.LOST_AGAIN) & (spread < pl.len().over(thing) * timedelta(minutes=30))


def _unplugged_again(scene: Scene) -> pl.Expr:
    """Which losses are of a port of a router or switch that had no link when its log began, and gained and lost one:
    what was plugged in was unplugged again, and the port is as it was.
    """
    links = scene.losses.with_row_index("at").filter(pl.col("kind").is_in(LINKS))
    since = _gear(scene).join(scene.named(("router.booted", BOOTED)).select("host"), on="host", how="anti")
    once = links.filter(pl.len().over("host", "kind", "object") == 1).join(since, on="host")
    if once.is_empty():
        return pl.lit(value=False)
    gained = scene.with_members(scene.named(("carrier.gained", "link.up")), ("interface",))
    if "interface" not in gained.columns:
        return pl.lit(value=False)
    first = gained.group_by("host", object=pl.col("interface").str.replace(*SHORT_NAME)).agg(up=pl.col("time").min())
    plugged = once.join(first, on=["host", "object"]).filter(
        (pl.col("up") < pl.col("start")) & (pl.col("up") - pl.col("begun") > weights.SETTLING)
    )
    return pl.int_range(pl.len()).is_in(plugged["at"].implode())


def _gear(scene: Scene) -> pl.DataFrame:
    """Host, and when its log begins, of those of which all lines are a device's: any other's link is its own."""
    frame = scene.timeline.frame.lazy().select("host", "origin", "time").drop_nulls("host").group_by("host")
    device = (pl.col("origin") == "device").fill_null(value=False).all()
    told = frame.agg(device=device, begun=pl.col("time").min()).collect()
    return told.filter("device").select("host", "begun")


def _of_a_device(scene: Scene) -> pl.Expr:
    """A port of a router or switch that lost its link and got it back, alone, while nothing else in the logs failed:
    what hangs there was switched off and on. A port that leads on, one that flaps, and several lost at once count.
    """
    links = scene.losses.with_row_index("at").filter(pl.col("kind").is_in(LINKS) & ~pl.col("planned"))
    ports = links.join(_gear(scene).select("host"), on="host", how="semi")
    lone = ports.filter(pl.col("end").is_not_null() & ~pl.col("object").str.contains(_LEADS_ON) & ~_flaps())
    if lone.is_empty():
        return pl.lit(value=False)
    links_of = [name for kind in LINKS for name in scene.rules.states[kind].lost]
    rows = scene.brief.filter((pl.col("impact") > 0) & pl.col("trusted").fill_null(value=True))
    of_links = [name for name in rows["event"].unique() if glob_matches(name, links_of)]
    others = rows.filter(~(pl.col("event").is_in(of_links) & pl.col("host").is_in(ports["host"].unique().implode())))
    at = others["time"].sort().dt.timestamp("us").to_numpy()
    margin = timedelta(seconds=weights.ONE_ACT)
    begin, end = (edge.dt.timestamp("us").to_numpy() for edge in (lone["start"] - margin, lone["end"] + margin))
    quiet = at.searchsorted(begin, "left") == at.searchsorted(end, "right")
    together = _at_once(lone)
    return pl.int_range(pl.len()).is_in(lone["at"].filter(pl.Series(quiet) & ~together).implode())


def _at_once(links: pl.DataFrame) -> pl.Series:
    """Whether each loss is one of three of different ports of a machine in one moment."""
    first = pl.col("start") - timedelta(seconds=weights.SAME_MOMENT)
    near = links.select("host", "start", "object", "at").sort("host", "start")
    counts = links.join(near, on="host", suffix="_other").filter(
        pl.col("start_other").is_between(first, pl.col("start") + timedelta(seconds=weights.SAME_MOMENT))
    )
    many = (
        counts.group_by("at")
        .agg(pl.col("object_other").n_unique().alias("ports"))
        .filter(pl.col("ports") >= weights.PORTS_AT_ONCE)
    )
    return links["at"].is_in(many["at"].implode())

"""Whether what fails has to do with the machine that a cause sits on: the links that the logs show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from logcorr.diagnosis.judging.classes import Mask
from logcorr.diagnosis.scene import SHARED_LAYERS
from logcorr.diagnosis.sites import PRIVATE, own_addresses
from logcorr.rulebook.models import Cause

if TYPE_CHECKING:
    from logcorr.diagnosis.judging.signs import Nearby

#: Fields that name what serves: the unit that is gone, the process that was killed.
_SERVES: Final = ("unit", "process", "program")


def without_link(cause: Cause, explained: Mask, triggers: pl.DataFrame, nearby: Nearby) -> tuple[str, ...]:
    """Machines of the symptoms that a cause explains, where no log links any of them to the machines that date it.

    ``explained``: over the rows of the incident's symptoms. Machines are linked that are at one site or of which one
    names the other, and where what fails on the one is a service that the other gives (``served_by``). What lies
    between machines concerns any.
    """
    if cause.layer in SHARED_LAYERS or triggers.is_empty() or not explained.any():
        return ()
    own = set(triggers["host"].drop_nulls())
    others = explained & ~nearby.symptoms["id"].is_in(triggers["id"].implode()).to_numpy()
    hosts = nearby.symptoms["host"].filter(pl.Series(others)).drop_nulls().unique().sort().to_list()
    if not own or not hosts or own & set(hosts):
        return ()
    if nearby.sites.related(own, hosts) or (_served(triggers, nearby) & others).any():
        return ()
    return tuple(hosts)


def _served(triggers: pl.DataFrame, nearby: Nearby) -> Mask:
    """The symptoms of what cannot work without a service that the cause's lines name."""
    scene = nearby.scene
    rows = scene.of(triggers["id"]).join(triggers, on=["id", "event"], how="semi")
    named = scene.with_members(rows, [name for name in _SERVES if name not in rows.columns])
    things = {thing for name in _SERVES if name in named.columns for thing in named[name].drop_nulls()}
    served = np.zeros(nearby.symptoms.height, dtype=bool)
    for each in scene.rules.symptoms.values():
        if each.served_by and any(re.match(each.served_by, str(thing)) for thing in things):
            served |= nearby.classed.by_class[each.id]
    return served


def elsewhere(cause: Cause, triggers: pl.DataFrame, nearby: Nearby) -> Mask | None:
    """The symptoms of the machines that date a cause of which it cannot be the end that serves: those that name a
    public address of another machine. None where no class that the cause explains asks for it.
    """
    if triggers.is_empty() or nearby.classed.here.isdisjoint(cause.explains):
        return None
    scene, own = nearby.scene, triggers["host"].drop_nulls().unique()
    rows = scene.of(nearby.symptoms["id"]).filter(pl.col("host").is_in(own.implode()))
    named = scene.with_members(rows, ["remote_ip"])
    if "remote_ip" not in named.columns:
        return None
    address = pl.col("remote_ip").cast(pl.String)
    named = named.filter(address.str.contains(r"[.:]") & ~address.str.contains(PRIVATE))
    mine = set().union(*own_addresses(scene, own).values()) if named.height else set()
    others = named.filter(~address.is_in(sorted(mine)))
    return nearby.symptoms["id"].is_in(others["id"].implode()).to_numpy()

"""Whether what fails has to do with the machine that a cause sits on: the links that the logs show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from logcorr.diagnosis.judging.classes import Mask
from logcorr.diagnosis.lines import Lines
from logcorr.diagnosis.scene import SHARED_LAYERS
from logcorr.diagnosis.sites import PRIVATE
from logcorr.rulebook.models import Cause

if TYPE_CHECKING:
    from logcorr.diagnosis.judging.nearby import Nearby

#: Fields that name what serves: the unit that is gone, the process that was killed.
_SERVES: Final = ("unit", "process", "program")


def without_link(cause: Cause, explained: Mask, triggers: Lines, nearby: Nearby) -> tuple[str, ...]:
    """Machines of the symptoms that a cause explains, where no log links any of them to the machines that date it.

    ``explained``: over the rows of the incident's symptoms. Machines are linked that are at one site or of which one
    names the other, and where what fails on the one is a service that the other gives (``served_by``). What lies
    between machines concerns any.
    """
    if cause.layer in SHARED_LAYERS or not triggers or not explained.any():
        return ()
    own, told = set(triggers.hosts), nearby.told
    others = explained & ~np.isin(told.id, triggers.id)
    hosts = nearby.scene.columns.host.told(told.host[others])
    if not own or not hosts or not own.isdisjoint(hosts):
        return ()
    if nearby.sites.related(own, hosts) or (_served(triggers, nearby) & others).any():
        return ()
    return tuple(hosts)


def _served(triggers: Lines, nearby: Nearby) -> Mask:
    """The symptoms of what cannot work without a service that the cause's lines name."""
    scene = nearby.scene
    rows = scene.brief[triggers.at]
    named = scene.with_members(rows, [name for name in _SERVES if name not in rows.columns])
    things = {thing for name in _SERVES if name in named.columns for thing in named[name].drop_nulls()}
    served = np.zeros(nearby.symptoms.height, dtype=bool)
    for each in scene.rules.symptoms.values():
        if each.served_by and any(re.match(each.served_by, str(thing)) for thing in things):
            served |= nearby.classed.by_class[each.id]
    return served


def elsewhere(cause: Cause, triggers: Lines, nearby: Nearby) -> Mask | None:
    """The symptoms of the machines that date a cause of which it cannot be the end that serves: those that name a
    public address of another machine. None where no class that the cause explains asks for it.
    """
    if not triggers or nearby.classed.here.isdisjoint(cause.explains):
        return None
    scene, own = nearby.scene, triggers.hosts
    if "remote_ip" not in scene.members:
        return None
    at = scene.at(nearby.told.id)
    at = at[scene.columns.host.among(frozenset(own))[scene.columns.host.numbers[at]]]
    named = scene.with_members(scene.brief[at], ["remote_ip"])
    address = pl.col("remote_ip").cast(pl.String)
    named = named.filter(address.str.contains(r"[.:]") & ~address.str.contains(PRIVATE))
    if named.is_empty():
        return np.zeros(nearby.symptoms.height, dtype=bool)
    mine = set().union(*(nearby.ledger.addresses().get(host, ()) for host in own))
    others = named.filter(~address.is_in(sorted(mine)))
    return np.isin(nearby.told.id, others["id"].to_numpy())

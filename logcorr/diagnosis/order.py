"""Which incident a report leads with: of two that cover the same time, the one that shows the cause.

What a monitor or a client sees meanwhile is seen from outside: its lines are many, and tell no cause. Of two that share
only part of their time, the one that shows a cause leads where that cause explains what the other saw: it was there
first, and the other has no fault of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import OF_A_PEER, Classed
from logcorr.diagnosis.judging.compete import brings_about
from logcorr.diagnosis.judging.nearby import Nearby
from logcorr.diagnosis.judging.weigh import Weighed
from logcorr.diagnosis.scene import SHARED_LAYERS
from logcorr.diagnosis.telling.verdicts import Case


def in_order(cases: Sequence[Case], nearby: Sequence[Nearby]) -> tuple[Case, ...]:
    """The cases, gravest first as given, each with what lies near it; but one that only sees another's effect comes
    after it.
    """
    order: list[int] = []  # positions in ``cases``
    for position, case in enumerate(cases):
        ahead = (place for place, other in enumerate(order) if _shows(case, cases[other], nearby[other].classed))
        order.insert(next(ahead, len(order)), position)
    return tuple(cases[position] for position in order)


def _shows(case: Case, other: Case, suffered: Classed) -> bool:
    """Whether ``case`` has a cause of its own, and ``other`` none in the same time, or only a silent far end, or what
    that cause sets off. ``suffered``: what the symptoms of the other are.
    """
    root, seen = case.outcome.root, other.outcome.root
    if root is not None and seen is not None and _sets_off(root, seen, case, other):
        return True
    if root is None or root.cause.other_end or (seen is not None and not seen.cause.other_end):
        return False
    if seen is None and case.outcome.status not in weights.SURE:
        return False
    both = min(case.incident.end, other.incident.end) - max(case.incident.start, other.incident.start)
    longer = max(each.incident.end - each.incident.start for each in (case, other))
    if both >= longer * weights.SAME_TIME:
        return True
    sure = case.outcome.status in weights.SURE and other.outcome.status not in weights.SURE
    return sure and _explains(root, case, other, suffered)


def _sets_off(root: Weighed, seen: Weighed, case: Case, other: Case) -> bool:
    """Whether the cause says that it brings the other's about, which came soon after: a pool of disks is full, and the
    file systems of the guests on it fail.
    """
    if seen.cause.id not in root.cause.brings_about or case.outcome.status not in weights.SURE:
        return False
    if root.onset is None or other.incident.start - root.onset > timedelta(seconds=root.cause.look_back):
        return False
    kin = case.incident.sites.related(case.incident.hosts, other.incident.hosts)
    return kin is not False and brings_about(root, seen) and not brings_about(seen, root)


def _explains(root: Weighed, case: Case, other: Case, suffered: Classed) -> bool:
    """Whether what the other incident saw may be the effect of this one's cause, as times, kinds and sites allow."""
    incident, seen = case.incident, other.incident
    doubt = timedelta(seconds=root.cause.noticed_within + weights.CLOCK_DOUBT)
    if root.onset is None or not root.onset - doubt <= seen.start <= incident.end or incident.start > seen.end:
        return False
    if seen.symptoms.select(((pl.col("role") == "cause") | pl.col("trigger")).any()).item():
        return False
    alike = suffered.explained_by(root.cause)
    if root.cause.layer not in SHARED_LAYERS:  # of one machine's fault others see that it does not answer
        alike = alike & suffered.of(OF_A_PEER)
    return bool(alike.mean() >= weights.MOSTLY) and incident.sites.related(incident.hosts, seen.hosts) is not False

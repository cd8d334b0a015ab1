"""When a cause was at work, and which symptoms it explains therefore.

A cause that changes a state is at work from what dates it until its repair, others for as long as their rule says. A
recovery after which the symptoms go on was none. The clocks of two machines that could not be related refute no order:
what such a cause explains is placed so that it begins with the first symptom that it may explain.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Mask
from logcorr.diagnosis.lines import Lines, Numbers
from logcorr.diagnosis.scene import SHARED_LAYERS, Scene
from logcorr.rulebook.models import Cause
from logcorr.times.micros import NEVER, SECOND, Ints

if TYPE_CHECKING:
    from logcorr.diagnosis.judging.nearby import Nearby


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """What a cause explains of an incident. The mask is over the rows of its symptoms."""

    explained: Mask
    outlasted: bool  # most of it only if its repair repaired nothing: the symptoms go on after it
    accounts_for_first: bool  # hardly a symptom before it is left unexplained

    @staticmethod
    def none(height: int) -> Extent:
        """Of a cause that nothing dates."""
        return Extent(np.zeros(height, dtype=bool), outlasted=False, accounts_for_first=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Symptoms:
    """Arrays over the rows of the symptoms."""

    low: Ints  # µs: the true time lies between
    high: Ints
    related: Mask  # on a clock that is related to those that date the cause
    own: Mask  # the cause's own lines


def extent(cause: Cause, fitting: Mask, triggers: Lines, nearby: Nearby) -> Extent:
    """What a cause explains that ``triggers`` (not none) date, of the incident's symptoms that are ``fitting``."""
    scene, symptoms = nearby.scene, nearby.told
    told = _Symptoms(
        low=symptoms.low,
        high=symptoms.high,
        related=related_to(triggers, symptoms.host, scene),
        own=np.isin(symptoms.id, triggers.id),
    )
    begin, over, repaired = _at_work(cause, triggers, scene)
    explained, beyond = told.own.copy(), told.own.copy()
    for group, doubt in ((told.related, 0), (~told.related, int(weights.CLOCK_DOUBT * SECOND))):
        mine = np.flatnonzero(fitting & group)
        if not len(mine):
            continue
        shift = _shift(told.high[mine], begin) if doubt else 0
        low, high = told.low[mine] - doubt - shift, told.high[mine] + doubt - shift
        explained[mine] |= _inside(low, high, begin, over)
        going_on = _until_symptoms_stop(high, begin, over, cause) if repaired else over
        beyond[mine] |= _inside(low, high, begin, going_on)
    if cause.mended_within is not None:
        kept = _kept_away(nearby.symptoms, cause, cause.mended_within, scene) & ~told.own
        explained, beyond = explained & ~kept, beyond & ~kept
    least = weights.MOSTLY * len(beyond)
    return Extent(
        explained=beyond,
        outlasted=bool(explained.sum() < least <= beyond.sum()),
        accounts_for_first=_accounts_for_first(told, beyond, int(begin[0])),
    )


def _kept_away(symptoms: pl.DataFrame, cause: Cause, within: float, scene: Scene) -> Mask:
    """What a machine lost about its restart that is not back ``within`` seconds of its being up: something else keeps
    it away.
    """
    slack = timedelta(seconds=cause.noticed_within + weights.REORDERING)
    ups = scene.darkness.select("host", "up", ended="end").sort("ended")
    lost = symptoms.select("host", "until", "lost", about=pl.col("time") - slack).with_row_index("row")
    next_up = lost.sort("about").join_asof(
        ups, left_on="about", right_on="ended", by="host", strategy="forward", check_sortedness=False
    )
    late = pl.col("lost").is_not_null() & (pl.col("until") > pl.col("up") + timedelta(seconds=within))
    kept: Mask = next_up.sort("row").select(late.fill_null(value=False)).to_series().to_numpy()
    return kept


def related_to(triggers: Lines, hosts: Numbers, scene: Scene) -> Mask:
    """Whether each host's clock is that of a machine that dates the cause, or related to all of those."""
    dating = frozenset(triggers.hosts)
    known = scene.set_clocks if dating <= scene.set_clocks else frozenset()
    related: Mask = scene.columns.host.among(dating | known)[hosts]
    return related


def _at_work(cause: Cause, triggers: Lines, scene: Scene) -> tuple[Ints, Ints, bool]:
    """From when and until when the cause is at work, for each trigger, by begin; and whether a repair ended any."""
    slack = int((cause.noticed_within + weights.REORDERING) * SECOND)
    begun = triggers.take(np.argsort(triggers.more["since"], kind="stable"))
    begin = begun.more["since"] - slack
    lasts = begun.more["lasts"]
    passing = np.isfinite(lasts)
    over = np.full(len(begun), NEVER, dtype=np.int64)
    over[passing] = begun.time[passing] + (lasts[passing] * SECOND).astype(np.int64)
    repaired = _repaired(cause, begun, scene) + int(cause.look_back * SECOND)
    by_repair = bool((repaired < over).any())
    return begin, np.maximum.accumulate(np.minimum(over, repaired)), by_repair


def _repaired(cause: Cause, begun: Lines, scene: Scene) -> Ints:
    """When each trigger was repaired: on the same machine, or for what lies between machines on any."""
    ends = Lines(scene.columns, scene.rows_of(cause.ends_with, scene.believed))
    ended, time = np.sort(ends.time), begun.time
    anywhere = np.append(ended, NEVER)[np.searchsorted(ended, time, "left")]
    if cause.layer in SHARED_LAYERS or not ends:
        return anywhere
    order = np.lexsort((ends.time, ends.host))
    host, at = ends.host[order], ends.time[order]
    steps = len(ended) + 1  # a host's number, and the place of the time among all: one number that ascends like both
    place = host * steps + np.searchsorted(ended, at, "left")
    found = np.searchsorted(place, begun.host * steps + np.searchsorted(ended, time, "left"), "left")
    there = np.where(np.append(host, -1)[found] == begun.host, np.append(at, NEVER)[found], NEVER)
    return np.where(begun.host < 0, anywhere, there)


def _shift(high: Ints, begin: Ints) -> int:
    """How far an unrelated clock is taken to be off: what brings the first symptom and the onset together."""
    off = int(high.min()) - int(begin[0])
    if abs(off) <= weights.CLOCK_DOUBT * SECOND:
        return 0
    most = int(weights.INCIDENT_GAP * SECOND)
    return max(-most, min(off, most))


def _inside(low: Ints, high: Ints, begin: Ints, over: Ints) -> Mask:
    """Which times may lie in one of the stretches (``over`` does not descend)."""
    last = np.searchsorted(begin, high, "right") - 1
    return (last >= 0) & (low <= over[np.maximum(last, 0)])


def _until_symptoms_stop(high: Ints, begin: Ints, over: Ints, cause: Cause) -> Ints:
    """The stretches, each prolonged while the symptoms go on without a pause longer than the aftermath of a repair."""
    pause = int(max(cause.look_back, weights.ONE_ACT) * SECOND)
    time = np.sort(high)
    breaks = np.flatnonzero(np.diff(time) > pause)
    stops = time[np.append(breaks, len(time) - 1)]  # the last of each run
    starts = time[np.insert(breaks + 1, 0, 0)]
    run = np.searchsorted(stops, over, "left")
    known = run < len(stops)
    run = np.minimum(run, len(stops) - 1)
    going_on = known & (starts[run] <= over) & (stops[run] >= begin)
    return np.maximum.accumulate(np.where(going_on, np.maximum(over, stops[run]), over))


def _accounts_for_first(told: _Symptoms, explained: Mask, begin: int) -> bool:
    early = told.related & ~explained & (told.high < begin)
    return int(early.sum()) <= max(1, int(weights.LEFT_BEFORE * len(early)))

"""When a cause was at work, and which symptoms it explains therefore.

A cause that changes a state is at work from what dates it until its repair, others for as long as their rule says. A
recovery after which the symptoms go on was none. The clocks of two machines that could not be related refute no order:
what such a cause explains is placed so that it begins with the first symptom that it may explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.judging.classes import Mask
from logcorr.diagnosis.scene import SHARED_LAYERS, Scene
from logcorr.rulebook.models import Cause
from logcorr.times.micros import NEVER, SECOND, Ints


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


def extent(cause: Cause, fitting: Mask, symptoms: pl.DataFrame, triggers: pl.DataFrame, scene: Scene) -> Extent:
    """What a cause explains that ``triggers`` (ROW, since, lasts) date, of the symptoms that are ``fitting``."""
    if triggers.is_empty():
        return Extent.none(symptoms.height)
    told = _Symptoms(
        low=symptoms["time_lo"].dt.timestamp("us").to_numpy(),
        high=symptoms["time_hi"].dt.timestamp("us").to_numpy(),
        related=related_to(triggers, symptoms["host"], scene),
        own=symptoms["id"].is_in(triggers["id"].implode()).to_numpy(),
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
        kept = _kept_away(symptoms, cause, cause.mended_within, scene) & ~told.own
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


def related_to(triggers: pl.DataFrame, hosts: pl.Series, scene: Scene) -> Mask:
    """Whether each host's clock is that of a machine that dates the cause, or related to all of those."""
    dating = set(triggers["host"].drop_nulls())
    known = scene.set_clocks if dating <= scene.set_clocks else frozenset()
    return hosts.is_in(sorted(dating | known)).fill_null(value=False).to_numpy()


def _at_work(cause: Cause, triggers: pl.DataFrame, scene: Scene) -> tuple[Ints, Ints, bool]:
    """From when and until when the cause is at work, for each trigger, by begin; and whether a repair ended any."""
    slack = int((cause.noticed_within + weights.REORDERING) * SECOND)
    begun = triggers.sort("since")
    begin = begun["since"].dt.timestamp("us").to_numpy() - slack
    time = begun["time"].dt.timestamp("us").to_numpy()
    lasts = begun["lasts"].to_numpy()
    passing = np.isfinite(lasts)
    over = np.full(len(time), NEVER, dtype=np.int64)
    over[passing] = time[passing] + (lasts[passing] * SECOND).astype(np.int64)
    repaired = _repaired(cause, begun, time, scene) + int(cause.look_back * SECOND)
    by_repair = bool((repaired < over).any())
    return begin, np.maximum.accumulate(np.minimum(over, repaired)), by_repair


def _repaired(cause: Cause, begun: pl.DataFrame, time: Ints, scene: Scene) -> Ints:
    """When each trigger was repaired: on the same machine, or for what lies between machines on any."""
    ends = scene.named(cause.ends_with).select("host", at="time", ended="time").sort("at")
    ended = ends["at"].dt.timestamp("us").to_numpy()
    anywhere = np.append(ended, NEVER)[np.searchsorted(ended, time, "left")]
    if cause.layer in SHARED_LAYERS:
        return anywhere
    rows = begun.select("host", at="time", row=pl.int_range(pl.len())).sort("at")
    there = rows.join_asof(
        ends.drop_nulls("host"), on="at", by="host", strategy="forward", check_sortedness=False
    ).sort("row")
    found = there["ended"].dt.timestamp("us").fill_null(NEVER).to_numpy()
    return np.where(begun["host"].is_null().to_numpy(), anywhere, found)


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

"""Recurrence: episodes, each perhaps too small alone, that come again and again: one incident with a list of times.

What is lost for a short time, or reported as a fault, and comes several times a day is an incident, regular or not:
what happens by design (a provider's disconnect, a job of the night) happens once a day. A mere symptom has to keep a
beat, and to stop somewhere: what fails now and then all day is the log's own background.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from logcorr.chance.tails import binomial_tail, poisson_tail
from logcorr.dataclass import dataclass
from logcorr.diagnosis.judging import weights
from logcorr.diagnosis.openings.found import Field, Opened
from logcorr.model import Outage, Recurrence

#: An episode is short: longer ones are incidents of their own.
_SHORT: Final = timedelta(seconds=weights.INCIDENT_GAP)
_LISTED: Final = 500
#: States of programs: what dies again so soon dies of one fault, while a line may be cut by several.
_PROGRAMS: Final = ("server", "service")
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class _Series:
    """The episodes of one thing on one machine, in order."""

    kind: str  # "loss" | "fault" | "symptom"
    starts: list[datetime]
    untils: list[datetime]
    open: list[bool]
    groups: list[int | None]  # None: it stands alone
    rows: list[int]  # records
    proofs: bool  # each line is proof by itself, or tells that a program died

    def only(self, kept: list[bool]) -> _Series:
        """Some of the episodes."""
        pick = [number for number, keep in enumerate(kept) if keep]
        return replace(
            self,
            starts=[self.starts[number] for number in pick],
            untils=[self.untils[number] for number in pick],
            open=[self.open[number] for number in pick],
            groups=[self.groups[number] for number in pick],
        )


def by_recurrence(field: Field) -> list[Opened]:
    """The things that fail again and again. A long incident that consists of such episodes is one of them, too."""
    everything = pl.concat([field.rows, field.strays])
    if everything.is_empty():
        return []
    opened = {group for item in field.opened for group in item.groups}
    spans, pure = _spans(field.rows), _of_one_thing(field.rows)
    sizes = dict(field.rows.group_by("group").len().rows())
    found = []
    for series in _all_series(everything):
        if _one_fault(series, opened):
            found.append(_opened(series, _told(series, *_rhythm(_pauses(series)), _spread(series)), everything))
            continue
        whole = [
            group not in opened
            or spans[group] <= timedelta(seconds=weights.STRAY)
            or (series.kind == "loss" and group in pure)
            for group in series.groups
        ]
        apart = series.only(whole)
        if (told := _recurs(apart, field)) is not None:
            found.append(_opened(apart, told, everything))
        for group in sorted({group for group, each in zip(series.groups, whole, strict=True) if group and not each}):
            inside = series.only([each == group for each in series.groups])
            main = len(inside.starts) * 2 >= sizes[group] or series.kind == "loss"
            if main and (told := _recurs(inside, field)) is not None:
                found.append(Opened("recurrence", (group,), weights.INCIDENT_WEIGHT, told))
    return found


def _opened(series: _Series, told: Recurrence, everything: pl.DataFrame) -> Opened:
    alone = everything.filter(pl.col("stray") & pl.col("id").is_in(series.rows))
    return Opened(
        "recurrence",
        tuple(sorted({group for group in series.groups if group is not None})),
        weights.INCIDENT_WEIGHT * told.count,
        told,
        alone,
    )


def _spans(rows: pl.DataFrame) -> dict[int, timedelta]:
    last = pl.max_horizontal("time", "until").max()
    return dict(rows.group_by("group").agg(last - pl.col("time").min()).rows())


def _of_one_thing(rows: pl.DataFrame) -> set[int]:
    """The groups in which one thing of one machine is lost, and nothing else."""
    thing = pl.struct("lost", "object").filter(pl.col("lost").is_not_null())
    same = (pl.col("host").n_unique() == 1) & (thing.n_unique() == 1)
    return set(rows.group_by("group").agg(same=same).filter("same")["group"])


# --- series -------------------------------------------------------------------------------------------------------


def _all_series(rows: pl.DataFrame) -> list[_Series]:
    """Every series that is long enough: losses first, then the longest."""
    lost = pl.col("lost").is_not_null()
    proof = pl.col("trigger") | pl.col("pattern")
    parts = [
        ("loss", rows.filter(lost & (pl.col("until") - pl.col("time") <= _SHORT)), ["host", "lost", "object"], True),
        ("fault", rows.filter(~lost & proof), ["host", "event"], False),
        ("symptom", rows.filter(~lost & ~proof & (pl.col("impact") > 0)), ["host", "event"], False),
    ]
    found = []
    for kind, part, key, losses in parts:
        found += [_Series(kind, *lists) for lists in _episodes(part, key, losses=losses).rows()]
    order = {"loss": 0, "fault": 1, "symptom": 2}
    return sorted(found, key=lambda series: (order[series.kind], -len(series.starts), series.starts[0]))


def _episodes(rows: pl.DataFrame, key: list[str], *, losses: bool) -> pl.DataFrame:
    """Lists of starts, ends, whether open, groups and records, one row a series. What one act writes is one episode."""
    ordered = rows.sort(*key, "time", "id")
    if losses:
        again = (pl.col("until") == pl.col("until").shift()) & pl.col("lost").is_not_null()
    else:
        again = pl.col("time").diff() <= timedelta(seconds=weights.ONE_ACT)
    begins = ~again.over(key).fill_null(value=False)
    marked = ordered.with_columns(episode=begins.cum_sum())
    single = marked.group_by(*key, "episode", maintain_order=True).agg(
        start=pl.col("time").min(),
        end=pl.max_horizontal("time", "until").max(),
        open=pl.col("open").any(),
        group=pl.when("stray").then(None).otherwise("group").first(),
        ids=pl.col("id"),
        proofs=((pl.col("trigger") & pl.col("lost").is_null()) | pl.col("lost").is_in(_PROGRAMS)).all(),
    )
    series = single.group_by(key, maintain_order=True).agg(
        "start", "end", "open", "group", pl.col("ids").explode(), pl.col("proofs").all()
    )
    return series.filter(pl.col("start").list.len() >= weights.FEWEST_INCIDENTS).select(
        "start", "end", "open", "group", "ids", "proofs"
    )


# --- whether it recurs --------------------------------------------------------------------------------------------


def _recurs(series: _Series, field: Field) -> Recurrence | None:
    """What is to be told of the series; None where it is no incident."""
    count = len(series.starts)
    if count < (weights.FEWEST_SYMPTOMS if series.kind == "symptom" else weights.FEWEST_EPISODES):
        return None
    pauses = _pauses(series)
    period, rhythm = _rhythm(pauses)
    if series.kind == "symptom" and (period is None or not _stops(series, field)):
        return None
    if float(pauses.mean()) > weights.OFTEN.total_seconds():
        return None
    return _told(series, period, rhythm, _spread(series))


def _one_fault(series: _Series, opened: set[int]) -> bool:
    """Whether each episode is part of an incident already, of several, and so many more would hardly follow the first
    so soon if one a day came at random.
    """
    known = set(series.groups)
    many = len(series.starts) >= weights.FEWEST_EPISODES  # those have a rule of their own
    if many or series.kind == "symptom" or not series.proofs or len(known) < 2 or not known <= opened:
        return False
    return poisson_tail(len(series.starts) - 1, _spread(series) / _DAY) < weights.BACKGROUND_P


def _spread(series: _Series) -> float:
    """Seconds from the first to the last start."""
    return (series.starts[-1] - series.starts[0]).total_seconds()


def _pauses(series: _Series) -> np.ndarray:
    """Seconds from each start to the next."""
    return np.diff(np.array([start.timestamp() for start in series.starts]))


def _rhythm(pauses: np.ndarray) -> tuple[float | None, float]:
    """The period, if the pauses agree on one beyond chance, and how probable it is that as many agree by chance."""
    period = float(np.median(pauses))
    agree = int((np.abs(pauses - period) <= weights.PERIOD_TOLERANCE * period).sum())
    chance = min(
        1.0, len(pauses) * binomial_tail(len(pauses) - 1, agree - 1, weights.PAUSES_AGREE)
    )  # the median agrees with itself
    return (period, chance) if chance < weights.BACKGROUND_P and agree * 2 > len(pauses) else (None, chance)


def _stops(series: _Series, field: Field) -> bool:
    times = field.scene.timeline.frame["time"]
    span: float = (times.max() - times.min()).total_seconds()  # type: ignore[operator,union-attr]  # datetimes
    return _spread(series) <= weights.ALL_THE_TIME * span


def _told(series: _Series, period: float | None, rhythm: float, spread: float) -> Recurrence:
    lasted = [(end - start).total_seconds() for start, end in zip(series.starts, series.untils, strict=True)]
    outages = tuple(
        Outage(start=start, end=None if going else end, duration_s=None if going else round(took, 3))
        for start, end, going, took in list(zip(series.starts, series.untils, series.open, lasted, strict=True))[
            :_LISTED
        ]
    )
    losses = series.kind == "loss"
    whole = (series.untils[-1] - series.starts[0]).total_seconds()
    by_accident = poisson_tail(len(lasted), 1 + spread / _DAY)
    return Recurrence(
        count=len(lasted),
        outages=outages,
        shortest_s=round(min(lasted), 3) if losses else None,
        longest_s=round(max(lasted), 3) if losses else None,
        share_down=round(sum(lasted) / whole, 6) if losses and whole > 0 else None,
        period_s=round(period, 1) if period is not None else None,
        chance=rhythm if period is not None else by_accident,
        chance_of=_REGULAR if period is not None else _ONCE_A_DAY,
    )


_REGULAR: Final = "of intervals as regular as these, if they came at random"
_ONCE_A_DAY: Final = "of as many in so short a time, if one a day came at random"

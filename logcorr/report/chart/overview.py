"""All of the time that the logs cover, small: how busy each source was, as ``logcorr check`` draws it, and where the
incidents lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Lane
from logcorr.report.chart.axis import Axis, Tick, extent, ticks
from logcorr.report.chart.drawing import LABELS, RIGHT, DrawnStretch, short_name, stretches
from logcorr.report.material import Material
from logcorr.times.timespan import duration

TOP: Final = 20.0
ROW: Final = 30.0
_TALLEST: Final = 16.0
_STEPS: Final = 8  # heights that a bar can have, as in the terminal
_NARROWEST: Final = 3.0  # of an incident


@dataclass(frozen=True, slots=True)
class Bar:
    """How many records a source has in a slice."""

    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class OverviewStrip:
    """One source."""

    label: str
    short: str
    y: float
    bars: tuple[Bar, ...]
    spans: tuple[DrawnStretch, ...]
    gaps: tuple[DrawnStretch, ...]
    busiest: int  # records in its busiest slice
    peak: str  # the same, with the slice's length: what the tallest bar stands for


@dataclass(frozen=True, slots=True)
class Lens:
    """Where an incident lies."""

    x: float
    width: float
    number: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The finished geometry."""

    height: float
    strips: tuple[OverviewStrip, ...]
    lenses: tuple[Lens, ...]
    ticks: tuple[Tick, ...]
    start: datetime
    end: datetime


def oversee(material: Material) -> Overview | None:
    """Lay out the picture; None where nothing tells how busy the sources were."""
    report = material.report
    whole = extent(report)
    if whole is None or not any(lane.rates for lane in report.lanes):
        return None
    axis = Axis(*whole, LABELS + 16, RIGHT - 16)
    return Overview(
        height=TOP + ROW * len(report.lanes) + 8,
        strips=tuple(_strip(lane, axis, TOP + ROW * number) for number, lane in enumerate(report.lanes)),
        lenses=tuple(_lenses(material, axis)),
        ticks=ticks(axis, material.clock),
        start=whole[0],
        end=whole[1],
    )


def _strip(lane: Lane, axis: Axis, y: float) -> OverviewStrip:
    return OverviewStrip(
        label=lane.label,
        short=short_name(lane),
        y=y,
        bars=tuple(_bars(lane, axis)),
        spans=tuple(stretches(axis, lane, covered=True)),
        gaps=tuple(stretches(axis, lane, covered=False)),
        busiest=max(lane.rates.records, default=0) if lane.rates else 0,
        peak=_peak(lane),
    )


def _peak(lane: Lane) -> str:
    if lane.rates is None or not lane.rates.records:
        return ""
    length = (lane.rates.end - lane.rates.start).total_seconds() / len(lane.rates.records)
    return f"up to {max(lane.rates.records):,} in {duration(length)}"


def _bars(lane: Lane, axis: Axis) -> Iterator[Bar]:
    if lane.rates is None or not lane.rates.records:
        return
    tallest = max(lane.rates.records) or 1
    length = (lane.rates.end - lane.rates.start) / len(lane.rates.records)
    for number, count in enumerate(lane.rates.records):
        left, right = (axis.x(lane.rates.start + length * each) for each in (number, number + 1))
        if count > 0 and right > left:
            height = -(-count * _STEPS // tallest) * _TALLEST / _STEPS
            yield Bar(left, round(max(right - left - 1, 1), 1), height)


def _lenses(material: Material, axis: Axis) -> Iterator[Lens]:
    for number, verdict in enumerate(material.report.incidents, start=1):
        if verdict.started is not None:
            left, right = axis.x(verdict.started), axis.x(verdict.ended or axis.end)
            yield Lens(left, round(max(right - left, _NARROWEST), 1), number)

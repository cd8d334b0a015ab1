"""The timeline as a picture: a lane per source, what it covers, its signs, and the chain across the lanes.

All geometry is computed here, in the units of an SVG view box 1200 wide; the template only writes it down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, zip_longest
from math import hypot, log2
from typing import Final

from logcorr.model import Lane, Verdict
from logcorr.report.chart.axis import Axis, Tick, extent, focus, ticks
from logcorr.report.chart.bundles import Sign, bundle
from logcorr.report.material import Material

WIDTH: Final = 1200
_LABELS: Final = 196.0  # the lanes' names stand left of this
_LETTERS: Final = 26  # that fit there
_RIGHT: Final = 1188.0
_STUB: Final = 64.0  # room beside the axis for what lies before and after it
_ROW: Final = 24.0
_RADIUS: Final = 11.0  # of a chain step


@dataclass(frozen=True, slots=True)
class Placed:
    """A sign in its place."""

    sign: Sign
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A covered stretch, or a gap with its reason."""

    x: float
    width: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """One lane as drawn."""

    label: str
    short: str
    y: float
    height: float
    spans: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]
    signs: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the feedback loop, and the way back to the failure of the next one."""

    failed: float | None
    reacted: float
    back: float | None  # where the next turn begins; None after the last
    number: int


@dataclass(frozen=True, slots=True)
class Ring:
    """The feedback loop as drawn below the lanes."""

    y: float
    height: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the time covered, small, above the part of it that is drawn large."""

    bars: tuple[tuple[float, float], ...]  # x, height
    ticks: tuple[Tick, ...]
    left: float
    right: float
    from_x: float
    to_x: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The finished geometry."""

    height: float
    top: float
    left: float
    right: float
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    arrows: tuple[tuple[float, float, float, float], ...]  # x1, y1, x2, y2
    ring: Ring | None
    overview: Overview | None
    start: datetime
    end: datetime


def draw(material: Material) -> Picture | None:
    """Lay out the picture; None where no lane was given."""
    report = material.report
    whole = extent(report)
    if whole is None or not report.lanes:
        return None
    start, end = focus(report, whole)
    zoomed = (start, end) != whole
    stub = _STUB if zoomed else 0.0
    axis = Axis(start, end, _LABELS + 16 + stub, _RIGHT - 16 - stub)
    top = 112.0 if zoomed else 34.0
    bands = tuple(_bands(material, axis, top))
    ring = _ring(report.verdict, axis, bands[-1].y + bands[-1].height + 6)
    return Picture(
        height=(ring or bands[-1]).y + (ring or bands[-1]).height + 8,
        top=top,
        left=axis.left,
        right=axis.right,
        bands=bands,
        ticks=ticks(axis, material.clock),
        arrows=tuple(_arrows(bands)),
        ring=ring,
        overview=_overview(material, axis, Axis(*whole, _LABELS + 16, _RIGHT - 16)) if zoomed else None,
        start=start,
        end=end,
    )


def _bands(material: Material, axis: Axis, top: float) -> Iterator[Band]:
    y = top
    lanes = material.report.lanes
    for lane, signs in zip(lanes, bundle(material.report, axis, material.budget.marks), strict=True):
        height = (max((sign.row for sign in signs), default=0) + 1) * _ROW + 12
        yield Band(
            label=lane.label,
            short=_short(lane),
            y=y,
            height=height,
            spans=tuple(_stretches(axis, lane, covered=True)),
            gaps=tuple(_stretches(axis, lane, covered=False)),
            signs=tuple(_place(sign, axis, y) for sign in signs),
        )
        y += height + 6


def _short(lane: Lane) -> str:
    """Name a lane in the room beside it: the file, and the host where there is room."""
    name = lane.label.rsplit("/", 1)[-1]
    full = f"{lane.host} · {name}" if lane.host and lane.host not in name else name
    fitting = full if len(full) <= _LETTERS else name if len(name) <= _LETTERS else name.split(".", 1)[0] or name
    return fitting if len(fitting) <= _LETTERS else f"…{fitting[1 - _LETTERS :]}"


def _place(sign: Sign, axis: Axis, top: float) -> Placed:
    beside = {"earlier": axis.left - 44, "later": axis.right + 30}
    return Placed(sign, beside.get(sign.edge, sign.x), top + 6 + (sign.row + 0.5) * _ROW)


def _stretches(axis: Axis, lane: Lane, *, covered: bool) -> Iterator[Stretch]:
    stretches = [(start, end, "") for start, end in lane.spans] if covered else lane.gaps
    for start, end, reason in stretches:
        if start <= axis.end and end >= axis.start:
            left = axis.x(start)
            yield Stretch(left, round(max(axis.x(end) - left, 1.5), 1), reason)


def _arrows(bands: tuple[Band, ...]) -> Iterator[tuple[float, float, float, float]]:
    """Join the chain's steps, from rim to rim; steps that touch need no arrow."""
    steps = sorted((placed for band in bands for placed in band.signs if placed.sign.number), key=_number)
    for before, after in pairwise(steps):
        x, y = after.x - before.x, after.y - before.y
        length = hypot(x, y)
        if length > 2 * _RADIUS + 6:
            start, end = _RADIUS / length, (length - _RADIUS - 3) / length
            ends = (before.x + x * start, before.y + y * start, before.x + x * end, before.y + y * end)
            yield round(ends[0], 1), round(ends[1], 1), round(ends[2], 1), round(ends[3], 1)


def _ring(verdict: Verdict, axis: Axis, y: float) -> Ring | None:
    """Draw the turns that lie inside the stretch: failure, reaction, and back to the next failure."""
    seen = [turn for turn in verdict.turns if axis.shows(turn.reacted)]
    if not verdict.loop or len(seen) < 2:
        return None
    places = [_pair(axis, turn.failed, turn.reacted) for turn in seen]
    nexts = [failed if failed is not None else reacted for failed, reacted in places[1:]]
    return Ring(
        y=y,
        height=44.0,
        turns=tuple(
            Turn(failed, reacted, back if back is not None and back - reacted > _RADIUS + 6 else None, number)
            for number, ((failed, reacted), back) in enumerate(zip_longest(places, nexts), start=1)
        ),
    )


def _pair(axis: Axis, failed: datetime | None, reacted: datetime) -> tuple[float | None, float]:
    """The places of a failure and the reaction to it, far enough apart for two signs."""
    x = axis.x(reacted)
    return None if failed is None else round(min(axis.x(failed), x - 1.6 * _RADIUS), 1), x


def _number(placed: Placed) -> int:
    return placed.sign.number or 0


def _overview(material: Material, axis: Axis, whole: Axis) -> Overview:
    counts: dict[float, int] = {}
    for lane in material.report.lanes:
        for mark in lane.marks:
            place = whole.x(mark.time) // 8 * 8
            counts[place] = counts.get(place, 0) + mark.count
    most = max(counts.values(), default=1)
    return Overview(
        bars=tuple((x, round(4 + 22 * log2(1 + count) / log2(1 + most), 1)) for x, count in sorted(counts.items())),
        ticks=ticks(whole, material.clock),
        left=whole.left,
        right=whole.right,
        from_x=whole.x(axis.start),
        to_x=whole.x(axis.end),
    )

"""The timeline as a picture: a lane per source, what it covers, its signs, and the chain across the lanes.

All geometry is computed here, in the units of an SVG view box 1200 wide; the template only writes it down.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise, zip_longest
from math import hypot
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Lane, Verdict
from logcorr.report.chart.axis import Axis, Tick, extent, focus, ticks
from logcorr.report.chart.bundles import DrawnMark, bundle
from logcorr.report.material import Material

WIDTH: Final = 1200
LABELS: Final = 196.0  # the lanes' names stand left of this
_LETTERS: Final = 26  # that fit there
RIGHT: Final = 1188.0
_STUB: Final = 64.0  # room beside the axis for what lies before and after it
_ROW: Final = 24.0
_RADIUS: Final = 11.0  # of a chain step


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A sign in its place."""

    sign: DrawnMark
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DrawnStretch:
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
    spans: tuple[DrawnStretch, ...]
    gaps: tuple[DrawnStretch, ...]
    signs: tuple[PlacedMark, ...]


@dataclass(frozen=True, slots=True)
class DrawnTurn:
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
    turns: tuple[DrawnTurn, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The finished geometry."""

    height: float
    top: float
    left: float
    right: float
    bands: tuple[Band, ...]
    left_out: tuple[str, ...]  # sources without a sign in the stretch
    ticks: tuple[Tick, ...]
    arrows: tuple[tuple[float, float, float, float], ...]  # x1, y1, x2, y2
    ring: Ring | None
    start: datetime
    end: datetime


def draw(material: Material, verdict: Verdict, limit: int) -> Picture | None:
    """Lay out one incident's picture with at most ``limit`` signs; None where no source has any."""
    report = material.report
    whole = extent(report)
    if whole is None or not report.lanes:
        return None
    start, end = focus(verdict, whole)
    lanes = tuple(lane for lane in report.lanes if _has_signs(lane, start, end))
    if not lanes:
        return None
    stub = _STUB if (start, end) != whole else 0.0
    axis = Axis(start, end, LABELS + 16 + stub, RIGHT - 16 - stub)
    top = 34.0
    signs = bundle(lanes, verdict, axis, limit, leading=verdict == report.verdict)
    bands = tuple(_bands(lanes, signs, axis, top))
    ring = _ring(verdict, axis, bands[-1].y + bands[-1].height + 6)
    return Picture(
        height=(ring or bands[-1]).y + (ring or bands[-1]).height + 8,
        top=top,
        left=axis.left,
        right=axis.right,
        bands=bands,
        left_out=tuple(lane.label for lane in report.lanes if lane not in lanes),
        ticks=ticks(axis, material.clock),
        arrows=tuple(_arrows(bands, verdict)),
        ring=ring,
        start=start,
        end=end,
    )


def _has_signs(lane: Lane, start: datetime, end: datetime) -> bool:
    """Say whether anything of a lane is to be seen in a stretch: a mark, or that the lane has a gap."""
    return any(start <= mark.time <= end for mark in lane.marks) or any(
        begin <= end and until >= start for begin, until, _ in lane.gaps
    )


def _bands(
    lanes: tuple[Lane, ...], bundled: tuple[tuple[DrawnMark, ...], ...], axis: Axis, top: float
) -> Iterator[Band]:
    y = top
    for lane, signs in zip(lanes, bundled, strict=True):
        height = (max((sign.row for sign in signs), default=0) + 1) * _ROW + 12
        yield Band(
            label=lane.label,
            short=short_name(lane),
            y=y,
            height=height,
            spans=tuple(stretches(axis, lane, covered=True)),
            gaps=tuple(stretches(axis, lane, covered=False)),
            signs=tuple(_place(sign, axis, y) for sign in signs),
        )
        y += height + 6


def short_name(lane: Lane) -> str:
    """Name a lane in the room beside it: the file, and the host where there is room."""
    name = lane.label.rsplit("/", 1)[-1]
    full = f"{lane.host} · {name}" if lane.host and lane.host not in name else name
    fitting = full if len(full) <= _LETTERS else name if len(name) <= _LETTERS else name.split(".", 1)[0] or name
    return fitting if len(fitting) <= _LETTERS else f"…{fitting[1 - _LETTERS :]}"


def _place(sign: DrawnMark, axis: Axis, top: float) -> PlacedMark:
    beside = {"earlier": axis.left - 44, "later": axis.right + 30}
    return PlacedMark(sign, beside.get(sign.edge, sign.x), top + 6 + (sign.row + 0.5) * _ROW)


def stretches(axis: Axis, lane: Lane, *, covered: bool) -> Iterator[DrawnStretch]:
    """The stretches that a lane covers, or its gaps, as far as the axis shows them."""
    found = [(start, end, "") for start, end in lane.spans] if covered else lane.gaps
    for start, end, reason in found:
        if start <= axis.end and end >= axis.start:
            left = axis.x(start)
            yield DrawnStretch(left, round(max(axis.x(end) - left, 1.5), 1), reason)


def _arrows(bands: tuple[Band, ...], verdict: Verdict) -> Iterator[tuple[float, float, float, float]]:
    """Join what brought something about with what it brought about, from rim to rim; steps that touch need no arrow.

    A symptom brings nothing about, and no recovery follows from what went wrong: they are only next in time.
    """
    steps = sorted((placed for band in bands for placed in band.signs if placed.sign.number), key=_number)
    for before, after in pairwise(steps):
        causes, caused = (verdict.chain[_number(each) - 1].role for each in (before, after))
        if causes not in {"root", "step"} or caused not in {"step", "symptom"}:
            continue
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
            DrawnTurn(failed, reacted, back if back is not None and back - reacted > _RADIUS + 6 else None, number)
            for number, ((failed, reacted), back) in enumerate(zip_longest(places, nexts), start=1)
        ),
    )


def _pair(axis: Axis, failed: datetime | None, reacted: datetime) -> tuple[float | None, float]:
    """The places of a failure and the reaction to it, far enough apart for two signs."""
    x = axis.x(reacted)
    return None if failed is None else round(min(axis.x(failed), x - 1.6 * _RADIUS), 1), x


def _number(placed: PlacedMark) -> int:
    return placed.sign.number or 0

"""The picture of one incident, and the same signs as rows of a table."""

from __future__ import annotations

from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Verdict
from logcorr.report.chart.bundles import DrawnMark
from logcorr.report.chart.drawing import WIDTH, Band, Picture, draw
from logcorr.report.material import Citation, Material
from logcorr.report.text.clock import Stamp
from logcorr.report.text.words import ROLE, Word, some, word

_LEFT_OUT: Final = 6  # sources without a sign that are named


@dataclass(frozen=True, slots=True)
class Row:
    """One sign, for the table and for the picture."""

    id: str  # of its table row
    href: str | None  # the evidence, where there is one
    x: float
    y: float
    until: float | None
    number: int | None
    edge: str
    kind: Word
    count: int
    stamp: Stamp
    span: str
    lane: str
    text: str
    evidence: tuple[Citation, ...]
    title: str


@dataclass(frozen=True, slots=True)
class LaneRows:
    """One lane with its signs."""

    band: Band
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Picture and table."""

    number: int  # of the incident, from 1
    width: int
    picture: Picture
    lanes: tuple[LaneRows, ...]
    rows: tuple[Row, ...]  # of all lanes, in order of time
    span: str
    day: str  # the date and zone that the axis begins with
    left_out: str  # sources without a sign in the stretch


def show(material: Material, verdict: Verdict, number: int, limit: int) -> Shown | None:
    """Draw the picture of one incident with at most ``limit`` signs; nothing where no source has any."""
    picture = draw(material, verdict, limit)
    if picture is None:
        return None
    lanes = tuple(
        _lane(material, verdict, f"sign-{number}-{place}", band) for place, band in enumerate(picture.bands, start=1)
    )
    rows = sorted((row for lane in lanes for row in lane.rows), key=lambda row: (row.stamp.iso, row.number or 0))
    start, end = material.clock.stamp(picture.start), material.clock.stamp(picture.end)
    return Shown(
        number=number,
        width=WIDTH,
        picture=picture,
        lanes=lanes,
        rows=tuple(rows),
        span=material.span(start, end),
        day=f"{start.date} UTC{start.offset.rstrip('Z')}",
        left_out=some([label.removeprefix(material.folder) for label in picture.left_out], _LEFT_OUT),
    )


def _lane(material: Material, verdict: Verdict, prefix: str, band: Band) -> LaneRows:
    rows = []
    for number, placed in enumerate(band.signs, start=1):
        sign = placed.sign
        evidence = material.cite(dict.fromkeys(mark.evidence for mark in sign.marks if mark.evidence))
        name = f"{prefix}-{number}"
        first, last = material.clock.stamp(sign.first), material.clock.stamp(sign.last)
        text = _text(sign)
        rows.append(
            Row(
                id=name,
                href=next((each.anchor for each in evidence if each.anchor), None),
                x=placed.x,
                y=placed.y,
                until=sign.until,
                number=sign.number,
                edge=sign.edge,
                kind=word(ROLE, verdict.chain[sign.number - 1].role) if sign.number else sign.kind,
                count=sign.count,
                stamp=first,
                span=material.span(first, last),
                lane=band.label.removeprefix(material.folder),
                text=text,
                evidence=evidence[:6],
                title=f"{material.span(first, last)}: {text}",
            )
        )
    return LaneRows(band=band, rows=tuple(rows))


def _text(sign: DrawnMark) -> str:
    if sign.edge:
        return f"{sign.count:,} {sign.edge}, the first: {sign.marks[0].text}"
    texts = list(dict.fromkeys(mark.text for mark in sign.marks))
    more = f", and {len(texts) - 1:,} more" if len(texts) > 1 else ""
    return f"{sign.count:,} × {texts[0]}{more}" if sign.count > 1 else texts[0]

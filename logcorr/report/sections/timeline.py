"""The timeline: a picture of lanes, and the same signs as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from logcorr.report.chart.bundles import Sign
from logcorr.report.chart.drawing import WIDTH, Band, Picture, draw
from logcorr.report.clock import Stamp
from logcorr.report.inert import inline
from logcorr.report.material import Citation, Material, Section
from logcorr.report.words import Word


@dataclass(frozen=True, slots=True)
class Row:
    """One sign, for the table and for the picture."""

    id: str  # of its table row
    href: str  # the evidence where there is one, else the row
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
class Timeline:
    """Picture and table."""

    width: int
    picture: Picture
    lanes: tuple[LaneRows, ...]
    rows: tuple[Row, ...]  # of all lanes, in order of time
    span: str
    day: str  # the date and zone that the axis begins with


def build(material: Material) -> Timeline | None:
    """Draw the picture; nothing where no lane was given."""
    picture = draw(material)
    if picture is None:
        return None
    lanes = tuple(_lane(material, number, band) for number, band in enumerate(picture.bands, start=1))
    rows = sorted((row for lane in lanes for row in lane.rows), key=lambda row: (row.stamp.iso, row.number or 0))
    start, end = material.clock.stamp(picture.start), material.clock.stamp(picture.end)
    day = f"{start.date} UTC{start.offset.rstrip('Z')}"
    return Timeline(
        width=WIDTH, picture=picture, lanes=lanes, rows=tuple(rows), span=material.span(start, end), day=day
    )


def _lane(material: Material, lane_number: int, band: Band) -> LaneRows:
    rows = []
    for number, placed in enumerate(band.signs, start=1):
        sign = placed.sign
        evidence = material.cite(dict.fromkeys(mark.evidence for mark in sign.marks if mark.evidence))
        name = f"sign-{lane_number}-{number}"
        first, last = material.clock.stamp(sign.first), material.clock.stamp(sign.last)
        text = _text(sign)
        rows.append(
            Row(
                id=name,
                href=next((each.anchor for each in evidence if each.anchor), name),
                x=placed.x,
                y=placed.y,
                until=sign.until,
                number=sign.number,
                edge=sign.edge,
                kind=sign.kind,
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


def _text(sign: Sign) -> str:
    if sign.edge:
        return f"{sign.count:,} {sign.edge}, the first: {sign.marks[0].text}"
    texts = list(dict.fromkeys(mark.text for mark in sign.marks))
    more = f", and {len(texts) - 1:,} more" if len(texts) > 1 else ""
    return f"{sign.count:,} × {texts[0]}{more}" if sign.count > 1 else texts[0]


def markdown(view: Timeline) -> str:
    """Write the table's rows as a list."""
    return "\n".join(_row_texts(view))


def _row_texts(view: Timeline) -> Iterator[str]:
    for row in view.rows:
        step = f"step {row.number}, " if row.number else ""
        cites = f" ({', '.join(inline(each.id) for each in row.evidence)})" if row.evidence else ""
        kind = inline(row.kind.word)
        yield f"- {row.span} {row.kind.sign} {step}{kind}, {inline(row.lane)}: {inline(row.text)}{cites}"


SECTION = Section(id="timeline", title="Timeline", template="timeline.html.j2", build=build, markdown=markdown)

"""The timeline: how busy every source was, the leading incident's picture, and the same signs as a table."""

from __future__ import annotations

from collections.abc import Iterator

from logcorr.dataclass import dataclass
from logcorr.report.chart.drawing import WIDTH
from logcorr.report.chart.overview import Overview, oversee
from logcorr.report.chart.pictures import Shown, show
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import inline


@dataclass(frozen=True, slots=True)
class Timeline:
    """Both pictures."""

    overview: Overview | None
    span: str  # of the overview
    width: int
    shown: Shown | None


def build(material: Material) -> Timeline | None:
    """Draw the pictures; nothing where there is nothing to draw."""
    overview = oversee(material)
    shown = show(material, material.report.verdict, 1, material.budget.marks)
    if overview is None and shown is None:
        return None
    if overview and shown and not shown.rows:  # the overview has the same sources and gaps
        shown = None
    clock = material.clock
    span = material.span(clock.stamp(overview.start), clock.stamp(overview.end)) if overview else ""
    return Timeline(overview=overview, span=span, width=WIDTH, shown=shown)


def markdown(view: Timeline) -> str:
    """Write the table's rows as a list."""
    return "\n".join(_row_texts(view.shown)) if view.shown else "No sign to show."


def _row_texts(shown: Shown) -> Iterator[str]:
    for row in shown.rows:
        step = f"step {row.number}, " if row.number else ""
        cites = f" ({', '.join(inline(each.id) for each in row.evidence)})" if row.evidence else ""
        kind = inline(row.kind.word)
        yield f"- {row.span} {row.kind.sign} {step}{kind}, {inline(row.lane)}: {inline(row.text)}{cites}"


SECTION = Section(id="timeline", title="Timeline", template="timeline.html.j2", build=build, markdown=markdown)

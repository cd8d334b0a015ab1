"""The other incidents: each with its own facts, chain, key lines and picture."""

from __future__ import annotations

from typing import Final

from logcorr.dataclass import dataclass
from logcorr.report.chart.pictures import Shown, show
from logcorr.report.material import Material, Section
from logcorr.report.plain.story_markdown import incident_blocks
from logcorr.report.story import Incident, tell_incident
from logcorr.report.text.inert import inline

_LEAST: Final = 24  # signs of a picture, however many incidents there are


@dataclass(frozen=True, slots=True)
class Other:
    """One incident beside the first."""

    incident: Incident
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Others:
    """All incidents but the first."""

    told: tuple[Other, ...]
    told_already: str | None  # the first one's warning, which need not be said of each


def build(material: Material) -> Others | None:
    """Tell each of them; nothing where there is only one incident."""
    rest = material.report.incidents[1:]
    if not rest:
        return None
    limit = max(_LEAST, material.budget.marks // len(rest))
    return Others(
        told_already=material.report.verdict.warning,
        told=tuple(
            Other(tell_incident(material, verdict, number), show(material, verdict, number, limit))
            for number, verdict in enumerate(rest, start=2)
        ),
    )


def markdown(view: Others) -> str:
    """Write each under a heading of its own."""
    blocks: list[str] = []
    for each in view.told:
        blocks += [
            f"### Incident {each.incident.number}: {inline(each.incident.title)}",
            *incident_blocks(each.incident),
        ]
    return "\n\n".join(blocks)


SECTION = Section(
    id="others", title="Other incidents in this window", template="others.html.j2", build=build, markdown=markdown
)

"""The timeline as an SVG file of its own, for trackers that take pictures and refuse HTML."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from logcorr.model import Report
from logcorr.report import budget
from logcorr.report.budget import Budget
from logcorr.report.chart.drawing import WIDTH
from logcorr.report.chart.overview import oversee
from logcorr.report.chart.pictures import show
from logcorr.report.material import gather
from logcorr.report.story import tell_incident
from logcorr.report.templates import environment
from logcorr.report.text.clean import clean
from logcorr.textsafe import shortened

_HEAD: Final = 58.0  # room above the pictures
_LEGEND: Final = 24.0  # and of each line of the legend
_GAP: Final = 30.0
_TITLE: Final = 110  # characters that fit in a line


def render(report: Report) -> str:
    """Return the picture of the leading incident, and of all of the logs below it, as an SVG document."""
    fitted, _ = budget.fit(report, Budget())
    material = gather(clean(fitted), Budget())
    incident = tell_incident(material, material.report.verdict, 1)
    shown = show(material, material.report.verdict, 1, material.budget.marks)
    overview = oversee(material)
    top = _HEAD + (shown.picture.height + _LEGEND + _GAP if shown else 0)
    return (
        environment()
        .get_template("timeline.svg.j2")
        .render(
            width=WIDTH,
            height=top + (overview.height + _LEGEND if overview else 0),
            head=_HEAD,
            top=top,
            shown=shown,
            overview=overview,
            status=incident.status,
            title=shortened(incident.title, _TITLE),
            facts=shortened(" · ".join(f"{label} {value}" for label, value in incident.facts), _TITLE + 40),
            style=_style(),
        )
    )


@cache
def _style() -> str:
    """The page's colours and what it says of pictures."""
    page = (Path(__file__).parent.parent / "style.css").read_text(encoding="utf-8")
    roots = re.findall(r"^(?:@media screen and [^{]*\{\n  )?:root \{[^}]*\}(?:\n\})?", page, re.MULTILINE)
    tones = re.findall(r"^\.is-[^{]*\{ --tone:[^}]*\}", page, re.MULTILINE)
    drawn = re.findall(r"^svg \.[^{]*\{[^}]*\}", page, re.MULTILINE)
    return "\n".join((*roots, *tones, *drawn))

"""From a report to what is shown: one view of plain values, the same for the page and the Markdown."""

from __future__ import annotations

from dataclasses import replace

from logcorr.dataclass import dataclass
from logcorr.model import Report, Verdict
from logcorr.report.budget import Budget, fit
from logcorr.report.material import Section, gather
from logcorr.report.sections import SECTIONS
from logcorr.report.text.clean import clean
from logcorr.report.text.words import STATUS, word


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its view."""

    section: Section[object]
    data: object
    omissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything a renderer needs."""

    title: str
    generator: str
    parts: tuple[Part, ...]


def view(report: Report, budget: Budget) -> View:
    """Cut ``report`` to ``budget``, make it displayable, and build every section that has something to say."""
    fitted, omissions = fit(_of_what_is_known(report), budget)
    material = gather(clean(fitted, budget.text), budget)
    parts = []
    for section in SECTIONS:
        data = section.build(material)
        if data is not None:
            said = tuple(omission.says for omission in omissions if omission.section == section.id)
            parts.append(Part(section, data, said))
    shown = material.report
    return View(
        title=f"{word(STATUS, shown.verdict.status).word}: {shown.verdict.title}",
        generator=f"{shown.tool.name} {shown.tool.version}",
        parts=tuple(parts),
    )


def _of_what_is_known(report: Report) -> Report:
    """``report`` without the step that stands for a cause which is not in the logs: the title says so."""
    return replace(report, verdict=_known(report.verdict), incidents=tuple(map(_known, report.incidents)))


def _known(verdict: Verdict) -> Verdict:
    return replace(verdict, chain=tuple(step for step in verdict.chain if step.event != "unknown"))

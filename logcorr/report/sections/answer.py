"""The answer: verdict, how sure and why, the chain from root to symptom, and the lines that show it.

Where there are several incidents, it holds all of them at a glance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Finding, Report
from logcorr.report.extent import lasted
from logcorr.report.material import Material, Section
from logcorr.report.plain.story_markdown import incident_blocks
from logcorr.report.story import Incident, tell_incident
from logcorr.report.text.clock import Stamp
from logcorr.report.text.inert import inline
from logcorr.report.text.words import STATUS, Word, some, usefulness, word

_HOSTS: Final = 3  # of an incident in the table
_RESOLVED: Final = {True: "no", False: "yes", None: "not known"}


@dataclass(frozen=True, slots=True)
class Caution:
    """The order in time that tempts, and why it is a coincidence."""

    title: str
    says: str
    more: int


@dataclass(frozen=True, slots=True)
class Glance:
    """One incident in a row."""

    number: int
    status: Word
    title: str
    started: Stamp | None
    lasted: str
    resolved: str
    hosts: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The first screen."""

    incident: Incident
    caution: Caution | None
    table: tuple[Glance, ...]  # all incidents, those that say most first; empty where there is one


def build(material: Material) -> Answer:
    """Take the answer from the first verdict."""
    report = material.report
    return Answer(
        incident=tell_incident(material, report.verdict, 1),
        caution=None if report.verdict.status == "no-incident" else _caution(report.findings),
        table=tuple(_glances(material)) if len(report.incidents) > 1 else (),
    )


def _glances(material: Material) -> Iterator[Glance]:
    report: Report = material.report
    told = sorted(enumerate(report.incidents, start=1), key=lambda each: (each[0] > 1, usefulness(each[1])))
    for number, verdict in told:
        yield Glance(
            number=number,
            status=word(STATUS, verdict.status),
            title=verdict.title,
            started=material.clock.maybe(verdict.started),
            lasted=lasted(report, verdict) or "not known",
            resolved=_RESOLVED[verdict.ongoing],
            hosts=some(verdict.hosts, _HOSTS) or "not known",
        )


def _caution(findings: tuple[Finding, ...]) -> Caution | None:
    cautioned = [finding for finding in findings if finding.caution]
    if not cautioned:
        return None
    return Caution(title=cautioned[0].title, says=cautioned[0].caution or "", more=len(cautioned) - 1)


def markdown(answer: Answer) -> str:
    """Write the answer: what a reader of the ticket needs, and nothing else."""
    blocks = list(incident_blocks(answer.incident))
    if answer.table:
        rows = "\n".join(map(_row, answer.table))
        blocks.insert(3, f"**{len(answer.table):,} incidents in this window**\n\n{rows}")
    if answer.caution:
        blocks.append(
            f"**✗ “{inline(answer.caution.title)}” is a coincidence, not the cause:** {inline(answer.caution.says)}"
        )
    return "\n\n".join(blocks)


def _row(glance: Glance) -> str:
    when = f"{glance.started.both}, {inline(glance.lasted)}" if glance.started else inline(glance.lasted)
    return (
        f"- {glance.number}: {glance.status.sign} {inline(glance.status.word)}: {inline(glance.title)}; "
        f"{when}; resolved: {glance.resolved}; {inline(glance.hosts)}"
    )


SECTION = Section(id="answer", title="The answer", template="answer.html.j2", build=build, markdown=markdown)

"""What a section is, and what it is made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Final, Generic, TypeVar

from logcorr.dataclass import dataclass
from logcorr.model import Evidence, Report
from logcorr.report.budget import Budget
from logcorr.report.text.clock import Clock, Stamp, clock

V = TypeVar("V")

_EVIDENCE_ID: Final = re.compile(r"E[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Citation:
    """An evidence id, and where on the page the line is; ``anchor`` is None for a line that the page leaves out."""

    id: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Material:
    """A report cut to its budget and made displayable, with what every section needs to write it down."""

    report: Report
    clock: Clock
    budget: Budget
    anchors: dict[str, str]
    folder: str  # that all inputs are in, with its last slash
    titles: dict[str, str]  # of the causes that were weighed, by id

    def cite(self, ids: Iterable[str]) -> tuple[Citation, ...]:
        """Turn evidence ids into links."""
        return tuple(Citation(each, self.anchors.get(each)) for each in ids)

    def titled(self, causes: Iterable[str]) -> tuple[str, ...]:
        """Name causes by their titles; one that was not weighed by its id."""
        return tuple(self.titles.get(cause, cause) for cause in causes)

    def line(self, evidence_id: str) -> Evidence | None:
        """Return the cited line, or None where the page leaves it out."""
        return next((line for line in self.report.evidence if line.id == evidence_id), None)

    def place(self, line: Evidence) -> str:
        """Write where a line stands: ``file:line``, without the folder that all inputs share."""
        return f"{line.source.removeprefix(self.folder)}:{line.line}"

    def span(self, first: Stamp | None, last: Stamp | None) -> str:
        """Write a stretch of time, the date once where it is the same."""
        start = first.full if first else "the start"
        if first and last and first.date == last.date:
            return start if first == last else f"{start} to {last.short}"
        return f"{start} to {last.full if last else 'the end'}"


@dataclass(frozen=True, slots=True)
class Section(Generic[V]):
    """One section of the report.

    ``build`` makes its view, plain values that every renderer shares, or None where it has nothing to say;
    ``template`` writes the view as HTML and ``markdown`` as Markdown.
    """

    id: str
    title: str
    template: str
    build: Callable[[Material], V | None]
    markdown: Callable[[V], str]


def gather(report: Report, budget: Budget) -> Material:
    """Return the material of a report that is already cut and displayable."""
    anchors: dict[str, str] = {}
    for number, line in enumerate(report.evidence, start=1):  # ids reach attributes only if they are ours
        anchors.setdefault(line.id, line.id if _EVIDENCE_ID.fullmatch(line.id) else f"line-{number}")
    folder = _shared_folder([each.path for each in report.inputs])
    titles = {each.cause: each.title for each in report.hypotheses}
    return Material(report, clock(report.zone), budget, anchors, folder, titles)


def _shared_folder(paths: Sequence[str]) -> str:
    folders = [path.split("/")[:-1] for path in paths]
    parts = [part[0] for part in takewhile(lambda part: len(set(part)) == 1, zip(*folders, strict=False))]
    return "/".join([*parts, ""]) if parts else ""

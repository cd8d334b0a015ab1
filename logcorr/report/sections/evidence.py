"""Every cited line where it stands: in its file, between its neighbours, with its true time."""

from __future__ import annotations

from logcorr.dataclass import dataclass
from logcorr.model import Evidence
from logcorr.report.material import Material, Section
from logcorr.report.text.clock import Stamp
from logcorr.report.text.inert import fence
from logcorr.report.text.words import Word, vouched
from logcorr.times.timespan import duration


@dataclass(frozen=True, slots=True)
class Line:
    """One cited line."""

    id: str
    anchor: str
    stamp: Stamp
    margin: str | None
    host: str
    program: str
    event: str | None
    place: str
    trust: Word
    says: str | None
    message: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitedLines:
    """All cited lines, in the report's order."""

    lines: tuple[Line, ...]  # all of them
    leading: tuple[Line, ...]  # those that the first answer rests on
    further: tuple[Line, ...]


def build(material: Material) -> CitedLines | None:
    """Take the cited lines; nothing where none is cited and none was to be."""
    verdict = material.report.verdict
    if not material.report.evidence and verdict.status == "no-incident":
        return None
    leading = set(verdict.key_evidence) or {each for step in verdict.chain for each in step.evidence[:1]}
    lines = tuple(_line(material, line) for line in material.report.evidence)
    return CitedLines(
        lines=lines,
        leading=tuple(line for line in lines if line.id in leading),
        further=tuple(line for line in lines if line.id not in leading),
    )


def _line(material: Material, line: Evidence) -> Line:
    uncertainty = line.time_uncertainty_s or 0
    return Line(
        id=line.id,
        anchor=material.anchors[line.id],
        stamp=material.clock.stamp(line.time),
        margin=f"±{duration(uncertainty)}" if uncertainty >= 0.05 else None,
        host=line.host or "",
        program=f"{line.program or ''}{'' if line.pid is None else f'[{line.pid}]'}",
        event=line.event,
        place=material.place(line),
        trust=vouched(line.trusted, line.origin),
        says=line.says,
        message=line.message,
        before=line.before,
        after=line.after,
    )


def markdown(view: CitedLines) -> str:
    """Write all lines in one block: log text is quoted, never markup."""
    if not view.lines:
        return "No line is cited."
    return fence([text for line in view.lines for text in _line_text(line)])


def _line_text(line: Line) -> list[str]:
    facts = (line.id, line.stamp.utc, line.margin, f"{line.host} {line.program}".strip(), line.place, line.trust.word)
    head = "  ".join(filter(None, (*facts, line.event)))
    return [head, f"    {line.message}", *([f"    = {line.says}"] if line.says else [])]


SECTION = Section(id="evidence", title="Evidence", template="evidence.html.j2", build=build, markdown=markdown)

"""What was not seen: absence of evidence is the most misread thing in a log report."""

from __future__ import annotations

from logcorr.dataclass import dataclass
from logcorr.model import CoverageGap, SourceFile
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import code, inline
from logcorr.report.text.words import GAP


@dataclass(frozen=True, slots=True)
class Seen:
    """What one input covers."""

    source: str
    host: str
    span: str
    share: str


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be seen."""

    where: str
    kind: str
    span: str
    reason: str
    hides: tuple[str, ...]  # titles of causes, ids of other rules
    command: str | None  # that gets it
    how: tuple[str, ...]
    on: str | None
    above: bool  # Do now says how to get it


@dataclass(frozen=True, slots=True)
class Covered:
    """What the inputs cover, and what they do not."""

    seen: tuple[Seen, ...]
    gaps: tuple[Gap, ...]
    quiet: bool  # no incident: what was covered is the answer


def build(material: Material) -> Covered:
    """Take coverage from the inputs and the gaps."""
    return Covered(
        seen=tuple(_seen(material, source) for source in material.report.inputs),
        gaps=tuple(_gap(material, gap) for gap in material.report.coverage),
        quiet=material.report.verdict.status == "no-incident",
    )


def _seen(material: Material, source: SourceFile) -> Seen:
    clock = material.clock
    span = material.span(clock.maybe(source.first), clock.maybe(source.last)) if source.first else "nothing"
    lines = source.lines or source.records + source.unparsed
    share = source.problem or f"{source.unparsed:,} of {lines:,} lines not understood"
    return Seen(source=source.path.removeprefix(material.folder), host=source.host or "", span=span, share=share)


def _gap(material: Material, gap: CoverageGap) -> Gap:
    clock = material.clock
    whole = gap.start is None and gap.end is None
    way = (gap.command, gap.how)
    above = any(way) and any((each.command, each.how) == way for each in material.report.actions)
    return Gap(
        where=", ".join(filter(None, ((gap.source or "").removeprefix(material.folder), gap.host))) or "all sources",
        kind=GAP.get(gap.kind, gap.kind),
        span="the whole window" if whole else material.span(clock.maybe(gap.start), clock.maybe(gap.end)),
        reason=gap.reason,
        hides=material.titled(gap.hides),
        command=None if above else gap.command,
        how=() if above else gap.how,
        on=gap.on,
        above=above,
    )


def markdown(view: Covered) -> str:
    """Write the gaps first, then what was covered."""
    gaps = [_gap_text(gap) for gap in view.gaps] or ["No gap is known in the sources given."]
    seen = [f"- {inline(each.source)}: {each.span}; {inline(each.share)}" for each in view.seen]
    return "\n".join([*gaps, "", "**Covered**", "", *(seen or ["Nothing."])])


def _gap_text(gap: Gap) -> str:
    hides = f" Blind because of it: {inline('; '.join(gap.hides))}." if gap.hides else ""
    how = [f"  - {code(gap.command)}"] if gap.command else []
    how += [f"  - {inline(line)}" for line in gap.how]
    where = f" To get it, on {inline(gap.on)}:" if gap.on and how else ""
    where += " How to get it is told under Do now." if gap.above else ""
    return "\n".join(
        (f"- {inline(gap.where)}, {inline(gap.kind)}, {gap.span}: {_ended(inline(gap.reason))}{hides}{where}", *how)
    )


def _ended(text: str) -> str:
    return text if text.endswith((".", "`")) else f"{text}."


SECTION = Section(id="coverage", title="What was not seen", template="coverage.html.j2", build=build, markdown=markdown)

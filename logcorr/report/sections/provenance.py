"""How the report came about: inputs, hashes, zones and why, clock skew, versions, limits, redaction."""

from __future__ import annotations

from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Limit, SourceFile
from logcorr.report.material import Material, Section
from logcorr.report.text.inert import inline


@dataclass(frozen=True, slots=True)
class Input:
    """One input as it was read."""

    path: str
    facts: tuple[tuple[str, str], ...]
    sha256: str | None
    problem: str | None
    shapes: tuple[tuple[str, int], ...]  # commonest unparsed lines, with their counts


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything needed to make the report again, or to doubt it."""

    made: tuple[tuple[str, str], ...]
    inputs: tuple[Input, ...]
    limits: tuple[Limit, ...]
    profile: str
    classes: tuple[tuple[str, int], ...]
    promise: str  # what was hidden, and what was not


#: What profile ``share`` does, and no more than it does.
_SHARE: Final = (
    "Replaced are addresses, identifiers, and the names that were recognised: of machines, pods, containers, guests, "
    "users and networks, and of files and folders. Names of programs, units, interfaces and connections stay, and so "
    "do those that many machines have, such as router or web. Labels are consistent within this report. Where a label "
    "stands in a file's name, its owner finds the file by the SHA-256 of its unpacked content, which is among the "
    "inputs, or in the map that --redaction-map keeps; line numbers are those of the file. No tool finds everything: "
    "skim the report before you share it, and hide what is left with --keyword."
)
_PROMISES: Final = {
    "share": _SHARE,
    "secrets": "Replaced are secrets alone. Names and addresses are real.",
    "none": "Nothing is replaced.",
}


def build(material: Material) -> Provenance:
    """Take the provenance from tool, inputs, limits and redaction."""
    report = material.report
    return Provenance(
        made=(
            ("Made by", f"{report.tool.name} {report.tool.version}"),
            ("Command", report.tool.command),
            ("Rules", f"sha256 {report.tool.rules_sha256}"),
            ("Report schema", "logcorr.report/1"),
        ),
        inputs=tuple(_input(material, source) for source in report.inputs),
        limits=report.limits,
        profile=report.redaction.profile,
        classes=tuple(sorted(report.redaction.classes.items())),
        promise=_PROMISES.get(report.redaction.profile, ""),
    )


def _input(material: Material, source: SourceFile) -> Input:
    clock = material.clock
    facts = (
        ("Format", source.format),
        ("Host", source.host),
        ("Zone", _because(source.timezone, source.timezone_from)),
        ("Year", source.year_from),
        ("Clock skew", _because(_skew(source.skew_s), source.skew_from)),
        ("Span", material.span(clock.maybe(source.first), clock.maybe(source.last)) if source.first else None),
        ("Records", _records(source)),
        ("Programs", ", ".join(source.programs)),
        ("Size", _size(source.bytes)),
        ("Notes", "; ".join(source.notes)),
    )
    return Input(
        path=source.path,
        facts=tuple((label, value) for label, value in facts if value),
        sha256=source.sha256,
        problem=source.problem,
        shapes=source.templates,
    )


def _because(value: str | None, source: str | None) -> str | None:
    return f"{value} ({source})" if value and source else value or source


def _skew(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return f"{'+' if seconds >= 0 else '−'}{abs(seconds):.3f} s"


def _records(source: SourceFile) -> str:
    parts = [f"{source.records:,} from {source.lines:,} lines" if source.lines else f"{source.records:,}"]
    counts = (
        (source.continuation, "folded into the line before"),
        (source.unparsed, "not understood"),
        (source.dropped, "dropped as duplicates"),
        (source.outside, "outside the window"),
        (source.passed_over, "more lines outside the window, not read"),
    )
    parts += [f"{count:,} {what}" for count, what in counts if count]
    return ", ".join(parts)


def _size(count: int) -> str:
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if count >= 10**power:
            return f"{count / 10**power:.1f} {unit}"
    return f"{count} B"


def markdown(view: Provenance) -> str:
    """Write everything as lists."""
    lines = [f"- {label}: {inline(value)}" for label, value in view.made]
    for source in view.inputs:
        facts = [f"{label.lower()} {inline(value)}" for label, value in source.facts]
        facts += [f"sha256 {inline(source.sha256)}"] if source.sha256 else []
        facts += [f"not used: {inline(source.problem)}"] if source.problem else []
        lines.append(f"- Input {inline(source.path)}: {'; '.join(facts)}")
        lines += [f"  - not understood, {count:,} times: {inline(shape)}" for shape, count in source.shapes]
    lines += [f"- Limit hit, {inline(each.what)}: {each.limit:,} of {each.seen:,} taken" for each in view.limits]
    classes = ", ".join(f"{name} {count:,}" for name, count in view.classes)
    lines.append(
        f"- Redaction: {inline(view.profile)}{f' ({inline(classes)})' if classes else ''}. {view.promise}".rstrip()
    )
    return "\n".join(lines)


SECTION = Section(id="provenance", title="Provenance", template="provenance.html.j2", build=build, markdown=markdown)

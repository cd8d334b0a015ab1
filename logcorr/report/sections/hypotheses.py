"""What else it could be: hypotheses side by side, then the patterns found and what chance alone would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Argument, Finding, Hypothesis, Missing
from logcorr.report.material import Citation, Material, Section
from logcorr.report.text.clock import Stamp
from logcorr.report.text.inert import inline
from logcorr.report.text.words import HYPOTHESIS, SEVERITY, STRENGTH, Word, word


@dataclass(frozen=True, slots=True)
class Point:
    """One argument for or against."""

    says: str
    strength: Word
    spoofable: bool
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One cause weighed."""

    status: Word
    title: str
    cause: str
    layer: str
    score: str
    reason: str
    explains: str
    supports: tuple[Point, ...]
    against: tuple[Point, ...]
    missing: tuple[Missing, ...]

    @property
    def argued(self) -> bool:
        """Say whether any line speaks for it or against it."""
        return bool(self.supports or self.against)


@dataclass(frozen=True, slots=True)
class Group:
    """Causes of which the same is to be said, and nothing else: the sentence once."""

    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Causes that are told in a line each, folded: what became of them, those of which more is to be said, the rest."""

    title: str
    caption: str
    count: int
    told: tuple[Candidate, ...]
    grouped: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """The causes weighed for one incident: those alive in full, the others in a line each."""

    number: int  # of the incident, from 1
    title: str | None  # None where the window holds one incident only
    alive: tuple[Candidate, ...]
    rest: tuple[Rest, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that matched."""

    severity: Word
    title: str
    pattern: str
    count: str
    first: Stamp
    last: Stamp
    span: str
    hosts: str
    chance: str
    pairing: str | None
    caution: str | None
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """All contests, and the patterns that they drew on."""

    contests: tuple[Contest, ...]
    patterns: tuple[Pattern, ...]


_IN_FULL: Final = 3  # causes that are told in full, side by side

_PAIRING = {
    "each": "each cause with its earliest effect",
    "nearest": "each effect with the newest cause before it",
    "first": "the oldest cause takes what follows",
    "fifo": "first cause with first effect, each used once",
    "all": "every pair",
}


def build(material: Material) -> Hypotheses | None:
    """Sort the hypotheses by incident and by what became of them; nothing where there is nothing to tell."""
    report = material.report
    if not report.hypotheses and not report.findings:
        return None
    incidents = sorted({hypothesis.incident for hypothesis in report.hypotheses})
    return Hypotheses(
        contests=tuple(_contest(material, number, several=len(incidents) > 1) for number in incidents),
        patterns=tuple(_pattern(material, finding) for finding in report.findings),
    )


def _contest(material: Material, number: int, *, several: bool) -> Contest:
    report = material.report
    verdict = report.incidents[number] if 0 <= number < len(report.incidents) else report.verdict
    mine = [(each.status, _candidate(material, each)) for each in report.hypotheses if each.incident == number]
    open_ones = [(status, each) for status, each in mine if status not in {"ruled-out", "untestable"}]
    alive = [each for status, each in open_ones if status == "supported" or each.supports]
    out = [each for status, each in mine if status == "ruled-out"]
    rest = (
        _rest("Also weighed, with little evidence", "Some evidence for them, too little.", alive[_IN_FULL:]),
        _rest(
            "Not ruled out, but nothing supports them",
            "No evidence for them.",
            [each for status, each in open_ones if status != "supported" and not each.supports],
        ),
        _rest("Ruled out", "Evidence against them (−) and for them (+).", [each for each in out if each.argued]),
        _rest(
            "Ruled out, with no sign at all",
            "Their signs could have been seen, and were not.",
            [each for each in out if not each.argued],
        ),
        _rest(
            "Could not be tested",
            "Not refuted: the logs given cannot tell.",
            [each for status, each in mine if status == "untestable"],
        ),
    )
    return Contest(
        number=number + 1,
        title=f"Incident {number + 1}: {verdict.title}" if several else None,
        alive=tuple(alive[:_IN_FULL]),
        rest=tuple(each for each in rest if each.count),
    )


def _rest(title: str, caption: str, candidates: list[Candidate]) -> Rest:
    bare: dict[str, list[Candidate]] = {}
    for each in candidates:
        if not each.argued and not each.missing:
            bare.setdefault(each.reason, []).append(each)
    return Rest(
        title=title,
        caption=caption,
        count=len(candidates),
        told=tuple(each for each in candidates if each.argued or each.missing),
        grouped=tuple(Group(reason, tuple(group)) for reason, group in bare.items()),
    )


def _candidate(material: Material, hypothesis: Hypothesis) -> Candidate:
    return Candidate(
        status=word(HYPOTHESIS, hypothesis.status),
        title=hypothesis.title,
        cause=hypothesis.cause,
        layer=hypothesis.layer,
        score="not known" if hypothesis.score is None else f"{hypothesis.score:+.1f}".replace("-", "−"),
        reason=hypothesis.reason,
        explains=hypothesis.explains,
        supports=tuple(_point(material, argument) for argument in hypothesis.supports),
        against=tuple(_point(material, argument) for argument in hypothesis.against),
        missing=hypothesis.expected_missing,
    )


def _point(material: Material, argument: Argument) -> Point:
    return Point(
        says=argument.says,
        strength=word(STRENGTH, argument.strength),
        spoofable=argument.trusted is False,
        evidence=material.cite(argument.evidence),
    )


def _pattern(material: Material, finding: Finding) -> Pattern:
    first, last = material.clock.stamp(finding.first), material.clock.stamp(finding.last)
    return Pattern(
        severity=word(SEVERITY, finding.severity),
        title=finding.title,
        pattern=finding.pattern,
        count=_count(finding),
        first=first,
        last=last,
        span=material.span(first, last),
        hosts=", ".join(finding.hosts),
        chance=_chance(finding),
        pairing=_PAIRING.get(finding.pairing or "", finding.pairing),
        caution=finding.caution,
        evidence=material.cite(finding.evidence),
    )


def _count(finding: Finding) -> str:
    words = [f"{finding.count:,} {'match' if finding.count == 1 else 'matches'}"]
    if finding.inconclusive:
        words.append(f"{finding.inconclusive:,} inconclusive")
    if finding.order_undetermined:
        words.append(f"{finding.order_undetermined:,} with the order in doubt")
    return ", ".join(words)


def _chance(finding: Finding) -> str:
    if finding.chance:
        return finding.chance
    if finding.expected_by_chance is None:
        return "too few to judge against chance"
    odds = "" if finding.p_value is None else f" (p = {finding.p_value:.2g})"
    return f"{finding.expected_by_chance:.2g} expected by chance alone{odds}"


def markdown(view: Hypotheses) -> str:
    """Write one block per hypothesis, then the patterns."""
    blocks: list[str] = []
    for contest in view.contests:
        blocks += [f"### {inline(contest.title)}"] if contest.title else []
        blocks += [_candidate_text(candidate) for candidate in contest.alive]
        for rest in contest.rest:
            lines = [*map(_line_text, rest.told), *map(_group_text, rest.grouped)]
            blocks += [f"**{rest.title}**", "\n".join(lines)]
    if view.patterns:
        blocks += [
            "### Patterns found",
            "\n".join(line for pattern in view.patterns for line in _pattern_text(pattern)),
        ]
    return "\n\n".join(blocks)


def _candidate_text(candidate: Candidate) -> str:
    head = f"**{candidate.status.sign} {inline(candidate.status.word)}: {inline(candidate.title)}** "
    lines = [
        f"{head}({inline(candidate.cause)}, layer {inline(candidate.layer)}, log-odds {candidate.score})",
        "",
        *([f"- {inline(candidate.reason)}"] if candidate.reason else []),
        *([f"- Explains {inline(candidate.explains)}"] if candidate.explains else []),
        *(f"- For, {_point_text(point)}" for point in candidate.supports),
        *(f"- Against, {_point_text(point)}" for point in candidate.against),
        *(f"- {_missing_text(missing)}" for missing in candidate.missing),
    ]
    return "\n".join(lines)


def _point_text(point: Point) -> str:
    strength = inline(point.strength.word) + (", spoofable" if point.spoofable else "")
    return f"{strength}: {inline(point.says)}{_cites(point.evidence)}"


def _missing_text(missing: Missing) -> str:
    weight = "it could have been seen" if missing.observable else "no source could have shown it"
    return f"Expected, not seen ({weight}): {inline(missing.says)}"


def _line_text(candidate: Candidate) -> str:
    cites = tuple(each for point in candidate.against for each in point.evidence)
    reason = candidate.reason or "; ".join(point.says for point in candidate.against)
    head = f"- {candidate.status.sign} {inline(candidate.title)} ({inline(candidate.cause)}):"
    return f"{head} {inline(reason)}{_cites(cites)}" + "".join(f" {_missing_text(each)}." for each in candidate.missing)


def _group_text(group: Group) -> str:
    named = ", ".join(f"{inline(each.title)} ({inline(each.cause)})" for each in group.candidates)
    return f"- {group.candidates[0].status.sign} {inline(group.reason)}: {named}"


def _pattern_text(pattern: Pattern) -> Iterator[str]:
    title = f"**{inline(pattern.title)}** ({inline(pattern.pattern)})"
    facts = f"{pattern.count}, {pattern.span}; {inline(pattern.chance)}{_cites(pattern.evidence)}"
    yield f"- {pattern.severity.sign} {title}: {facts}"
    if pattern.caution:
        yield f"  - ✗ A coincidence, not the cause: {inline(pattern.caution)}"


def _cites(evidence: tuple[Citation, ...]) -> str:
    return f" ({', '.join(inline(each.id) for each in evidence)})" if evidence else ""


SECTION = Section(
    id="hypotheses", title="What else it could be", template="hypotheses.html.j2", build=build, markdown=markdown
)

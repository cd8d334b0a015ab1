"""The answer: verdict, how sure and why, the chain from root to symptom, and the lines that show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from textwrap import shorten
from typing import Final

from logcorr.model import ChainStep, Finding, Verdict
from logcorr.report.assumed import assumed_zones
from logcorr.report.clock import Stamp, duration, lag
from logcorr.report.first import First, first
from logcorr.report.inert import fence, inline
from logcorr.report.material import Citation, Material, Section
from logcorr.report.words import OBSERVED, RESOLVED, ROLE, STATUS, Word, some, vouched, word

_HOSTS: Final = 5  # named beside the verdict
_STEP_TEXT: Final = 120  # characters: the chain is to be taken in at a glance, and the whole line is cited beside it


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain."""

    number: int
    stamp: Stamp
    dated: bool  # its date is not that of the step before
    lag: str | None  # time since the step before; None for the first
    margin: str | None  # how far off its time may be, where that is a second or more
    host: str
    text: str
    event: str
    role: Word
    seen: Word
    evidence: tuple[Citation, ...]

    @property
    def notes(self) -> str:
        """Its role, host, how far off its time may be, and whether it is inferred, as far as worth saying."""
        role = "" if self.role.name == "step" else self.role.word
        return " · ".join(
            filter(None, (role, self.host, self.margin, "inferred" if self.seen.name == "inferred" else ""))
        )


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One log line of the first screen."""

    citation: Citation
    stamp: Stamp
    host: str
    program: str
    place: str
    message: str
    says: str | None
    trust: Word


@dataclass(frozen=True, slots=True)
class Caution:
    """The order in time that tempts, and why it is a coincidence."""

    title: str
    says: str
    more: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the feedback loop."""

    failed: Stamp | None
    reacted: Stamp
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """The feedback loop: in a sentence, as the ring of what happens in it, and each turn's times."""

    says: str
    ring: tuple[str, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """An incident that came again and again: what is told of its episodes, and each with its duration."""

    says: str
    times: tuple[tuple[Stamp, str], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """One verdict."""

    status: Word
    title: str
    summary: str
    reason: str
    cause: str
    contributing: tuple[tuple[str, str], ...]  # id and title
    facts: tuple[tuple[str, str], ...]
    chain: tuple[Step, ...]
    chain_title: str
    date: str | None
    loop: Loop | None
    again: Again | None
    warning: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The first screen, and in short what else happened in the window."""

    incident: Incident
    first: First | None
    keys: tuple[KeyLine, ...]
    caution: Caution | None
    others: tuple[Incident, ...]


def build(material: Material) -> Answer:
    """Take the answer from the first verdict."""
    report = material.report
    return Answer(
        incident=_incident(material, report.verdict),
        first=first(report),
        keys=tuple(_key_lines(material)),
        caution=None if report.verdict.status == "no-incident" else _caution(report.findings),
        others=tuple(_incident(material, verdict) for verdict in report.incidents[1:]),
    )


def _incident(material: Material, verdict: Verdict) -> Incident:
    titles = {hypothesis.cause: hypothesis.title for hypothesis in material.report.hypotheses}
    chain = tuple(_steps(material, verdict.chain))
    rooted = verdict.cause != "undetermined" and any(step.role == "root" for step in verdict.chain)
    return Incident(
        status=word(STATUS, verdict.status),
        title=verdict.title,
        summary=verdict.summary,
        reason=verdict.reason,
        cause=verdict.cause,
        contributing=tuple((cause, titles.get(cause, cause)) for cause in verdict.contributing),
        facts=_facts(material, verdict),
        chain=chain,
        chain_title="From root to symptom" if rooted else "What was seen, in order",
        date=chain[0].stamp.date if chain else None,
        loop=_loop(material, verdict),
        again=_again(material, verdict),
        warning=verdict.warning,
    )


def _loop(material: Material, verdict: Verdict) -> Loop | None:
    """Draw the loop from its first turn: the failure, the reaction, and what the reaction brought about."""
    if not verdict.loop:
        return None
    ring: tuple[str, ...] = ()
    if verdict.turns:
        first = verdict.turns[0]
        brought = [step.text for step in verdict.chain if step.role == "step" and step.time > first.reacted][-1:]
        ring = tuple(
            shorten(text, _STEP_TEXT, placeholder=" …") for text in (first.failure, first.reaction, *brought) if text
        )
    clock = material.clock
    turns = tuple(
        Turn(clock.maybe(turn.failed), clock.stamp(turn.reacted), material.cite(turn.evidence))
        for turn in verdict.turns
    )
    return Loop(says=verdict.loop, ring=ring if len(ring) > 1 else (), turns=turns)


def _again(material: Material, verdict: Verdict) -> Again | None:
    told = verdict.recurrence
    if told is None:
        return None
    lengths = [f"{duration(each)}" for each in (told.shortest_s, told.longest_s) if each is not None]
    parts = [
        f"{told.count:,} times",
        f"{' to '.join(dict.fromkeys(lengths))} each" if lengths else "",
        f"{told.share_down:.1%} of the time" if told.share_down is not None else "",
        f"at regular intervals of {duration(told.period_s)}" if told.period_s is not None else "",
        f"P = {told.chance:.1g} {told.chance_of}" if told.chance is not None and told.chance_of else "",
    ]
    times = tuple(
        (material.clock.stamp(each.start), duration(each.duration_s) if each.duration_s is not None else "not over")
        for each in told.outages
    )
    return Again(says=", ".join(filter(None, parts)), times=times)


def _facts(material: Material, verdict: Verdict) -> tuple[tuple[str, str], ...]:
    doubt = assumed_zones(material.report) if verdict == material.report.verdict else None
    zones = (("Zones", doubt),) if doubt else ()
    if verdict.status == "no-incident":
        return zones
    return (
        ("Started", material.clock.stamp(verdict.started).full if verdict.started else "not known"),
        *zones,
        ("Lasted", _lasted(material, verdict)),
        ("Resolved", RESOLVED[verdict.ongoing]),
        ("Where", some(verdict.hosts, _HOSTS) or "not known"),
    )


def _lasted(material: Material, verdict: Verdict) -> str:
    """Say how long it lasted; where it outlasted the logs, how long at least."""
    end = verdict.ended
    if verdict.ongoing:
        end = max((source.last for source in material.report.inputs if source.last), default=end)
    if not verdict.started or not end or end < verdict.started:
        return "not known"
    return f"{'at least ' if verdict.ongoing else ''}{duration((end - verdict.started).total_seconds())}"


def _steps(material: Material, chain: tuple[ChainStep, ...]) -> Iterator[Step]:
    stamps = [material.clock.stamp(step.time) for step in chain]
    lags = [None, *(lag(before.time, after.time) for before, after in pairwise(chain))]
    for number, (step, stamp, since) in enumerate(
        zip(chain, stamps, lags, strict=False), start=1
    ):  # lags: one if empty
        yield Step(
            number=number,
            stamp=stamp,
            dated=number > 1 and stamp.date != stamps[number - 2].date,
            lag=since,
            margin=_margin(material, step),
            host=step.host or "",
            text=shorten(step.text, _STEP_TEXT, placeholder=" …"),
            event=step.event,
            role=word(ROLE, step.role),
            seen=OBSERVED[step.observed],
            evidence=material.cite(step.evidence),
        )


def _margin(material: Material, step: ChainStep) -> str | None:
    line = material.line(step.evidence[0]) if step.evidence else None
    return f"±{duration(line.time_uncertainty_s)}" if line and (line.time_uncertainty_s or 0) >= 1 else None


def _key_lines(material: Material) -> Iterator[KeyLine]:
    verdict = material.report.verdict
    cited = verdict.key_evidence or tuple(each for step in verdict.chain for each in step.evidence)
    lines = [line for line in map(material.line, dict.fromkeys(cited)) if line]
    for line in lines[:5]:
        yield KeyLine(
            citation=material.cite([line.id])[0],
            stamp=material.clock.stamp(line.time),
            host=line.host or "",
            program=f"{line.program or ''}{'' if line.pid is None else f'[{line.pid}]'}",
            place=material.place(line),
            message=line.message,
            says=line.says,
            trust=vouched(line.trusted, line.origin),
        )


def _caution(findings: tuple[Finding, ...]) -> Caution | None:
    cautioned = [finding for finding in findings if finding.caution]
    if not cautioned:
        return None
    return Caution(title=cautioned[0].title, says=cautioned[0].caution or "", more=len(cautioned) - 1)


def markdown(answer: Answer) -> str:
    """Write the answer: what a reader of the ticket needs, and nothing else."""
    blocks = [*_incident_blocks(answer.incident)]
    if answer.first:
        where = f" (on {inline(answer.first.on)})" if answer.first.on else ""
        blocks.insert(2, f"**Do first:** {inline(answer.first.do)}{where}. Risk: {inline(answer.first.risk)}.")
    if answer.keys:
        blocks += ["**Key lines**", fence([text for key in answer.keys for text in _key_text(key)])]
    if answer.caution:
        blocks.append(
            f"**✗ “{inline(answer.caution.title)}” is a coincidence, not the cause:** {inline(answer.caution.says)}"
        )
    for number, incident in enumerate(answer.others, start=2):
        blocks += [f"### Incident {number}: {inline(incident.title)}", *_incident_blocks(incident)]
    return "\n\n".join(blocks)


def _incident_blocks(incident: Incident) -> Iterator[str]:
    status = incident.status
    yield f"**{status.sign} {inline(status.word)}:** {inline(incident.reason or status.means)}"
    if incident.summary:
        yield f"**In short:** {inline(incident.summary)}"
    about = [f"- {label}: {inline(value)}" for label, value in incident.facts]
    if incident.facts and incident.status.name != "no-incident":
        about.append(f"- Cause: {inline(incident.cause)}")
    about += [f"- Contributing: {inline(title)} ({inline(cause)})" for cause, title in incident.contributing]
    if about:
        yield "\n".join(about)
    if incident.warning:
        yield f"**⚠ Not seen:** {inline(incident.warning)}"
    if incident.chain:
        yield f"**{incident.chain_title}, {incident.date}** (● seen in a log, ○ inferred)"
        yield "\n".join(_step_text(step) for step in incident.chain)
    if incident.again:
        yield f"**↺ Again and again:** {inline(incident.again.says)}"
        yield "\n".join(map(_time_text, incident.again.times))
    if incident.loop:
        yield f"**↻ The loop:** {inline(incident.loop.says)}"
        if incident.loop.ring:
            yield f"▲ {' → '.join(map(inline, incident.loop.ring))} → ▲ again"
            yield "\n".join(map(_turn_text, incident.loop.turns))


def _time_text(told: tuple[Stamp, str]) -> str:
    return f"- {told[0].full}: {inline(told[1])}"


def _turn_text(turn: Turn) -> str:
    failed = f"failed {turn.failed.full}, " if turn.failed else ""
    cites = ", ".join(inline(each.id) for each in turn.evidence)
    return (
        f"- {failed}reaction {turn.reacted.short if turn.failed else turn.reacted.full}{f' ({cites})' if cites else ''}"
    )


def _step_text(step: Step) -> str:
    time = f"{step.stamp.full if step.dated else step.stamp.short}{f' ({step.lag})' if step.lag else ''}"
    cites = ", ".join(inline(each.id) for each in step.evidence)
    notes = " · ".join(filter(None, (inline(step.notes), cites)))
    return f"{step.number}. {time} {step.seen.sign} {inline(step.text)}{f' ({notes})' if notes else ''}"


def _key_text(key: KeyLine) -> Iterator[str]:
    who = f"{key.host} {key.program}".strip()
    yield f"{key.citation.id}  {key.stamp.full}  {who}  {key.place}"
    yield f"    {key.message}"
    if key.says:
        yield f"    = {key.says}"


SECTION = Section(id="answer", title="The answer", template="answer.html.j2", build=build, markdown=markdown)

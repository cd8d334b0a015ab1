"""An incident as it is told: its facts, its chain, the lines that show it, its loop and its recurrence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from textwrap import shorten
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import ChainStep, Verdict
from logcorr.report.assumed import assumed_zones
from logcorr.report.extent import lasted, resolved, started
from logcorr.report.first import First, first
from logcorr.report.material import Citation, Material
from logcorr.report.text.clock import Stamp, lag
from logcorr.report.text.words import OBSERVED, ROLE, STATUS, Word, some, vouched, word
from logcorr.report.unseen import nothing_unseen, unseen
from logcorr.times.timespan import duration

_HOSTS: Final = 5  # named beside the verdict
_KEYS: Final = 5  # lines of the first screen
_SMALLEST: Final = 0.000001  # probabilities below are all alike
_PROCEED: Final = (
    "note when it happens, and analyse again with the logs of that time from the machine that sees it, "
    "from its router and from what it cannot reach"
)
_STEP_TEXT: Final = 120  # characters: the chain is to be taken in at a glance, and the whole line is cited beside it


@dataclass(frozen=True, slots=True)
class StoryStep:
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
class StoryTurn:
    """One turn of the feedback loop."""

    failed: Stamp | None
    reacted: Stamp
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """The feedback loop: in a sentence, as the ring of what happens in it, and each turn's times."""

    says: str
    ring: tuple[str, ...]
    turns: tuple[StoryTurn, ...]


@dataclass(frozen=True, slots=True)
class Time:
    """One of the times that an incident came."""

    start: Stamp
    end: Stamp | None  # None: not over when the logs end
    lasted: str


@dataclass(frozen=True, slots=True)
class Again:
    """An incident that came again and again: what is told of its episodes, and each with its duration."""

    says: str
    times: tuple[Time, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One verdict."""

    number: int  # from 1
    status: Word
    title: str
    summary: str
    reason: str
    cause: str
    contributing: tuple[str, ...]  # titles
    facts: tuple[tuple[str, str], ...]
    chain: tuple[StoryStep, ...]
    chain_title: str
    date: str | None
    loop: Loop | None
    again: Again | None
    warning: str | None  # what was not seen
    seen: str | None  # of the leading incident: that nothing is known to be missing, and from whose logs
    proceed: str | None  # what to do if the trouble goes on, where there is no incident
    first: First | None
    keys: tuple[KeyLine, ...]


def tell_incident(material: Material, verdict: Verdict, number: int) -> Incident:
    """Put one verdict into words; ``number`` is its place in the report, from 1."""
    chain = tuple(_steps(material, verdict.chain))
    rooted = verdict.cause != "undetermined" and any(step.role == "root" for step in verdict.chain)
    return Incident(
        number=number,
        status=word(STATUS, verdict.status),
        title=verdict.title,
        summary=verdict.summary,
        reason=verdict.reason,
        cause=verdict.cause,
        contributing=material.titled(verdict.contributing),
        facts=_facts(material, verdict),
        chain=chain,
        chain_title="From root cause to symptom" if rooted else "What was seen, in order",
        date=chain[0].stamp.date if chain else None,
        loop=_loop(material, verdict),
        again=_again(material, verdict),
        warning=unseen(material.report, verdict),
        seen=nothing_unseen(material.report) if number == 1 else None,
        proceed=_PROCEED if verdict.status == "no-incident" else None,
        first=first(material.report, verdict),
        keys=tuple(_key_lines(material, verdict)),
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
        StoryTurn(clock.maybe(turn.failed), clock.stamp(turn.reacted), material.cite(turn.evidence))
        for turn in verdict.turns
    )
    return Loop(says=verdict.loop, ring=ring if len(ring) > 1 else (), turns=turns)


def _again(material: Material, verdict: Verdict) -> Again | None:
    told = verdict.recurrence
    if told is None:
        return None
    lengths = [duration(each) for each in (told.shortest_s, told.longest_s) if each is not None]
    parts = [
        f"{told.count:,} times",
        f"{' to '.join(dict.fromkeys(lengths))} each" if lengths else "",
        f"{told.share_down:.0%} of the time from the first to the last" if told.share_down is not None else "",
        f"at regular intervals of {duration(told.period_s)}" if told.period_s is not None else "",
        f"probability {_chance(told.chance)} {told.chance_of}" if told.chance is not None and told.chance_of else "",
    ]
    clock = material.clock
    times = tuple(
        Time(
            start=clock.stamp(each.start),
            end=clock.maybe(each.end),
            lasted=duration(each.duration_s) if each.duration_s is not None else "not over",
        )
        for each in told.outages
    )
    return Again(says=", ".join(filter(None, parts)), times=times, count=told.count)


def _chance(probability: float) -> str:
    return f"{probability:.1g}" if probability >= _SMALLEST else f"under {_SMALLEST:f}"


def _facts(material: Material, verdict: Verdict) -> tuple[tuple[str, str], ...]:
    doubt = assumed_zones(material.report) if verdict == material.report.verdict else None
    zones = (("Zones", doubt),) if doubt else ()
    if verdict.status == "no-incident":
        return zones
    return (
        ("Started", started(material.report, verdict)),
        *zones,
        ("Lasted", lasted(material.report, verdict) or "not known"),
        ("Resolved", resolved(material.report, verdict)),
        ("Where", some(verdict.hosts, _HOSTS) or "not known"),
    )


def _steps(material: Material, chain: tuple[ChainStep, ...]) -> Iterator[StoryStep]:
    stamps = [material.clock.stamp(step.time) for step in chain]
    lags = [None, *(lag(before.time, after.time) for before, after in pairwise(chain))]
    for number, (step, stamp, since) in enumerate(
        zip(chain, stamps, lags, strict=False), start=1
    ):  # lags: one if empty
        yield StoryStep(
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


def _key_lines(material: Material, verdict: Verdict) -> Iterator[KeyLine]:
    """The lines that show it, in the order of time, each with what it proves or which step of the chain it is."""
    cited = verdict.key_evidence or tuple(each for step in verdict.chain for each in step.evidence)
    lines = [line for line in map(material.line, dict.fromkeys(cited)) if line][:_KEYS]
    steps = {each: step.text for step in reversed(verdict.chain) for each in step.evidence}
    told: set[str | None] = set()
    for line in sorted(lines, key=lambda line: line.time):
        says = line.says if line.says not in told else steps.get(line.id)  # one sentence may rest on several lines
        told.add(line.says)
        yield KeyLine(
            citation=material.cite([line.id])[0],
            stamp=material.clock.stamp(line.time),
            host=line.host or "",
            program=f"{line.program or ''}{'' if line.pid is None else f'[{line.pid}]'}",
            place=material.place(line),
            message=line.message,
            says=says or steps.get(line.id),
            trust=vouched(line.trusted, line.origin),
        )

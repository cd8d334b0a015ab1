"""What the stages hand to one another once the log lines are behind them: plain frozen values.

The names are those of the JSON report (``logcorr.report/1``); see the README's table. Times are aware UTC datetimes,
durations and offsets are seconds, and what is not known is ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Status = Literal["confirmed", "likely", "possible", "undetermined", "no-incident"]
HypothesisStatus = Literal["supported", "weakened", "ruled-out", "untestable"]
Strength = Literal["weak", "moderate", "strong", "decisive"]
Profile = Literal["share", "secrets", "none"]  # what a rendering hides
Severity = Literal["low", "medium", "high"]
ChainRole = Literal["root", "step", "symptom", "recovery"]
GapKind = Literal[
    "unreadable",
    "unrecognised",
    "unparsed",
    "silence",
    "rate-limited",
    "lost-messages",
    "clock-step",
    "limit",
    "not-given",
    "starts-late",
    "ends-early",
    "contradicted",
    "clock-shift",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The stretch of time analysed, inclusive."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One input as it was read, whether or not it could be used (then ``problem`` says why not)."""

    path: str
    sha256: str | None = None
    bytes: int = 0
    format: str | None = None
    host: str | None = None
    timezone: str | None = None
    timezone_from: str | None = None  # "in the log", "given", "inferred from ...", "assumed ..."
    year_from: str | None = None
    skew_s: float | None = None
    skew_from: str | None = None
    records: int = 0
    unparsed: int = 0
    dropped: int = 0  # duplicates of records seen in another input
    outside: int = 0  # records outside the window
    first: datetime | None = None
    last: datetime | None = None
    programs: tuple[str, ...] = ()  # the most frequent programs, for `needs` and the lanes
    lines: int = 0
    continuation: int = 0  # lines folded into the record before them
    passed_over: int = 0  # further lines, outside the window, that were not read
    templates: tuple[tuple[str, int], ...] = ()  # commonest shapes of unparsed lines
    notes: tuple[str, ...] = ()  # what the file says of itself, and what of it could not be read
    problem: str | None = None
    problem_kind: GapKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGap:
    """Something that could not be seen, and the rules that are blind because of it."""

    source: str | None
    host: str | None
    kind: GapKind
    start: datetime | None = None  # JSON: "from"
    end: datetime | None = None  # JSON: "until"
    reason: str
    hides: tuple[str, ...] = ()
    command: str | None = None  # that exports what was not given
    how: tuple[str, ...] = ()  # to export it where no command does: one product a line
    on: str | None = None  # where to do so


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One cited log line. ``id`` ("E7") means the same line in every artefact."""

    id: str
    time: datetime
    time_uncertainty_s: float
    host: str | None
    program: str | None
    unit: str | None
    pid: int | None
    event: str | None
    fields: dict[str, str | int | float] = field(default_factory=dict)
    message: str
    source: str
    line: int
    trusted: bool | None
    origin: str | None = None  # who could have written it: a kind of logcorr.origin
    says: str | None = None  # half a line on what it proves
    before: tuple[str, ...] = ()  # context lines of the same source
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A pattern that matched, with what chance alone would give."""

    pattern: str
    title: str
    severity: Severity
    count: int
    first: datetime
    last: datetime
    hosts: tuple[str, ...]
    evidence: tuple[str, ...]
    inconclusive: int = 0
    pairing: str | None = None  # "each": the pairing policy, for sequences
    expected_by_chance: float | None = None
    p_value: float | None = None
    chance: str | None = None  # the same in words, or "too few to judge"
    caution: str | None = None  # why the order in time is no causal chain
    order_undetermined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One piece of evidence for or against a hypothesis."""

    says: str
    strength: Strength
    evidence: tuple[str, ...] = ()
    trusted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something the hypothesis would lead us to expect, and that was not seen."""

    says: str
    observable: bool  # False: no source could have shown it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One cause of the catalogue weighed against one incident."""

    incident: int  # index into Report.incidents
    cause: str
    title: str
    layer: str
    status: HypothesisStatus
    score: float  # log-odds (natural logarithm)
    reason: str = ""  # why this status, in one sentence
    supports: tuple[Argument, ...] = ()  # JSON: "for"
    against: tuple[Argument, ...] = ()
    expected_missing: tuple[Missing, ...] = ()
    explains: str = ""  # "31 of 31 symptoms, from 02:58:12 on"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One link from the root to the symptom."""

    time: datetime
    host: str | None
    event: str
    text: str
    role: ChainRole
    observed: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTurn:
    """One turn of a feedback loop: something failed, and something reacted to it."""

    failed: datetime | None  # None: what it reacted to is not in the logs
    failure: str | None
    reacted: datetime
    reaction: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One of the episodes of an incident that comes again and again."""

    start: datetime
    end: datetime | None = None  # None: not over when the logs end
    duration_s: float | None = None  # from the first line to the last, or until what was gone is back


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """That an incident came again and again: its episodes, and how they are spread."""

    count: int
    outages: tuple[Outage, ...] = ()  # the episodes in order, the first of them where there are very many
    shortest_s: float | None = None
    longest_s: float | None = None
    share_down: float | None = None  # of the time from the first to the end of the last; None: nothing tells how long
    period_s: float | None = None  # where they come at regular intervals
    chance: float | None = None  # a probability:
    chance_of: str | None = None  # of what


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happened in one incident, or that nothing did."""

    status: Status
    cause: str  # a cause id, "no-incident" or "undetermined"
    contributing: tuple[str, ...] = ()
    title: str
    summary: str
    reason: str = ""  # "4 of 4 expected signs, in order, from 3 independent sources; nothing against"
    chain: tuple[ChainStep, ...] = ()
    loop: str | None = None  # the feedback loop in one sentence, where there is one
    turns: tuple[LoopTurn, ...] = ()  # the loop's first turns, in order
    started: datetime | None = None
    ended: datetime | None = None
    ongoing: bool | None = None  # still going on at the end of the logs
    key_evidence: tuple[str, ...] = ()  # up to five ids for the first screen
    warning: str | None = None  # the coverage gap that matters most to this verdict
    hosts: tuple[str, ...] = ()
    opened_by: tuple[str, ...] = ()  # what made it an incident: "burst", "state", "trigger", "recurrence", "unknown"
    recurrence: Recurrence | None = None
    site: str | None = None  # as given by the user


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to do now. Commands are rule text; log data is never put into them."""

    do: str
    command: str | None
    risk: str
    undo: str | None
    why: str
    cause: str
    how: tuple[str, ...] = ()  # what to do where no command does it: one way a line
    on: str | None = None  # where: "the router of the site, or its controller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A read-only command whose answer would decide between hypotheses."""

    command: str
    on: str
    settles: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question a reader will ask, with the answer that the logs give."""

    question: str
    answer: str | None
    status: Literal["answered", "refuted", "open"]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message template whose rate marks the incident."""

    template: str
    program: str | None
    before_per_hour: float
    during_per_hour: float
    ratio: float | None  # None: not seen at all before


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A cap that was hit, so that nothing is left out in silence."""

    what: str
    limit: int
    seen: int


#: Begins the ``what`` of the limit that tells of rules in another language which were refused.
RULES_USED = "Sigma rules, of which some cannot be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One sign on the timeline picture."""

    time: datetime
    until: datetime | None = None
    kind: str  # an event's role: "cause" | "symptom" | "recovery" | "context"
    event: str
    text: str
    evidence: str | None = None
    count: int = 1
    chain: int | None = None  # position in the first verdict's chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How busy a source was: its records in slices of equal length of the time that all logs cover."""

    start: datetime  # JSON: "from"
    end: datetime  # JSON: "until"
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One source on the timeline picture: where it was seen, where not, and what stood out."""

    label: str
    host: str | None
    spans: tuple[tuple[datetime, datetime], ...]
    gaps: tuple[tuple[datetime, datetime, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    rates: Rates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What was hidden from the artefacts."""

    profile: str
    classes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What made the report."""

    name: str
    version: str
    rules_sha256: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says; HTML, Markdown and JSON are three renderings of it."""

    tool: Tool
    window: Window
    zone: str = "UTC"  # zone in which the page prints its times beside UTC
    verdict: Verdict
    incidents: tuple[Verdict, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()
    questions: tuple[Question, ...] = ()
    coverage: tuple[CoverageGap, ...] = ()
    changes: tuple[Change, ...] = ()
    inputs: tuple[SourceFile, ...] = ()
    limits: tuple[Limit, ...] = ()
    lanes: tuple[Lane, ...] = ()
    redaction: Redaction = field(default_factory=lambda: Redaction(profile="none"))

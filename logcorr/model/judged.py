"""What is concluded: hypotheses, verdicts, questions, actions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from logcorr.dataclass import dataclass
from logcorr.model.kinds import ChainRole, HypothesisStatus, Severity, Status, Strength


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

"""What was read, what is missing from it, and how it is drawn."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from logcorr.dataclass import dataclass
from logcorr.model.kinds import GapKind


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
class Limit:
    """A cap that was hit, so that nothing is left out in silence."""

    what: str
    limit: int
    seen: int


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

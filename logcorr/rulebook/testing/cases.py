"""Cases: the examples beside a rule (``<id>.cases.yaml``), what they may say, and where they stand.

Running them needs the stages, which this package does not know: see ``trial``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError, RuleError
from logcorr.origin import Kind as OriginKind
from logcorr.rulebook.documents import Document, DocumentError, read_documents
from logcorr.rulebook.faults import meant, shape_faults
from logcorr.rulebook.files import RuleFile
from logcorr.rulebook.globs import is_glob
from logcorr.rulebook.models import Id, Rule, Rulebook

MAX_BYTES: Final = 1 << 20

#: One log, or several by file name; any supported format, sniffed as usual.
Logs = Annotated[
    dict[str, str], BeforeValidator(lambda given: {"case.log": given} if isinstance(given, str) else given)
]


class EventCase(Rule):
    """One record (its message, and what else decides) or a log, and the events that it carries; ``none`` for none."""

    name: str = ""
    message: str | None = None
    log: Logs | None = None
    program: str | None = None  # default: the first program of the rule file
    message_id: str | None = None
    unit: str | None = None
    transport: str | None = None
    about: str | None = None
    origin: OriginKind | None = None  # who could have written it: logcorr/origin/kinds.py
    trusted: bool | None = None
    event: str | tuple[str, ...]
    fields: dict[str, str | int | float] = Field(default={})  # these, and any others

    @model_validator(mode="after")
    def _one_subject(self) -> EventCase:
        if (self.message is None) == (self.log is None):
            raise ValueError("a case of an event has a message or a log")
        return self

    def expected(self) -> tuple[str, ...]:
        """The names of the expected events, sorted."""
        names = (self.event,) if isinstance(self.event, str) else self.event
        return tuple(sorted(name for name in names if name != "none"))


class PatternExpect(Rule):
    """What a pattern finds in the case's log."""

    matches: Annotated[int, Field(ge=0)] | None = None
    inconclusive: Annotated[int, Field(ge=0)] | None = None
    first: str | None = None  # the first match begins then, in UTC: "03:00:45", or with date and fraction
    last: str | None = None  # the last match ends then
    title: str | None = None  # of the first match, fields filled in
    key: str | None = None  # of the first match
    order_known: bool | None = None


class PatternCase(Rule):
    """A log and what the pattern finds in it. ``none``: nothing; ``inconclusive``: no match, and one that may be."""

    name: str
    log: Logs
    expect: Literal["none", "inconclusive"] | PatternExpect


class CauseExpect(Rule):
    """What becomes of a cause in the case's log."""

    status: Literal["supported", "weakened", "ruled-out", "untestable"] | None = None
    verdict: Id | None = None  # the id that the first verdict names
    verdict_status: Literal["confirmed", "likely", "possible", "undetermined", "no-incident"] | None = None
    contributing: tuple[Id, ...] | None = None


class CauseCase(Rule):
    """Logs and what becomes of the cause. A word alone is the cause's status, or ``undetermined`` for the verdict."""

    name: str
    log: Logs
    expect: Literal["supported", "weakened", "ruled-out", "untestable", "undetermined", "no-incident"] | CauseExpect


Case = EventCase | PatternCase | CauseCase
Kind = Literal["event", "pattern", "cause"]
_MODELS: Final[dict[Kind, type[Rule]]] = {"event": EventCase, "pattern": PatternCase, "cause": CauseCase}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one rule: of all events of one file, of a pattern or of a cause."""

    shown: str  # path of the cases
    kind: Kind
    rule: str  # file name without suffix: the id of a pattern or cause
    program: str | None  # what records come from that do not say: the event file's first program that is no glob
    cases: tuple[Case, ...]
    places: tuple[str, ...]  # "path:line" of each case


def load_cases(roots: Sequence[Path], rules: Rulebook) -> tuple[CaseFile, ...]:
    """The cases in rule folders. Raises RuleError with every fault found.

    Args:
        roots: folders, searched for ``*.cases.yaml``; or such files, or the rule files beside them.
        rules: the rulebook that the cases are about.
    """
    faults: list[LogcorrError] = []
    found = [case for root in roots for path in _paths(root) if (case := _load(path, rules, faults)) is not None]
    if faults:
        raise RuleError(f"{len(faults)} faults in the cases", faults=faults)
    return tuple(found)


def _paths(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(root.rglob("*.cases.yaml"))
    elif root.name.endswith(".cases.yaml"):
        yield root
    elif (beside := root.with_name(f"{root.stem}.cases.yaml")).exists():
        yield beside


def _written(file: RuleFile, faults: list[LogcorrError]) -> Document | None:
    """The list that stands in a file of cases."""
    try:
        documents = read_documents(file.content.decode("utf-8"))
    except (DocumentError, UnicodeDecodeError) as error:
        place = error.place if isinstance(error, DocumentError) else (1, 1)
        faults.append(file.fault(place, str(error)))
        return None
    if len(documents) != 1 or not isinstance(documents[0].data, list):
        faults.append(file.fault((1, 1), "cases are one YAML list", "begin each case with '- '"))
        return None
    return documents[0]


def _load(path: Path, rules: Rulebook, faults: list[LogcorrError]) -> CaseFile | None:
    with path.open("rb") as content:
        file = RuleFile(str(path), path.name, content.read(MAX_BYTES + 1))
    stem = PurePosixPath(path.name.removesuffix(".cases.yaml")).name
    kind: Kind = "pattern" if stem in rules.patterns else "cause" if stem in rules.causes else "event"
    if kind == "event" and not _is_event_file(path, stem):
        known = [*rules.patterns, *rules.causes]
        faults.append(file.fault((1, 1), f"cases of {stem!r}, but there is no such rule", meant(stem, known)))
        return None
    written = _written(file, faults)
    if written is None:
        return None
    cases: list[Case] = []
    places = []
    for number, item in enumerate(written.data):
        document = written.below((number,))
        try:
            cases.append(_MODELS[kind].model_validate(item))  # type: ignore[arg-type]  # the models of Case
        except ValidationError as error:
            faults += shape_faults(error, _MODELS[kind], document, file)
        else:
            places.append(f"{file.shown}:{document.place[0]}")
            faults += _unknown_events(cases[-1], document.place, file, rules)
    program = _program(path, stem) if kind == "event" else None
    return CaseFile(file.shown, kind, stem, program, tuple(cases), tuple(places))


def _is_event_file(path: Path, stem: str) -> bool:
    return any(path.with_name(stem + suffix).exists() for suffix in (".yaml", ".yml"))


def _program(path: Path, stem: str) -> str | None:
    """The first program of the rule file beside the cases that is a name, not a glob."""
    beside = path.with_name(f"{stem}.yaml")
    data = read_documents(beside.read_text(encoding="utf-8"))[0].data if beside.exists() else {}
    programs = data.get("program", ())
    return next((name for name in ([programs] if isinstance(programs, str) else programs) if not is_glob(name)), None)


def _unknown_events(case: Case, place: tuple[int, int], file: RuleFile, rules: Rulebook) -> Iterator[LogcorrError]:
    if isinstance(case, EventCase):
        known = {name for events in rules.events for name in events.events}
        for name in case.expected():
            if name not in known:
                yield file.fault(place, f"unknown event {name!r}", meant(name, known))

"""What a rule may say: the typed shape of the three kinds of rule file. Unknown keys are errors.

Durations are written as systemd.time(7) spans ("30s", "5min", "2h") and become seconds here. Positions in the files are
kept by ``load``, beside the models, so that two equal rules in different places compare equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema

from logcorr.model import Severity, Strength
from logcorr.origin import Kind, usual
from logcorr.rulebook.expressions import Expressions
from logcorr.timespan import parse_duration

#: Ten years, and so many times one step: what is longer or more is a mistake, and would cost accordingly.
LONGEST = 10 * 366 * 86_400.0
MOST_TIMES = 100

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(le=LONGEST),
    WithJsonSchema({"type": ["string", "number"], "examples": ["30s", "5min", "2h"]}, mode="validation"),
]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
EventName = Annotated[str, Field(pattern=r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$")]
Role = Literal["cause", "symptom", "recovery", "context"]
Layer = Literal["physical", "host", "service", "address", "dns", "path", "tailnet"]
RuleStatus = Literal["experimental", "stable"]
Pairing = Literal["each", "nearest", "first", "fifo", "all"]


class Rule(BaseModel):
    """Common behaviour: immutable, and no unknown keys."""

    # a rulebook that was kept is put together without validation, and needs no validators
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


# --- events -------------------------------------------------------------------------------------------------------


class Wording(Rule):
    """One wording of an event. ``says`` is a template: literal text with typed fields, matched against the whole
    message; ``regex`` a linear-time regular expression with named groups, searched anywhere in it.
    """

    says: str | None = None  # the whole message: literal text, and typed fields in braces
    regex: str | None = None  # searched anywhere in the message; named groups are fields
    head: str | None = None  # an expression for what stands before the text of `says`; its named groups are fields
    message_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None  # journald's MESSAGE_ID
    unless: tuple[str, ...] = ()  # literals that must not occur in the message
    unless_matches: str | None = None  # an expression that must not be found in it
    set: dict[str, str | int | float] = {}  # fields that this wording implies
    since: str | None = None  # first version that prints it
    until: str | None = None  # last version that prints it

    @model_validator(mode="after")
    def _one_matcher(self) -> Wording:
        if self.says is None and self.regex is None and self.message_id is None:
            raise ValueError("a wording needs one of: says, regex, message_id")
        if self.says is not None and self.regex is not None:
            raise ValueError("a wording takes says or regex, not both")
        return self


class Origin(Rule):
    """Who may say it. A match of another origin is kept, marked, and decides nothing."""

    unit: str | None = None  # glob on _SYSTEMD_UNIT, where a journal names one
    transport: Literal["kernel", "journal", "stdout", "syslog", "audit", "driver"] | None = None  # _TRANSPORT
    by: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None  # the kinds of origin; default: by the program


class Event(Rule):
    """A named event that a program reports, in one or several wordings."""

    says: str | tuple[str | Wording, ...] | None = None  # the wording, or a list of them: the first that fits counts
    regex: str | None = None  # instead of `says`: searched anywhere in the message; named groups are fields
    head: str | None = None  # an expression for what stands before the text of every `says`
    message_id: str | None = None  # journald's MESSAGE_ID, of all of its wordings
    unless: tuple[str, ...] = ()  # literals that must not occur in the message, whichever the wording
    unless_matches: str | None = None  # an expression that must not be found in it, whichever the wording
    set: dict[str, str | int | float] = {}  # fields that every wording implies
    since: str | None = None  # first version that prints it; for readers
    until: str | None = None  # last version that prints it; for readers
    means: str = ""  # what the record proves, and what it does not: a sentence for the report
    brief: str = ""  # what the line says in some 60 characters, for the chain and the picture; may use its {fields}
    role: Role = "context"  # the part it plays unless a cause says otherwise
    impact: Literal["none", "degraded", "outage"] = "none"  # what one occurrence says about connectivity
    rate_limited: bool = False  # the program suppresses repeats: absence proves nothing
    origin: Origin | None = None  # who may say it, where that is not as the file has it
    outsider_fields: tuple[str, ...] = ()  # fields that an outsider chose; its wordings read the line as it stands

    def wordings(self) -> tuple[Wording, ...]:
        """All wordings of this event, each complete in itself: what the event says of all of them is added to each."""
        if isinstance(self.says, tuple):
            given = tuple(w if isinstance(w, Wording) else Wording(says=w) for w in self.says)
        else:
            given = (Wording(says=self.says, regex=self.regex, message_id=self.message_id),)
        return tuple(
            wording.model_copy(
                update={
                    "head": None if wording.says is None else self.head if wording.head is None else wording.head,
                    "message_id": wording.message_id or self.message_id,
                    "unless": self.unless + wording.unless,
                    "unless_matches": wording.unless_matches or self.unless_matches,
                    "set": self.set | wording.set,
                    "since": wording.since or self.since,
                    "until": wording.until or self.until,
                }
            )
            for wording in given
        )

    @model_validator(mode="after")
    def _complete(self) -> Event:
        if isinstance(self.says, tuple) and self.regex is not None:
            raise ValueError("with several wordings, the regex is one of them: says: [{regex: ...}, ...]")
        if self.says == ():
            raise ValueError("says needs at least one wording")
        self.wordings()
        return self


class EventFile(Rule):
    """``rules/events/<program>.yaml``."""

    program: str | tuple[str, ...]  # names or globs of syslog identifiers; with ! before it, none of these
    origin: Origin | None = None  # who may say it; a match of another origin is kept as untrusted
    outsiders: tuple[str, ...] = ()  # regexes: what others chose in these programs' lines; the first that fits counts
    head: str | None = None  # an expression for what stands before the text of every `says` of the file
    events: dict[EventName, Event] = {}  # by name: the same event has the same name in every program
    references: tuple[str, ...] = ()  # where the wordings are documented

    @model_validator(mode="before")
    @classmethod
    def _heads(cls, data: object) -> object:
        """The file's head, given to every event that has none of its own."""
        if (
            not isinstance(data, dict)
            or not isinstance(data.get("head"), str)
            or not isinstance(data.get("events"), dict)
        ):
            return data
        head = data["head"]
        events = {
            name: {"head": head, **event} if isinstance(event, dict) else event
            for name, event in data["events"].items()
        }
        return {**data, "events": events}

    @property
    def programs(self) -> tuple[str, ...]:
        """The names and globs of the programs."""
        return (self.program,) if isinstance(self.program, str) else self.program

    def origin_of(self, event: Event) -> Origin:
        """Who may say the event: as it says itself, else as the file says, else as is usual for its programs."""
        said = [given for given in (event.origin, self.origin) if given is not None]
        return Origin(
            unit=next((one.unit for one in said if one.unit is not None), None),
            transport=next((one.transport for one in said if one.transport is not None), None),
            by=next((one.by for one in said if one.by is not None), usual(self.programs)),
        )

    @model_validator(mode="after")
    def _says_something(self) -> EventFile:
        if not (self.events or self.outsiders):
            raise ValueError("an event file needs events, or outsiders")
        return self


# --- patterns -----------------------------------------------------------------------------------------------------

Scalar = str | int | float | bool


class Compare(Rule):
    """Conditions on one field; all that are given must hold. ``$step.field`` refers to another step's field."""

    eq: Scalar | None = None  # equal to
    ne: Scalar | None = None  # there, and not equal to
    lt: Scalar | None = None  # less than
    le: Scalar | None = None  # less than or equal to
    gt: Scalar | None = None  # greater than
    ge: Scalar | None = None  # greater than or equal to
    any: tuple[Scalar, ...] | None = None  # equal to one of
    cidr: str | tuple[str, ...] | None = None  # an address in one of the networks
    not_cidr: str | tuple[str, ...] | None = None  # an address in none of them
    glob: str | None = None  # the whole value, with * for any text and ? for one character
    regex: str | None = None  # found anywhere in the value; linear-time syntax
    exists: bool | None = None  # whether the field is there at all


Where = dict[str, Scalar | tuple[Scalar, ...] | Compare]


class Step(Rule):
    """One step of a sequence or member of a set. In YAML the binding is the key: ``- down: link.down``; a step under
    the key ``not`` must not occur.
    """

    name: str  # the key of the step: how titles and other steps refer to it
    event: EventName | tuple[EventName, ...]  # one, or a list of which any will do; * stands for any text
    negated: bool = False  # a step called `not`: the event must not occur
    where: Where = {}  # conditions on fields, `$step.field` on another step's
    within: Duration | None = None  # after the step before it
    optional: bool = False  # the match takes it where it is there
    at_least: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1  # so often in a row; `within` is over all of them

    @model_validator(mode="before")
    @classmethod
    def _binding(cls, data: object) -> object:
        if not isinstance(data, dict) or "event" in data:
            return data
        options = {"where", "within", "optional", "at_least"}
        bindings = [key for key in data if key not in options]
        if len(bindings) != 1:
            raise ValueError("a step is one 'name: event' pair and its options where, within, optional, at_least")
        name = bindings[0]
        rest = {key: value for key, value in data.items() if key != name}
        return {"name": name, "event": data[name], "negated": name == "not", **rest}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """As it is written: the options, and one binding under a name of the author's choice."""
        found = handler.resolve_ref_schema(handler(core))
        properties = found["properties"]
        event = properties.pop("event")
        for name in ("name", "negated"):
            properties.pop(name)
        options = len(properties)
        return {
            **found,
            "additionalProperties": event,
            "required": [],
            "minProperties": 1,
            "maxProperties": options + 1,
        }


class Count(Rule):
    """At least N events, or N distinct values of a field, within a window."""

    event: EventName | tuple[EventName, ...]  # what is counted
    at_least: Annotated[int, Field(ge=1)]  # how many
    within: Duration  # the length of the window
    distinct: str | None = None  # count different values of this field
    where: Where = {}  # conditions on fields


class Flap(Rule):
    """Two events that alternate at least N times within a window."""

    between: tuple[EventName, EventName]  # the two events that take turns
    at_least: Annotated[int, Field(ge=2)]  # changes from one to the other
    within: Duration  # the length of the window
    where: Where = {}  # conditions on fields


class Beat(Rule):
    """An event that recurs on a period (``every``, or any period where it is absent) or on wall-clock minutes."""

    event: EventName | tuple[EventName, ...]  # what recurs
    every: Duration | None = None  # the period; absent: any
    on_minutes: str | None = None  # cron's minute field: "*/5", "0,30"
    tolerance: Duration = 20.0  # how far off the beat still counts
    at_least: Annotated[int, Field(ge=3)] = 3  # beats
    where: Where = {}  # conditions on fields


class During(Rule):
    """An event inside the state that ``start`` opens and ``end`` closes, or Allen's relation of two such states."""

    event: EventName | tuple[EventName, ...] | None = None  # what happens inside the state
    start: EventName  # what opens the state
    end: EventName  # what closes it
    other: tuple[EventName, EventName] | None = None  # what opens and closes the other state, instead of `event`
    relation: Literal["before", "meets", "overlaps", "starts", "during", "finishes", "equals"] | None = None  # Allen's
    at_least: Annotated[int, Field(ge=1)] = 1  # events inside one state
    where: Where = {}  # conditions on fields


class Silence(Rule):
    """An expected heartbeat that stops."""

    event: EventName | tuple[EventName, ...]  # the heartbeat
    longer_than: Duration | None = None  # absent: far longer than its own usual interval
    at_least: Annotated[int, Field(ge=2)] = 5  # heartbeats, to know how they usually come
    where: Where = {}  # conditions on fields


class Burst(Rule):
    """A rate far above the event's own baseline."""

    event: EventName | tuple[EventName, ...]  # what is counted
    within: Duration  # the length of the window
    times: Annotated[float, Field(gt=1)] = 10.0  # how many times its usual rate
    at_least: Annotated[int, Field(ge=2)] = 5  # events in the window
    where: Where = {}  # conditions on fields


class Measure(Rule):
    """The sum, average, median or a percentile of a numeric field over a sliding window, beyond a limit."""

    event: EventName | tuple[EventName, ...]  # which records are measured
    field: str  # the numeric field
    of: Literal["sum", "average", "median", "percentile"]  # what is taken of the values in the window
    percentile: Annotated[float, Field(ge=0, le=100)] | None = None  # with of: percentile
    gt: float | None = None  # a match where it is greater than this
    ge: float | None = None  # greater than this or equal to it
    lt: float | None = None  # less than this
    le: float | None = None  # less than this or equal to it
    within: Duration  # the length of the window, which ends with each event
    where: Where = {}  # conditions on fields

    @model_validator(mode="after")
    def _limited(self) -> Measure:
        if all(limit is None for limit in (self.gt, self.ge, self.lt, self.le)):
            raise ValueError("a measure needs a limit: gt, ge, lt or le")
        if (self.of == "percentile") != (self.percentile is not None):
            raise ValueError("of: percentile and percentile: N belong together")
        return self


class Jump(Rule):
    """A numeric field (a counter, a clock offset) that jumps by at least ``by_at_least`` between two events."""

    event: EventName | tuple[EventName, ...]  # which records carry the number
    field: str  # the numeric field
    by_at_least: float  # how far, up or down, from one to the next
    where: Where = {}  # conditions on fields


class Pattern(Rule):
    """``rules/patterns/<area>/<id>.yaml``: events that belong together in time. Exactly one form."""

    id: Id  # the file's name; what causes and commands call it
    title: str  # what was found, for the report; `{step.field}` of the match
    severity: Severity = "medium"  # of a finding
    status: RuleStatus = "experimental"  # experimental until its cases have met real logs
    version: int = 1  # of the rule; counted up when its meaning changes
    description: str = ""  # what this order of events means, and what it does not prove
    caution: str | None = None  # why this order in time is no causal chain
    by: str | tuple[str, ...] | dict[str, str] | None = None  # what the steps share; {a.x: b.y} where the names differ
    pair: Pairing = "each"  # which of several candidates go together
    span: Duration | None = None  # over all steps
    sequence: tuple[Step, ...] | None = None  # the form: steps in order
    all: tuple[Step, ...] | None = None  # the form: steps in any order, within `span`
    count: Count | None = None  # the form: at least so many
    flap: Flap | None = None  # the form: two events take turns
    beat: Beat | None = None  # the form: on a period
    during: During | None = None  # the form: inside a state
    silence: Silence | None = None  # the form: a heartbeat stops
    burst: Burst | None = None  # the form: far more than usual
    step: Jump | None = None  # the form: a number jumps
    measure: Measure | None = None  # the form: a number over a window
    references: tuple[str, ...] = ()  # where it is documented
    false_positives: tuple[str, ...] = ()  # when it matches and means nothing

    def form(self) -> str:
        """The name of the form this pattern uses."""
        return next(name for name in FORMS if getattr(self, name) is not None)

    def events(self) -> tuple[str, ...]:
        """The event names and globs that this pattern looks at."""
        form = getattr(self, self.form())
        names: list[str] = []
        for part in form if isinstance(form, tuple) else (form,):
            for key in ("event", "between", "start", "end", "other"):
                named = getattr(part, key, None)
                names += [] if named is None else [named] if isinstance(named, str) else named
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _one_form(self) -> Pattern:
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a pattern has exactly one form ({', '.join(FORMS)}); found {', '.join(given) or 'none'}")
        return self


FORMS = ("sequence", "all", "count", "flap", "beat", "during", "silence", "burst", "step", "measure")


# --- causes -------------------------------------------------------------------------------------------------------


class Sign(Rule):
    """One piece of evidence: a pattern that matches, or an event that occurs, near the incident."""

    pattern: Id | None = None  # the id of a pattern that matches; or
    event: EventName | tuple[EventName, ...] | None = None  # an event that occurs
    where: Where = {}  # conditions on the fields of its events
    strength: Strength  # how much it weighs: logcorr/diagnosis/weights.py
    says: str  # half a sentence for the report; may use the match's fields
    expect: Literal["always", "usually", "sometimes"] = "sometimes"  # how much its absence speaks against the cause
    trigger: bool | str = False  # dates the onset of the cause; a name: that step of the pattern does
    on: Literal["host", "router"] | None = None  # only where a router logged it, or only where another machine did
    sources: tuple[str, ...] = ()  # source kinds that would show it; default: the cause's `needs`

    @model_validator(mode="after")
    def _one_subject(self) -> Sign:
        if (self.pattern is None) == (self.event is None):
            raise ValueError("a sign names one of: pattern, event")
        return self


class ActionRule(Rule):
    """Something to do about the cause. Safe whatever the present state is, or it asks to read that first."""

    do: str  # the step, as an instruction
    command: str | None = None  # the command that does it; what differs from site to site is a placeholder: <IFACE>
    risk: str  # what may go wrong
    undo: str | None = None  # how to take it back
    why: str  # why it helps


class CheckRule(Rule):
    """A read-only command that would decide, where to run it, and which causes it decides between."""

    command: str  # a read-only command; what differs from site to site is a placeholder: <IFACE>
    on: str  # where to run it
    settles: tuple[Id, ...]  # the causes that its outcome tells apart
    why: str = ""  # what its outcome says


class Answer(Rule):
    """An answer, and what has to be seen before it may be given. An event or a pattern is seen where lines near the
    incident show it; a kind of source where its log covers the incident without a gap.
    """

    says: str  # the answer; it states nothing that `rests_on` does not show
    rests_on: tuple[str | tuple[str, ...], ...]  # events, patterns, kinds of source: all of them; of a list, any one

    @model_validator(mode="before")
    @classmethod
    def _supported(cls, data: object) -> object:
        if isinstance(data, str):
            raise ValueError(  # noqa: TRY004  # pydantic collects ValueErrors alone
                "an answer needs rests_on: {says: ..., rests_on: [an event, a pattern or a kind of source]}"
            )
        return data

    @model_validator(mode="after")
    def _rests_on_something(self) -> Answer:
        if not all(self.rests_on) or not self.rests_on:
            raise ValueError("rests_on names at least one event, pattern or kind of source")
        return self


class QuestionRule(Rule):
    """A question that readers ask, and its answers for each fate of this cause: the first that holds is given. Without
    one the question is open.
    """

    question: str  # as readers ask it; may use the fields of its premise
    premise: tuple[str, ...] = ()  # events and patterns, one of which must be seen; absent: a symptom that is explained
    supported: Answer | tuple[Answer, ...] = ()  # the answer where the cause is supported
    ruled_out: Answer | tuple[Answer, ...] = ()  # the answer where it is ruled out

    def answers(self) -> tuple[Answer, ...]:
        """All of its answers."""
        return (*_tupled(self.supported), *_tupled(self.ruled_out))

    def answers_where(self, fate: Literal["supported", "ruled-out"]) -> tuple[Answer, ...]:
        """Its answers where the cause has this fate, the first that holds to be given."""
        return _tupled(self.supported if fate == "supported" else self.ruled_out)


def _tupled(given: Answer | tuple[Answer, ...]) -> tuple[Answer, ...]:
    return (given,) if isinstance(given, Answer) else given


class Cause(Rule):
    """``rules/causes/<id>.yaml``: why it happened."""

    id: Id  # the file's name; what the JSON report calls it
    title: str  # the cause in a few words
    layer: Layer  # where it sits: lower layers explain higher ones
    status: RuleStatus = "experimental"  # experimental until its cases have met real logs
    version: int = 1  # of the rule; counted up when its meaning changes
    description: str = ""  # more about it, for readers of the rules
    sentence: str  # the verdict in plain words: subject, verb, object
    explains: tuple[str, ...]  # the symptoms that it accounts for: events, and classes of symptoms.yaml
    brings_about: tuple[Id, ...] = ()  # causes that are its consequences where it was there first
    evidence: tuple[Sign, ...]  # the signs for it
    against: tuple[Sign, ...] = ()  # the signs that speak against it
    needs: tuple[str, ...] = ()  # source kinds without which it is untestable where no sign dates it
    usually: Literal["root", "contributing"] = "root"  # contributing: look on for what it reacted to
    reacts_to: tuple[EventName, ...] = ()  # what sets a contributing cause off
    look_back: Duration = 300.0  # how long before the first symptom its signs may lie
    ends_with: tuple[EventName, ...] = ()  # what repairs it; its aftermath lasts `look_back` longer
    lasts: Duration | None = None  # how long a trigger is at work by itself; absent: until it is repaired
    noticed_within: Duration = 0.0  # how late its trigger may be logged after the fault itself
    only_possible: bool = False  # logs alone never support more than "possible"
    actions: tuple[ActionRule, ...] = ()  # what to do about it
    checks: tuple[CheckRule, ...] = ()  # what to run to be sure
    questions: tuple[QuestionRule, ...] = ()  # what readers ask, and the answers
    references: tuple[str, ...] = ()  # where it is documented
    false_positives: tuple[str, ...] = ()  # what looks like it and is not


# --- classes of symptoms ------------------------------------------------------------------------------------------


class Member(Rule):
    """Events that belong to a class of symptoms where conditions hold. A field that a line does not have excludes
    nothing: a time-out that names no address may be one through the tunnel.
    """

    event: EventName | tuple[EventName, ...]  # one, or a list of which any will do
    where: Where  # conditions on fields; each counts only where the line has the field


class SymptomClass(Rule):
    """``rules/symptoms.yaml``: what fails together, in whatever program's words; what a cause explains."""

    id: Id  # what `explains` calls it; with a hyphen, so that it is no event
    title: str  # what fails, in half a sentence
    events: tuple[EventName | Member, ...]  # the events that report it
    includes: tuple[Id, ...] = ()  # other classes: what fails wherever this does


# --- kinds of source ----------------------------------------------------------------------------------------------


class SourceKind(Rule):
    """``rules/sources.yaml``: a kind of log that causes need ("router"), how to recognise it, and how to export it."""

    id: Id  # what `needs` and `sources` call it
    title: str  # "the router's log"
    formats: tuple[str, ...] = ()  # globs on parser ids
    programs: tuple[str, ...] = ()  # globs on programs
    command: str | None = None  # the shell command that exports it, with START, END and HOST to be filled in
    how: str | None = None  # what to do where no command does it: whole sentences, one product on a line
    on: str  # where to run it: "the on-prem server"
    scope: Literal["host", "site"] = "host"  # whether it speaks for its own machine alone or for all of a site

    @property
    def export(self) -> str:
        """How to export it, as one line of text: the command, what to do otherwise, or both."""
        command, how = (" ".join((text or "").split()) for text in (self.command, self.how))
        return f"{command} ({how})" if command and how else command or how

    @model_validator(mode="after")
    def _exportable(self) -> SourceKind:
        if not (self.command or self.how):
            raise ValueError("a kind of source needs one of: command, how")
        return self


# --- everything ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """An event told by a condition on whole records instead of a wording; Sigma's detections become such."""

    event: str
    programs: tuple[str, ...]  # globs
    where: pl.Expr  # over schema.TIMELINE, and "field:NAME" for a field of the record's other events; never null
    fields: tuple[str, ...] = ()  # the NAMEs that it uses
    gives: tuple[tuple[str, tuple[str, ...]], ...] = ()  # more fields: each the first of the named fields that is known


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule of a run, validated."""

    events: tuple[EventFile, ...] = ()
    patterns: dict[str, Pattern] = field(default_factory=dict)
    causes: dict[str, Cause] = field(default_factory=dict)
    sources: dict[str, SourceKind] = field(default_factory=dict)
    symptoms: dict[str, SymptomClass] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()  # events of Sigma rules
    sha256: str = ""  # over sorted (relative path, content)
    places: dict[str, str] = field(default_factory=dict)  # "pattern reset-after-link-down" -> "path:line"
    shipped: frozenset[str] = frozenset()  # those whose path is one of the shipped folder
    refused: tuple[str, ...] = ()  # "user/x.yml:4:5: what cannot be honoured", for every rule that was left out
    overridden: tuple[str, ...] = ()  # "pattern x: user/x.yaml:1 replaces x.yaml:1", for every rule replaced by another
    expressions: Expressions = field(default_factory=dict)  # of wordings, as far as they are compiled already

    def classes_in(self, names: tuple[str, ...]) -> tuple[SymptomClass, ...]:
        """The classes of symptoms among ``names``, and all that they include."""
        found: dict[str, SymptomClass] = {}
        asked = list(names)
        while asked:
            known = self.symptoms.get(asked.pop())
            if known is not None and known.id not in found:
                found[known.id] = known
                asked += known.includes
        return tuple(found.values())

    def explained_events(self, cause: Cause) -> tuple[str, ...]:
        """The names and globs of all events that a cause may explain, whatever conditions the classes put on them."""
        parts = [part for each in self.classes_in(cause.explains) for part in each.events]
        named = [part if isinstance(part, str) else part.event for part in parts]
        flat = [name for names in named for name in ((names,) if isinstance(names, str) else names)]
        return tuple(dict.fromkeys([*(name for name in cause.explains if name not in self.symptoms), *flat]))

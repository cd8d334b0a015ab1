"""Why it happened, what it explains, and what shows it: causes, classes of symptoms, and kinds of source."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator, model_validator

from logcorr.model import Strength
from logcorr.rulebook.models.base import Duration, EventName, Id, Layer, Rule, RuleStatus, Where
from logcorr.rulebook.regexes import regex_fault


class Sign(Rule):
    """One piece of evidence: a pattern that matches, or an event that occurs, near the incident."""

    pattern: Id | None = None  # the id of a pattern that matches; or
    event: EventName | tuple[EventName, ...] | None = None  # an event that occurs
    where: Where = {}  # conditions on the fields of its events
    strength: Strength  # how much it weighs: logcorr/diagnosis/judging/weights.py
    says: str  # half a sentence for the report; may use the match's fields
    expect: Literal["always", "usually", "sometimes"] = "sometimes"  # how much its absence speaks against the cause
    trigger: bool | str = False  # dates the onset of the cause; a name: that step of the pattern does
    lasts: Duration | None = None  # how long what it dates is at work; default: as the cause says
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
    uses: tuple[Id, ...] = ()  # kinds of source: it is advised only where the programs that write these may be there


class Variant(Rule):
    """What the lines that date a cause narrow it down to, and what is said and advised then in place of what holds for
    the cause in general. It is taken where it fits each of these lines, or the earliest if ``begins``; of several, the
    first that does.
    """

    programs: tuple[str, ...] = ("*",)  # globs, one of which the program of each line fits
    message: str | None = None  # a regex that is found in the message of each line
    begins: bool = False  # what the earliest line tells brings the others about, whatever they say
    title: str | None = None  # in place of the cause's
    sentence: str | None = None  # in place of the cause's
    actions: tuple[ActionRule, ...] | None = None  # in place of the cause's
    checks: tuple[CheckRule, ...] | None = None  # in place of the cause's

    @field_validator("message")
    @classmethod
    def _runs(cls, value: str | None) -> str | None:
        if value is not None and (fault := regex_fault(value)):
            raise ValueError(fault)
        return value

    @model_validator(mode="after")
    def _narrows(self) -> Variant:
        if self.message is None and "*" in self.programs:
            raise ValueError("a variant needs one of: programs, message")
        return self


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
    """``rules/causes/<area>/<id>.yaml``: why it happened."""

    id: Id  # the file's name; what the JSON report calls it
    title: str  # the cause in a few words
    layer: Layer  # where it sits: lower layers explain higher ones
    status: RuleStatus = "experimental"  # experimental until its cases have met real logs
    version: int = 1  # of the rule; counted up when its meaning changes
    description: str = ""  # more about it, for readers of the rules
    sentence: str  # the verdict in plain words: subject, verb, object
    explains: tuple[str, ...]  # the symptoms that it accounts for: events, and classes of symptoms.yaml
    brings_about: tuple[Id, ...] = ()  # causes that are its consequences where it was there first
    other_end: bool = False  # its lines tell that another machine is silent, not why: what explains that comes first
    evidence: tuple[Sign, ...]  # the signs for it
    against: tuple[Sign, ...] = ()  # the signs that speak against it
    needs: tuple[str, ...] = ()  # source kinds without which it is untestable where no sign dates it
    usually: Literal["root", "contributing"] = "root"  # contributing: look on for what it reacted to
    reacts_to: tuple[EventName, ...] = ()  # what sets a contributing cause off
    look_back: Duration = 300.0  # how long before the first symptom its signs may lie
    ends_with: tuple[EventName, ...] = ()  # what repairs it; its aftermath lasts `look_back` longer
    lasts: Duration | None = None  # how long a trigger is at work by itself; absent: until it is repaired
    mended_within: Duration | None = None  # of a restart: what it took is back so soon
    noticed_within: Duration = 0.0  # how late its trigger may be logged after the fault itself
    only_possible: bool = False  # logs alone never support more than "possible"
    actions: tuple[ActionRule, ...] = ()  # what to do about it
    checks: tuple[CheckRule, ...] = ()  # what to run to be sure
    variants: tuple[Variant, ...] = ()  # what it is called and what helps where its lines tell more
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
    here: bool = False  # on the cause's own machine, only what names no public address of another machine
    served_by: str | None = None  # a regex: services without which this fails on other machines, too


# --- kinds of source ----------------------------------------------------------------------------------------------


class SourceKind(Rule):
    """``rules/sources.yaml``: a kind of log that causes need ("router"), how to recognise it, and how to export it."""

    id: Id  # what `needs` and `sources` call it
    title: str  # "the router's log"
    formats: tuple[str, ...] = ()  # globs on parser ids
    programs: tuple[str, ...] = ()  # globs on programs
    shown_by: tuple[EventName, ...] = ()  # events that tell that their machine does such work, in other programs' words
    command: str | None = None  # the shell command that exports it, with START, END and HOST to be filled in
    how: str | None = None  # what to do where no command does it: whole sentences, one product on a line
    on: str  # where to run it: "the on-prem server"
    scope: Literal["host", "site"] = "host"  # whether it speaks for its own machine alone or for all of a site
    mentioned: str | None = None  # a regex: where no line matches, its program is not in use; its log is not asked for

    @property
    def export(self) -> str:
        """How to export it, as one line of text: the command, what to do otherwise, or both."""
        command, how = (" ".join((text or "").split()) for text in (self.command, self.how))
        return f"{command} ({how})" if command and how else command or how

    @field_validator("mentioned")
    @classmethod
    def _runs(cls, value: str | None) -> str | None:
        if value is not None and (fault := regex_fault(value)):
            raise ValueError(fault)
        return value

    @model_validator(mode="after")
    def _exportable(self) -> SourceKind:
        if not (self.command or self.how):
            raise ValueError("a kind of source needs one of: command, how")
        return self

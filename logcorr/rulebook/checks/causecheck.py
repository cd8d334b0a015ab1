"""What causes, classes of symptoms, states and kinds of source say of other rules: all that they name must exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from logcorr.dataclass import dataclass
from logcorr.rulebook.checks.crosscheck import STRUCTURED, Checker, Vocabulary
from logcorr.rulebook.checks.placeholders import OPEN_WORDS, PLACEHOLDERS, names_in
from logcorr.rulebook.documents import Path
from logcorr.rulebook.faults import meant
from logcorr.rulebook.models import (
    ActionRule,
    Answer,
    Cause,
    CheckRule,
    Pattern,
    QuestionRule,
    Sign,
    SourceKind,
    StateKind,
    SymptomClass,
)


@dataclass(frozen=True, slots=True)
class Known:
    """The rules that a cause may name, beside events."""

    patterns: Mapping[str, Pattern]
    causes: frozenset[str]
    sources: frozenset[str]
    symptoms: frozenset[str]


class CauseChecker(Checker):
    """Checks the causes, classes of symptoms, states and kinds of source of one file."""

    def symptoms(self, rule: SymptomClass, vocabulary: Vocabulary, known: Known) -> None:
        """Check a class of symptoms."""
        for number, part in enumerate(rule.events):
            names = part if isinstance(part, str) else part.event
            self.check_events(
                names, vocabulary, ("events", number) if isinstance(part, str) else ("events", number, "event")
            )
            if not isinstance(part, str):
                self.check_where(part.where, vocabulary.fields_of(names), ("events", number, "where"), {})
        self._named(rule.includes, known.symptoms, "class of symptoms", ("includes",))

    def state(self, rule: StateKind, vocabulary: Vocabulary, known: Known) -> None:
        """Check a state."""
        for key in ("lost", "back", "clean"):
            self.check_events(getattr(rule, key), vocabulary, (key,))
        fields = vocabulary.fields_of(rule.lost)
        self._named(rule.of, fields, "field", ("of",))
        for name in rule.lost_in:
            if name not in known.patterns and name not in vocabulary.broken:
                self.fault(("lost_in",), f"unknown pattern {name!r}", meant(name, known.patterns))
        self.check_where(rule.where, fields, ("where",), {})
        self.check_where(rule.back_where, vocabulary.fields_of(rule.back), ("back_where",), {})

    def source(self, rule: SourceKind, vocabulary: Vocabulary) -> None:
        """Check a kind of source."""
        self.check_events(rule.shown_by, vocabulary, ("shown_by",))

    def cause(self, rule: Cause, vocabulary: Vocabulary, known: Known) -> None:
        """Check a cause."""
        for number, name in enumerate(rule.explains):
            if name not in known.symptoms:
                self._event_or(name, vocabulary, known.symptoms, "class of symptoms", ("explains", number))
        for key in ("reacts_to", "ends_with"):
            self.check_events(getattr(rule, key), vocabulary, (key,))
        self._named(rule.brings_about, known.causes, "cause", ("brings_about",))
        fields: set[str] = set()
        for key in ("evidence", "against"):
            for number, sign in enumerate(getattr(rule, key)):
                fields |= self._sign(sign, (key, number), vocabulary, known)
                self._named(sign.sources, known.sources, "kind of source", (key, number, "sources"))
        for key in ("title", "sentence"):
            self.check_holes(getattr(rule, key), None, fields, (key,))
        self._named(rule.needs, known.sources, "kind of source", ("needs",))
        for number, question in enumerate(rule.questions):
            self._question(question, ("questions", number), vocabulary, known)
        self._advice(rule.actions, rule.checks, (), known)
        for number, variant in enumerate(rule.variants):
            path: Path = ("variants", number)
            for key in ("title", "sentence"):
                self.check_holes(getattr(variant, key) or "", None, fields, (*path, key))
            self._advice(variant.actions or (), variant.checks or (), path, known)

    def _advice(self, actions: Iterable[ActionRule], checks: Iterable[CheckRule], path: Path, known: Known) -> None:
        """What is advised: the causes that it settles must exist, and commands have the form of commands."""
        for number, check in enumerate(checks):
            self._named(check.settles, known.causes, "cause", (*path, "checks", number, "settles"))
            self._named(check.uses, known.sources, "kind of source", (*path, "checks", number, "uses"))
            self._command(check.command, (*path, "checks", number, "command"))
        for number, action in enumerate(actions):
            self._command(action.command, (*path, "actions", number, "command"))
            self._command(action.undo, (*path, "actions", number, "undo"))

    def _question(self, rule: QuestionRule, path: Path, vocabulary: Vocabulary, known: Known) -> None:
        """What it asks about and what its answers rest on must exist; what it presupposes must be said."""
        if rule.question.startswith(OPEN_WORDS) and not rule.premise:
            word = rule.question.split()[0].rstrip(",?")
            hint = "premise: [the events or patterns without which nobody would ask]"
            self.fault((*path, "question"), f"a question with {word!r} presupposes something and needs a premise", hint)
        for number, name in enumerate(rule.premise):
            if name not in known.patterns:
                self._event_or(name, vocabulary, known.patterns, "pattern", (*path, "premise", number))
        events = [part for name in rule.premise for part in self._events_of(name, known)]
        fields = vocabulary.fields_of(events) if events else set()
        self.check_holes(rule.question, None, fields, (*path, "question"))
        for key in ("supported", "ruled_out"):
            given: Answer | tuple[Answer, ...] = getattr(rule, key)
            answers = (
                [((*path, key), given)]
                if isinstance(given, Answer)
                else [((*path, key, number), each) for number, each in enumerate(given)]
            )
            for place, answer in answers:
                self._answer(answer, place, fields, vocabulary, known)

    def _answer(self, rule: Answer, path: Path, fields: set[str], vocabulary: Vocabulary, known: Known) -> None:
        own = set(fields)
        for number, part in enumerate(rule.rests_on):
            for name in (part,) if isinstance(part, str) else part:
                if name not in known.sources:
                    if name not in known.patterns:
                        others = {*known.patterns, *known.sources}
                        what = "pattern or kind of source"
                        self._event_or(name, vocabulary, others, what, (*path, "rests_on", number))
                    own |= vocabulary.fields_of(self._events_of(name, known))
        self.check_holes(rule.says, None, own, (*path, "says"))

    def _events_of(self, name: str, known: Known) -> tuple[str, ...]:
        return known.patterns[name].events() if name in known.patterns else (name,)

    def _event_or(self, name: str, vocabulary: Vocabulary, others: Iterable[str], what: str, path: Path) -> None:
        """``name`` must be an event, as it is none of ``others``."""
        if not vocabulary.matching(name) and name not in vocabulary.broken:
            hint = meant(name, {*vocabulary.fields, *others}, otherwise="`logcorr rules list events` shows all events")
            self.fault(path, f"{name!r} is no event and no {what}", hint)

    def _sign(self, sign: Sign, path: Path, vocabulary: Vocabulary, known: Known) -> set[str]:
        """Check one sign; the fields that it may have."""
        if sign.pattern is None:
            self.check_events(sign.event or (), vocabulary, (*path, "event"))
            fields = vocabulary.fields_of(sign.event or ())
            self.check_where(sign.where, fields, (*path, "where"), {})
            for name in sign.where:
                if any(name in vocabulary.chosen.get(event, ()) for event in vocabulary.matching(sign.event or ())):
                    self.fault((*path, "where", name), f"field {name!r} is chosen by an outsider: no proof", key=True)
        elif sign.pattern in known.patterns:
            fields = vocabulary.fields_of(known.patterns[sign.pattern].events())
        else:
            if sign.pattern not in vocabulary.broken:
                hint = meant(sign.pattern, known.patterns)
                self.fault((*path, "pattern"), f"unknown pattern {sign.pattern!r}", hint)
            return {*vocabulary.dtypes, *STRUCTURED}
        self.check_holes(sign.says, None, fields, (*path, "says"))
        return fields

    def _command(self, command: str | None, path: Path) -> None:
        for name in names_in(command or ""):
            if name not in PLACEHOLDERS:
                self.fault(path, f"unknown placeholder <{name}>", meant(name, PLACEHOLDERS))

    def _named(self, names: Iterable[str], known: Iterable[str], what: str, path: Path) -> None:
        for number, name in enumerate(names):
            if name not in known:
                self.fault((*path, number), f"unknown {what} {name!r}", meant(name, known))

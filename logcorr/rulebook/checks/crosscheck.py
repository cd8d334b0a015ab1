"""What a rule says of events: those that it names must exist, with the fields that it uses. See ``causecheck``, too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field
from ipaddress import ip_network
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError
from logcorr.origin import KEPT
from logcorr.rulebook.documents import Document, Path
from logcorr.rulebook.expressions import Expressions
from logcorr.rulebook.faults import meant
from logcorr.rulebook.fieldtypes import KEPT_AS, field_type
from logcorr.rulebook.files import RuleFile
from logcorr.rulebook.globs import glob_matches, is_glob
from logcorr.rulebook.models import Compare, Event, EventFile, Pattern, Where
from logcorr.rulebook.regexes import read_regex, regex_fault
from logcorr.rulebook.wordings import Dtypes, WordingError, compile_wording

#: What conditions, ``by`` and titles may use beside the fields of events: columns of schema.EVENTS.
BASE_COLUMNS: Final = frozenset({"host", "program", "pid", "clock", "source", "trusted", "repeat", "event"})
#: Fields that a structured journal gives to every event (UNIT=, INTERFACE=).
STRUCTURED: Final = {"unit": pl.String, "interface": pl.String}
#: What titles may use of a form's own result.
FORM_VALUES: Final = frozenset({"count", "period", "silence", "jump", "n"})

#: Types of fields that tell one thing from another; what an outsider chose never does.
_ADDRESSES: Final = frozenset({"ip", "mac", "interface", "unit"})

_HOLE: Final = re.compile(r"\{([A-Za-z_][\w.]*)\}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The events that the rulebook knows, with their fields."""

    fields: dict[str, Dtypes] = field(default_factory=dict)  # event -> field -> dtype
    dtypes: dict[str, tuple[type[pl.DataType], str]] = field(default_factory=dict)  # field -> dtype, and where first
    expressions: Expressions = field(default_factory=dict)  # of all wordings
    chosen: dict[str, set[str]] = field(default_factory=dict)  # event -> fields that an outsider chose
    broken: set[str] = field(default_factory=set)  # events and patterns whose own faults are told already

    def matching(self, names: str | Iterable[str]) -> list[str]:
        """The known events that one of the names or globs means."""
        globs = (names,) if isinstance(names, str) else tuple(names)
        found: list[str] = []
        for glob in globs:
            if is_glob(glob):
                found += (event for event in self.fields if glob_matches(event, glob))
            elif glob in self.fields:
                found.append(glob)
        return found

    def fields_of(self, names: str | Iterable[str]) -> set[str]:
        """All fields that these events may have; those of all events where one of them is not known."""
        globs = (names,) if isinstance(names, str) else tuple(names)
        if not all(self.matching(glob) for glob in globs):
            return {*self.dtypes, *STRUCTURED}
        return {name for event in self.matching(names) for name in self.fields[event]} | set(STRUCTURED)


class Checker:
    """Checks rules of one file, and collects faults with their places."""

    def __init__(self, file: RuleFile, document: Document, base: Path = ()) -> None:
        self.file = file
        self.document = document
        self.base = base
        self.faults: list[LogcorrError] = []

    def fault(self, path: Path, message: str, hint: str | None = None, *, key: bool = False) -> None:
        """Note a fault at a path of the document."""
        self.faults.append(self.file.fault(self.document.locate((*self.base, *path), key=key), message, hint))

    # --- events ---------------------------------------------------------------------------------------------------

    def event_file(self, rules: EventFile, vocabulary: Vocabulary) -> None:
        """Compile every wording, and add the events and their fields to the vocabulary."""
        self._outsiders(rules)
        for name, event in rules.events.items():
            if is_glob(name):
                self.fault(("events", name), f"{name!r} is a glob; an event file defines single events", key=True)
            fields, own = vocabulary.fields.setdefault(name, {}), set(STRUCTURED)
            for number, wording in enumerate(event.wordings()):
                path: Path = ("events", name, "says", number) if isinstance(event.says, tuple) else ("events", name)
                part = "says" if wording.says is not None else "regex"
                try:
                    compiled = compile_wording(wording, tested=self.file.shipped, known=vocabulary.expressions)
                    given = compiled.field_dtypes()
                    fields |= self._consistent(given, vocabulary, path)
                    own |= set(given)
                except WordingError as error:
                    self.fault((*path, part), str(error), error.hint)
            self.check_holes(event.brief, None, own, ("events", name, "brief"))
            self._outsider_fields(event, own, ("events", name))
            vocabulary.chosen.setdefault(name, set()).update(event.outsider_fields)

    def _outsiders(self, rules: EventFile) -> None:
        """Expressions for what others chose: they compile, match some text, and keep at most one group."""
        for number, regex in enumerate(rules.outsiders):
            path: Path = ("outsiders", number)
            if fault := regex_fault(f"(?s){regex}"):
                self.fault(path, fault)
            elif pl.Series([""]).str.contains(f"(?s){regex}").item():
                self.fault(path, "this matches nothing as well as something", "write .+ for all of a line")
            elif odd := set(read_regex(regex)[0]) - set(KEPT):
                hint = f"the groups {', '.join(KEPT)} hold what is not the outsider's"
                self.fault(path, f"no group is called {min(odd)!r} here", hint)

    def _outsider_fields(self, event: Event, own: set[str], path: Path) -> None:
        """What an outsider chose is text, and an event whose wordings read it says nothing of connectivity."""
        for number, name in enumerate(event.outsider_fields):
            here = (*path, "outsider_fields", number)
            kind = field_type(name)
            if name not in own:
                self.fault(here, f"no wording of this event has a field {name!r}", meant(name, own))
            elif kind is not None and (kind.dtype is not pl.String or kind.name in _ADDRESSES):
                hint = "take it from a place of the sentence that is the program's own"
                self.fault(
                    here, f"field {name!r} is {KEPT_AS[kind.dtype]} to go by, and no outsider chooses that", hint
                )
        if event.outsider_fields and (event.impact != "none" or event.role == "cause"):
            hint = "give what is the program's own in an event of its own"
            self.fault((*path, "outsider_fields"), "what outsiders can write has no impact and is no cause", hint)

    def _consistent(self, fields: Dtypes, vocabulary: Vocabulary, path: Path) -> Dtypes:
        """A field is one kind of value in all events."""
        for name, dtype in fields.items():
            place = f"{self.file.shown}:{self.document.locate((*self.base, *path))[0]}"
            known, where = vocabulary.dtypes.setdefault(name, (dtype, place))
            if known != dtype:
                hint = "give it the same type, or another name"
                self.fault(path, f"field {name!r} is {KEPT_AS[dtype]} here and {KEPT_AS[known]} in {where}", hint)
        return fields

    # --- patterns -------------------------------------------------------------------------------------------------

    def pattern(self, rule: Pattern, vocabulary: Vocabulary) -> None:
        """Check a pattern against the events."""
        form = rule.form()
        if rule.stepped():
            self._steps(rule, form, vocabulary)
        else:
            self._single(rule, form, vocabulary)
        self._by(rule, vocabulary)

    def _steps(self, rule: Pattern, form: str, vocabulary: Vocabulary) -> None:
        steps = rule.steps()
        names = [step.name for step in steps if not step.negated]
        if len(names) < (2 if len(steps) == len(names) else 1):
            self.fault((form,), f"a {form} needs at least two steps", key=True)
        fields = {step.name: vocabulary.fields_of(step.event) for step in steps}
        for number, step in enumerate(steps):
            path: Path = (form, number)
            if names.count(step.name) > 1 and names.index(step.name) != number:
                self.fault(path, f"two steps are called {step.name!r}", "give every step its own name")
            self.check_events(step.event, vocabulary, (*path, step.name))
            self.check_where(step.where, fields[step.name], (*path, "where"), fields)
        self.check_holes(rule.title, {name: fields[name] for name in names})

    def _single(self, rule: Pattern, form: str, vocabulary: Vocabulary) -> None:
        body = rule.single()
        for key, named in body.named().items():
            self.check_events(named, vocabulary, (form, key))
        fields = vocabulary.fields_of(body.events())
        self.check_where(body.where, fields, (form, "where"), {})
        for key in ("field", "distinct"):
            name = getattr(body, key, None)
            if name is not None and name not in fields | BASE_COLUMNS:
                self.fault((form, key), f"no event of this pattern has a field {name!r}", meant(name, fields))
        self.check_holes(rule.title, None, fields)

    def _by(self, rule: Pattern, vocabulary: Vocabulary) -> None:
        known = {name for fields in vocabulary.fields.values() for name in fields} | BASE_COLUMNS | set(STRUCTURED)
        if isinstance(rule.by, dict):
            steps = [step.name for step in rule.steps()]
            for side in [text for pair in rule.by.items() for text in pair]:
                step, _, name = side.partition(".")
                if steps and step not in steps:
                    self.fault(("by",), f"{side!r} names no step", meant(step, steps))
                elif name not in known:
                    self.fault(("by",), f"{side!r}: no event has a field {name!r}", meant(name, known))
            return
        for name in (rule.by,) if isinstance(rule.by, str) else rule.by or ():
            if name not in known:
                self.fault(("by",), f"no event has a field {name!r}", meant(name, known))

    def check_holes(
        self,
        text: str,
        steps: dict[str, set[str]] | None,
        fields: set[str] | None = None,
        path: Path = ("title",),
    ) -> None:
        """Every ``{step.field}`` and ``{field}`` of a text must be something that a match can have."""
        own = fields if fields is not None else {name for found in (steps or {}).values() for name in found}
        for hole in _HOLE.findall(text):
            step, dot, name = hole.partition(".")
            if not dot:
                if step not in own | BASE_COLUMNS | FORM_VALUES:
                    self.fault(
                        path, f"{{{hole}}}: no event of this rule has a field {step!r}", meant(step, own | BASE_COLUMNS)
                    )
            elif steps is not None and step not in steps:
                self.fault(path, f"{{{hole}}}: there is no step {step!r}", meant(step, steps))
            elif steps is not None and name not in steps[step] | BASE_COLUMNS:
                self.fault(
                    path, f"{{{hole}}}: the events of step {step!r} have no field {name!r}", meant(name, steps[step])
                )

    def check_where(self, where: Where, fields: set[str], path: Path, steps: dict[str, set[str]]) -> None:
        """Conditions must be on fields that the events have, and each must make sense."""
        for name, condition in where.items():
            if name not in fields | BASE_COLUMNS:
                self.fault((*path, name), f"none of these events has a field {name!r}", meant(name, fields), key=True)
            if not isinstance(condition, Compare):
                self._reference(condition, (*path, name), steps)
                continue
            for key, value in condition:
                if value is not None:
                    self._reference(value, (*path, name, key), steps)
                    self._compare(key, value, (*path, name, key))

    def _compare(self, key: str, value: object, path: Path) -> None:
        if key == "regex" and (fault := regex_fault(str(value))):
            self.fault(path, fault)
        if key in ("cidr", "not_cidr"):
            for network in value if isinstance(value, tuple) else (value,):
                try:
                    ip_network(str(network), strict=False)
                except ValueError:
                    self.fault(path, f"{network!r} is no network", "write 192.168.0.0/24 or fd00::/8")

    def _reference(self, value: object, path: Path, steps: dict[str, set[str]]) -> None:
        """``$step.field`` must name a step and a field that it has."""
        if not isinstance(value, str) or not value.startswith("$") or not steps:
            return
        step, _, name = value[1:].partition(".")
        if step not in steps:
            self.fault(path, f"{value!r}: there is no step {step!r}", meant(step, steps))
        elif name not in steps[step] | BASE_COLUMNS:
            self.fault(path, f"{value!r}: the events of step {step!r} have no field {name!r}", meant(name, steps[step]))

    def check_events(self, names: str | Iterable[str], vocabulary: Vocabulary, path: Path) -> None:
        """Every name or glob must mean an event."""
        for number, name in enumerate([names] if isinstance(names, str) else names):
            if not vocabulary.matching(name) and name not in vocabulary.broken:
                where = path if isinstance(names, str) else (*path, number)
                hint = "no event matches it" if is_glob(name) else None
                self.fault(
                    where,
                    f"unknown event {name!r}",
                    meant(name, vocabulary.fields, otherwise=hint or "`logcorr rules list events` shows all"),
                )

"""Rule files read and checked. Every fault of every file is collected.

What a file is follows from its folder (``events``, ``patterns``, ``causes``), else from its keys, so a user may keep a
single file anywhere. Cases (``*.cases.yaml``) are no rules.

A user's pattern, cause, kind of source or state replaces one of the same id that came before it. A user's event file
of the same file name replaces the events that it defines anew, and leaves the others. Either is noted in
``Rulebook.overridden``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError
from logcorr.rulebook.checks.causecheck import CauseChecker, Known
from logcorr.rulebook.checks.crosscheck import Checker, Vocabulary
from logcorr.rulebook.documents import Document, DocumentError, read_documents
from logcorr.rulebook.documents import Path as Keys
from logcorr.rulebook.faults import mended, shape_faults
from logcorr.rulebook.files import Place, RuleFile
from logcorr.rulebook.models import FORMS, Cause, EventFile, Pattern, Rulebook, SourceKind, StateKind, SymptomClass
from logcorr.rulebook.translated import Translated

RuleKind = Literal["events", "patterns", "causes", "sources", "symptoms", "states"]
_MODELS: Final[dict[RuleKind, type[BaseModel]]] = {
    "events": EventFile, "patterns": Pattern, "causes": Cause, "sources": SourceKind, "symptoms": SymptomClass,
    "states": StateKind,
}  # fmt: skip
#: Keys by which a Sigma file is known.
_SIGMA: Final = frozenset({"detection", "logsource", "correlation"})
_SINGULAR: Final[dict[RuleKind, str]] = {
    "events": "event", "patterns": "pattern", "causes": "cause", "sources": "source", "symptoms": "class of symptoms",
    "states": "state",
}  # fmt: skip
#: Kinds of which one file, called as the kind, holds a list.
_LISTED: Final[tuple[RuleKind, ...]] = ("sources", "symptoms", "states")


@dataclass(frozen=True, slots=True)
class _Read:
    """One rule of a file, valid in itself."""

    file: RuleFile
    document: Document
    rule: Any
    base: Keys = ()  # where in the document it stands

    def at(self, path: Keys = ()) -> Place:
        """The place of a part of the rule."""
        return self.document.locate((*self.base, *path), key=True)

    def place(self, path: Keys = ()) -> str:
        """``path:line`` of a part of the rule."""
        return f"{self.file.shown}:{self.at(path)[0]}"


@dataclass(slots=True)
class _Shelf:
    """All rules read so far, and what is wrong with any of them."""

    events: list[_Read] = field(default_factory=list)
    others: dict[RuleKind, dict[str, _Read]] = field(
        default_factory=lambda: {kind: {} for kind in _MODELS if kind != "events"}
    )
    faults: list[LogcorrError] = field(default_factory=list)
    overridden: list[str] = field(default_factory=list)
    sigma: list[tuple[RuleFile, list[Document]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # what rules that could not be read would have been called

    def put(self, kind: RuleKind, read: _Read) -> None:
        """Add a rule; of an id that stands already it replaces the one of an earlier folder."""
        if kind == "events":
            self._put_events(read)
            return
        name, what = read.rule.id, _SINGULAR[kind]
        before = self.others[kind].get(name)
        if before is not None and before.file.folder == read.file.folder:
            self.faults.append(
                read.file.fault(read.at(("id",)), f"a second {what} {name!r}", f"the first is {before.place()}")
            )
            return
        if before is not None:
            self.overridden.append(f"{what} {name}: {read.place()} replaces {before.place()}")
        self.others[kind][name] = read

    def _put_events(self, read: _Read) -> None:
        stem = PurePosixPath(read.file.relative).name
        for number, before in enumerate(self.events):
            if PurePosixPath(before.file.relative).name != stem or before.file.folder == read.file.folder:
                continue
            again = [name for name in before.rule.events if name in read.rule.events]
            for name in again:
                path = ("events", name)
                self.overridden.append(f"event {name}: {read.place(path)} replaces {before.place(path)}")
            left = {name: event for name, event in before.rule.events.items() if name not in again}
            rule = before.rule.model_copy(update={"events": left})
            self.events[number] = _Read(before.file, before.document, rule, before.base)
        self.events.append(read)


def read_rules(files: Sequence[RuleFile], sha256: str, faults: list[LogcorrError]) -> Rulebook:
    """The rulebook of ``files``. What is wrong with them is added to ``faults``; the rulebook is of no use then."""
    shelf = _Shelf(faults=faults)
    for file in files:
        _read(file, shelf)
    return _checked(shelf, sha256)


def _read(file: RuleFile, shelf: _Shelf) -> None:
    try:
        documents = read_documents(file.content.decode("utf-8"))
    except UnicodeDecodeError as error:
        shelf.faults.append(file.fault((1, 1), f"not UTF-8 text (byte {error.start})", "save it as UTF-8"))
        return
    except DocumentError as error:
        shelf.faults.append(file.fault(error.place, str(error), error.hint))
        return
    if any(isinstance(document.data, dict) and _SIGMA & set(document.data) for document in documents):
        shelf.sigma.append((file, documents))
        return
    if len(documents) != 1:
        place = documents[1].place if documents else (1, 1)
        what = f"{len(documents)} YAML documents; a rule file holds one" if documents else "an empty file"
        hint = "`logcorr rules new` begins a rule" if not documents else "put each into a file of its own"
        shelf.faults.append(file.fault(place, what, hint))
        return
    document = documents[0]
    kind = _kind(file, document)
    if kind is None:
        hint = "events need program: and events:, a pattern a form such as sequence:, a cause layer: and evidence:"
        shelf.faults.append(file.fault(document.place, "this is no rule", hint))
    elif kind in _LISTED and isinstance(document.data, list):
        for number in range(len(document.data)):
            _validate(kind, file, document, (number,), shelf)
    else:
        _validate(kind, file, document, (), shelf)


def _kind(file: RuleFile, document: Document) -> RuleKind | None:
    """What a file is: by its folder, else by its keys."""
    *folders, name = PurePosixPath(file.relative).parts
    listed = [kind for kind in _LISTED if name in {f"{kind}.yaml", f"{kind}.yml"}]
    if listed:
        return listed[0]
    named: list[RuleKind] = [kind for kind in ("events", "patterns", "causes") for folder in folders if folder == kind]
    if named:
        return named[0]
    keys = set(document.data) if isinstance(document.data, dict) else set()
    if "events" in keys:
        return "events"
    if {"evidence", "layer"} & keys:
        return "causes"
    return "patterns" if set(FORMS) & keys else None


def _validate(kind: RuleKind, file: RuleFile, document: Document, base: Keys, shelf: _Shelf) -> None:
    data = document.data[base[0]] if base else document.data
    model = _MODELS[kind]
    if not isinstance(data, dict):
        shelf.faults.append(file.fault(document.locate(base), f"expected a mapping, as {_SINGULAR[kind]} files are"))
        return
    try:
        rule = model.model_validate(data)
    except ValidationError as error:
        shelf.faults += shape_faults(error, model, document.below(base), file)
        rule = mended(data, error, model)  # its other faults are to be told too, and what refers to it is no fault
        if rule is None:
            shelf.broken |= _names(data)
            return
    stem = PurePosixPath(file.relative).name.rsplit(".", 1)[0]
    if kind in {"patterns", "causes"} and getattr(rule, "id", stem) != stem:
        place = document.locate((*base, "id"))
        shelf.faults.append(
            file.fault(
                place,
                f"id {getattr(rule, 'id', '')!r} in a file called {stem!r}",
                "the file is called as the rule: ID.yaml",
            )
        )
    shelf.put(kind, _Read(file, document, rule, base))


def _names(data: Mapping[str, Any]) -> set[str]:
    """The id of a rule, or the events of a file."""
    events = data.get("events")
    return {str(name) for name in (data.get("id"), *(events if isinstance(events, dict) else ()))}


# --- checking -----------------------------------------------------------------------------------------------------


def _events_checked(shelf: _Shelf, vocabulary: Vocabulary) -> tuple[dict[str, str], set[str]]:
    """Where each event is declared, and which are shipped; ``vocabulary`` learns them all."""
    places, shipped = dict[str, str](), set[str]()
    for read in shelf.events:
        checker = Checker(read.file, read.document, read.base)
        checker.event_file(read.rule, vocabulary)
        shelf.faults += checker.faults
        new = {f"event {name}": read.place(("events", name)) for name in read.rule.events}
        places = new | places
        shipped |= new.keys() if read.file.shipped else set()
    return places, shipped


def _checked(shelf: _Shelf, sha256: str) -> Rulebook:
    """The rulebook, after every rule was held against the others."""
    vocabulary = Vocabulary(broken=shelf.broken)
    places, shipped = _events_checked(shelf, vocabulary)
    translated = _translated(shelf, vocabulary)
    patterns, causes, sources, symptoms, states = (
        {name: read.rule for name, read in shelf.others[kind].items()}
        for kind in ("patterns", "causes", "sources", "symptoms", "states")
    )
    known = Known(patterns, frozenset(causes), frozenset(sources), frozenset(symptoms))
    shelf.faults += _faults_of_own(shelf, vocabulary, known)
    for kind, reads in shelf.others.items():
        called = {f"{_SINGULAR[kind]} {name}": read for name, read in reads.items()}
        places |= {name: read.place() for name, read in called.items()}
        shipped |= {name for name, read in called.items() if read.file.shipped}
    return Rulebook(
        events=tuple(read.rule for read in shelf.events),
        patterns=dict(sorted((patterns | translated.patterns).items())),
        causes=dict(sorted(causes.items())),
        sources=sources,
        symptoms=symptoms,
        states=states,
        queries=tuple(translated.queries.values()),
        sha256=sha256,
        expressions=vocabulary.expressions,
        places=places | translated.places,
        shipped=frozenset(shipped),
        refused=translated.refused,
        overridden=tuple(shelf.overridden),
    )


def _faults_of_own(shelf: _Shelf, vocabulary: Vocabulary, known: Known) -> list[LogcorrError]:
    """What is wrong with the user's rules beside all others; the shipped ones are held against each other by tests."""
    own = [(kind, read) for kind, reads in shelf.others.items() for read in reads.values() if not read.file.shipped]
    return [fault for kind, read in own for fault in _faults_of(kind, read, vocabulary, known)]


def _faults_of(kind: RuleKind, read: _Read, vocabulary: Vocabulary, known: Known) -> list[LogcorrError]:
    """What is wrong with a rule beside the others."""
    checker = CauseChecker(read.file, read.document, read.base)
    if kind == "patterns":
        checker.pattern(read.rule, vocabulary)
    elif kind == "causes":
        checker.cause(read.rule, vocabulary, known)
    elif kind == "symptoms":
        checker.symptoms(read.rule, vocabulary, known)
    elif kind == "states":
        checker.state(read.rule, vocabulary, known)
    elif kind == "sources":
        checker.source(read.rule, vocabulary)
    return checker.faults


def _translated(shelf: _Shelf, vocabulary: Vocabulary) -> Translated:
    """The Sigma rules among the files, as queries and patterns."""
    if not shelf.sigma:
        return Translated()
    try:
        from logcorr.rulebook.sigma.translate import translate  # noqa: PLC0415  # pySigma is optional, and slow to import
    except ImportError as error:
        for file, documents in shelf.sigma:
            hint = "pip install 'logcorr[sigma]', or pipx inject logcorr pysigma"
            shelf.faults.append(file.fault(documents[0].place, f"Sigma rules need pySigma ({error})", hint))
        return Translated()
    dtypes = {name: dtype for name, (dtype, _) in vocabulary.dtypes.items()}
    translated = translate(shelf.sigma, dtypes)
    shelf.faults += translated.faults
    for event, query in translated.queries.items():
        vocabulary.fields[event] = dtypes | {name: dtypes[fields[0]] for name, fields in query.gives}
    return translated

"""Find, read and check rule files: the shipped ones, and any folders or files of the user's.

Every fault of every file is collected and raised once. What a file is follows from its folder (``events``,
``patterns``, ``causes``), else from its keys, so a user may keep a single file anywhere. Cases (``*.cases.yaml``) are
no rules.

A user's pattern, cause or kind of source replaces one of the same id that came before it. A user's event file of the
same file name replaces the events that it defines anew, and leaves the others. Either is noted in
``Rulebook.overridden``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError

from logcorr.errors import LogcorrError, RuleError
from logcorr.rulebook.crosscheck import Checker, Vocabulary
from logcorr.rulebook.documents import MAX_BYTES, Document, DocumentError, Place, read_documents
from logcorr.rulebook.documents import Path as Keys
from logcorr.rulebook.faults import RuleFile, mended, shape_faults
from logcorr.rulebook.models import FORMS, Cause, EventFile, Pattern, Rulebook, SourceKind
from logcorr.rulebook.translated import Translated

MAX_FILES: Final = 5_000

Kind = Literal["events", "patterns", "causes", "sources"]
_MODELS: Final[dict[Kind, type[BaseModel]]] = {
    "events": EventFile, "patterns": Pattern, "causes": Cause, "sources": SourceKind,
}  # fmt: skip
#: Keys by which a Sigma file is known.
_SIGMA: Final = frozenset({"detection", "logsource", "correlation"})
_SINGULAR: Final[dict[Kind, str]] = {"events": "event", "patterns": "pattern", "causes": "cause", "sources": "source"}


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
    others: dict[Kind, dict[str, _Read]] = field(default_factory=lambda: {"patterns": {}, "causes": {}, "sources": {}})
    faults: list[LogcorrError] = field(default_factory=list)
    overridden: list[str] = field(default_factory=list)
    sigma: list[tuple[RuleFile, list[Document]]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # what rules that could not be read would have been called

    def put(self, kind: Kind, read: _Read) -> None:
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


def load_rules(extra: Sequence[Path] = (), *, shipped: bool = True) -> Rulebook:
    """All rules of a run. Raises RuleError with every fault found.

    Shipped rules are not held against each other again: the tests do so, by giving their folder as ``extra``.

    Args:
        extra: the user's rule folders or files; later ones replace earlier ones and the shipped rules by id.
        shipped: whether the shipped rules take part.
    """
    shelf = _Shelf()
    roots = [*([shipped_rules()] if shipped else []), *extra]
    files = [
        file for number, root in enumerate(roots) for file in _find(root, number, shelf, shipped=shipped and not number)
    ]
    for file in files:
        _read(file, shelf)
    rulebook = _checked(shelf, files)
    if shelf.faults:
        raise RuleError(f"{len(shelf.faults)} faults in the rules", faults=sorted(shelf.faults, key=_by_place))
    return rulebook


def shipped_rules() -> Path:
    """The folder of shipped rules: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_rules"
    return packaged if packaged.is_dir() else package.parent / "rules"


def _by_place(fault: LogcorrError) -> tuple[str, int, int]:
    path, *numbers = (fault.location or "").rsplit(":", 2)
    line, column = (int(number) for number in numbers) if len(numbers) == 2 else (0, 0)
    return path, line, column


# --- finding ------------------------------------------------------------------------------------------------------


def _find(root: Path, folder: int, shelf: _Shelf, *, shipped: bool) -> Iterator[RuleFile]:
    """The rule files of a folder in order of their names, or the one file."""
    if not root.exists():
        shelf.faults.append(
            LogcorrError(
                "no such file or folder", location=str(root), hint="--rules takes a YAML file, or a folder of them"
            )
        )
        return
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if _is_rule(path, root))
    if len(paths) > MAX_FILES:
        shelf.faults.append(
            LogcorrError(f"{len(paths):,} rule files; at most {MAX_FILES:,} are read", location=str(root))
        )
    for path in paths[:MAX_FILES]:
        relative = path.name if root.is_file() else path.relative_to(root).as_posix()
        shown = f"rules/{relative}" if shipped else str(path)
        try:
            with path.open("rb") as content:
                yield RuleFile(shown, relative, content.read(MAX_BYTES + 1), shipped, folder)
        except OSError as error:
            shelf.faults.append(LogcorrError(f"cannot be read: {error.strerror}", location=shown))


def _is_rule(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return (
        path.suffix in {".yaml", ".yml"}
        and not path.name.endswith((".cases.yaml", ".cases.yml"))
        and not hidden
        and path.is_file()
    )


# --- reading ------------------------------------------------------------------------------------------------------


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
    elif kind == "sources" and isinstance(document.data, list):
        for number in range(len(document.data)):
            _validate(kind, file, document, (number,), shelf)
    else:
        _validate(kind, file, document, (), shelf)


def _kind(file: RuleFile, document: Document) -> Kind | None:
    """What a file is: by its folder, else by its keys."""
    *folders, name = PurePosixPath(file.relative).parts
    if name in {"sources.yaml", "sources.yml"}:
        return "sources"
    named: list[Kind] = [kind for kind in ("events", "patterns", "causes") for folder in folders if folder == kind]
    if named:
        return named[0]
    keys = set(document.data) if isinstance(document.data, dict) else set()
    if "events" in keys:
        return "events"
    if {"evidence", "layer"} & keys:
        return "causes"
    return "patterns" if set(FORMS) & keys else None


def _validate(kind: Kind, file: RuleFile, document: Document, base: Keys, shelf: _Shelf) -> None:
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


def _checked(shelf: _Shelf, files: Sequence[RuleFile]) -> Rulebook:
    """The rulebook, after every rule was held against the others."""
    vocabulary, places = Vocabulary(broken=shelf.broken), dict[str, str]()
    for read in shelf.events:
        checker = Checker(read.file, read.document, read.base)
        checker.event_file(read.rule, vocabulary)
        shelf.faults += checker.faults
        places |= {
            f"event {name}": read.place(("events", name)) for name in read.rule.events if f"event {name}" not in places
        }
    translated = _translated(shelf, vocabulary)
    patterns, causes, sources = (
        {name: read.rule for name, read in shelf.others[kind].items()} for kind in ("patterns", "causes", "sources")
    )
    for kind, reads in shelf.others.items():
        for name, read in reads.items():
            places[f"{_SINGULAR[kind]} {name}"] = read.place()
            if read.file.shipped:
                continue
            checker = Checker(read.file, read.document, read.base)
            if kind == "patterns":
                checker.pattern(read.rule, vocabulary)
            elif kind == "causes":
                checker.cause(read.rule, vocabulary, patterns, causes, sources)
            shelf.faults += checker.faults
    patterns |= translated.patterns
    places |= translated.places
    return Rulebook(
        events=tuple(read.rule for read in shelf.events),
        patterns=dict(sorted(patterns.items())),
        causes=dict(sorted(causes.items())),
        sources=sources,
        queries=tuple(translated.queries.values()),
        sha256=_digest(files),
        places=places,
        overridden=tuple(shelf.overridden),
    )


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


def _digest(files: Sequence[RuleFile]) -> str:
    """SHA-256 over the sorted relative paths and contents, each with its length in front."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: (file.folder, file.relative)):
        for part in (file.relative.encode(), file.content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()

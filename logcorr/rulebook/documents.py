"""YAML files as plain data that remembers where every value stood, read under limits.

The scalars are YAML 1.2's (core schema): only ``true`` and ``false`` are booleans, so ``on: host`` and ``online: no``
mean what they say, and a time of day is no number. Tags are refused; keys are text and occur once. A file's size, depth
and number of nodes are bounded, each alias counting for everything it stands for, so that no file can blow up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any, Final

import yaml

from logcorr.dataclass import dataclass
from logcorr.rulebook.files import MAX_BYTES, Place

MAX_NODES: Final = 50_000
MAX_DEPTH: Final = 32
MAX_ALIASES: Final = 50

Path = tuple[str | int, ...]

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})\Z")
_FLOAT: Final = re.compile(
    r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30}|[0-9]{1,30}(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?\Z"
)


class DocumentError(ValueError):
    """A file is not YAML that we read; ``place`` says where."""

    def __init__(self, message: str, place: Place = (1, 1), hint: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.hint = hint


@dataclass(slots=True)
class Document:
    """One YAML document: its data, and the places of its keys and values by path."""

    data: Any = None
    place: Place = (1, 1)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def locate(self, path: Path, *, key: bool = False) -> Place:
        """The place of a value (or of its key); of the nearest thing around it where the path leads nowhere.

        Parts of the path that name no key or index are skipped: a validator puts the names of its own choices there.
        """
        found = self.resolve(path)
        return (self.keys if key and found in self.keys else self.values).get(found, self.place)

    def below(self, base: Path) -> Document:
        """The document seen from ``base``: paths begin there."""
        if not base:
            return self
        keys, values = (
            {path[len(base) :]: place for path, place in places.items() if path[: len(base)] == base and path != base}
            for places in (self.keys, self.values)
        )
        return Document(None, self.locate(base), keys, values)

    def resolve(self, path: Path) -> Path:
        """The part of ``path`` that exists in the document."""
        found: Path = ()
        for part in path:
            if (*found, part) in self.values:
                found = (*found, part)
        return found


def read_documents(text: str) -> list[Document]:
    """All documents of a YAML file. Raises DocumentError at the first thing that is not YAML, or over a limit."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DocumentError(f"a file of {size:,} bytes; at most {MAX_BYTES:,} are read")
    documents: list[Document] = []
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        documents += (_Builder(events).document() for event in events if isinstance(event, yaml.DocumentStartEvent))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise DocumentError(f"not YAML: {error.problem or error}", place, _yaml_hint(str(error.problem))) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position].split("\n")
        raise DocumentError(f"not YAML: {error.reason}", (len(before), len(before[-1]) + 1)) from error
    return documents


def _yaml_hint(problem: str) -> str | None:
    if any(words in problem for words in ("found character", "mapping values", "a tab character")):
        return "indent with blanks" if "tab" in problem else "put text with : # { [ % @ ` in quotes"
    return None


@dataclass(slots=True)
class _Open:
    """A mapping or list being read."""

    data: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    nodes_before: int
    key: str | None = None


class _Builder:
    """Reads the events of one document, without recursion."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.result = Document()
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0
        self.aliases = 0

    def document(self) -> Document:
        for event in self.events:
            if isinstance(event, yaml.DocumentEndEvent):
                break
            self._take(event)
        return self.result

    def _take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self.stack.pop()
            if closed.anchor:
                self.anchors[closed.anchor] = (closed.data, self.nodes - closed.nodes_before)
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._count(1, place)
            if event.tag not in (None, "!"):
                raise DocumentError(f"the tag {event.tag} is not allowed", place, "write the value alone")
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, place)
            else:
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, place)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        if self._wants_key():
            self._key(event.value, place)
            return
        value = _scalar(event.value) if event.implicit[0] and event.tag is None else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._add(value, place)

    def _open(self, data: dict[str, Any] | list[Any], anchor: str | None, place: Place) -> None:
        if self._wants_key():
            raise DocumentError("a key must be plain text", place)
        if len(self.stack) >= MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", place)
        path = self._add(data, place)
        self.stack.append(_Open(data, path, anchor, self.nodes))

    def _alias(self, anchor: str | None, place: Place) -> None:
        if self._wants_key():
            raise DocumentError("a key must be plain text", place)
        if anchor is None or anchor not in self.anchors:
            raise DocumentError(f"alias *{anchor} stands before the end of its anchor", place)
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise DocumentError(f"more than {MAX_ALIASES} aliases", place, "write the values out")
        value, size = self.anchors[anchor]
        self._count(size, place)
        self._add(value, place)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].data, dict) and self.stack[-1].key is None

    def _key(self, key: str, place: Place) -> None:
        top = self.stack[-1]
        if key in top.data:
            raise DocumentError(f"the key {key[:60]!r} stands here a second time", place)
        top.key = key
        self.result.keys[(*top.path, key)] = place

    def _add(self, value: object, place: Place) -> Path:
        if not self.stack:
            self.result.data, self.result.place = value, place
            return ()
        top = self.stack[-1]
        part: str | int
        if isinstance(top.data, list):
            part = len(top.data)
            top.data.append(value)
        else:
            part, top.key = top.key or "", None
            top.data[part] = value
        path = (*top.path, part)
        self.result.values[path] = place
        return path

    def _count(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise DocumentError(f"more than {MAX_NODES:,} values, aliases written out", place)


def _scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by YAML 1.2's core schema, without octal and hexadecimal numbers, infinity and NaN."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text

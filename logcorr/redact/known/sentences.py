"""Our own sentences: what the shipped rules and the code that tells an incident say, without the values put into it.

A host may be called ``edge``. Where a sentence of ours says "the provider's edge did not answer", that word is ours; in
a line from the log, and where a sentence of ours names the host, it is the host's. A user's own rules are not ours:
they may well name the user's machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

from logcorr.dataclass import dataclass
from logcorr.rulebook import load_rules

#: Parts of logcorr whose sentences a report's values hold; what only a page says is put around values later.
_TELLING: Final = ("chance", "coverage", "diagnosis", "events", "inputs", "intake", "patterns", "timeline", "api.py")
_RULES: Final = ("patterns", "causes", "sources", "symptoms", "states")
#: Where a value is put in, or where a text is cut apart (a rule's commands are shown a line each).
_HOLE: Final = re.compile(r"\{[^{}\n]*\}|<[A-Z][A-Z0-9_-]*>|\"(?:START|END)\"|\n")
_CUT: Final = "…"
_WILD: Final = re.compile(r"[*?!\[]")
_LONG_ENOUGH: Final = 4  # characters before a *: db-* is no program, but any machine's name
_COUNTED: Final = re.compile(r" \(\{n\} \w+\)")  # left out where there is one
_UNKNOWN: Final = re.compile(r"\{(?:\w+\.)?(\w+)\}")  # "the interface", where the line names none
_WORD: Final = re.compile(r"[a-z0-9]+")
_TWO_WORDS: Final = re.compile(r"[a-z0-9]\S* +\S*[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Pieces of our own text, in lower case. Of a word it is looked up once in which of them it stands, and where."""

    pieces: tuple[str, ...]
    places: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)

    def hold(self, lower: str, start: int, end: int) -> bool:
        """Whether ``lower[start:end]`` of a text in lower case stands in a piece of ours that stands there whole, or
        as far as the text goes that was cut to a length.
        """
        first = _WORD.search(lower, start, end)
        for piece, at in self._of(first[0]) if first and first[0] in vocabulary() else ():
            begin = first.start() - at if first else 0
            told = lower[begin : begin + len(piece)] if begin >= 0 else ""
            cut = told[-1:] == _CUT and piece.startswith(told[:-1].rstrip())
            if end <= begin + len(told) and (told == piece or cut):
                return True
        return False

    def _of(self, word: str) -> tuple[tuple[str, int], ...]:
        if word not in self.places:
            whole = re.compile(rf"(?<![a-z0-9]){word}(?![a-z0-9])")
            told = (piece for piece in self.pieces if word in piece)
            self.places[word] = tuple((piece, found.start()) for piece in told for found in whole.finditer(piece))
        return self.places[word]


@cache
def sentences() -> Sentences:
    """Those of this version of logcorr."""
    texts = frozenset((*_of_rules(), *_of_code()))
    return Sentences(tuple(sorted({piece for text in texts for piece in _pieces(text)})))


@cache
def vocabulary() -> frozenset[str]:
    """The words of our sentences."""
    return frozenset(word for piece in sentences().pieces for word in _WORD.findall(piece))


@cache
def is_program(name: str) -> bool:
    """Whether our rules are for a program of that name, or for programs that begin so."""
    lower = name.lower()
    return any(lower.startswith(begin) if any_end else lower == begin for begin, any_end in _programs())


@cache
def _programs() -> frozenset[tuple[str, bool]]:
    """Names of programs in lower case, and whether what follows them is left open."""
    globs = (glob.lower() for file in load_rules().events for glob in _several(file.program))
    named = frozenset((glob.rstrip("*"), glob.endswith("*")) for glob in globs if not _WILD.search(glob.rstrip("*")))
    return frozenset((name, any_end and len(name) >= _LONG_ENOUGH) for name, any_end in named if name)


def _several(program: str | tuple[str, ...]) -> tuple[str, ...]:
    return (program,) if isinstance(program, str) else program


def _pieces(text: str) -> Iterator[str]:
    """The pieces of a text between its values; a single word is none, as a value may be any."""
    told = {text, _COUNTED.sub("", text)}
    for piece in (piece for each in told for piece in _HOLE.split(each.lower())):
        if _TWO_WORDS.search(piece):
            yield piece
    yield from (f"the {name.replace('_', ' ')}" for name in _UNKNOWN.findall(text.lower()))


def _of_rules() -> Iterator[str]:
    rules = load_rules()
    yield from (event.brief for file in rules.events for event in file.events.values() if event.brief)
    yield from _strings([getattr(rules, name) for name in _RULES])


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - it walks rules of every kind
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings(tuple(value.values()))
    elif isinstance(value, Iterable):
        for item in value:
            yield from _strings(item)
    elif hasattr(value, "__dict__"):
        yield from _strings(vars(value))


def _of_code() -> Iterator[str]:
    """Every text in the code: of a sentence with values in it each piece between them is a constant of its own."""
    package = Path(__file__).parents[2]
    for part in _TELLING:
        place = package / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else (place,):
            name = ".".join((package.name, *path.relative_to(package).with_suffix("").parts))
            code = SourceFileLoader(name, str(path)).get_code(name)
            yield from _constants(code) if code else ()


def _constants(code: CodeType) -> Iterator[str]:
    for value in code.co_consts:
        if isinstance(value, str):
            yield value
        elif isinstance(value, CodeType):
            yield from _constants(value)
        elif isinstance(value, tuple | frozenset):
            yield from (item for item in value if isinstance(item, str))

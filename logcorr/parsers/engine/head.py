"""The beginning of an input, as sniffing looks at it: few lines, each cut short, in plain Python.

Sniffing asks every format about a few dozen lines. Polars would compile each expression anew for every file, as there
are more of them than it keeps; Python keeps them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from logcorr.dataclass import dataclass

_NAME: Final = re.compile(r"\(\?P<\w+>")
_CODE: Final = re.compile(r"\\x\{([0-9a-f]{4})\}")  # of a character
_LINES: Final = 300
_WIDTH: Final = 2000  # characters of a line that a header must fit in; bounds the time that matching can take
_NO_RECORD: Final = re.compile(r"\s|-- |░░|$")


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an input."""

    data: bytes  # 64 KiB at most, whole lines unless the input is one
    lines: tuple[str, ...]
    leading: tuple[str, ...]  # those that may begin a record: not blank, not indented, no marker


def head_of(data: bytes) -> Head:
    """The first lines of ``data``; zero bytes that lead a line are dropped."""
    text = data.decode("utf-8", "replace").split("\n", _LINES)[:_LINES]
    lines = tuple(line.lstrip("\0").rstrip("\r")[:_WIDTH] for line in text)
    return Head(data, lines, tuple(line for line in lines if not _NO_RECORD.match(line)))


@cache
def any_header(headers: tuple[str, ...]) -> str:
    """One expression that is true of a line that any of ``headers`` (Rust syntax) matches at its start."""
    # a name may stand in several headers, but only once in an expression
    return _NAME.sub("(?:", "|".join(f"^(?:{header})" for header in headers))


def share(headers: tuple[str, ...], head: Head, *, indented: bool = False) -> float:
    """How many of the head's lines one of ``headers`` begins, from 0 to 1; ``indented``: of those with a margin too."""
    lines = head.lines if indented else head.leading
    if not lines:
        return 0.0
    begins = _compiled(any_header(headers))
    others = list(map(begins.match, lines)).count(None)
    return (len(lines) - others) / len(lines)


def shows(pattern: str, head: Head) -> bool:
    """Whether any line of the head holds ``pattern``."""
    return found_in(pattern, head.lines)


def found_in(pattern: str, lines: Iterable[str]) -> bool:
    """Whether any of a few lines holds ``pattern``; none that could look at a long line again and again."""
    return any(map(_compiled(pattern).search, lines))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # what of Rust's syntax is in use here that Python spells differently
    return re.compile(_CODE.sub(r"\\u\g<1>", pattern.replace(r"\p{L}", r"[^\W\d_]")))

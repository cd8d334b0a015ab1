"""User-written regular expressions: bounded in size, checked on the engine that will run them, and read for literals.

The engine is Rust's ``regex`` (through Polars): time linear in the text, no look-around, no back-references. What
stays to be bounded is the expression itself. ``required_literals`` finds text without which an expression cannot
match, so that one Aho-Corasick pass can tell which rows need which expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl

MAX_LENGTH: Final = 2_000
MAX_REPEAT: Final = 200
#: Shorter literals are everywhere, so looking for them saves nothing.
MIN_LITERAL: Final = 3
#: The only characters beyond ASCII that are letters of it where case does not matter: of s and of k
#: (https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt).
ELSEWHERE: Final = ("\N{LATIN SMALL LETTER LONG S}", "\N{KELVIN SIGN}")

_ASCII: Final = re.compile(r"[\x20-\x7e]+")
_REPEAT: Final = re.compile(r"\{\s*(\d+)\s*(?:,\s*(\d*)\s*)?\}")
#: What follows an escaped letter and belongs to it: \x41, \u{1F600}, \pL, \p{Greek}, \b{start}.
_ESCAPE_TAIL: Final = re.compile(r"(?<=[xuUpPb])\{[^}]*\}|(?<=x)..|(?<=u).{4}|(?<=U).{8}|(?<=[pP]).", re.DOTALL)
_GROUP_HEAD: Final = re.compile(r"\?(?:P?<(?P<name>[^>]*)>|(?P<flags>[a-zA-Z-]*)(?::|(?=\))))")

#: The items of an expression that matter where digits do: classes, groups' names and counts, digits, and what cannot be
#: told (escapes by number, Unicode's classes, blanks that mean nothing, classes in classes).
_DIGITS: Final = re.compile(
    r"(?P<odd>\\[xuUpP\d]|\(\?[a-zA-Z-]*x)|\\.|(?P<cls>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\[\]\\])*\])|(?P<nested>\[)"
    r"|\(\?P?<\w+>|\{\d+(?:,\d*)?\}|(?P<digit>[0-9])",
    re.DOTALL,
)
_IN_CLASS: Final = re.compile(r"\\.|\[:\^?\w+:\]", re.DOTALL)
_ALL_DIGITS: Final = re.compile(r"(?<!-)0-9")
_ODD_CLASS: Final = re.compile(r"\\[xuUpP\d]|&&|--|~~")


def regex_fault(pattern: str) -> str | None:
    """What is wrong with a regular expression, or None."""
    if not pattern:
        return "an empty expression, which is found in every text"
    if len(pattern) > MAX_LENGTH:
        return f"a regular expression of {len(pattern):,} characters; at most {MAX_LENGTH:,} are allowed"
    counts = [int(number) for match in _REPEAT.finditer(pattern) for number in match.groups() if number]
    if max(counts, default=0) > MAX_REPEAT:
        return f"a counted repetition of {max(counts):,}; at most {MAX_REPEAT} is allowed"
    try:
        pl.Series([""], dtype=pl.String).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        return _in_brief(str(error))
    return None


def read_regex(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The named groups of a valid expression, and texts of which every match contains at least one.

    The first such texts are to be found as they are; the others, of an expression without regard to case, are small
    letters of ASCII that stand for capitals, too, and for the ``ELSEWHERE`` of theirs. There are neither where none
    of useful length is certain: what the scanner does not understand ends the literal that it was reading.
    """
    scanner = _Scanner(pattern)
    found = scanner.alternatives()
    names, folds = tuple(scanner.names), "i" in scanner.flags
    if folds:
        found = [max(_ASCII.findall(literal), key=len, default="").lower() for literal in found]
    if not found or min(map(len, found)) < MIN_LITERAL or "x" in scanner.flags:
        return names, (), ()
    literals = tuple(dict.fromkeys(found))
    return (names, (), literals) if folds else (names, literals, ())


@cache
def any_digits(pattern: str) -> str | None:
    """An expression that is found in a text with zeros in the place of its digits, wherever ``pattern`` is found in it.

    It is ``pattern`` itself where that makes no difference between digits: then it is found nowhere else. None where
    it cannot be told.
    """
    if any(_odd(item) for item in _DIGITS.finditer(pattern)):
        return None
    return _DIGITS.sub(_widened, pattern)


def _odd(item: re.Match[str]) -> bool:
    return bool(item["odd"] or item["nested"] or (item["cls"] and _ODD_CLASS.search(item["cls"])))


def _widened(item: re.Match[str]) -> str:
    if item["digit"]:
        return "[0-9]"
    inside = item["cls"] and _ALL_DIGITS.sub("", _IN_CLASS.sub("_", item["cls"]))
    return f"(?:[0-9]|{item[0]})" if inside and re.search(r"[0-9]", inside) else item[0]


def _in_brief(message: str) -> str:
    """The engine's own complaint, without the excerpt of the pattern."""
    reason = re.search(r"^error: (.+)$", message, re.MULTILINE)
    if reason:
        return f"not a regular expression that runs in linear time: {reason[1]}"
    return "the regular expression is too large when compiled" if "size limit" in message else message.splitlines()[0]


def _better(one: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    """The set of alternatives whose shortest member is the longest; of equals the smaller set, then the earlier."""
    if not other:
        return one
    return max(one, other, key=lambda found: (min(map(len, found), default=0), -len(found)))


class _Scanner:
    """One left-to-right reading of an expression, without building its syntax tree."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.names: list[str] = []
        self.flags: set[str] = set()

    def alternatives(self) -> list[str]:
        """Read up to the end or the closing bracket: literals of which one must occur, or nothing."""
        found = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            found.append(self._sequence())
        return [literal for choice in found for literal in choice] if all(found) else []

    def _sequence(self) -> Sequence[str]:
        """Read one alternative: the best set of literals of which it must contain one."""
        best: Sequence[str] = []
        run = ""
        while self._peek() not in ("", "|", ")"):
            piece, inner = self._piece()
            optional, repeated = self._quantifiers()
            if not optional:
                run += piece
                best = _better(best, inner)
            if optional or repeated or not piece:
                best, run = _better(best, [run] if run else []), ""
        return _better(best, [run] if run else [])

    def _piece(self) -> tuple[str, Sequence[str]]:
        """Read one item: a literal character (or ""), and what a group in its place requires."""
        char = self._next()
        if char == "\\":
            escaped = self._next()
            if tail := _ESCAPE_TAIL.match(self.pattern, self.at):
                self.at = tail.end()
            return ("" if escaped.isalnum() or escaped in "<>" else escaped), ()
        if char == "[":
            self._skip_class()
            return "", ()
        if char == "(":
            if head := _GROUP_HEAD.match(self.pattern, self.at):
                self.at = head.end()
                self.names += [head["name"]] if head["name"] else []
                self.flags |= set((head["flags"] or "").partition("-")[0])
            inner = self.alternatives()
            self.at += 1
            return "", inner
        return ("" if char in ".^$" else char), ()

    def _quantifiers(self) -> tuple[bool, bool]:
        """Read what follows an item: whether the item may be absent, and whether it may repeat."""
        optional = repeated = False
        while (char := self._peek()) and char in "?*+{":
            count = _REPEAT.match(self.pattern, self.at)
            self.at = count.end() if count else self.at + 1
            optional |= char in "?*" or (char == "{" and (count is None or int(count[1]) == 0))
            repeated = True
        return optional, repeated

    def _skip_class(self) -> None:
        depth, first = 1, True
        while depth and self.at < len(self.pattern):
            char = self._next()
            if char == "\\":
                self.at += 1
            elif char == "[":
                depth, first = depth + 1, True
                continue
            elif char == "]" and not first:
                depth -= 1
            first = first and char == "^"

    def _peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _next(self) -> str:
        char = self._peek()
        self.at += 1
        return char

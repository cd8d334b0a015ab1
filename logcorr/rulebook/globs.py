"""The one glob language of rules, that of glob(7): ``*`` any text, ``?`` one character, ``[12]`` or ``[!a-f]`` one of a
set. In a list of programs, ``!`` before a glob takes its programs out again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Final, TypeAlias

import polars as pl

#: What means something in a glob, and what would mean something in an expression.
_GLOB: Final = re.compile(r"\[(?P<not>[!^]?)(?P<class>\]?[^\]]+)\]|[\\.+()\[\]{}^$|*?]")

#: Several globs: their own text, what those match that mean several names by one ``*`` (begin and end, which are most),
#: and the expressions of the others.
_Side: TypeAlias = tuple[frozenset[str], tuple[tuple[str, str], ...], tuple[re.Pattern[str], ...]]

_FEW: Final = 2_000  # names: more are looked at together


def glob_regex(glob: str) -> str:
    """The anchored regular expression of a glob, for Rust's syntax and for Python's."""
    return "(?s)^" + _GLOB.sub(_part, glob) + "$"


def _part(part: re.Match[str]) -> str:
    if part["class"] is None:
        return {"*": ".*", "?": "."}.get(part[0], "\\" + part[0])
    members = re.sub(r"([\\\[\]^&~])", r"\\\1", part["class"])
    return f"[{'^' if part['not'] else ''}{members}]"


def is_glob(name: str) -> bool:
    """Whether ``name`` may mean several names."""
    return not set(name).isdisjoint("*?[")


def glob_matches(name: str, globs: str | Iterable[str]) -> bool:
    """Whether the whole of ``name`` matches one of the globs, and none of those that begin with ``!``."""
    wanted, unwanted = _sides((globs,) if isinstance(globs, str) else tuple(globs))
    return _fits(name, *wanted) and not _fits(name, *unwanted)


def matching(names: Collection[str], globs: tuple[str, ...]) -> list[str]:
    """Those of ``names`` that ``glob_matches``."""
    return _those(names, globs, _sides(globs))


def meant(names: Collection[str], globs: tuple[str, ...]) -> list[str]:
    """The same, but no name matches for being spelled as a glob is: programs are called what they like."""
    return _those(names, globs, _meanings(globs))


def _those(names: Collection[str], globs: tuple[str, ...], sides: tuple[_Side, _Side]) -> list[str]:
    wanted, unwanted = sides
    if not any(wanted[1:]):  # no more than the globs themselves
        names = [glob for glob in dict.fromkeys(globs) if glob in wanted[0] and glob in names]
    return [name for name in names if _fits(name, *wanted) and not _fits(name, *unwanted)]


@cache
def _sides(globs: tuple[str, ...]) -> tuple[_Side, _Side]:
    """The globs that a name must fit, and those that it must not."""
    out = [glob[1:] for glob in globs if glob.startswith("!")]
    return _side([glob for glob in globs if not glob.startswith("!")]), _side(out)


@cache
def _meanings(globs: tuple[str, ...]) -> tuple[_Side, _Side]:
    """The same, without the globs' own text where that may mean several names."""
    (texts, edges, patterns), (no_texts, no_edges, no_patterns) = _sides(globs)
    return (_plain(texts), edges, patterns), (_plain(no_texts), no_edges, no_patterns)


def _plain(texts: frozenset[str]) -> frozenset[str]:
    return frozenset(text for text in texts if not is_glob(text))


def _side(globs: Sequence[str]) -> _Side:
    wide = [glob for glob in globs if is_glob(glob)]
    starred = {glob: tuple(glob.split("*")) for glob in wide if glob.count("*") == 1 and set(glob).isdisjoint("?[")}
    edges = tuple((begin, end) for begin, end in starred.values())
    return frozenset(globs), edges, tuple(_compiled(glob) for glob in wide if glob not in starred)


def _fits(
    name: str, plain: frozenset[str], edges: tuple[tuple[str, str], ...], patterns: tuple[re.Pattern[str], ...]
) -> bool:
    if name in plain:
        return True
    for begin, end in edges:
        if name.startswith(begin) and name.endswith(end) and len(name) >= len(begin) + len(end):
            return True
    return any(pattern.fullmatch(name) for pattern in patterns)


@cache
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(glob_regex(glob).removesuffix("$"))  # with ``fullmatch``: Python's ``$`` allows a last newline


def any_glob(names: pl.Series, globs: tuple[str, ...]) -> pl.Series:
    """Which names fit one of the globs, and none of those that begin with ``!``."""
    return names.to_frame("name").select(_is_one_of(pl.col("name"), globs)).to_series()


def any_matches(names: Collection[str], globs: tuple[str, ...]) -> bool:
    """Whether ``glob_matches`` for any of the names."""
    if len(names) <= _FEW:
        return any(glob_matches(name, globs) for name in names)
    return any_glob(pl.Series(list(names), dtype=pl.String), globs).any()


def _is_one_of(name: pl.Expr, globs: tuple[str, ...]) -> pl.Expr:
    found = _is_some(name, [glob for glob in globs if not glob.startswith("!")])
    out = [glob[1:] for glob in globs if glob.startswith("!")]
    return found & ~_is_some(name, out) if out else found


def _is_some(name: pl.Expr, globs: list[str]) -> pl.Expr:
    plain = [glob for glob in globs if not is_glob(glob)]
    wide = "|".join(f"(?:{glob_regex(glob)})" for glob in globs if is_glob(glob))
    found = name.is_in(plain) if plain else name.is_null() & pl.lit(value=False)
    return found | name.str.contains(wide) if wide else found

"""The one glob language of rules, that of glob(7): ``*`` any text, ``?`` one character, ``[12]`` or ``[!a-f]`` one of a
set. In a list of programs, ``!`` before a glob takes its programs out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

#: What means something in a glob, and what would mean something in an expression.
_GLOB: Final = re.compile(r"\[(?P<not>[!^]?)(?P<class>\]?[^\]]+)\]|[\\.+()\[\]{}^$|*?]")


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
    several = (globs,) if isinstance(globs, str) else tuple(globs)
    return any(_fits(name, glob) for glob in several if not glob.startswith("!")) and not any(
        _fits(name, glob[1:]) for glob in several if glob.startswith("!")
    )


def _fits(name: str, glob: str) -> bool:
    return name == glob or (is_glob(glob) and _compiled(glob).fullmatch(name) is not None)


@cache
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(glob_regex(glob).removesuffix("$"))  # with ``fullmatch``: Python's ``$`` allows a last newline

"""Names in the places of files: a folder called after a customer, a log called after a machine.

A file's name of nothing but words that our own sentences, our rules' programs or exported logs have tells nobody's
name, and is left for the reader to see what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from pathlib import PurePath
from typing import Final

from logcorr.redact.identities import find_names
from logcorr.redact.known import COMMON_NAMES, FILE_WORDS
from logcorr.redact.known.sentences import is_program, vocabulary

_ENDING: Final = re.compile(r"(?<=.)(?:\.(?:[a-z]{1,8}\d?|\d{1,8})|[~@])+$", re.IGNORECASE)
_SEPARATED: Final = re.compile(r"[^\w]+|_")
_NUMBERED: Final = re.compile(r"[a-z]?\d+[a-z]?")  # rotations, dates, parts
_INSIDE: Final = "!"  # between an archive and its member


def private_parts(paths: Iterable[str], hosts: Container[str], programs: Container[str]) -> Iterator[tuple[str, str]]:
    """Kind and name of each folder and file that may be called after somebody, beside ``hosts`` (in lower case)."""
    for path in dict.fromkeys(paths):
        outside, _, inside = path.partition(_INSIDE)
        place = PurePath(outside)
        if place.is_absolute() and place.parent != PurePath("/"):
            yield "folder", str(place.parent)
            place = PurePath(place.name)
        for part in (place, *map(PurePath, inside.split(_INSIDE))):
            yield from (("folder", name) for name in part.parent.parts if _is_private(name, hosts, programs))
            stem = _ENDING.sub("", part.name)
            if _is_private(stem, hosts, programs):
                yield "file", stem


def _is_private(name: str, hosts: Container[str], programs: Container[str]) -> bool:
    if name.lower() in hosts or name in programs or name in {".", "..", "/"}:
        return False
    if any(span.end - span.start == len(name) for span in find_names(name)):
        return False  # hidden as what it is
    words = [word for word in _SEPARATED.split(name.lower()) if word]
    return any(
        word not in hosts
        and word not in programs
        and not (word in FILE_WORDS or word in COMMON_NAMES or word in vocabulary())
        and not (is_program(word) or _NUMBERED.fullmatch(word))
        for word in _without(words, hosts)
    )


def _without(words: list[str], hosts: Container[str]) -> Iterator[str]:
    """``words`` but for those that together are a host's name: sw-floor1 of sw-floor1-syslog."""
    at = 0
    while at < len(words):
        ends = (end for end in range(len(words), at, -1) if "-".join(words[at:end]) in hosts)
        end = next(ends, None)
        if end is None:
            yield words[at]
        at = end or at + 1

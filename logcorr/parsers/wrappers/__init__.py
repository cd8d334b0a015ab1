"""What stands around records: marks of a paste, a collector's header, a record inside a record."""

from __future__ import annotations

from typing import Final, Protocol

from logcorr.parsers.engine.base import Batch
from logcorr.parsers.engine.lines import Lines
from logcorr.parsers.wrappers import pasted, relayed


class Stripped(Protocol):
    """Lines without what stood around them, and how to put back what that said."""

    @property
    def lines(self) -> Lines:
        """The lines as their programs wrote them."""

    def restore(self, part: Batch) -> Batch:
        """What was read from ``lines``, with what stood around them."""


class Strip(Protocol):
    """Takes away one kind of wrapper; nothing where the first lines have none.

    ``known`` matches lines of formats that know the headers that they come with.
    """

    def __call__(self, lines: Lines, known: str) -> Stripped | None:
        """The lines without it."""


#: Every kind of wrapper around lines, the outermost first. Records inside records are ``nested``'s.
WRAPPERS: Final[tuple[Strip, ...]] = (pasted.strip, relayed.strip)


def unwrapped(lines: Lines, known: str) -> tuple[Lines, list[Stripped]]:
    """``lines`` without their wrappers, and what was taken away, the outermost first."""
    taken: list[Stripped] = []
    for strip in WRAPPERS:
        bare = strip(lines, known)
        if bare is not None:
            taken.append(bare)
            lines = bare.lines
    return lines, taken

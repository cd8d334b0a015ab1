"""What a detector returns: where in a text a private value stands, and of which class it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from logcorr.dataclass import dataclass

Profile = Literal["share", "secrets", "none"]
PROFILES: Final[tuple[Profile, ...]] = ("share", "secrets", "none")


@dataclass(frozen=True, slots=True)
class Span:
    """One private value in a text: ``text[start:end]``.

    ``kind`` is its class ("pub", "mac", "user", or "secret:NAME" for what is destroyed); ``value`` its canonical form,
    so that every spelling of one thing has one label.
    """

    start: int
    end: int
    kind: str
    value: str

    @property
    def is_secret(self) -> bool:
        """Whether the value is destroyed rather than named."""
        return self.kind.startswith("secret:")


def lowered(text: str) -> str | None:
    """``text`` as ``holds`` asks for it; None beyond ASCII, where there are other letters that match without case."""
    return text.lower() if text.isascii() else None


def holds(lower: str | None, words: Sequence[str]) -> bool:
    """Whether one of ``words``, in lower case, may stand in a text: an expression that needs one is not tried else."""
    if lower is None:
        return True
    for word in words:  # noqa: SIM110  # any() takes three times as long, and this is asked for every text
        if word in lower:
            return True
    return False


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans to replace, in order of place: a secret before anything else, then the longer, then the earlier."""
    kept: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda item: (not item.is_secret, item.start - item.end, item.start)):
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            kept.append(span)
            taken.update(places)
    return sorted(kept, key=lambda item: item.start)

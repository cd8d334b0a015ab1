"""A rule file as it was found."""

from __future__ import annotations

from typing import Final

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError

MAX_BYTES: Final = 1 << 20

Place = tuple[int, int]  # line and column, from 1


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file as it was found: the name that messages show, and the path below its folder."""

    shown: str
    relative: str
    content: bytes
    shipped: bool = False  # the tests hold shipped rules to every check, so a run need not
    folder: int = 0  # which of the run's rule folders it came from

    def fault(self, place: Place, message: str, hint: str | None = None) -> LogcorrError:
        """A fault at a place in this file."""
        return LogcorrError(message, location=f"{self.shown}:{place[0]}:{place[1]}", hint=hint)

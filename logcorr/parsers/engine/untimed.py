"""Why text without times cannot be used, and what to export in its place."""

from __future__ import annotations

from typing import Final

import polars as pl

_NO_TIME: Final = "no line carries a time, so nothing can be placed on a timeline"

#: What most lines look like -> how to get the same with times. The order of the lines alone tells no cause: how far the
#: first lies before the last is not known, and the file's own time is that of the last line at best.
_ADVICE: Final = (
    (r"^\s*\[(?:NEW|UPDATE|DESTROY)\] [a-z]+ +[0-9]+ ",
     "these are conntrack events: capture them with `conntrack -E -o timestamp`"),
)  # fmt: skip
_ADVICE_ELSE: Final = "if this is `journalctl -o cat` output, export again with -o export (or -o short-iso-precise)"


def why(text: pl.Series) -> str:
    """The reason for lines ``text`` of which none carries a time."""
    for pattern, advice in _ADVICE:
        if 2 * int(text.str.contains(pattern).sum()) > len(text):
            return f"{_NO_TIME}; {advice}"
    return f"{_NO_TIME}; {_ADVICE_ELSE}"

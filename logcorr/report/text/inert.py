"""Markdown that hostile text cannot act in: log text stands in code, where no renderer looks for markup.

Trackers turn more than CommonMark into markup: mentions, issue numbers, emoji names, bare addresses, maths. Backslashes
do not stop them, because they look at the rendered text; code spans do, and read well as plain text too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

_BACKTICKS: Final = re.compile("`+")

# Letters, digits, signs beyond ASCII and quiet punctuation: all that a word may hold to stand outside code ...
_QUIET: Final = re.compile(r"""(?=.*[^\x00-/:-@\[-`{-\x7f])[^\x00-\x20#$&*<>@\[\\\]^`{|}~\x7f]+""")
# ... unless it is one of these all the same.
_LOUD: Final = re.compile(
    r"""(?xi)
    (?<![^\W_])_ | _(?![^\W_])             # emphasis: an underscore that is not inside a word
    | ^: | ^\D.*:. | ^\d.*:[^\d]               # a scheme or an emoji name; 02:58:12 and 10.0.0.1:443 are neither
    | ^/ | ^\d+[.)]$ | ^[-+=]+$            # quick action, list, underline
    | www\. | %["\w] | !\d                # bare address, milestone, merge request
    | \b[a-z][a-z0-9]+-\d | [0-9a-f]{7}   # issue key, commit
    """
)


_PLAIN_END: Final = re.compile(r"\w[),.;]{1,3}$")


def inline(text: str) -> str:
    """Return ``text`` for use inside a paragraph: words that could be markup become code spans."""
    runs = groupby(text.split(), key=_is_quiet)
    return " ".join(" ".join(words) if quiet else _in_code(" ".join(words)) for quiet, words in runs)


def _in_code(text: str) -> str:
    """The words as code; the sentence's own punctuation around them stays outside."""
    inner = text[text.startswith("(") :]
    core = inner.rstrip("),.;") if _PLAIN_END.search(inner) else inner
    return f"{text[: len(text) - len(inner)]}{code(core)}{inner[len(core) :]}" if core else code(text)


def code(text: str) -> str:
    """Return ``text`` as a code span that nothing in it can end."""
    ticks = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{padding}{text}{padding}{ticks}"


def fence(lines: Sequence[str], language: str = "text") -> str:
    """Return ``lines`` as a fenced block that nothing in them can end."""
    ticks = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    return "\n".join((f"{ticks}{language}", *lines, ticks))


def _is_quiet(word: str) -> bool:
    return bool(_QUIET.fullmatch(word)) and not _LOUD.search(word)


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)

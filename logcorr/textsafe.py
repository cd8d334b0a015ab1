"""The one place that makes hostile text displayable.

Any remote party can put bytes into a log: a user name, a device name, an SSID. Terminals act on control characters
(rsyslog issue 1138), readers are misled by bidirectional ones (CVE-2021-42574), and invisible ones hide text. Whatever
is shown to a person passes through ``visible`` first; escaping for HTML or Markdown comes after and is not done here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final

#: Characters per string, after pgBadger's ``--maxlength``, which a few huge lines had made necessary.
LIMIT: Final = 2048

# Ranges, not unicodedata: its tables differ between Python versions, and a report's bytes must not. They are C0, C1,
# DEL, lone surrogates, noncharacters, Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt: bidi,
# zero-width, fillers, variation selectors, tags), the remaining format characters (Cf), line and paragraph separators.
_HOSTILE: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)


#: What stands behind the last blank, or behind the last sign that no address, path or number holds.
_LAST_WORD: Final = re.compile(r"(?<!\s)\s+\S*\Z")
_LAST_PIECE: Final = re.compile(r"(?<=[^\w.:%/@+-])[\w.:%/@+-]*\Z")
_OF_ADDRESSES: Final = "0123456789abcdefABCDEF.:%"


def visible(text: str, limit: int = LIMIT) -> str:
    """Return ``text`` with every character that is invisible or acts on its surroundings replaced by a sign for it.

    A tab becomes a blank, as which it was meant. The other C0 controls and DEL become their control pictures (``␛``
    for ESC, ``␊`` for a newline), all others their number (``‹U+202E›``). A result longer than ``limit`` characters is
    cut, never inside a sign or (see ``shortened``) a word, and ends in ``…(+1234)``, the number of characters of
    ``text`` left out. The result is one
    line, can be encoded as UTF-8, and is left as it is by a second call.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown = _HOSTILE.sub(_sign, text[: limit + 1])
    return shown if len(text) <= limit and len(shown) <= limit else _cut(text, limit)


def shortened(text: str, limit: int) -> str:
    """Return ``text``, or its beginning of at most ``limit`` characters with ``…`` behind it, cut between words.

    A word that is longer than half of that is cut behind a sign that no address or number holds; one that has none
    such, before the characters of an address at the cut.
    """
    if len(text) <= limit:
        return text
    kept = text[: _whole_words(text, max(limit - 2, 0))].rstrip()
    return f"{kept} …" if kept else "…"[:limit]


def _whole_words(text: str, limit: int) -> int:
    """How many characters of ``text``, up to ``limit``, end where a word ends; see ``shortened``."""
    if len(text) <= limit or limit <= 0 or text[limit].isspace():
        return max(min(len(text), limit), 0)
    head = text[:limit]
    for last in (_LAST_WORD, _LAST_PIECE):
        found = last.search(head)
        if found and found.start() >= limit // 2:
            return found.start()
    return len(head.rstrip(_OF_ADDRESSES)) or limit


def _sign(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number == 0x09:
        return " "
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else f"‹U+{number:04X}›"


def _cut(text: str, limit: int) -> str:
    pieces = [_HOSTILE.sub(_sign, character) for character in text[:limit]]
    room = max(limit - len(f"…(+{len(text)})"), 0)
    kept = _whole_words(text, bisect_right(list(accumulate(map(len, pieces))), room))
    return f"{''.join(pieces[:kept])}…(+{len(text) - kept})"

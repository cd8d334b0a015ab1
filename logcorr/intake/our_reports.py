"""What a report of ours begins with: it is no log, wherever it lies, and it alone may be written over."""

from __future__ import annotations

import re
from typing import Final

#: Bytes from the beginning that are enough to tell.
HEAD: Final = 4096

_BEGINNINGS: Final = (
    re.compile(rb"<!doctype html>\n.{,2000}<meta name=\"generator\" content=\"logcorr ", re.DOTALL),
    re.compile(
        rb"# .{,3500}\n\nLog lines below are quoted as data\. They come from the machines, and from ", re.DOTALL
    ),
    re.compile(rb"\{\n  \"schema\": \"logcorr\.report/\d"),
)


def is_our_report(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a report of ours: HTML, Markdown or JSON."""
    return any(beginning.match(head) for beginning in _BEGINNINGS)

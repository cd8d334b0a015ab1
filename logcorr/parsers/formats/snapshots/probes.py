"""Probes in a loop with ``date``: what nc(1), curl(1) and a script's ``echo OK`` say of a connection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

#: What is a probe's result beyond doubt, if a time stands before it.
SURE: Final = (
    r"nc: connect |Connection to \S+ (?:port )?[0-9]|curl: \([0-9]|(?:[^\n0-9][^\n]{0,50} |✅ ?|❌ ?)?(?:OK|FAILED)\s*$"
)
_TITLE: Final = (
    r"(?:nc: |Connection to \S+ (?:port )?[0-9]|curl: \([0-9]+\)|ping: \S|"
    r"(?:[^\n]{0,60}[\s:])?(?:OK|FAILED|FAIL|TIMEOUT|UNREACHABLE)\b[^\n]{0,60}$)"
)
_LINE: Final = re.compile(_TITLE)


def _read(lines: Sequence[str], start: int, _: Context) -> Reading:
    """One or several probes after one time."""
    end = start
    while end < len(lines) and _LINE.match(lines[end]):
        end += 1
    return Reading(end, [Statement(at, lines[at]) for at in range(start, end)])


PROBE: Final = Tool("probe", _TITLE, _read, after_time=True)

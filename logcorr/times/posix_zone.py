"""Zones as POSIX writes them in TZ: ``CET-1CEST,M3.5.0,M10.5.0/3``, ``<+03>-3`` (environ(7), tzset(3))."""

from __future__ import annotations

import io
import re
import struct
from zoneinfo import ZoneInfo

_NAME = r"(?:[A-Za-z]{3,10}|<[A-Za-z0-9+-]{3,10}>)"
_HOURS = r"[+-]?\d{1,3}(?::\d{1,2}){0,2}"
_POSIX = re.compile(rf"{_NAME}{_HOURS}(?P<summer>{_NAME}(?:{_HOURS})?(?P<rule>,[^,]+,[^,]+)?)?", re.ASCII)
_DEFAULT_RULE = ",M3.2.0,M11.1.0"  # glibc's, where a summer time is named without its days (tzset.c)


def posix_zone(text: str) -> ZoneInfo | None:
    """The zone of a POSIX TZ string; None where ``text`` is none."""
    found = _POSIX.fullmatch(text)
    if found is None:
        return None
    rule = text if not found["summer"] or found["rule"] else text + _DEFAULT_RULE
    try:
        return ZoneInfo.from_file(io.BytesIO(_file(rule)), key=text)
    except ValueError:
        return None


def _file(rule: str) -> bytes:
    """A TZif file without transitions, whose footer is the rule for all time (RFC 8536, section 3)."""
    head = struct.pack(">4sc15x6L", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    kind = struct.pack(">lBB4s", 0, 0, 0, b"UTC")
    return head + kind + head + kind + f"\n{rule}\n".encode()

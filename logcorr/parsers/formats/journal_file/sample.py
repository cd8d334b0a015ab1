"""The smallest journal file that says something, object by object.

A sample is text, so every byte here is ASCII: each object has 256 bytes of its own, and the time was chosen to fit.
"""

from __future__ import annotations

import struct
from typing import Final

from logcorr.parsers.engine.base import Sample
from logcorr.parsers.formats.journal_file.layout import COMPACT, SIGNATURE, Kind

_PAGE: Final = 256
_ARCHIVED: Final = 2
_SEQNUM: Final = 7
_REALTIME: Final = 0x0643000A0A0A0A  # 2025-11-07 12:08:27.755018 UTC
_MONOTONIC: Final = 5_000_000
_BOOT: Final = bytes(range(0x10, 0x20))
_SEQNUM_ID: Final = bytes(range(0x20, 0x30))
_FIELDS: Final = (
    b"MESSAGE=tailscale0: Link DOWN",
    b"PRIORITY=6",
    b"SYSLOG_IDENTIFIER=systemd-networkd",
    b"_COMM=systemd-network",
    b"_HOSTNAME=opg-srv",
    b"_PID=1111",
    b"_SYSTEMD_UNIT=systemd-networkd.service",
    b"_TRANSPORT=journal",
    b"INTERFACE=tailscale0",
)


def _page(kind: Kind, body: bytes) -> bytes:
    return (struct.pack("<B7xQ", kind, 16 + len(body)) + body).ljust(_PAGE, b"\0")


def _text() -> str:
    header = bytearray(_PAGE)
    header[:8] = SIGNATURE
    struct.pack_into("<IB", header, 12, COMPACT, _ARCHIVED)
    header[72:88] = _SEQNUM_ID
    entry = _PAGE * (1 + len(_FIELDS))
    struct.pack_into("<Q", header, 88, _PAGE)
    struct.pack_into("<Q", header, 152, 1)
    struct.pack_into("<Q", header, 176, entry + _PAGE)
    data = b"".join(_page(Kind.DATA, bytes(56) + field) for field in _FIELDS)
    head = struct.pack("<3Q16s8x", _SEQNUM, _REALTIME, _MONOTONIC, _BOOT)
    items = struct.pack(f"<{len(_FIELDS)}I", *range(_PAGE, entry, _PAGE))
    index = struct.pack("<QI", 0, entry)
    return (bytes(header) + data + _page(Kind.ENTRY, head + items) + _page(Kind.ENTRY_ARRAY, index)).decode("ascii")


SAMPLE: Final = Sample(
    _text(),
    {
        "line": 1,
        "offset": _PAGE * (1 + len(_FIELDS)),
        "stamp": "2025-11-07T12:08:27.755018",
        "stamp_kind": "utc",
        "resolution": 1,
        "boot": _BOOT.hex(),
        "monotonic": _MONOTONIC,
        "seqnum": _SEQNUM,
        "seqnum_id": _SEQNUM_ID.hex(),
        "host": "opg-srv",
        "program": "systemd-networkd",
        "unit": "systemd-networkd.service",
        "pid": 1111,
        "priority": 6,
        "transport": "journal",
        "message": "tailscale0: Link DOWN",
        "message_id": None,
        "about": "tailscale0",
        "trusted": True,
    },
)

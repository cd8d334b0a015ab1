"""``journalctl -o export``: lossless, exactly framed (systemd: docs/JOURNAL_EXPORT_FORMATS.md).

A field is ``NAME=value`` and a newline, or, where the value holds anything unprintable, ``NAME``, newline, its length
as 64 bits little-endian, the bytes, newline. An empty line ends an entry. Binary values may look like anything, even
like an empty line or a whole entry, so they are skipped by their length first; everything else is read by line.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, MARKER, NO_ROWS, RECORD, LineMatches, Sample, Turn
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines, utf8, views
from logcorr.parsers.formats.journal import entry_fields
from logcorr.schema import Facts

_NEWLINE: Final = ord("\n")
_TIMES: Final = (b"__REALTIME_TIMESTAMP=", b"_SOURCE_REALTIME_TIMESTAMP=")
_LENGTH: Final = 8
_LARGEST: Final = 768 << 20  # journald's limit for a field
_HIGH: Final = bytes(4)  # the upper half of every length below it
_NAME: Final = re.compile(rb"[A-Z_][A-Z0-9_]{0,63}")
_NAME_BEGINS: Final = np.frombuffer(b"_ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
_NOT_ZERO: Final = re.compile(rb"[^\0]")
_NAME_LONGEST: Final = 64
_TORN: Final = Facts(lost=("the export ends in the middle of a value",))


@dataclass(frozen=True, slots=True)
class Values:
    """The binary values in a block, in order, as offsets into it."""

    name: NDArray[np.int64]  # where the line with the field's name starts
    start: NDArray[np.int64]  # the value itself
    end: NDArray[np.int64]
    torn: int | None  # where the name of a value starts that runs past the end of the block


def binary_values(data: bytes, size: int) -> Values:
    """Find the binary values of ``data[:size]`` by their lengths, each behind the one before.

    Every length has four zero bytes, which text has not, so only these places are looked at.
    """
    found: list[tuple[int, int, int]] = []
    torn: int | None = None
    at = data.find(_HIGH, 0, size)
    reached = 0
    while at >= 0:
        value = _value(data, at, reached)
        if value is None:
            # a length can only begin before a run of zeros, or with it
            beyond = _NOT_ZERO.search(data, at, size)
            at = data.find(_HIGH, beyond.start(), size) if beyond else -1
            continue
        name, start, end = value
        if end <= size and (end == size or data[end] == _NEWLINE):
            found.append(value)
            reached = at = end
        else:
            torn = name if torn is None and end > size and end - start <= _LARGEST else torn
            at = start
        at = data.find(_HIGH, at, size)
    names, starts, ends = np.array(found, np.int64).reshape(-1, 3).T
    return Values(names, starts, ends, torn)


def _value(data: bytes, zeros: int, reached: int) -> tuple[int, int, int] | None:
    """Start of name, start and end of the value whose length ends in the zero bytes at ``zeros``."""
    for begin in range(max(zeros - 4, reached + 1), zeros + 1):
        if data[begin - 1] != _NEWLINE or data[begin + 4 : begin + _LENGTH] != _HIGH:
            continue
        name = data.rfind(b"\n", max(reached, begin - 2 - _NAME_LONGEST), begin - 1) + 1
        if _NAME.fullmatch(data, max(name, reached), begin - 1):
            start = begin + _LENGTH
            return max(name, reached), start, start + int.from_bytes(data[begin:start], "little")
    return None


@dataclass(frozen=True, slots=True)
class Framing:
    """The binary values among some lines."""

    owner: NDArray[np.int64]  # position of the line that names the value
    start: NDArray[np.int64]  # the value's bytes in the data
    end: NDArray[np.int64]
    inside: NDArray[np.bool_]  # per line: part of a value


def framing(lines: Lines, values: Values) -> Framing:
    """Which lines ``values`` cover."""
    owner = np.minimum(np.searchsorted(lines.start, values.name), len(lines) - 1)
    here = lines.start[owner] == values.name
    owner, start, end = owner[here], values.start[here], values.end[here]
    change = np.zeros(len(lines) + 1, np.int64)
    np.add.at(change, owner + 1, 1)
    np.add.at(change, np.searchsorted(lines.start, end, side="right"), -1)
    return Framing(owner, start, end, np.cumsum(change)[:-1] > 0)


@dataclass(frozen=True, slots=True)
class Export:
    """The ``LineParser`` of the export format."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = ("__REALTIME_TIMESTAMP=", "_SOURCE_REALTIME_TIMESTAMP=")
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """Certain where an entry's time stands at the start of a line."""
        return 0.99 if re.search(rb"(?:^|\n)__REALTIME_TIMESTAMP=\d+\n", head.data) else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The entries that have a time; of an entry cut short, what is whole."""
        role = np.full(len(lines), LEFT, np.uint8)
        if not any(len(lines.having(time)) for time in _TIMES):
            return LineMatches(NO_ROWS, role)
        values = binary_values(lines.data, lines.stop)
        frame = framing(lines, values)
        entry, count = _entries(lines, frame)
        own = np.where(frame.inside, -1, entry)
        fields, known = entry_fields.columns(lines, own, count, _binary(lines, frame))
        whole = _whole(lines, frame, known)
        first = np.searchsorted(entry, np.arange(count))
        fields_at = np.flatnonzero(whole)[::-1]
        first[entry[fields_at]] = fields_at  # lines before it are none of the entry's
        rows = entry_fields.rows(
            fields.with_columns(line=pl.Series(lines.number[first]), offset=pl.Series(lines.base + lines.start[first]))
        )
        timed = rows["stamp"].is_not_null().to_numpy()
        role[timed[entry] & whole] = CONTINUATION
        role[first[timed]] = RECORD
        role[(lines.end == lines.start) & ~frame.inside] = MARKER
        return LineMatches(rows.filter(pl.Series(timed)), role, _TORN if values.torn is not None else Facts())

    def cut(self, data: bytes) -> int:
        """After the last empty line that ends an entry."""
        values = binary_values(data, len(data))
        # a length that is not whole yet may look like an empty line
        last = len(data) - _LENGTH if values.torn is None else values.torn
        while (last := data.rfind(b"\n\n", 0, last + 1)) >= 0:
            before = int(np.searchsorted(values.name, last, side="right")) - 1
            if before < 0 or last >= values.end[before]:
                return last + 2
            last = int(values.name[before])
        return 0


def _entries(lines: Lines, frame: Framing) -> tuple[NDArray[np.int64], int]:
    """For each line the entry that it belongs to, and how many there are. An entry starts after an empty line."""
    blank = (lines.end == lines.start) & ~frame.inside
    starts = ~blank & np.concatenate([[True], blank[:-1]])
    entry = np.maximum(np.cumsum(starts) - 1, 0)
    return entry, int(starts.sum())


def _binary(lines: Lines, frame: Framing) -> entry_fields.Binary:
    """The values framed as binary of those fields that rows are made from."""
    names = views(lines.data, lines.start[frame.owner], lines.end[frame.owner]).cast(pl.String)
    found = {}
    for name in names.unique().to_list():
        if name in entry_fields.FIELDS:
            mine = (names == name).to_numpy()
            values = utf8(views(lines.data, frame.start[mine], frame.end[mine]))
            found[name] = (frame.owner[mine], values)
    return found


def _whole(lines: Lines, frame: Framing, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines that are a field or part of one; the rest is garbage among the fields, and nobody's."""
    whole = known | frame.inside
    whole[frame.owner] = True
    begins = np.frombuffer(lines.data, np.uint8)[np.minimum(lines.start, len(lines.data) - 1)]
    other = np.flatnonzero(~whole & np.isin(begins, _NAME_BEGINS))
    whole[other] = views(lines.data, lines.start[other], lines.end[other]).bin.contains(b"=").to_numpy()
    return whole


EXPORT = Export(
    "journal-export", "journalctl -o export",
    (
        Sample(
            "__CURSOR=s=0123456789abcdef0123456789abcdef;i=8a8;b=fedcba9876543210fedcba9876543210;m=1;t=1;x=1\n"
            "__REALTIME_TIMESTAMP=1762225245991144\n__MONOTONIC_TIMESTAMP=137611116\n"
            "_BOOT_ID=fedcba9876543210fedcba9876543210\n_SOURCE_REALTIME_TIMESTAMP=1762225245991099\n"
            "_TRANSPORT=journal\n_HOSTNAME=opg-srv\nSYSLOG_IDENTIFIER=systemd\n_PID=1\n_COMM=systemd\nPRIORITY=6\n"
            "UNIT=tailscaled.service\nMESSAGE_ID=de5b426a63be47a7b6ac3eaac82e2f6f\n"
            "MESSAGE\n\x16\0\0\0\0\0\0\0line one\n\nMESSAGE=two\n\n\n"
            "__REALTIME_TIMESTAMP=1762225246000000\n_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=spoofed\n"
            "_HOSTNAME=opg-srv\n\n",
            {"stamp": ["2025-11-04T03:00:45.991099", "2025-11-04T03:00:46"], "stamp_kind": "utc", "resolution": 1,
             "seqnum": [0x8A8, None], "seqnum_id": ["0123456789abcdef0123456789abcdef", None],
             "monotonic": [137_611_116, None], "host": "opg-srv", "program": ["systemd", "kernel"], "pid": [1, None],
             "about": ["tailscaled.service", None], "message_id": ["de5b426a63be47a7b6ac3eaac82e2f6f", None],
             "message": ["line one\n\nMESSAGE=two\n", "spoofed"], "trusted": [True, False],
             "boot": ["fedcba9876543210fedcba9876543210", None]},
        ),
        Sample("__REALTIME_TIMESTAMP=1773479729250000\n_BOOT_ID=fedcba9876543210fedcba9876543210\n_HOSTNAME=gw1\n"
               "_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\nPRIORITY=3\nMESSAGE=eth1: Link is Down\n\n",
               {"stamp": "2026-03-14T09:15:29.25", "host": "gw1", "program": "kernel", "priority": 3,
                "message": "eth1: Link is Down"}),
        Sample("__REALTIME_TIMESTAMP=1773479729250000\n_HOSTNAME=gw1\n_TRANSPORT=stdout\nSYSLOG_IDENTIFIER=app\n"
               "MESSAGE=one\n\n__REALTIME_TIMESTAMP=1773479730250000\n_HOSTNAME=gw1\n_TRANSPORT=stdout\n"
               "SYSLOG_IDENTIFIER=app\nMESSAGE=two\n\n",
               {"stamp": ["2026-03-14T09:15:29.25", "2026-03-14T09:15:30.25"], "message": ["one", "two"]}),
    ),
)  # fmt: skip

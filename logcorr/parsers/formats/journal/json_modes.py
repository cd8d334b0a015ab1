"""``journalctl -o json``, ``json-sse``, ``json-seq`` (RFC 7464) and ``json-pretty``."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn
from logcorr.parsers.engine.dialect import placed, text_cut
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines, utf8, views
from logcorr.parsers.fields import json_values
from logcorr.parsers.formats.journal import entry_fields
from logcorr.schema import Facts

_KEY: Final = b'"__REALTIME_TIMESTAMP"'
_BLANK: Final = 0x20
_NULL_MESSAGE: Final = r'"MESSAGE"\s*:\s*null'


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A ``LineParser`` for one entry per line, each after ``prefix``."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    prefix: str = ""
    turn: Turn = Turn.EXACT

    @property
    def headers(self) -> tuple[str, ...]:
        """The prefix and a brace."""
        return (re.escape(self.prefix) + r"\{ ?\"",)

    def sniff(self, head: Head) -> float:
        """Certain where an object with journald's receive time follows the prefix."""
        begins = re.compile(rb"^" + re.escape(self.prefix.encode()) + rb'\{ ?"', re.MULTILINE)
        return 0.99 if _KEY in head.data and begins.search(head.data) else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The objects that carry journald's fields."""
        role = np.full(len(lines), LEFT, np.uint8)
        index = np.union1d(*(lines.having(self.prefix.encode() + start) for start in (b'{"', b'{ "')))
        if not len(index):
            return LineMatches(NO_ROWS, role)

        text = lines.text if len(index) == len(lines) else lines.text.gather(index)
        text = text.str.strip_prefix(self.prefix) if self.prefix else text
        rows, facts = entries(text, lines, index, None if self.prefix else lines.together(index))
        role[np.searchsorted(lines.number, rows["line"].to_numpy())] = RECORD
        return LineMatches(rows, role, facts)

    def cut(self, data: bytes) -> int:
        """Before the last line."""
        return text_cut(data)


@dataclass(frozen=True, slots=True)
class JsonPretty:
    """A ``LineParser`` for objects spread over lines, from ``{`` to ``}``."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (r"\{$",)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """Certain where a line holds a brace alone and journald's receive time follows on one of its own."""
        return 0.99 if head.data.lstrip()[:2] in (b"{\n", b"{\r") and _KEY in head.data else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The objects that carry journald's fields; one that never closes is left."""
        role = np.full(len(lines), LEFT, np.uint8)
        alone = lines.end - lines.start == 1
        opens = np.intersect1d(lines.having(b"{"), np.flatnonzero(alone))
        closes = np.intersect1d(lines.having(b"}"), np.flatnonzero(alone))
        first, last = _pairs(opens, closes)
        if not len(first):
            return LineMatches(NO_ROWS, role)
        owner = _owner(first, last, len(lines))
        inside = owner >= 0
        # a JSON string holds no raw newline, so those within an object may become blanks
        data = np.frombuffer(lines.data, np.uint8).copy()
        breaks = lines.end[inside & ~np.isin(np.arange(len(lines)), last)]
        data[breaks] = _BLANK
        joined = data.tobytes()
        text = utf8(views(joined, lines.start[first], lines.end[last]))
        rows, facts = entries(text, lines, first)
        taken = np.isin(lines.number[first], rows["line"].to_numpy())
        role[inside & taken[np.where(inside, owner, 0)]] = CONTINUATION
        role[first[taken]] = RECORD
        return LineMatches(rows, role, facts)

    def cut(self, data: bytes) -> int:
        """After the last closing brace on a line of its own."""
        end = max(data.rfind(b"\n}\n"), data.rfind(b"\n}\r\n"))
        return data.index(b"\n", end + 1) + 1 if end >= 0 else 0


def entries(
    text: pl.Series, lines: Lines, index: NDArray[np.int64], data: bytes | None = None
) -> tuple[pl.DataFrame, Facts]:
    """Rows for the journal entries among the objects in ``text``; ``index`` are the positions of their first lines.

    ``data`` are the same objects as bytes, where they lie together.
    """
    fields = json_values.decode(text, entry_fields.FIELDS, data, single=entry_fields.SINGLE)
    fields = placed(fields.with_columns(at=pl.Series(index)), lines)
    rows = entry_fields.rows(fields)
    facts = _cut_messages(fields["MESSAGE"], text)
    return rows.filter(fields["valid"] & rows["stamp"].is_not_null()), facts


def _cut_messages(message: pl.Series, text: pl.Series) -> Facts:
    missing = message.is_null().arg_true()
    cut = int(text.gather(missing).str.contains(_NULL_MESSAGE).sum()) if len(missing) else 0
    note = f"{cut} messages of 4096 bytes or more were left out by journalctl: export with -o export, or -o json -a"
    return Facts(lost=(note,)) if cut else Facts()


def _pairs(opens: NDArray[np.int64], closes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each opening brace with the first closing one after it, unless another opens in between."""
    if not len(opens) or not len(closes):
        return opens[:0], closes[:0]
    place = np.searchsorted(closes, opens)
    last = closes[np.minimum(place, len(closes) - 1)]
    next_open = np.append(opens[1:], np.iinfo(np.int64).max)
    good = (place < len(closes)) & (last < next_open)
    return opens[good], last[good]


def _owner(first: NDArray[np.int64], last: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """For each of ``count`` lines the index of the span it lies in, or -1."""
    position = np.arange(count)
    owner = np.searchsorted(first, position, side="right") - 1
    return np.where((owner >= 0) & (position <= last[np.maximum(owner, 0)]), owner, -1)


_EXPECT: Final[dict[str, object]] = {
    "stamp": "2025-11-04T03:00:45.991099", "stamp_kind": "utc", "host": "opg-srv", "program": "tailscaled",
    "pid": 1154, "priority": 6, "message": "magicsock: derp-10 connected", "monotonic": 137_611_116, "trusted": True,
    "boot": "fedcba9876543210fedcba9876543210", "seqnum": 0x8A8, "unit": "tailscaled.service", "transport": "stdout",
}  # fmt: skip
_ENTRY: Final = (
    '"_TRANSPORT":"stdout","PRIORITY":"6","_HOSTNAME":"opg-srv","_SYSTEMD_UNIT":"tailscaled.service","_PID":"1154",'
    '"SYSLOG_IDENTIFIER":"tailscaled","_COMM":"tailscaled","__REALTIME_TIMESTAMP":"1762225245991099",'
    '"__MONOTONIC_TIMESTAMP":"137611116","_BOOT_ID":"fedcba9876543210fedcba9876543210",'
    '"__CURSOR":"s=0123456789abcdef0123456789abcdef;i=8a8;b=fedcba9876543210fedcba9876543210;m=1;t=1;x=1",'
)
_OBJECT: Final = f'{{{_ENTRY}"MESSAGE":"magicsock: derp-10 connected"}}'
_KINDS: Final = "".join(
    f'{{{_ENTRY}"MESSAGE":{message}}}\n'
    for message in ("[27,91,51,49,109,104,105]", '["one","two"]', "null", '"[1, 2]"')
)
_PRETTY: Final = "{\n\t" + _OBJECT[1:-1].replace('","', '",\n\t"').replace('":"', '" : "') + "\n}\n"

JSON = JsonLines(
    "journal-json", "journalctl -o json",
    (Sample(_OBJECT + "\n", _EXPECT), Sample(_KINDS, {"message": ["\x1b[31mhi", "one\ntwo", "", "[1, 2]"]}),
        Sample('{"MESSAGE":"eth1: Lost carrier","PRIORITY":"4","SYSLOG_IDENTIFIER":"systemd-networkd","_PID":'
               '"812","_TRANSPORT":"journal","_HOSTNAME":"gw1","__REALTIME_TIMESTAMP":"1773479729250000","__M'
               'ONOTONIC_TIMESTAMP":"5000000","_BOOT_ID":"fedcba9876543210fedcba9876543210"}\n',
               {"stamp": "2026-03-14T09:15:29.25", "host": "gw1", "program": "systemd-networkd", "pid": 812,
                "priority": 4, "message": "eth1: Lost carrier"}),
    ),
)  # fmt: skip
SSE = JsonLines(
    "journal-json-sse",
    "journalctl -o json-sse",
    (
        Sample(f"data: {_OBJECT}\n\n", _EXPECT),
        Sample(
            'data: {"MESSAGE":"eth1: Lost carrier","PRIORITY":"4","SYSLOG_IDENTIFIER":"systemd-networkd","'
            '_TRANSPORT":"journal","_HOSTNAME":"gw1","__REALTIME_TIMESTAMP":"1773479729250000","__MONOTONI'
            'C_TIMESTAMP":"5000000","_BOOT_ID":"fedcba9876543210fedcba9876543210"}\n\n',
            {"stamp": "2026-03-14T09:15:29.25", "host": "gw1", "priority": 4, "message": "eth1: Lost carrier"},
        ),
        Sample(
            'data: {"MESSAGE":[114,195,182],"SYSLOG_IDENTIFIER":"app","_TRANSPORT":"stdout","_HOSTNAME":"g'
            'w1","__REALTIME_TIMESTAMP":"1773479729250000","__MONOTONIC_TIMESTAMP":"5000000","_BOOT_ID":"f'
            'edcba9876543210fedcba9876543210"}\n\n'
            'data: {"MESSAGE":"two","SYSLOG_IDENTIFIER":"app","_TRANSPORT":"stdout","_HOSTNAME":"gw1","__R'
            'EALTIME_TIMESTAMP":"1773479729250000","__MONOTONIC_TIMESTAMP":"5000000","_BOOT_ID":"fedcba987'
            '6543210fedcba9876543210"}\n\n',
            {"program": "app", "message": ["rö", "two"]},
        ),
    ),
    "data: ",
)
SEQ = JsonLines(
    "journal-json-seq",
    "journalctl -o json-seq",
    (
        Sample(f"\x1e{_OBJECT}\n", _EXPECT),
        Sample(
            '\x1e{"MESSAGE":"eth1: Lost carrier","PRIORITY":"4","SYSLOG_IDENTIFIER":"systemd-networkd","_TRAN'
            'SPORT":"journal","_HOSTNAME":"gw1","__REALTIME_TIMESTAMP":"1773479729250000","__MONOTONIC_TIM'
            'ESTAMP":"5000000","_BOOT_ID":"fedcba9876543210fedcba9876543210"}\n',
            {"stamp": "2026-03-14T09:15:29.25", "host": "gw1", "priority": 4, "message": "eth1: Lost carrier"},
        ),
        Sample(
            '\x1e{"MESSAGE":"one","SYSLOG_IDENTIFIER":"app","_TRANSPORT":"stdout","_HOSTNAME":"gw1","__REALTI'
            'ME_TIMESTAMP":"1773479729250000","__MONOTONIC_TIMESTAMP":"5000000","_BOOT_ID":"fedcba98765432'
            '10fedcba9876543210"}\n'
            '\x1e{"MESSAGE":"two","SYSLOG_IDENTIFIER":"app","_TRANSPORT":"stdout","_HOSTNAME":"gw1","__REALTI'
            'ME_TIMESTAMP":"1773479729250000","__MONOTONIC_TIMESTAMP":"5000000","_BOOT_ID":"fedcba98765432'
            '10fedcba9876543210"}\n',
            {"program": "app", "message": ["one", "two"]},
        ),
    ),
    "\x1e",
)
PRETTY = JsonPretty(
    "journal-json-pretty",
    "journalctl -o json-pretty",
    (
        Sample(_PRETTY * 2, _EXPECT),
        Sample(
            '{\n\t"_HOSTNAME" : "gw1",\n\t"__REALTIME_TIMESTAMP" : "1773479729250000",\n'
            '\t"_BOOT_ID" : "fedcba9876543210fedcba9876543210",\n\t"_TRANSPORT" : "journal",\n'
            '\t"SYSLOG_IDENTIFIER" : "systemd-networkd",\n\t"PRIORITY" : "4",\n'
            '\t"MESSAGE" : "eth1: Lost carrier"\n}\n',
            {"stamp": "2026-03-14T09:15:29.25", "host": "gw1", "priority": 4, "message": "eth1: Lost carrier"},
        ),
        Sample(
            '{\n\t"_HOSTNAME" : "gw1",\n\t"__REALTIME_TIMESTAMP" : "1773479729250000",\n'
            '\t"_BOOT_ID" : "fedcba9876543210fedcba9876543210",\n\t"_TRANSPORT" : "journal",\n'
            '\t"SYSLOG_IDENTIFIER" : "app",\n\t"MESSAGE" : "one"\n}\n{\n\t"_HOSTNAME" : "gw1",\n'
            '\t"__REALTIME_TIMESTAMP" : "1773479729250000",\n'
            '\t"_BOOT_ID" : "fedcba9876543210fedcba9876543210",\n\t"_TRANSPORT" : "journal",\n'
            '\t"SYSLOG_IDENTIFIER" : "app",\n\t"MESSAGE" : "two"\n}\n',
            {"program": "app", "message": ["one", "two"]},
        ),
    ),
)

"""JSON objects spread over lines, or in one array: what web pages and programming interfaces save.

Like ``json_lines``, but an object ends where it ends, not where its line does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, MARKER, NO_ROWS, RECORD, Batch, Sample, records
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import json_names
from logcorr.parsers.formats.documents import json_lines, log_stores
from logcorr.schema import Facts

_BETWEEN: Final = re.compile(r"[\s,\[\]]*")
_FRAME: Final = r"^[\s,\[\]]*$"
_BEGINS: Final = re.compile(rb"\s*(?:\[\s*\{|\{\s*\n)")
_ONE_LINE: Final = re.compile(rb'\s*(?:\[\s*)?\{\s*"')
_QUOTED: Final = (*(f'"{name}"' for name in json_names.TIMES), *log_stores.MARKS)
_NAMES: Final = re.compile(rb"(?:" + b"|".join(re.escape(name.encode()) for name in _QUOTED) + rb")\s*:")
_CUT_OFF: Final = "the JSON is damaged, or ends in the middle of an object"
_ENOUGH: Final = 60  # characters that tell a record's text from others
_DECODER: Final = json.JSONDecoder(parse_float=str)


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A ``Parser`` that takes a whole input."""

    id: str
    title: str
    samples: tuple[Sample, ...]

    def sniff(self, head: Head) -> float:
        """Likely where an array of objects begins, or an object over several lines, and a time or records have a name.

        One object may fill one line that is longer than the head.
        """
        begins = _BEGINS.match(head.data) or (b"\n" not in head.data.strip() and _ONE_LINE.match(head.data))
        return 0.85 if begins and _NAMES.search(head.data) else 0.0

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read the objects that carry a time; lines of others are unparsed."""
        lines = split(data, first_offset=first_offset)
        found: list[log_stores.Record] = []
        edges: list[tuple[int, int]] = []
        lost: list[str] = []
        end = 0
        for value, begin, end in _objects(data.decode("utf-8", "surrogateescape")):
            inside = list(log_stores.entries(value))
            found += inside
            edges += _edges(data, inside, begin, end)
            lost += filter(None, [log_stores.incomplete(value, len(inside))] if len(inside) > 1 else [])
        rows = json_lines.of_objects(found, pl.int_range(len(found), eager=True))
        rows = rows.with_columns(
            pl.Series(name, [edge[side] for edge in edges], dtype=pl.Int64).gather(rows["at"])
            for side, name in enumerate(("begin", "end"))
        ).filter(pl.col("stamp").is_not_null())
        lost += filter(None, [log_stores.page(len(found))] if len(lost) == 0 else [])
        whole = not found or _rest_is_frame(data, end)
        return _batch(lines, rows, self.id, lost if whole else [*lost, _CUT_OFF])


def _edges(data: bytes, inside: list[log_stores.Record], begin: int, end: int) -> list[tuple[int, int]]:
    """Where each of the records in one object is: at its text, if that can be found in the order of the records."""
    if len(inside) < 2:
        return [(begin, end)] * len(inside)
    places, at = [], begin
    for one in inside:
        text = next((one[name] for name in ("message", "line", "_raw", "msg") if isinstance(one.get(name), str)), None)
        mark = json.dumps(text[:_ENOUGH], ensure_ascii=not data.isascii()).encode()[1:-1] if text else b""
        found = data.find(mark, at, end) if mark else -1
        at = found if found >= 0 else at
        places.append((at, at + 1))
    return places


def _objects(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """The objects in ``text``, each with the offsets in bytes at which it begins and ends."""
    at = offset = 0
    while True:
        begin = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
        try:
            found, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        before = offset + len(text[at:begin].encode("utf-8", "surrogateescape"))
        offset = before + len(text[begin:end].encode("utf-8", "surrogateescape"))
        at = end
        if isinstance(found, dict):
            yield found, before, offset


def _rest_is_frame(data: bytes, end: int) -> bool:
    return re.fullmatch(rb"[\s,\]]*", data[end : end + 4096]) is not None


def _batch(lines: Lines, rows: pl.DataFrame, name: str, lost: Sequence[str]) -> Batch:
    """The rows at their lines, and what the other lines are."""
    role = np.full(len(lines), LEFT, np.uint8)
    if rows.height:
        first, last = (
            np.searchsorted(lines.start, rows[edge].to_numpy(), side="right") - 1 for edge in ("begin", "end")
        )
        inside = np.zeros(len(lines) + 1, np.int64)
        np.add.at(inside, first, 1)
        np.add.at(inside, last + 1, -1)
        role[np.cumsum(inside)[:-1] > 0] = CONTINUATION
        role[first] = RECORD
        rows = rows.with_columns(line=pl.Series(lines.number[first]), offset=pl.col("begin") + lines.base)
    left = lines.pick(role == LEFT)
    frame = left.text.str.contains(_FRAME) if len(left) else pl.Series([], dtype=pl.Boolean)
    role[np.flatnonzero(role == LEFT)[frame.to_numpy()]] = MARKER
    unparsed = left.pick(~frame.to_numpy()) if len(left) else left
    return Batch(
        records(rows) if rows.height else NO_ROWS,
        pl.DataFrame({"line": pl.Series(unparsed.number).cast(pl.UInt32), "text": unparsed.text}),
        lines=len(lines) + rows.height - int((role == RECORD).sum()),
        continuation=int((role == CONTINUATION).sum()),
        markers=int((role == MARKER).sum()),
        facts=Facts(lost=tuple(lost)),
        formats=(name,) if rows.height else (),
    )


JSON_DOCUMENT = JsonDocument(
    "json", "JSON array or objects over several lines",
    (
        Sample('[{"time":"2025-11-04T03:00:45Z","level":"error","msg":"one"},\n'
               ' {"time":"2025-11-04T03:00:46Z","msg":"two"}, {"time":1762225247.5,"msg":"three"}]\n',
               {"stamp": ["2025-11-04T03:00:45", "2025-11-04T03:00:46", "2025-11-04T03:00:47.5"],
                "stamp_kind": "utc", "priority": [3, None, None], "message": ["one", "two", "three"],
                "line": [1, 2, 2]}),
        Sample('{\n  "Site": "Home",\n  "shardSecret": "x",\n  "text": [\n    "[WAN1] of [gateway:x] is down.\\r"\n'
               '  ],\n  "Controller": "Omada Controller_000001",\n  "timestamp": 1762225245877\n}\n',
               {"stamp": "2025-11-04T03:00:45.877", "program": "omada-controller", "line": 1,
                "message": "[WAN1] of [gateway:x] is down."}),
        Sample('{\n  "Event": {\n    "System": {\n      "Provider": {"#attributes": {"Name": "e1rexpress"}},\n'
               '      "EventID": 27,\n      "Level": 3,\n'
               '      "TimeCreated": {"#attributes": {"SystemTime": "2026-03-14T09:15:29.25Z"}},\n'
               '      "Computer": "pc1"\n    },\n    "EventData": {"Data": "Network link is disconnected."}\n  }\n'
               "}\n",
               {"stamp": "2026-03-14T09:15:29.25", "host": "pc1", "program": "e1rexpress", "priority": 4,
                "message": "event 27: Data=Network link is disconnected."}),
    ),
)  # fmt: skip

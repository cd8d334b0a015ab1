"""JSON objects spread over lines, or in one array: what web pages and programming interfaces save.

Like ``json_lines``, but an object ends where it ends, not where its line does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from logcorr.parsers.engine.base import CONTINUATION, LEFT, MARKER, NO_ROWS, RECORD, Batch, Sample, records
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.formats import json_lines
from logcorr.schema import Facts

_BETWEEN: Final = re.compile(r"[\s,\[\]]*")
_FRAME: Final = r"^[\s,\[\]]*$"
_BEGINS: Final = re.compile(rb"\s*(?:\[\s*\{|\{\s*\n)")
_TIMES: Final = re.compile(rb'"(?:' + "|".join(map(re.escape, json_lines.TIMES)).encode() + rb')"\s*:')
_CUT_OFF: Final = Facts(lost=("the JSON is damaged, or ends in the middle of an object",))
_DECODER: Final = json.JSONDecoder(parse_float=str)


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A ``Parser`` that takes a whole input."""

    id: str
    title: str
    samples: tuple[Sample, ...]

    def sniff(self, head: bytes) -> float:
        """Likely where an array of objects begins, or an object over several lines, and a time has a name."""
        return 0.85 if _BEGINS.match(head) and _TIMES.search(head) else 0.0

    def parse(self, data: bytes, *, first_line: int = 1, first_offset: int = 0) -> Batch:
        """Read the objects that carry a time; lines of others are unparsed."""
        lines = split(data, first_line=first_line, first_offset=first_offset)
        found = list(_objects(data.decode("utf-8", "surrogateescape")))
        names = json_lines.KEYS
        columns = {name: [_text(each.get(name)) for each, _, _ in found] for name in names}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String())).with_columns(
            begin=pl.Series([begin for _, begin, _ in found], dtype=pl.Int64),
            end=pl.Series([end for _, _, end in found], dtype=pl.Int64),
            webhook=pl.Series(["Controller" in each for each, _, _ in found], dtype=pl.Boolean),
            at=pl.int_range(len(found)),
        )
        rows = json_lines.rows(frame).filter(pl.col("stamp").is_not_null()) if found else frame
        return _batch(lines, rows, self.id, whole=not found or _rest_is_frame(data, found[-1][2]))


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


def _text(value: object) -> str | None:
    """A value as text that is UTF-8: several joined by newlines, an object as JSON."""
    if isinstance(value, list):
        return "\n".join(text for text in map(_text, value) if text is not None)
    text = value if isinstance(value, str) or value is None else json.dumps(value)
    return text if text is None or text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _rest_is_frame(data: bytes, end: int) -> bool:
    return re.fullmatch(rb"[\s,\]]*", data[end : end + 4096]) is not None


def _batch(lines: Lines, rows: pl.DataFrame, name: str, *, whole: bool) -> Batch:
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
        facts=Facts() if whole else _CUT_OFF,
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
    ),
)  # fmt: skip

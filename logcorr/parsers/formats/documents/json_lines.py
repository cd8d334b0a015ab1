"""JSON lines of any program, and one that has a shape of its own: Omada's webhook.

Which key holds what is told by its name; a line without a time that can be read is left to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.dialect import placed, text_cut
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import json_names, json_values
from logcorr.parsers.formats.documents import log_stores
from logcorr.schema import Facts

_HEAD_LINES: Final = 200
_OMADA: Final = '"Controller"'


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The ``LineParser`` for one JSON object per line."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (r"\{ ?\"",)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines in the head that are objects with a time."""
        if b'{"' not in head.data and b'{ "' not in head.data:
            return 0.0
        lines = split(head.data).head(_HEAD_LINES)
        return 0.9 * float((self.take(lines).role == RECORD).sum()) / len(lines) if len(lines) else 0.0

    def take(self, lines: Lines) -> LineMatches:
        """The objects that carry a time."""
        role = np.full(len(lines), LEFT, np.uint8)
        index = np.union1d(lines.having(b'{"'), lines.having(b'{ "'))
        if not len(index):
            return LineMatches(NO_ROWS, role)
        text = lines.text.gather(index) if len(index) < len(lines) else lines.text
        frame = json_values.decode(text, json_names.KEYS, lines.together(index)).with_columns(
            at=pl.Series(index), webhook=text.str.contains(_OMADA, literal=True)
        )
        found = rows(frame.filter("valid"), text if frame["valid"].all() else text.filter(frame["valid"]))
        found = found.filter(pl.col("stamp").is_not_null())
        parts, facts = [records(placed(found, lines))], Facts()
        if found.height < len(index):
            stored, facts = _stored(text, pl.Series(index), found["at"])
            parts += [records(placed(stored, lines))] if stored.height else []
            role[stored["at"].to_numpy()] = RECORD
        role[found["at"].to_numpy()] = RECORD
        return LineMatches(
            pl.concat(parts).sort("line", maintain_order=True) if len(parts) > 1 else parts[0], role, facts
        )

    def cut(self, data: bytes) -> int:
        """Before the last line that is not indented."""
        return text_cut(data)


def _stored(text: pl.Series, at: pl.Series, known: pl.Series) -> tuple[pl.DataFrame, Facts]:
    """The records in lines that are no records themselves, but a log store's answers; and what these leave out."""
    some = ~at.is_in(known.implode()) & text.str.contains_any(list(log_stores.MARKS))
    found: list[log_stores.Record] = []
    places: list[int] = []
    lost: list[str] = []
    for place, line in zip(at.filter(some), text.filter(some), strict=True):
        value = json_values.load(line)
        stored = list(log_stores.entries(value, strict=True))
        found += stored
        places += [place] * len(stored)
        lost += filter(None, [log_stores.incomplete(value, len(stored))])
    rows = of_objects(found, pl.Series(places, dtype=pl.Int64))
    return rows.filter(pl.col("stamp").is_not_null()), Facts(lost=tuple(lost))


def of_objects(found: Sequence[log_stores.Record], at: pl.Series) -> pl.DataFrame:
    """As ``rows``, from objects that have been read already."""
    found = [json_values.utf8(one) for one in found]
    columns = {name: [json_values.plain(one.get(name)) for one in found] for name in json_names.KEYS}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(json_names.KEYS, pl.String()))
    hooks = pl.Series("webhook", ["Controller" in one and "text" in one for one in found], dtype=pl.Boolean)
    line = pl.Series([json_values.plain(one) for one in found], dtype=pl.String)
    return rows(frame.with_columns(hooks, at=at), line)


def rows(frame: pl.DataFrame, line: pl.Series) -> pl.DataFrame:
    """Columns of schema.RECORDS from columns ``json_names.KEYS`` (String), ``webhook`` (maybe Omada's) and ``at``.

    ``line`` is the whole object as text: what of it has no name of its own is the message of a record without one.
    """
    frame = frame.select(column for column in frame.iter_columns() if column.null_count() < len(column))
    if not frame.height:
        return pl.DataFrame(schema={"stamp": pl.Datetime("us"), "at": pl.Int64()})
    frame = frame.with_columns(json_names.time(frame).get_columns())
    frame = frame.with_columns(**json_names.named(frame))
    silent = (frame["message"] == "").arg_true()
    if len(silent):
        frame = frame.with_columns(frame["message"].scatter(silent, json_names.rest(line.gather(silent))))
    return _webhook(frame) if frame["webhook"].any() else frame


def _webhook(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per text of an Omada controller's webhook; its shared secret goes no further."""
    if not {"text", "Controller"} <= set(frame.columns):
        return frame
    mine = pl.col("webhook") & pl.col("text").is_not_null() & pl.col("Controller").is_not_null()
    texts = pl.col("text").str.replace_all("\r", "", literal=True).str.split("\n")
    hooks = frame.filter(mine).with_columns(message=texts, program=pl.lit("omada-controller")).explode("message")
    return pl.concat([frame.filter(~mine), hooks]).sort("at", maintain_order=True)


JSON_LINES = JsonLines(
    "json-lines", "JSON lines",
    (
        Sample('{"level":"error","ts":1762225245.75,"logger":"http.log","msg":"no upstream","pid":7}\n'
               '{"severity":"WARNING","@timestamp":"2025-11-04T03:00:45","message":"slow","host":"web1","app":"api"}\n',
               {"stamp": ["2025-11-04T03:00:45.75", "2025-11-04T03:00:45"], "stamp_kind": ["utc", "local"],
                "priority": [3, 4], "program": ["http.log", "api"], "pid": [7, None], "host": [None, "web1"],
                "message": ["no upstream", "slow"]}),
        Sample('{"Site":"Home","description":"This is a webhook message from Omada Controller","shardSecret":"x",'
               '"text":["[WAN1] of [gateway:00-00-5E-00-53-01] is down.\\r",'
               '"[gateway:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline.\\r"],'
               '"Controller":"Omada Controller_000001","timestamp":1762225245877}\n',
               {"stamp": "2025-11-04T03:00:45.877", "stamp_kind": "utc", "program": "omada-controller",
                "host": "Omada Controller_000001",
                "message": ["[WAN1] of [gateway:00-00-5E-00-53-01] is down.",
                            "[gateway:00-00-5E-00-53-01]: The online detection result of [WAN1] was offline."]}),
        Sample('{"time":"2026-03-14T09:15:29Z","level":"INFO","msg":"","err":"dial tcp 192.0.2.30:5432: i/o '
               'timeout"}\n',
               {"stamp": "2026-03-14T09:15:29", "message": "dial tcp 192.0.2.30:5432: i/o timeout"}),
    ),
)  # fmt: skip

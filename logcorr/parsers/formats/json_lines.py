"""JSON lines of any program, and one that has a shape of its own: Omada's webhook.

Which key holds what is told by its name; a line without a time that can be read is left to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from logcorr.parsers.engine.base import LEFT, NO_ROWS, RECORD, Batch, Sample, Taken, records
from logcorr.parsers.engine.blocks import batch
from logcorr.parsers.engine.dialect import placed, text_cut
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import json_values, stamps
from logcorr.parsers.fields.levels import level

TIMES: Final = (
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "datetime",
    "date",
    "t",
    "eventTime",
    "asctime",
    "Timestamp",
    "Time",
)
MESSAGES: Final = ("message", "msg", "log", "MESSAGE", "Message", "event", "description", "text", "error")
LEVELS: Final = ("level", "severity", "lvl", "levelname", "log.level", "priority", "Level")
PROGRAMS: Final = (
    "program",
    "app",
    "service",
    "SYSLOG_IDENTIFIER",
    "syslog_identifier",
    "logger",
    "name",
    "component",
    "source",
)
HOSTS: Final = ("hostname", "host", "_HOSTNAME", "host.name", "Controller")
PIDS: Final = ("pid", "process_id", "_PID")
#: Who printed the line, where a container's log was shipped, and by which of its streams.
CONTAINERS: Final = ("container_name", "container", "CONTAINER_NAME", "kubernetes.container_name", "container.name")
STREAM: Final = "stream"
_GROUPS: Final = (TIMES, MESSAGES, LEVELS, PROGRAMS, HOSTS, PIDS, CONTAINERS, (STREAM,))
#: Every name that is asked for.
KEYS: Final = tuple(dict.fromkeys(key for group in _GROUPS for key in group))

_ISO: Final = (
    r"^(?P<date>[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,](?P<fraction>[0-9]{1,9}))?)"
    r" ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$"
)
_EPOCH: Final = r"^(?P<seconds>[0-9]{10})(?:\.?(?P<fraction>[0-9]{1,9}))?$"
#: bunyan and pino count upwards in tens.
_NUMBERS: Final = {"10": 7, "20": 7, "30": 6, "40": 4, "50": 3, "60": 2}
_HEAD_LINES: Final = 200
_OMADA: Final = '"Controller"'


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The ``LineParser`` for one JSON object per line."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (r"\{ ?\"",)

    def sniff(self, head: bytes) -> float:
        """The share of lines in the head that are objects with a time."""
        if b'{"' not in head and b'{ "' not in head:
            return 0.0
        lines = split(head).head(_HEAD_LINES)
        return 0.9 * float((self.take(lines).role == RECORD).sum()) / len(lines) if len(lines) else 0.0

    def take(self, lines: Lines) -> Taken:
        """The objects that carry a time."""
        role = np.full(len(lines), LEFT, np.uint8)
        index = np.union1d(lines.having(b'{"'), lines.having(b'{ "'))
        if not len(index):
            return Taken(NO_ROWS, role)
        text = lines.text.gather(index) if len(index) < len(lines) else lines.text
        frame = json_values.decode(text, KEYS, lines.together(index)).with_columns(
            at=pl.Series(index), webhook=text.str.contains(_OMADA, literal=True)
        )
        found = rows(frame.filter("valid"))
        found = found.filter(pl.col("stamp").is_not_null())
        role[found["at"].to_numpy()] = RECORD
        return Taken(records(placed(found, lines)), role)

    def cut(self, data: bytes) -> int:
        """Before the last line that is not indented."""
        return text_cut(data)

    def parse(self, data: bytes, *, first_line: int = 1, first_offset: int = 0) -> Batch:
        """Read one block of whole lines."""
        return batch(split(data, first_line=first_line, first_offset=first_offset), (self,))


def rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of schema.RECORDS from columns ``KEYS`` (String), ``webhook`` (maybe Omada's) and ``at`` (the order)."""
    time = frame.select(pl.coalesce(TIMES)).to_series()
    stamped = moment(time)
    word = pl.coalesce(LEVELS)
    number = word.replace_strict(list(_NUMBERS), list(_NUMBERS.values()), default=None, return_dtype=pl.UInt8)
    frame = frame.with_columns(stamped.get_columns()).with_columns(
        host=pl.coalesce(HOSTS),
        program=pl.coalesce(PROGRAMS),
        pid=pl.coalesce(PIDS).cast(pl.Int64, strict=False),
        priority=pl.coalesce(level(word), number),
        message=pl.coalesce(*MESSAGES, pl.lit("")).str.strip_chars_end("\r\n"),
    )
    printed = pl.col(STREAM).is_in(["stdout", "stderr"]) | pl.any_horizontal(pl.col(CONTAINERS).is_not_null())
    if frame.select(printed.any()).item():
        frame = frame.with_columns(
            program=pl.coalesce("program", *CONTAINERS),
            origin=pl.when(printed.fill_null(value=False)).then(pl.lit("container")).otherwise(pl.lit("text")),
        )
    return _webhook(frame) if frame["webhook"].any() else frame


def _webhook(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per text of an Omada controller's webhook; its shared secret goes no further."""
    mine = pl.col("webhook") & pl.col("text").is_not_null() & pl.col("Controller").is_not_null()
    texts = pl.col("text").str.replace_all("\r", "", literal=True).str.split("\n")
    hooks = frame.filter(mine).with_columns(message=texts, program=pl.lit("omada-controller")).explode("message")
    return pl.concat([frame.filter(~mine), hooks]).sort("at", maintain_order=True)


def moment(text: pl.Series) -> pl.DataFrame:
    """Columns ``stamp``, ``stamp_kind``, ``resolution`` from times as programs write them: ISO or epoch (s to ns)."""
    iso = text.str.extract_groups(_ISO).struct.unnest()
    date = iso["date"].str.replace_many(["/", ",", " "], ["-", ".", "T"])
    local = stamps.utc(stamps.wall(date, stamps.ISO[:1]), iso["zone"])
    digits = text.str.extract_groups(_EPOCH).struct.unnest()
    epoch = stamps.epoch(digits["seconds"], digits["fraction"])
    fraction = pl.select(pl.coalesce(iso["fraction"], digits["fraction"])).to_series()
    return pl.select(
        stamp=pl.coalesce(local["stamp"], epoch),
        stamp_kind=pl.when(epoch.is_not_null()).then(pl.lit("utc")).otherwise(local["stamp_kind"]),
        resolution=stamps.resolution(fraction),
    )


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
    ),
)  # fmt: skip

"""Containers' logs, whose long lines come in chunks that become one record: Docker's json-file and the CRI's text.

Docker cuts a line every 16 KiB, and of the chunks only the last ends in a newline (moby: daemon/logger/copier.go). A
CRI runtime marks chunks ``P`` and the last one ``F``. Those of standard output and standard error may alternate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import CONTINUATION, LEFT, NO_ROWS, RECORD, LineMatches, Sample, Turn, records
from logcorr.parsers.engine.dialect import Dialect, placed, text_cut
from logcorr.parsers.engine.head import Head, share
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import json_values
from logcorr.parsers.fields.levels import leading
from logcorr.parsers.fields.moments import moment
from logcorr.parsers.fields.syslog_parts import CLOCK, FRACTION, ZONE, iso_time

_NEAR: Final = 100  # lines between two chunks of one line, at most
_WINDOW: Final = 8 << 20  # bytes at the end of a block in which a place to cut is looked for
_CRI: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE} (?P<stream>stdout|stderr) "
    r"(?P<flag>[PF])(?::[^ ]*)?(?: |$)"
)
#: ``kubectl get events`` with absolute times: time, namespace (with -A), type, reason, object, message.
_EVENT: Final = (
    rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{CLOCK}{FRACTION}){ZONE} +(?:[a-z0-9][a-z0-9.-]* +)?"
    r"(?P<level>Normal|Warning) +(?P<reason>[A-Z][A-Za-z]+) +(?P<object>[a-z][a-z0-9.]*/\S+) +"
)
_CHUNK: Final = r"^\S{20,35} (?P<stream>stdout|stderr) (?P<flag>[PF])"
_DOCKER: Final = b'{"log":"'
_DOCKER_STREAM: Final = r'"stream":"(?P<stream>stdout|stderr)"'
_DOCKER_LAST: Final = r'\n","stream":"'


@dataclass(frozen=True, slots=True)
class Chunked:
    """The ``LineParser`` of a log in chunks.

    ``read`` makes of lines those that are chunks: columns of schema.RECORDS, and ``at``, ``stream``, ``open`` (more is
    to come). ``look`` says the latter two of text alone, null for what is no chunk.
    """

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...]
    weight: float
    read: Callable[[Lines], pl.DataFrame]
    look: Callable[[pl.Series], pl.DataFrame]
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines that carry the header."""
        return self.weight * share(self.headers, head)

    def take(self, lines: Lines) -> LineMatches:
        """The chunks among ``lines``, joined."""
        role = np.full(len(lines), LEFT, np.uint8)
        chunks = self.read(lines)
        if not chunks.height:
            return LineMatches(NO_ROWS, role)
        at = chunks["at"].to_numpy()
        first = first_chunks(chunks["stream"], chunks["open"].to_numpy(), lines.number[at])
        role[at] = np.where(first == np.arange(len(at)), RECORD, CONTINUATION)
        whole = chunks.with_columns(first=pl.Series(first))
        if (role == CONTINUATION).any():
            whole = whole.with_columns(pl.col("message").str.join("").over("first")).unique(
                "first", maintain_order=True
            )
        text = pl.col("message").str.strip_chars_end("\r\n")
        whole = whole.with_columns(message=text, priority=leading(text))
        return LineMatches(records(placed(whole, lines), "container"), role)

    def cut(self, data: bytes) -> int:
        """Where no line is left open on either stream."""
        end = text_cut(data)
        begin = data.find(b"\n", max(0, end - _WINDOW), end) + 1 if end > _WINDOW else 0
        lines = split(data[begin:end])
        seen = self.look(lines.text)
        known = seen["stream"].is_not_null().to_numpy()
        at, chunks = np.flatnonzero(known), seen.filter(pl.Series(known))
        first = first_chunks(chunks["stream"], chunks["open"].to_numpy(), at)
        inside = np.zeros(len(lines) + _NEAR + 2, np.int64)  # per place before a line: in how many open ones it lies
        last = np.where(chunks["open"].to_numpy(), at + _NEAR, at)
        np.add.at(inside, at[first] + 1, 1)
        np.add.at(inside, last + 1, -1)
        good = np.flatnonzero(np.cumsum(inside)[: len(lines) + 1] == 0)
        good = good[good > (_NEAR if begin else 0)]
        if not len(good):
            return 0
        return end if good[-1] == len(lines) else begin + int(lines.start[good[-1]])


def first_chunks(stream: pl.Series, more: NDArray[np.bool_], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each chunk the position of the first one of its line: those of one stream follow one another."""
    first = np.arange(len(line))
    for name in stream.unique().drop_nulls():
        mine = np.flatnonzero((stream == name).to_numpy())
        begins = np.ones(len(mine), np.bool_)
        begins[1:] = ~(more[mine[:-1]] & (np.diff(line[mine]) <= _NEAR))
        first[mine] = mine[np.maximum.accumulate(np.where(begins, np.arange(len(mine)), 0))]
    return first


def _read_cri(lines: Lines) -> pl.DataFrame:
    found = _LINES.rows(_CRI, lines.text, np.full(len(lines), LEFT, np.uint8))
    return pl.DataFrame() if found is None else found.with_columns(open=pl.col("flag") == "P")


def _look_cri(text: pl.Series) -> pl.DataFrame:
    return text.str.extract_groups(_CHUNK).struct.unnest().select("stream", open=pl.col("flag") == "P")


_LINES: Final = Dialect("cri", "", (_CRI,), iso_time, ())


def _event(frame: pl.DataFrame) -> pl.DataFrame:
    """Of the node that an event is about; the message as that of an event listed as JSON."""
    node = frame["object"].str.extract("^nodes?/(.+)$")
    return iso_time(frame).with_columns(
        host=node,
        program=pl.lit("kubernetes"),
        priority=pl.col("level").replace_strict({"Warning": 4, "Normal": 6}, return_dtype=pl.UInt8),
        message=pl.format("{} {}: {}", "object", "reason", "message"),
    )


def _read_docker(lines: Lines) -> pl.DataFrame:
    index = lines.having(_DOCKER)
    if not len(index):
        return pl.DataFrame()
    text = lines.text.gather(index)
    found = json_values.decode(text, ("log", "stream", "time")).with_columns(at=pl.Series(index))
    found = found.filter(pl.col("valid") & pl.col("log").is_not_null() & pl.col("stream").is_in(["stdout", "stderr"]))
    found = found.with_columns(moment(found["time"]).get_columns()).filter(pl.col("stamp").is_not_null())
    return found.rename({"log": "message"}).with_columns(open=~pl.col("message").str.ends_with("\n"))


def _look_docker(text: pl.Series) -> pl.DataFrame:
    last = text.str.contains(_DOCKER_LAST, literal=True)
    return text.str.extract_groups(_DOCKER_STREAM).struct.unnest().with_columns(open=~last)


CRI = Chunked(
    "cri", "container runtime (CRI) log",
    (
        Sample("2025-11-04T04:00:45.669794202+01:00 stderr F probe failed\n",
               {"stamp": "2025-11-04T03:00:45.669794", "stamp_kind": "utc", "message": "probe failed",
                "program": None}),
        Sample("2025-11-04T03:00:45.1Z stdout P part one, \n2025-11-04T03:00:45.2Z stderr F ERROR: between\n"
               "2025-11-04T03:00:45.3Z stdout P part two, \n2025-11-04T03:00:45.4Z stdout F end\n"
               "2025-11-04T03:00:45.5Z stdout F next\n",
               {"line": [1, 2, 5], "message": ["part one, part two, end", "ERROR: between", "next"],
                "priority": [None, 3, None]}),
        Sample("2026-03-14T09:15:29.250000000Z stdout F listening on :8080\n"
               "2026-03-14T09:15:29.260000000Z stderr F dial tcp: i/o timeout\n",
               {"stamp": ["2026-03-14T09:15:29.25", "2026-03-14T09:15:29.26"],
                "message": ["listening on :8080", "dial tcp: i/o timeout"]}),
    ),
    (_CRI,), 0.96, _read_cri, _look_cri,
)  # fmt: skip

DOCKER = Chunked(
    "docker-json", "Docker json-file log",
    (
        Sample('{"log":"probe failed\\n","stream":"stdout","time":"2025-11-04T03:00:45.20764059Z"}\n',
               {"stamp": "2025-11-04T03:00:45.20764", "stamp_kind": "utc", "resolution": 1, "message": "probe failed"}),
        Sample('{"log":"part one, ","stream":"stdout","attrs":{"tag":"x"},"time":"2025-11-04T03:00:45.1Z"}\n'
               '{"log":"ERROR: between\\r\\n","stream":"stderr","time":"2025-11-04T03:00:45.2Z"}\n'
               '{"log":"end\\n","stream":"stdout","time":"2025-11-04T03:00:45.3Z"}\n'
               '{"log":"torn","stream":"stdout","time":"2025-11-04T03:00:45.4Z"}\n',
               {"line": [1, 2, 4], "message": ["part one, end", "ERROR: between", "torn"],
                "priority": [None, 3, None]}),
        Sample('{"log":"dial tcp: i/o timeout\\n","stream":"stderr","attrs":{"tag":"api"},"time":"2026-03-14T0'
               '9:15:29.25Z"}\n',
               {"stamp": "2026-03-14T09:15:29.25", "message": "dial tcp: i/o timeout"}),
    ),
    (r'\{"log":"',), 0.95, _read_docker, _look_docker,
)  # fmt: skip

EVENTS = Dialect(
    "kubernetes-events", "kubectl get events, with absolute times", (_EVENT,), _event, weight=0.97, narrow=True,
    samples=(
        Sample("2026-03-14T10:15:29+01:00   shop      Warning   Evicted     pod/cart-7d9f   The node was low on "
               "resource: ephemeral-storage.\n"
               "2026-03-14T10:15:40+01:00   default   Normal    NodeHasDiskPressure   node/worker-3   Node worker-3 "
               "status is now: NodeHasDiskPressure\n",
               {"stamp": ["2026-03-14T09:15:29", "2026-03-14T09:15:40"], "stamp_kind": "utc", "program": "kubernetes",
                "host": [None, "worker-3"], "priority": [4, 6],
                "message": ["pod/cart-7d9f Evicted: The node was low on resource: ephemeral-storage.",
                            "node/worker-3 NodeHasDiskPressure: Node worker-3 status is now: NodeHasDiskPressure"]}),
        Sample("2025-11-04T03:00:45Z   Warning   FailedScheduling   pod/api-0   0/3 nodes are available.\n",
               {"stamp": "2025-11-04T03:00:45", "priority": 4,
                "message": "pod/api-0 FailedScheduling: 0/3 nodes are available."}),
    ),
)  # fmt: skip

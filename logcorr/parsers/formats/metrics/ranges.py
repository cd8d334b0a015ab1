"""Series of time and value as Prometheus and its kin answer and export them.

``/api/v1/query_range`` and ``/api/v1/query`` of Prometheus, Thanos, Mimir and VictoriaMetrics (``resultType`` matrix or
vector), and the lines of VictoriaMetrics' ``/api/v1/export``. References: Prometheus docs/querying/api.md ("Expression
query result formats"), VictoriaMetrics docs ("How to export data in JSON line format").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import NO_ROWS, Batch, Sample
from logcorr.parsers.engine.head import Head
from logcorr.parsers.engine.lines import split
from logcorr.parsers.fields import json_values, stamps
from logcorr.parsers.formats.metrics.points import points, whole, word
from logcorr.schema import Facts

_RANGE: Final = re.compile(rb'"resultType"\s*:\s*"(?:matrix|vector)"')
_EXPORT: Final = re.compile(rb'\s*\{\s*"metric"\s*:\s*\{[^{}]*\}\s*,\s*"values"\s*:\s*\[')
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_BLANK: Final = re.compile(r"\s*")
_CUT_OFF: Final = "the JSON is damaged, or ends in the middle of an object"
#: Points to which a server holds a series: 11,000 (Prometheus web/api/v1/api.go, ``query_range``).
_MILLISECONDS: Final = 1_000
#: Labels that tell the machine, and the port behind its name.
_HOSTS: Final = ("instance", "host", "hostname", "node", "nodename", "server")
_PORT: Final = re.compile(r":[0-9]{1,5}$")
#: Labels that say through whom a series came, and nothing of what it is of.
_ROUTE: Final = frozenset(
    ("__name__", "job", "prometheus", "cluster", "env", "environment", "datacenter", "dc", "region")
)
#: Labels that alone tell what a series is of.
_THINGS: Final = ("device", "interface", "ifName", "ifDescr", "mountpoint", "target", "mode", "cpu", "service", "name")
#: Metrics of a prober: what it probes is not where it runs.
_PROBES: Final = re.compile(r"^(?:probe_|smokeping_|ping_|icmp_|mtr_)")


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ``WholeParser`` of series, which takes a whole input."""

    id: str
    title: str
    samples: tuple[Sample, ...]

    def sniff(self, head: Head) -> float:
        """Beyond doubt where an answer says that it is a matrix or vector, or an export begins."""
        found = _RANGE.search(head.data) or _EXPORT.match(head.data)
        return 0.99 if found and head.data.lstrip()[:1] == b"{" else 0.0

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read every series. What follows damaged JSON is unparsed."""
        lines = split(data, first_offset=first_offset)
        text = data.decode("utf-8", "surrogateescape")
        parts: list[pl.DataFrame] = []
        used = 0
        for value, begin, end in _objects(text):
            used = end
            at = int(np.searchsorted(lines.start, len(text[:begin].encode("utf-8", "surrogateescape")), "right")) - 1
            parts += [_frame(labels, pairs, at) for labels, pairs in _series(json_values.utf8(value))]
        rest = text[used:].strip()
        found = pl.concat([part for part in parts if part.height]) if any(map(len, parts)) else None
        after = int(np.searchsorted(lines.start, len(text[:used].encode("utf-8", "surrogateescape")), "left"))
        numbers = pl.DataFrame({"line": pl.Series(lines.number), "text": lines.text})
        left = numbers.slice(after) if found is not None else numbers
        left = left.filter(pl.col("text").str.strip_chars() != "") if rest or found is None else left.clear()
        rows = NO_ROWS
        if found is not None:
            places = found["at"]
            found = found.with_columns(
                line=pl.Series(lines.number).gather(places), offset=pl.Series(lines.start).gather(places) + lines.base
            )
            rows = points(found, "prometheus").sort("stamp", maintain_order=True)
        left = left.filter(~pl.col("line").is_in(rows["line"].cast(left["line"].dtype).implode()))
        return whole(lines, rows, left, self.id, Facts(lost=(_CUT_OFF,) if rest else ()))


def _objects(text: str) -> Iterator[tuple[object, int, int]]:
    at = 0
    while True:
        begin = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
        try:
            value, at = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        yield value, begin, at


def _series(value: object) -> Iterator[tuple[Mapping[str, str], list[tuple[str, str]]]]:
    """Labels, and times (seconds) with values, of each series in one answer or exported line."""
    told = value if isinstance(value, Mapping) else {}
    data = told.get("data")
    found = data.get("result") if isinstance(data, Mapping) else [told]
    for one in found if isinstance(found, list) else []:
        labels = one.get("metric") if isinstance(one, Mapping) else None
        if not isinstance(labels, Mapping):
            continue
        known = {str(name): str(label) for name, label in labels.items()}
        times = one.get("timestamps")
        if isinstance(times, list) and isinstance(one.get("values"), list):
            yield known, [(_seconds(time), str(number)) for time, number in zip(times, one["values"], strict=False)]
        else:
            pairs = one.get("values") or ([one["value"]] if "value" in one else [])
            yield known, [(str(pair[0]), str(pair[1])) for pair in _pairs(pairs)]


def _pairs(value: object) -> list[Sequence[Any]]:
    return [one for one in value if isinstance(one, list) and len(one) == 2] if isinstance(value, list) else []


def _seconds(time: object) -> str:
    """Milliseconds as seconds with a fraction."""
    digits = str(time)
    return f"{digits[:-3]}.{digits[-3:]}" if digits.isdigit() and len(digits) > len("1000") else digits


def _frame(labels: Mapping[str, str], pairs: Sequence[tuple[str, str]], at: int) -> pl.DataFrame:
    name = word(labels.get("__name__", "value"))
    host, thing = _whose(labels, name)
    parts = pl.Series([time for time, _ in pairs], dtype=pl.String).str.extract_groups(
        r"^(?P<whole>[0-9]{1,11})(?:\.(?P<part>[0-9]{1,9}))?$"
    )
    whole_, part = parts.struct.unnest().get_columns()
    return pl.DataFrame(
        {"at": pl.repeat(at, len(pairs), eager=True), "stamp": stamps.epoch(whole_, part)},
    ).with_columns(
        stamp_kind=pl.lit("utc"),
        resolution=stamps.resolution(part),
        host=pl.lit(host, pl.String),
        thing=pl.lit(thing),
        told=pl.Series([f"{name} {number}" for _, number in pairs], dtype=pl.String),
    )


def _whose(labels: Mapping[str, str], name: str) -> tuple[str | None, str]:
    """The machine that a series is from, and the thing there that it is of."""
    where = next((labels[one] for one in _HOSTS if labels.get(one)), None)
    plain = _PORT.sub("", where) if where else None
    if _PROBES.match(name):
        return None, labels.get("target") or where or "?"
    things = [labels[one] for one in _THINGS if labels.get(one)]
    if not things:
        things = [label for one, label in labels.items() if one not in _ROUTE and one not in _HOSTS and label]
    return plain, " ".join(things[:3]) or where or "system"


_HEAD: Final = '{"status":"success","data":{"resultType":"matrix","result":['
RANGES: Final = Ranges(
    "prometheus", "answers of Prometheus (query_range), exports of VictoriaMetrics",
    (
        Sample(_HEAD + '{"metric":{"__name__":"node_network_receive_errs_total","device":"eno1","instance":"srv1:9100",'
               '"job":"node"},"values":[[1773493801,"5"],[1773493861.5,"812"]]}]}}\n',
               {"stamp": ["2026-03-14T13:10:01", "2026-03-14T13:11:01.5"], "stamp_kind": "utc", "host": "srv1",
                "about": "eno1", "program": "prometheus", "transport": "metric",
                "message": ["eno1: node_network_receive_errs_total 5", "eno1: node_network_receive_errs_total 812"]}),
        Sample('{"metric":{"__name__":"probe_success","instance":"192.0.2.7:443","job":"blackbox"},"values":[1,0],'
               '"timestamps":[1773493801000,1773493816000]}\n',
               {"stamp": ["2026-03-14T13:10:01", "2026-03-14T13:10:16"], "host": None,
                "message": ["192.0.2.7 443: probe_success 1", "192.0.2.7 443: probe_success 0"]}),
        Sample('{\n  "status": "success",\n  "data": {\n    "resultType": "vector",\n    "result": [\n      {\n'
               '        "metric": {"__name__": "up", "instance": "srv1:9100"},\n        "value": [1773493801.25, "0"]\n'
               "      }\n    ]\n  }\n}\n",
               {"stamp": "2026-03-14T13:10:01.25", "resolution": 10_000, "line": 1, "message": "srv1 9100: up 0"}),
    ),
)  # fmt: skip

"""What sadf(1) prints: a database's lines (``-d``), lines for awk (``-p``) and JSON (``-j``).

Times are UTC, unless ``-T`` makes them local ones or ``-U`` seconds since the epoch.
References: sadf(1), sysstat rndr_stats.c, json_stats.c.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, Final

import numpy as np
import polars as pl

from logcorr.dataclass import dataclass
from logcorr.parsers.engine.base import LEFT, MARKER, NO_ROWS, RECORD, Batch, LineMatches, Sample, Turn
from logcorr.parsers.engine.dialect import text_cut
from logcorr.parsers.engine.head import Head, share
from logcorr.parsers.engine.lines import Lines, split
from logcorr.parsers.fields import json_values
from logcorr.parsers.fields.moments import moment
from logcorr.parsers.formats.metrics.points import format_points, points, subject, whole, word
from logcorr.schema import Facts

_WHEN: Final = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?: [A-Z]{2,5})?|[0-9]{10})"
_HOST: Final = r"[A-Za-z0-9_.-]+"
_TITLE: Final = r"# hostname;interval;timestamp;"
_DATABASE: Final = rf"(?P<host>{_HOST});(?P<every>-?[0-9]{{1,20}});(?P<time>{_WHEN});(?P<rest>.*)$"
_AWK: Final = (
    rf"(?P<host>{_HOST})\t(?P<every>-?[0-9]{{1,20}})\t(?P<time>{_WHEN})\t(?P<thing>[^\t]+)\t(?P<metric>[^\t]+)"
    r"(?:\t(?P<value>[^\t]*))?$"
)
#: Columns and keys that name what the others are of.
_NAMES: Final = frozenset((
    "IFACE", "CPU", "DEV", "TTY", "INTR", "BUS", "FAN", "TEMP", "IN", "FILESYSTEM", "MOUNTPOINT", "DEVICE", "FCHOST",
    "iface", "cpu", "dev", "disk-device", "tty", "line", "intr", "number", "device", "filesystem", "mountpoint",
    "fchost", "label",
))  # fmt: skip
_DEEPEST: Final = 6
_STAMPS: Final = re.compile(rb'"timestamp"\s*:\s*\{')


@dataclass(frozen=True, slots=True)
class Sadf:
    """The ``LineParser`` of ``sadf -d`` and ``sadf -p``."""

    id: str
    title: str
    samples: tuple[Sample, ...]
    headers: tuple[str, ...] = (_TITLE, _DATABASE, _AWK)
    turn: Turn = Turn.EXACT

    def sniff(self, head: Head) -> float:
        """The share of lines that are a title or begin with host, interval and time."""
        return 0.98 * share(self.headers, head)

    def take(self, lines: Lines) -> LineMatches:
        """Lines below a title, and those that name their metric."""
        role = np.full(len(lines), LEFT, np.uint8)
        text = lines.text
        offset = pl.Series(lines.start) + lines.base
        frame = pl.DataFrame({"line": pl.Series(lines.number), "offset": offset, "text": text})
        frame = frame.with_columns(
            at=pl.int_range(pl.len()), title=pl.when(text.str.starts_with(_TITLE)).then(text).forward_fill()
        )
        role[text.str.starts_with(_TITLE).to_numpy()] = MARKER
        parts = [_database(frame), _awk(frame)]
        found = pl.concat([part for part in parts if part.height], how="diagonal") if any(map(len, parts)) else None
        if found is None:
            return LineMatches(NO_ROWS, role)
        when = moment(found["time"])
        rows = points(found.with_columns(when.get_columns()), "sar")
        rows = rows.sort("line", maintain_order=True)
        role[np.isin(lines.number, rows["line"].to_numpy())] = RECORD
        return LineMatches(rows, role)

    def cut(self, data: bytes) -> int:
        """Before the last title; in what has none, before the last line."""
        return data.rfind(b"\n# hostname;") + 1 or text_cut(data)


def _groups(frame: pl.DataFrame, pattern: str) -> pl.DataFrame:
    mine = frame.filter(pl.col("text").str.contains(f"^{pattern}"))
    return pl.concat([mine, mine["text"].str.extract_groups(f"^{pattern}").struct.unnest()], how="horizontal")


def _database(frame: pl.DataFrame) -> pl.DataFrame:
    found = _groups(frame, _DATABASE).with_columns(cells=pl.col("rest").str.split(";"))
    said = pl.col("rest").str.contains(r"^(?:LINUX-RESTART|COM )")
    parts = [found.filter(said).with_columns(thing=pl.lit("sar"), told="rest")]
    for (title,), part in found.filter(~said).group_by("title"):
        names = str(title).split(";")[3:] if title else []
        rows = part.filter(pl.col("cells").list.len() == len(names)) if names else part.clear()
        if rows.height:
            cells = [pl.col("cells").list.get(at) for at in range(len(names))]
            parts.append(rows.with_columns(**_thing_and_told(names, cells)))
    return pl.concat([part.drop("cells") for part in parts], how="diagonal")


def _thing_and_told(names: Sequence[str], cells: Sequence[pl.Expr]) -> dict[str, pl.Expr]:
    things = [cell for name, cell in zip(names, cells, strict=True) if name in _NAMES]
    if "CPU" in names:
        things[0] = pl.concat_str(pl.lit("cpu "), things[0].replace("-1", "all"))
    rest = [(name, cell) for name, cell in zip(names, cells, strict=True) if name not in _NAMES]
    return {
        "thing": pl.concat_str(things, separator=" ") if things else pl.lit(subject(names[0])),
        "told": format_points([name for name, _ in rest], [cell for _, cell in rest]),
    }


def _awk(frame: pl.DataFrame) -> pl.DataFrame:
    found = _groups(frame, _AWK)
    nameless = pl.col("thing") == "-"
    restart = pl.col("value").is_null()
    metric = pl.col("metric")
    subjects = {name: subject(name) for name in found["metric"].unique()}
    of = metric.replace_strict(list(subjects), list(subjects.values()), return_dtype=pl.String, default="system")
    return found.with_columns(
        thing=pl.when(restart).then(pl.lit("sar")).when(nameless).then(of).otherwise("thing"),
        told=pl.when(restart).then(pl.col("thing") + " " + metric).otherwise(metric + " " + pl.col("value")),
    )


@dataclass(frozen=True, slots=True)
class SadfJson:
    """The ``WholeParser`` of ``sadf -j``, which takes a whole input."""

    id: str
    title: str
    samples: tuple[Sample, ...]

    def sniff(self, head: Head) -> float:
        """Beyond doubt where sysstat's object begins."""
        return 0.99 if re.match(rb'\s*\{\s*"sysstat"\s*:\s*\{', head.data) else 0.0

    def parse(self, data: bytes, *, first_offset: int = 0) -> Batch:
        """Read all statistics and restarts. Damaged JSON is unparsed."""
        lines = split(data, first_offset=first_offset)
        everything = pl.DataFrame({"line": pl.Series(lines.number), "text": lines.text})
        try:
            value = json.loads(data.decode("utf-8", "surrogateescape"), parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            return whole(lines, NO_ROWS, everything, self.id, Facts(lost=("the JSON is damaged, or ends too early",)))
        starts = [int(np.searchsorted(lines.start, one.start(), side="right")) - 1 for one in _STAMPS.finditer(data)]
        found = list(_statistics(json_values.utf8(value), starts))
        if not found:
            return whole(lines, NO_ROWS, everything, self.id)
        frame = pl.DataFrame(found, schema=["at", "host", "time", "thing", "told"], orient="row").with_columns(
            line=pl.Series(lines.number).gather([one[0] for one in found]),
            offset=pl.Series(lines.start).gather([one[0] for one in found]) + lines.base,
        )
        when = moment(frame["time"])
        return whole(lines, points(frame.with_columns(when.get_columns()), "sar"), everything.clear(), self.id)


def _statistics(value: object, starts: Sequence[int]) -> Iterator[tuple[int, str, str, str, str]]:
    at = count()
    for host in _list(_object(_object(value).get("sysstat")).get("hosts")):
        name = str(_object(host).get("nodename") or "")
        for one in _list(_object(host).get("statistics")):
            line = next(islice(starts, next(at), None), 0)
            time = _time(_object(one).get("timestamp"))
            for thing, text in _things(one, 0):
                yield line, name, time, thing, text
        for one in _list(_object(host).get("restarts")):
            yield 0, name, _time(_object(one).get("boot")), "sar", "LINUX-RESTART"


def _time(value: object) -> str:
    told_ = _object(value)
    zone = str(told_.get("tz") or ("UTC" if told_.get("utc") in ("1", 1) else ""))
    return f"{told_.get('date')} {told_.get('time')} {zone}".strip()


def _things(value: object, depth: int) -> Iterator[tuple[str, str]]:
    """Each object within that holds numbers: what it is of, and its metrics."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        numbers = {name: one for name, one in value.items() if isinstance(one, str) and name not in _NAMES}
        if numbers and depth:
            names = [str(one) for name, one in value.items() if name in _NAMES]
            prefix = "cpu " if "cpu" in value else ""
            thing = prefix + " ".join(names) if names else subject(next(iter(numbers)))
            yield thing, ", ".join(f"{word(name)} {one}" for name, one in numbers.items())
        for name, one in value.items():
            if name != "timestamp":
                yield from _things(one, depth + 1)
    for one in _list(value):
        yield from _things(one, depth + 1)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


SADF: Final = Sadf(
    "sadf", "sadf -d and sadf -p",
    (
        Sample("# hostname;interval;timestamp;IFACE;rxerr/s;txerr/s\n"
               "srv1;600;2026-03-14 13:10:01 UTC;eno1;0.00;0.00\nsrv1;600;2026-03-14 13:20:01 UTC;eno1;812.50;0.00\n",
               {"stamp": ["2026-03-14T13:10:01", "2026-03-14T13:20:01"], "stamp_kind": "utc", "host": "srv1",
                "about": "eno1", "program": "sar", "line": [2, 3],
                "message": ["eno1: rxerr/s 0.00, txerr/s 0.00", "eno1: rxerr/s 812.50, txerr/s 0.00"]}),
        Sample("srv1\t600\t2026-03-14 13:10:01 UTC\teno1\trxerr/s\t0.00\n"
               "srv1\t600\t2026-03-14 13:10:01 UTC\t-\t%memused\t75.00\n"
               "srv1\t-1\t2026-03-14 13:11:01 UTC\tLINUX-RESTART\t(4 CPU)\n",
               {"stamp": ["2026-03-14T13:10:01", "2026-03-14T13:10:01", "2026-03-14T13:11:01"], "line": [1, 2, 3],
                "message": ["eno1: rxerr/s 0.00", "system: %memused 75.00", "sar: LINUX-RESTART (4 CPU)"]}),
        Sample("# hostname;interval;timestamp;CPU;%user;%steal;%idle\nsrv1;600;1773493801;-1;1.00;45.00;54.00\n",
               {"stamp": "2026-03-14T13:10:01", "message": "cpu all: %user 1.00, %steal 45.00, %idle 54.00"}),
    ),
)  # fmt: skip
_ONE: Final = (
    '{"sysstat": {\n\t"hosts": [\n\t\t{\n\t\t\t"nodename": "srv1",\n\t\t\t"number-of-cpus": 4,\n\t\t\t"statistics": [\n'
    '\t\t\t\t{\n\t\t\t\t\t"timestamp": {"date": "2026-03-14", "time": "13:10:01", "tz": "UTC", "interval": 600},\n'
)
_END: Final = '\t\t\t\t}\n\t\t\t],\n\t\t\t"restarts": [\n\t\t\t]\n\t\t}\n\t]\n}}\n'
SADF_JSON: Final = SadfJson(
    "sadf-json", "sadf -j",
    (
        Sample(_ONE + '\t\t\t\t\t"network": {\n\t\t\t\t\t\t"net-edev": [\n\t\t\t\t\t\t\t'
               '{"iface": "eno1", "rxerr": 0.00, "txerr": 0.50}\n\t\t\t\t\t\t]\n\t\t\t\t\t}\n' + _END,
               {"stamp": "2026-03-14T13:10:01", "stamp_kind": "utc", "host": "srv1", "about": "eno1", "line": 8,
                "message": "eno1: rxerr 0.00, txerr 0.50"}),
        Sample(_ONE + '\t\t\t\t\t"memory": {"memfree": 4066192, "avail": 5791704, "memused": 2354884, '
               '"memused-percent": 28.91}\n' + _END,
               {"message": "memory: memfree 4066192, avail 5791704, memused 2354884, memused-percent 28.91"}),
        Sample(_ONE + '\t\t\t\t\t"cpu-load": [\n\t\t\t\t\t\t'
               '{"cpu": "all", "user": 0.47, "steal": 45.00, "idle": 54.00}\n'
               "\t\t\t\t\t]\n" + _END.replace("[\n\t\t\t]", '[\n\t\t\t\t{\n\t\t\t\t\t"boot": {"date": "2026-03-14", '
                                              '"time": "13:00:01", "tz": "UTC", "cpu_count": 4}\n\t\t\t\t}\n\t\t\t]'),
               {"stamp": ["2026-03-14T13:10:01", "2026-03-14T13:00:01"],
                "message": ["cpu all: user 0.47, steal 45.00, idle 54.00", "sar: LINUX-RESTART"]}),
    ),
)  # fmt: skip

"""Cases from the log itself: one stretch in which the rule matches, and the same stretch moved so that it does not.

Hosts are renamed; everything else in the lines is as it was logged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from logcorr.dataclass import dataclass
from logcorr.schema import Timeline
from logcorr.textsafe import visible

#: Formats whose lines syslog's ISO form repeats without loss; other records are written as journal entries.
_PLAIN: Final = re.compile(r"(?:journal|syslog)[a-z0-9-]*\Z")
_TAG: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,40}\Z")
_MARGIN: Final = timedelta(seconds=30)

COLUMNS: Final = ("time", "host", "program", "pid", "unit", "message", "message_id", "about", "source")


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a case, at the time that the case gives it."""

    record: dict[str, Any]
    time: datetime


def records(timeline: Timeline, rows: Sequence[int]) -> list[dict[str, Any]]:
    """These rows of the timeline, in the order given."""
    frame = timeline.frame.select(COLUMNS)
    return [frame.row(row, named=True) for row in rows]


def case_log(lines: Sequence[Line], timeline: Timeline) -> str:
    """The lines as one log, with a line of each host before and after them, so that none of the logs ends early."""
    hosts = list(dict.fromkeys(line.record["host"] for line in lines))
    alias = {host: f"host{number}" for number, host in enumerate(hosts, start=1)}
    ordered = sorted(lines, key=lambda line: line.time)
    as_journal = any(_needs_journal(line.record, timeline) for line in lines)
    write = _entry if as_journal else _syslog
    edges = [(ordered[0].time - _MARGIN, "the log begins"), (ordered[-1].time + _MARGIN, "the log ends")]
    around = [
        [Line({"host": host, "program": "case", "message": says}, time) for host in hosts] for time, says in edges
    ]
    return "\n".join(write(line, alias) for line in (*around[0], *ordered, *around[1]))


def presentable(lines: Sequence[Line]) -> bool:
    """Whether nothing in the messages acts on whatever shows them."""
    return all(visible(line.record["message"], 10_000) == line.record["message"] for line in lines)


def _needs_journal(record: dict[str, Any], timeline: Timeline) -> bool:
    source = record["source"]
    form = timeline.inputs[source].format if source < len(timeline.inputs) else None
    plain = _PLAIN.match(form or "") and _TAG.match(record["program"] or "")
    message = record["message"]
    return not plain or bool(record["message_id"] or record["about"]) or "#0" in message or message != message.strip()


def _syslog(line: Line, alias: dict[str | None, str]) -> str:
    record = line.record
    pid = f"[{record['pid']}]" if record.get("pid") is not None else ""
    stamp = line.time.isoformat(timespec="microseconds")
    return f"{stamp} {alias[record['host']]} {record['program']}{pid}: {record['message']}"


def _entry(line: Line, alias: dict[str | None, str]) -> str:
    """As ``journalctl -o json`` has it."""
    record = line.record
    micros = (line.time - datetime(1970, 1, 1, tzinfo=line.time.tzinfo)) // timedelta(microseconds=1)
    about = record.get("about")
    fields = {
        "__REALTIME_TIMESTAMP": str(micros),
        "_HOSTNAME": alias[record["host"]],
        "SYSLOG_IDENTIFIER": record["program"],
        "_PID": None if record.get("pid") is None else str(record["pid"]),
        "_SYSTEMD_UNIT": record.get("unit"),
        ("UNIT" if "." in (about or "") else "INTERFACE"): about,
        "MESSAGE_ID": record.get("message_id"),
        "MESSAGE": record["message"],
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None}, ensure_ascii=False)

"""What projects themselves say of their sample lines: when they were written."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

#: Times are asserted to the second.
_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_EVERY: Final = 100  # of loghub's lines, one in so many is asked for
_BEFORE: Final = 20  # lines before it that are read with it


@dataclass(frozen=True, slots=True)
class Asserted:
    """A line, and the time that its project reads from it."""

    name: str
    text: str
    time: datetime
    modified: datetime  # what dates a line without year
    zone: str = "UTC"
    disputed: str = ""  # why the assertion is not what the line says
    line: int = 0  # of several lines, the one that is meant; 0: any


#: fail2ban's assertions that are not what their lines say: file, a part of the line, and what it says.
_DISPUTED: Final = (
    ("3proxy", "+0300", "the zone in the line is left out of the assertion"),
    ("apache-botsearch", "2013]", "the line says 2013, the assertion 2014"),
    ("cowrie", "Z", "the line is in UTC, the assertion takes it for local time"),
    ("dovecot", "@4000", "TAI64N counts the leap seconds that the assertion does not"),
    ("selinux-ssh", "msg=audit(", "seconds since the epoch, to which the assertion adds summer time twice"),
    ("squirrelmail", "10/06/2013", "day and month may be either; the log of this line alone does not tell"),
)


def nothing(_: Path) -> Iterator[Asserted]:
    """A corpus that asserts no times."""
    yield from ()


def fail2ban(folder: Path) -> Iterator[Asserted]:
    """``# failJSON: {"time": ...}`` stands before a line; the tests run in Zurich on 14 August 2005."""
    now, zone = datetime(2005, 8, 14, 10, 0, tzinfo=UTC), ZoneInfo("Europe/Zurich")
    for path in sorted((folder / "fail2ban/tests/files/logs").rglob("*")):
        said: dict[str, object] = {}
        for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
            if line.startswith("# failJSON:"):
                said = json.loads(line.partition(":")[2])
            elif line.strip() and not line.startswith("#"):
                time, said = said.get("time"), {}
                if isinstance(time, str):
                    wall = datetime.strptime(time.partition(".")[0], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
                    doubt = next((why for name, part, why in _DISPUTED if path.name == name and part in line), "")
                    yield Asserted(path.name, line, wall.astimezone(UTC), now, str(zone), doubt)


_ENRICHED: Final = re.compile(
    r'results\["s02-enrich"\]\["crowdsecurity/dateparse-enrich"\]\[(?P<n>\d+)\]\.Evt\.'
    r'(?P<what>Parsed\["message"\]|Enriched\["MarshaledTime"\]|Meta\["datasource_path"\]) == (?P<value>".*")'
)

#: crowdsec's assertions leave out zones, and take another of several times.
_ZONED: Final = re.compile(r"[0-9] ?[+-][0-9]{2}:?[0-9]{2}\b|\btz=")
_NO_ZONE: Final = "the zone in the line is left out of the assertion"
_OTHER_TIMES: Final = {
    "aws-alb-logs": "the line has a second time, which is the one asserted",
    "envoy-logs": "the object in the line has a time of its own, when the request began",
    "fastly-logs": "the object in the line has a time of its own, when the request began",
    "webmin-logs": "the line's zone is not stated",
    "immich-logs": "day and month may be either; the log of this line alone does not tell",
}


def crowdsec(folder: Path) -> Iterator[Asserted]:
    """``parser.assert`` has the message and the time of each line that was parsed, where the line holds a year."""
    for path in sorted(folder.glob(".tests/*/parser.assert")):
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for one in _ENRICHED.finditer(path.read_text("utf-8", "replace")):
            try:
                found[one["n"]][one["what"]] = json.loads(one["value"])
            except ValueError:
                continue
        lines = [line for log in sorted(path.parent.glob("*.log")) for line in _lines(log)]
        for said in found.values():
            time, message = said.get('Enriched["MarshaledTime"]', ""), said.get('Parsed["message"]', "")
            mine = [line for line in lines if message and message in line]
            if len(mine) == 1 and len(time) > len("2006-01-02T15:04:05") and time[:4] in mine[0]:
                when = datetime.fromisoformat(time).astimezone(UTC)
                doubt = _OTHER_TIMES.get(path.parent.name, _NO_ZONE if _ZONED.search(mine[0]) else "")
                yield Asserted(path.parent.name, mine[0], when, when + _DAY, disputed=doubt)


def napalm(folder: Path) -> Iterator[Asserted]:
    """``yang.json`` has date and time of ``syslog.msg`` as they stand in it."""
    for path in sorted(folder.glob("tests/config/*/*/*/yang.json")):
        try:
            said = json.loads(path.read_text())
            text = path.with_name("syslog.msg").read_text()
        except (ValueError, OSError):
            continue
        details = said.get("message_details", {})
        when = _when(f"{details.get('date', '')} {details.get('time', '')}".strip())
        if when:
            year = re.search(r"\b20[0-9]{2}\b", text)
            when = when.replace(year=int(year[0]) if year else when.year)
            yield Asserted("/".join(path.parts[-4:-1]), text, when, when + _DAY)


def _when(text: str) -> datetime | None:
    text = re.sub(r"(\.[0-9]{1,6})[0-9]*", r"\1", re.sub(r"\s+", " ", text))
    for known in ("%Y %b %d %H:%M:%S", "%Y %b %d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"):
        for year in ("", "2024 "):
            try:
                return datetime.strptime(year + text, known).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


_LOGHUB: Final = {
    "Android": ("%m-%d %H:%M:%S.%f", "{Date} {Time}"), "Apache": ("%a %b %d %H:%M:%S %Y", "{Time}"),
    "BGL": ("epoch", "{Timestamp}"), "HDFS": ("%y%m%d %H%M%S", "{Date} {Time}"),
    "HPC": ("epoch", "{Time}"), "Hadoop": ("%Y-%m-%d %H:%M:%S,%f", "{Date} {Time}"),
    "HealthApp": ("%Y%m%d-%H:%M:%S:%f", "{Time}"), "Linux": ("%b %d %H:%M:%S", "{Month} {Date} {Time}"),
    "Mac": ("%b %d %H:%M:%S", "{Month} {Date} {Time}"), "OpenSSH": ("%b %d %H:%M:%S", "{Date} {Day} {Time}"),
    "OpenStack": ("%Y-%m-%d %H:%M:%S.%f", "{Date} {Time}"), "Proxifier": ("%m.%d %H:%M:%S", "{Time}"),
    "Spark": ("%y/%m/%d %H:%M:%S", "{Date} {Time}"), "Thunderbird": ("epoch", "{Timestamp}"),
    "Windows": ("%Y-%m-%d %H:%M:%S", "{Date} {Time}"), "Zookeeper": ("%Y-%m-%d %H:%M:%S,%f", "{Date} {Time}"),
}  # fmt: skip


def loghub(folder: Path) -> Iterator[Asserted]:
    """The structured table beside each log has its date and time in columns."""
    for name, (known, columns) in _LOGHUB.items():
        log, table = folder / name / f"{name}_2k.log", folder / name / f"{name}_2k.log_structured.csv"
        if not (log.is_file() and table.is_file()):
            continue
        lines = _lines(log)
        with table.open(encoding="utf-8", errors="replace") as file:
            for row in list(csv.DictReader(file))[::_EVERY]:
                when = _structured(known, columns.format(**row))
                if when:
                    at = int(row["LineId"]) - 1
                    some = lines[max(0, at - _BEFORE) : at + 1]
                    yield Asserted(f"{name}:{at + 1}", "\n".join(some), when, when + _DAY, line=len(some))


def _structured(known: str, said: str) -> datetime | None:
    try:
        if known == "epoch":
            return datetime.fromtimestamp(int(said), UTC)
        dated = "%Y" in known or "%y" in known
        text, form = (said, known) if dated else (f"2024 {said}", f"%Y {known}")
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines()

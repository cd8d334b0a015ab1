"""mtr(8)'s report as text and as JSON: the loss and round-trip times of every hop.

A router on the way may leave probes unanswered and forward all the same; only what is lost at the last hop is lost. So
the last hop is told once more, as a run of ping. References: mtr ui/report.c (``report_close``, ``json_close``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from logcorr.dataclass import dataclass
from logcorr.parsers.formats.snapshots.counters import pairs, word
from logcorr.parsers.formats.snapshots.moments import SECOND, Moment, moment_of
from logcorr.parsers.formats.snapshots.sections import Context, Reading, Statement, Tool

_START: Final = re.compile(r"^Start: (?P<time>\S.{5,60}?)\s*$")
_HEAD: Final = re.compile(r"^HOST: +(?P<host>\S+)\s+(?P<names>\S.*?)\s*$")
_HOP: Final = re.compile(r"^ *(?P<hop>[0-9]{1,3})[.:]? ?\|?-{2} +(?:AS\S+ +)?(?P<rest>\S.*?)\s*$")
_MORE: Final = re.compile(r"^ +(?:\|  |[|`]?-{0,2} ?)\S")  # further routers at that hop, MPLS labels
_TIMES: Final = {"Last": "last", "Avg": "avg", "Best": "best", "Wrst": "worst", "StDev": "deviation"}
_LONGEST: Final = 5000  # lines of JSON; at most 30 hops of a dozen


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop as measured. ``sent`` and ``loss`` are 0 where the report leaves them out."""

    at: int
    number: int
    host: str
    values: Mapping[str, str]

    @property
    def sent(self) -> int:
        """Probes sent to it."""
        value = self.values.get("Snt", "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    @property
    def loss(self) -> float:
        """Per cent of them without an answer."""
        value = self.values.get("Loss%", "").rstrip("%")
        return float(value) if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,4})?", value) else 0.0


def statements(hops: Sequence[Hop], moment: Moment | None, target: str | None = None) -> list[Statement]:
    """What a report states: each hop, and the last as that of a run of ping. A probe is sent each second."""
    if not hops:
        return []
    lasts = max(hop.sent for hop in hops)
    moment = moment.at_least(max(lasts, 1) * SECOND) if moment else None
    told = []
    for hop in hops:
        items = [("sent", hop.sent), ("lost-percent", f"{hop.loss:.1f}")]
        items += [(name, hop.values[column]) for column, name in _TIMES.items() if column in hop.values]
        text = f"hop {hop.number} of {hops[-1].number} {word(hop.host)}: {pairs(items)}"
        told.append(Statement(hop.at, text, hop.host, moment=moment))
    last = hops[-1]
    name = word(last.host if target is None or last.host != "???" else target)
    answered = round(last.sent * (100 - last.loss) / 100)
    text = f"ping {name}: sent {last.sent}, answered {answered}, lost-percent {last.loss:.1f}"
    return [*told, Statement(last.at, text, name, moment=moment)]


def _read_text(lines: Sequence[str], start: int, context: Context) -> Reading:
    begun = _START.match(lines[start])
    moment = (moment_of(begun["time"]) if begun else None) or context.moment
    at = start + (begun is not None)
    head = _HEAD.match(lines[at]) if at < len(lines) else None
    if not head:
        return Reading(start)
    names = head["names"].split()
    hops: list[Hop] = []
    end = at + 1
    while end < len(lines):
        found = _HOP.match(lines[end])
        if found:
            *host, values = found["rest"].split(maxsplit=1)
            cells = values.split()[-len(names) :]
            host_words = [*host, *values.split()[: -len(names)]]
            hops.append(Hop(end, int(found["hop"]), host_words[0] if host_words else "???",
                            dict(zip(names, cells, strict=False))))  # fmt: skip
        elif not (hops and _MORE.match(lines[end])):
            break
        end += 1
    return Reading(end, statements(hops, moment), moment=moment, host=head["host"])


def _read_json(lines: Sequence[str], start: int, context: Context) -> Reading:
    stop = min(len(lines), start + _LONGEST)
    end = next((at for at in range(start, stop) if lines[at].startswith("}")), stop) + 1
    if end > stop or not any('"report"' in line for line in lines[start : start + 2]):
        return Reading(start)
    try:
        told = orjson.loads("\n".join(lines[start:end]))
    except orjson.JSONDecodeError:
        return Reading(start)
    report = _object(_object(told, "report"), "mtr")
    hubs = told["report"].get("hubs") if report else None
    if not isinstance(hubs, list):
        return Reading(start)
    hops = [_hub(lines, start, end, number, hub) for number, hub in enumerate(hubs, 1) if isinstance(hub, dict)]
    source = report.get("src")
    return Reading(
        end,
        statements(hops, context.moment, str(report.get("dst") or "?")),
        host=source if isinstance(source, str) else None,
    )


def _hub(lines: Sequence[str], start: int, end: int, number: int, hub: Mapping[str, Any]) -> Hop:
    host = str(hub.get("host") or "???")
    at = next((at for at in range(start, end) if f'"{host}"' in lines[at] and '"host"' in lines[at]), start)
    return Hop(at, number, host, {name: str(value) for name, value in hub.items()})


def _object(told: object, name: str) -> Mapping[str, Any]:
    value = told.get(name) if isinstance(told, Mapping) else None
    return value if isinstance(value, Mapping) else {}


MTR: Final = Tool("mtr", r"(?:Start: \S|HOST: +\S+\s+Loss%)", _read_text)
MTR_JSON: Final = Tool("mtr", r"\{\s*$|\{ ?\"report\": ?\{", _read_json)

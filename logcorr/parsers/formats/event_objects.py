"""Windows' events and audit records as JSON objects, as plain records.

Windows events as tools write them that read event logs (``{"Event": {"System": ..., "EventData": ...}}``: the names of
the event schema, attributes as ``#attributes`` or ``@``); Linux audit records as laurel joins them (``ID``: seconds
since the epoch and a number). References: "Event Schema" in Windows' documentation, laurel's README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Record = dict[str, Any]

_AUDIT: Final = re.compile(r"^(?P<time>1[0-9]{9}\.[0-9]{3}):[0-9]+$")
#: Levels of the event schema.
_LEVELS: Final = {"1": "critical", "2": "error", "3": "warning", "4": "info", "5": "debug"}
_MOST: Final = 40  # pairs of data in a message


def windows(value: Record) -> Iterator[Record] | None:
    """One event of Windows."""
    event = _object(value.get("Event"))
    system = _object(event.get("System"))
    created = _attribute(system.get("TimeCreated"), "SystemTime")
    if not created:
        return None
    number = system.get("EventID")
    number = number.get("#text", number.get("text")) if isinstance(number, Mapping) else number
    data = _object(event.get("EventData")) or _object(next(iter(_object(event.get("UserData")).values()), None))
    pairs = [f"{name}={one}" for name, one in data.items() if isinstance(one, str | int | float) and one != ""]
    rendered = _object(event.get("RenderingInfo")).get("Message")
    text = rendered if isinstance(rendered, str) else " ".join(pairs[:_MOST])
    return iter([{
        "time": created,
        "host": system.get("Computer"),
        "program": _attribute(system.get("Provider"), "Name"),
        "pid": _attribute(system.get("Execution"), "ProcessID"),
        "level": _LEVELS.get(str(system.get("Level"))),
        "message": f"event {number}: {text}".strip(": "),
    }])  # fmt: skip


def audit(value: Record) -> Iterator[Record] | None:
    """One joined record of Linux's audit."""
    number = value.get("ID")
    found = _AUDIT.match(number) if isinstance(number, str) else None
    kinds = [name for name, one in value.items() if name.isupper() and name != "ID" and isinstance(one, dict | list)]
    if not found or not kinds:
        return None
    first = value[kinds[0]]
    pairs = _object(first if isinstance(first, dict) else next(iter(first), None))
    told = " ".join(f"{name}={one}" for name, one in pairs.items() if isinstance(one, str | int | float))
    return iter([{
        "time": found["time"], "host": value.get("NODE"), "program": "audit", "message": f"type={kinds[0]} {told}",
    }])  # fmt: skip


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _attribute(value: object, name: str) -> str | None:
    """An attribute of an element, however it is written."""
    holder = _object(value)
    found = _object(holder.get("#attributes")).get(name, holder.get(f"@{name}", holder.get(name)))
    return None if found is None else str(found)

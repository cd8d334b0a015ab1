"""What a row must say, worked out from an entry's fields one by one."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  stamps are without zone


def row(entry: Mapping[str, Sequence[bytes]]) -> dict[str, object]:
    """The columns of ``schema.RECORDS`` that follow from the fields alone (not line, offset and trusted)."""
    cursor = dict(part.split("=", 1) for part in entry["__CURSOR"][0].decode().split(";"))
    received, sent = int(entry["__REALTIME_TIMESTAMP"][0]), _integer(_first(entry, "_SOURCE_REALTIME_TIMESTAMP"))
    stamp = sent if sent is not None and 0 < sent < 1 << 55 else received
    priority = _first(entry, "PRIORITY")
    return {
        "stamp": _EPOCH + timedelta(microseconds=stamp),
        "stamp_kind": "utc",
        "resolution": 1,
        "received": None,
        "boot": entry["_BOOT_ID"][0].decode(),
        "monotonic": int(entry["__MONOTONIC_TIMESTAMP"][0]),
        "seqnum": int(cursor["i"], 16),
        "seqnum_id": cursor["s"],
        "host": _first(entry, "_HOSTNAME"),
        "program": _first(entry, "SYSLOG_IDENTIFIER", "_COMM"),
        "unit": _first(entry, "_SYSTEMD_UNIT"),
        "pid": _integer(_first(entry, "_PID", "SYSLOG_PID")),
        "priority": int(priority) if priority and re.fullmatch("[0-7]", priority) else None,
        "transport": _first(entry, "_TRANSPORT"),
        "message": "\n".join(map(_text, entry.get("MESSAGE", []))),
        "message_id": _first(entry, "MESSAGE_ID"),
        "about": _first(entry, "UNIT", "USER_UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "INTERFACE"),
        "repeat": 1,
    }


def _first(entry: Mapping[str, Sequence[bytes]], *names: str) -> str | None:
    return next((_text(entry[name][0]) for name in names if name in entry), None)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,18}", text) else None

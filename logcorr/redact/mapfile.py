"""The map from labels to what they stand for: kept apart from the report, for its owner alone (mode 0600)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from logcorr.errors import InputError, OutputError
from logcorr.redact.labels import Labels

SCHEMA = "logcorr.redaction-map/1"
_PRIVATE = 0o600
_OTHERS = 0o077
_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>\d+)")


def load(path: Path) -> Labels:
    """The labels of an earlier run; empty where there is no file yet.

    Raises InputError where the file is no map, or where others may read it.
    """
    if not path.exists():
        return Labels()
    try:
        others = path.stat().st_mode & _OTHERS
        named = _named(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("is no redaction map", location=str(path), hint="name a new file, or one of ours") from error
    if others:
        raise InputError("others may read this map", location=str(path), hint=f"chmod 600 {path}")
    labels = Labels(named=named)
    for label in named.values():
        found = _NUMBERED.fullmatch(label)
        if found:
            stem, number = found["stem"], int(found["number"])
            labels.numbers[stem] = max(number, labels.numbers.get(stem, 0))
    return labels


def _named(told: Any) -> dict[tuple[str, str], str]:  # noqa: ANN401 - whatever the file holds
    """Labels by kind and value. Raises KeyError, TypeError or ValueError where ``told`` is no map."""
    if told["schema"] != SCHEMA:
        raise ValueError(told["schema"])
    return {(str(entry["kind"]), str(entry["value"])): str(entry["label"]) for entry in told["labels"]}


def save(labels: Labels, path: Path) -> None:
    """Write the map, readable by its owner alone, whole or not at all. No secret is ever in it. Raises OutputError."""
    rows = [{"label": label, "kind": kind, "value": value} for (kind, value), label in labels.named.items()]
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"schema": SCHEMA, "labels": rows}, file, ensure_ascii=False, indent=1)
            file.write("\n")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {error.strerror}", location=str(path)) from error

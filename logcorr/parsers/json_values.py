"""JSON objects, one per line, to String columns: at full speed, and exactly where values are not plain strings.

journald writes a field as a string, as an array of integers (bytes that are no printable text), as an array (the field
occurs several times), or as null (4096 bytes or more, exported without ``-a``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import orjson
import polars as pl

_BYTE: Final = 255

#: An escaped UTF-16 surrogate. Polars reads half a pair as NUL, where the line is no JSON text (RFC 8259, section 8.2).
_SURROGATE: Final = r"\\u[dD][89a-fA-F]"


def decode(
    text: Callable[[], pl.Series],
    count: int,
    names: Sequence[str],
    data: bytes | None = None,
    *,
    single: Collection[str] = (),
) -> pl.DataFrame:
    """Columns ``names`` (String) of ``count`` objects in ``text``, and ``valid``: whether the line is one JSON object.

    ``data`` are the same lines as bytes, where they lie together; ``text`` is then asked for only if it must be. Of
    several values of a name in ``single`` the first counts; else they are joined by newlines.
    """
    if data is None:
        data = (text().str.join("\n").item() or "").encode()
    frame = _fast(data, count, names)
    if frame is None:
        return _exact(text(), names, single)
    # Polars writes an array or object out as text; only the line itself can tell that from a string
    columns = []
    for name in names:
        rows = frame[name].str.contains(r"^[\[{]").fill_null(value=False).arg_true()
        if len(rows):
            exact = _exact(text().gather(rows), [name], single)[name]
            columns.append(frame[name].scatter(rows, exact))
    frame = frame.with_columns(columns)
    if b"\\ud" not in data and b"\\uD" not in data:
        return frame
    rows = text().str.contains(_SURROGATE).arg_true()
    return _replaced(frame, rows, _exact(text().gather(rows), names, single))


def _replaced(frame: pl.DataFrame, rows: pl.Series, by: pl.DataFrame) -> pl.DataFrame:
    return frame.select(column.scatter(rows, by[column.name]) for column in frame.iter_columns())


def _fast(data: bytes, count: int, names: Sequence[str]) -> pl.DataFrame | None:
    try:
        frame = pl.read_ndjson(data, schema=dict.fromkeys(names, pl.String()))
    except pl.exceptions.PolarsError:
        return None
    return frame.with_columns(valid=pl.lit(value=True)) if frame.height == count else None


def _exact(text: pl.Series, names: Sequence[str], single: Collection[str]) -> pl.DataFrame:
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    valid: list[bool] = []
    for line in text:
        found = _object(line)
        valid.append(found is not None)
        for name, column in columns.items():
            column.append(plain((found or {}).get(name), first=name in single))
    return pl.DataFrame(
        {**columns, "valid": valid}, schema={**dict.fromkeys(names, pl.String()), "valid": pl.Boolean()}
    )


def _object(line: str) -> dict[str, object] | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def plain(value: object, *, first: bool = False) -> str | None:
    """A JSON value as text: bytes decoded, several values joined by newlines (``first``: the first of them alone)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        numbers = [
            item for item in value if isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= _BYTE
        ]
        if value and len(numbers) == len(value):
            return bytes(numbers).decode("utf-8", "backslashreplace")
        texts = [text for text in map(plain, value) if text is not None]
        return "\n".join(texts[:1] if first else texts) if texts else None
    return orjson.dumps(value).decode()

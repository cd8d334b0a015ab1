"""JSON objects, one per line, to String columns: at full speed, and exactly where values are not plain strings.

journald writes a field as a string, as an array of integers (bytes that are no printable text), as an array (the field
occurs several times), or as null (4096 bytes or more, exported without ``-a``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl

_BYTE: Final = 255

#: An escaped UTF-16 surrogate. Polars reads half a pair as NUL, where the line is no JSON text (RFC 8259, section 8.2).
_SURROGATE: Final = r"\\u[dD][89a-fA-F]"
#: An escaped ASCII character, which may be one of a name.
_ASCII: Final = r"\\u00[2-7]"

_HEAD: Final = 200  # lines that tell which names occur
_COLUMN: Final = 20  # bytes that are searched in the time that a missing value takes
_FEW: Final = 64  # lines that are read one by one where some are no JSON
_PARTS: Final = 16  # pieces that more of them are tried in


def decode(
    text: pl.Series, names: Sequence[str], data: bytes | None = None, *, single: Collection[str] = ()
) -> pl.DataFrame:
    """Columns ``names`` (String) of the objects in ``text``, and ``valid``: whether the line is one JSON object.

    ``data`` are the same lines as bytes, where they lie together. Of a name that an object repeats the first value
    counts. Of several values of a name in ``single`` the first counts; else they are joined by newlines.
    """
    present = _present(text, names)
    frame = _columns(text, present, single, data)
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in present)


def _present(text: pl.Series, names: Sequence[str]) -> list[str]:
    """Those ``names`` that may occur, where not asking for the others saves more than it takes to look for them."""
    head = "\n".join(text.head(_HEAD))
    rare = [name for name in names if f'"{name}"' not in head]
    if len(rare) * _HEAD * _COLUMN < len(head):
        return list(names)
    if text.str.contains(_ASCII).any():
        return list(names)
    found = _occurring(text, rare)
    present = [name for name in names if name not in rare or name in found]
    return present or list(names[:1])  # a frame without columns would have no height


def _occurring(text: pl.Series, rare: Sequence[str]) -> set[str]:
    """Those of some names that occur in any line."""
    found: set[str] = set()
    while left := [name for name in rare if name not in found]:
        text = text.filter(text.str.contains_any([f'"{name}"' for name in left]))
        some = "\n".join(text.head(_HEAD))
        new = {name for name in left if f'"{name}"' in some}
        if not new:
            break
        found |= new
    return found


def _columns(text: pl.Series, names: Sequence[str], single: Collection[str], data: bytes | None) -> pl.DataFrame:
    """As ``decode``; where some line is no JSON, the lines around it are read one by one."""
    frame = _fast("\n".join(text).encode() if data is None else data, len(text), names)
    if frame is not None:
        return _mended(frame, text, single)
    if len(text) <= _FEW:
        return _exact(text, names, single)
    size = -(-len(text) // _PARTS)
    parts = (text.slice(low, size) for low in range(0, len(text), size))
    return pl.concat([_columns(part, names, single, None) for part in parts])


def _fast(data: bytes, count: int, names: Sequence[str]) -> pl.DataFrame | None:
    try:
        frame = pl.read_ndjson(data, schema=dict.fromkeys(names, pl.String()))
    except pl.exceptions.PolarsError:
        return None
    return frame.with_columns(valid=pl.lit(value=True)) if frame.height == count else None


def _mended(frame: pl.DataFrame, text: pl.Series, single: Collection[str]) -> pl.DataFrame:
    """``frame`` with what Polars reads otherwise read exactly: arrays, and half a surrogate pair.

    Objects come as JSON text either way.
    """
    names = frame.columns[:-1]
    odd = text.str.contains(_SURROGATE)
    like = frame.select(pl.col(names).str.starts_with("["))
    for column in like.iter_columns():
        if column.any():  # Polars writes arrays out as text; only the line can tell them from a string
            rows = column.arg_true()
            told = text.gather(rows).str.contains(f'"{re.escape(column.name)}"\\s*:\\s*\\[')
            odd = odd.scatter(rows.filter(told), True)
    rows = odd.arg_true()
    if not len(rows):
        return frame
    exact = _exact(text.gather(rows), names, single)
    return frame.select(column.scatter(rows, exact[column.name]) for column in frame.iter_columns())


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
    found = load(line)
    return utf8(found) if isinstance(found, dict) else None


def load(line: str) -> object:
    """A line's value, whatever it is; nothing where the line is no JSON."""
    try:
        return json.loads(line, object_pairs_hook=_first_counts, parse_constant=_no_value)
    except (ValueError, RecursionError):
        return None


def _no_value(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity, which json knows and JSON does not


def utf8(value: Any) -> Any:  # noqa: ANN401  a JSON value
    """A JSON value whose texts are UTF-8: half a surrogate pair, which JSON may escape, is written out as an escape."""
    if isinstance(value, dict):
        return {utf8(name): utf8(one) for name, one in value.items()}
    if isinstance(value, list):
        return [utf8(one) for one in value]
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "backslashreplace").decode()


def _first_counts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


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
    if isinstance(value, float):  # as Polars writes it
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return json.dumps(value, ensure_ascii=False)

"""The part of JSON Schema 2020-12 that the report's schema uses; any other keyword is an error here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
_KEYWORDS = {
    *("type", "enum", "const", "required", "properties", "additionalProperties", "items", "minItems", "maxItems"),
    *("pattern", "anyOf", "allOf", "$ref"),
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Yield what is wrong with ``value``; a key that the schema does not describe is wrong too."""
    unknown = set(schema) - _KEYWORDS - _ANNOTATIONS
    if unknown:
        yield f"{place}: keywords {sorted(unknown)} are beyond this validator"
    if "$ref" in schema:
        yield from faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, place)
    for part in schema.get("allOf", ()):
        yield from faults(value, part, root, place)
    if "anyOf" in schema and all(list(faults(value, part, root, place)) for part in schema["anyOf"]):
        yield f"{place}: {value!r} fits no alternative"
    yield from _simple(value, schema, place)
    if isinstance(value, dict) and "type" in schema:
        yield from _object(value, schema, root, place)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from faults(item, schema["items"], root, f"{place}[{number}]")


def _simple(value: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    if "type" in schema and not _has_type(value, schema["type"]):
        yield f"{place}: {value!r} is not {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{place}: {len(value)} entries"


def _object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], place: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}: no {name}"
    for name, item in value.items():
        if name in properties:
            yield from faults(item, properties[name], root, f"{place}.{name}")
        elif "additionalProperties" in schema:
            yield from faults(item, schema["additionalProperties"], root, f"{place}.{name}")
        else:
            yield f"{place}: {name} is not described"


def _has_type(value: Any, names: str | list[str]) -> bool:
    wanted = [names] if isinstance(names, str) else names
    if isinstance(value, bool):  # which Python takes for an integer
        return "boolean" in wanted
    return any(isinstance(value, _TYPES[name]) for name in wanted)

"""Every string of a report made displayable at once, so that no renderer can miss a field."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from logcorr import textsafe
from logcorr.model import Action, Check, CoverageGap

T = TypeVar("T")


def clean(value: T, limit: int = textsafe.LIMIT) -> T:
    """Return ``value`` with each string in it, however deep, passed through ``textsafe.visible``.

    Numbers that are not finite become None: they are not known, and JSON has no word for them.
    """
    return _clean(value, limit)  # type: ignore[no-any-return]  # the walk keeps every type but cannot say so


def _clean(value: Any, limit: int) -> Any:  # noqa: ANN401 - it walks values of every type
    if isinstance(value, str):
        return textsafe.visible(value.rstrip("\n"), limit)  # a YAML block's last newline is no content
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple):
        items = tuple(_clean(item, limit) for item in value)
        return value if _same(items, value) else items
    if isinstance(value, dict):
        return {_clean(key, limit): _clean(item, limit) for key, item in value.items()}
    names = _field_names(value.__class__)
    if not names:
        return value
    kept = {name: _clean(getattr(value, name), limit) for name in names}
    if (
        isinstance(value, Action | Check | CoverageGap) and value.command
    ):  # rule text to be copied: its line breaks are meant
        kept["command"] = "\n".join(textsafe.visible(line, limit) for line in value.command.rstrip("\n").split("\n"))
    return value if _same(kept.values(), (getattr(value, name) for name in names)) else type(value)(**kept)


def _same(new: Iterable[object], old: Iterable[object]) -> bool:
    """Whether nothing was replaced, as in most parts of a report: then no copy is made."""
    return all(one is other for one, other in zip(new, old, strict=True))


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()

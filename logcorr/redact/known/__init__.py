"""What is nobody's secret: the lists of known.toml."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_LISTS: Final = tomllib.loads((files("logcorr.redact.known") / "known.toml").read_text(encoding="utf-8"))

COMMON_NAMES: Final[frozenset[str]] = frozenset(_LISTS["common_names"])
FILE_WORDS: Final[frozenset[str]] = frozenset(_LISTS["file_words"])
SITE_ENDINGS: Final[frozenset[str]] = frozenset(_LISTS["site_endings"])
PUBLIC_DOMAINS: Final[tuple[str, ...]] = tuple(_LISTS["public_domains"])
EVENT_NAMES: Final[frozenset[str]] = frozenset(_LISTS["event_names"])


def is_public(name: str) -> bool:
    """Whether a name is that of a service which millions use, or of an event of ours."""
    name = name.lower()
    return name in EVENT_NAMES or any(name == domain or name.endswith(f".{domain}") for domain in PUBLIC_DOMAINS)

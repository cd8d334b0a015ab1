"""The text of a wording, compiled: what all wordings of that text share."""

from __future__ import annotations

from logcorr.dataclass import dataclass
from logcorr.rulebook.fieldtypes import FieldType


@dataclass(frozen=True, slots=True)
class Expression:
    """A ``says`` template or ``regex`` as one linear-time expression."""

    regex: str
    literals: tuple[str, ...]  # at least one of them occurs in every match; empty: cannot be told
    fields: dict[str, FieldType]
    folded: tuple[str, ...] = ()  # the same, whatever the case of ASCII's letters


#: By what the text is ("says", "regex") and the text itself.
Expressions = dict[tuple[str, str], Expression]

"""A Sigma detection as one Polars expression over records.

Text compares without regard to case unless it is ``cased``, ``*`` and ``?`` are wildcards, and a value without a
field is searched in the whole message. An absent field meets no condition, so ``not`` of one holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import reduce
from operator import and_, or_
from typing import Any, Final

import polars as pl
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from logcorr.dataclass import dataclass
from logcorr.rulebook.conditions import holds
from logcorr.rulebook.models import Compare
from logcorr.rulebook.regexes import regex_fault
from logcorr.rulebook.sigma.fields import RefusedError, column_of

#: Values of one list that one expression looks for; a longer list becomes several expressions.
_TOGETHER: Final = 100
MAX_VALUES: Final = 5_000

_COMPARISONS: Final = {
    CompareOperators.LT: "lt", CompareOperators.LTE: "le", CompareOperators.GT: "gt", CompareOperators.GTE: "ge",
    CompareOperators.NEQ: "ne",
}  # fmt: skip
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


@dataclass(slots=True)
class Detection:
    """Translates conditions, and notes which fields of events they use."""

    declared: Mapping[str, type[pl.DataType]]
    fields: dict[str, None] = field(default_factory=dict)
    values: int = 0

    def expression(self, condition: Any) -> pl.Expr:  # noqa: ANN401  # pySigma's condition classes have no common type
        """A parsed condition; never null. Raises RefusedError."""
        match condition:
            case ConditionAND():
                return reduce(and_, [self.expression(part) for part in condition.args])
            case ConditionOR():
                return self._any(condition.args)
            case ConditionNOT():
                return ~self.expression(condition.args[0])
            case ConditionFieldEqualsValueExpression():
                return self._value(condition.field, condition.value)
            case ConditionValueExpression():
                return self._value(None, condition.value)
            case _:
                raise RefusedError(f"condition {type(condition).__name__} is not understood", "condition")

    def _any(self, parts: Sequence[Any]) -> pl.Expr:
        """Alternatives; text values of one field are looked for together."""
        texts: dict[tuple[str | None, bool], list[str]] = {}
        others: list[pl.Expr] = []
        for part in parts:
            value = getattr(part, "value", None)
            if isinstance(value, SigmaString) and self._is_text(getattr(part, "field", None)):
                self._count()
                name = getattr(part, "field", None)
                texts.setdefault((name, isinstance(value, SigmaCasedString)), []).append(
                    _fragment(value, whole=name is not None)
                )
            else:
                others.append(self.expression(part))
        for (name, cased), fragments in texts.items():
            batches = ("|".join(fragments[start : start + _TOGETHER]) for start in range(0, len(fragments), _TOGETHER))
            others += (self._looks_like(name, batch, cased=cased) for batch in batches)
        return reduce(or_, others)

    def _is_text(self, name: str | None) -> bool:
        return name is None or not column_of(name, self.declared)[2]

    def _count(self) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise RefusedError(f"more than {MAX_VALUES:,} values in one detection", "detection")

    def _column(self, name: str | None) -> tuple[pl.Expr, bool]:
        if name is None:
            return pl.col("message"), False
        column, fields, numeric = column_of(name, self.declared)
        self.fields.update(dict.fromkeys(fields))
        return column, numeric

    def _looks_like(self, name: str | None, fragments: str, *, cased: bool) -> pl.Expr:
        column, numeric = self._column(name)
        text = column.cast(pl.String) if numeric or name is not None else column
        return text.str.contains(f"(?{'' if cased else 'i'}s)(?:{fragments})").fill_null(value=False)

    def _value(self, name: str | None, value: SigmaType) -> pl.Expr:  # noqa: C901  # one line for each of Sigma's types
        self._count()
        column, numeric = self._column(name)
        match value:
            case SigmaExpansion():
                return reduce(or_, [self._value(name, each) for each in value.values])
            case SigmaTimestampPart():
                return self._time_part(name, value)
            case SigmaString():
                return self._looks_like(
                    name, _fragment(value, whole=name is not None), cased=isinstance(value, SigmaCasedString)
                )
            case SigmaNumber() | SigmaBool():
                return self._equals(name, column, value, numeric=numeric)
            case SigmaRegularExpression():
                return _matches(column, value, name)
            case SigmaCIDRExpression():
                return holds(column, Compare(cidr=str(value.network)))
            case SigmaCompareExpression():
                wanted = {_COMPARISONS[value.op]: value.number.number}
                return holds(column, Compare.model_validate(wanted))
            case SigmaFieldReference():
                return self._same(column, value)
            case SigmaExists():
                return column.is_not_null() if value.exists else column.is_null()
            case SigmaNull():
                return column.is_null()
            case _:
                raise RefusedError(f"a value of type {type(value).__name__} cannot be looked for in these logs", name)

    def _equals(self, name: str | None, column: pl.Expr, value: SigmaNumber | SigmaBool, *, numeric: bool) -> pl.Expr:
        if isinstance(value, SigmaBool):
            return self._looks_like(name, f"^{str(value.boolean).lower()}$", cased=False)
        if name is None:
            return self._looks_like(None, _SPECIAL.sub(r"\\\g<0>", str(value.number)), cased=True)
        same = column == value.number if numeric else column == str(value.number)
        return same.fill_null(value=False)

    def _same(self, column: pl.Expr, value: SigmaFieldReference) -> pl.Expr:
        one, other = column.cast(pl.String), self._column(value.field)[0].cast(pl.String)
        if value.starts_with and value.ends_with:
            found = one.str.contains(other, literal=True)
        elif value.starts_with:
            found = one.str.starts_with(other)
        else:
            found = one.str.ends_with(other) if value.ends_with else one == other
        return found.fill_null(value=False)

    def _time_part(self, name: str | None, value: SigmaTimestampPart) -> pl.Expr:
        if name is None or column_of(name, self.declared)[0].meta.output_name() != "time":
            raise RefusedError(
                f"a part of a time is asked of {name!r}", name, "the time of a record is called timestamp"
            )
        part = value.timestamp_part.name.lower()
        return getattr(pl.col("time").dt, part)() == value.number  # type: ignore[no-any-return]  # minute() .. year()


def _fragment(value: SigmaString, *, whole: bool) -> str:
    """A text with wildcards as part of an expression; for the whole value, or anywhere in it."""
    parts = []
    for part in value.s:
        if part == SpecialChars.WILDCARD_MULTI:
            parts.append(".*")
        elif part == SpecialChars.WILDCARD_SINGLE:
            parts.append(".")
        elif isinstance(part, str):
            parts.append(_SPECIAL.sub(r"\\\g<0>", part))
        else:
            raise RefusedError(f"the placeholder %{part.name}% stands for nothing here", None, "write the values out")
    begins, ends = parts[:1] == [".*"], parts[-1:] == [".*"] and len(parts) > 1
    inner = "".join(parts[begins : len(parts) - ends])
    if not whole:
        return inner
    return f"{'' if begins else '^'}{inner}{'' if ends or (begins and not inner) else '$'}"


def _matches(column: pl.Expr, value: SigmaRegularExpression, name: str | None) -> pl.Expr:
    if value.regexp.contains_placeholder():
        raise RefusedError(
            "a placeholder in a regular expression stands for nothing here", name, "write the values out"
        )
    pattern = str(value.regexp)
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    pattern = f"(?{flags}){pattern}" if flags else pattern
    fault = regex_fault(pattern)
    if fault:
        raise RefusedError(fault, name, "look-around and back-references do not run in linear time")
    return column.cast(pl.String).str.contains(pattern).fill_null(value=False)

"""Sigma's correlations as patterns.

Sigma leaves open what is paired with what, and whether a gap equal to the timespan counts; here the answers are those
of our forms: gaps equal to a limit are inside it, ties are allowed, and ``temporal_ordered`` pairs each first event
with its earliest followers (``pair: each``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from logcorr.rulebook.sigma.fields import RefusedError

_OPERATORS: Final = SigmaCorrelationConditionOperator
_LIMITS: Final = {_OPERATORS.GT: "gt", _OPERATORS.GTE: "ge", _OPERATORS.LT: "lt", _OPERATORS.LTE: "le"}
_MEASURES: Final = {
    SigmaCorrelationType.VALUE_SUM: "sum", SigmaCorrelationType.VALUE_AVG: "average",
    SigmaCorrelationType.VALUE_MEDIAN: "median", SigmaCorrelationType.VALUE_PERCENTILE: "percentile",
}  # fmt: skip

#: The key of a Sigma field in one of the referenced rules.
Key = Callable[[str], str]


def form_of(rule: SigmaCorrelationRule, events: Mapping[str, str], key: Key) -> dict[str, Any]:
    """The form of a correlation and its key, as a pattern says them.

    Args:
        rule: the correlation.
        events: the event of each referenced rule, by reference, in the correlation's order.
        key: what a Sigma field is called in events; raises RefusedError.
    """
    if rule.type in {SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED}:
        return _temporal(rule, events, key)
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise RefusedError(f"a condition in words with type {_called(rule)}", "condition")
    if len(rule.aliases):
        raise RefusedError(
            f"aliases with type {_called(rule)}", "aliases", "aliases tie the fields of temporal correlations"
        )
    by = {"by": [key(name) for name in rule.group_by]} if rule.group_by else {}
    what = {"event": list(events.values()), "within": rule.timespan.seconds}
    if rule.type is SigmaCorrelationType.EVENT_COUNT:
        return {"count": {**what, "at_least": _at_least(rule, condition)}, **by}
    field = _field(rule, condition, key)
    if rule.type is SigmaCorrelationType.VALUE_COUNT:
        return {"count": {**what, "at_least": _at_least(rule, condition), "distinct": field}, **by}
    measure = {**what, "field": field, "of": _MEASURES[rule.type], **_limit(rule, condition)}
    if rule.type is SigmaCorrelationType.VALUE_PERCENTILE:
        measure["percentile"] = condition.percentile if condition.percentile is not None else 50
    return {"measure": measure, **by}


def _called(rule: SigmaCorrelationRule) -> str:
    return rule.type.name.lower()


def _field(rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition, key: Key) -> str:
    if not isinstance(condition.fieldref, str):
        raise RefusedError(f"{_called(rule)} over several fields at once", "field", "name one field")
    return key(condition.fieldref)


def _at_least(rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition) -> int:
    if condition.op not in {_OPERATORS.GT, _OPERATORS.GTE} or condition.count != int(condition.count):
        hint = "gte and gt with whole numbers are; for too few events write a pattern of the form silence"
        raise RefusedError(
            f"{_called(rule)} with {condition.op.name.lower()}: {condition.count} cannot be honoured", "condition", hint
        )
    return max(1, int(condition.count) + (condition.op is _OPERATORS.GT))


def _limit(rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition) -> dict[str, float]:
    if condition.op not in _LIMITS:
        hint = "gt, gte, lt and lte are"
        raise RefusedError(f"{_called(rule)} with {condition.op.name.lower()} cannot be honoured", "condition", hint)
    return {_LIMITS[condition.op]: condition.count}


# --- temporal -----------------------------------------------------------------------------------------------------


def _temporal(rule: SigmaCorrelationRule, events: Mapping[str, str], key: Key) -> dict[str, Any]:
    fewest = _fewest(rule, events)
    if fewest < len(events):
        by = {"by": [key(name) for name in rule.group_by]} if rule.group_by else {}
        what = {"event": list(events.values()), "within": rule.timespan.seconds}
        return {"count": {**what, "at_least": fewest, "distinct": "event"}, **by}
    names = {reference: f"s{number}" for number, reference in enumerate(events, 1)}
    steps = [{names[reference]: event} for reference, event in events.items()]
    form = "sequence" if rule.type is SigmaCorrelationType.TEMPORAL_ORDERED else "all"
    if len(steps) == 1:
        raise RefusedError(f"{_called(rule)} of a single rule", "rules", "event_count counts the events of one rule")
    return {form: steps, "span": rule.timespan.seconds, **_by(rule, names, key)}


def _fewest(rule: SigmaCorrelationRule, events: Mapping[str, str]) -> int:
    """How many of the rules must occur. Fewer than all of them can be told only where neither order nor aliases tie
    them; any other condition has no equivalent.
    """
    condition, loose = rule.condition, rule.type is SigmaCorrelationType.TEMPORAL and not len(rule.aliases)
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        parsed = condition.parsed
        parts = parsed.args if isinstance(parsed, CorrelationConditionAND | CorrelationConditionOR) else [parsed]
        any_of = isinstance(parsed, CorrelationConditionOR)
        if not all(isinstance(part, SigmaRuleReference) for part in parts) or (any_of and not loose):
            hint = "'a and b and c' is, or 'a or b' with type temporal; for absence write a pattern with a step not:"
            raise RefusedError(f"condition {condition.expression!r} cannot be honoured", "condition", hint)
        return 1 if any_of else len(events)
    wanted = math.ceil(condition.count) + (condition.op is _OPERATORS.GT and condition.count == int(condition.count))
    at_least = condition.op in {_OPERATORS.GT, _OPERATORS.GTE} and 0 < wanted <= len(events)
    every = wanted == len(events) and (at_least or condition.op is _OPERATORS.EQ)
    if not every and not (at_least and loose):
        said = f"{condition.op.name.lower()}: {condition.count}"
        hint = "all of them is; with type temporal and without aliases, gte and gt are too"
        raise RefusedError(f"{_called(rule)} with {said} of {len(events)} rules cannot be honoured", "condition", hint)
    return wanted


def _by(rule: SigmaCorrelationRule, names: Mapping[str, str], key: Key) -> dict[str, Any]:
    """The shared keys: names, or with aliases the equality of neighbouring steps' fields."""
    if not rule.group_by:
        return {}
    aliases = {alias.alias: {ref.reference: field for ref, field in alias.mapping.items()} for alias in rule.aliases}
    unknown = set(aliases) - set(rule.group_by)
    if unknown:
        raise RefusedError(f"alias {min(unknown)!r} is not grouped by", "aliases")
    if not aliases:
        return {"by": [key(name) for name in rule.group_by]}
    ties: dict[str, str] = {}
    for name in rule.group_by:
        mapping = aliases.get(name)
        if mapping is not None and set(mapping) != set(names):
            raise RefusedError(f"alias {name!r} does not name a field for each of the rules", "aliases")
        sides = [f"{step}.{key(mapping[reference] if mapping else name)}" for reference, step in names.items()]
        for one, other in pairwise(sides):
            if one in ties:
                raise RefusedError(f"field {one.partition('.')[2]!r} is tied twice", "aliases")
            ties[one] = other
    return {"by": ties}

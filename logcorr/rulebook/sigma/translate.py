"""Sigma files -> queries and patterns, or faults with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl
from pydantic import ValidationError
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError
from logcorr.rulebook.documents import Document
from logcorr.rulebook.files import Place, RuleFile
from logcorr.rulebook.models import Pattern, Query
from logcorr.rulebook.sigma.correlations import form_of
from logcorr.rulebook.sigma.detections import Detection
from logcorr.rulebook.sigma.fields import RefusedError, given, key_of, programs_of
from logcorr.rulebook.translated import Translated

#: Events of one detection that lie closer than this on one host are one finding.
_ONE_FINDING: Final = 60.0
_MAX_CONDITION: Final = 2_000
_MAX_STARS: Final = 3
_SEVERITY: Final = {"informational": "low", "low": "low", "medium": "medium", "high": "high", "critical": "high"}
_MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    """One rule and where it stands."""

    file: RuleFile
    document: Document
    parsed: Any  # SigmaRule, SigmaCorrelationRule or SigmaFilter

    def fault(self, message: str, about: str | None = None, hint: str | None = None) -> LogcorrError:
        return self.file.fault(_place(self.document, about), message, hint)


def translate(
    files: Sequence[tuple[RuleFile, Sequence[Document]]], declared: Mapping[str, type[pl.DataType]]
) -> Translated:
    """Translate all Sigma rules of a run; they may refer to one another across files.

    ``declared`` are the fields of the rulebook's events with their dtypes.
    """
    result = Translated()
    rules = [rule for file, documents in files for rule in _parsed(file, documents, result)]
    rules = _filtered(rules)
    events: dict[int, str] = {}  # of each detection rule
    for rule in rules:
        if isinstance(rule.parsed, SigmaRule):
            _guarded(rule, result, lambda rule=rule: _detection(rule, declared, events, result))
    collection = SigmaCollection([rule.parsed for rule in rules], resolve_references=False)
    served: set[int] = set()
    for rule in rules:
        if isinstance(rule.parsed, SigmaCorrelationRule):
            _guarded(rule, result, lambda rule=rule: _correlation(rule, collection, declared, events, served, result))
    for rule in rules:
        if id(rule.parsed) in events and id(rule.parsed) not in served:
            form = {"count": {"event": events[id(rule.parsed)], "at_least": 1, "within": _ONE_FINDING}, "by": ["host"]}
            _guarded(rule, result, lambda rule=rule, form=form: _pattern(rule, form, result))
    faulty = {(fault.location or "").rsplit(":", 2)[0] for fault in result.faults}
    sound = any(place.rsplit(":", 1)[0] not in faulty for place in result.places.values())
    return result.settled() if sound else result


def _guarded(rule: _Rule, result: Translated, step: Any) -> None:  # noqa: ANN401  # a function without arguments
    """Run one step of a rule's translation; what it refuses becomes a fault."""
    try:
        step()
    except RefusedError as refused:
        result.faults.append(rule.fault(str(refused), refused.about, refused.hint))
    except SigmaError as error:
        result.faults.append(rule.fault(_said(error)))
    except ValidationError as error:
        result.faults.append(rule.fault(error.errors()[0]["msg"]))


# --- reading ------------------------------------------------------------------------------------------------------


def _parsed(file: RuleFile, documents: Sequence[Document], result: Translated) -> Iterator[_Rule]:
    for document in documents:
        data = document.data
        if data is None:
            continue
        if not isinstance(data, dict):
            result.faults.append(file.fault(document.place, "expected a mapping, as Sigma rules are"))
            continue
        kind = SigmaCorrelationRule if "correlation" in data else SigmaFilter if "filter" in data else SigmaRule
        try:
            _bounded(data)
            parsed = kind.from_dict(data, collect_errors=True)
        except RefusedError as refused:
            result.faults.append(file.fault(_place(document, refused.about), str(refused), refused.hint))
            continue
        except (SigmaError, TypeError, ValueError, AttributeError) as error:
            result.faults.append(file.fault(document.place, _said(error)))
            continue
        if parsed.errors:
            result.faults += (file.fault(document.place, _said(error)) for error in parsed.errors)
        else:
            yield _Rule(file, document, parsed)


def _bounded(data: Mapping[str, Any]) -> None:
    """Refuse what would be slow to parse, and what pySigma would drop without a word."""
    if "action" in data:
        raise RefusedError(f"action {data['action']!r} is not supported", "action", "write each rule out")
    detection = data.get("detection")
    if isinstance(detection, dict):
        if "timeframe" in detection:
            raise RefusedError(
                "timeframe was replaced by correlations", "timeframe", "write a correlation of type event_count"
            )
        conditions = detection.get("condition")
        for text in conditions if isinstance(conditions, list) else [conditions]:
            if isinstance(text, str) and (
                len(text) > _MAX_CONDITION or any(word.count("*") > _MAX_STARS for word in text.split())
            ):
                raise RefusedError("a condition of this size is not read", "condition")


def _filtered(rules: Sequence[_Rule]) -> list[_Rule]:
    """Detections and correlations, with Sigma filters applied to the detections."""
    filters = [rule.parsed for rule in rules if isinstance(rule.parsed, SigmaFilter)]
    kept = []
    for rule in rules:
        if isinstance(rule.parsed, SigmaFilter):
            continue
        parsed = rule.parsed
        for each in filters if isinstance(parsed, SigmaRule) else ():
            parsed = each.apply_on_rule(parsed)
        kept.append(_Rule(rule.file, rule.document, parsed))
    return kept


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{text[:200]}{'…' if len(text) > 200 else ''}"  # one line on a screen


def _place(document: Document, about: str | None) -> Place:
    """Where a key (with or without modifiers) stands in a rule; the rule's beginning where it does not."""
    if about is not None:
        for path, place in document.keys.items():
            if str(path[-1]).partition("|")[0] == about:
                return place
    return document.place


# --- translating --------------------------------------------------------------------------------------------------


def _name(rule: _Rule) -> str:
    """What a rule is called: its name, or its title in the same form."""
    text = rule.parsed.name or rule.parsed.title or ""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_MAX_NAME].strip("-")
    if not name:
        raise RefusedError("a rule without a name or title", None)
    return name


def _detection(
    rule: _Rule, declared: Mapping[str, type[pl.DataType]], events: dict[int, str], result: Translated
) -> None:
    source = rule.parsed.logsource
    programs = programs_of(source.product, source.category, source.service)
    event = f"sigma.{_name(rule).replace('-', '_')}"
    if event in result.queries:
        raise RefusedError(f"a second Sigma rule called {_name(rule)!r}", "name" if rule.parsed.name else "title")
    detection = Detection(declared)
    where = pl.lit(value=False)
    for condition in rule.parsed.detection.parsed_condition:
        where |= detection.expression(condition.parsed)
    result.queries[event] = Query(event, programs, where, tuple(detection.fields), tuple(given(declared).items()))
    result.places[f"event {event}"] = f"{rule.file.shown}:{rule.document.place[0]}"
    events[id(rule.parsed)] = event


def _correlation(
    rule: _Rule,
    collection: SigmaCollection,
    declared: Mapping[str, type[pl.DataType]],
    events: Mapping[int, str],
    served: set[int],
    result: Translated,
) -> None:
    rule.parsed.resolve_rule_references(collection)
    used: dict[str, str] = {}
    for reference in rule.parsed.rules or rule.parsed.referenced_rules:
        if isinstance(reference.rule, SigmaCorrelationRule):
            raise RefusedError(
                f"{reference.reference!r} is a correlation; correlations of correlations are not supported", "rules"
            )
        if id(reference.rule) not in events:
            raise RefusedError(f"{reference.reference!r} was refused itself", "rules")
        used[reference.reference] = events[id(reference.rule)]
        if not rule.parsed.generate:
            served.add(id(reference.rule))
    _pattern(rule, form_of(rule.parsed, used, lambda name: key_of(name, declared)), result)


def _pattern(rule: _Rule, form: Mapping[str, Any], result: Translated) -> None:
    name = f"sigma-{_name(rule)}"
    if name in result.patterns:
        raise RefusedError(f"a second Sigma rule called {_name(rule)!r}", "name" if rule.parsed.name else "title")
    level = rule.parsed.level.name.lower() if rule.parsed.level else "medium"
    status = "stable" if rule.parsed.status and rule.parsed.status.name == "STABLE" else "experimental"
    result.patterns[name] = Pattern.model_validate(
        {
            "id": name,
            "title": re.sub(r"[{}]", "", str(rule.parsed.title or _name(rule))),
            "severity": _SEVERITY[level],
            "status": status,
            "description": rule.parsed.description or "",
            "references": [str(text) for text in rule.parsed.references or ()],
            "false_positives": [str(text) for text in rule.parsed.falsepositives or ()],
            **form,
        }
    )
    result.places[f"pattern {name}"] = f"{rule.file.shown}:{rule.document.place[0]}"

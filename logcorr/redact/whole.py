"""A report without what is private in it: every string of it, but for the identifiers that are our own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from operator import is_
from typing import Any, Final

from logcorr import model
from logcorr.dataclass import dataclass
from logcorr.redact.machines import is_like_a_machine
from logcorr.redact.names import FIELDS, MAYBE
from logcorr.redact.paths import private_parts
from logcorr.redact.redactor import Redactor

#: Fields whose text is ours: ids of rules, causes, events and lines, states, and hashes. A host that is called like one
#: of them must not change it.
_IDENTIFIER: Final = re.compile(r"[\w.*+/:,-]{0,80}")
_HOST: Final = re.compile(r"[A-Za-z0-9][\w.-]*")  # no glob, which stands for many
OURS: Final[dict[type, frozenset[str]]] = {
    model.Tool: frozenset({"name", "version", "rules_sha256"}),
    model.SourceFile: frozenset({"sha256", "format", "timezone", "problem_kind"}),
    model.CoverageGap: frozenset({"kind", "hides"}),
    model.Evidence: frozenset({"id", "event", "origin"}),
    model.Finding: frozenset({"pattern", "severity", "evidence", "pairing"}),
    model.Argument: frozenset({"strength", "evidence"}),
    model.Hypothesis: frozenset({"cause", "layer", "status"}),
    model.ChainStep: frozenset({"event", "role", "evidence"}),
    model.LoopTurn: frozenset({"evidence"}),
    model.Verdict: frozenset({"status", "cause", "contributing", "key_evidence", "opened_by"}),
    model.Action: frozenset({"cause"}),
    model.Check: frozenset({"settles"}),
    model.Question: frozenset({"status", "evidence"}),
    model.Mark: frozenset({"kind", "event", "evidence"}),
    model.Redaction: frozenset({"profile", "classes"}),
}
#: Fields with sentences of ours, into which values were put. All other text came from the logs, or from whoever ran us.
SENTENCES: Final[dict[type, frozenset[str]]] = {
    model.SourceFile: frozenset({"timezone_from", "year_from", "skew_from", "notes", "problem"}),
    model.CoverageGap: frozenset({"reason", "command", "how", "on"}),
    model.Evidence: frozenset({"says"}),
    model.Limit: frozenset({"what"}),
    model.Lane: frozenset({"gaps"}),
    model.Finding: frozenset({"title", "chance", "caution"}),
    model.Argument: frozenset({"says"}),
    model.Missing: frozenset({"says"}),
    model.Hypothesis: frozenset({"title", "reason", "explains"}),
    model.ChainStep: frozenset({"text"}),
    model.LoopTurn: frozenset({"failure", "reaction"}),
    model.Recurrence: frozenset({"chance_of"}),
    model.Verdict: frozenset({"title", "summary", "reason", "loop", "warning"}),
    model.Action: frozenset({"do", "command", "risk", "undo", "why", "how", "on"}),
    model.Check: frozenset({"command", "on", "why"}),
    model.Question: frozenset({"question", "answer"}),
}


def redact(report: model.Report, redactor: Redactor) -> model.Report:
    """``report`` with every private value replaced; what was replaced, by class, stands in ``redaction``."""
    if redactor.profile == "none":
        return replace(report, redaction=model.Redaction(profile="none"))
    redactor.learn(_texts(report), known_names(report))
    hide = _Hide(cache(redactor.text), cache(redactor.sentence), redactor.template)  # most is said several times
    hidden: model.Report = _walk(report, hide)
    return replace(hidden, redaction=model.Redaction(profile=redactor.profile, classes=redactor.counts()))


def known_names(report: model.Report) -> Iterator[tuple[str, str]]:
    """Kind and name of what the report, or the command that made it, knows as a host, a site, a user, an SSID or a
    folder of inputs.
    """
    yield from _typed(report.tool.command)
    hosts = [item.host for item in report.inputs] + [line.host for line in report.evidence]
    hosts += [lane.host for lane in report.lanes] + [gap.host for gap in report.coverage]
    hosts += [host for verdict in (report.verdict, *report.incidents) for host in verdict.hosts]
    hosts += [host for finding in report.findings for host in finding.hosts]
    yield from (("host", host) for host in hosts if host)
    for line in report.evidence:
        for name, value in line.fields.items():
            if name in FIELDS and isinstance(value, str):
                yield FIELDS[name], value
            elif name in MAYBE and isinstance(value, str) and is_like_a_machine(value):
                yield MAYBE[name], value
    programs = {program for item in report.inputs for program in item.programs}
    hidden = {name for host in hosts if host for name in (host.lower(), host.lower().partition(".")[0])}
    yield from private_parts((item.path for item in report.inputs), hidden, programs)


def _typed(command: str) -> Iterator[tuple[str, str]]:
    """The hosts and sites that options of a command line name."""
    try:
        words = [part for word in shlex.split(command) for part in word.split("=", 1 if word.startswith("--") else 0)]
    except ValueError:  # a report made again from a JSON that others may have written
        return
    for option, value in pairwise(words):
        left, equals, right = value.partition("=")
        if option == "--site":
            yield from (("site", left), *(("host", name) for name in right.split(",")))
        elif _HOST.fullmatch(left) and (
            equals if option in {"--tz", "--skew"} else option in {"--router", "--collector"}
        ):
            yield "host", left


@dataclass(frozen=True, slots=True)
class _Hide:
    """What takes the private values away from what a log says, from a sentence of ours, and from a template."""

    text: Callable[[str], str]
    sentence: Callable[[str], str]
    template: Callable[[str], str]


def _walk(value: Any, hide: _Hide) -> Any:  # noqa: ANN401 - it walks values of every type
    if isinstance(value, str):
        return hide.text(value)
    if isinstance(value, model.Change):
        return replace(value, template=hide.template(value.template), program=_walk(value.program, hide))
    if isinstance(value, tuple):
        items = tuple(_walk(item, hide) for item in value)
        return value if all(map(is_, items, value)) else items
    if isinstance(value, dict):
        return {key if key.isidentifier() else hide.text(key): _walk(item, hide) for key, item in value.items()}
    names = _field_names(value.__class__)
    ours = OURS.get(value.__class__, frozenset())
    told = {name: getattr(value, name) for name in names}
    walked = ((name, item) for name, item in told.items() if name not in ours or not _is_identifier(item))
    own = SENTENCES.get(value.__class__, frozenset())
    ours_too = replace(hide, text=hide.sentence) if own else hide
    hidden = {name: new for name, item in walked if (new := _walk(item, ours_too if name in own else hide)) is not item}
    return replace(value, **hidden) if hidden else value


def _is_identifier(value: Any) -> bool:  # noqa: ANN401 - a field of any type
    items = value if isinstance(value, tuple) else (value,)
    return all(not isinstance(item, str) or _IDENTIFIER.fullmatch(item) for item in items)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - it walks values of every type
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from _texts((*value, *value.values()))
    else:
        for name in _field_names(value.__class__):
            yield from _texts(getattr(value, name))


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()

"""The rules of a rulebook as a Markdown document: causes by layer, patterns by severity, events by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, get_args

from logcorr.model import Severity
from logcorr.rulebook.docs.prose import explain
from logcorr.rulebook.models import Event, EventFile, Layer, Rulebook

_MARKUP: Final = re.compile(r"([\\|*<>\[\]`])")
_ITEM: Final = re.compile(r"^  (?:(\d+\.) )?")


def catalogue(rules: Rulebook) -> str:
    """Every rule: what it looks for, what it means, and when it is wrong."""
    parts = [*_causes(rules), *_patterns(rules), *_events(rules)]
    return "\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Text in which Markdown sees no markup, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _causes(rules: Rulebook) -> Iterator[str]:
    for layer in get_args(Layer):
        found = [cause for cause in rules.causes.values() if cause.layer == layer]
        if found:
            yield f"## Causes: {layer}\n"
        for cause in sorted(found, key=lambda each: each.id):
            yield from _rule(cause.id, cause.title, rules)


def _patterns(rules: Rulebook) -> Iterator[str]:
    for severity in reversed(get_args(Severity)):
        found = [pattern for pattern in rules.patterns.values() if pattern.severity == severity]
        if found:
            yield f"## Patterns: {severity} severity\n"
        for pattern in sorted(found, key=lambda each: each.id):
            yield from _rule(pattern.id, pattern.title, rules)


def _rule(name: str, title: str, rules: Rulebook) -> Iterator[str]:
    yield f"### {name}\n\n**{plain(title)}**\n"
    before = ""
    for line in explain(name, rules).splitlines()[1:]:
        if line.startswith("Written in "):
            continue
        item = _ITEM.match(line)
        if bool(item) != before.startswith("-") and before:
            yield ""
        yield (before := f"- {plain(line[2:])}" if item else f"{plain(line)}  ")
    yield ""


def _events(rules: Rulebook) -> Iterator[str]:
    yield "## Events\n\n| event | role | impact | said by | means |\n|---|---|---|---|---|"
    told: dict[str, list[tuple[EventFile, Event]]] = {}
    for file in rules.events:
        for name, event in file.events.items():
            told.setdefault(name, []).append((file, event))
    for name, found in sorted(told.items()):
        programs = dict.fromkeys(_speaker(file) for file, _ in found)
        event = found[0][1]
        limited = " Repeats may be held back." if any(each.rate_limited for _, each in found) else ""
        said_by = ", ".join(map(plain, programs))
        yield f"| `{name}` | {event.role} | {event.impact} | {said_by} | {plain(event.means)}{limited} |"


def _speaker(file: EventFile) -> str:
    first = file.program if isinstance(file.program, str) else file.program[0]
    return "any program" if first == "*" else first

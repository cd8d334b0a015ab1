"""Wordings compiled: a ``says`` template or ``regex`` as one linear-time expression, its literals and its typed fields.

A template is literal text with fields: ``{interface}: Link DOWN``. It matches the whole message, but for blanks at
its end. ``{name}`` takes its type from its name, ``{name:type}`` says it, ``{*}`` is any text; ``{{`` and ``}}`` are
braces. Where a ``head`` is given, the text follows what that expression matches. A ``regex`` is searched anywhere in
the message; its named groups are fields, typed by their names (any other name: text).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import field
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.rulebook.expressions import Expression, Expressions
from logcorr.rulebook.fieldtypes import FIELD_TYPES, FieldType, field_type, named_type, type_names
from logcorr.rulebook.models import Rulebook, Wording
from logcorr.rulebook.regexes import MIN_LITERAL, read_regex, regex_fault

Dtypes = dict[str, type[pl.DataType]]

MAX_TEMPLATE: Final = 1_000

#: What Go's log package and tailscaled's log upload put in front of a message: a date and time, a verbosity. Wordings
#: are held against the rest.
PREFIX: Final = r"^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? )?(?:\[v\d\] ?)?"

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}]*)\}|(?P<stray>[{}])")
_FIELD: Final = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?::(?P<type>[a-z]+))?\Z")
#: Characters that mean something to the engine outside classes. (``re.escape`` escapes more than it accepts.)
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


class WordingError(ValueError):
    """A template or expression cannot be compiled; ``hint`` says what would."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class CompiledWording:
    """One wording, ready to run. No ``regex``: the message id alone decides."""

    regex: str | None
    literals: tuple[str, ...]  # at least one of them occurs in every match; empty: cannot be told
    fields: dict[str, FieldType] = field(default_factory=dict)
    message_id: str | None = None
    unless: tuple[str, ...] = ()
    set: dict[str, str | int | float] = field(default_factory=dict)
    unless_matches: str | None = None
    folded: tuple[str, ...] = ()  # as ``literals``, in small letters that stand for capitals, too

    def field_dtypes(self) -> Dtypes:
        """The dtype of every field that this wording gives."""
        implied = {name: set_dtype(name, value) for name, value in self.set.items()}
        return implied | {name: kind.dtype for name, kind in self.fields.items()}


def compile_wording(wording: Wording, *, tested: bool = False, known: Expressions | None = None) -> CompiledWording:
    """Compile one wording. Raises WordingError.

    Args:
        wording: what to compile.
        tested: an expression is not tried on the engine again.
        known: what was compiled before; what is compiled now is added.
    """
    if wording.unless_matches and not tested and (fault := regex_fault(wording.unless_matches)):
        raise WordingError(f"unless_matches: {fault}")
    given = wording.message_id, wording.unless, dict(wording.set), wording.unless_matches
    kind, text = (f"says{wording.head or ''}", wording.says) if wording.says is not None else ("regex", wording.regex)
    if text is None:
        return CompiledWording(None, (), {}, *given)
    found = known.get((kind, text)) if known is not None else None
    if found is None:
        head = wording.head
        found = _compile_regex(text, tested=tested) if kind == "regex" else _compile_template(text, head, tested=tested)
        if known is not None:
            known[kind, text] = found
    return CompiledWording(found.regex, found.literals, found.fields, *given, folded=found.folded)


def _compile_regex(text: str, *, tested: bool) -> Expression:
    fault = None if tested else regex_fault(text)
    if fault:
        raise WordingError(fault, "says: with {fields} is simpler; look-around can often become unless:")
    names, literals, folded = read_regex(text)
    return Expression(text, literals, {name: _group_type(name) for name in names}, folded)


def declared_fields(rules: Rulebook) -> Dtypes:
    """The dtype of every field that the rulebook's events declare."""
    found: Dtypes = {}
    for file in rules.events:
        for event in file.events.values():
            for wording in event.wordings():
                found |= compile_wording(wording, tested=True, known=rules.expressions).field_dtypes()
    return dict(sorted(found.items()))


def set_dtype(name: str, value: str | float) -> type[pl.DataType]:
    """The dtype of a field given by ``set``: that of its name, else that of its value."""
    kind = field_type(name)
    if kind is not None:
        return kind.dtype
    return pl.String if isinstance(value, str) else pl.Int64 if isinstance(value, int) else pl.Float64


def template_parts(template: str) -> list[tuple[str, str]]:
    """A template as ("text", literal) and ("field", inside of the braces) parts. Raises WordingError."""
    parts: list[tuple[str, str]] = []
    position = 0
    for token in _TOKEN.finditer(template):
        parts.append(("text", template[position : token.start()]))
        position = token.end()
        if token["stray"]:
            raise WordingError(
                f"a single {token['stray']!r} in the template", f"write {token['stray'] * 2} for the character"
            )
        parts.append(("text", token[0][0]) if token["field"] is None else ("field", token["field"]))
    parts.append(("text", template[position:]))
    return _joined([part for part in parts if part[1] or part[0] == "field"])


def _joined(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring texts as one."""
    joined: list[tuple[str, str]] = []
    for kind, value in parts:
        if kind == "text" and joined and joined[-1][0] == "text":
            joined[-1] = ("text", joined[-1][1] + value)
        else:
            joined.append((kind, value))
    return joined


def _compile_template(template: str, head: str | None, *, tested: bool) -> Expression:
    if len(template) > MAX_TEMPLATE:
        raise WordingError(f"a template of {len(template):,} characters; at most {MAX_TEMPLATE:,} are allowed")
    fields = _head_fields(head, tested=tested)
    pattern, longest = "", ""
    for kind, value in template_parts(template):
        if kind == "text":
            pattern += _SPECIAL.sub(r"\\\g<0>", value)
            longest = max(longest, value.rstrip(), key=len)
        elif value == "*":
            pattern += ".*"
        else:
            name, typed = _template_field(value)
            if name in fields:
                raise WordingError(
                    f"field {name!r} occurs twice in one wording", f"name the second one otherwise, e.g. other_{name}"
                )
            fields[name] = typed
            pattern += f"(?<{name}>{typed.pattern})"
    if not longest.strip():
        raise WordingError("a template needs some literal text", "a rule that matches every message names no event")
    begins = "^" if head is None else f"(?:{head})"
    return Expression(rf"(?s){begins}{pattern}\s*$", (longest,) if len(longest) >= MIN_LITERAL else (), fields)


def _head_fields(head: str | None, *, tested: bool) -> dict[str, FieldType]:
    """The fields of the expression before a template. Raises WordingError."""
    if head is None:
        return {}
    fault = None if tested else regex_fault(head)
    if fault:
        raise WordingError(f"head: {fault}", "an expression without look-around, such as '^<(?P<name>[^>]*)> '")
    return {name: _group_type(name) for name in read_regex(head)[0]}


def _template_field(inside: str) -> tuple[str, FieldType]:
    match = _FIELD.match(inside)
    if match is None:
        raise WordingError(f"{{{inside}}} is no field", "write {name}, {name:type} or {*}; {{ and }} for braces")
    name, typed = match["name"], match["type"]
    found = named_type(typed) if typed else field_type(name)
    if found is None and typed:
        raise WordingError(f"{{{inside}}} has unknown type {typed!r}", _did_you_mean(typed))
    if found is None:
        raise WordingError(
            f"{{{inside}}} has a name that implies no type", f"write {{{name}:word}} or {{{name}:text}}{_or_mean(name)}"
        )
    return name, found


def _group_type(name: str) -> FieldType:
    text = named_type("text")
    assert text is not None  # noqa: S101  # the table's own row
    return field_type(name) or text


def _did_you_mean(word: str) -> str:
    near = difflib.get_close_matches(word, type_names(), n=1)
    return f"did you mean {near[0]!r}?" if near else "the types are " + ", ".join(kind.name for kind in FIELD_TYPES)


def _or_mean(name: str) -> str:
    near = difflib.get_close_matches(name, type_names(), n=1)
    return f"; did you mean {{{near[0]}}}?" if near else ""

"""The rule language's reference, made from the models: forms, pairing, other engines, field types, keys.

``rules/REFERENCE.md`` is kept as this makes it (``make reference``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from logcorr.rulebook import fieldtypes
from logcorr.rulebook.checks import placeholders
from logcorr.rulebook.docs.editor import notes
from logcorr.rulebook.docs.prose import spelled
from logcorr.rulebook.models import (
    ActionRule,
    Answer,
    Beat,
    Burst,
    Cause,
    CheckRule,
    Compare,
    Count,
    During,
    Event,
    EventFile,
    Flap,
    Jump,
    Measure,
    Member,
    Origin,
    Pattern,
    QuestionRule,
    Scalar,
    Sign,
    Silence,
    SourceKind,
    StateKind,
    Step,
    SymptomClass,
    Variant,
    Wording,
)
from logcorr.times.timespan import parse_duration

_FORMS: Final[dict[str, tuple[str, type[BaseModel]]]] = {
    "sequence": ("Steps in this order, each `within` a time after the step before it, all within `span`.", Step),
    "all": ("The same steps in any order, within `span`.", Step),
    "count": ("", Count),
    "flap": ("", Flap),
    "beat": ("", Beat),
    "during": ("", During),
    "silence": ("", Silence),
    "burst": ("", Burst),
    "step": ("", Jump),
    "measure": ("", Measure),
}
#: Of what the reference lists the keys, in its order.
_TABLES: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("An event file", EventFile),
    ("An event", Event),
    ("A wording", Wording),
    ("Origin", Origin),
    ("A pattern", Pattern),
    ("A step", Step),
    ("A condition", Compare),
    *((f"Form {name}", form) for name, (_, form) in _FORMS.items() if form is not Step),
    ("A cause", Cause),
    ("A sign", Sign),
    ("An action", ActionRule),
    ("A check", CheckRule),
    ("A variant", Variant),
    ("A question", QuestionRule),
    ("An answer", Answer),
    ("A class of symptoms", SymptomClass),
    ("A member of a class", Member),
    ("A kind of source", SourceKind),
    ("A state", StateKind),
)
#: Keys of a step that are written as one: ``name: event``.
_BINDING: Final = ("name", "event", "negated")
_STEP: Final = (
    "| *a name of yours* | an event, or a list of which any will do | it must be given | titles and other steps refer "
    "to the step by this name; `*` in an event stands for any text. A step called `not` must not occur |"
)
_PLAIN: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_SCALAR: Final[frozenset[object]] = frozenset(get_args(Scalar))
_NAMES: Final[dict[type[BaseModel], str]] = {
    Event: "events", Wording: "wordings", Step: "steps", Compare: "a condition", Sign: "signs", ActionRule: "actions",
    CheckRule: "checks", QuestionRule: "questions", Answer: "answers", Variant: "variants", Member: "members",
}  # fmt: skip
_PAIRING: Final = (
    (
        "each", "every cause with its earliest effect, which several may share (the default)", "a1-b1, a2-b1",
        "MATCH_RECOGNIZE `A X*? B` that skips to the next row (Flink); an ASOF join (DuckDB)",
        "DuckDB runs in the tests; Flink's answers are recorded",
    ),
    (
        "nearest", "the newest cause wins; both are used up", "a2-b1",
        "an EQL `sequence` (python-eql, Elasticsearch); `A X*? B` with X anything but A (Flink)",
        "python-eql runs in the tests; Flink's answers are recorded",
    ),
    (
        "first", "the oldest cause wins, and swallows those that follow it within its time", "a1-b1",
        "SEC's Pair, and PairWithWindow for absence; not MATCH_RECOGNIZE: without an effect it tries the next cause",
        "SEC runs in the tests, on a virtual clock",
    ),
    (
        "fifo", "the oldest open cause with each effect; both are used up", "a1-b1, a2-b2", "preq's sequences",
        "its worked example is a test",
    ),
    (
        "all", "every cause with every effect in time", "a1-b1, a1-b2, a2-b1, a2-b2",
        "a join on the key and the time between (any SQL)", "DuckDB runs in the tests",
    ),
)  # fmt: skip
_ELSEWHERE: Final = (
    ("a gap of exactly the limit", "inside", "inside: EQL, SEC, Hayabusa. Outside: Flink's WITHIN, Splunk's maxspan"),
    (
        "two events at the same time",
        "in one log by the order of its lines; in two logs either order will do, and the match says that it is unknown",
        "by arrival: EQL, Flink, SEC. Either: Hayabusa, preq, a join",
    ),
    (
        "events out of order",
        "sorted by corrected time",
        "sorted: Elasticsearch, Flink within its watermark. As they arrive: python-eql, SEC. Dropped: preq",
    ),
    (
        "`span`, and `within`",
        "`span` from the first event, `within` from the step before",
        "from the first event: EQL's maxspan, SEC's window, Flink's WITHIN, Sigma's timespan",
    ),
    (
        "`not` at the end",
        "true where its time was observed to the end; else inconclusive",
        "SEC's PairWithWindow: true. Elasticsearch: true too where the query ends sooner. python-eql: unusable",
    ),
    (
        "`count`",
        "windows that overlap are one match, from the first event to the last",
        "SEC's SingleWithThreshold fires at the same event, is then still, and starts afresh",
    ),
    ("`all`", "sets are taken from the left and share no event", "SEC's EventGroup; Sigma's `temporal`"),
)


def reference() -> str:
    """All tables as Markdown."""
    parts = [
        "## Forms of patterns\n\n" + forms_table(),
        "## Pairing\n\nWhich events go together where there are several candidates; the report prints it. Of a rule "
        "that looks for a and then b, in a at 0 s (a1), a at 5 s (a2), b at 10 s (b1), b at 12 s (b2):\n\n"
        + pairing_table(),
        "## Beside other engines\n\n" + elsewhere_table(),
        "## Field types\n\n" + fieldtypes.table(),
        "## Placeholders in commands\n\n" + placeholders.table(),
    ]
    for title, model in _TABLES:
        parts.append(f"## Keys: {title[0].lower()}{title[1:]}\n\n{keys_table(model)}")
    return "\n".join(parts)


def forms_table() -> str:
    """Every form with what it says and its keys."""
    rows = ["| form | says | keys |", "|---|---|---|"]
    for form, (says, model) in _FORMS.items():
        text = says or " ".join((model.__doc__ or "").replace("``", "`").split())
        names = [name for name in model.model_fields if name not in {"name", "negated"}]
        rows.append(f"| `{form}` | {text} | {', '.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows) + "\n"


def pairing_table() -> str:
    """The values of ``pair``, what each finds, and which engine finds the same."""
    rows = ["| `pair` | which events go together | finds | the same as | held to it by |", "|---|---|---|---|---|"]
    rows += [f"| `{name}` | {' | '.join(_cells(told))} |" for name, *told in _PAIRING]
    return "\n".join(rows) + "\n"


def elsewhere_table() -> str:
    """What else engines answer differently."""
    rows = ["| | here | elsewhere |", "|---|---|---|"]
    rows += [f"| {' | '.join(_cells(row))} |" for row in _ELSEWHERE]
    return "\n".join(rows) + "\n"


def keys_table(model: type[BaseModel]) -> str:
    """The keys of a model: what they take, what holds where they are absent, and what they mean."""
    known = notes(model)
    rows = ["| key | takes | absent | meaning |", "|---|---|---|---|"]
    if model is Step:
        rows.append(_STEP)
    for name, field in model.model_fields.items():
        if model is Step and name in _BINDING:
            continue
        takes = " or ".join(dict.fromkeys(_takes(field.annotation, field.metadata)))
        absent = "it must be given" if field.is_required() else _default(field.default, takes)
        rows.append(f"| `{name}` | {' | '.join(_cells((takes, absent, known.get(name, ''))))} |")
    return "\n".join(rows) + "\n"


def _cells(texts: Iterable[str]) -> Iterator[str]:
    return (text.replace("|", r"\|") for text in texts)


def _default(value: Any, takes: str) -> str:  # noqa: ANN401  # of any key
    if value in (None, "", (), {}):
        return ""
    if takes == "a duration":
        return spelled(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _takes(kind: Any, metadata: Sequence[object] = ()) -> Iterator[str]:  # noqa: ANN401  # any annotation
    """What a key takes, in words."""
    if any(getattr(each, "func", None) is parse_duration for each in metadata):
        yield "a duration"
    elif get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from _takes(inner, more)
    elif get_origin(kind) is Literal:
        yield ", ".join(f"`{option}`" for option in get_args(kind))
    elif get_origin(kind) is tuple:
        parts = dict.fromkeys(text for part in get_args(kind) if part is not ... for text in _takes(part))
        yield "a list" if parts.keys() <= {"text"} else f"a list of {' or '.join(parts)}"
    elif get_origin(kind) is dict:
        yield "a mapping"
    elif get_origin(kind) in {Union, UnionType}:
        options = [part for part in get_args(kind) if part is not NoneType]
        if set(options) >= _SCALAR:
            yield "a value"
            options = [part for part in options if part not in _SCALAR]
        yield from (text for part in options for text in _takes(part))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield _NAMES.get(kind, "a mapping")
    else:
        yield _PLAIN.get(kind, "text")

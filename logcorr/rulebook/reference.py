"""The rule language's reference, made from the models: forms, pairing, field types, keys. For the docs."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from logcorr.rulebook import fieldtypes
from logcorr.rulebook.editor import notes
from logcorr.rulebook.models import (
    Beat,
    Burst,
    Cause,
    Compare,
    Count,
    During,
    Event,
    EventFile,
    Flap,
    Jump,
    Measure,
    Origin,
    Pattern,
    Sign,
    Silence,
    SourceKind,
    Step,
    Wording,
)

_FORMS: Final[dict[str, tuple[str, type[BaseModel] | None]]] = {
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
_PAIRING: Final = {
    "each": "every cause with its earliest effect; an effect may serve several causes (the default)",
    "nearest": "the newest cause wins; both are used up",
    "first": "the oldest cause wins, and swallows those that follow it within its time",
    "fifo": "the oldest open cause with each effect",
    "all": "every cause with every effect in time",
}


def reference() -> str:
    """All tables as Markdown."""
    parts = [
        "### Forms of patterns\n\n" + forms_table(),
        "### Pairing\n\n" + pairing_table(),
        "### Field types\n\n" + fieldtypes.table(),
    ]
    for title, model in (
        ("An event file", EventFile),
        ("An event", Event),
        ("A wording", Wording),
        ("Origin", Origin),
        ("A pattern", Pattern),
        ("A step", Step),
        ("A condition", Compare),
        ("A cause", Cause),
        ("A sign", Sign),
        ("A kind of source", SourceKind),
    ):
        parts.append(f"### Keys: {title[0].lower()}{title[1:]}\n\n{keys_table(model)}")
    return "\n".join(parts)


def forms_table() -> str:
    """Every form with what it says and its keys."""
    rows = ["| form | says | keys |", "|---|---|---|"]
    for form, (says, model) in _FORMS.items():
        text = says or " ".join((model.__doc__ or "").replace("``", "`").split()) if model else says
        names = [name for name in model.model_fields if name not in {"name", "negated"}] if model else []
        rows.append(f"| `{form}` | {text} | {', '.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows) + "\n"


def pairing_table() -> str:
    """The values of ``pair``."""
    return (
        "\n".join(
            [
                "| `pair` | which events go together |",
                "|---|---|",
                *(f"| `{name}` | {text} |" for name, text in _PAIRING.items()),
            ]
        )
        + "\n"
    )


def keys_table(model: type[BaseModel]) -> str:
    """The keys of a model: whether they must be given, and what they mean."""
    known = notes(model)
    rows = ["| key | | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        default = (
            "required"
            if field.is_required()
            else f"`{field.default}`"
            if field.default not in (None, "", (), {})
            else ""
        )
        rows.append(f"| `{name}` | {default} | {known.get(name, '').replace('|', '/')} |")
    return "\n".join(rows) + "\n"

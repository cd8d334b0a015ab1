"""A redacted report taken apart: what of it is our own text, and what came from the logs and whoever runs the tool.

A host may be called like a word of ours (``dmesg`` in the format ``dmesg-ctime``): only in what is not ours does such a
word tell that its name was left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from logcorr import model
from logcorr.redact.redactor import Redactor
from logcorr.redact.survivors import survivors
from logcorr.redact.whole import OURS, SENTENCES

T = TypeVar("T")

_WORD: Final = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_PART: Final = re.compile(r"[a-z0-9]+")
#: Fields of ours with names of rules and events, which users may have written.
_NAMED: Final[dict[type, frozenset[str]]] = {
    model.Evidence: frozenset({"event"}),
    model.Finding: frozenset({"pattern"}),
    model.Hypothesis: frozenset({"cause"}),
    model.ChainStep: frozenset({"event"}),
    model.Verdict: frozenset({"cause", "contributing"}),
    model.Action: frozenset({"cause"}),
    model.Check: frozenset({"settles"}),
    model.Mark: frozenset({"event"}),
    model.CoverageGap: frozenset({"hides"}),
}


def written(
    report: model.Report,
    redactor: Redactor,
    render: Callable[[model.Report], str],
    shipped: Callable[[], frozenset[str]],
) -> tuple[str, tuple[str, ...]]:
    """A redacted report as ``render`` writes it, and the classes of which a value is left in it.

    A name that is a word of our own text, too, is looked for in what the report took from the logs. ``shipped`` gives
    the names of the rules that come with us.
    """
    text = render(report)
    if not survivors(text, redactor):
        return text, ()
    names = shipped()
    left = survivors(report_texts(report, names, redactor), redactor)
    said = frozenset(word.lower() for word in _said(report, redactor))
    return text, left or survivors(text, redactor, words(render(outline(report, names))) | said, said)


def outline(report: model.Report, shipped: frozenset[str]) -> model.Report:
    """``report`` with an x for each text that is not ours; ``shipped`` are the names of the rules that come with us."""
    return _blank(report, shipped)


def report_texts(report: model.Report, shipped: frozenset[str], redactor: Redactor | None = None) -> str:
    """Every text of ``report`` that is not ours, one a line; of our sentences, with ``redactor``, what was put in."""
    return "\n".join(
        redactor.without_own_words(text) if redactor and ours else text for text, ours in _told(report, shipped)
    )


def _said(report: model.Report, redactor: Redactor) -> Iterator[str]:
    """The words of our sentences that are called like something private."""
    for text in {text for text, ours in _told(report, frozenset()) if ours}:
        yield from redactor.own_words(text)


def words(text: str) -> frozenset[str]:
    """Every word of ``text`` in lower case, and of a word with signs in it each part: ``dmesg-ctime`` and ``dmesg``."""
    whole = set(_WORD.findall(text.lower()))
    return frozenset(whole | {part for word in whole for part in _runs(word)})


def _runs(word: str) -> Iterator[str]:
    """Each run of parts of a word: a, a-b, b, b-c and so on."""
    ends = [found.span() for found in _PART.finditer(word)]
    for at, (start, _) in enumerate(ends):
        yield from (word[start:end] for _, end in ends[at:])


def _is_ours(owner: type, name: str, value: object, shipped: frozenset[str]) -> bool:
    if name not in OURS.get(owner, ()):
        return False
    items = value if isinstance(value, tuple) else (value,)
    return name not in _NAMED.get(owner, ()) or all(item in shipped for item in items if item)


def _blank(value: T, shipped: frozenset[str]) -> T:
    return _blanked(value, shipped)  # type: ignore[no-any-return]  # the walk keeps every type but cannot say so


def _blanked(value: Any, shipped: frozenset[str]) -> Any:  # noqa: ANN401 - it walks values of every type
    if isinstance(value, str):
        return "x" if value else ""
    if isinstance(value, tuple):
        return tuple(_blanked(item, shipped) for item in value)
    if isinstance(value, dict):
        return {
            key if key.isidentifier() else f"x{number}": _blanked(item, shipped)  # a field's name, which a rule chose
            for number, (key, item) in enumerate(value.items())
        }
    if not is_dataclass(value) or isinstance(value, type):
        return value
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    blank = {
        name: _blanked(item, shipped) for name, item in values.items() if not _is_ours(type(value), name, item, shipped)
    }
    return replace(value, **blank)


def _told(value: Any, shipped: frozenset[str], *, ours: bool = False) -> Iterator[tuple[str, bool]]:  # noqa: ANN401 - as above
    """Each text that is not ours as a whole, and whether it is a sentence of ours with values in it."""
    if isinstance(value, str):
        yield value, ours
    elif isinstance(value, tuple):
        for item in value:
            yield from _told(item, shipped, ours=ours)
    elif isinstance(value, dict):
        yield from _told((*(key for key in value if not key.isidentifier()), *value.values()), shipped)
    elif is_dataclass(value) and not isinstance(value, type):
        sentences = SENTENCES.get(type(value), frozenset())
        for field in fields(value):
            item = getattr(value, field.name)
            if not _is_ours(type(value), field.name, item, shipped):
                yield from _told(item, shipped, ours=field.name in sentences)

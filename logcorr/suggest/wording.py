"""A mined template as an event of the rule language: its name, its wording, and whether that says what was mined."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.rulebook.globs import is_glob
from logcorr.rulebook.models import Wording
from logcorr.rulebook.wordings import MAX_TEMPLATE, WordingError, compile_wording
from logcorr.suggest.series import KindSeries
from logcorr.suggest.templates import KINDS
from logcorr.textsafe import visible

#: Kinds of variable part that are written out where they never vary.
_WRITTEN_OUT: Final = frozenset({"text", "word", "path", "duration", "number"})
_ORDINALS: Final = ("", "second_", "third_", "fourth_", "fifth_", "sixth_", "seventh_", "eighth_")
_MARKS: Final = re.compile(f"([{''.join(KINDS)}])")
_EMPTY_WORDS: Final = frozenset(
    {"the", "for", "and", "from", "with", "was", "has", "are", "its", "not", "time", "level"}
)
#: Rows that are looked at to see what varies; and how many more rows than were mined a wording may match.
_LOOKED_AT: Final = 2_000
_LOOSEST: Final = 1.1

MOST_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of line as rules name it. Without ``says`` the rulebook knows the event already."""

    event: str
    program: str | None = None
    says: str | None = None


def name(one: KindSeries, messages: pl.DataFrame, taken: set[str]) -> Named | None:
    """What rules call this kind of line, or None where no wording says just that.

    Args:
        one: the kind's series.
        messages: ``id``, ``program``, ``message`` of the rows that have a template.
        taken: names of events that mean something else.
    """
    kind = one.kind
    if kind.event is not None:
        return Named(kind.event)
    if kind.program is None or kind.template is None or is_glob(kind.program):
        return None
    of_program = messages.filter(pl.col("program") == kind.program)
    mine = of_program.filter(pl.col("id").is_in(pl.Series(one.rows).cast(messages.schema["id"]).implode()))
    says = _template(kind.template, mine["message"].head(_LOOKED_AT))
    if says is None or visible(kind.program) != kind.program or not _says_just_that(says, mine, of_program):
        return None
    return Named(_event_name(kind.program, says, taken), kind.program, says)


def _template(template: str, messages: pl.Series) -> str | None:
    """The template with typed fields; parts that never vary are written out."""
    parts = _MARKS.split(template)
    constants = _constants(parts, messages)
    seen: Counter[str] = Counter()
    says = ""
    for place, part in enumerate(parts):
        if place % 2 == 0 or constants.get(place) is not None:
            says += (part if place % 2 == 0 else constants[place]).replace("{", "{{").replace("}", "}}")
            continue
        says += _field(KINDS[part], parts, place, seen)
    return says if len(says) <= MAX_TEMPLATE and visible(says) == says else None


def _field(kind: str, parts: list[str], place: int, seen: Counter[str]) -> str:
    before = parts[place - 1]
    if kind == "number" and (
        re.search(r"\bport $", before) or (before == ":" and place > 1 and KINDS[parts[place - 2]] == "ip")
    ):
        kind = "port"
    elif (
        kind == "number" and re.search(r"\b(?:pid[ =]|\[)$", before, re.IGNORECASE) and parts[place + 1].startswith("]")
    ):
        kind = "pid"
    number = seen[kind]
    seen[kind] += 1
    return "{*}" if kind == "*" or number >= len(_ORDINALS) else f"{{{_ORDINALS[number]}{kind}}}"


def _constants(parts: list[str], messages: pl.Series) -> dict[int, str]:
    """The text of each variable part that is the same in all messages, by its place in ``parts``."""
    places = range(1, len(parts), 2)
    if not places:
        return {}
    pattern = "".join("(.*?)" if place % 2 else re.escape(part).replace("\\ ", " ") for place, part in enumerate(parts))
    groups = messages.str.extract_groups(rf"^{pattern.replace(chr(92) + '/', '/')}$").struct.unnest()
    found = {}
    for place, column in zip(places, groups.get_columns(), strict=True):
        if KINDS[parts[place]] in _WRITTEN_OUT and column.n_unique() == 1 and column[0]:
            found[place] = str(column[0])
    return found


def _says_just_that(says: str, mine: pl.DataFrame, of_program: pl.DataFrame) -> bool:
    try:
        regex = compile_wording(Wording(says=says)).regex
    except WordingError:
        return False
    if regex is None or len(re.findall(r"[A-Za-z]{3,}", re.sub(r"\{[^{}]*\}", "", says))) < 1:
        return False
    if not mine["message"].str.contains(regex).all():
        return False
    return int(of_program["message"].str.contains(regex).sum()) <= _LOOSEST * mine.height


def _event_name(program: str, says: str, taken: set[str]) -> str:
    literal = re.sub(r"\{[^{}]*\}", " ", says).lower()
    words = [word for word in re.findall(r"\b[a-z]{3,20}\b", literal) if word not in _EMPTY_WORDS][:MOST_WORDS]
    own = re.sub(r"[^a-z0-9]+", "_", program.lower()).strip("_")[:30]
    base = ".".join([own or "program", *dict.fromkeys(words)])
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}.{number}"
    return found

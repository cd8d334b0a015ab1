"""The rulebook's wordings, compiled and numbered, and which programs they apply to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.origin import Chosen, usual
from logcorr.rulebook.checks.outsiders import chosen_in
from logcorr.rulebook.globs import any_glob, meant
from logcorr.rulebook.models import Origin, Query, Rulebook
from logcorr.rulebook.wordings import CompiledWording, compile_wording

#: Fields that a structured journal gives to any event (UNIT= and INTERFACE=, in the timeline's ``about``).
STRUCTURED = ("unit", "interface")
#: Members of ``fields`` whatever the rules declare; ``hides`` is explained in ``suppression``.
ALWAYS = (*STRUCTURED, "hides")

_FEW = 2_000  # programs: of more, those that no rule names are told apart from the others first


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One wording of one event of one event file."""

    number: int  # in the order of the rules: of two wordings of one event, the lower number counts
    event: str
    wording: CompiledWording
    origin: Origin | None
    as_written: bool = False  # it reads what outsiders chose, too


@dataclass(frozen=True, slots=True, eq=False)
class WordSection:
    """The wordings that apply to the same programs: one event file."""

    programs: tuple[str, ...]  # globs
    entries: tuple[Entry, ...]
    chosen: tuple[Chosen, ...] = ()  # what others chose in the programs' lines


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Programs that share all their wordings, and all that others choose in their lines."""

    programs: pl.Series  # distinct; null: no program is known
    entries: tuple[Entry, ...]
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Wordbook:
    """All wordings of a run, and the dtype of every field that they declare."""

    sections: tuple[WordSection, ...] = ()
    dtypes: dict[str, type[pl.DataType]] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()  # numbered on after the wordings

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every wording, in the order of its number."""
        return tuple(entry for section in self.sections for entry in section.entries)

    @property
    def told(self) -> tuple[tuple[str, Origin | None], ...]:
        """The event and the origin of every wording and query, by number."""
        return (
            *((entry.event, entry.origin) for entry in self.entries),
            *((query.event, Origin(by=usual(query.programs))) for query in self.queries),
        )

    def groups(self, programs: pl.Series) -> Iterator[Group]:
        """The groups of some programs (distinct; null: none is known)."""
        filled = programs.fill_null("")
        named, others = self._named(filled)
        names = filled.gather(named + others[:1]).to_list()
        used: dict[str, list[WordSection]] = {name: [] for name in names}
        for section in self.sections:
            for name in meant(used, section.programs):
                used[name].append(section)
        places: dict[tuple[int, ...], list[int]] = {}
        for place, name in zip(named + others[:1], names, strict=True):
            places.setdefault(tuple(map(id, used[name])), []).append(place)
        if others:
            places[tuple(map(id, used[names[-1]]))] += others[1:]
        for alike in places.values():
            mine = used[filled[alike[0]]]
            entries = tuple(entry for section in mine for entry in section.entries)
            if entries:
                chosen = tuple(one for section in mine for one in section.chosen)
                yield Group(programs.gather(alike), entries, chosen)

    def _named(self, names: pl.Series) -> tuple[list[int], list[int]]:
        """The places of the names that some rule means by more than ``*``, and of the others, which are all alike."""
        if len(names) <= _FEW:
            return list(range(len(names))), []
        globs = dict.fromkeys(glob.removeprefix("!") for section in self.sections for glob in section.programs)
        found = any_glob(names, tuple(glob for glob in globs if glob != "*"))
        return found.arg_true().to_list(), (~found).arg_true().to_list()


def open_wordbook(rules: Rulebook) -> Wordbook:
    """Compile the rulebook's events. The rulebook is valid, as ``load_rules`` returns it."""
    sections: list[WordSection] = []
    dtypes: dict[str, type[pl.DataType]] = {}
    count = 0
    for file in rules.events:
        entries = []
        for name, event in file.events.items():
            origin = file.origin_of(event)
            for wording in event.wordings():
                compiled = compile_wording(wording, tested=True, known=rules.expressions)
                dtypes |= compiled.field_dtypes()
                entries.append(Entry(count, name, compiled, origin, bool(event.outsider_fields)))
                count += 1
        sections.append(WordSection(file.programs, tuple(entries), chosen_in(file)))
    for name in ALWAYS:
        dtypes.setdefault(name, pl.String)
    for query in rules.queries:
        dtypes |= {name: dtypes[fields[0]] for name, fields in query.gives}
    return Wordbook(tuple(sections), dict(sorted(dtypes.items())), rules.queries)

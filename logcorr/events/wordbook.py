"""The rulebook's wordings, compiled and numbered, and which programs they apply to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.origin import Chosen, usual
from logcorr.rulebook.checks.outsiders import chosen_in
from logcorr.rulebook.globs import glob_regex, is_glob, meant
from logcorr.rulebook.models import Origin, Query, Rulebook
from logcorr.rulebook.wordings import CompiledWording, compile_wording

#: Fields that a structured journal gives to any event (UNIT= and INTERFACE=, in the timeline's ``about``).
STRUCTURED = ("unit", "interface")
#: Members of ``fields`` whatever the rules declare; ``hides`` is explained in ``suppression``.
ALWAYS = (*STRUCTURED, "hides")


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
        names = programs.fill_null("").to_list()
        used: dict[str, list[WordSection]] = {name: [] for name in names}
        for section in self.sections:
            for name in meant(used, section.programs):
                used[name].append(section)
        places: dict[tuple[int, ...], list[int]] = {}
        for place, name in enumerate(names):
            places.setdefault(tuple(map(id, used[name])), []).append(place)
        for alike in places.values():
            mine = used[names[alike[0]]]
            entries = tuple(entry for section in mine for entry in section.entries)
            if entries:
                chosen = tuple(one for section in mine for one in section.chosen)
                yield Group(programs.gather(alike), entries, chosen)


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


def any_glob(names: pl.Series, globs: tuple[str, ...]) -> pl.Series:
    """Which names fit one of the globs, and none of those that begin with ``!``."""
    return names.to_frame("name").select(_is_one_of(pl.col("name"), globs)).to_series()


def _is_one_of(name: pl.Expr, globs: tuple[str, ...]) -> pl.Expr:
    found = _fits(name, [glob for glob in globs if not glob.startswith("!")])
    out = [glob[1:] for glob in globs if glob.startswith("!")]
    return found & ~_fits(name, out) if out else found


def _fits(name: pl.Expr, globs: list[str]) -> pl.Expr:
    plain = [glob for glob in globs if not is_glob(glob)]
    found = name.is_in(plain) if plain else name.is_null() & pl.lit(value=False)
    for glob in globs:
        if is_glob(glob):
            found |= name.str.contains(glob_regex(glob))
    return found

"""The parts of a program's lines that an outsider chose: names, requests, greetings, answers.

A program that logs what a stranger sent writes the stranger's words into its own record, under its own name and with
all its credentials. Rule files say which parts those are; here they are taken out, a mark in their place, before any
wording is tried and before any line dates a clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.narrow import is_plain, narrowed

#: What stands in the place of an outsider's words.
HIDDEN: Final = "\N{HORIZONTAL ELLIPSIS}"
#: Groups of an expression that are not the outsider's, and stay: before and after his words, or the whole match.
KEPT: Final = ("before", "after", "own")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which parts of some programs' lines are chosen by others.

    Of ``regexes`` (Rust syntax, searched anywhere; ``.`` takes line ends too) the first that fits a line counts: each
    of its matches is hidden, but for what the groups ``before`` and ``after`` hold; one with the group ``own`` says
    that nothing in the line is an outsider's.
    """

    programs: str  # an expression that finds the names of the programs; a line without one has the name ""
    regexes: tuple[str, ...]
    general: bool = False  # of any program: counts where nothing is said of the program itself

    def hide(self, message: pl.Expr, *, plain: bool = False) -> pl.Expr:
        """Messages of these programs without what others chose. ``plain``: they are of ASCII alone, but for marks."""
        hidden = message
        for regex in reversed(self.regexes):
            whole = narrowed(f"(?s){regex}") if plain else f"(?s){regex}"
            before, after, own = (f"${{{name}}}" if f"(?P<{name}>" in regex else "" for name in KEPT)
            shown = message if own else message.str.replace_all(whole, before + HIDDEN + after)
            hidden = pl.when(message.str.contains(whole)).then(shown).otherwise(hidden)
        return hidden


@dataclass(frozen=True, slots=True)
class Outsiders:
    """All such parts that the rules of a run name."""

    chosen: tuple[Chosen, ...] = ()

    def of(self, program: str | None) -> tuple[Chosen, ...]:
        """Those of one program's lines."""
        return tuple(one for one in self.chosen if re.search(one.programs, program or ""))

    def hidden(self, rows: pl.DataFrame) -> pl.Series:
        """The messages of some records (columns program, message) without what outsiders chose."""
        message = rows["message"]
        if not self.chosen or rows.is_empty():
            return message
        at = pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")
        for (program,), group in rows.select("program", "message", at).group_by("program", maintain_order=True):
            mine = self.of(None if program is None else str(program))
            if mine:
                message = message.scatter(group["at"], hide(group["message"], mine))
        return message


#: Where no rules are known: nothing is hidden.
NOBODY: Final = Outsiders()


def acting(chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """Those of ``chosen`` that count, in turn: the general ones only where nothing is said of the program itself."""
    return tuple(dict.fromkeys([one for one in chosen if not one.general] or chosen))


def hide(messages: pl.Series, chosen: Sequence[Chosen]) -> pl.Series:
    """Messages of one program without what outsiders chose, as each of ``chosen`` says in turn."""
    plain = is_plain(messages)
    for one in acting(chosen):
        messages = messages.to_frame().select(one.hide(pl.col(messages.name), plain=plain)).to_series()
    return messages

"""Of very many programs, those that no rule names are told apart first: their wordings are the same as one by one."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.events.wordbook import open_wordbook
from logcorr.rulebook import load_rules
from logcorr.rulebook.globs import any_matches, glob_matches, is_glob

RULES = load_rules()
BOOK = open_wordbook(RULES)
GLOBS = sorted({glob.removeprefix("!") for section in BOOK.sections for glob in section.programs})


def wordings(names: list[str | None]) -> dict[str | None, list[int]]:
    """By program the numbers of its wordings."""
    return {
        name: [entry.number for entry in group.entries]
        for group in BOOK.groups(pl.Series(names, dtype=pl.String))
        for name in group.programs
    }


def test_among_thousands_a_program_has_the_wordings_that_it_has_alone() -> None:
    called = [glob.replace("*", "7").replace("?", "x") for glob in GLOBS]
    few = [None, *dict.fromkeys((*GLOBS, *called, *(f"{name}2" for name in called), "systemd", "kernel", "nobody"))]
    many = [*few, *(f"app{number:x}" for number in range(3_000))]
    alone = {
        name: told for start in range(0, len(few), 500) for name, told in wordings(few[start : start + 500]).items()
    }
    among = wordings(many)
    assert {name: among.get(name) for name in few} == {name: alone.get(name) for name in few}
    assert among["app0"] == among["appbb7"] == wordings(["app0"])["app0"]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["dns*", "!dnsmasq", "kea-*", "named", "*", "a[12]", "pf?"]), min_size=1, max_size=4))
def test_thousands_of_names_match_as_few_do(globs: list[str]) -> None:
    rest = [f"x{number}" for number in range(2_100)]
    for name in ("dnsmasq", "dnsdist", "kea-dhcp4", "named", "a1", "a[12]", "pfx"):
        assert any_matches([name, *rest], tuple(globs)) == any(
            glob_matches(each, globs) for each in (name, "x0") if not (is_glob(each) and each in globs)
        )

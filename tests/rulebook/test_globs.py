"""One glob language, read the same by Python and by the engine's expressions."""

from __future__ import annotations

import fnmatch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.rulebook.globs import glob_matches, glob_regex, is_glob, matching, meant

LETTERS = st.text(alphabet="ab1.-", max_size=6)
GLOBS = st.text(alphabet="ab1.*?-", max_size=6)


@settings(deadline=None)
@given(LETTERS, GLOBS)
def test_as_the_standard_library_has_it(name: str, glob: str) -> None:
    assert glob_matches(name, glob) == fnmatch.fnmatchcase(name, glob)


@settings(deadline=None)
@given(LETTERS, GLOBS | st.sampled_from(["[ab]*", "*[!a]", "?[1-9]", "[]a]"]))
def test_as_the_engine_has_it(name: str, glob: str) -> None:
    assert pl.Series([name]).str.contains(glob_regex(glob)).to_list() == [glob_matches(name, glob)]


@pytest.mark.parametrize(
    ("name", "globs", "found"),
    [
        ("svc1", ("svc[12]",), True),
        ("svc3", ("svc[12]",), False),
        ("svc3", ("svc[!12]",), True),
        ("svc3\n", ("svc?",), False),
        ("a+b", ("a+b",), True),
        ("kernel", ("*", "!kern*"), False),
        ("cron", ("*", "!kern*"), True),
        ("cron", (), False),
    ],
)
def test_sets_and_exceptions(name: str, globs: tuple[str, ...], *, found: bool) -> None:
    assert glob_matches(name, globs) is found


@settings(deadline=None)
@given(st.sets(LETTERS | GLOBS | st.just("svc[12]")), st.lists(GLOBS | st.just("svc[12]"), max_size=4))
def test_names_that_are_meant_match_what_globs_mean_and_not_how_they_are_spelled(
    names: set[str], globs: list[str]
) -> None:
    found = pl.Series(sorted(names), dtype=pl.String)
    wanted = pl.Series([False] * len(found), dtype=pl.Boolean)
    for glob in globs:
        wanted |= found.str.contains(glob_regex(glob))
    assert sorted(meant(names, tuple(globs))) == found.filter(wanted).to_list()
    assert sorted(matching(names, tuple(globs))) == sorted(name for name in names if glob_matches(name, globs))


@pytest.mark.parametrize(("name", "several"), [("a.b", False), ("a.*", True), ("a?", True), ("svc[12]", True)])
def test_what_may_mean_several(name: str, *, several: bool) -> None:
    assert is_glob(name) is several

"""Required literals are required, groups are found, and what could blow up is refused."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.rulebook.regexes import ELSEWHERE, MAX_LENGTH, read_regex, regex_fault


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"^magicsock: (?:\[[^\]]*\] )?derp\.Recv\(derp-(?P<region>\d+)\): (?P<error>.+)", ("derp.Recv(derp-",)),
        (r"^(?:panic: |fatal error: )(?P<error>.*)", ("panic: ", "fatal error: ")),
        (r"connection reset|broken pipe", ("connection reset", "broken pipe")),
        (r"abc(?:def)?ghij", ("ghij",)),
        (r"abcd+efg", ("abcd",)),
        (r"abcd*efg", ("abc",)),
        (r"abcd{0,3}efgh", ("efgh",)),
        (r"abcd{2}efgh", ("abcd",)),
        (r"(?i)connection reset", ()),
        (r"(?s-u)connection reset", ("connection reset",)),
        (r"(?i:con)nection", ()),
        (r"\x41bcd", ("bcd",)),
        (r"\x{41}bcd", ("bcd",)),
        (r"\pLabc\p{Greek}defg", ("defg",)),
        (r"\bword\b", ("word",)),
        (r"\b{start}word", ("word",)),
        (r"[[:alpha:]]]abc", ("]abc",)),
        (r"[]a]bcd", ("bcd",)),
        (r"(?:abc|)def", ("def",)),
        (r"(?:abc|)", ()),
        (r".*", ()),
        (r"a.b.c", ()),
        (r"naïve: (\d+)", ("naïve: ",)),
    ],
)
def test_literals(pattern: str, literals: tuple[str, ...]) -> None:
    assert regex_fault(pattern) is None
    assert read_regex(pattern)[1] == literals


@pytest.mark.parametrize(
    ("pattern", "folded"),
    [
        (r"(?i)Connection Reset", ("connection reset",)),
        (r"(?i:con)nection", ("nection",)),
        (r"(?i)\bloop(?:back)? (?:found|SIGHTED)\b", ("found", "sighted")),
        (r"(?i)naïve port", ("ve port",)),
        (r"(?i)\d+ u", ()),
        (r"(?ix) lost carrier", ()),
        (r"lost carrier", ()),
    ],
)
def test_literals_without_regard_to_case(pattern: str, folded: tuple[str, ...]) -> None:
    assert regex_fault(pattern) is None
    assert read_regex(pattern)[1:] == (() if folded else read_regex(pattern)[1], folded)


def test_no_other_character_of_unicode_is_a_letter_of_ascii_where_case_does_not_matter() -> None:
    letters = pl.Series([chr(code) for code in range(0x80, 0x110000) if not 0xD800 <= code < 0xE000])
    assert tuple(letters.filter(letters.str.contains("(?i)[a-z]"))) == ELSEWHERE


def matches(pattern: str, texts: list[str]) -> list[bool]:
    return pl.Series(texts).str.contains(pattern).to_list()


atoms = st.sampled_from(
    [r"abc", r"de", r"x", r"\.", r"\d", r"[a-e]", r"[^x]", r"(?:abc|dex)", r"(abc)", r"(?<n>de|abc)", r".", r"^", r"\b"]
)
pieces = st.tuples(atoms, st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "??", "+?"]))
patterns = st.lists(
    st.lists(pieces, max_size=4).map(lambda parts: "".join(a + q for a, q in parts)), min_size=1, max_size=3
).map("|".join)


@settings(max_examples=300, deadline=None)
@given(patterns, st.sampled_from(["", "(?i)"]), st.lists(st.text("abcdeXx.1", max_size=12), min_size=1, max_size=20))
def test_whatever_matches_contains_one_of_the_literals(pattern: str, flags: str, texts: list[str]) -> None:
    if regex_fault(pattern):
        return
    _, literals, folded = read_regex(flags + pattern)
    if not literals and not folded:
        return
    for text, hit in zip(texts, matches(flags + pattern, texts), strict=True):
        found = any(literal in text for literal in literals) or any(literal in text.lower() for literal in folded)
        assert not hit or found, (pattern, text, literals, folded)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"(?P<a>x)(?<b>y)(z)(?:w)", ("a", "b")),
        (r"\(?P<a>x", ()),
        (r"[(?<a>](?<b>x)", ("b",)),
        (r"((?<outer>(?<inner>x)))", ("outer", "inner")),
    ],
)
def test_named_groups(pattern: str, names: tuple[str, ...]) -> None:
    assert regex_fault(pattern) is None
    assert read_regex(pattern)[0] == names


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (r"a(?=b)", "look-around"),
        (r"(?<!a)b", "look-around"),
        (r"(a)\1", "backreferences"),
        ("", "an empty expression"),
        (r"(a", "unclosed group"),
        (r"a{5000}", "counted repetition"),
        (r"(?:a{200}){200}(?:b{200}){200}" * 20, "too large"),
        ("a" * (MAX_LENGTH + 1), "characters"),
        ("(" * (1 << 20), "characters"),
    ],
)
def test_refused_expressions(pattern: str, says: str) -> None:
    assert says in (regex_fault(pattern) or "")

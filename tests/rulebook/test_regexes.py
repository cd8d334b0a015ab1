"""Required literals are required, groups are found, and what could blow up is refused."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.rulebook.regexes import ELSEWHERE, MAX_LENGTH, any_digits, read_regex, regex_fault


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


@pytest.mark.parametrize(
    ("pattern", "wider"),
    [
        (r"^eth\d+: [0-9a-f]{2,16}(?P<h2>\S)[^\d./]", None),
        (r"[[:alpha:]0-9]\.[^0-9]{3}", None),
        ("eth0", "eth[0-9]"),
        (r"[1-5]\d\d", r"(?:[0-9]|[1-5])\d\d"),
        (r"[^1-5]+", r"(?:[0-9]|[^1-5])+"),
        (r"[+-0-9]", r"(?:[0-9]|[+-0-9])"),
        (r"[\+-0-9]", r"(?:[0-9]|[\+-0-9])"),
        (r"[]0-8]", "(?:[0-9]|[]0-8])"),
        (r"[{3}]", "(?:[0-9]|[{3}])"),
        ("0-9", "[0-9]-[0-9]"),
        (r"\{3}", r"\{[0-9]}"),
    ],
)
def test_expressions_for_any_digits(pattern: str, wider: str | None) -> None:
    assert any_digits(pattern) == (wider or pattern)
    assert regex_fault(any_digits(pattern) or "") is None


@pytest.mark.parametrize("pattern", [r"\x35", r"[\x30-5]", r"\p{N}", "(?x) a 5", "[a[0-4]]", "[0-9&&[^4]]", r"[\d--4]"])
def test_expressions_of_which_it_cannot_be_told(pattern: str) -> None:
    assert any_digits(pattern) is None


PIECES = [
    r"\d",
    "5",
    "[1-5]",
    "[^1-5]",
    "[^3]",
    r"[^\d.]",
    "[0-9a]",
    r"\w",
    r"\b",
    ".",
    "a",
    r"\s",
    "(?:5|a)",
    "[a-]",
    r"[^\W5]",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(PIECES), st.sampled_from(["", "", "?", "+", "{2}", "{1,3}"])), min_size=1, max_size=5
    ),
    st.lists(st.text("0359a-. \N{ARABIC-INDIC DIGIT FOUR}", max_size=8), min_size=1, max_size=20),
)
def test_what_is_found_is_found_with_any_digits(items: list[tuple[str, str]], texts: list[str]) -> None:
    pattern = "".join(piece if piece == r"\b" else piece + count for piece, count in items)
    wider = any_digits(pattern)
    assert wider is not None
    found = pl.Series(texts).str.contains(pattern)
    zeros = pl.Series([text.translate(dict.fromkeys(range(48, 58), "0")) for text in texts]).str.contains(wider)
    assert not (found & ~zeros).any()
    assert wider != pattern or found.to_list() == zeros.to_list()

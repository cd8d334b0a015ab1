"""YAML as rule files use it: places kept, YAML 1.2's scalars, limits."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.rulebook.documents import DocumentError, read_documents
from logcorr.rulebook.files import MAX_BYTES


def data(text: str) -> object:
    return read_documents(text)[0].data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.2.3", "1.2.3"),
        ("03:00:45", "03:00:45"),
        ("2025-11-04", "2025-11-04"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("9" * 30, "9" * 30),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert data(f"key: {text}\n") == {"key": value}


def test_keys_are_always_text() -> None:
    assert data("on: 1\n12: 2\ntrue: 3\n") == {"on": 1, "12": 2, "true": 3}


def test_places_of_keys_and_values() -> None:
    document = read_documents("id: x\nsequence:\n  - down: link.down\n    where: {interface: eth0}\n")[0]
    assert document.locate(("id",)) == (1, 5)
    assert document.locate(("id",), key=True) == (1, 1)
    assert document.locate(("sequence", 0, "where", "interface")) == (4, 24)
    assert document.locate(("sequence", 0, "down")) == (3, 11)


def test_parts_of_a_path_that_lead_nowhere_are_skipped() -> None:
    document = read_documents("says:\n  - {regex: x}\n")[0]
    assert document.locate(("says", "tuple[...]", 0, "Wording", "regex")) == (2, 13)
    assert document.locate(("nothing", "here")) == document.place


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\na: 2\n", (2, 1), "a second time"),
        ("a: !!python/name:os.system x\n", (1, 4), "tag"),
        ("a: !secret x\n", (1, 4), "tag"),
        ("? [a, b]\n: c\n", (1, 3), "plain text"),
        ("a: [1, 2\n", (2, 1), "not YAML"),
        ("a: b: c\n", (1, 5), "not YAML"),
        ("a: &x [*x]\n", (1, 8), "before the end of its anchor"),
        ("[" * 40 + "]" * 40, (1, 33), "deeper"),
        ("a: &a b\n" + "".join(f"k{n}: *a\n" for n in range(51)), (52, 6), "aliases"),
    ],
)
def test_what_is_refused_and_where(text: str, place: tuple[int, int], says: str) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        read_documents(text)
    assert caught.value.place == place


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 6))
    with pytest.raises(DocumentError, match="50,000 values"):
        read_documents("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels)


def test_aliases_within_reason_are_read() -> None:
    assert data("a: &a {x: 1}\nb: *a\n") == {"a": {"x": 1}, "b": {"x": 1}}


def test_size_is_bounded() -> None:
    with pytest.raises(DocumentError, match="at most"):
        read_documents("a: " + "x" * MAX_BYTES)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(DocumentError):
        assert len(read_documents(text)) >= 0


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc xyz:#-{}[]'\"\n0123456789.", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(plain)
def test_json_is_read_as_json(value: object) -> None:
    assert data(json.dumps(value)) == value

"""Nothing invisible, nothing that acts on a display, gets past ``visible``."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.textsafe import LIMIT, shortened, visible

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tailscale0: Link DOWN", "tailscale0: Link DOWN"),
        ("čćžšđ Ελλάδα 東京 😀", "čćžšđ Ελλάδα 東京 😀"),
        ("a\x1b[2Jb", "a␛[2Jb"),  # CSI: clear the screen
        ("\x1b]0;title\x07", "␛]0;title␇"),  # OSC: rename the window
        ("\x1b]52;c;QQ==\x1b\\", "␛]52;c;QQ==␛\\"),  # OSC 52: write the clipboard
        ("\x9b31m", "‹U+009B›31m"),  # CSI as one byte
        ("over\rwritten\b", "over␍written␈"),
        ("two\nlines\tand a tab", "two␊lines and a tab"),
        ("\x00\x7f\x85", "␀␡‹U+0085›"),
        ("rm \u202efdp.exe", "rm ‹U+202E›fdp.exe"),
        ("\u2066isolate\u2069", "‹U+2066›isolate‹U+2069›"),
        ("pass\u200bword\ufeff", "pass‹U+200B›word‹U+FEFF›"),
        ("soft\u00adhyphen \u061c", "soft‹U+00AD›hyphen ‹U+061C›"),
        ("\U000e0041\U000e007f", "‹U+E0041›‹U+E007F›"),  # tags spell out hidden text
        ("a\ufe0f\U000e0100", "a‹U+FE0F›‹U+E0100›"),  # so do variation selectors
        ("line\u2028para\u2029", "line‹U+2028›para‹U+2029›"),
        ("\udce9t\udce9", "‹U+DCE9›t‹U+DCE9›"),  # what surrogateescape leaves of Latin-1
        ("\ufffe\U0010ffff\ufffd", "‹U+FFFE›‹U+10FFFF›\ufffd"),
        ("\u3164\u115f\u2800", "‹U+3164›‹U+115F›‹U+2800›"),  # blank letters
    ],
)
def test_signs(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_control_or_format_character_is_missed() -> None:
    hostile = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
    assert [f"U+{ord(character):04X}" for character in hostile if visible(character) == character] == []


def test_a_long_text_is_cut_with_the_count() -> None:
    assert visible("x" * LIMIT) == "x" * LIMIT
    cut = visible("x" * 10_000)
    kept = cut.rstrip(")").split("…(+")
    assert len(cut) <= LIMIT
    assert len(kept[0]) + int(kept[1]) == 10_000


def test_a_cut_never_splits_a_sign() -> None:
    for limit in range(20, 60):
        shown = visible("\u202e" * 200, limit)
        assert shown.count("‹") == shown.count("›")
        assert len(shown) <= limit


@given(ANY_TEXT, st.integers(min_value=32, max_value=200))
def test_the_result_is_one_inert_line_and_stays_as_it_is(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert shown.splitlines() in ([shown], [])
    assert len(shown) <= limit
    shown.encode()
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(shown, limit) == shown


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=100))
def test_plain_text_passes_unchanged(text: str) -> None:
    assert visible(text) == text


ADDRESSES = (
    "203.0.113.166",
    "2001:db8::10:2f",
    "[2001:db8::2]:443",
    "127.0.0.53:53",
    "fe80::1%eth0",
    "198.51.100.0/24",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "line", ["lookup failed: read udp {}: i/o timeout", '{{"peer":"{}","again":false}}', "dst={},len"]
)
def test_no_cut_leaves_a_part_of_an_address(address: str, line: str) -> None:
    """203.0.113.1 is another address than 203.0.113.166."""
    text = f"{'peer lost, ' * 4}{line.format(address)}"
    for limit in range(45, len(text)):
        cut = shortened(text, limit)
        assert len(cut) <= limit
        assert cut.endswith("…")
        left = cut.removesuffix("…").rstrip()
        assert text.startswith(left)
        if len(left) > text.index(address):
            assert address in left
        shown = visible(text, limit).partition("…(+")[0]
        assert len(shown) <= text.index(address) or address in shown


@given(ANY_TEXT, st.integers(min_value=1, max_value=100))
def test_what_is_shortened_fits_and_says_so(text: str, limit: int) -> None:
    cut = shortened(text, limit)
    assert len(cut) <= limit
    assert cut == text if len(text) <= limit else cut.endswith("…")


def test_a_word_longer_than_a_line_is_cut_all_the_same() -> None:
    assert shortened("x" * 500, 50) == "x" * 48 + " …"
    assert len(shortened("trouble at " + "y" * 500, 50)) == 50

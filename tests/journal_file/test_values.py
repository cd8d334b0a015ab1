"""Values as text, against Python's own decoding, whatever the bytes and however the buffer is cut into slabs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.parsers.formats.journal_file import values

WORDS = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(str.encode),
    st.sampled_from([b"x" * 12, b"y" * 13, b"\xe7\xb6", b"\xb2"]),
)


@given(st.lists(WORDS, max_size=60), st.sampled_from([64, 128, 1 << 30]))
@settings(max_examples=300, deadline=None)
def test_text_is_what_python_decodes(words: list[bytes], slab: int) -> None:
    length = np.array([len(word) for word in words], np.int64)
    start = np.cumsum(length) - length
    shown = values.text(b"".join(words), start, length, slab=slab)
    assert shown.to_list() == [None, *(word.decode("utf-8", "backslashreplace") for word in words)]


@given(
    st.lists(st.one_of(st.integers(10**15, 10**16 - 1).map(str), st.text("0123456789:/ -x", min_size=16, max_size=16))),
    st.integers(0, 7),
)
def test_micros_are_what_python_reads(texts: list[str], offset: int) -> None:
    data = b"".join(bytes(offset) + text.encode() + bytes(16 - offset) for text in texts) + bytes(8)
    start = np.arange(len(texts)) * 32 + offset
    wanted = [int(text) if text.isdigit() else 0 for text in texts]
    assert values.parse_digits(np.frombuffer(data, "<u8"), start).tolist() == wanted


@pytest.mark.parametrize("bad", [0, 1, 4095, 4096, 9999])
def test_one_bad_value_among_many_does_not_spoil_the_rest(bad: int) -> None:
    words = [b"\xc5\xbeica %05d" % number for number in range(10_000)]
    words[bad] = b"\xc5\xbeica \xff more"
    length = np.array([len(word) for word in words], np.int64)
    shown = values.text(b"".join(words), np.cumsum(length) - length, length).to_list()[1:]
    assert shown[bad] == "žica \\xff more"
    assert all(text == f"žica {number:05}" for number, text in enumerate(shown) if number != bad)

"""What is done stretch by stretch is what would be done with all at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.timeline import arrays
from logcorr.timeline.arrays import as_rows, in_order, lines_by

NUMBERS = st.lists(st.integers(0, 6), max_size=40)
STRETCHES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5)), max_size=8)


def spread(stretches: list[tuple[int, int]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Numbers that rise in stretches, as those of rotated logs do."""
    parts = [np.arange(first, first + count) for first, count in stretches]
    return np.concatenate([np.zeros(0, np.int64), *parts])


@settings(deadline=None)  # a busy machine is no fault
@given(STRETCHES, st.data())
def test_rows_are_in_the_order_of_their_keys(stretches: list[tuple[int, int]], data: st.DataObject) -> None:
    second = spread(stretches)
    first = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(second), max_size=len(second))), np.int32)
    rows = np.flatnonzero(data.draw(st.lists(st.booleans(), min_size=len(second), max_size=len(second))))
    expected = rows[np.lexsort((second[rows], first[rows]))] if len(rows) else rows
    assert in_order(rows, first, second).tolist() == expected.tolist()


def test_long_rows_are_looked_at_in_pieces() -> None:
    count = 2 * arrays._PIECE + 5
    key = np.roll(np.arange(count), 7)
    assert (key[in_order(np.arange(count), key)] == np.arange(count)).all()


def test_what_is_in_no_order_is_sorted() -> None:
    key = np.random.default_rng(4).permutation(20 * arrays._STRETCHES)
    assert (key[in_order(np.arange(len(key)), key)] == np.arange(len(key))).all()


@settings(deadline=None)  # a busy machine is no fault
@given(NUMBERS)
def test_lines_are_those_of_each_value(numbers: list[int]) -> None:
    key = np.array(numbers, np.int64)
    found = [as_rows(lines).tolist() for lines in lines_by(key)]
    assert found == [np.flatnonzero(key == value).tolist() for value in sorted(set(numbers))]

"""Values as text: Arrow string views over the file's bytes, checked for UTF-8 in bulk, then copied together."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.parsers.engine.lines import exported, utf8

#: A view's offset is an i32, so a longer buffer is offered in overlapping slabs of twice this many bytes (a power of
#: two). No value is as long as one.
SLAB: Final = 1 << 30

#: Of the microseconds since 1970, from 2001 to 2286.
DIGITS: Final = 16

#: So many values are copied one by one sooner than pyarrow is loaded, which takes 40 MB and 0.1 s of a small run.
_FEW: Final = 1 << 16
_INLINE: Final = 12  # a view of up to 12 bytes holds them itself
_SLICE: Final = 4096  # values checked again together where some are not UTF-8


def text(data: bytes | memoryview, start: NDArray[np.int64], length: NDArray[np.int64], slab: int = SLAB) -> pl.Series:
    r"""A String series: null, then ``data[start:start + length]`` for each value, bytes that are not UTF-8 as ``\xNN``.

    The leading null lets 0 stand for "no value" in an index. The result does not refer to ``data``.
    """
    if len(start) <= _FEW and slab == SLAB:
        ends = (start + length).tolist()
        values = [bytes(data[begin:end]) for begin, end in zip(start.tolist(), ends, strict=True)]
        return _utf8(pl.Series([None, *values], dtype=pl.Binary))
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  # as above; pyarrow ships no types

    views = np.zeros((len(start) + 1, 4), np.int32)
    if len(data):
        _fill(views[1:], data, start, length, slab)
    null = np.full(len(views) + 7 >> 3, 0xFF, np.uint8)
    null[0] = 0xFE
    whole = pa.py_buffer(data)
    slabs = [whole.slice(low, min(2 * slab - 1, whole.size - low)) for low in range(0, max(whole.size, 1), slab)]
    array = pa.Array.from_buffers(pa.binary_view(), len(views), [pa.py_buffer(null), pa.py_buffer(views), *slabs])
    return _utf8(exported(array.cast(pa.large_binary())))


def _fill(
    views: NDArray[np.int32], data: bytes | memoryview, start: NDArray[np.int64], length: NDArray[np.int64], slab: int
) -> None:
    """Write Arrow's view structs: the length, then 12 bytes, or 4 bytes, buffer and offset."""
    at_any_byte = np.ndarray((max(len(data) - 3, 0),), "<i4", data, strides=(1,))
    short = np.flatnonzero(length <= _INLINE)
    views[:, 0] = length
    if len(short) < len(start):
        views[:, 1] = at_any_byte[np.minimum(start, len(at_any_byte) - 1)]  # not where a short value ends the data
        views[:, 2] = start >> slab.bit_length() - 1
        views[:, 3] = start & slab - 1
    block = np.frombuffer(data, np.uint8)
    whole = block[np.minimum(start[short, None] + np.arange(_INLINE), len(block) - 1)]
    whole[np.arange(_INLINE) >= length[short, None]] = 0
    views[short, 1:] = whole.view(np.int32)


def parse_digits(words: NDArray[np.uint64], start: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers that 16 ASCII digits at each byte ``start`` say, read eight digits at a time; 0 for anything else.

    All starts have the same place in their words, and the words hold the digits.
    """
    shift = np.uint64(8 * (int(start[0]) & 7)) if len(start) else np.uint64(0)
    first, second, third = (words.take((start >> 3) + word, mode="clip") for word in range(3))
    if shift:
        first = first >> shift | second << np.uint64(64) - shift
        second = second >> shift | third << np.uint64(64) - shift
    (high, sound), (low, sound_too) = _eight_digits(first), _eight_digits(second)
    return np.where(sound & sound_too, high * np.uint64(10**8) + low, np.uint64(0)).view(np.int64)


def _eight_digits(word: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """What the digits in each word say, the first in its lowest byte, and whether they are digits."""
    digit = word ^ np.uint64(0x3030303030303030)
    sound = (digit | digit + np.uint64(0x7676767676767676)) & np.uint64(0x8080808080808080) == 0
    pair = digit * np.uint64(10) + (digit >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    four = pair * np.uint64(100) + (pair >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return four * np.uint64(10_000) + (four >> np.uint64(32)) & np.uint64(0xFFFFFFFF), sound


def _utf8(values: pl.Series) -> pl.Series:
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:  # some are not UTF-8: find them slice by slice
        return pl.concat([utf8(values.slice(low, _SLICE)) for low in range(0, len(values), _SLICE)], rechunk=True)

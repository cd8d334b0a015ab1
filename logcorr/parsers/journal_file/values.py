"""Values as text: Arrow string views over the file's bytes, checked for UTF-8 in bulk, then copied together."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow ships no types
from numpy.typing import NDArray

from logcorr.parsers.lines import utf8

#: A view's offset is an i32, so longer buffers are offered in overlapping slabs of twice this many bytes. No value is
#: as long as one.
SLAB: Final = 1 << 30

_INLINE: Final = 12  # a view of up to 12 bytes holds them itself
_SLICE: Final = 4096  # values checked again together where some are not UTF-8


def text(data: bytes | memoryview, start: NDArray[np.int64], length: NDArray[np.int64], slab: int = SLAB) -> pl.Series:
    r"""A String series: null, then ``data[start:start + length]`` for each value, bytes that are not UTF-8 as ``\xNN``.

    The leading null lets 0 stand for "no value" in an index. The result does not refer to ``data``.
    """
    views = np.zeros((len(start) + 1, 4), np.int32)
    if len(data):
        _fill(views[1:], data, start, length, slab)
    null = np.full(len(views) + 7 >> 3, 0xFF, np.uint8)
    null[0] = 0xFE
    whole = pa.py_buffer(data)
    slabs = [whole.slice(low, min(2 * slab - 1, whole.size - low)) for low in range(0, max(whole.size, 1), slab)]
    array = pa.Array.from_buffers(pa.binary_view(), len(views), [pa.py_buffer(null), pa.py_buffer(views), *slabs])
    return _utf8(pl.Series(array.cast(pa.large_binary())))


def _fill(
    views: NDArray[np.int32], data: bytes | memoryview, start: NDArray[np.int64], length: NDArray[np.int64], slab: int
) -> None:
    """Write Arrow's view structs: the length, then 12 bytes, or 4 bytes, buffer and offset."""
    at_any_byte = np.ndarray((max(len(data) - 3, 0),), "<i4", data, strides=(1,))
    views[:, 0] = length
    long = np.flatnonzero(length > _INLINE)
    views[long, 1] = at_any_byte[start[long]]
    views[long, 2] = start[long] // slab
    views[long, 3] = start[long] % slab
    short = np.flatnonzero(length <= _INLINE)
    block = np.frombuffer(data, np.uint8)
    whole = block[np.minimum(start[short, None] + np.arange(_INLINE), len(block) - 1)]
    whole[np.arange(_INLINE) >= length[short, None]] = 0
    views[short, 1:] = whole.view(np.int32)


def _utf8(values: pl.Series) -> pl.Series:
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:  # some are not UTF-8: find them slice by slice
        return pl.concat([utf8(values.slice(low, _SLICE)) for low in range(0, len(values), _SLICE)], rechunk=True)

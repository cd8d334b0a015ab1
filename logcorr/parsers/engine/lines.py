"""A block of bytes as lines, laid out with numpy and handed to Polars without copying the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.dataclass import dataclass

_PAD: Final = bytes(16)  # what may be read past the last line
_WORD: Final = 8
_HALF: Final = 4
_INLINE: Final = 12  # an Arrow view of up to 12 bytes holds them itself
_MASKS: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32)  # the first 0 to 4 bytes of a word
#: So many slices of so many bytes are copied sooner than pyarrow is loaded, which takes 40 MB and 0.1 s of a small run.
_FEW: Final = 1 << 17
_SMALL: Final = 12 << 20
_PIECE: Final = 1 << 18
_NEWLINE: Final = 0x0A
_RETURN: Final = 0x0D


@dataclass(frozen=True)
class Lines:
    """Some lines of one block: ``data[start:end]`` without the line end, ``number`` counted from 1 in the source.

    ``base`` is the offset of ``data`` in the decompressed source. The block is ``data[:stop]``.
    """

    data: bytes
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    number: NDArray[np.int64]
    base: int = 0
    stop: int = 0

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def text(self) -> pl.Series:
        r"""The lines as String. A line that is not UTF-8 shows each bad byte as ``\xNN``."""
        return utf8(views(self.data, self.start, self.end))

    def pick(self, mask: NDArray[np.bool_]) -> Lines:
        """The lines where ``mask`` is true."""
        if mask.all():
            return self
        some = Lines(self.data, self.start[mask], self.end[mask], self.number[mask], self.base, self.stop)
        if "text" in self.__dict__:
            some.__dict__["text"] = self.text.filter(pl.Series(mask))
        return some

    def head(self, count: int) -> Lines:
        """The first ``count`` lines."""
        return Lines(self.data, self.start[:count], self.end[:count], self.number[:count], self.base, self.stop)

    def together(self, index: NDArray[np.int64]) -> bytes | None:
        """The lines at ``index`` as one piece of bytes, where they are all there are and nothing lies between them."""
        if not len(index) == len(self) == self.number[-1] - self.number[0] + 1:
            return None
        begin, end = int(self.start[0]), int(self.end[-1])
        return self.data if begin == 0 and end + 1 >= len(self.data) else self.data[begin:end]

    @cached_property
    def word(self) -> NDArray[np.uint64]:
        """The eight bytes at the start of each line (and, in a short line, of what follows), little-endian."""
        return _words(self.data, _WORD, self.start)

    def having(self, prefix: bytes) -> NDArray[np.int64]:
        """Positions of the lines that begin with ``prefix`` (no newline in it)."""
        known = prefix[:_WORD]
        mask = np.uint64((1 << 8 * len(known)) - 1)
        found = np.flatnonzero((self.word & mask) == np.uint64(int.from_bytes(known, "little")))
        found = found[self.end[found] - self.start[found] >= len(prefix)]
        block = np.frombuffer(self.data, np.uint8)
        for index, byte in enumerate(prefix[_WORD:], _WORD):
            found = found[block[self.start[found] + index] == byte]
        return found


def split(data: bytes, *, stop: int | None = None, first_line: int = 1, first_offset: int = 0) -> Lines:
    r"""Cut ``data[:stop]`` at ``\n``, ``\r\n`` or (without any ``\n``) ``\r``; what follows the last end is a line too.

    Zero bytes before a line, as a power cut leaves them in a log, belong to no line.
    """
    stop = len(data) if stop is None else stop
    block = np.frombuffer(data, np.uint8, stop)
    ends = _where(block, _NEWLINE)
    if not len(ends):
        ends = _where(block, _RETURN)
    starts = np.concatenate([[0], ends + 1])
    ends = np.concatenate([ends, [stop]])
    if starts[-1] == stop:
        starts, ends = starts[:-1], ends[:-1]
    number = np.arange(first_line, first_line + len(starts), dtype=np.int64)
    full = ends > starts
    returned = full & (block[np.where(full, ends - 1, 0)] == _RETURN) if stop else full
    ends = ends - returned
    starts = _after_zeros(block, starts, ends)
    return Lines(data, starts, ends, number, first_offset, stop)


def _where(block: NDArray[np.uint8], byte: int) -> NDArray[np.int64]:
    """Positions of ``byte``, found a piece at a time: what is made of a piece stays in the processor's cache."""
    pieces = range(0, len(block), _PIECE)
    found = [np.flatnonzero(block[begin : begin + _PIECE] == byte) + begin for begin in pieces]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _after_zeros(block: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    zero = (ends > starts) & (block[np.minimum(starts, max(len(block) - 1, 0))] == 0) if len(block) else ends > starts
    if not zero.any():
        return starts
    text = np.flatnonzero(block)
    index = np.searchsorted(text, starts)
    first = np.append(text, len(block))[index]
    return np.where(zero, np.minimum(first, ends), starts)


def _words(data: bytes, width: int, start: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The little-endian word of ``width`` bytes at each ``start``; past the end of ``data`` there are zeros."""
    if not len(start):
        return np.zeros(0, np.uint64)
    if int(start.max()) + width > len(data):
        data += _PAD
    return np.ndarray((len(data) - width + 1,), f"<u{width}", data, strides=(1,))[start]


def views(data: bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> pl.Series:
    """The slices ``data[start:end]`` as Binary, pointing into ``data`` unless they are few."""
    if len(start) <= _FEW and int((end - start).sum()) <= _SMALL:
        return pl.Series(
            [data[begin:stop] for begin, stop in zip(start.tolist(), end.tolist(), strict=True)], dtype=pl.Binary
        )
    length = (end - start).astype(np.int32)
    view = np.zeros((len(start), 4), np.uint32)
    view[:, 0] = length
    view[:, 1] = _words(data, _HALF, start)
    view[:, 3] = start
    short = np.flatnonzero(length <= _INLINE)
    if len(short):
        for word in range(3):
            kept = np.clip(length[short] - 4 * word, 0, 4)
            view[short, word + 1] = _words(data, _HALF, start[short] + 4 * word) & _MASKS[kept]
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  # as above; pyarrow ships no types

    buffers = [None, pa.py_buffer(view), pa.py_buffer(data)]
    return exported(pa.Array.from_buffers(pa.binary_view(), len(start), buffers))


def exported(array: Any) -> pl.Series:  # noqa: ANN401  # pyarrow ships no types
    """An Arrow array taken by its C interface: Polars would load all of pyarrow's functions for an array as such."""
    return pl.Series(_Exported(array.__arrow_c_array__))


class _Exported:
    __slots__ = ("__arrow_c_array__",)

    def __init__(self, export: Callable[..., Any]) -> None:
        self.__arrow_c_array__ = export


def utf8(binary: pl.Series) -> pl.Series:
    r"""``binary`` as String, every byte that is not UTF-8 shown as ``\xNN``."""
    try:
        return binary.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(binary.name, [_visible(value) for value in binary], dtype=pl.String)


def _visible(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")

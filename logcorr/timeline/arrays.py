"""Rows, codes and runs in numpy arrays: positions by value, stretches of equal values, names as small numbers."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logcorr.times.micros import Ints

Codes: TypeAlias = NDArray[np.int32]
Rows: TypeAlias = NDArray[np.int64]  # positions
RowSet: TypeAlias = Rows | slice  # the same, or a stretch of them

_PIECE: Final = 1 << 20
_FEW: Final = 100_000  # records, of which little memory can be given back
_STRETCHES: Final = 1000  # so many are put together one by one


def falls_and_rises(values: Ints, fall: int, rise: int) -> tuple[Rows, Rows]:
    """Positions whose value is more than ``fall`` below, and more than ``rise`` above, the one before.

    Works in pieces, so that tens of millions of values need no second array of their size.
    """
    if len(values) <= _PIECE:  # most logs of a fleet are short
        step = values[1:] - values[:-1]
        return np.flatnonzero(step < -fall) + 1, np.flatnonzero(step > rise) + 1
    falls, rises = [], []
    for start in range(0, max(len(values) - 1, 0), _PIECE):
        delta = np.diff(values[start : start + _PIECE + 1])
        falls.append(np.flatnonzero(delta < -fall) + start + 1)
        rises.append(np.flatnonzero(delta > rise) + start + 1)
    nothing = np.array([], dtype=np.int64)
    return np.concatenate([nothing, *falls]), np.concatenate([nothing, *rises])


def pieces(count: int) -> Iterator[slice]:
    """So many positions in stretches, so that what is worked out of each needs little memory at a time."""
    return (slice(start, min(start + _PIECE, count)) for start in range(0, count, _PIECE))


def in_order(rows: Rows, *keys: NDArray[np.integer]) -> Rows:
    """``rows`` in the order of their keys, the first of which counts most; equal ones stay as they are.

    Logs are in order for long stretches. These are only put one behind the other, which needs no memory.
    """
    edges = [0, *_falls(rows, keys), len(rows)]
    if len(edges) <= _STRETCHES and len(rows):
        ends = [[tuple(int(key[rows[at]]) for key in keys) for at in (low, high - 1)] for low, high in pairwise(edges)]
        order = sorted(range(len(ends)), key=lambda one: ends[one][0])
        if all(ends[one][1] < ends[other][0] for one, other in pairwise(order)):
            return np.concatenate([rows[edges[one] : edges[one + 1]] for one in order]) if len(order) > 1 else rows
    return rows[np.lexsort([key[rows] for key in reversed(keys)])]


def _falls(rows: Rows, keys: Sequence[NDArray[np.integer]]) -> list[int]:
    """Positions whose keys are below those of the one before; not all, once they are too many."""
    found: list[int] = []
    for piece in pieces(len(rows)):
        some = rows[max(piece.start - 1, 0) : piece.stop]
        falls = np.zeros(len(some) - 1, np.bool_)
        for key in reversed(keys):
            value = key[some]
            falls = (value[1:] < value[:-1]) | ((value[1:] == value[:-1]) & falls)
        found += (np.flatnonzero(falls) + max(piece.start, 1)).tolist()
        if len(found) >= _STRETCHES:
            break
    return found


def lines_by(key: NDArray[np.integer]) -> list[RowSet]:
    """The positions of every distinct value, in order of value: a slice if they are a stretch, which copies nothing."""
    edges = runs(key)
    if len(edges) > _STRETCHES:
        return list(grouped(key))
    stretches: dict[int, list[slice]] = {}
    for begin, end in pairwise(edges.tolist()):
        stretches.setdefault(int(key[begin]), []).append(slice(begin, end))
    return [
        mine[0] if len(mine) == 1 else np.concatenate([as_rows(one) for one in mine])
        for _, mine in sorted(stretches.items())
    ]


def as_rows(lines: RowSet) -> Rows:
    """Positions as an array."""
    return np.arange(lines.start, lines.stop) if isinstance(lines, slice) else lines


def concatenate(parts: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    """The parts as one array that can be written to; a single part is not copied if it can."""
    if len(parts) == 1:
        return np.require(parts[0], dtype, "W")
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.array([], dtype=dtype)


def runs(values: NDArray[np.generic]) -> Rows:
    """Where each stretch of equal values begins, and the end."""
    if not len(values):
        return np.array([0], dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1, [len(values)]])


def grouped(key: NDArray[np.integer]) -> list[Rows]:
    """The positions of every distinct value, in order of value; each group keeps its order."""
    if not len(key):
        return []
    if (key == key[0]).all():
        return [np.arange(len(key))]
    order = np.argsort(key, kind="stable")
    edges = runs(key[order])
    return [order[begin:end] for begin, end in pairwise(edges)]


def distinct(codes: Codes) -> list[int]:
    """The codes that occur, -1 among them, in order."""
    return (np.flatnonzero(np.bincount(codes.astype(np.int64) + 1)) - 1).tolist() if len(codes) else []


class Names:
    """Strings as small numbers, so that millions of rows can name a host in four bytes. Null is -1."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._names: list[str] = []

    def code(self, name: str) -> int:
        """The number of one name."""
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        return code

    def codes(self, series: pl.Series) -> Codes:
        """The number of every name in a String column."""
        if series.null_count() == len(series):
            return np.full(len(series), -1, dtype=np.int32)
        # a log names the same host and boot line after line: one look per stretch is enough
        changed = series.ne_missing(series.shift()).to_numpy().copy()
        changed[0] = True
        first = np.flatnonzero(changed)
        few = series.gather(pl.Series(first))
        known = few.unique(maintain_order=True).drop_nulls()
        numbers = pl.Series([self.code(name) for name in known], dtype=pl.Int32)
        found = few.replace_strict(known, numbers, default=None, return_dtype=pl.Int32)
        codes = found.fill_null(-1).to_numpy().astype(np.int32, copy=False)
        return np.repeat(codes, np.diff(first, append=len(series)))

    def adopt(self, other: Names, codes: Codes) -> Codes:
        """``codes`` of names in ``other`` as those of the same names here."""
        table = np.array([*(self.code(name) for name in other._names), -1], dtype=np.int32)
        if np.array_equal(table[:-1], np.arange(len(table) - 1)):
            return codes
        adopted: Codes = table[codes]
        return adopted

    def __getitem__(self, code: int) -> str:
        return self._names[code]

    def __len__(self) -> int:
        return len(self._names)


def give_back(records: int = _FEW) -> None:
    """Make the C library return what was freed: it keeps that for more of the same, and what comes next is not."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # malloc_trim(3) is glibc's
    if trim is not None and records >= _FEW:
        trim(0)

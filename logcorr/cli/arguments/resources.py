"""What the libraries of frames and arrays may take of the machine. To be settled before they are loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from logcorr.inputs import sizes

#: Of inputs smaller than this, waking other threads costs more than they do.
_SMALL: Final = 16 << 20
_THREADS: Final = "POLARS_MAX_THREADS"
#: NumPy's threads for linear algebra, of which there is none here: each waits busily for a while before it sleeps.
_NO_ALGEBRA: Final = ("OPENBLAS_NUM_THREADS", "1")
#: Polars' allocator (jemalloc) keeps one pool of memory, not four for each core. Giving all of it back at once, as it
#: can be told to, saves little more and takes half as long again: pages that are used anew are zeroed first.
_ALLOCATOR: Final = ("_RJEM_MALLOC_CONF", "narenas:1")


def reserve(paths: Sequence[str]) -> None:
    """One pool of memory and, for small files, a single thread, unless the environment says otherwise."""
    if "polars" in sys.modules:
        return
    os.environ.setdefault(*_ALLOCATOR)
    os.environ.setdefault(*_NO_ALGEBRA)
    if _THREADS not in os.environ and sizes.are_below(paths, _SMALL):
        os.environ[_THREADS] = "1"

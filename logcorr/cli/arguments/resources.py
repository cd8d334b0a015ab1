"""What the dataframe library may take of the machine. To be settled before it is loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from logcorr.inputs import sizes

#: Of inputs smaller than this, waking other threads costs more than they do.
_SMALL: Final = 16 << 20
_THREADS: Final = "POLARS_MAX_THREADS"
#: Polars' allocator (jemalloc) keeps one pool of memory, not four for each core. Giving all of it back at once, as it
#: can be told to, saves little more and takes half as long again: pages that are used anew are zeroed first.
_ALLOCATOR: Final = ("_RJEM_MALLOC_CONF", "narenas:1")


def settle(paths: Sequence[str]) -> None:
    """One pool of memory and, for small files, a single thread, unless the environment says otherwise."""
    if "polars" in sys.modules:
        return
    os.environ.setdefault(*_ALLOCATOR)
    if _THREADS not in os.environ and sizes.are_below(paths, _SMALL):
        os.environ[_THREADS] = "1"

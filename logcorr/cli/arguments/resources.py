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
#: Polars' allocator (jemalloc) keeps one pool of memory, not four for each core. Of large inputs, what is freed goes
#: back to the system after a tenth of a second, in one step: by Polars' own settings, after half a second, as pages
#: that count as used until somebody else wants them (jemalloc(3): opt.dirty_decay_ms, opt.muzzy_decay_ms). Giving all
#: back at once takes half as long again: pages that are used anew are zeroed first.
_ALLOCATOR: Final = "_RJEM_MALLOC_CONF"
_ONE_POOL: Final = "narenas:1"
_GIVING_BACK: Final = "narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0"


def reserve(paths: Sequence[str]) -> None:
    """One pool of memory and, for small files, a single thread, unless the environment says otherwise."""
    if "polars" in sys.modules:
        return
    small = sizes.are_below(paths, _SMALL)
    os.environ.setdefault(_ALLOCATOR, _ONE_POOL if small else _GIVING_BACK)
    os.environ.setdefault(*_NO_ALGEBRA)
    if small:
        os.environ.setdefault(_THREADS, "1")

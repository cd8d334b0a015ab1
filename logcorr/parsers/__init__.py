"""Bytes to rows: what an exported log says, whatever format it is in.

``read`` takes a whole input, ``read_blocks`` streams one. A format is recognised by content alone, block by block, and
lines that the main format does not explain are offered to all others; what nobody takes is counted and kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logcorr.parsers.engine.base import Batch, LineParser, Parser, Sample

if TYPE_CHECKING:
    from logcorr.parsers.known import PARSERS, READER

    read = READER.read
    read_blocks = READER.read_blocks

__all__ = ["PARSERS", "Batch", "LineParser", "Parser", "Sample", "read", "read_blocks"]


def __getattr__(name: str) -> object:
    """Load the formats when one of them is wanted."""
    if name not in ("PARSERS", "read", "read_blocks"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from logcorr.parsers import known  # noqa: PLC0415  # as above

    return known.PARSERS if name == "PARSERS" else getattr(known.READER, name)

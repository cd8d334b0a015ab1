"""One format by itself, without sniffing."""

from __future__ import annotations

from logcorr.parsers.engine.base import Batch, LineParser, Parser, WholeParser
from logcorr.parsers.engine.blocks import batch
from logcorr.parsers.engine.lines import split


def read_alone(parser: Parser, data: bytes) -> Batch:
    """What ``parser`` makes of ``data`` when no other format is asked."""
    if isinstance(parser, LineParser):
        return batch(split(data), (parser,))
    assert isinstance(parser, WholeParser)
    return parser.parse(data)

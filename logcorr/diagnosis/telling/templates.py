"""The make of a line: its text with what differs from line to line taken out."""

from __future__ import annotations

from typing import Final

import polars as pl

_READ: Final = 480
_LONGEST: Final = 160
#: A node key in brackets: five characters of base64, not all of them small letters as in "[error]".
_KEY: Final = "|".join(rf"[a-z]{{{n}}}[A-Z0-9+/][A-Za-z0-9+/]{{{4 - n}}}" for n in range(5))
#: What differs between lines of one make: durations ("1m3s"), addresses, keys, hexadecimal ids, numbers. ASCII only, as
#: Unicode's classes make the scan four times slower.
_VARIABLE: Final = (
    r"(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|µs|m|s))+(?-u:\b)|[0-9]+(?:\.[0-9]+){3}(?::[0-9]+)?"
    rf"|(?:[0-9a-fA-F]{{1,4}}[:-]:?){{3,}}[0-9a-fA-F]{{0,4}}|\[(?:{_KEY})\]|0x[0-9a-fA-F]+|[0-9a-fA-F]{{8,}}|[0-9]+"
)


def template(message: pl.Expr) -> pl.Expr:
    """The template of a message, cut to a length at which most are told apart."""
    return message.str.slice(0, _READ).str.replace_all(_VARIABLE, "#").str.slice(0, _LONGEST)


def marked(text: pl.Expr) -> pl.Expr:
    """A template for readers: a cut shows."""
    cut = text.str.len_chars() == _LONGEST
    return pl.when(cut).then(text + "…").otherwise(text).alias("template")

"""Words for how grave a line is, as syslog severities (RFC 5424 section 6.2.1)."""

from __future__ import annotations

from typing import Final

import polars as pl

SEVERITIES: Final = {
    "EMERG": 0, "EMERGENCY": 0, "PANIC": 0, "ALERT": 1, "CRIT": 2, "CRITICAL": 2, "FATAL": 2, "ERR": 3, "ERROR": 3,
    "WARN": 4, "WARNING": 4, "NOTICE": 5, "INFO": 6, "INFORMATION": 6, "INFORMATIONAL": 6, "DEBUG": 7, "TRACE": 7,
    # Java's logging, PostgreSQL, and what zerolog, Serilog and logrus make of them in few letters
    "SEVERE": 3, "CONFIG": 6, "FINE": 7, "FINER": 7, "FINEST": 7, "VERBOSE": 7, "LOG": 6, "DPANIC": 2,
    "FTL": 2, "PNC": 2, "WRN": 4, "INF": 6, "DBG": 7, "TRC": 7, "VRB": 7,
    "FATA": 2, "PANI": 2, "ERRO": 3, "DEBU": 7, "TRAC": 7,
}  # fmt: skip

_WORD: Final = rf"^(?i:{'|'.join(sorted(SEVERITIES, key=len, reverse=True))})$"
_LEADING: Final = r"^[\[(<]?((?i:" + "|".join(sorted(SEVERITIES, key=len, reverse=True)) + r"))(?:[\])>: |]|$)"


def level(text: pl.Expr) -> pl.Expr:
    """The severity that a level word stands for, in any case; null for other words."""
    return text.str.to_uppercase().replace_strict(
        list(SEVERITIES), list(SEVERITIES.values()), default=None, return_dtype=pl.UInt8
    )


def leading(text: pl.Expr) -> pl.Expr:
    """The severity of a message that begins with a level word, bracketed or not."""
    return level(text.str.extract(_LEADING))


def is_level(text: pl.Expr) -> pl.Expr:
    """Whether a text is a level word and nothing else; null for null."""
    return text.str.contains(_WORD)

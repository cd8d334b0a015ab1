"""Whether journald vouches for the program that an entry claims to come from.

``SYSLOG_IDENTIFIER`` is whatever the client says (``logger -t kernel``); fields that begin with an underscore are
journald's own (systemd.journal-fields(7)). A claim is trusted where the two agree.
"""

from __future__ import annotations

from typing import Final

import polars as pl

#: The columns, all String, that ``trusted`` reads.
CLAIM: Final = "SYSLOG_IDENTIFIER"
ORIGIN: Final = ("_TRANSPORT", "_PID", "_COMM", "_EXE", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT")

_NAMES: Final = ORIGIN[2:]  # those that name the program in some way

_SHORTEST: Final = 4  # shorter names agree only when they are the same


def vouched(frame: pl.DataFrame) -> pl.Series:
    """``trusted()`` for every row, worked out once for each distinct claim and origin: there are few."""
    columns = pl.DataFrame([frame[name] for name in (CLAIM, *ORIGIN)])
    keys = columns.hash_rows()
    first = columns.with_columns(key=keys).unique("key", keep="any")
    verdicts = first.select("key", verdict=trusted())
    return keys.replace_strict(verdicts["key"], verdicts["verdict"], return_dtype=pl.Boolean)


def trusted() -> pl.Expr:
    """True: journald's fields agree with the claim; false: they contradict it; null: there is nothing to compare.

    They agree where

    - "kernel" came through the kernel's ring buffer; nothing else is ever the kernel. Lines of another name in that
      buffer were written by root to /dev/kmsg, which journald can neither confirm nor deny;
    - "systemd" is process 1, or a process of that name (a user's manager);
    - "audit" came through the audit subsystem, whose other fields are those of the process audited;
    - any other claim names the process, its executable or its unit, or one name begins with the other (CRON and cron,
      sshd and sshd-session, names that the kernel cut after 15 bytes).
    """
    claim, transport, manager = pl.col(CLAIM), pl.col("_TRANSPORT"), pl.lit("systemd")
    named = pl.any_horizontal(pl.col(_NAMES).is_not_null())
    process_one = ((pl.col("_PID") == "1") | (pl.col("_COMM") == manager)).fill_null(value=False)
    return (
        pl.when(claim.is_null()).then(pl.when(pl.col("_COMM").is_not_null()).then(pl.lit(value=True)))
        .when(claim == "kernel").then(transport == "kernel")
        .when((claim == "audit") & (transport == "audit")).then(pl.lit(value=True))
        .when(transport == "kernel").then(None)
        .when((claim == manager) & (named | pl.col("_PID").is_not_null())).then(process_one)
        .when(named).then(_agrees(claim))
    )  # fmt: skip


def _agrees(claim: pl.Expr) -> pl.Expr:
    name = claim.str.to_lowercase().str.extract(r"^\(?([^/]+)").fill_null("")
    process = pl.col("_COMM").str.to_lowercase().str.strip_chars("()")
    executable = pl.col("_EXE").str.to_lowercase().str.extract(r"([^/]+)$")
    unit = pl.coalesce("_SYSTEMD_USER_UNIT", "_SYSTEMD_UNIT").str.to_lowercase()
    stem = unit.str.extract(r"^([^@]+?)(?:@.*)?\.[a-z]+$")
    return pl.any_horizontal(_same(name, other).fill_null(value=False) for other in (process, executable, stem))


def _same(name: pl.Expr, other: pl.Expr) -> pl.Expr:
    longer = (other.str.len_bytes() >= _SHORTEST) & name.str.starts_with(other)
    shorter = (name.str.len_bytes() >= _SHORTEST) & other.str.starts_with(name)
    return (name == other) | longer | shorter

"""Records whose text says something about clocks, boots, sleep or lost messages. Found once, in one pass.

Sources: systemd's message catalogue (MESSAGE_ID), systemd-timesyncd, chrony and ntpd sources, Linux kernel printk and
ratelimit, rsyslog's imuxsock and imjournal, tailscale logpolicy's ``[RATELIMIT]``, OpenWrt's procd (state.c).
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from logcorr.origin import NOBODY, Kind, Outsiders

MARKS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),  # position in the source
    "mark": pl.String(),  # one of the names below
    "count": pl.Int64(),  # messages lost, where the record tells
    "subject": pl.String(),  # whose messages: a unit or program
}

#: mark -> journald message ids
_IDS: Final = {
    "suppressed": ("a596d6fe7bfa4994828e72309e95d61e",),
    "missed": ("e9bf28e6e834481bb6f48f548ad13606",),
    "clock-set": ("c7a787079b354eaaa9e77b371893cd27", "7c8a41f37b764941a0e1780b1be2f037"),
    "sleep": ("6bbd95ee977941e497c48be27c254128", "8811e6df2a8e40f58a94cea26f8ebf14"),
}

#: (mark, literal that must occur, regex with optional groups count and subject)
_TEXTS: Final = (
    ("suppressed", "Suppressed ", r"^Suppressed (?<count>\d+) messages from (?<subject>\S+)"),
    ("suppressed", "callbacks suppressed", r"(?<subject>\w+): (?<count>\d+) callbacks suppressed"),
    ("suppressed", "messages suppressed", r"(?<count>\d+) messages suppressed"),
    ("suppressed", "due to rate-limiting", r"begins? to drop messages.* due to rate-limiting"),
    ("suppressed", "due to rate-limiting", r"lost (?<count>\d+) messages from (?<subject>.+) due to rate-limiting"),
    ("suppressed", "due to rate-limiting", r"(?<subject>im\w+): (?<count>\d+) messages lost due to rate-limiting"),
    ("suppressed", "log message per second", r"^\*\*\* (?<subject>\S+) exceeded \d+ log message per second limit"),
    ("ratelimit", "[RATELIMIT]", r"\[RATELIMIT\] format\((?<subject>.*?)\)(?: \((?<count>\d+) dropped\))?\s*$"),
    ("missed", "issed ", r"^(?:Missed|Forwarding to syslog missed) (?<count>\d+) (?:kernel )?messages"),
    ("clock-set", "nitial synchronization", r"Initial synchronization to time server"),
    ("clock-set", "nitial clock synchronization", r"Initial clock synchronization to"),
    ("clock-set", "System clock was stepped", r"System clock was stepped by"),
    ("clock-set", "System clock wrong by", r"System clock wrong by .*(?:step|adjust)"),
    ("clock-set", "ime has been changed", r"(?i)\btime has been changed"),
    ("clock-set", "lock change detected", r"Clock change detected"),
    ("clock-set", "time server", r"(?:step|adjust) time server"),
    ("clock-set", "time reset", r"time reset [+-]?\d"),
    ("clock-set", "setting time to", r"setting time to"),
    ("clock-set", "time stepped", r"time stepped by"),
    ("sleep", "uspend e", r"PM: suspend (?:entry|exit)"),
    ("sleep", "sleep", r"^(?:Entering sleep state|Performing sleep operation|System returned from sleep)"),
    ("sleep", "System resumed", r"^System resumed"),
    ("boot", "Linux version ", r"^(?:\[[ \d.]+\] )?Linux version \d"),
    ("boot", "started: BusyBox", r"^(?:\w+ )?started: BusyBox"),
    ("boot", "init -", r"^- (?:pre)?init -$"),
    ("boot", "- early -", r"^- early -$"),
    ("boot", "Booting Linux", r"^(?:\[[ \d.]+\] )?Booting Linux"),
)


#: What a record must have, in its message or as its message id, to be worth a look.
_WORDS: Final = "|".join(sorted(re.escape(literal) for literal in {literal for _, literal, _ in _TEXTS}))
_ALL_IDS: Final = tuple(identity for group in _IDS.values() for identity in group)


#: Who says nothing of a machine's clock or of what was lost, whatever the text; a message id is the sender's choice.
_NOBODY: Final[tuple[Kind, ...]] = ("tool", "user", "container", "quoted")


def find_marks(rows: pl.DataFrame, outsiders: Outsiders = NOBODY) -> pl.DataFrame:
    """The marks among some records (message, message_id, program, origin). Shape: MARKS."""
    words = pl.col("message").str.contains(_WORDS)  # half the time of contains_any
    numbered = rows.lazy().select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), "message", "message_id", "program", "origin"
    )
    few = numbered.filter(words | pl.col("message_id").is_in(_ALL_IDS)).collect()
    few = few.filter(~pl.col("origin").is_in(_NOBODY).fill_null(value=False))
    if few.is_empty():
        return pl.DataFrame(schema=MARKS)
    few = few.with_columns(outsiders.hidden(few))
    found = [_by_id(few, mark, list(group)) for mark, group in _IDS.items()]
    told = _literals_in(few["message"])
    found += [_by_text(few, mark, literal, regex) for mark, literal, regex in _TEXTS if literal in told]
    return pl.concat(found).unique(["row", "mark"], keep="last", maintain_order=True).sort("row", "mark")


def _literals_in(message: pl.Series) -> set[str]:
    """The literals that stand in any of the messages: most sources say few of these things."""
    tests = {literal: pl.col(message.name).str.contains(literal, literal=True).any() for _, literal, _ in _TEXTS}
    row = message.to_frame().select(**{str(at): test for at, test in enumerate(tests.values())}).row(0)
    return {literal for literal, told in zip(tests, row, strict=True) if told}


def _by_id(few: pl.DataFrame, mark: str, ids: list[str]) -> pl.DataFrame:
    hit = few.filter(pl.col("message_id").is_in(ids))
    return hit.select(
        pl.col("row").cast(pl.Int64),
        pl.lit(mark).alias("mark"),
        pl.lit(None, dtype=pl.Int64).alias("count"),
        pl.lit(None, dtype=pl.String).alias("subject"),
    )


def _by_text(few: pl.DataFrame, mark: str, literal: str, regex: str) -> pl.DataFrame:
    hit = few.filter(pl.col("message").str.contains(literal, literal=True)).filter(
        pl.col("message").str.contains(regex)
    )
    return hit.select(
        pl.col("row").cast(pl.Int64),
        pl.lit(mark).alias("mark"),
        _group(regex, "count").cast(pl.Int64, strict=False).alias("count"),
        _group(regex, "subject").alias("subject"),
    )


def _group(regex: str, name: str) -> pl.Expr:
    if f"?<{name}>" not in regex:
        return pl.lit(None, dtype=pl.String)
    return pl.col("message").str.extract_groups(regex).struct.field(name)

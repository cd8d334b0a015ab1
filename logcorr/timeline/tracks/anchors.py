"""What two machines both write down of one event: the flow's addresses and ports, a lease, a hardware address.

A *directed* anchor also tells who started it: of a flow, the side with the higher port; of DHCP, the sender of the
message. Flows that one side starts run the other way from those that the other side starts, wherever on the path the
two machines stand. That is what tells a clock that is off from a delay.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.origin import NOBODY, Kind, Outsiders

ANCHORS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),  # position in the source
    "key": pl.String(),  # the same on both machines
    "starter": pl.String(),  # who started it, if the record tells
    "other": pl.String(),
}

_IP: Final = r"(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:.]+\]|[0-9a-fA-F]*:[0-9a-fA-F:.]+"
_IP4: Final = r"(?:\d{1,3}\.){3}\d{1,3}"

#: (literals of which one must occur, regex with groups a, ap, b, bp; b and bp may be missing)
_FLOWS: Final = (
    # read tcp 192.0.2.10:45062->198.51.100.7:443: ...   TCP 100.64.0.2:41234 => 100.64.0.1:4010
    (("->", "=>"), rf"(?<a>{_IP4}|\[[0-9a-fA-F:.]+\]):(?<ap>\d+)\s*[-=]>\s*(?<b>{_IP4}|\[[0-9a-fA-F:.]+\]):(?<bp>\d+)"),
    # IN=eth0 OUT= SRC=192.0.2.10 DST=192.0.2.1 ... SPT=44991 DPT=443
    (("SPT=",), rf"SRC=(?<a>{_IP}) DST=(?<b>{_IP}) .*?SPT=(?<ap>\d+) DPT=(?<bp>\d+)"),
    # [NEW] tcp 6 120 SYN_SENT src=192.0.2.10 dst=192.0.2.1 sport=42348 dport=443
    (("sport=",), rf"src=(?<a>{_IP}) dst=(?<b>{_IP}) sport=(?<ap>\d+) dport=(?<bp>\d+)"),
    # Connection from 192.0.2.10 port 50122 on 192.0.2.1 port 22
    ((" port ",), rf"from (?<a>{_IP}) port (?<ap>\d+)(?: on (?<b>{_IP}) port (?<bp>\d+))?"),
    # accepted connection from 192.0.2.10:50122 to 192.0.2.1:4010
    ((" from ",), rf"from (?<a>{_IP4}|\[[0-9a-fA-F:.]+\]):(?<ap>\d+)(?: (?:to|on) (?<b>{_IP4}):(?<bp>\d+))?"),
)
_DHCP: Final = rf"(?<type>DHCPDISCOVER|DHCPREQUEST|DHCPOFFER|DHCPACK)\b.*?\b(?<ip>{_IP4})"
_TOKENS: Final = rf"\b(?:{_IP4}|(?:[0-9a-fA-F]{{2}}[:-]){{5}}[0-9a-fA-F]{{2}})\b"
#: Records about addresses: their addresses are anchors without a direction.
_ABOUT_ADDRESSES: Final = ("DHCP", "lease", "address", "IP-Address", "MAC", "Accepted ", "logged in", "renew")
_EPHEMERAL: Final = 1024


#: What a message must have to be worth a look.
_WORDS: Final = tuple(sorted({literal for words, _ in _FLOWS for literal in words} | set(_ABOUT_ADDRESSES)))


#: Whose word is no evidence of when something happened: users choose what they write, and containers what they print.
_NOBODY: Final[tuple[Kind, ...]] = ("tool", "script", "user", "container", "quoted", "unverified")


def find_anchors(rows: pl.DataFrame, outsiders: Outsiders = NOBODY) -> pl.DataFrame:
    """The anchors among some records (message, program, origin). Shape: ANCHORS."""
    numbered = rows.lazy().select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), "message", "program", "origin")
    few = numbered.filter(pl.col("message").str.contains_any(list(_WORDS))).collect()
    few = few.filter(~pl.col("origin").is_in(_NOBODY).fill_null(value=False))
    if few.is_empty():
        return pl.DataFrame(schema=ANCHORS)
    few = few.select("row", outsiders.hidden(few))
    parts = [_flows(few, list(words), regex) for words, regex in _FLOWS]
    parts += [_dhcp(few), _tokens(few)]
    return pl.concat(parts).unique(["row", "key"], keep="first", maintain_order=True).sort("row", "key")


def _flows(few: pl.DataFrame, words: list[str], regex: str) -> pl.DataFrame:
    worded = few.filter(pl.col("message").str.contains_any(words))
    if worded.is_empty():
        return pl.DataFrame(schema=ANCHORS)
    sides = (
        worded.select("row", pl.col("message").str.extract_groups(regex).alias("side"))
        .unnest("side")
        .drop_nulls("a")
        .with_columns(pl.col("ap", "bp").cast(pl.Int64, strict=False), pl.col("a", "b").str.strip_chars("[]"))
    )
    a_starts = pl.col("bp").is_null() | (pl.col("ap") >= pl.col("bp"))
    starter = pl.when(a_starts).then("a").otherwise("b")
    port = pl.when(a_starts).then("ap").otherwise("bp")
    return sides.filter(port >= _EPHEMERAL).select(
        "row",
        pl.format("{} {}", starter, port).alias("key"),
        starter.alias("starter"),
        pl.when(a_starts).then("b").otherwise("a").alias("other"),
    )


def _dhcp(few: pl.DataFrame) -> pl.DataFrame:
    worded = few.filter(pl.col("message").str.contains("DHCP", literal=True))
    if worded.is_empty():
        return pl.DataFrame(schema=ANCHORS)
    found = (
        worded.select("row", pl.col("message").str.extract_groups(_DHCP).alias("found"))
        .unnest("found")
        .drop_nulls("type")
    )
    by_client = pl.col("type").is_in(["DHCPDISCOVER", "DHCPREQUEST"])
    return found.select(
        "row",
        pl.format("{} {}", "type", "ip").alias("key"),
        pl.when(by_client).then(pl.lit("DHCP client")).otherwise(pl.lit("DHCP server")).alias("starter"),
        pl.when(by_client).then(pl.lit("DHCP server")).otherwise(pl.lit("DHCP client")).alias("other"),
    )


def _tokens(few: pl.DataFrame) -> pl.DataFrame:
    worded = few.filter(pl.col("message").str.contains_any(list(_ABOUT_ADDRESSES)))
    if worded.is_empty():
        return pl.DataFrame(schema=ANCHORS)
    return (
        worded.select("row", pl.col("message").str.extract_all(_TOKENS).alias("key"))
        .explode("key")
        .drop_nulls("key")
        .select(
            "row",
            pl.col("key").str.to_lowercase().str.replace_all("-", ":", literal=True),
            pl.lit(None, dtype=pl.String).alias("starter"),
            pl.lit(None, dtype=pl.String).alias("other"),
        )
    )

"""What messages have in common: texts with their variable parts masked, found by a few linear-time expressions.

A mask leaves one control character per kind of variable part; messages that hold such characters themselves, more than
one line, or more than ``LONGEST`` characters take no part. Words that vary without looking variable (user names, keys)
are told by their number: where ``MANY`` texts differ in one word alone, that word varies.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.rulebook.wordings import PREFIX

LONGEST: Final = 500
MANY: Final = 6
MOST_WORDS: Final = 24

#: The marks that masks leave, and the field type that each becomes.
KINDS: Final = {
    "\x01": "text",
    "\x02": "word",
    "\x03": "id",
    "\x04": "mac",
    "\x05": "ip",
    "\x06": "path",
    "\x07": "interface",
    "\x08": "duration",
    "\x0e": "number",
    "\x0f": "*",
}
_GROUP: Final = "[0-9A-Fa-f]{1,4}"
_GROUPS: Final = rf"{_GROUP}(?::{_GROUP})*"
_V6: Final = rf"\b(?:{_GROUP}:){{4,7}}{_GROUP}\b|\b{_GROUPS}::(?:{_GROUPS})?"
_INTERFACE: Final = (
    r"\b(?:(?:eth|eno|ens|enp|wlp|wlan|wwan|tailscale|tun|tap|wg|bond|br|docker|ppp|usb|vlan|virbr)[0-9][0-9a-z]*"
    r"|veth[0-9a-f]{6,}|enx[0-9a-f]{12}|br-[0-9a-f]{12})\b"
)
_HEX: Final = "[0-9a-fA-F]"
#: In order: what an earlier mask takes, a later one does not see.
_MASKS: Final = (
    (r'"[^"]+"', '"\x01"'),
    (r"(^|[\s=(\[:,])'[^']+'", "${1}'\x01'"),
    (r"\b[a-z]{2,8}://[^\s\"']+", "\x02"),
    (rf"\b{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}\b", "\x03"),
    (r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.,Z+:-]*", "\x0f"),
    (r"\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?\b", "\x02"),
    (rf"\b(?:{_HEX}{{2}}[:-]){{6,}}{_HEX}{{2}}\b", "\x02"),
    (rf"\b(?:{_HEX}{{2}}[:-]){{5}}{_HEX}{{2}}\b", "\x04"),
    (_V6, "\x05"),
    (r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b", "\x05"),
    (r"(^|[\s=(\[])/[^\s\"'(),;\]]+", "${1}\x06"),
    (_INTERFACE, "\x07"),
    (r"\b(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|min|s|m|h|d))+\b", "\x08"),
    (r"(^|[\s=(\[,:])[-+][0-9]+(?:\.[0-9]+)?\b", "${1}\x0e"),
    (r"\b[0-9]+(?:\.[0-9]+)?\b", "\x0e"),
    (rf"\b(?:0x{_HEX}+|{_HEX}{{8,}})\b", "\x03"),
    (r"\b\w*(?:[A-Za-z_][0-9]|[0-9][A-Za-z_])\w*(?:[.-]?\x0e)*", "\x02"),
)
_HELD_BACK: Final = "[RATELIMIT]"
_UNFIT: Final = r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]"


def mine(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a timeline that have a template: ``id``, ``program``, ``message`` (without prefix), ``template``."""
    text = pl.col("message").str.replace(PREFIX, "").str.strip_chars_end()
    rows = frame.select("id", "program", message=text).filter(
        pl.col("program").is_not_null()
        & pl.col("message").str.len_chars().is_between(1, LONGEST)
        & ~pl.col("message").str.contains(_UNFIT)
        & ~pl.col("message").str.starts_with(_HELD_BACK)
    )
    # The masks take all digits for the same; made the same first, far fewer texts are left to mask.
    rows = rows.with_columns(shape=pl.col("message").str.replace_all(r"[0-9]", "0"))
    shapes = rows.select("program", "shape").unique(maintain_order=True).with_columns(template=_masked("shape"))
    known = shapes.select("program", "template").unique(maintain_order=True)
    shapes = shapes.join(_merged(known), on=["program", "template"], how="left", maintain_order="left")
    shapes = shapes.select("program", "shape", template=pl.coalesce("merged", "template"))
    return rows.join(shapes, on=["program", "shape"], how="left", maintain_order="left").drop("shape")


def _masked(column: str) -> pl.Expr:
    text = pl.col(column)
    for pattern, mark in _MASKS:
        text = text.str.replace_all(pattern, mark)
    return text


def _merged(known: pl.DataFrame) -> pl.DataFrame:
    """``program``, ``template`` and ``merged``: the template with its varying word masked, where it has one."""
    words = known.with_columns(words=pl.col("template").str.split(" ")).filter(pl.col("words").list.len() > 1)
    found: list[pl.DataFrame] = []
    for place in range(MOST_WORDS):
        words = words.filter(pl.col("words").list.len() > place)
        if words.is_empty():
            break
        masked = words.with_columns(
            merged=pl.concat_list(
                pl.col("words").list.head(place),
                pl.lit(["\x02"], dtype=pl.List(pl.String)),
                pl.col("words").list.slice(place + 1),
            ).list.join(" "),
        )
        varying = masked.filter(pl.len().over("program", "merged") >= MANY)
        if varying.height:
            found.append(varying.select("program", "template", "merged"))
            words = words.join(varying, on=["program", "template"], how="anti", maintain_order="left")
    if not found:
        return known.clear().with_columns(merged=pl.lit(None, pl.String))
    return pl.concat(found)

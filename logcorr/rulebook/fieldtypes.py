"""The types of fields: what a template field matches, what is kept of it, and what it means.

A field's type follows from its name: the name itself, or its last word after ``_`` (``local_ip`` is an ``ip``). Names
that say nothing take an explicit type: ``{cursor:word}``. ``{*}`` matches any text and keeps none of it. A field has
one dtype everywhere, so that the events of all programs fit one frame.

Every pattern runs on a linear-time engine: no look-around, no back-reference, and no large counted repetition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from logcorr.dataclass import dataclass

_NUMBER: Final = r"[-+]?[0-9]+(?:\.[0-9]+)?"
_V4: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_V6: Final = r"[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,7}(?:(?:\.[0-9]{1,3}){3})?(?:%[0-9A-Za-z._-]+)?"
_MAC_DIGITS: Final = 12
_WORD: Final = r"[^ \t\r\n]+"
_TEXT: Final = r".+?"
_SPAN: Final = (
    r"[-+]?(?:[0-9]+(?:\.[0-9]+)? ?(?:ns|us|µs|μs|ms|msec|sec|seconds?|s|min|minutes?|m|hours?|hr|h|days?|d) ?)+"
)

#: Seconds in each unit of a printed duration: Go's time.Duration ("1h2m3.5s"), systemd's spans ("1min 30s"), prose.
_SECONDS: Final = {
    r"d(?:ays?)?": 86_400.0,
    r"h(?:r|ours?)?": 3600.0,
    r"m(?:in|inutes?)?": 60.0,
    r"s(?:ec|econds?)?": 1.0,
    r"ms(?:ec)?": 1e-3,
    r"(?:us|µs|μs)": 1e-6,
    r"ns": 1e-9,
}


def _as_text(text: pl.Expr) -> pl.Expr:
    return text


def _as_int(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False)


def _as_float(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Float64, strict=False)


def _as_ip(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars("[]")


def _as_mac(text: pl.Expr) -> pl.Expr:
    digits = text.str.to_lowercase().str.replace_all(r"[^0-9a-f]", "")
    # what people blank out of an address leaves none
    whole = pl.when(digits.str.len_bytes() == _MAC_DIGITS).then(digits)
    return whole.str.replace_all(r"(..)", "$1:").str.strip_chars_end(":")


def _as_seconds(text: pl.Expr) -> pl.Expr:
    parts = [
        text.str.extract(rf"([0-9]+(?:\.[0-9]+)?) ?{unit}(?:[^a-zµμ]|$)").cast(pl.Float64).fill_null(0.0) * seconds
        for unit, seconds in _SECONDS.items()
    ]
    bare = text.str.strip_chars().cast(pl.Float64, strict=False)
    sign = pl.when(text.str.starts_with("-")).then(-1.0).otherwise(1.0)
    spelled = pl.when(text.str.contains(r"[0-9] ?[a-zµμ]")).then(sign * pl.sum_horizontal(parts))
    return pl.coalesce(bare, spelled)


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type: what its text looks like, how that is kept, and which field names have it."""

    name: str
    pattern: str  # linear-time regex without capture groups
    dtype: type[pl.String | pl.Int64 | pl.Float64]
    means: str
    also: tuple[str, ...] = ()  # further field names of this type
    convert: Callable[[pl.Expr], pl.Expr] = _as_text  # matched text -> dtype

    @property
    def changes(self) -> bool:
        """Whether the matched text is not kept as it is."""
        return self.convert is not _as_text


def _text(
    name: str, pattern: str, means: str, also: str = "", convert: Callable[[pl.Expr], pl.Expr] = _as_text
) -> FieldType:
    return FieldType(name, pattern, pl.String, means, tuple(also.split()), convert)


def _number(name: str, means: str, also: str = "") -> FieldType:
    return FieldType(name, r"[-+]?[0-9]+", pl.Int64, means, tuple(also.split()), _as_int)


#: Every field type, in the order in which the documentation lists them.
FIELD_TYPES: Final[tuple[FieldType, ...]] = (
    _text(
        "interface",
        r"[0-9A-Za-z_](?:[0-9A-Za-z_.@/+:-]*[0-9A-Za-z_/+-])?",
        "a network interface, or a router's port",
        "bond bridge slave link",
    ),
    _text(
        "ip",
        rf"\[?(?:{_V4}|{_V6})\]?",
        "an IPv4 or IPv6 address; brackets around it are not kept",
        "gateway address netmask",
        _as_ip,
    ),
    _number("port", "a TCP or UDP port"),
    _text(
        "mac",
        r"[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}",
        "a hardware address, kept in lower case with colons",
        "bssid",
        _as_mac,
    ),
    _number("prefix", "the length of a network prefix"),
    _number("pid", "a process id", "ppid tid"),
    _number("uid", "a numeric user or group id", "gid"),
    FieldType(
        "duration",
        rf"{_SPAN}|{_NUMBER}",
        pl.Float64,
        "a time span (1h2m3.5s, 1min 30s, 250ms; a bare number is seconds), kept in seconds",
        ("uptime", "age"),
        _as_seconds,
    ),
    FieldType(
        "number",
        _NUMBER,
        pl.Float64,
        "a number with or without decimals",
        ("seconds", "offset", "delay", "jitter", "percent", "ratio", "loss", "rtt", "ppm"),
        _as_float,
    ),
    _number(
        "count",
        "a whole number",
        "times priority ifindex queue generation channel epoch vlan bytes packets mtu dropped",
    ),
    _text(
        "unit",
        r"[0-9A-Za-z:_.\\@-]+\.(?:service|socket|target|timer|mount|automount|device|path|scope|slice|swap)",
        "a systemd unit with its suffix",
    ),
    _text("version", r"[0-9A-Za-z][0-9A-Za-z.+~:_-]*", "a version of a program or package"),
    _text("region", r"[0-9A-Za-z]+", "a relay region, by number or code"),
    _text("code", r"[0-9A-Za-z_./-]+", "a short code: exit code, region code, result code", "status errno table"),
    _text("node", r"\[?[0-9A-Za-z+/=:._-]+\]?", "a peer in the tailnet, as the daemon abbreviates its key", "peer key"),
    _text("user", r"[0-9A-Za-z_.$@\\+-]+", "an account name", "owner"),
    _text("hostname", r"[0-9A-Za-z_.-]+", "a host or domain name", "host domain"),
    _text(
        "server",
        r"[0-9A-Za-z_.:%#\[\]-]+",
        "a server, by name or address, with or without port",
        "target upstream endpoint",
    ),
    _text("path", r"/[^\s]*", "an absolute path", "file device_path"),
    _text("package", r"[0-9A-Za-z][0-9A-Za-z.+:_-]*", "an installed package"),
    _text("process", r"[^()\s][^()]*?", "a process's command name, as the kernel keeps it", "comm program"),
    _text("signal", r"[0-9A-Za-z+_-]+", "a signal, by name or number"),
    _text("state", r"[0-9A-Za-z_-]+", "one of a few states", "mode result actor kind udp online protocol transport"),
    _text("command", _TEXT, "a command line"),
    _text("reason", _TEXT, "why, in the program's own words"),
    _text("error", _TEXT, "an error, in the program's own words"),
    _text("format", _TEXT, "the format string of log lines that are held back"),
    _text(
        "text",
        _TEXT,
        "any text, at least one character",
        "description question answer contents arguments addresses endpoints name meta config usage change speed",
    ),
    _text(
        "word",
        _WORD,
        "text without blanks",
        "device client warnable operation routine caller action event zone source destination ssid vendor manager "
        "duplex type model serial service chain rule site cause id level marker driver clock policy network recv seen",
    ),
)

_BY_NAME: Final = {name: kind for kind in FIELD_TYPES for name in (kind.name, *kind.also)}


def field_type(name: str) -> FieldType | None:
    """The type that a field's name implies, or None where the name is not one of the table's."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.rsplit("_", 1)[-1])


def type_names() -> tuple[str, ...]:
    """Every name that implies a type, for hints."""
    return tuple(_BY_NAME)


def named_type(name: str) -> FieldType | None:
    """The type called ``name``, for ``{field:type}``."""
    return next((kind for kind in FIELD_TYPES if kind.name == name), None)


#: How a dtype is called in the documentation and in faults.
KEPT_AS: Final[dict[type[pl.DataType], str]] = {pl.String: "text", pl.Int64: "a whole number", pl.Float64: "a number"}


def table() -> str:
    """The table of field types as Markdown, for the rule language's reference."""
    rows = ["| type | also the type of | kept as | what it is |", "|---|---|---|---|"]
    for kind in FIELD_TYPES:
        names = ", ".join(f"`{name}`" for name in kind.also) or "–"
        rows.append(f"| `{kind.name}` | {names} | {KEPT_AS[kind.dtype]} | {kind.means} |")
    return "\n".join(rows) + "\n"

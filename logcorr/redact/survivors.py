"""The last look: no value that was replaced may stand in what is written, in whatever spelling."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Container, Iterable, Iterator
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import unquote

import polars as pl

from logcorr.redact.addresses import spellings
from logcorr.redact.identities import is_short_key
from logcorr.redact.labels import class_of
from logcorr.redact.redactor import Redactor

_JSON_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\([\"\\/])")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_IPV6: Final = re.compile(r"(?<![0-9a-z:])[0-9a-f:]{2,39}(?![0-9a-z:])")
_SHORTEST = 3  # characters: shorter ones are everywhere
_LONGEST = 200  # of a secret's line: enough to know it by
_SHORTEST_IN_BASE64 = 6
_NAMES: Final = frozenset(
    {"hosts", "sites", "users", "SSIDs", "pods and containers", "file names", "folders"}
)  # classes of plain words
_ADDRESSES: Final = frozenset({"pub", "pub6", "lan", "ula", "ll", "ts", "mac"})
_ROUNDS = 2  # an escape inside an escape


def survivors(text: str, redactor: Redactor, own: Container[str] = (), said: Container[str] = ()) -> tuple[str, ...]:
    """The classes of which a value still stands in ``text``: raw, in another case, escaped for URLs, JSON or HTML, in
    base64, or as another spelling of an address. Empty where nothing survives.

    ``own`` are words, in lower case, that our own text holds there: a host, user or network that is called like one of
    them cannot be told from it. Neither can anything else that one of our sentences has ``said``.
    """
    needles = {
        needle: kind
        for needle, kind in _needles(redactor)
        if (kind not in _NAMES or needle not in own) and needle not in said
    }
    exact = dict(_exact(redactor))
    if not needles and not exact:
        return ()
    plain = list(dict.fromkeys(_views(text)))
    views = list(dict.fromkeys(view.casefold() for view in plain))
    found = {needles[needle] for view in views for needle in _inside(view, needles)}
    found |= {exact[needle] for view in plain for needle in _inside(view, exact)}
    hidden = {needle: kind for needle, kind in needles.items() if len(needle) >= _SHORTEST_IN_BASE64}
    found |= {hidden[needle] for needle in _inside(_decoded(text), hidden)}
    found |= set(_addresses(views, redactor))
    return tuple(sorted(found))


def _needles(redactor: Redactor) -> Iterator[tuple[str, str]]:
    for line in {line.strip().lower()[:_LONGEST] for secret in redactor.secrets for line in secret.splitlines()}:
        if len(line) >= _SHORTEST:
            yield line, "secrets"
    for kind, value in redactor.found:
        if kind.startswith("secret:") or kind == "guess" or is_short_key(kind, value):
            continue
        forms = spellings(kind, value) if kind in _ADDRESSES else (value.lower(),)
        yield from ((form, class_of(kind)) for form in forms if len(form) >= _SHORTEST)


def _exact(redactor: Redactor) -> Iterator[tuple[str, str]]:
    """Values of base64: with other letters in capitals, [oThEr] is another value and may well be a word."""
    for kind, value in redactor.found:
        if is_short_key(kind, value):
            yield value.removeprefix("short:"), class_of(kind)
        elif kind == "key":
            yield base64.b64encode(bytes.fromhex(value)).decode(), class_of(kind)


def _views(text: str) -> Iterator[str]:
    view = text
    yield view
    for _ in range(_ROUNDS):
        view = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], view)
        yield view
        view = html.unescape(view)
        yield view
        view = unquote(view)
        yield view


def _decoded(text: str) -> str:
    """Everything that could be base64, decoded at each of the four places where a group may begin."""
    pieces = []
    for run in set(_BASE64.findall(text)):
        plain = run.replace("-", "+").replace("_", "/")
        for at in range(4):
            part = plain[at : at + (len(plain) - at) // 4 * 4]
            try:
                pieces.append(base64.b64decode(part).decode("latin-1"))
            except (binascii.Error, ValueError):  # not base64 from here on
                continue
    return "\n".join(pieces).casefold()


def _inside(view: str, needles: Iterable[str]) -> Iterator[str]:
    """Those of ``needles`` that stand in ``view`` as words of their own."""
    wanted = list(needles)
    if not wanted or not view:
        return
    hits = pl.Series([view]).str.extract_many(wanted, overlapping=True).explode().drop_nulls().unique()
    for needle in hits:
        word = re.escape(needle)
        # what must not stand before it is looked at last: Python looks fast for what begins with plain letters
        edges = rf"{word}(?![A-Za-z0-9]|\.\d)(?<![A-Za-z0-9]{word})(?<!\d\.{word})"
        if re.search(edges, view):
            yield needle


def _addresses(views: Iterable[str], redactor: Redactor) -> Iterator[str]:
    """IPv6 addresses written in another of their many forms."""
    replaced = {value: kind for kind, value in redactor.found if kind in {"pub6", "ula", "ll", "ts"} and ":" in value}
    if not replaced:
        return
    for token in {token for view in views for token in _IPV6.findall(view) if token.count(":") > 1}:
        try:
            address = ip_address(token)
        except ValueError:
            continue
        if isinstance(address, IPv6Address) and str(address) in replaced:
            yield class_of(replaced[str(address)])

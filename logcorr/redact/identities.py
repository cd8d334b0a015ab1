"""Identifiers that a shape gives away: Tailscale's keys and names, mail addresses, cloud ids, serials, domains."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from logcorr.redact.known import is_public
from logcorr.redact.spans import Span, holds, lowered

# types/key/*.go of tailscale: a type, and 32 bytes in hex. The private ones are secrets.
_KEY: Final = re.compile(
    r"(?P<type>nodekey|discokey|mkey|chalpub|nlpub|tlpub|hwattestpub|logid|LogID): ?(?P<hex>[0-9a-fA-F]{64})"
)
# wg(8): the same 32 bytes in base64, of whose last character only four bits are used
_WIREGUARD: Final = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=(?![A-Za-z0-9+/=])")
_SHORT_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9])\[[A-Za-z0-9+/]{5}\]"
)  # types/key/util.go, debug32: five base64 characters, [2kLkR]
_SHORT_DISCO: Final = re.compile(r"(?<![0-9A-Za-z])d:[0-9a-f]{16}(?![0-9a-f])")  # the first eight bytes

_DOMAIN_END: Final = (
    r"(?:com|net|org|info|biz|edu|gov|mil|int|io|dev|app|cloud|tech|online|site|xyz|email|systems|solutions|eu|uk|de|at|ch|fr"
    r"|it|es|pt|nl|be|lu|dk|se|no|fi|is|ie|pl|cz|sk|hu|ro|bg|gr|hr|si|rs|ua|ru|tr|il|in|cn|jp|kr|tw|hk|sg|au|nz|ca|us|mx|br|ar"
    r"|cl|co|za|ke|ng|ae|sa|id|my|th|vn|ph|ee|lv|lt|me|tv|fm|ai|gg|example|test|invalid|local|lan|home|internal|intranet"
    r"|intern|corp|private|localdomain|box|arpa)"
)
_NAME: Final = re.compile(
    rf"(?<![A-Za-z0-9_.@-])(?=[^\s]*[A-Za-z])(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{{0,61}}[A-Za-z0-9_])?\.)+(?i:{_DOMAIN_END})"
    r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
)
#: Endings of domains that files have, too: a name behind one slash that ends so is taken for a file's.
_FILES: Final = frozenset(
    {"ai", "app", "ar", "box", "br", "ca", "dev", "email", "es", "example", "home", "id", "in", "info", "internal",
     "invalid", "local", "me", "pl", "private", "pt", "rs", "test", "tr"}
)  # fmt: skip
# The host of a URL (RFC 3986, 3.2) is one, whatever it ends with.
_IN_URL: Final = re.compile(r"(?<=://)(?:[^\s/@\"'<>]*@)?(?P<it>(?:[A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])")
_UNIT: Final = r"(?:service|socket|target|timer|mount|scope|slice|path|device|swap|automount)\b"  # getty@tty1.service
_RESOURCE: Final = (  # of AWS
    r"(?:i|vpc|subnet|sg|eni|vol|ami|eipalloc|eipassoc|nat|igw|rtb|acl|snap|lt|vpce|tgw|tgw-attach|pcx|vgw|cgw|vpn|r)"
)
#: Kind, words (in lower case) of which one stands wherever the expression matches, expression.
_Shape = tuple[str, tuple[str, ...], re.Pattern[str]]
_SHAPES: Final[tuple[_Shape, ...]] = tuple(
    (kind, words, re.compile(text))
    for kind, words, text in (
        ("mail", ("@",),
         rf"(?<![\w.%+-])[\w.%+-]+@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.(?!{_UNIT})[A-Za-z]{{2,}}\b"),
        ("tailnet", (".ts.net", "tail"),
         r"(?<![\w-])(?:[A-Za-z0-9-]+(?=\.ts\.net\b)|tail[0-9a-f]{4,8}(?![A-Za-z0-9]))"),
        ("node", ("cntrl", "devel"), r"(?<![A-Za-z0-9])[nku][A-Za-z0-9]{6,16}(?:CNTRL|DEVEL)(?![A-Za-z0-9])"),
        ("cloud", ("-",), rf"(?<![\w-]){_RESOURCE}-[0-9a-f]{{8,17}}(?![\w-])"),
        ("cloud", ("arn:aws", "ocid1."), r"\barn:aws[a-z-]*:[^\s\"',;]+|\bocid1\.[\w.-]+"),
        ("cloud", ("/subscriptions/", "projects/"),
         r"(?<=/subscriptions/)[0-9a-fA-F-]{36}|(?<=\bprojects/)[A-Za-z0-9-]+"),
        ("uuid", ("-",),
         r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f]|-[0-9A-Fa-f]{4})"),
        ("fingerprint", ("sha256:", "md5:"), r"\bSHA256:[A-Za-z0-9+/]{20,43}=?|\bMD5(?::[0-9a-f]{2}){16}\b"),
    )
)  # fmt: skip
# serial numbers stand behind their name
_SERIAL: Final = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:serial(?:[ _-]?(?:number|num|no\.?|nr\.?))?|s/n|imei|imsi|iccid|msisdn|meid"
    r"|(?:service|asset)[ _-]?tag)"
    r"[\"']?(?:\s*[:=#]\s*|\s+is\s+|\s+)[\"']?(?P<it>(?=[A-Z0-9-]*\d)\+?[A-Z0-9][A-Z0-9-]{4,31})(?![A-Z0-9])"
)
_HEX_ID: Final = re.compile(r"(?i)(?<=machine[_-]id)[\"']?\s*[:=]\s*[\"']?(?P<it>[0-9a-f]{32})")
_BEHIND_NAMES: Final[tuple[_Shape, ...]] = (
    ("serial", ("serial", "s/n", "imei", "imsi", "iccid", "msisdn", "meid", "tag"), _SERIAL),
    ("machine", ("machine",), _HEX_ID),
)


def find_identities(text: str) -> Iterator[Span]:
    """Identifiers in ``text`` that need nothing but their own shape."""
    lower = lowered(text)
    for kind, words, expression in _SHAPES:
        for found in expression.finditer(text) if holds(lower, words) else ():
            yield Span(found.start(), found.end(), kind, found[0].lower() if kind in {"mail", "uuid"} else found[0])
    for kind, words, expression in _BEHIND_NAMES:
        for found in expression.finditer(text) if holds(lower, words) else ():
            yield Span(found.start("it"), found.end("it"), kind, found["it"].upper())
    yield from find_keys(text)
    yield from find_names(text)


def find_keys(text: str) -> Iterator[Span]:
    """Tailscale's public keys, long and short. A short form has the value "short:..." until its long form is known."""
    for found in _KEY.finditer(text):
        yield Span(found.start("hex"), found.end("hex"), "key", found["hex"].lower())
    for found in _WIREGUARD.finditer(text):
        yield Span(found.start(), found.end(), "key", base64.b64decode(found[0]).hex())
    for found in _SHORT_KEY.finditer(text):
        if _is_no_word(found[0][1:-1]):  # [error], [Debug], [12345] are words and process numbers
            yield Span(found.start() + 1, found.end() - 1, "key", f"short:{found[0][1:-1]}")
    for found in _SHORT_DISCO.finditer(text):
        yield Span(found.start() + 2, found.end(), "key", f"short:{found[0][2:]}")


def is_short_key(kind: str, value: str) -> bool:
    """Whether a labelled value is a key's short form, of which only the program's context tells what it is."""
    return kind == "key" and value.startswith("short:")


def _is_no_word(text: str) -> bool:
    if not any(character.isalpha() for character in text):
        return False
    return not text.isalpha() or not (text.islower() or text.isupper() or text.istitle())


def short_forms(key: str) -> tuple[str, str]:
    """The two short forms in which tailscaled prints a key of 64 hex digits."""
    return base64.b64encode(bytes.fromhex(key)).decode()[:5], key[:16]


def find_names(text: str) -> Iterator[Span]:
    """DNS names of nobody's public service, as domain (registered part) and host part."""
    for found in _NAME.finditer(text):
        name = found[0].lower()
        slashes = text[max(found.start() - 2, 0) : found.start()]
        is_file = slashes.endswith("/") and slashes != "//" and name.rpartition(".")[2] in _FILES
        if not is_file and not is_public(name):
            yield Span(found.start(), found.end(), "name", name)
    for found in _IN_URL.finditer(text):
        name = found["it"].lower()
        if not is_public(name):
            yield Span(found.start("it"), found.end("it"), "name", name)

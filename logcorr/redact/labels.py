"""Labels: what each private value is called, the same all over a report and, with a map, from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from logcorr.dataclass import dataclass
from logcorr.redact.addresses import network_of, vendor_of
from logcorr.redact.identities import short_forms
from logcorr.redact.known import SITE_ENDINGS

_NETWORKED = frozenset({"pub", "pub6", "lan", "ula", "ll"})


@dataclass(slots=True)
class Labels:
    """Labels by kind and canonical value, numbered in the order in which a reader meets them.

    ``taken`` are words that no label may be: real names that look like one.
    """

    named: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)  # the last one given, by what stands before it

    def of(self, kind: str, value: str) -> str:
        """The label of a value, made where it has none yet."""
        known = self.named.get((kind, value))
        if known is None:
            known = self.named[kind, value] = self._new(kind, value)
        return known

    def _new(self, kind: str, value: str) -> str:
        if kind in _NETWORKED:
            network, is_network = network_of(value)
            stem = self.of(f"{kind}-net", network)
            return f"{stem}.0" if is_network else self._next(f"{stem}.")
        if kind == "mac":
            vendor = vendor_of(value)
            return self._next("mac-random-" if vendor is None else f"mac-{self.of('vendor', vendor)}-")
        if kind == "name":
            return self._dns_name(value)
        if kind == "key":
            return self._key(value)
        return self._next({"vendor": "v"}.get(kind, f"{kind.removesuffix('-net')}-"))

    def _dns_name(self, value: str) -> str:
        """``srv.eu.acme.example`` becomes host, part and domain, so that names which share one still show it."""
        parts = value.split(".")
        kept = 1 if parts[-1] in SITE_ENDINGS else 2
        domain = parts[-1] if kept == 1 else self.of("domain", ".".join(parts[-2:]))
        host = [self.of("host", parts[0])] if len(parts) > kept else []
        between = [self.of("part", ".".join(parts[1:-kept]))] if len(parts) > kept + 1 else []
        return ".".join((*host, *between, domain))

    def _key(self, value: str) -> str:
        """Long and short form of one key are one thing, whichever is met first."""
        if value.startswith("short:"):
            return self._next("key-")
        shorts = [("key", f"short:{form}") for form in short_forms(value)]
        known = [self.named[short] for short in shorts if short in self.named]
        label = known[0] if known else self._next("key-")
        for short in shorts:
            self.named.setdefault(short, label)
        return label

    def _next(self, stem: str) -> str:
        """The first free number behind ``stem``."""
        label = ""
        while not label or label in self.taken:
            self.numbers[stem] = self.numbers.get(stem, 0) + 1
            label = f"{stem}{self.numbers[stem]}"
        return label


#: The classes as the report names them.
CLASSES: Mapping[str, str] = {
    "pub": "public addresses",
    "pub6": "public addresses",
    "lan": "private addresses",
    "ula": "private addresses",
    "ll": "link-local addresses",
    "ts": "tailnet addresses",
    "mac": "MAC addresses",
    "host": "hosts",
    "site": "sites",
    "user": "users",
    "guess": "guessed account names",
    "ssid": "SSIDs",
    "mail": "e-mail addresses",
    "tailnet": "tailnet names",
    "node": "tailnet node ids",
    "key": "public keys",
    "cloud": "cloud ids",
    "uuid": "UUIDs",
    "serial": "serial numbers",
    "machine": "machine ids",
    "name": "DNS names",
    "domain": "DNS names",
    "part": "DNS names",
    "fingerprint": "fingerprints",
    "keyword": "keywords",
    "folder": "folders",
    "file": "file names",
    "pod": "pods and containers",
}


def class_of(kind: str) -> str:
    """The class of a kind of value, as the report names it."""
    return "secrets" if kind.startswith("secret:") else CLASSES.get(kind, kind)

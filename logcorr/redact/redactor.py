"""One pass over a text: every private value becomes its label, every secret is destroyed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.one_of import one_of
from logcorr.redact.addresses import find_addresses, find_in_hex, find_macs, in_hex
from logcorr.redact.identities import find_identities, find_keys, find_names, is_short_key, short_forms
from logcorr.redact.known.sentences import sentences
from logcorr.redact.labels import Labels, class_of
from logcorr.redact.machines import is_like_a_machine
from logcorr.redact.names import find_guesses, is_private, learn
from logcorr.redact.secrets import find_secrets
from logcorr.redact.spans import Profile, Span, without_overlaps

_DETECTORS: Final[tuple[Callable[[str], Iterator[Span]], ...]] = (find_addresses, find_macs, find_identities)

#: Kinds of names that an earlier run's map holds and that nothing but their place gives away.
_OF_A_MAP: Final = frozenset({"host", "site", "user", "ssid", "name", "keyword", "folder", "file", "pod"})
_DIGITS: Final = "0" * 8
_NUMBER: Final = re.compile(r"\d+")
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says: values and networks to leave as they are, and words to hide beside what is found."""

    keep: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    keywords: tuple[str, ...] = ()

    def keeps(self, span: Span, text: str) -> bool:
        """Whether the user wants this value left as it is."""
        if text.lower() in self.keep or span.value.lower() in self.keep:
            return True
        if not self.networks or span.kind not in {"pub", "pub6", "lan", "ula", "ll", "ts"}:
            return False
        address = ip_address(span.value)
        return any(address.version == network.version and address in network for network in self.networks)


@dataclass(slots=True)
class Redactor:
    """Replaces private values by labels. ``found`` are the (kind, value) replaced; ``raw`` the spellings met."""

    profile: Profile
    labels: Labels = field(default_factory=Labels)
    wishes: Wishes = field(default_factory=Wishes)
    found: dict[tuple[str, str], int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)  # lower-case name to kind
    _spelled: dict[str, str] = field(default_factory=dict)  # the name behind a spelling with other separators
    _harmless: set[str] = field(default_factory=set)  # texts in which there is nothing to replace
    _in_hex: dict[str, Span] = field(default_factory=dict)  # the address that eight hex digits spell
    _expression: re.Pattern[str] | None = None
    _shorts: re.Pattern[str] | None = None  # short forms of keys, wherever they stand without their brackets

    def learn(self, texts: Iterable[str], known: Iterable[tuple[str, str]] = ()) -> None:
        """Take in the names that have to be replaced wherever they stand: ``known`` ones (kind, name), and what the
        wordings of ``texts`` give away.
        """
        self._harmless.clear()
        if self.profile != "share":
            return
        texts = list(dict.fromkeys(texts))
        mapped = ((kind, name) for kind, name in self.labels.named if kind in _OF_A_MAP)
        told = [*mapped, *known, *(name for text in texts for name in learn(text))]
        self._in_hex |= {digits: span for text in texts for digits, span in in_hex(text)}
        self._shorts = _exactly({value for text in texts for value in _short_keys(text)})
        for kind, name in told:
            for part, sort in _parts(kind, name.lower()):
                if is_private(part) and part not in self.wishes.keep:
                    self._names.setdefault(part, sort)
        for text in texts:  # a name that its place gives away once is hidden wherever it stands
            for span in find_names(text):
                if span.value not in self.wishes.keep:
                    self._names.setdefault(span.value, span.kind)
                    short = span.value.partition(".")[0]
                    if is_like_a_machine(short) and span.value.count(".") > 1 and short not in self.wishes.keep:
                        self._names.setdefault(short, "host")
        self._names.update((word.lower(), "keyword") for word in self.wishes.keywords)
        numberless = {name: _NUMBER.sub("#", name) for name in self._names}
        blank = {short: self._names[name] for name, short in numberless.items() if len(_LETTER.findall(short)) > 1}
        self._names = {**blank, **self._names}  # a name in a message's template, where # stands for every number
        self._spelled = {_dotted(name.replace("#", _DIGITS)): name for name in self._names}
        self._spelled |= {_dotted(name): name for name in self._names}
        self.labels.taken |= set(self._names)
        self._expression = _any_of({*self._names, *(name.replace("#", _DIGITS) for name in blank)})

    def text(self, text: str) -> str:
        """``text`` with every private value replaced."""
        return self._replaced(text, self._spans)

    def sentence(self, text: str) -> str:
        """A text of the report's own, into which values were put: its own words stay, whatever hosts are called."""
        return self._replaced(text, lambda told: (span for span in self._spans(told) if not _is_ours(span, told)))

    def own_words(self, sentence: str) -> tuple[str, ...]:
        """The words of a sentence that stay because they are ours, though something private is called so."""
        return tuple(sentence[span.start : span.end] for span in self._own_spans(sentence))

    def without_own_words(self, sentence: str) -> str:
        """A sentence with a blank for each such word."""
        for span in reversed(self._own_spans(sentence)):
            sentence = f"{sentence[: span.start]} {sentence[span.end :]}"
        return sentence

    def _own_spans(self, sentence: str) -> list[Span]:
        if self.profile == "none" or sentence in self._harmless:
            return []
        return without_overlaps(span for span in self._spans(sentence) if _is_ours(span, sentence))

    def _replaced(self, text: str, find: Callable[[str], Iterator[Span]]) -> str:
        if self.profile == "none" or not text or text in self._harmless:
            return text
        pieces, at = [], 0
        for span in without_overlaps(find(text)):
            pieces += [text[at : span.start], self._word_for(span, text)]
            at = span.end
        if not pieces:
            if find == self._spans:
                self._harmless.add(text)  # most of a report's texts stand in it many times
            return text
        return "".join((*pieces, text[at:]))

    def template(self, text: str) -> str:
        """A message's template, in which # stands for every number: a key with such holes in it is a key still."""
        return self.text(text.replace("#", _DIGITS)).replace(_DIGITS, "#")

    def _spans(self, text: str) -> Iterator[Span]:
        yield from find_secrets(text)
        if self.profile != "share":
            return
        for detect in _DETECTORS:
            yield from (span for span in detect(text) if not self.wishes.keeps(span, text[span.start : span.end]))
        in_digits = find_in_hex(text, self._in_hex)
        yield from (span for span in in_digits if not self.wishes.keeps(span, span.value))
        if self._shorts is not None:
            for found in self._shorts.finditer(text):
                yield Span(found.start(), found.end(), "key", f"short:{found[0]}")
        if self._expression is not None:
            for found in self._expression.finditer(text):
                name = self._spelled[_dotted(found[0].lower())]
                yield Span(found.start(), found.end(), self._names[name], name)
        yield from (span for span in find_guesses(text) if not self.wishes.keeps(span, span.value))

    def _word_for(self, span: Span, text: str) -> str:
        if span.is_secret:
            self.secrets.add(text[span.start : span.end])
            self.found[span.kind, str(len(self.secrets))] = 1
            return f"[REDACTED:{span.kind.removeprefix('secret:')}]"
        self.found[span.kind, span.value] = self.found.get((span.kind, span.value), 0) + 1
        return self.labels.of(span.kind, span.value)

    def counts(self) -> dict[str, int]:
        """Distinct values replaced, by class; what was destroyed stands under "secrets"."""
        counted: dict[str, int] = {}
        for kind, _ in self.found:
            counted[class_of(kind)] = counted.get(class_of(kind), 0) + 1
        return counted


def _is_ours(span: Span, text: str) -> bool:
    """Whether a span of a sentence is in its own words. A secret never is."""
    lower = text.lower()
    return not span.is_secret and len(lower) == len(text) and sentences().hold(lower, span.start, span.end)


def _parts(kind: str, name: str) -> tuple[tuple[str, str], ...]:
    """A host's full name, and what it is called for short."""
    short, dot, _ = name.partition(".")
    return ((name, "name"), (short, "host")) if kind == "host" and dot else ((name, kind),)


def _short_keys(text: str) -> Iterator[str]:
    """The short forms in which a text shows keys, those of its long ones too."""
    for span in find_keys(text):
        if is_short_key(span.kind, span.value):
            yield span.value.removeprefix("short:")
        else:
            yield from short_forms(span.value)


def _exactly(words: Iterable[str]) -> re.Pattern[str] | None:
    ordered = sorted(words)
    if not ordered:
        return None
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, ordered))})(?![A-Za-z0-9])")


def _dotted(name: str) -> str:
    return re.sub("[_-]", ".", name)


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the names as a word of its own, the longest that is there; also with other separators than its own."""
    known = tuple(names)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{one_of(known)})(?![A-Za-z0-9])", re.IGNORECASE) if known else None

"""The words and signs for the report's fixed values: never a colour alone, never a sign alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logcorr.dataclass import dataclass
from logcorr.model import Verdict
from logcorr.origin import KINDS


@dataclass(frozen=True, slots=True)
class Word:
    """A fixed value as the reader meets it; ``name`` is also its CSS class."""

    name: str
    sign: str
    word: str
    means: str = ""


def _table(*words: Word) -> dict[str, Word]:
    return {word.name: word for word in words}


STATUS: Final = _table(
    Word("confirmed", "●●●", "Confirmed", "the expected signs were seen, in order, and nothing speaks against it"),
    Word("likely", "●●○", "Likely", "most of the expected signs were seen; a rival cause is clearly weaker"),
    Word("possible", "●○○", "Possible", "some signs were seen, and other causes would explain them too"),
    Word("undetermined", "○○○", "Undetermined", "something went wrong, and its cause was not established"),
    Word("no-incident", "✓", "No incident", "no connectivity incident in what the logs cover"),
)

HYPOTHESIS: Final = _table(
    Word("supported", "●", "Supported"),
    Word("weakened", "◐", "Weakened"),
    Word("ruled-out", "✗", "Ruled out"),
    Word("untestable", "?", "Could not be tested"),
)

STRENGTH: Final = _table(
    Word("weak", "▪", "weak"),
    Word("moderate", "▪▪", "moderate"),
    Word("strong", "▪▪▪", "strong"),
    Word("decisive", "▪▪▪▪", "decisive"),
)

SEVERITY: Final = _table(Word("high", "▲", "high"), Word("medium", "◆", "medium"), Word("low", "▪", "low"))

#: What a step of the chain is in the story.
ROLE: Final = _table(
    Word("root", "◉", "root cause"),
    Word("step", "→", "step"),
    Word("symptom", "▲", "symptom"),
    Word("recovery", "✓", "recovery"),
)

OBSERVED: Final = {True: Word("observed", "●", "seen in a log"), False: Word("inferred", "○", "inferred")}

#: What a mark of the timeline picture is.
MARK: Final = _table(
    Word("cause", "■", "cause"),
    Word("symptom", "▲", "symptom"),
    Word("recovery", "●", "recovery"),
    Word("context", "◆", "context"),
)

ANSWER: Final = _table(Word("answered", "✓", "Answered"), Word("refuted", "✗", "Refuted"), Word("open", "?", "Open"))

TRUST: Final = {
    True: Word("trusted", "✓", "trusted", "journald vouches for the program that wrote it"),
    False: Word("spoofable", "⚠", "spoofable", "any local program could have written it under this name"),
    None: Word("unverified", "·", "origin unverified", "the format cannot say who wrote it"),
}


def vouched(trusted: bool | None, origin: str | None) -> Word:
    """Whether the log vouches for a line, and who could have written it."""
    known, kind = TRUST[trusted], KINDS.get(origin)  # type: ignore[call-overload]  # a kind of a later version is none
    return known if kind is None else Word(known.name, known.sign, f"{known.word}: {kind.word}", kind.means)


RESOLVED: Final = {
    True: "no, not when the logs end",
    False: "yes",
    None: "the logs cannot tell",
}

GAP: Final = {
    "unreadable": "could not be read",
    "unrecognised": "format not recognised",
    "unparsed": "lines not understood",
    "silence": "silent",
    "rate-limited": "rate-limited",
    "lost-messages": "messages lost",
    "clock-step": "clock stepped",
    "limit": "beyond a limit",
    "not-given": "not given",
    "starts-late": "starts late",
    "ends-early": "ends early",
    "contradicted": "contradicted",
    "undeclared": "not declared",
    "clock-shift": "clock corrected",
}


def word(table: dict[str, Word], value: str) -> Word:
    """Look ``value`` up; a value that this version does not know is shown as it is."""
    return table.get(value) or Word("other", "·", value)


def usefulness(verdict: Verdict) -> int:
    """The rank of a verdict's status: what is confirmed first, what is undetermined last."""
    return list(STATUS).index(verdict.status) if verdict.status in STATUS else len(STATUS)


def some(names: Sequence[str], most: int) -> str:
    """Write a list of names, or its beginning and how many more there are."""
    more = len(names) - most
    return f"{', '.join(names[:most])} and {more:,} more" if more > 1 else ", ".join(names)

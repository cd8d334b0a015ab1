"""Our own sentences stay whatever hosts are called, and a host is hidden where a sentence of ours names it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from logcorr.cli.redaction import rendered
from logcorr.diagnosis.judging.signs import fill
from logcorr.errors import OutputError
from logcorr.model import Report
from logcorr.redact import Redactor, redact
from logcorr.report import FORMATS
from logcorr.rulebook import load_rules
from tests.report import sample

SAID = "the provider's edge did not answer, so nothing passed through the tunnel"
CLOUDFLARED = "cloudflared: edge is gone"
NAMED = "no log links what failed on edge to the router's link"


def of_edge(**changes: str) -> Report:
    """A report of a host that is called like a word of our sentences."""
    report = sample.incident()
    line = replace(report.evidence[0], id="E99", host="edge", message="edge: the tunnel of edge is gone")
    verdict = replace(report.verdict, hosts=("edge",), **changes)  # type: ignore[arg-type]  # fields of text
    return replace(report, evidence=(*report.evidence, line), verdict=verdict, incidents=(verdict,))


def shipped(word: str) -> list[str]:
    """Sentences of our causes with a word in them that a machine may be called."""
    texts = [fill(text, None, 2) for cause in load_rules().causes.values() for text in (cause.title, *_says(cause))]
    return [text for text in texts if re.search(rf"(?<![\w-]){word}(?![\w-])", text)]


def _says(cause: object) -> list[str]:
    return [sign.says for sign in getattr(cause, "evidence", ()) if getattr(sign, "says", None)]


@pytest.mark.parametrize("word", ["link", "provider", "port", "tunnel", "address", "relay", "disk", "clock"])
def test_a_host_called_like_a_word_of_ours_changes_no_sentence_of_ours(word: str) -> None:
    texts = shipped(word)
    assert texts
    redactor = Redactor("share")
    redactor.learn(texts, [("host", word)])
    assert [redactor.sentence(text) for text in texts] == texts
    assert redactor.text(f"{word} is gone") == "host-1 is gone"


@pytest.mark.parametrize("form", FORMATS)
def test_our_word_stays_and_the_host_is_hidden_in_every_artefact(form: str) -> None:
    redactor = Redactor("share")
    report = of_edge(title=SAID.capitalize(), summary=f"{SAID}. edge: {CLOUDFLARED}", reason=NAMED)
    text = rendered(redact(report, redactor), form, redactor, "report")  # type: ignore[arg-type]  # a key of FORMATS
    left = re.findall(r"(?i).{20}(?<![\w-])edge(?![\w-]).{15}", text)
    assert left
    assert [place for place in left if "provider" not in place] == []
    assert re.search(r"what failed on `?host-\d+`? to the router\W.*s link", text)


def test_what_a_sentence_of_ours_took_from_the_log_is_refused_where_it_was_left() -> None:
    redactor = Redactor("share")
    shown = redact(of_edge(reason=NAMED), redactor)
    left = replace(shown, verdict=replace(shown.verdict, reason=f"{SAID}; {NAMED}"))
    with pytest.raises(OutputError, match="hosts"):
        rendered(left, "html", redactor, "report")


def test_a_users_own_sentence_is_not_ours() -> None:
    redactor = Redactor("share")
    shown = redact(of_edge(title="Wanda's edge did not answer"), redactor)
    assert "edge" not in shown.verdict.title


def test_a_sentence_that_was_cut_is_ours_as_far_as_it_goes() -> None:
    redactor = Redactor("share")
    redactor.learn([], [("host", "provider")])
    text = max(shipped("provider"), key=len)
    cut = f"{text[: text.index('provider') + 12]}…"
    assert redactor.sentence(cut) == cut
    assert redactor.sentence("the provider of vermont …") != "the provider of vermont …"

"""Whatever text a log holds, a report shows it and does nothing else with it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from logcorr.model import Report
from logcorr.report import FORMATS, render, summary
from logcorr.report.text.inert import code, fence, inline
from tests.report import hostile, sample
from tests.report.dom import parse

BENIGN = "word"


def controls(text: str) -> set[str]:
    """Return the control, format and separator characters of ``text``, its line breaks apart."""
    found = {character for character in set(text) if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    return found - {"\n"}


def tokens(text: str) -> Counter[str]:
    """Return what CommonMark with raw HTML, tables and strikethrough makes of ``text``."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    counts: Counter[str] = Counter()
    for token in parser.parse(text):
        counts[token.type] += 1
        counts.update(child.type for child in token.children or ())
    return counts


def markup(text: str) -> Counter[str]:
    """Return the tokens that could do harm or break the outline."""
    inner = {"text", "softbreak", "inline", "code_inline"}
    return Counter({name: count for name, count in tokens(text).items() if name not in inner})


def raw_html(text: str) -> set[str]:
    """Return the tags that CommonMark leaves to the browser, those of summaries once."""
    blocks = [
        each.content for each in MarkdownIt("commonmark", {"html": True}).parse(text) if each.type == "html_block"
    ]
    plain = re.sub("<summary>[A-Za-z ,]+</summary>", "<summary>", "\n".join(blocks))
    return {line for line in plain.splitlines() if line}


@pytest.fixture(scope="module")
def report() -> Report:
    return sample.incident()


@pytest.fixture(scope="module")
def outline(report: Report) -> tuple[object, ...]:
    """The page's elements where every string is a plain word."""
    return parse(render(hostile.everywhere(report, BENIGN), "html")).shape()


MADE: dict[str, dict[str, str]] = {}


def made(report: Report, payload: str) -> dict[str, str]:
    """The report in each format, the payload in the place of every string."""
    if payload not in MADE:
        poisoned = hostile.everywhere(report, payload)
        MADE[payload] = {name: render(poisoned, name) for name in FORMATS}
    return MADE[payload]


@pytest.fixture(scope="module")
def plain(report: Report) -> Counter[str]:
    """The Markdown's elements where every string is a plain word."""
    return markup(render(hostile.everywhere(report, BENIGN), "md"))


@pytest.mark.parametrize("payload", hostile.ALL)
def test_no_text_changes_the_pages_elements(report: Report, outline: tuple[object, ...], payload: str) -> None:
    assert parse(made(report, payload)["html"]).shape() == outline


def test_there_are_three_hundred_payloads() -> None:
    assert len({*hostile.ALL, *hostile.CROSSED}) >= 300


@pytest.mark.parametrize("at", range(0, len(hostile.CROSSED), 18))
def test_no_way_out_of_any_place_leads_into_another(report: Report, outline: tuple[object, ...], at: int) -> None:
    text = " ".join(hostile.CROSSED[at : at + 18])
    poisoned = hostile.everywhere(report, text)
    assert parse(render(poisoned, "html")).shape() == outline
    text = render(poisoned, "md")
    assert raw_html(text) <= {"<details>", "</details>", "<summary>"}
    assert not {"html_inline", "image_open", "image", "link_open", "hr"} & set(markup(text))
    assert controls(summary(poisoned)) == set()


@pytest.mark.parametrize("payload", hostile.ALL)
def test_no_text_becomes_markup_in_markdown(report: Report, plain: Counter[str], payload: str) -> None:
    assert markup(made(report, payload)["md"]) == plain


@pytest.mark.parametrize("payload", hostile.ALL)
def test_no_artefact_holds_a_control_character(report: Report, payload: str) -> None:
    poisoned = hostile.everywhere(report, payload)
    for text in made(report, payload).values():
        assert controls(text) == set()
    assert controls(summary(poisoned)) == set()
    assert len(summary(poisoned).splitlines()) == 4


@pytest.mark.parametrize("payload", hostile.MARKDOWN)
def test_trackers_find_nothing_to_link_outside_code(payload: str) -> None:
    outside = " ".join(
        child.content
        for token in MarkdownIt("commonmark").parse(f"- Says: {inline(payload.replace(chr(10), '␊'))}")
        for child in token.children or ()
        if child.type == "text"
    )
    assert not re.search(r"@\w|#\d|GH-\d|https?:|www\.|mailto:|!\d|%\d|~\w|:\w+:|\$|/close|[0-9a-f]{7}", outside)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("WAN1 was offline at 02:58:12 (UTC+1), 5% of 31/31.", "WAN1 was offline at 02:58:12 (UTC+1), 5% of 31/31."),
        ("tailscale0: Link DOWN", "tailscale0: Link DOWN"),
        ("derp_lost and 127.0.0.53:53 — ● ok", "derp_lost and 127.0.0.53:53 — ● ok"),
        ("see <img src=x> now", "see `<img src=x>` now"),
        ("a `tick` b", "a `` `tick` `` b"),
        ("ask @team about #12", "ask `@team` about `#12`"),
        ("", ""),
    ],
)
def test_inline_leaves_prose_readable(text: str, shown: str) -> None:
    assert inline(text) == shown


@settings(deadline=None)
@given(st.text(st.sampled_from("` ~\\ab*_[](){}<>|#+-.!&$@:/\"'0\u00a01")))
def test_inline_code_and_fence_hold_any_text(text: str) -> None:
    assert set(tokens(f"- Says: {inline(text)}")) <= set(tokens("- Says: `code` text"))
    assert tokens(f"a {code(text)} b")["code_inline"] == 1 or not text
    fenced = MarkdownIt("commonmark").parse(fence([text, text]))
    assert [(token.type, token.content) for token in fenced] == [("fence", f"{text}\n{text}\n")]


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(), min_size=1, max_size=40).filter(lambda text: text.rstrip("\n")))
def test_any_text_anywhere_leaves_the_reports_whole(report: Report, outline: tuple[object, ...], text: str) -> None:
    poisoned = hostile.everywhere(report, text)
    page = render(poisoned, "html")
    assert parse(page).shape() == outline
    assert controls(page) == controls(render(poisoned, "md")) == controls(render(poisoned, "json")) == set()
    json.loads(render(poisoned, "json"))

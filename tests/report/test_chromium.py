"""The page in a real browser: its policy lets its styles in and nothing else, in every scheme and width."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import zlib
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from logcorr.model import Report
from logcorr.report import render
from logcorr.report.text.clock import clock
from logcorr.report.text.words import STATUS, word
from tests.conftest import ROOT
from tests.report import sample

GROUND = {"light": (0xF4, 0xF5, 0xF7), "dark": (0x10, 0x14, 0x18)}
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
)


def chromium() -> str:
    """Return the browser; its absence is a failure, for nothing else tests the policy."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "install the package chromium: the page is tested in a real browser"
    return found


def browse(page: Path, *flags: str, scheme: str = "light", width: int = 1280) -> tuple[str, list[str]]:
    """Open ``page``; return the browser's output and what it wrote to the console."""
    run = subprocess.run(
        [
            *(chromium(), *FLAGS, f"--user-data-dir={page.parent / 'profile'}", f"--window-size={width},900"),
            *(f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", *flags, page.as_uri()),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return run.stdout, re.findall(r"CONSOLE.*", run.stderr)


def first_pixel(image: bytes) -> tuple[int, ...]:
    """Return the top left pixel of a PNG (RFC 2083): the one that no filter changes."""
    data, place = b"", 8
    while place < len(image):
        length, kind = struct.unpack(">I4s", image[place : place + 8])
        data += image[place + 8 : place + 8 + length] if kind == b"IDAT" else b""
        place += 12 + length
    return tuple(zlib.decompress(data)[1:4])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_styles_are_let_in_and_the_console_stays_silent(tmp_path: Path, scheme: str, width: int) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(render(sample.incident(), "html"), encoding="utf-8")
    _, console = browse(page, f"--screenshot={picture}", scheme=scheme, width=width)
    assert console == []
    assert first_pixel(picture.read_bytes()) == GROUND[scheme]


def test_the_policy_stops_what_is_not_ours(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    intruders = '<p style="color: red">x</p><script>document.title = "owned"</script><img src="http://192.0.2.1/x.png">'
    page.write_text(render(sample.incident(), "html").replace("<main>", f"<main>{intruders}"), encoding="utf-8")
    dom, console = browse(page, "--dump-dom")
    assert "<title>owned</title>" not in dom
    assert len([line for line in console if "Content Security Policy" in line]) >= 3


# A window cannot be made as narrow as a telephone nor exactly as high as wished; a frame can.
FRAME = """<!doctype html><script>
addEventListener('message', event => { document.documentElement.dataset.measured = JSON.stringify(event.data); });
</script><iframe src="copy.html" width="{width}" height="{height}" style="border: 0"></iframe>"""

BOXES = """
const box = selector => document.querySelector(selector)?.getBoundingClientRect();
parent.postMessage({
  wide: document.documentElement.scrollWidth,
  high: document.querySelector('footer').getBoundingClientRect().bottom + scrollY,
  chain: box('.chain')?.top, keys: box('.keys')?.top,
  answer: Object.fromEntries(['.status .tag', 'h1', '.facts', '.is-first'].map(name => [name, box(name)?.bottom])),
  loose: [...document.querySelectorAll('main *:not(svg *)')].filter(element =>
    !element.closest('.scroll') && element.getBoundingClientRect().right > innerWidth + 1).length}, '*');
"""

AXE = """
axe.run(document, {resultTypes: ['violations']}).then(found => parent.postMessage(
  found.violations.map(each => [each.id, each.help, each.nodes.map(node => node.html)]), '*'));
"""


def measured(
    folder: Path, html: str, script: str, *, width: int = 1280, height: int = 720, scheme: str = "light"
) -> Any:
    """What ``script`` says of the page in a window of this size, in a copy whose policy is taken out."""
    frame, page = folder / "frame.html", folder / "copy.html"
    frame.write_text(FRAME.replace("{width}", str(width)).replace("{height}", str(height)), encoding="utf-8")
    open_page = re.sub(r"<meta http-equiv=[^>]*>", "", html)
    page.write_text(open_page.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    dom, _ = browse(frame, "--dump-dom", "--virtual-time-budget=20000", scheme=scheme, width=max(width, 800))
    found = re.search(r'data-measured="([^"]*)"', dom)
    assert found, "the page's script did not answer"
    return json.loads(unescape(found[1]))


@pytest.mark.parametrize("width", [1280, 320])
def test_the_answer_is_on_the_first_screen_and_nothing_sticks_out(tmp_path: Path, width: int) -> None:
    boxes = measured(tmp_path, render(sample.incident(), "html"), BOXES, width=width)
    assert boxes["wide"] <= width
    assert boxes["loose"] == 0
    if width == 1280:
        assert max(boxes["chain"], boxes["keys"]) < 400


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("count", [1, 6, 17])
def test_the_first_screen_holds_status_cause_times_and_what_to_do(
    tmp_path: Path, count: int, width: int, height: int
) -> None:
    report = sample.several(count) if count > 1 else sample.incident()
    boxes = measured(tmp_path, render(report, "html"), BOXES, width=width, height=height)
    assert all(0 < bottom <= height for bottom in boxes["answer"].values()), boxes["answer"]


def printed(folder: Path, report: Report) -> list[str]:
    """The text of each page that a printer gets, as words with single spaces."""
    page, paper = folder / "report.html", folder / "report.pdf"
    page.write_text(render(report, "html"), encoding="utf-8")
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    texts = [each.extract_text() for each in PdfReader(paper).pages]
    return [" ".join(normalize("NFKC", text).split()) for text in texts]  # fonts have ligatures


@pytest.mark.parametrize("name", ["incident", "undetermined", "quiet", "several"])
def test_the_first_printed_page_is_the_answer(tmp_path: Path, name: str) -> None:
    report = sample.several(6, hypotheses=1) if name == "several" else getattr(sample, name)()
    first = printed(tmp_path, report)[0]
    verdict = report.verdict
    assert word(STATUS, verdict.status).word in first
    assert " ".join(verdict.title.split()) in first
    assert all(host in first for host in verdict.hosts[:5])
    if verdict.started:
        assert clock(report.zone).stamp(verdict.started).full in first
        assert "Lasted" in first
    lines = {line.id: line for line in report.evidence}
    for key in verdict.key_evidence[:3]:
        assert f"{lines[key].source.rpartition('/')[2]}:{lines[key].line}" in first
    assert ("Do first:" in first) == (verdict.status != "no-incident")


def test_what_is_folded_is_printed_and_lines_around_others_are_not(tmp_path: Path) -> None:
    report = sample.incident()
    text = " ".join(printed(tmp_path, report))
    assert all(hypothesis.title in text for hypothesis in report.hypotheses)
    around = {line for each in report.evidence for line in (*each.before, *each.after)}
    assert around - {each.message for each in report.evidence}
    cited = "".join(each.message for each in report.evidence)
    assert not [line for line in around if line not in cited and " ".join(line.split()) in text]


SHIPPED = sorted((ROOT / "reports" / "golden").glob("*.html"))


@pytest.mark.parametrize("page", SHIPPED, ids=lambda page: page.stem)
def test_a_shipped_report_is_at_most_twelve_screens(tmp_path: Path, page: Path) -> None:
    assert measured(tmp_path, page.read_text("utf-8"), BOXES)["high"] <= 12 * 720


def test_a_report_of_seventeen_incidents_is_at_most_thirty_screens(tmp_path: Path) -> None:
    boxes = measured(tmp_path, render(sample.several(17), "html"), BOXES)
    assert boxes["high"] <= 30 * 720
    assert boxes["loose"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["incident", "undetermined", "quiet", "several"])
def test_axe_finds_nothing(tmp_path: Path, name: str, scheme: str) -> None:
    """axe-core, WCAG A and AA and best practices, with everything that is folded unfolded."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    report = sample.several(6, hypotheses=1) if name == "several" else getattr(sample, name)()
    html = render(report, "html").replace("<details>", "<details open>")
    assert measured(tmp_path, html, f"{axe};{AXE}", scheme=scheme) == []


def test_axe_does_find_what_is_wrong(tmp_path: Path) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    html = render(sample.quiet(), "html").replace("<main>", '<main><img src="data:,"><a href="#answer"></a>')
    assert {found[0] for found in measured(tmp_path, html, f"{axe};{AXE}")} >= {"image-alt", "link-name"}

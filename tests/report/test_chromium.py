"""The page in a real browser: its policy lets its styles in and nothing else, in every scheme and width."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from logcorr.report import render
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


MEASURE = """<script>
const box = selector => document.querySelector(selector).getBoundingClientRect();
parent.postMessage(JSON.stringify({
  wide: document.documentElement.scrollWidth, chain: box('.chain').top, keys: box('.keys').top,
  loose: [...document.querySelectorAll('main *:not(svg *)')].filter(element =>
    !element.closest('.scroll') && element.getBoundingClientRect().right > innerWidth + 1).length}), '*');
</script>"""

# A window cannot be made as narrow as a telephone, a frame can.
FRAME = """<script>
addEventListener('message', event => { document.documentElement.dataset.measured = event.data; });
</script><iframe src="copy.html" width="{width}" height="720" style="border: 0"></iframe>"""


@pytest.mark.parametrize("width", [1280, 320])
def test_the_answer_is_on_the_first_screen_and_nothing_sticks_out(tmp_path: Path, width: int) -> None:
    """Measured in a copy whose policy is taken out, so that a script can look at the layout."""
    frame, page = tmp_path / "frame.html", tmp_path / "copy.html"
    frame.write_text(FRAME.replace("{width}", str(width)), encoding="utf-8")
    html = re.sub(r"<meta http-equiv=[^>]*>", "", render(sample.incident(), "html"))
    page.write_text(html.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    dom, _ = browse(frame, "--dump-dom", "--virtual-time-budget=5000")
    measured = dict(re.findall(r"&quot;(\w+)&quot;:([\d.]+)", dom.split("data-measured=")[1][:300]))
    assert float(measured["wide"]) <= width
    assert int(measured["loose"]) == 0
    if width == 1280:
        assert max(float(measured["chain"]), float(measured["keys"])) < 400

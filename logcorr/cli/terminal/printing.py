"""Pages and pictures through an installed browser: a PDF of the report, a PNG of its timeline."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from logcorr.errors import OutputError

_BROWSERS: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "brave-browser"),
)
_FLAGS: Final = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-extensions", "--hide-scrollbars", "--no-pdf-header-footer"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # it loads nothing, whatever a page says
)
_PATIENCE: Final = 120  # seconds


def pdf(html: str, place: str) -> bytes:
    """The report as a printer would get it. Raises OutputError where there is no browser, or it fails."""
    return _made(html, "pdf", "--print-to-pdf={target}", place)


def png(svg: str, place: str) -> bytes:
    """The picture in its own size. Raises as ``pdf`` does."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = (round(float(each)) for each in found.groups()) if found else (1200, 800)
    page = f"<!doctype html><body style='margin:0'>{svg}</body>"
    return _made(page, "png", f"--window-size={width},{height} --screenshot={{target}}", place)


def browser() -> str | None:
    """The browser to use: the one that LOGCORR_BROWSER names, or the first that is installed."""
    given = os.environ.get("LOGCORR_BROWSER")
    return next(filter(None, map(shutil.which, (given,) if given else _BROWSERS)), None)


def _made(text: str, suffix: str, flags: str, place: str) -> bytes:
    program = browser()
    if program is None:
        raise OutputError(
            "no browser is installed that could print it",
            location=place,
            hint="install chromium, or write .html (.svg) and print it to a file in any browser",
        )
    with tempfile.TemporaryDirectory(prefix="logcorr-") as folder:
        page, target = Path(folder) / "page.html", Path(folder) / f"made.{suffix}"
        page.write_text(text, encoding="utf-8")
        root = ("--no-sandbox",) if os.geteuid() == 0 else ()  # it refuses to run as root with its sandbox
        asked = flags.format(target=target).split(" ")
        try:
            run = subprocess.run(
                [program, *_FLAGS, *root, f"--user-data-dir={folder}/profile", *asked, page.as_uri()],
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutputError(f"{Path(program).name} failed: {error}", location=place) from error
        if run.returncode or not target.is_file():
            raise OutputError(f"{Path(program).name} ended with code {run.returncode} and made nothing", location=place)
        return target.read_bytes()

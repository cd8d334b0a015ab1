"""``logcorr report``: from the JSON report to every other format."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from logcorr.redact import Redactor, redact
from logcorr.report import render
from tests.report import sample


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "logcorr", "report", *arguments]
    return subprocess.run(command, check=False, cwd=cwd, capture_output=True)


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    path = tmp_path / "night.json"
    path.write_text(render(redact(sample.incident(), Redactor("share")), "json"), encoding="utf-8")
    return path


def test_every_format_is_written_beside_the_json(findings: Path) -> None:
    done = run("night.json", "--format", "html,md,svg", cwd=findings.parent)
    assert done.returncode == 0, done.stderr
    shown = redact(sample.incident(), Redactor("share"))
    for form in ("html", "md", "svg"):
        assert (findings.parent / f"night.{form}").read_text("utf-8") == render(shown, form)


def test_a_pdf_and_a_png_are_made_by_the_installed_browser(findings: Path) -> None:
    done = run("night.json", "--format", "pdf,png", "--out", "made/", cwd=findings.parent)
    assert done.returncode == 0, done.stderr
    assert (findings.parent / "made" / "night.pdf").read_bytes().startswith(b"%PDF-")
    png = (findings.parent / "made" / "night.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20]) == (1200,)


def test_names_that_are_still_there_are_hidden_where_a_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text(render(sample.undetermined(), "json"), encoding="utf-8")
    assert run("night.json", cwd=tmp_path).returncode == 0
    assert "opg-srv" not in (tmp_path / "night.html").read_text("utf-8")
    assert run("night.json", "--redact", "none", "-o", "open.md", cwd=tmp_path).returncode == 0
    assert "opg-srv" in (tmp_path / "open.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("gone.json",), 3, "gone.json: cannot be read"),
        (("night.json", "-o", "x.gif"), 2, "'.gif' is no report's suffix"),
        (("night.json", "-o", "night.json"), 1, "it is not overwritten"),
        (("night.html",), 3, "is no JSON"),
        (("night.json", "--format", "docx"), 2, "'docx' is not a report format"),
    ],
)
def test_mistakes_are_told(findings: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    findings.with_suffix(".html").write_text("<p>x</p>")
    done = run(*arguments, cwd=findings.parent)
    assert done.returncode == code
    assert says in done.stderr.decode()


def test_without_a_browser_it_says_what_to_do(findings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGCORR_BROWSER", "no-such-browser")
    done = run("night.json", "-o", "night.pdf", cwd=findings.parent)
    assert done.returncode == 1
    assert "no browser is installed" in done.stderr.decode()
    assert not (findings.parent / "night.pdf").exists()

"""The tutorial, done as it is written: its files are written, its commands run, and what it shows comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from logcorr.rulebook.load import shipped_rules

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def steps() -> Iterator[tuple[str | None, str]]:
    """(file, contents) of a file to write; (None, transcript) of commands to run."""
    for block in BLOCK.finditer((shipped_rules() / "TUTORIAL.md").read_text("utf-8")):
        assert block["file"] or block["kind"] == "console", block[0]
        yield block["file"], block["text"]


def run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "logcorr"
    done = subprocess.run(
        [sys.executable, "-m", "logcorr", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TZ": "UTC"},
    )
    return done.stdout + done.stderr


def test_the_tutorial_is_true(tmp_path: Path) -> None:
    for file, text in steps():
        if file is not None:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
            continue
        for command, *shown in (part.splitlines() for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]):
            output = run(command, tmp_path)
            for line in shown:
                assert line in output, f"$ {command}\n{output}"
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_the_report_shows_the_rules_match(tmp_path: Path) -> None:
    for file, text in steps():
        if file is not None:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
    report = run("logcorr analyze shop.log --rules myrules --format md --out -", tmp_path)
    assert "**Orders stalled after the database at 192.0.2.30 was lost** (shop-stalls): 1 match" in report

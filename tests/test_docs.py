"""What the documentation tells a reader to run is run, and what it names is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

#: Programs beside ours that a command of the documentation calls; what they do is not ours to test.
OTHERS = {"pipx", "uv", "git", "journalctl", "cp", "sudo"}


def blocks(language: str) -> list[tuple[str, str]]:
    found = [(page, text) for page in PAGES for name, text in BLOCK.findall(page.read_text()) if name == language]
    return [(str(page.relative_to(ROOT)), text) for page, text in found]


def commands() -> list[tuple[str, str]]:
    """Each command after a prompt, with its page; continued lines are one."""
    lines = [(page, line) for page, text in blocks("console") for line in text.replace("\\\n", "").splitlines()]
    typed = [(page, line.removeprefix("$ ").split("  #")[0].strip()) for page, line in lines if line.startswith("$ ")]
    return [(page, line.removeprefix(".venv/bin/")) for page, line in typed]  # where `make demo` puts it


def ours() -> list[tuple[str, str]]:
    return [(page, line) for page, line in commands() if line.startswith("logcorr ")]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it: the shipped incident, and a folder of logs."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(FIXTURES, folder / "fixtures")
    shutil.copytree(FIXTURES / "tailscale-link-flap", folder / "logs")
    (folder / "bin").mkdir()
    program = folder / "bin" / "logcorr"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m logcorr "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.slow
def test_every_command_of_ours_does_what_it_says(desk: Path) -> None:
    login = {"PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "HOME": str(desk), "SHELL": "/bin/bash"}
    environment = {**os.environ, **login}
    failed = []
    for page, line in ours():
        alone = line if shutil.which("jq") else line.split(" | jq")[0]
        done = subprocess.run(alone, shell=True, cwd=desk, env=environment, capture_output=True, text=True, check=False)  # noqa: S602 - a command of the documentation, as its reader types it
        if done.returncode != 0:
            failed.append((page, line, done.returncode, done.stderr[-500:]))
    assert failed == []


def test_there_is_something_to_run() -> None:
    assert len(ours()) > 5


@pytest.mark.parametrize(("page", "line"), [one for one in commands() if one not in ours()])
def test_other_commands_are_targets_of_the_makefile_or_programs_that_are_named(page: str, line: str) -> None:
    program, *words = line.split()
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), page
    else:
        assert program in OTHERS, page


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_every_python_block_runs(page: str, text: str) -> None:
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{page}: {done.stderr}"


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))
    told = set(re.findall(r"^([a-z][a-z-]*):.*##", text, re.MULTILINE))
    assert targets == told

"""What the documentation tells a reader to run is run, and what it names is there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from logcorr.cli.arguments import settings
from logcorr.cli.commands import group
from logcorr.rulebook import load_rules
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.testing.cases import load_cases
from logcorr.rulebook.testing.trial import run_cases
from tests.conftest import FIXTURES, ROOT
from tests.rulebook.stages import stages
from tests.test_workers import cluster, free_port

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
#: Pages that name commands, also in a sentence.
TOLD = sorted({*PAGES, *ROOT.glob("*.md"), *ROOT.glob("*/*.md"), *(ROOT / ".github").rglob("*.md")})
BLOCK = re.compile(r"^```([^\n`]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

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


def test_no_block_is_of_a_kind_that_nothing_runs() -> None:
    """Those of the tutorial are run by tests/rulebook/test_tutorial.py, the others here."""
    kinds = {(name, page.name) for page in TOLD for name, _ in BLOCK.findall(page.read_text("utf-8"))}
    run = {"console", "python", "sh"}
    tutorial = {kind for kind in kinds if kind[1] == "TUTORIAL.md"}
    assert kinds - tutorial - {(kind, page.name) for kind in run for page in PAGES} == {
        ("toml", "shell.md"),
        ("yaml", "README.md"),
    }


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


#: In the place of programs that only a person ends, or that need another machine.
STUBS = {
    "sleep": "[ ! -e slept ] && : > slept",  # one turn of the loop around it
    "ping": 'printf "PING %s (%s) 56(84) bytes of data.\\n[1762225200.1] no answer yet for icmp_seq=1\\n" "$3" "$3"',
    "logcorr": f'exec {sys.executable} -m logcorr "$@"',
}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), blocks("sh"))
def test_every_block_of_the_shell_runs(page: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name, does in STUBS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    shutil.copytree(FIXTURES / "quiet-night", tmp_path / "logs")
    (tmp_path / "var" / "log").mkdir(parents=True)
    for name in ("syslog", "syslog.1", "kern.log"):
        (tmp_path / "var" / "log" / name).touch()
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    port = free_port()
    with cluster(port, 1, tmp_path) if "--cluster" in text else nullcontext():
        here = text.replace("tcp://scheduler:8786", f"tcp://127.0.0.1:{port}").replace("/shared/logs/", "logs")
        here = re.sub(r"/(var|shared)/", rf"{tmp_path}/\1/", here)
        done = subprocess.run(
            ["bash", "-c", here], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
    has_all = "conntrack" not in text  # no machine needs all the programs whose counters are looked at
    assert (done.returncode == 0 or not has_all, re.findall(".*(?:invalid|hint:).*", done.stderr)) == (True, []), page
    for name in re.findall(r">+ (\S+)", text):
        assert (tmp_path / name).stat().st_size > 0, page


def test_the_settings_that_are_shown_are_taken(tmp_path: Path) -> None:
    ((_, text),) = blocks("toml")
    (tmp_path / "logcorr.toml").write_text(text, encoding="utf-8")
    with click.Context(group, info_name="logcorr") as context:
        given = settings.load(tmp_path / "logcorr.toml", context)
    sites, zones = ["opg=opg-srv,opg-gw"], ["router=Europe/Zagreb", "nas.log=+01:00"]
    assert given["analyze"] == {"zones": zones, "sites": sites, "formats": ["html,json"], "fail_on": "high"}
    assert given["timeline"] == {"zones": zones, "local": True}
    assert given["rules"] == {"suggest": {"zones": zones, "most": 20}}


#: The rules' guide shows one file of each kind, in this order.
SHOWN = (
    *("events/example.yaml", "events/sshd-example.yaml", "events/example.cases.yaml"),
    *("patterns/probe-failed-then-restart.yaml", "causes/wan-outage.yaml"),
    *("symptoms.yaml", "sources.yaml", "states.yaml"),
)


def test_the_rules_that_the_guide_shows_are_rules(tmp_path: Path) -> None:
    texts = [text for name, text in BLOCK.findall((shipped_rules() / "README.md").read_text("utf-8")) if name == "yaml"]
    for place, text in zip(SHOWN, texts, strict=True):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(text, encoding="utf-8")
    rules = load_rules([tmp_path])
    cases = [file for file in load_cases([tmp_path], rules) if file.kind == "event"]
    results = list(run_cases(cases, rules, stages((tmp_path,))))
    assert len(results) == 4
    assert [result.problems for result in results if result.problems] == []


def told_commands() -> set[tuple[str, str]]:
    """Each command of ours that stands in a sentence or a table, with its page."""
    told = re.compile(r"`((?:logcorr|make|python -m tests\.[\w.]+)(?: [^`]*)?)`")
    return {
        (str(page.relative_to(ROOT)), command.replace("\\|", "|"))
        for page in TOLD
        for command in told.findall(BLOCK.sub("", page.read_text("utf-8")))
    }


@pytest.mark.parametrize(("page", "command"), sorted(told_commands()))
def test_commands_in_sentences_are_there_with_their_options(page: str, command: str) -> None:
    program, *words = shlex.split(command.split(" > ", maxsplit=1)[0].split(" | ", maxsplit=1)[0])
    if program == "make":
        for word in words:
            assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text(), re.MULTILINE), page
    elif program == "python":
        assert find_spec(words[1]), page
    else:
        at: click.Command = group
        while words and isinstance(at, click.Group) and words[0] in at.commands:
            at = at.commands[words.pop(0)]
        known = {name for parameter in at.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
        assert {word.split("=")[0] for word in words if word.startswith("-") and word != "-"} <= known, page


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets == {line.split()[0] for line in told.splitlines()}

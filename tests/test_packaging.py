"""What a user's own install gets: the wheel carries the rules and the manual, and works without the checkout."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import click
import pytest

import logcorr
from logcorr.cli.commands import group
from tests.conftest import FIXTURES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def build(target: str, place: Path, root: Path = ROOT) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(place)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return next(place.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the source distribution unpacks to."""
    made = build("sdist", tmp_path_factory.mktemp("sdist"))
    place = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(made) as file:
        file.extractall(place, filter="data")
    return next(place.iterdir())


def tracked(*places: str) -> set[str]:
    command = ["git", "ls-files", *places]
    return set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines())


def test_the_wheel_carries_the_rules_and_nothing_else_of_the_checkout(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {name for name in tracked("rules") if not name.endswith(".cases.yaml")}
    assert {f"logcorr/_{name}" for name in rules} == {name for name in names if name.startswith("logcorr/_rules/")}
    assert all(name.startswith(("logcorr/", "logcorr-")) for name in names)
    assert "logcorr/py.typed" in names
    assert any(name.endswith("/style.css") for name in names)


def manual() -> ModuleType:
    found = importlib.util.spec_from_file_location("man_pages", ROOT / ".ci" / "man_pages.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_wheel_carries_the_manual_of_every_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    prefix = f"logcorr-{logcorr.__version__}.data/data/share/man/man1/"
    carried = {name.removeprefix(prefix): archive.read(name).decode() for name in archive.namelist() if prefix in name}
    assert carried == {f"{name}.1": text for name, text in manual().pages().items()}
    assert {"logcorr.1", "logcorr-analyze.1", "logcorr-rules-suggest.1"} <= set(carried)
    for name, command in group.commands.items():
        page = carried[f"logcorr-{name}.1"].replace("\\-", "-")
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert set(option.opts) <= set(re.findall(r"--?[\w-]+", page)), (name, option.opts)


#: Refuses every package but those that a wheel is built with; then writes the pages.
ALONE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {allowed}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, ".ci")
import man_pages
print(*man_pages.pages())
"""


def test_a_wheel_is_built_with_nothing_but_what_its_build_declares() -> None:
    """pip and pipx build in an environment of its own, in which the program's dependencies are not installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = [
        *project["build-system"]["requires"],
        *project["tool"]["hatch"]["build"]["hooks"]["custom"]["dependencies"],
    ]
    allowed = {re.split(r"[<>=!~ ;\[]", each)[0] for each in declared} | {"logcorr", "man_pages"}
    command = [sys.executable, "-c", ALONE.format(allowed=allowed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "logcorr-analyze" in done.stdout.split()


def test_the_manual_is_sound(tmp_path: Path) -> None:
    """No line of a page begins with a sign that roff would take for a request of its own."""
    known = re.compile(r"\.(TH|SH|TP|PP|BR?|nf|fi)\b")
    for name, page in manual().pages().items():
        lines = page.splitlines()
        assert lines[0].startswith(f".TH {name.upper()} 1 ".replace("-", "\\-"))
        assert [line for line in lines if line.startswith((".", "'")) and not known.match(line)] == []
        assert [line for line in lines if re.search(r"\\[^e&-]", line)] == []
    (place,) = [place for place in manual().write_pages(tmp_path) if place.name == "logcorr-timeline.1"]
    if shutil.which("man"):
        shown = subprocess.run(
            ["man", "-l", str(place)], capture_output=True, text=True, check=False, env={**os.environ, "MANWIDTH": "80"}
        ).stdout
        assert "--grep" in shown or not shown


def test_the_installed_program_finds_its_rules(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    shutil.unpack_archive(wheel, installed, "zip")
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); sys.modules['pandas'] = None; import logcorr; "
        f"assert logcorr.__file__.startswith({str(installed)!r}); "
        f"report = logcorr.analyze({str(FIXTURES / 'tailscale-link-flap')!r}); "
        "print(report.verdict.cause)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "wan-outage"


@pytest.mark.parametrize("name", ["wan-outage", "link.down"])
def test_the_installed_program_shows_its_own_rules_wherever_it_stands(wheel: Path, tmp_path: Path, name: str) -> None:
    """A folder here that is called as the shipped one holds another file of the same name."""
    installed = tmp_path / "site"
    shutil.unpack_archive(wheel, installed, "zip")
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); from logcorr.cli import main; main()"
    texts = []
    for folder in (tmp_path, ROOT, tmp_path / "other"):
        (tmp_path / "other" / "rules" / "causes").mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / "rules" / "causes" / "wan-outage.yaml").write_text("something: else\n")
        command = [sys.executable, "-P", "-c", code, "rules", "show", name]
        texts.append(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout)
    assert len(set(texts)) == 1
    assert texts[0].startswith("# rules/")
    assert name in texts[0]


def test_the_source_distribution_holds_what_a_checkout_holds(source: Path) -> None:
    has = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert tracked() - has == {".gitignore"} & tracked() - has
    assert has - tracked() == {"PKG-INFO"}


def test_all_that_the_makefile_calls_is_in_the_source_distribution(source: Path) -> None:
    text = (source / "Makefile").read_text("utf-8")
    called = set(re.findall(r"(?<![\w/.])(?:\./)?(\.ci/[\w.]+|tests/[\w/.]+|fixtures/[\w-]+|uv\.lock)", text))
    assert {".ci/bootstrap.py", ".ci/needs", "fixtures/tailscale-link-flap", "uv.lock"} <= called
    assert [name for name in called if not (source / name).exists()] == []
    assert os.access(source / ".ci" / "needs", os.X_OK)


def test_a_source_distribution_makes_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    again = zipfile.ZipFile(build("wheel", tmp_path, source))
    first = zipfile.ZipFile(wheel)
    assert {name: again.getinfo(name).CRC for name in again.namelist()} == {
        name: first.getinfo(name).CRC for name in first.namelist()
    }


def test_the_base_is_lean_and_what_is_rarely_used_is_an_extra() -> None:
    base = {re.split(r"[<>=\[]", line)[0] for line in PROJECT["dependencies"]}
    assert not base & {"pandas", "fastexcel", "pysigma", "systemd-python"}
    extras = {
        name: [re.split(r"[<>=]", line)[0] for line in lines]
        for name, lines in PROJECT["optional-dependencies"].items()
    }
    assert extras["pandas"] == ["pandas"]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in extras if f"`[{name}]`" not in readme] == []


def test_the_version_is_one_everywhere() -> None:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == logcorr.__version__
    done = subprocess.run([sys.executable, "-m", "logcorr", "-V"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split()[-1] == logcorr.__version__


def test_make_test_names_what_is_missing_and_installs_nothing(tmp_path: Path) -> None:
    for name in ("apt-get", "id"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{'echo 0' if name == 'id' else f'echo > {tmp_path}/called'}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("sh", "sed", "python3"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    bare = {"PATH": str(tmp_path)}
    done = subprocess.run([ROOT / ".ci" / "needs"], capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == 1
    assert " chromium" in done.stderr
    assert "sudo make packages" in done.stderr
    assert not (tmp_path / "called").exists()
    subprocess.run([ROOT / ".ci" / "needs", "install"], check=True, env=bare, capture_output=True)
    assert (tmp_path / "called").exists()

"""What a user's own install gets: the wheel carries the rules, and works without the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(place.glob("*.whl"))


def test_the_wheel_carries_the_rules_and_nothing_else_of_the_checkout(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "rules"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    rules = {name for name in listed.splitlines() if not name.endswith(".cases.yaml")}
    assert {f"logcorr/_{name}" for name in rules} == {name for name in names if name.startswith("logcorr/_rules/")}
    assert all(name.startswith(("logcorr/", "logcorr-")) for name in names)
    assert "logcorr/py.typed" in names
    assert any(name.endswith("/style.css") for name in names)


def test_the_installed_program_finds_its_rules(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(installed)
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); import logcorr; "
        f"assert logcorr.__file__.startswith({str(installed)!r}); "
        f"report = logcorr.analyze(logcorr.AnalyzeRequest(inputs=[{str(FIXTURES / 'tailscale-link-flap')!r}])); "
        "print(report.verdict.cause)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "wan-outage"


@pytest.mark.parametrize("name", ["wan-outage", "link.down"])
def test_the_installed_program_shows_its_own_rules_wherever_it_stands(wheel: Path, tmp_path: Path, name: str) -> None:
    """A folder here that is called as the shipped one holds another file of the same name."""
    installed = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(installed)
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

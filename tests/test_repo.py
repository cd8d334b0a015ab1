"""What holds for the repository as a whole: who may import whom, names, places, and promises made in prose."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "logcorr"
SHARED = {"model", "origin", "schema", "errors", "textsafe"}

#: What any part may import: it knows nothing of logcorr.
EVERYWHERE = {"__version__", "dataclass", "narrow"}

#: Which parts of logcorr a part may import, beside itself. api.py alone joins the stages.
MAY_IMPORT = {
    "dataclass": set(),
    "narrow": set(),
    "errors": set(),
    "textsafe": set(),
    "model": set(),
    "origin": set(),
    "packed": set(),
    "one_of": set(),
    "schema": {"model", "origin", "packed"},
    "times": {"errors"},
    "grouped": {"times"},
    "ratelimits": {"times"},
    "intake": SHARED,
    "parsers": SHARED,
    "rulebook": SHARED | {"times"},
    "coverage": SHARED | {"grouped", "ratelimits", "rulebook", "times"},
    "chance": {"coverage", "grouped", "times"},
    "timeline": SHARED | {"chance", "packed", "ratelimits", "times"},
    "events": SHARED | {"coverage", "packed", "rulebook"},
    "patterns": SHARED | {"chance", "coverage", "grouped", "ratelimits", "rulebook", "times"},
    "diagnosis": SHARED | {"chance", "coverage", "grouped", "rulebook", "times"},
    "suggest": SHARED | {"chance", "coverage", "grouped", "rulebook", "times"},
    "redact": {"one_of", "model", "errors", "rulebook"},
    "report": {"model", "origin", "textsafe", "errors", "times"},
    "inputs": SHARED | {"intake", "parsers", "rulebook", "timeline", "times"},
    "options": {"errors", "inputs", "times"},
    "work": None,
    "api": None,
    "rule_runs": None,
    "notebook": None,
    "cli": None,
    "__main__": {"cli"},
    "__init__": {"errors", "inputs", "notebook", "options"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "logcorr" else [node.module]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
        found |= {name.split(".")[1] for name in names if name.startswith("logcorr.")}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    allowed = MAY_IMPORT[part]
    if allowed is None:
        return
    assert imported_parts(path) - {part} - EVERYWHERE <= allowed


def test_cli_does_not_reach_past_the_pipeline() -> None:
    stages = {"intake", "parsers", "timeline", "diagnosis"}
    for path in (PACKAGE / "cli").glob("*.py"):
        assert not imported_parts(path) & stages, path


#: Commands, and what takes long to load and is of no use to them.
NEEDLESS = {
    "--help": {"click", "typing", "polars", "numpy", "pandas", "pyarrow", "jinja2", "pydantic", "rich", "yaml"},
    "analyze --help": {"polars", "numpy", "pandas", "pyarrow", "jinja2", "pydantic", "rich", "yaml"},
    "check -q fixtures/tailscale-link-flap": {"pandas", "pyarrow", "jinja2", "pydantic", "yaml"},
    "analyze -q --out - --json fixtures/tailscale-link-flap": {"pandas", "rich"},
}


@pytest.mark.parametrize("command", NEEDLESS)
def test_commands_load_what_they_need(command: str) -> None:
    code = f"""
import atexit, sys
atexit.register(lambda: print("loaded", *({NEEDLESS[command]} & set(sys.modules)), file=sys.stderr))
sys.argv[1:] = {command.split()}
from logcorr.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.splitlines()[-1] == "loaded"


def test_pandas_is_imported_nowhere_at_run_time() -> None:
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert "pandas" not in names, path


def test_names_say_what_a_module_is_for() -> None:
    vague = re.compile(r"util|common|helper|core|manager|misc")
    assert [path for path in modules() if vague.search(path.stem)] == []


def test_no_row_loops_in_hot_paths() -> None:
    assert [path for path in modules() if re.search(r"map_elements|\.iter_rows\(", path.read_text("utf-8"))] == []


def test_the_checks_of_a_change_see_a_bare_shell(tmp_path: Path) -> None:
    """What the shell around them has set decides nothing, but package clients find their registry."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for name, does in {"apt-get": "true", "sudo": "true", "make": f'env > "{tmp_path}/$1"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    given = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": "/x", "TZ": "UTC", "NO_COLOR": "1", "CI": "1", "COLUMNS": "80"}
    handed = {"HOME": "/h", "LANG": "C.UTF-8", "PIP_INDEX_URL": "p q", "UV_INDEX": "u", "SSL_CERT_FILE": "s"}
    handed |= {"REQUESTS_CA_BUNDLE": "r", "npm_config_registry": "n", "https_proxy": "a", "NO_PROXY": "b"}
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run([tmp_path / ".ci" / "run"], check=True, env=given | handed | path)
    for target in ("demo", "test-all"):
        seen = dict(line.split("=", 1) for line in (tmp_path / target).read_text().splitlines())
        assert {
            name: value for name, value in seen.items() if name not in {"PWD", "SHLVL", "_", "OLDPWD"}
        } == handed | path


def test_top_level_is_as_agreed() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split(
        "\n"
    )
    top = {name.split("/")[0] for name in tracked if name}
    visible = {name for name in top if not name.startswith(".")}
    agreed = {
        "pyproject.toml",
        "logcorr",
        "rules",
        "tests",
        "fixtures",
        "reports",
        "docs",
        "README.md",
        "Makefile",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "uv.lock",
    }
    assert visible <= agreed


#: At one level of a folder, in lines of a module, and in lines of nine functions of ten.
MOST_FILES, MOST_LINES, MOST_OF_A_FUNCTION = 15, 300, 20


def test_no_folder_is_crowded() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    files = Counter(str(Path(name).parent) for name in tracked)
    assert {folder: count for folder, count in files.items() if count > MOST_FILES} == {}


def test_no_module_is_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) * 9 // 10] < MOST_OF_A_FUNCTION


#: The packages in which no function is longer than ``LONGEST`` lines.
SHORT = {"chance", "events", "inputs", "intake", "origin", "parsers", "rulebook", "work"}
LONGEST = 30


def test_no_function_is_long() -> None:
    long = {
        f"{path.relative_to(PACKAGE)} {node.name}"
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] in SHORT
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno >= LONGEST
    }
    assert long == set()


def test_the_drawing_of_who_imports_whom_is_current() -> None:
    script = ROOT / ".ci" / "import_graph.py"
    assert subprocess.run([sys.executable, script, "--check"], check=False, cwd=ROOT).returncode == 0, f"run {script}"

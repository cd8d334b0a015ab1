"""Compiled templates are kept like compiled modules, and used for nothing but what they were made of."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from logcorr.report.compiled import CompiledTemplates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a template, whose compiled form is kept below ``kept``."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "one.j2").write_text("Hello {{ name }}")
    return tmp_path


def rendered(folder: Path, settings: bytes = b"") -> tuple[str, bool]:
    """The text of the template in a new environment, and whether it was compiled for it."""
    compiled = []
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        bytecode_cache=CompiledTemplates(settings),  # type: ignore[arg-type]  # its two methods
    )
    generate = environment._generate
    environment._generate = lambda *given, **more: compiled.append(1) or generate(*given, **more)  # type: ignore[method-assign,func-returns-value]  # counted
    return environment.get_template("one.j2").render(name="<b>"), bool(compiled)


def kept(folder: Path) -> Path:
    (found,) = (folder / "kept").rglob("*.pyc")
    return found


def test_a_template_is_compiled_once(folder: Path) -> None:
    assert rendered(folder) == ("Hello &lt;b&gt;", True)
    assert rendered(folder) == ("Hello &lt;b&gt;", False)


def test_other_sources_and_settings_are_compiled_anew(folder: Path) -> None:
    rendered(folder)
    assert rendered(folder, b"other") == ("Hello &lt;b&gt;", True)
    (folder / "one.j2").write_text("Bye {{ name }}")
    assert rendered(folder, b"other") == ("Bye &lt;b&gt;", True)


@pytest.mark.parametrize("cut", [0, 1, 40, 70, -1])
def test_a_damaged_file_is_passed_over(folder: Path, cut: int) -> None:
    rendered(folder)
    kept(folder).write_bytes(kept(folder).read_bytes()[:cut])
    assert rendered(folder) == ("Hello &lt;b&gt;", True)
    assert rendered(folder) == ("Hello &lt;b&gt;", False)


def test_what_cannot_be_kept_is_compiled_in_every_run(folder: Path) -> None:
    (folder / "kept").write_text("a file where the folder would be")
    assert rendered(folder) == ("Hello &lt;b&gt;", True)
    assert rendered(folder) == ("Hello &lt;b&gt;", True)


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    rendered(folder)
    assert not (folder / "kept").exists()

"""Where the templates are, and how they are filled in: everything escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from logcorr.report.compiled import CompiledTemplates


@cache
def environment() -> Environment:
    """The templates of the page, its sections and its pictures."""
    here = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader((here, here / "markup", here / "markup" / "sections")),
        autoescape=True,  # select_autoescape() would take a template called .html.j2 for plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        bytecode_cache=CompiledTemplates(Path(__file__).read_bytes()),  # type: ignore[arg-type]  # its two methods
    )

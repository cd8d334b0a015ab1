"""The report: one view of a ``model.Report``, and a renderer each for HTML, Markdown, JSON and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from logcorr.model import Report
from logcorr.report import document, page
from logcorr.report.again import read_again
from logcorr.report.chart import image
from logcorr.report.plain import markdown
from logcorr.report.plain.terminal import said, summary

__all__ = ["FORMATS", "Format", "Text", "read_again", "render", "said", "summary"]

Format = Literal["html", "md", "json"]
Text = Literal["html", "md", "json", "svg"]

FORMATS: Final[dict[Format, Callable[[Report], str]]] = {
    "html": page.render,
    "md": markdown.render,
    "json": document.render,
}


def render(report: Report, format: Text) -> str:  # noqa: A002 - the word that the command line uses
    """Return the report as text in ``format``; the same report gives the same text, byte for byte.

    ``svg`` is the timeline alone.
    """
    return image.render(report) if format == "svg" else FORMATS[format](report)

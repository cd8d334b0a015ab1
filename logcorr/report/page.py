"""The HTML report: one file, no script, no request of any kind, readable with its styles stripped."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from logcorr.model import Report
from logcorr.report import budget
from logcorr.report.templates import environment
from logcorr.report.view import view

TARGET: Final = 1 << 20  # bytes that a page should not exceed; a ticket's limit twice over, and a mail's
CAP: Final = 5 << 20  # bytes that no page exceeds


def render(report: Report) -> str:
    """Return the page, within the first budget that keeps it under ``TARGET``, or else within the last."""
    page = ""
    for each in budget.PAGE:
        page = _page(report, each)
        if len(page.encode()) <= TARGET:
            break
    return page


def _page(report: Report, limits: budget.Budget) -> str:
    templates = environment()
    style = templates.get_template("style.css").render()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return templates.get_template("page.html.j2").render(view=view(report, limits), style_sha256=digest)

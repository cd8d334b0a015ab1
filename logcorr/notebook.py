"""What the objects of the Python interface do beyond holding data. Every stage is loaded where it is asked for.

``schema.Timeline`` and ``model.Report`` call these; the modules they stand in import nothing else of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from logcorr.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from logcorr.model import Report
    from logcorr.schema import Timeline

Profile = Literal["share", "secrets", "none"]
_HEIGHT: Final = 800  # pixels of a report in a notebook


def rendered(report: Report, form: Literal["html", "md", "json"], profile: Profile) -> str:
    """A report as text, with what ``profile`` hides replaced. Raises OutputError where a value of it is left."""
    from logcorr.redact import Labels, Redactor, Wishes, redact, survivors
    from logcorr.report import render

    redactor = Redactor(profile, Labels(), Wishes())
    text = render(redact(report, redactor), form)
    left = survivors(text, redactor)
    if left:
        raise OutputError(
            f"of these classes a value was left after redaction: {', '.join(left)}",
            hint='redact="none" hides nothing',
        )
    return text


def framed(page: str) -> str:
    """A whole page as an element of another: without scripts, and with styles that stay inside."""
    return f'<iframe sandbox srcdoc="{escape(page)}" width="100%" height="{_HEIGHT}" title="logcorr report"></iframe>'


def with_sources(timeline: Timeline) -> pl.DataFrame:
    """The records, ``source`` as the path of the input."""
    from logcorr.timeline import with_paths

    return with_paths(timeline.frame, timeline.inputs)


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """A frame with Arrow-backed columns. Raises ImportError where the extra ``pandas`` is not installed."""
    try:
        import_module("pandas")  # what Polars says without it depends on the version
    except ImportError as error:
        raise ImportError("pandas is not installed: pip install 'logcorr[pandas]'", name="pandas") from error
    return frame.to_pandas(use_pyarrow_extension_array=True)


def recognised(timeline: Timeline, rules: Sequence[Path], *, shipped: bool) -> pl.DataFrame:
    """One row for each event in a record, with the record's message. Raises RuleError for wrong rule files."""
    from logcorr.events import classify
    from logcorr.rulebook import load_rules

    events = classify(timeline, load_rules(rules, shipped=shipped)).drop("source")
    lines = with_sources(timeline).select("id", "source", "line", "message")
    return events.join(lines, on="id", maintain_order="left")

"""The Python interface: what a program or a notebook reads and analyses, as objects that show and render themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack

import polars as pl

from logcorr import api, model, schema
from logcorr.dataclass import dataclass
from logcorr.errors import OutputError
from logcorr.inputs.request import AnalyzeRequest
from logcorr.model import Profile
from logcorr.options import Options, as_request
from logcorr.timeline import with_paths

if TYPE_CHECKING:
    import pandas as pd

_HEIGHT: Final = 800  # pixels of a report in a notebook


def read(*inputs: str | Path | AnalyzeRequest, **options: Unpack[Options]) -> Timeline:
    """Read logs into one timeline: all records of all inputs in true time order, over all their clocks.

    Args:
        inputs: log files, folders, archives; none at all means this machine's journal. Or one ``AnalyzeRequest``.
        options: ``since``, ``until``, ``tz``, ``skew``, ``rules`` and others: see ``logcorr.Options``.

    Returns:
        The records, with what is known about each input and about where nothing could be seen.

    Raises:
        InputError: nothing could be used.
        UsageError: an option's value cannot be used.
    """
    return Timeline(api.read(as_request(inputs, options)))


def analyze(*inputs: str | Path | AnalyzeRequest, **options: Unpack[Options]) -> Report:
    """Read logs, correlate them, and return everything a report says.

    Args:
        inputs: log files, folders, archives; none at all means this machine's journal. Or one ``AnalyzeRequest``.
        options: ``since``, ``until``, ``tz``, ``skew``, ``sites``, ``rules`` and others: see ``logcorr.Options``.

    Raises:
        InputError: nothing could be used.
        RuleError: a rule file is wrong.
        UsageError: an option's value cannot be used.
    """
    return Report(api.analyze(as_request(inputs, options)))


@dataclass(frozen=True, slots=True, repr=False)
class Timeline:
    """All records of a run in true time order. ``inputs``, ``gaps`` and ``spans`` are those of ``records``."""

    records: schema.Timeline

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as in ``records``
        """What ``records`` holds."""
        return getattr(object.__getattribute__(self, "records"), name)

    def to_polars(self) -> pl.DataFrame:
        """``TIMELINE``, one row a record in true time order; ``source`` is the path of the input."""
        return with_paths(self.records.frame, self.records.inputs)

    def to_pandas(self) -> pd.DataFrame:
        """The same as pandas, with Arrow-backed columns (times stay UTC microseconds, strings are not copied).

        Raises:
            ImportError: the extra ``logcorr[pandas]`` is not installed.
        """
        try:
            import_module("pandas")  # what Polars says without it depends on the version
        except ImportError as error:
            raise ImportError("pandas is not installed: pip install 'logcorr[pandas]'", name="pandas") from error
        return self.to_polars().to_pandas(use_pyarrow_extension_array=True)

    def events(self, rules: Sequence[Path] = (), *, shipped_rules: bool = True) -> pl.DataFrame:
        """What the rules recognise: ``EVENTS``, a row for each event in a record, with its fields and its message.

        Args:
            rules: folders or files of your own rules, beside the shipped ones.
            shipped_rules: whether the shipped rules take part.

        Raises:
            RuleError: a rule file is wrong.
        """
        events = api.recognised(self.records, rules, shipped=shipped_rules).drop("source")
        return events.join(self.to_polars().select("id", "source", "line", "message"), on="id", maintain_order="left")

    def __repr__(self) -> str:
        """How many records, of how many inputs."""
        return f"Timeline({self.records.frame.height:,} records of {len(self.records.inputs):,} inputs)"


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """Everything a report says. ``verdict``, ``incidents``, ``hypotheses`` and the rest are those of ``content``."""

    content: model.Report

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as in ``content``
        """What ``content`` holds."""
        return getattr(object.__getattribute__(self, "content"), name)

    def to_html(self, redact: Profile = "share") -> str:
        """The page that ``logcorr analyze`` writes: one file, without a script or a request.

        Args:
            redact: what is hidden: recognised names, addresses and secrets (``share``), secrets alone, or ``none``.

        Raises:
            OutputError: a value that was to be hidden is left.
        """
        return _rendered(self.content, "html", redact)

    def to_markdown(self, redact: Profile = "share") -> str:
        """The report as Markdown, for a ticket; ``redact`` as for ``to_html``."""
        return _rendered(self.content, "md", redact)

    def to_dict(self, redact: Profile = "secrets") -> dict[str, Any]:
        """The JSON report (``logcorr.report/1``) as plain values; ``redact`` as for ``to_html``."""
        found: dict[str, Any] = json.loads(_rendered(self.content, "json", redact))
        return found

    def _repr_html_(self) -> str:
        """The page in a frame of its own, as a notebook shows it. Secrets are hidden, names are not."""
        page = escape(_rendered(self.content, "html", "secrets"))
        return f'<iframe sandbox srcdoc="{page}" width="100%" height="{_HEIGHT}" title="logcorr report"></iframe>'

    def __repr__(self) -> str:
        """The verdict."""
        return f"Report({self.content.verdict.status}: {self.content.verdict.title})"


def _rendered(report: model.Report, form: Literal["html", "md", "json"], profile: Profile) -> str:
    """A report as text, with what ``profile`` hides replaced. Raises OutputError where a value of it is left."""
    from logcorr.redact import Labels, Redactor, Wishes, redact, written  # loaded for a report alone
    from logcorr.report import render  # as above

    redactor = Redactor(profile, Labels(), Wishes())
    text, left = written(redact(report, redactor), redactor, lambda told: render(told, form), api.shipped_names)
    if left:
        raise OutputError(
            f"of these classes a value was left after redaction: {', '.join(left)}",
            hint='redact="none" hides nothing',
        )
    return text

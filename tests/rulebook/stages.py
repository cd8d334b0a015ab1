"""The stages bound together for running cases, as ``logcorr rules test`` does."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from logcorr import api
from logcorr.events import classify, classify_messages
from logcorr.model import Report
from logcorr.parsers import read
from logcorr.patterns import match
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.testing.trial import Stages
from logcorr.schema import Timeline
from logcorr.timeline import ClockSettings, build

#: Years that a case leaves out are those of its date before this day.
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def read_logs(logs: Mapping[str, str]) -> Timeline:
    return build([read(name, BytesIO(text.encode())) for name, text in logs.items()], ClockSettings(now=NOW))


def match_frame(events: pl.DataFrame, rules: Rulebook, timeline: Timeline) -> pl.DataFrame:
    return match(events, rules, timeline).frame


def stages(rules: tuple[Path, ...] = (), *, shipped: bool = True) -> Stages:
    def analyze(logs: Mapping[str, str]) -> Report:
        with TemporaryDirectory() as folder:
            for name, text in logs.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            return api.analyze(api.AnalyzeRequest(inputs=[folder], rules=rules, shipped_rules=shipped, now=NOW))

    return Stages(classify_messages, read_logs, classify, match_frame, analyze)

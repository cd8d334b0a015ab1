"""The Python interface, as a program and a notebook use it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import logcorr
from logcorr.errors import InputError, UsageError
from tests.conftest import FIXTURES, ROOT

INCIDENT = FIXTURES / "tailscale-link-flap"
ROUTER = INCIDENT / "omada-controller.log"
NOTEBOOK = ROOT / "docs" / "how-to" / "notebook.ipynb"


@pytest.fixture(scope="module")
def timeline() -> logcorr.Timeline:
    return logcorr.read(INCIDENT)


@pytest.fixture(scope="module")
def report() -> logcorr.Report:
    return logcorr.analyze(INCIDENT)


def test_a_timeline_is_read_as_the_command_reads_it(timeline: logcorr.Timeline, tmp_path: Path) -> None:
    place = tmp_path / "all.parquet"
    command = [sys.executable, "-m", "logcorr", "timeline", str(INCIDENT), "-o", str(place)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    assert timeline.to_polars().equals(pl.read_parquet(place))


def test_pandas_holds_the_same(timeline: logcorr.Timeline) -> None:
    frame = timeline.to_pandas()
    assert list(frame.columns) == timeline.to_polars().columns
    assert frame["message"].tolist() == timeline.to_polars()["message"].to_list()
    assert str(frame["time"].dt.tz) == "UTC"


def test_events_name_their_records(timeline: logcorr.Timeline) -> None:
    events = timeline.events()
    down = events.filter(pl.col("event") == "link.down")
    assert down["message"].to_list() == ["tailscale0: Link DOWN"] * 2
    assert down["source"].str.ends_with("opg-srv.export").all()
    records = timeline.to_polars()
    assert events.join(records.select("id", "time", "host", "line"), on=["id", "time", "host", "line"]).height == len(
        events
    )


def test_rules_of_ones_own_recognise_events_too(timeline: logcorr.Timeline, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "program: nginx\nevents:\n  web.served: {says: '{client:word} - - {rest:text}', means: A page was served.}\n"
    )
    own = timeline.events([tmp_path], shipped_rules=False)
    assert set(own["event"]) == {"web.served"}


def test_options_are_those_of_the_command_line() -> None:
    window = logcorr.read(ROUTER, since="2025-11-04 03:00", until=datetime(2025, 11, 4, 3, 5, tzinfo=UTC))
    times = window.to_polars()["time"]
    assert times.min() >= datetime(2025, 11, 4, 3, tzinfo=UTC)  # type: ignore[operator]  # a datetime column
    assert times.max() <= datetime(2025, 11, 4, 3, 5, tzinfo=UTC)  # type: ignore[operator]  # as above
    moved = logcorr.read(ROUTER, tz={"controller_opg": "Asia/Tokyo"}).inputs[0]
    assert moved.timezone == "Asia/Tokyo"
    later = logcorr.read(ROUTER, skew={"controller_opg": -60}).to_polars()["time"]
    assert (later - logcorr.read(ROUTER).to_polars()["time"]).dt.total_seconds().unique().to_list() == [60]


@pytest.mark.parametrize(
    ("inputs", "options", "error", "says"),
    [
        (["/nowhere.log"], {}, InputError, "No such file"),
        ([ROUTER], {"since": "whenever"}, UsageError, "whenever"),
        ([ROUTER], {"since": datetime(2025, 11, 4)}, UsageError, "has no zone"),  # noqa: DTZ001  # the mistake that is meant
        ([ROUTER], {"tz": "Mars/Olympus"}, UsageError, "Mars/Olympus"),
        ([ROUTER], {"sinse": "2025-11-04"}, UsageError, "there is no option 'sinse'"),
        ([logcorr.AnalyzeRequest(), ROUTER], {}, UsageError, "a request stands alone"),
        ([logcorr.AnalyzeRequest()], {"until": "now"}, UsageError, "a request stands alone"),
    ],
)
def test_mistakes_are_told(inputs: list[Any], options: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        logcorr.read(*inputs, **options)


def test_inputs_that_could_not_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    found = logcorr.read(ROUTER, tmp_path)
    assert [item.problem for item in found.inputs if item.problem] == ["the file is empty"]
    assert found.to_polars()["source"].unique().to_list() == [str(ROUTER)]
    assert "2 inputs" in repr(found)


def test_a_report_is_analysed_alike_from_a_request_and_from_paths(report: logcorr.Report) -> None:
    again = logcorr.analyze(logcorr.AnalyzeRequest(inputs=[str(INCIDENT)]))
    assert again == report


def test_a_report_renders_itself(report: logcorr.Report) -> None:
    assert report.to_html().startswith("<!doctype html>")
    assert report.to_markdown().startswith("# ")
    told = report.to_dict()
    assert told["schema"] == "logcorr.report/1"
    assert told["verdict"]["cause"] == report.verdict.cause
    assert "opg-srv" in report.to_markdown(redact="none")
    assert "opg-srv" not in report.to_markdown()


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_notebook_shows_the_page_in_a_frame_that_runs_nothing(report: logcorr.Report) -> None:
    page = Elements()
    page.feed(report._repr_html_())
    ((tag, attributes),) = page.found
    assert tag == "iframe"
    assert attributes["sandbox"] is None
    assert attributes["srcdoc"] == report.to_html(redact="secrets")


def test_importing_costs_nothing_and_shows_what_there_is() -> None:
    code = (
        "import sys, logcorr; print(sorted(dir(logcorr)));"
        "print({'polars', 'pandas', 'pyarrow', 'pydantic', 'jinja2', 'click'} & set(sys.modules));"
        "logcorr.read, logcorr.analyze, logcorr.Timeline; print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines() == [str(sorted(logcorr.__all__)), "set()", "False"]


def test_without_the_extra_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pandas'] = None; import logcorr\n"
        f"try: logcorr.read({str(ROUTER)!r}).to_pandas()\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "pandas is not installed: pip install 'logcorr[pandas]'\n"


def test_the_notebook_runs_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell as Jupyter runs it: all in one namespace, the last expression is shown."""
    monkeypatch.chdir(ROOT)
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    assert (notebook["nbformat"], {cell["cell_type"] for cell in notebook["cells"]}) == (4, {"markdown", "code"})
    space: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]), NOTEBOOK.name, "exec"), space)  # noqa: S102  # cells of our own
    assert space["report"].verdict.cause == "wan-outage"
    assert space["weighed"].sort("score", descending=True)["cause"][0] == "wan-outage"
    assert space["down"].height == 2
    assert space["near"].height > 10
    assert space["by_minute"].height > 3
    assert len(space["busiest"]) == 5

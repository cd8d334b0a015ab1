"""The shipped incidents, analysed as a user would, against their truth and against the reports kept in reports/golden.

Rewrite the kept reports with `make golden` after a wanted change, and look at the difference.
"""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.cli.redaction import rendered
from logcorr.model import Report
from logcorr.redact import PROFILES, Profile, Redactor, redact
from logcorr.report import FORMATS, Format, render
from tests.conftest import FIXTURES, ROOT
from tests.redact.unchanged import refused, structure

SCENARIOS = sorted(path.stem for path in FIXTURES.glob("*.toml"))
GOLDEN = ROOT / "reports" / "golden"


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any], Report]:
    name: str = request.param
    truth = tomllib.loads((FIXTURES / f"{name}.toml").read_text("utf-8"))
    return name, truth, analyze(fixed_request(name))


def fixed_request(name: str) -> AnalyzeRequest:
    """The same request on every machine and day: relative paths, and an anchor for years."""
    inputs = (str(Path("fixtures") / name),)
    return AnalyzeRequest(inputs=inputs, now=datetime(2025, 11, 5, tzinfo=UTC), command=f"logcorr analyze {inputs[0]}")


@pytest.fixture(autouse=True, scope="module")
def _in_the_checkout(request: pytest.FixtureRequest) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


def test_verdict_is_the_truth(scenario: tuple[str, dict[str, Any], Report]) -> None:
    _, truth, report = scenario
    assert report.verdict.cause == truth["cause"]
    assert list(report.verdict.contributing) == truth["contributing"]
    ruled_out = {item.cause for item in report.hypotheses if item.status == "ruled-out"}
    assert set(truth["ruled_out"]) <= ruled_out


@pytest.mark.parametrize("profile", PROFILES)
def test_redaction_changes_names_and_nothing_else(
    scenario: tuple[str, dict[str, Any], Report], profile: Profile
) -> None:
    *_, report = scenario
    redactor = Redactor(profile)
    shown = redact(report, redactor)
    assert structure(shown) == structure(report)
    assert refused(shown, redactor) == []


@pytest.mark.parametrize("form", FORMATS)
def test_report_is_the_one_we_keep(
    scenario: tuple[str, dict[str, Any], Report], form: Format, request: pytest.FixtureRequest
) -> None:
    name, _, report = scenario
    kept = GOLDEN / f"{name}.{form}"
    made = render(report, form)
    if request.config.getoption("--update-golden"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(made, encoding="utf-8", newline="\n")
    assert made == kept.read_text("utf-8")


def test_redaction_changes_no_verdict_no_chain_and_no_count(scenario: tuple[str, dict[str, Any], Report]) -> None:
    _, _, report = scenario
    redactor = Redactor("share")
    shown = redact(report, redactor)
    assert decided(shown) == decided(report)
    assert redactor.found
    for form in FORMATS:
        rendered(shown, form, redactor, "report")  # raises where it would be refused


def decided(report: Report) -> Any:
    """Everything of a report that names may not change."""
    return (
        [
            (each.status, each.cause, each.contributing, each.started, each.ended, each.ongoing, each.key_evidence)
            for each in (report.verdict, *report.incidents)
        ],
        [
            (step.time, step.event, step.role, step.observed, step.evidence)
            for each in report.incidents
            for step in each.chain
        ],
        [(each.cause, each.status, each.score, len(each.supports), len(each.against)) for each in report.hypotheses],
        [(each.pattern, each.count, each.evidence) for each in report.findings],
        [(each.id, each.event, each.line) for each in report.evidence],
        [len(getattr(report, name)) for name in ("actions", "checks", "questions", "coverage", "changes", "lanes")],
    )


def test_same_input_gives_the_same_bytes(scenario: tuple[str, dict[str, Any], Report]) -> None:
    name, _, report = scenario
    again = analyze(fixed_request(name))
    assert [render(again, form) for form in FORMATS] == [render(report, form) for form in FORMATS]

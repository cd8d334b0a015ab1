"""The JSON report: the contract's names, its published schema, and the same ids everywhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from logcorr import model
from logcorr.model import Report
from logcorr.report import render
from logcorr.report.document import SCHEMA
from tests.report import sample
from tests.report.dom import parse
from tests.report.test_size import saturated
from tests.report.validator import faults

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "reports/schema/logcorr.report-1.schema.json").read_text()
)

#: design/report-contract.md, word for word.
CONTRACT = {
    "tool": "name version rules_sha256 command",
    "window": "since until",
    "verdict": "status cause contributing title summary chain started ended",
    "verdict.chain": "time host event text role observed evidence",
    "incidents": "status cause contributing title summary chain started ended",
    "hypotheses": "incident cause title layer status score for against expected_missing explains",
    "hypotheses.for": "evidence says strength",
    "hypotheses.expected_missing": "says observable",
    "findings": "pattern title severity count first last hosts expected_by_chance p_value evidence",
    "evidence": "id time time_uncertainty_s host program unit pid event fields message source line trusted",
    "actions": "do command risk undo why cause",
    "checks": "command on settles",
    "questions": "question answer status evidence",
    "coverage": "source host kind from until reason hides",
    "changes": "template program before_per_hour during_per_hour ratio",
    "inputs": "path sha256 bytes format host timezone timezone_from year_from skew_s skew_from records unparsed "
    "dropped first last",
    "limits": "what limit seen",
    "redaction": "profile classes",
}


def load(report: Report) -> dict[str, Any]:
    """Return the report's JSON, read back."""
    read: dict[str, Any] = json.loads(render(report, "json"))
    return read


def at(value: Any, path: str) -> Any:
    """Return what stands at ``path``, the first entry of each list on the way."""
    for name in path.split("."):
        value = value[name]
        value = value[0] if isinstance(value, list) else value
    return value


def test_every_key_of_the_contract_is_there() -> None:
    document = load(sample.incident())
    assert document["schema"] == SCHEMA == "logcorr.report/1"
    assert list(document)[1:16] == [name for name in CONTRACT if "." not in name]
    for path, names in CONTRACT.items():
        assert set(names.split()) <= set(at(document, path)), path


@pytest.mark.parametrize("name", ["incident", "undetermined", "quiet"])
def test_reports_follow_the_published_schema(name: str) -> None:
    assert list(faults(load(getattr(sample, name)()), PUBLISHED, PUBLISHED)) == []


def test_the_schema_describes_full_lists_too() -> None:
    assert list(faults(load(saturated(sample.incident(), 2)), PUBLISHED, PUBLISHED)) == []


def test_the_schemas_words_are_the_models() -> None:
    definitions = PUBLISHED["$defs"]
    for words, owner, name in (
        (model.Status, "verdict", "status"),
        (model.HypothesisStatus, "hypothesis", "status"),
        (model.Strength, "argument", "strength"),
        (model.Severity, "finding", "severity"),
        (model.ChainRole, "step", "role"),
        (model.GapKind, "gap", "kind"),
    ):
        assert set(get_args(words)) == set(definitions[owner]["properties"][name]["enum"])


def test_the_validator_finds_faults() -> None:
    document = load(sample.incident())
    document["verdict"]["status"] = "certain"
    document["evidence"][0]["time"] = "2025-11-04 02:58:12"
    document["hypotheses"][0]["supports"] = document["hypotheses"][0].pop("for")
    found = "\n".join(faults(document, PUBLISHED, PUBLISHED))
    for words in ("$.verdict.status", "$.evidence[0].time", "no for", "supports is not described"):
        assert words in found


def test_times_are_utc_with_microseconds_whatever_the_pages_zone() -> None:
    full = sample.incident()
    assert {**load(replace(full, zone="Asia/Tokyo")), "zone": "UTC"} == load(full)
    assert load(full)["evidence"][1]["time"] == "2025-11-04T02:58:31.204115Z"
    assert not re.search(r'"\d{4}-\d\d-\d\dT(?!\d\d:\d\d:\d\d\.\d{6}Z")', render(full, "json"))


def test_what_is_not_known_is_null() -> None:
    report = sample.quiet()
    document = load(report)
    assert document["window"] == {"since": None, "until": None}
    assert document["verdict"]["ongoing"] is None
    odd = replace(sample.incident().findings[0], p_value=float("nan"), expected_by_chance=float("inf"))
    assert load(replace(report, findings=(odd,)))["findings"][0]["p_value"] is None


def test_commands_keep_their_lines() -> None:
    assert load(sample.incident())["actions"][2]["command"].count("\n") == 2


def test_ids_mean_the_same_line_in_every_artefact() -> None:
    report = sample.incident()
    tree = parse(render(report, "html"))
    rows = {row.attributes["id"]: row.text for row in tree.find("tr") if row.attributes.get("id", "").startswith("E")}
    text = render(report, "md")
    evidence = text[text.index("## Evidence") :]
    for line in load(report)["evidence"]:
        assert line["message"] in rows[line["id"]]
        assert f"{line['source']}:{line['line']}" in rows[line["id"]]
        assert re.search(rf"^{line['id']}  .*\n    {re.escape(line['message'])}$", evidence, re.MULTILINE)

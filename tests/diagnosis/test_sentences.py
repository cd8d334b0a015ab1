"""What the report says of an incident holds: every answer rests on cited lines or on logs that were searched whole."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from tests.conftest import ROOT

REPORTS = sorted((ROOT / "reports" / "golden").glob("*.json"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_no_answer_stands_without_lines_or_logs_searched(path: Path) -> None:
    report = orjson.loads(path.read_bytes())
    known = {item["id"] for item in report["evidence"]}
    for question in report["questions"]:
        assert set(question["evidence"]) <= known, question
        if question["status"] != "open":
            assert question["evidence"] or "Searched: " in question["answer"], question


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_nothing_is_refuted_by_a_log_with_a_gap(path: Path) -> None:
    report = orjson.loads(path.read_bytes())
    for question in report["questions"]:
        if question["status"] == "refuted":
            assert "not examined" not in question["answer"], question


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_no_placeholder_of_a_text_is_left_and_no_command_names_anothers_card(path: Path) -> None:
    report = orjson.loads(path.read_bytes())
    told = [item["answer"] for item in report["questions"]] + [item["question"] for item in report["questions"]]
    told += [text for item in report["incidents"] for text in (item["title"], item["summary"], item["reason"])]
    assert not [text for text in told if text and re.search(r"\{\w+\}", text)]
    commands = [item["command"] for item in (*report["actions"], *report["checks"]) if item["command"]]
    lines = " ".join(item["message"] for item in report["evidence"])
    strangers = [name for name in ("eno1", "eth0", "bond0") if name not in lines]
    assert not [text for text in commands if any(re.search(rf"\b{name}\b", text) for name in strangers)]
    assert not [text for text in commands if "192.0.2." in text or "--since -1d" in text]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_no_mark_is_cut_inside_an_address(path: Path) -> None:
    """A text that ends in an address shows all of it: some cited line or mark's source has no longer one there."""
    report = orjson.loads(path.read_bytes())
    messages = [item["message"] for item in report["evidence"]]
    marks = [mark["text"] for lane in report.get("lanes", []) for mark in lane["marks"]]
    for text in marks:
        for message in messages:
            if message.startswith(text) and len(message) > len(text):
                pytest.fail(f"cut without a mark: {text!r}")

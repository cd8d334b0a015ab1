"""Every report of the causes' own cases: no sentence without support, and a log that agrees never lowers a verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from logcorr.model import Report
from logcorr.rulebook import load_rules
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.testing.cases import CauseCase, load_cases
from tests.rulebook.stages import stages

RULES = load_rules()
CASES = {
    f"{file.rule}: {case.name}": case
    for file in load_cases([shipped_rules()], RULES)
    for case in file.cases
    if isinstance(case, CauseCase)
}
#: The first case of each cause: its signature.
FIRST = list({name.split(":")[0]: name for name in reversed(CASES)}.values())
RANK = ("no-incident", "undetermined", "possible", "likely", "confirmed")
LINE = re.compile(r"^(?P<time>\S+) (?P<host>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: (?P<message>.*)$")
ADDRESS_START = re.compile(r"(?:\d{1,3}\.){1,3}\d{0,3}$|(?:[0-9a-fA-F]{1,4}:){2,}[0-9a-fA-F]{0,4}$")


def given(case: CauseCase) -> dict[str, str]:
    return {"host.log": case.log} if isinstance(case.log, str) else dict(case.log)


def report_of(name: str) -> Report:
    return stages().analyze(given(CASES[name]))


def copied(logs: Mapping[str, str]) -> dict[str, str]:
    """The lines once more, as a relay writes them (RFC 5424)."""
    told = [found for text in logs.values() for line in text.splitlines() if (found := LINE.match(line.strip()))]
    lines = [
        f"<30>1 {line['time']} {line['host']} {line['program']} {line['pid'] or '-'} - - {line['message']}"
        for line in told
    ]
    return {**logs, "copy.log": "\n".join(lines) + "\n"}


def every_sentence_has_support(report: Report) -> None:
    known = {item.id for item in report.evidence}
    for question in report.questions:
        assert set(question.evidence) <= known, question
        assert question.status == "open" or question.evidence or "Searched: " in (question.answer or ""), question
        assert question.status != "refuted" or "not examined" not in (question.answer or ""), question
    for incident in report.incidents:
        told = (incident.title, incident.summary, incident.reason, *(step.text for step in incident.chain))
        assert not [text for text in told if re.search(r"\{\w+\}", text)]
        assert all(set(step.evidence) <= known and step.evidence for step in incident.chain if step.observed)
        assert incident.cause in ("undetermined", "no-incident") or incident.key_evidence
    for item in report.hypotheses:
        assert all(argument.evidence for argument in item.supports), item.cause
        assert item.status != "supported" or item.supports, item.cause


def nothing_is_refuted_over_a_gap(report: Report) -> None:
    gaps = [gap for gap in report.coverage if gap.kind in ("silence", "rotation", "suppressed") and gap.host]
    start, end = report.verdict.started, report.verdict.ended
    for question in report.questions:
        if question.status != "refuted" or question.evidence or start is None or end is None:
            continue
        blind = [gap for gap in gaps if gap.start and gap.end and gap.start <= start and gap.end >= end]
        assert not [gap for gap in blind if (gap.host or "-") in (question.answer or "")], question


def no_text_is_cut_inside_an_address(report: Report) -> None:
    for lane in report.lanes:
        for mark in lane.marks:
            text = mark.text.removesuffix("…")
            assert text == mark.text or not ADDRESS_START.search(text), mark.text


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_what_a_report_says_holds(name: str) -> None:
    report = report_of(name)
    every_sentence_has_support(report)
    nothing_is_refuted_over_a_gap(report)
    no_text_is_cut_inside_an_address(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_a_copy_of_the_log_in_another_format_never_lowers_the_verdict(name: str) -> None:
    alone = report_of(name).verdict
    both = stages().analyze(copied(given(CASES[name]))).verdict
    assert both.cause == alone.cause
    assert RANK.index(both.status) >= RANK.index(alone.status)

"""What a reader who knows nothing of logcorr finds on the first screen."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from logcorr.model import CoverageGap
from logcorr.report import render, summary
from logcorr.report.first import first
from tests.report import sample
from tests.report.dom import text_lines


def test_what_was_not_seen_stands_beside_every_verdict_that_has_a_gap() -> None:
    gap = CoverageGap(source="logs/nas.log", host=None, kind="silence", reason="silent for 3 h", hides=("wan-outage",))
    for report in (sample.quiet(), sample.incident(), sample.undetermined()):
        bare = replace(report.verdict, warning=None)
        blind = replace(report, verdict=bare, incidents=(bare, *report.incidents[1:]), coverage=(gap, gap))
        text = "\n".join(text_lines(render(blind, "html")))
        assert "Not seen: nas.log: silent for 3 h. 1 more gap." in text
        assert "Not seen: nas.log: silent for 3 h. 1 more gap." in summary(blind)
        assert "Not seen:" not in summary(replace(blind, coverage=()))


def test_a_quiet_report_says_what_to_send_if_the_trouble_goes_on() -> None:
    assert "If the trouble goes on: note when it happens" in "\n".join(text_lines(render(sample.quiet(), "html")))
    assert "If the trouble goes on" not in render(sample.incident(), "html")


def test_a_cause_that_is_not_in_the_logs_is_no_step() -> None:
    report = sample.undetermined()
    unknown = replace(report.verdict.chain[0], event="unknown", text="The cause is not here", evidence=())
    verdict = replace(report.verdict, chain=(unknown, *report.verdict.chain))
    page = render(replace(report, verdict=verdict, incidents=(verdict,)), "html")
    assert "The cause is not here" not in page


def test_a_sentence_that_rests_on_several_lines_is_said_of_the_first() -> None:
    report = sample.incident()
    lines = tuple(replace(line, says="the address changed") for line in report.evidence)
    keys = render(replace(report, evidence=lines), "md").split("**Key lines**")[1].split("```\n")[0]
    assert keys.count("= the address changed") == 1


@pytest.mark.parametrize("command", ["journalctl -b > out.txt; " * 20, "x" * 500, "a\nb", "df -h; df -i"])
def test_no_command_is_cut_in_two_beside_the_verdict(command: str) -> None:
    report = sample.incident()
    todo = first(replace(report, actions=(replace(report.actions[0], command=command),)), report.verdict)
    assert todo is not None
    shown = (todo.command or "").removesuffix("…").rstrip()
    assert {part.strip() for part in shown.split(";")} - {""} <= {part.strip() for part in re.split("[;\n]", command)}

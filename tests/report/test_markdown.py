"""The Markdown report, rendered and read as plain text, and the terminal's three lines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from markdown_it import MarkdownIt

from logcorr.model import Action, Argument, Check, CoverageGap, Hypothesis, HypothesisStatus, Outage, Recurrence, Report
from logcorr.report import render, summary
from logcorr.report.first import first
from logcorr.report.plain import markdown
from logcorr.report.sections import SECTIONS
from logcorr.report.unseen import unseen
from tests.report import sample
from tests.report.dom import text_lines


@pytest.fixture(scope="module")
def text() -> str:
    return render(sample.incident(), "md")


def headings(text: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [(token.tag, after.content) for token, after in pairwise(tokens) if token.type == "heading_open"]


def test_the_answer_comes_first_and_the_stub_last(text: str) -> None:
    titles = [title for tag, title in headings(text) if tag == "h2"]
    expected = [section.title for section in SECTIONS if section.id not in {"header", "others"}]
    assert titles == [*expected, "To fill in"]
    assert text.endswith("- Impact on users:\n- How it was detected:\n- Owner:\n- Action items:\n")


def test_the_first_forty_lines_hold_verdict_status_and_chain(text: str) -> None:
    report = sample.incident()
    lines = text.splitlines()
    first = "\n".join(lines[:45])
    assert lines[0] == f"# Likely: {report.verdict.title}"
    assert "**●●○ Likely:** 4 of 4 expected signs" in first
    for step in report.verdict.chain:
        assert step.text in first
    assert "2. 02:58:20Z (+8 s) ○ Open connections through WAN1 are cut (omada · inferred)" in first
    assert "8. 03:00:45Z (+1 s) ● tailscale0 goes down because tailscaled stops (symptom · opg-srv · E9)" in first


def test_key_lines_are_quoted_with_their_place(text: str) -> None:
    block = text[text.index("**Key lines**") :]
    block = block[: block.index("```\n\n")]
    report = sample.incident()
    lines = {line.id: line for line in report.evidence}
    for key in report.verdict.key_evidence:
        assert f"{lines[key].source}:{lines[key].line}\n    {lines[key].message}\n" in block


def test_fences_outgrow_what_they_hold() -> None:
    report = sample.incident()
    first = replace(report.evidence[0], message="a ````` b")
    text = render(replace(report, evidence=(first, *report.evidence[1:])), "md")
    fences = [token for token in MarkdownIt("commonmark").parse(text) if token.type == "fence"]
    assert all(len(token.markup) > max(map(len, re.findall("`+", token.content)), default=2) for token in fences)
    assert sum("a ````` b" in token.content for token in fences) == 2


def test_it_reads_as_plain_text(text: str) -> None:
    assert not re.search(r"^\|", text, re.MULTILINE), "a table is no plain text"
    text = re.sub(r"^</?details>$|^<summary>[\w ,]+</summary>$", "", text, flags=re.MULTILINE)
    assert "<" not in re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    assert "\\" not in re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)


def test_the_terminal_gets_the_verdict_in_three_lines_and_what_to_do() -> None:
    what, why, when, first = summary(sample.incident()).splitlines()
    assert what.startswith(
        "Likely: The router's WAN1 lost the internet twice, and the monitor's restarts of tailscaled"
    )
    assert what.endswith("prolonged it (wan-outage; made worse by “A monitor keeps restarting tailscaled”).")
    assert why == "Because: 4 of 4 expected signs, in order, from 3 independent sources; nothing against."
    assert when.startswith(
        "When: 2025-11-04 02:58:12Z, lasted 14 min 46 s from first to last: 2 times, 13 min 45 s in all;"
    )
    assert "resolved: yes, 2025-11-04 03:12:58Z; may come back." in when
    assert first.startswith("Do first: Stop the monitor's restarts while the uplink is repaired (risk: ")
    assert first.endswith("): sudo systemctl stop ts-monitor.timer")
    assert " Not seen: the router's log keeps no NAT or session table" in when
    assert summary(sample.quiet()).splitlines() == [
        "No incident: No connectivity incident found.",
        "Because: no symptom above its baseline in 19,585 records of 3 hosts.",
        "Looked at: 3 inputs, 19,717 records.",
    ]


def test_the_terminal_tells_every_other_incident_with_its_status() -> None:
    lines = [line for line in summary(sample.several(6)).splitlines() if line.startswith("Also: ")]
    assert [line.split(": ")[1] for line in lines] == ["Confirmed", "Confirmed", "Likely", "Possible", "Undetermined"]
    assert "time 4 (wan-outage), 2025-11-04 01:10:00Z, lasted 4 min." in lines[0]
    last = summary(sample.several(17)).splitlines()[-1]
    assert last == "Also: 3 more possible, 3 more undetermined; see the report."


def test_all_incidents_stand_in_a_table_before_the_first_ones_chain() -> None:
    text, page = render(sample.several(6), "md"), render(sample.several(6), "html")
    listed = [line for line in text.splitlines() if re.match(r"- \d: ", line)]
    assert len(listed) == 6
    assert [line.split(": ")[0] for line in listed] == ["- 1", "- 4", "- 6", "- 3", "- 5", "- 2"]
    assert "host0, host1, host2 and 3 more" in next(line for line in listed if line.startswith("- 6"))
    assert page.index("6 incidents in this window") < page.index("From root cause to symptom")


def test_each_time_of_a_recurrence_has_start_end_and_duration() -> None:
    report = sample.incident()
    outages = tuple(
        Outage(start=sample.at(f"02:{minute}:00"), end=sample.at(f"02:{minute}:30"), duration_s=30.0)
        for minute in (10, 20, 30, 40)
    )
    again = Recurrence(count=4, outages=outages, shortest_s=30.0, longest_s=30.0)
    verdict = replace(report.verdict, recurrence=again)
    report = replace(report, verdict=verdict, incidents=(verdict,))
    assert "- 2025-11-04 02:20:00Z to 2025-11-04 02:20:30Z: 30 s" in render(report, "md")
    assert "4 times, 2 min in all" in summary(report)
    lines = text_lines(render(report, "html"))
    assert "2025-11-04 02:40:30Z" in lines


def test_key_lines_stand_in_the_order_of_time_each_with_a_caption() -> None:
    report = sample.incident()
    verdict = replace(report.verdict, key_evidence=tuple(reversed(report.verdict.key_evidence)))
    bare = tuple(replace(line, says=None) for line in report.evidence)
    text = render(replace(report, verdict=verdict, incidents=(verdict,), evidence=bare), "md")
    block = text[text.index("**Key lines**") :].split("```")[1]
    times = re.findall(r"^E\d+  (\S+ \S+)", block, re.MULTILINE)
    assert times == sorted(times)
    assert len(times) == len(verdict.key_evidence)
    assert block.count("\n    = ") >= len(times) - 1, "a line of the chain is captioned with its step"


def test_the_answer_is_whole_before_anything_else_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    report = sample.incident()
    long = "word " * 300
    verdict = replace(report.verdict, summary=long.strip(), reason=f"because {long.strip()}")
    report = replace(report, verdict=verdict, incidents=(verdict,))
    monkeypatch.setattr(markdown, "LIMIT", 14_000)
    text = render(report, "md")
    assert len(text) <= 14_000
    assert long.strip() in text
    assert f"because {long.strip()}" in text


def test_long_parts_are_folded_and_the_answer_is_not() -> None:
    text = render(sample.several(3), "md")
    assert text.count("<details>") == text.count("</details>") > 2
    assert text.index("## Do now") < text.index("<details>")


def test_other_incidents_are_told_too() -> None:
    report = sample.incident()
    second = replace(report.verdict, title="DNS failed later that night", cause="dns-upstream-failed")
    both = replace(report, incidents=(report.verdict, second))
    assert "### Incident 2: DNS failed later that night" in render(both, "md")
    assert "Other incidents in this window" in render(both, "html")


def assumed(path: str, *, alone: bool = False) -> Report:
    """The sample, with the router's log in a zone that nothing tells."""
    report = sample.incident()
    doubted = [
        replace(item, path=path, timezone="UTC", timezone_from="assumed: no log states or shows it")
        for item in report.inputs
        if item.path == sample.ROUTER
    ]
    others = [] if alone else [item for item in report.inputs if item.path != sample.ROUTER]
    return replace(report, inputs=(*doubted, *others))


@pytest.mark.parametrize(
    ("path", "option"), [("net/gate-2.log", "--tz gate-2.log=ZONE"), ("the gate.log", "--tz 'the gate.log=ZONE'")]
)
def test_an_assumed_zone_is_said_at_once_with_the_option_that_settles_it(path: str, option: str) -> None:
    report = assumed(path)
    text, page = render(report, "md"), render(report, "html")
    line = next(line for line in text.splitlines() if line.startswith("- Zones: "))
    assert "only assumed" in line
    assert path.rpartition("/")[2] in line
    assert text.index("- Started: ") < text.index("- Zones: ") < text.index("- Lasted: ")
    assert "the zone is only assumed" in page[: page.index('class="pair"')]
    assert sum(option in line for line in summary(report).splitlines()) == 1


@pytest.mark.parametrize("report", [sample.incident(), assumed("gate.log", alone=True)], ids=["told", "one clock"])
def test_nothing_is_said_of_zones_that_decide_nothing(report: Report) -> None:
    assert "only assumed" not in render(report, "md").split("## ")[2]
    assert "Zones:" not in summary(report)


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


def test_the_first_check_fits_what_was_found() -> None:
    """The best supported suspicion is checked, none that was ruled out or is only thinkable."""
    report = sample.undetermined()
    (argument, *_) = next(each.supports for each in report.hypotheses if each.supports)
    weights: tuple[tuple[int, str, str, HypothesisStatus, float, tuple[Argument, ...]], ...] = (
        (0, "mtu-blackhole", "Large packets vanish on the way", "untestable", -2.3, ()),
        (0, "dns-loop", "Two resolvers ask each other", "ruled-out", 4.0, (argument,)),
        (0, "clock-stepped", "The clock was set", "weakened", -0.7, (argument,)),
        (1, "udp-blocked", "UDP is blocked", "supported", 3.0, (argument,)),
    )
    weighed = [
        Hypothesis(
            incident=incident, cause=cause, title=title, layer="path", status=status, score=score, supports=supports
        )
        for incident, cause, title, status, score, supports in weights
    ]
    checks = tuple(
        Check(command=command, on="the host", settles=settles, why="")
        for command, settles in (
            ("tracepath -n <TARGET>", ("mtu-blackhole",)),
            ("tailscale netcheck", ("udp-blocked",)),
            ("timedatectl status", ("dns-loop", "clock-stepped")),
        )
    )
    doubtful = replace(report, hypotheses=tuple(weighed), checks=checks)
    todo = first(doubtful, doubtful.verdict)
    assert todo is not None
    assert (todo.do, todo.command) == ("Check for “The clock was set”", "timedatectl status")
    blank = replace(doubtful, hypotheses=tuple(weighed[:2]))
    todo = first(blank, blank.verdict)
    assert todo is not None
    assert (todo.do, todo.command) == ("Read the key lines and those around them", None)


def test_the_terminal_cuts_no_sentence_of_ours() -> None:
    report = sample.incident()
    reason = "; ".join(f"sign {number} of forty was seen" for number in range(18)) + "; and so it is"
    assert f"Because: {reason}." in summary(replace(report, verdict=replace(report.verdict, reason=reason)))


def test_how_to_get_a_missing_log_is_told_once() -> None:
    how = ("Controller: Logs, Export", "MikroTik: /log print file=router")
    action = Action(
        do="Export the router's log",
        command=None,
        risk="none",
        undo=None,
        why="it tells",
        cause="undetermined",
        how=how,
    )
    gap = CoverageGap(
        source=None, host=None, kind="not-given", reason="the router's log was not given", how=how, on="it"
    )
    report = replace(sample.undetermined(), actions=(action,), coverage=(gap,))
    for form in ("md", "html"):
        assert render(report, form).count("MikroTik") == 1
        assert "How to get it" in render(report, form)
    alone = render(replace(report, actions=()), "md")
    assert alone.count("MikroTik") == 1
    assert "told under Do now" not in alone


def test_the_list_of_what_to_do_begins_with_what_is_said_beside_the_verdict() -> None:
    report = sample.incident()
    other = replace(report.actions[0], do="Tighten the other screw", cause="link-carrier-lost")
    unsure = replace(report.verdict, status="undetermined", cause="undetermined", contributing=())
    for shown in (
        report,
        replace(report, verdict=unsure, incidents=(unsure,), actions=(other,)),
        replace(report, verdict=unsure, incidents=(unsure,), actions=(other,), checks=()),
    ):
        todo = first(shown, shown.verdict)
        assert todo is not None
        listed = render(shown, "md").partition("## Do now")[2]
        assert listed.index(f"**1. {todo.do}") < listed.index("**2. " if len(shown.actions) > 1 else other.do)


def test_a_gap_far_from_the_incident_is_no_warning_beside_the_verdict() -> None:
    report = sample.incident()
    start, end = report.verdict.started, report.verdict.ended
    assert start
    assert end
    day, minute = timedelta(days=1), timedelta(minutes=1)
    gap = replace(report.coverage[0], reason="the file was lost", hides=("wan-outage",))
    sure = replace(report.verdict, warning=None)

    def told(since: datetime | None, until: datetime | None, **changed: Any) -> str | None:
        verdict = replace(sure, **changed)
        shown = replace(report, verdict=verdict, incidents=(verdict,), coverage=(replace(gap, start=since, end=until),))
        return unseen(shown, verdict)

    assert told(start - 2 * day, start - day) is None
    assert told(end + minute, end + day) is None
    assert told(end + minute, end + day, ongoing=True, ended=None)
    assert told(start - day, start - minute)
    assert told(start + minute, None)
    assert told(None, None)
    assert told(None, start - day) is None


def test_the_id_of_a_cause_is_not_in_the_answer() -> None:
    shown = render(sample.several(3), "md")
    assert "wan-outage" not in shown.partition("## Do now")[0]
    assert "wan-outage" in shown

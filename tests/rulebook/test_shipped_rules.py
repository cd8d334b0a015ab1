"""The shipped rules: every case beside them, and the standard cases of every sequence."""

import re

import polars as pl
import pytest

from logcorr.events.matching import match_entry
from logcorr.events.wordbook import open_wordbook
from logcorr.rulebook import load_rules
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.rulebook.load import shipped_rules
from logcorr.rulebook.models import Origin
from logcorr.rulebook.testing.cases import EventCase, load_cases
from logcorr.rulebook.testing.trial import Result, run_cases, run_standard_cases
from tests.rulebook.stages import stages

RULES = load_rules()
CASES = load_cases([shipped_rules()], RULES)
OF_EVENTS = [file for file in CASES if file.kind == "event"]
OF_OTHERS = [file for file in CASES if file.kind != "event"]


def failures(results: list[Result]) -> list[str]:
    return [f"{result.place}: {result.case}: {'; '.join(result.problems)}" for result in results if result.problems]


def test_every_event_case() -> None:
    results = list(run_cases(OF_EVENTS, RULES, stages()))
    assert len(results) == sum(len(file.cases) for file in OF_EVENTS)
    assert not failures(results)


@pytest.mark.slow
def test_every_case_of_patterns_and_causes() -> None:
    results = list(run_cases(OF_OTHERS, RULES, stages()))
    assert len(results) == sum(len(file.cases) for file in OF_OTHERS)
    assert not failures(results)


def test_standard_cases_of_every_sequence() -> None:
    results = list(run_standard_cases(RULES, stages()))
    sequences = {rule.id for rule in RULES.patterns.values() if rule.sequence is not None}
    assert {result.rule for result in results} == sequences
    assert not failures(results)


@pytest.mark.slow
def test_every_wording_of_every_event_has_an_example() -> None:
    """Some case's record is matched by it."""
    wordbook = open_wordbook(RULES)
    cases = [case for file in OF_EVENTS for case in file.cases if isinstance(case, EventCase)]
    columns = ("program", "message", "message_id", "transport")
    records = pl.DataFrame(
        [[getattr(case, name) for name in columns] for case in cases],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    ).with_columns(wide=True)
    rows = records.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")).to_series()
    untested = {entry.number: entry for entry in wordbook.entries}
    for group in wordbook.groups(records["program"].unique()):
        here = rows.filter(records["program"].is_in(group.programs.implode(), nulls_equal=True))
        for entry in group.entries:
            if len(match_entry(records, entry, here).rows):
                untested.pop(entry.number, None)
    assert not [(entry.event, entry.wording.regex or entry.wording.message_id) for entry in untested.values()]


def test_what_the_kernel_says_may_come_from_the_kernel() -> None:
    """Where a file names the kernel beside programs, its wordings are by default theirs alone."""
    sections = [section for section in open_wordbook(RULES).sections if "kernel" in section.programs]
    journaled = [section for section in sections if "dpinger" not in section.programs]  # pfSense has no journal
    assert journaled
    assert [entry.event for section in journaled for entry in section.entries if not _heard(entry.origin)] == []


def _heard(origin: Origin | None) -> bool:
    return origin is None or origin.by is None or "kernel" in origin.by


def test_every_part_that_outsiders_choose_has_an_example() -> None:
    """Of the expressions for one program, each is the first that fits some case."""
    pairs = [(file.program, case) for file in OF_EVENTS for case in file.cases if isinstance(case, EventCase)]
    said = [(case.program or program or "", case.message) for program, case in pairs if case.message]
    untested = []
    for one in outsiders_of(RULES).chosen:
        rest = pl.Series([message for name, message in said if re.search(one.programs, name)], dtype=pl.String)
        for regex in one.regexes:
            fits = rest.str.contains(f"(?s){regex}")
            untested += [] if fits.any() else [regex]
            rest = rest.filter(~fits)
    assert not untested

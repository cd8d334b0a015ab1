"""Run cases. The stages are handed in as functions, for this package knows none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree as ET

import polars as pl

from logcorr.dataclass import dataclass
from logcorr.model import Report
from logcorr.rulebook.fieldtypes import field_type
from logcorr.rulebook.models import Rulebook
from logcorr.rulebook.testing.cases import CaseFile, CauseCase, CauseExpect, EventCase, PatternCase, PatternExpect
from logcorr.rulebook.testing.standard_cases import standard_cases
from logcorr.rulebook.wordings import declared_fields
from logcorr.schema import Timeline
from logcorr.textsafe import visible

Recognised = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of the pipeline that cases need."""

    classify_messages: Callable[[Sequence[Mapping[str, object]], Rulebook], list[Recognised]]
    read: Callable[[Mapping[str, str]], Timeline]  # logs by file name
    classify: Callable[[Timeline, Rulebook], pl.DataFrame]  # -> schema.EVENTS with fields
    match: Callable[[pl.DataFrame, Rulebook, Timeline], pl.DataFrame]  # -> schema.MATCHES
    analyze: Callable[[Mapping[str, str]], Report]


@dataclass(frozen=True, slots=True)
class Result:
    """One case after its run. ``problems`` is empty where it passed."""

    rule: str
    case: str
    place: str
    problems: tuple[str, ...] = ()


def run_cases(files: Sequence[CaseFile], rules: Rulebook, stages: Stages) -> Iterator[Result]:
    """Run every case, in order."""
    yield from _run_events([file for file in files if file.kind == "event"], rules, stages)
    for file in files:
        for case, place in zip(file.cases, file.places, strict=True):
            if isinstance(case, PatternCase):
                yield Result(file.rule, case.name, place, tuple(_run_pattern(file.rule, case, rules, stages)))
            elif isinstance(case, CauseCase):
                yield Result(file.rule, case.name, place, tuple(_run_cause(file.rule, case, stages)))


def run_standard_cases(rules: Rulebook, stages: Stages, only: Sequence[str] | None = None) -> Iterator[Result]:
    """Run the cases that every sequence must pass, for all patterns or for those whose ids are given."""
    dtypes = declared_fields(rules)
    for rule in rules.patterns.values():
        if only is not None and rule.id not in only:
            continue
        alone = replace(rules, patterns={rule.id: rule})
        for case in standard_cases(rule, rules, dtypes):
            found = _outcomes(stages.match(case.events, alone, case.timeline))
            wanted = {"matched": case.matched, "inconclusive": case.inconclusive}
            problems = [
                f"{found[outcome]} {outcome}, expected {count}"
                for outcome, count in wanted.items()
                if count is not None and found[outcome] != count
            ]
            yield Result(rule.id, case.name, rules.places.get(f"pattern {rule.id}", rule.id), tuple(problems))


def _outcomes(frame: pl.DataFrame) -> Counter[str]:
    return Counter(frame["outcome"].cast(pl.String).to_list())


# --- events -------------------------------------------------------------------------------------------------------

_RECORD: Final = ("program", "message", "message_id", "unit", "transport", "about", "origin", "trusted")


def _run_events(files: Sequence[CaseFile], rules: Rulebook, stages: Stages) -> Iterator[Result]:
    """All single records at once; logs one by one."""
    cases = [(file, case, place) for file in files for case, place in zip(file.cases, file.places, strict=True)]
    ours = [(file, case, place) for file, case, place in cases if isinstance(case, EventCase)]
    records = [_record(case, file.program) for file, case, _ in ours if case.message is not None]
    recognised = iter(stages.classify_messages(records, rules))
    for file, case, place in ours:
        found = next(recognised) if case.log is None else _in_log(case.log, rules, stages)
        yield Result(file.rule, case.name or _brief(case), place, tuple(_compare_events(case, found)))


def _record(case: EventCase, program: str | None) -> dict[str, object]:
    record = {name: getattr(case, name) for name in _RECORD}
    return record if record["program"] is not None else {**record, "program": program}


def _in_log(logs: Mapping[str, str], rules: Rulebook, stages: Stages) -> Recognised:
    events = stages.classify(stages.read(logs), rules)
    return [
        (row[0], {name: value for name, value in row[1].items() if value is not None})
        for row in events.select("event", "fields").rows()
    ]


def _brief(case: EventCase) -> str:
    text = case.message or next(iter((case.log or {}).values()), "")
    return text.strip().split("\n")[0][:80]


def _compare_events(case: EventCase, found: Recognised) -> Iterator[str]:
    names = tuple(sorted(name for name, _ in found))
    if names != case.expected():
        yield f"recognised {', '.join(names) or 'nothing'}, expected {', '.join(case.expected()) or 'nothing'}"
        return
    for name, value in case.fields.items():
        given = [fields[name] for _, fields in found if name in fields]
        if not any(_same(name, value, each) for each in given):
            yield f"{name} is {', '.join(map(repr, given)) or 'absent'}, expected {value!r}"


def _same(name: str, expected: object, found: object) -> bool:
    """Whether a field has the value that a case writes, which may be written as the log has it."""
    if str(expected) == str(found):
        return True
    if isinstance(found, int | float):
        try:
            return float(str(expected)) == found
        except ValueError:
            pass
    kind = field_type(name)
    if kind is None:
        return False
    kept = pl.Series([str(expected)]).to_frame("text").select(kind.convert(pl.col("text"))).item()
    return kept is not None and kept == found


# --- patterns -----------------------------------------------------------------------------------------------------


def _run_pattern(rule: str, case: PatternCase, rules: Rulebook, stages: Stages) -> Iterator[str]:
    timeline = stages.read(case.log)
    alone = replace(rules, patterns={rule: rules.patterns[rule]})
    frame = stages.match(stages.classify(timeline, rules), alone, timeline)
    found = _outcomes(frame)
    if not isinstance(case.expect, PatternExpect):
        wanted = {"none": (0, 0), "inconclusive": (0, 1)}[case.expect]
        if found["matched"] or (found["inconclusive"] > 0) != bool(wanted[1]):
            yield f"{found['matched']} matched and {found['inconclusive']} inconclusive, expected {case.expect}"
        return
    yield from _compare_pattern(case.expect, frame, found)


def _compare_pattern(expect: PatternExpect, frame: pl.DataFrame, found: Counter[str]) -> Iterator[str]:
    for outcome, count in (("matched", expect.matches), ("inconclusive", expect.inconclusive)):
        if count is not None and found[outcome] != count:
            yield f"{found[outcome]} {outcome}, expected {count}"
    matched = frame.filter(pl.col("outcome") == "matched").sort("begin")
    if matched.is_empty():
        if expect.first or expect.title or expect.last or expect.key:
            yield "no match whose time, title or key could be compared"
        return
    first, last = matched.row(0, named=True), matched.sort("end").row(-1, named=True)
    for what, wanted, time in (("begins", expect.first, first["begin"]), ("ends", expect.last, last["end"])):
        shown = time.strftime("%Y-%m-%d %H:%M:%S.%f")
        if wanted is not None and wanted.replace("T", " ").removesuffix("Z") not in shown:
            yield f"{what} at {shown}, expected {wanted}"
    for what in ("title", "key", "order_known"):
        wanted = getattr(expect, what)
        if wanted is not None and first[what] != wanted:
            yield f"{what} is {first[what]!r}, expected {wanted!r}"


# --- causes -------------------------------------------------------------------------------------------------------


def _run_cause(rule: str, case: CauseCase, stages: Stages) -> Iterator[str]:
    report = stages.analyze(case.log)
    expect = case.expect
    if not isinstance(expect, CauseExpect):
        of_verdict = expect in {"undetermined", "no-incident"}
        expect = CauseExpect(verdict=expect) if of_verdict else CauseExpect(status=expect)  # type: ignore[arg-type]  # its literals
    statuses = [item.status for item in report.hypotheses if item.cause == rule and item.incident == 0]
    if expect.status is not None and expect.status not in statuses:
        yield f"the cause is {', '.join(statuses) or 'not among the hypotheses'}, expected {expect.status}"
    if expect.verdict is not None and report.verdict.cause != expect.verdict:
        yield f"the verdict is {report.verdict.cause} ({report.verdict.status}), expected {expect.verdict}"
    if expect.verdict_status is not None and report.verdict.status != expect.verdict_status:
        yield f"the verdict is {report.verdict.status}, expected {expect.verdict_status}"
    found = report.verdict.contributing
    if expect.contributing is not None and set(found) != set(expect.contributing):
        yield f"contributing: {', '.join(found) or 'none'}, expected {', '.join(expect.contributing) or 'none'}"


# --- results ------------------------------------------------------------------------------------------------------


def junit(results: Sequence[Result]) -> str:
    """The results as JUnit XML, one suite for each rule, for continuous integration."""
    suites = ET.Element("testsuites", name="logcorr rules test")
    by_rule: dict[str, list[Result]] = {}
    for result in results:
        by_rule.setdefault(result.rule, []).append(result)
    for rule, ours in by_rule.items():
        failed = str(sum(bool(result.problems) for result in ours))
        suite = ET.SubElement(suites, "testsuite", name=rule, tests=str(len(ours)), failures=failed)
        for result in ours:
            case = ET.SubElement(suite, "testcase", name=visible(result.case), classname=rule, file=result.place)
            for problem in result.problems:
                ET.SubElement(case, "failure", message=visible(problem)).text = result.place
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"

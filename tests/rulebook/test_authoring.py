"""What authors are given: a first version that passes, prose, JSON Schema, tables."""

import json
from pathlib import Path

import pytest

from logcorr.errors import UsageError
from logcorr.rulebook import load_rules
from logcorr.rulebook.docs.editor import FileKind, notes, schema
from logcorr.rulebook.docs.prose import explain, spelled
from logcorr.rulebook.models import Cause, Event, EventFile, Pattern, Step
from logcorr.rulebook.testing.cases import load_cases
from logcorr.rulebook.testing.starter import StarterKind, starter
from logcorr.rulebook.testing.trial import run_cases
from tests.rulebook.stages import stages


@pytest.mark.parametrize(
    ("kind", "name"), [("event", "myapp"), ("event", "my-app"), ("pattern", "my-pattern"), ("cause", "my-cause")]
)
def test_a_first_version_loads_and_passes_its_cases_as_it_is(tmp_path: Path, kind: StarterKind, name: str) -> None:
    for path, text in starter(kind, name).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    rules = load_rules([tmp_path])
    results = list(run_cases(load_cases([tmp_path], rules), rules, stages((tmp_path,))))
    assert results
    assert not [result for result in results if result.problems]


@pytest.mark.parametrize(
    ("kind", "name"), [("pattern", "My Rule"), ("pattern", "../x"), ("event", "my_app"), ("cause", "")]
)
def test_names_that_cannot_be_ids_are_refused(kind: StarterKind, name: str) -> None:
    with pytest.raises(UsageError):
        starter(kind, name)


def test_every_rule_can_be_told_as_prose() -> None:
    rules = load_rules()
    for name in (*rules.patterns, *rules.causes, *(event for file in rules.events for event in file.events)):
        told = explain(name, rules)
        assert told.startswith(name)
        assert "Written in rules/" in told
        assert "None" not in told.split()


def test_prose_of_a_sequence_with_everything() -> None:
    rule = {
        "id": "x",
        "title": "t",
        "span": "1h30min",
        "by": {"a.interface": "b.interface"},
        "pair": "first",
        "sequence": [
            {"not": "maintenance", "within": "5min"},
            {"a": "link.down", "where": {"interface": {"glob": "eth*", "ne": "eth9"}, "code": ["a", "b"]}},
            {"b": "link.up", "within": "30s", "at_least": 3, "where": {"interface": "$a.interface"}},
            {"c": "other", "optional": True, "where": {"reason": {"exists": False}}},
        ],
    }
    rules = type(load_rules(shipped=False))(patterns={"x": Pattern.model_validate(rule)})
    told = explain("x", rules)
    for line in (
        "1. no maintenance within 5 min of the step after it",
        "2. link.down whose interface is not 'eth9', interface looks like 'eth*' and code is 'a' or 'b', called 'a'",
        "3. at least 3 times link.up whose interface is the interface of 'a' within 30 s after the step before",
        "4. perhaps other whose reason is not known, called 'c'",
        "all within 1 h 30 min",
        "Together means: a.interface equals b.interface.",
    ):
        assert line in told


@pytest.mark.parametrize(
    ("form", "line"),
    [
        (
            {"count": {"event": "a", "at_least": 3, "within": "1h", "distinct": "ip"}},
            "at least 3 different values of ip in a within 1 h",
        ),
        (
            {"flap": {"between": ["a", "b"], "at_least": 4, "within": "10min"}},
            "a and b alternate at least 4 times within 10 min",
        ),
        ({"beat": {"event": "a", "every": "5min"}}, "a recurs every 5 min, at least 3 times, give or take 20 s"),
        ({"beat": {"event": "a", "on_minutes": "*/5"}}, "a recurs on the minutes */5"),
        ({"during": {"event": "a", "start": "b", "end": "c"}}, "a occurs in the time from b to c"),
        (
            {"during": {"start": "b", "end": "c", "other": ["d", "e"], "relation": "overlaps"}},
            "stand in the relation 'overlaps'",
        ),
        ({"silence": {"event": "a", "longer_than": "2min"}}, "stays away longer than 2 min"),
        ({"burst": {"event": "a", "within": "1min"}}, "10 times as often as it usually does"),
        ({"step": {"event": "a", "field": "offset", "by_at_least": 2}}, "offset of a jumps by at least 2"),
        (
            {"measure": {"event": "a", "field": "bytes", "of": "sum", "gt": 5, "le": 9, "within": "1min"}},
            "the sum of bytes over a within 1 min is above 5 and is at most 9",
        ),
        ({"all": [{"one": "a"}, {"two": "b"}], "span": "1min"}, "in any order"),
    ],
)
def test_prose_of_the_other_forms(form: dict[str, object], line: str) -> None:
    rules = type(load_rules(shipped=False))(patterns={"x": Pattern.model_validate({"id": "x", "title": "t", **form})})
    assert line in explain("x", rules)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        explain("wan-outge", load_rules())
    assert caught.value.hint == "did you mean 'wan-outage'?"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30, "30 s"), (300, "5 min"), (5400, "1 h 30 min"), (0.25, "0.25 s"), (86_400, "1 d"), (0, "0 s")],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert spelled(seconds) == text


@pytest.mark.parametrize("kind", ["events", "patterns", "causes", "sources", "states", "cases"])
def test_schemas_are_json_with_descriptions_and_without_made_up_titles(kind: FileKind) -> None:
    found = schema(kind)
    assert json.loads(json.dumps(found)) == found
    assert found["$schema"].startswith("https://json-schema.org/")
    for part in (found, *found.get("$defs", {}).values()):
        assert all("title" not in content for content in part.get("properties", {}).values())


def test_schemas_say_what_the_models_say() -> None:
    assert set(schema("patterns")["properties"]) == set(Pattern.model_fields)
    assert set(schema("causes")["properties"]) == set(Cause.model_fields)
    assert set(schema("events")["properties"]) == set(EventFile.model_fields)
    assert schema("patterns")["additionalProperties"] is False
    step = schema("patterns")["$defs"]["Step"]
    assert set(step["properties"]) == set(Step.model_fields) - {"name", "event", "negated"}
    assert step["maxProperties"] == len(step["properties"]) + 1


def test_notes_are_the_comments_beside_the_keys() -> None:
    assert notes(Event)["rate_limited"] == "the program suppresses repeats: absence proves nothing"
    assert (
        schema("events")["$defs"]["Event"]["properties"]["rate_limited"]["description"] == notes(Event)["rate_limited"]
    )

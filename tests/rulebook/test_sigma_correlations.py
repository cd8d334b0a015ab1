"""Sigma correlations: what they find in events, and what is refused."""

import sys
from pathlib import Path

import polars as pl
import pytest

from logcorr.errors import RuleError
from logcorr.events import classify
from logcorr.rulebook import load_rules
from logcorr.rulebook.models import Rulebook
from tests.rulebook.stages import match_frame, read_logs

EVENTS = """\
program: app
events:
  sent: {says: "sent {bytes} bytes to {remote_ip} for {user}"}
  asked: {says: "asked by {user} of {local_ip}"}
"""
DETECTIONS = """\
title: Sent
name: sent
logsource: {product: linux}
detection: {a: {message|startswith: "sent "}, condition: a}
---
title: Asked
name: asked
logsource: {product: linux}
detection: {a: {message|startswith: "asked "}, condition: a}
---
"""


def rules(folder: Path, correlation: str, detections: str = DETECTIONS) -> Rulebook:
    (folder / "app.yaml").write_text(EVENTS, encoding="utf-8")
    (folder / "sigma.yml").write_text(f"{detections}title: Both\ncorrelation: {correlation}\n", encoding="utf-8")
    return load_rules([folder], shipped=False)


def found(folder: Path, correlation: str, *lines: tuple[str, str]) -> list[str]:
    """The keys of the matches in a log of (time, message) lines."""
    book = rules(folder, correlation)
    log = "".join(f"2025-11-04T03:{time}+00:00 h1 app: {message}\n" for time, message in (*lines, ("50:00", "the end")))
    timeline = read_logs({"app.log": log})
    frame = match_frame(classify(timeline, book), book, timeline)
    return (
        frame.filter(pl.col("pattern") == "sigma-both", pl.col("outcome") == "matched").sort("begin")["key"].to_list()
    )


SENT = "sent {} bytes to 192.0.2.{} for {}"


def sent(time: str, size: int = 1, last: int = 1, user: str = "ann") -> tuple[str, str]:
    return time, SENT.format(size, last, user)


def asked(time: str, user: str = "ann", ip: str = "192.0.2.1") -> tuple[str, str]:
    return time, f"asked by {user} of {ip}"


@pytest.mark.parametrize(
    ("condition", "times", "count"),
    [
        ("gte: 3", ["00:00", "00:30", "01:00"], 1),  # a gap equal to the timespan is inside
        ("gte: 3", ["00:00", "00:30", "01:01"], 0),
        ("gt: 2", ["00:00", "00:30", "01:00"], 1),
        ("gt: 3", ["00:00", "00:30", "01:00"], 0),
        ("gte: 1", ["00:00", "10:00"], 2),
    ],
)
def test_event_count(tmp_path: Path, condition: str, times: list[str], count: int) -> None:
    correlation = f"{{type: event_count, rules: [sent], group-by: [host], timespan: 1m, condition: {{{condition}}}}}"
    assert len(found(tmp_path, correlation, *map(sent, times))) == count


def test_event_count_by_a_field_and_over_two_rules(tmp_path: Path) -> None:
    correlation = "{type: event_count, rules: [sent, asked], group-by: [User], timespan: 1m, condition: {gte: 2}}"
    assert found(tmp_path, correlation, sent("00:00"), asked("00:10"), sent("00:20", user="bob")) == ["ann"]


def test_value_count(tmp_path: Path) -> None:
    correlation = "{type: value_count, rules: sent, group-by: [user], timespan: 1m, condition: {field: src_ip, gte: 3}}"
    three = [sent(f"00:0{n}", last=n) for n in range(3)]
    same = [sent(f"00:0{n}", last=1, user="bob") for n in range(3)]
    assert found(tmp_path, correlation, *three, *same) == ["ann"]


@pytest.mark.parametrize(("kind", "forwards", "backwards"), [("temporal", 1, 1), ("temporal_ordered", 1, 0)])
def test_temporal(tmp_path: Path, kind: str, forwards: int, backwards: int) -> None:
    correlation = f"{{type: {kind}, rules: [sent, asked], group-by: [user], timespan: 30s}}"
    assert len(found(tmp_path, correlation, sent("00:00"), asked("00:30"))) == forwards
    assert len(found(tmp_path, correlation, asked("00:00"), sent("00:30"))) == backwards
    assert not found(tmp_path, correlation, sent("00:00"), asked("00:31"))
    assert not found(tmp_path, correlation, sent("00:00"), asked("00:10", user="bob"))


TOLD = """\
title: Told
name: told
logsource: {product: linux}
detection: {a: {message|startswith: "told "}, condition: a}
---
"""


@pytest.mark.parametrize(
    ("condition", "two", "one"),
    [("{gte: 2}", 1, 0), ("{gt: 1}", 1, 0), ("{gte: 1}", 1, 1), ("sent or asked or told", 1, 1), ("{gte: 3}", 0, 0)],
)
def test_some_of_the_rules(tmp_path: Path, condition: str, two: int, one: int) -> None:
    """Two of three kinds within the timespan, and one kind twice."""
    text = f"{{type: temporal, rules: [sent, asked, told], group-by: [user], timespan: 30s, condition: {condition}}}"
    for lines, count in (((asked("00:00"), sent("00:30")), two), ((asked("00:00"), asked("00:10")), one)):
        book = rules(tmp_path, text, DETECTIONS + TOLD)
        log = "".join(f"2025-11-04T03:{at}+00:00 h1 app: {said}\n" for at, said in (*lines, ("50:00", "the end")))
        timeline = read_logs({"app.log": log})
        frame = match_frame(classify(timeline, book), book, timeline)
        matched = frame.filter(pl.col("pattern") == "sigma-both", pl.col("outcome") == "matched")
        assert matched.height == count


def test_aliases_tie_differently_named_fields(tmp_path: Path) -> None:
    correlation = (
        "{type: temporal_ordered, rules: [sent, asked], group-by: [peer, user], timespan: 30s, "
        "aliases: {peer: {sent: src_ip, asked: dst_ip}}}"
    )
    assert found(tmp_path, correlation, sent("00:00", last=7), asked("00:10", ip="192.0.2.7"))
    assert not found(tmp_path, correlation, sent("00:00", last=7), asked("00:10", ip="192.0.2.8"))


@pytest.mark.parametrize(
    ("kind", "condition", "matches"),
    [
        ("value_sum", "gt: 59", True),
        ("value_sum", "gt: 60", False),
        ("value_sum", "gte: 60", True),
        ("value_avg", "gte: 20", True),
        ("value_avg", "gt: 25", False),
        ("value_median", "gt: 14", True),
        ("value_median", "gt: 16", False),
        ("value_percentile", "percentile: 90, gt: 29", True),
        ("value_percentile", "percentile: 10, gt: 29", False),
    ],
)
def test_measures(tmp_path: Path, kind: str, condition: str, matches: bool) -> None:
    """10, 15 and 35 bytes within the timespan: sum 60, average 20, median 15. The 500 before are long gone."""
    correlation = (
        f"{{type: {kind}, rules: [sent], group-by: [user], timespan: 1m, condition: {{field: bytes, {condition}}}}}"
    )
    lines = [sent("00:00", 0), sent("10:00", 10), sent("10:30", 15), sent("11:00", 35)]
    assert bool(found(tmp_path, correlation, *lines)) == matches


@pytest.mark.parametrize(
    ("correlation", "says"),
    [
        ("{type: event_count, rules: [sent], timespan: 1m, condition: {lt: 3}}", "event_count with lt: 3"),
        ("{type: event_count, rules: [sent], timespan: 1m, condition: {eq: 3}}", "event_count with eq: 3"),
        (
            "{type: event_count, rules: [sent], group-by: [nothing], timespan: 1m, condition: {gte: 3}}",
            "field 'nothing'",
        ),
        (
            "{type: value_count, rules: [sent], timespan: 1m, condition: {field: [user, bytes], gte: 3}}",
            "several fields",
        ),
        ("{type: value_sum, rules: [sent], timespan: 1m, condition: {field: bytes, eq: 3}}", "value_sum with eq"),
        ("{type: temporal, rules: [sent, asked], timespan: 1m, condition: sent and not asked}", "'sent and not asked'"),
        ("{type: temporal, rules: [sent, asked], timespan: 1m, condition: {lt: 2}}", "lt: 2 of 2 rules"),
        ("{type: temporal, rules: [sent, asked], timespan: 1m, condition: {gte: 3}}", "gte: 3 of 2 rules"),
        ("{type: temporal_ordered, rules: [sent, asked], timespan: 1m, condition: {gte: 1}}", "gte: 1 of 2 rules"),
        ("{type: temporal_ordered, rules: [sent, asked], timespan: 1m, condition: sent or asked}", "'sent or asked'"),
        ("{type: temporal, rules: [sent], timespan: 1m}", "single rule"),
        ("{type: temporal, rules: [sent, other], timespan: 1m}", "other"),
        ("{type: temporal, rules: [sent, asked], timespan: 1x}", "1x"),
        ("{type: sometimes, rules: [sent], timespan: 1m}", "sometimes"),
        (
            "{type: temporal, rules: [sent, asked], group-by: [peer], timespan: 1m, aliases: {peer: {sent: user}}}",
            "does not name a field for each",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(tmp_path: Path, correlation: str, says: str) -> None:
    with pytest.raises(RuleError) as caught:
        rules(tmp_path, correlation)
    assert any(says in fault.message for fault in caught.value.faults), str(caught.value)
    line = DETECTIONS.count("\n") + 1
    assert all(int((fault.location or "").split(":")[1]) >= line for fault in caught.value.faults)


def test_a_correlation_of_correlations_is_refused(tmp_path: Path) -> None:
    first = "{type: event_count, rules: [sent], timespan: 1m, condition: {gte: 2}}"
    text = f"title: First\nname: first\ncorrelation: {first}\n---\n"
    with pytest.raises(RuleError, match="correlations of correlations"):
        rules(tmp_path, "{type: event_count, rules: [first], timespan: 1m, condition: {gte: 2}}", DETECTIONS + text)


def test_detections_that_serve_a_correlation_are_no_patterns_of_their_own(tmp_path: Path) -> None:
    book = rules(tmp_path, "{type: event_count, rules: [sent], timespan: 1m, condition: {gte: 2}}")
    assert set(book.patterns) == {"sigma-both", "sigma-asked"}
    book = rules(tmp_path, "{type: event_count, rules: [sent], timespan: 1m, generate: true, condition: {gte: 2}}")
    assert set(book.patterns) == {"sigma-both", "sigma-asked", "sigma-sent"}


def test_a_filter_narrows_its_rules(tmp_path: Path) -> None:
    text = (
        "title: Not bob\nlogsource: {product: linux}\n"
        "filter: {rules: [sent], bob: {user: bob}, condition: not bob}\n---\n"
    )
    book = rules(tmp_path, "{type: event_count, rules: [sent], timespan: 1m, condition: {gte: 1}}", DETECTIONS + text)
    log = "2025-11-04T03:00:00+00:00 h1 app: sent 1 bytes to 192.0.2.1 for {}\n"
    events = classify(read_logs({"app.log": log.format("ann") + log.format("bob")}), book)
    assert events["event"].to_list().count("sigma.sent") == 1


def test_without_pysigma_a_sigma_file_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "logcorr.rulebook.sigma.translate", None)
    with pytest.raises(RuleError) as caught:
        rules(tmp_path, "{type: event_count, rules: [sent], timespan: 1m, condition: {gte: 2}}")
    (fault,) = caught.value.faults
    assert "Sigma rules need pySigma" in fault.message
    assert "logcorr[sigma]" in (fault.hint or "")

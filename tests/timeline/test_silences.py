"""Where the logs could not look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from logcorr.model import GapKind
from logcorr.ratelimits import TAILSCALED_HELD_BACK
from logcorr.schema import SPANS, Source, Timeline
from logcorr.timeline import ClockSettings, build, occupancy
from tests.timeline.frames import at, records, source

NOW = ClockSettings(now=at("2026-11-22 12:00:00"))
START = at("2025-11-04 00:00:00")


def ticking(path: str, minutes: list[float], host: str = "h", **columns: Any) -> Source:
    return source(path, records([START + timedelta(minutes=minute) for minute in minutes], host=host, **columns))


def gaps(timeline: Timeline, kind: GapKind) -> list[str]:
    return [gap.reason for gap in timeline.gaps if gap.kind == kind]


def test_silence_far_longer_than_usual_is_a_gap_and_splits_the_span() -> None:
    minutes = [float(minute) for minute in [*range(60), *range(120, 180)]]
    timeline = build([ticking("a.log", minutes)], NOW)
    assert gaps(timeline, "silence") == ["no record for 1 h 1 min"]
    assert timeline.spans.schema == SPANS
    assert timeline.spans["start"].to_list() == [START, START + timedelta(hours=2)]


def test_a_log_that_is_always_quiet_between_bursts_has_no_silence() -> None:
    minutes = [hour * 60 + second / 60 for hour in range(24) for second in range(50)]
    assert gaps(build([ticking("a.log", minutes)], NOW), "silence") == []


def test_a_handful_of_lines_cannot_tell_what_is_usual() -> None:
    assert gaps(build([ticking("a.log", [0, 1, 2, 300, 301])], NOW), "silence") == []


def test_rotated_files_are_one_log() -> None:
    one = ticking("log/syslog.1", [float(minute) for minute in range(60)])
    two = ticking("log/syslog", [float(minute) for minute in range(60, 120)])
    timeline = build([one, two], NOW)
    assert timeline.gaps == ()
    assert timeline.spans.height == 2


def test_logs_that_start_late_or_end_early_are_told_against_the_window_and_against_one_another() -> None:
    long = ticking("a.log", [float(minute) for minute in range(180)])
    short = ticking("b.log", [float(minute) for minute in range(60, 120)], host="i")
    timeline = build([long, short], NOW)
    assert gaps(timeline, "starts-late") == ["the log starts 1 h after the other logs"]
    assert gaps(timeline, "ends-early") == ["the log ends 1 h before the other logs"]
    window = ClockSettings(now=NOW.now, since=START + timedelta(hours=1), until=START + timedelta(hours=5))
    assert gaps(build([long], window), "ends-early") == ["the log ends 2 h 1 min before the window"]


def test_the_window_keeps_what_is_inside_and_counts_the_rest() -> None:
    window = ClockSettings(
        since=START + timedelta(minutes=10), until=START + timedelta(minutes=19), margin=timedelta(minutes=5)
    )
    timeline = build([ticking("a.log", [float(minute) for minute in range(60)])], window)
    assert timeline.frame.height == 20
    (item,) = timeline.inputs
    assert (item.records, item.outside, item.dropped) == (60, 40, 0)
    assert (item.first, item.last) == (START, START + timedelta(minutes=59))


def test_a_log_that_has_nothing_in_the_window_is_told_and_what_lies_outside_is_not() -> None:
    message = ["Suppressed 9 messages from x"] + ["y"] * 59
    early = ticking("a.log", [float(minute) for minute in range(60)], message=message)
    late = ticking("b.log", [float(minute) for minute in range(120, 240)], host="i")
    timeline = build([early, late], ClockSettings(since=START + timedelta(hours=2), until=START + timedelta(hours=4)))
    assert [(gap.source, gap.kind, gap.reason) for gap in timeline.gaps] == [
        ("a.log", "ends-early", "the log ends 1 h 1 min before the window begins")
    ]


def test_what_logs_say_they_dropped() -> None:
    message = [
        "Suppressed 123 messages from tailscaled.service",
        '[RATELIMIT] format("%s")',
        "net_ratelimit: 12 callbacks suppressed",
        '[RATELIMIT] format("%s") (40 dropped)',
        "Missed 7 kernel messages",
        "imuxsock lost 9 messages from pid 123 due to rate-limiting",
        "imjournal: 100 messages lost due to rate-limiting",
        "imuxsock begins to drop messages from pid 123 due to rate-limiting",
        "nothing of the kind",
    ]
    timeline = build([ticking("a.log", [float(minute) for minute in range(0, 45, 5)], message=message)], NOW)
    assert set(gaps(timeline, "rate-limited")) == {
        "12 messages of net_ratelimit were suppressed",
        '40 messages of "%s" were suppressed',
        "100 messages of imjournal were suppressed",
        "123 messages of tailscaled.service were suppressed",
        "9 messages of pid 123 were suppressed",
        "messages were suppressed",
    }
    assert gaps(timeline, "lost-messages") == ["7 messages were missed"]


def test_journald_message_ids_tell_losses_whatever_the_wording() -> None:
    rows = ticking("a.log", [0.0], message="unterdrückt", message_id="a596d6fe7bfa4994828e72309e95d61e")
    assert gaps(build([rows], NOW), "rate-limited") == ["messages were suppressed"]


NOTE = '[RATELIMIT] format("magicsock: derp-%d: %v")'


def held_back(*notes: tuple[float, str]) -> list[tuple[str, float, float]]:
    """The gaps of notes (s after START, text) in a log that begins a minute before."""
    rows = records(
        [START + timedelta(seconds=second) for second in (-60, *(second for second, _ in notes))],
        host="h",
        message=["logtail started", *(text for _, text in notes)],
        program="tailscaled",
    )
    found = [gap for gap in build([source("a.log", rows)], NOW).gaps if gap.kind == "rate-limited"]
    return [
        (gap.reason.partition(" of ")[0], (gap.start - START).total_seconds(), (gap.end - START).total_seconds())
        for gap in found
        if gap.start and gap.end
    ]


def test_tailscaled_drops_lines_for_ten_seconds_however_late_it_says_how_many() -> None:
    assert held_back((0, NOTE)) == [("messages", 0, TAILSCALED_HELD_BACK / 1e6)]
    assert held_back((0, NOTE), (9, f"{NOTE} (4 dropped)")) == [("4 messages", 0, 10)]
    assert held_back((0, NOTE), (7200, f"{NOTE} (40 dropped)")) == [("40 messages", 0, 10)]
    assert held_back((0, NOTE), (300, NOTE), (7200, f"{NOTE} (1 dropped)")) == [
        ("messages", 0, 10),
        ("1 message", 300, 310),
    ]


def test_what_was_held_back_since_before_the_log_began_may_be_so_up_to_the_count() -> None:
    assert held_back((50, f"{NOTE} (3 dropped)")) == [("3 messages", -60, 50)]


def test_notes_one_after_the_other_are_one_gap() -> None:
    assert held_back(*((20 * number, NOTE) for number in range(5))) == [("messages", 0, 90)]


def test_holes_in_the_journals_numbering() -> None:
    count = 100
    numbers = [number + (5 if number > 50 else 0) for number in range(count)]
    entry: dict[str, Any] = {"boot": "b" * 32, "monotonic": range(count), "seqnum": numbers, "seqnum_id": "s" * 32}
    timeline = build([ticking("a.export", [float(minute) for minute in range(count)], **entry)], NOW)
    assert gaps(timeline, "lost-messages") == ["5 journal entries are missing, between sequence numbers 50 and 56"]
    entry["seqnum"] = range(0, 10 * count, 10)
    filtered = build([ticking("a.export", [float(minute) for minute in range(count)], **entry)], NOW)
    assert gaps(filtered, "lost-messages") == []
    assert len(gaps(filtered, "not-given")) == 1


def test_a_share_of_lines_not_understood_is_told_with_its_shapes() -> None:
    text = [f"at 0x{number:x} of {number}.{number}.0.1" for number in range(30)]
    unparsed = pl.DataFrame({"line": range(30), "text": text}, schema={"line": pl.UInt32, "text": pl.String})
    log = source("a.log", records([START] * 70, host="h"), unparsed=unparsed)
    timeline = build([Source(**{**{name: getattr(log, name) for name in log.__slots__}, "lines": 100})], NOW)
    assert gaps(timeline, "unparsed") == ["30 of 100 lines were not understood (30.0%)"]
    assert timeline.inputs[0].templates == (("at # of #", 30),)


def test_occupancy_is_the_picture_of_time_by_source() -> None:
    busy = ticking("a.log", [float(minute) for minute in [*range(60), *range(120, 180)]])
    timeline = build([busy, ticking("b.log", [0.0, 179.0], host="i")], NOW)
    picture = occupancy(timeline, columns=6)
    assert picture.filter(pl.col("source") == 0)["records"].to_list() == [30, 30, 0, 0, 30, 30]
    assert picture.filter(pl.col("source") == 1)["records"].to_list() == [1, 0, 0, 0, 0, 1]
    assert "silence" in str(picture.filter(pl.col("source") == 0)["gap"].to_list()[2])
    assert occupancy(build([], NOW)).is_empty()

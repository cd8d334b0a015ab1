"""Times and durations in words."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.report import render, summary
from logcorr.report.text.clock import clock, lag, rfc3339
from logcorr.times.timespan import duration

NIGHT = datetime(2025, 11, 4, 2, 58, 12, 204115, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.0001, "0 s"),
        (0.04, "40 ms"),
        (0.096, "0.1 s"),
        (0.3, "0.3 s"),
        (9.95, "9.9 s"),
        (12.4, "12 s"),
        (59.7, "1 min"),
        (60, "1 min"),
        (264, "4 min 24 s"),
        (3600, "1 h"),
        (11_130, "3 h 5 min"),
        (187_300, "2 d 4 h"),
        (-2.5, "−2.5 s"),
        (-264, "−4 min 24 s"),
        (86_400 * 4000, "4,000 d"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("zone", "full"),
    [
        ("UTC", "2025-11-04 02:58:12Z"),
        ("", "2025-11-04 02:58:12Z"),
        ("Europe/Zagreb", "2025-11-04 03:58:12+01:00"),
        ("Asia/Kathmandu", "2025-11-04 08:43:12+05:45"),
        ("America/St_Johns", "2025-11-03 23:28:12-03:30"),
    ],
)
def test_stamps_carry_their_offset(zone: str, full: str) -> None:
    stamp = clock(zone).stamp(NIGHT)
    assert stamp.full == full
    assert (stamp.iso, stamp.utc) == ("2025-11-04T02:58:12.204115Z", "2025-11-04 02:58:12.204115Z")


@pytest.mark.parametrize(
    ("zone", "both", "short"),
    [
        ("UTC", "2025-11-04 02:58:12Z", "02:58:12Z"),
        ("+00:00", "2025-11-04 02:58:12Z", "02:58:12Z"),
        ("+01:00", "2025-11-04 03:58:12+01:00 · 02:58:12Z", "03:58:12+01:00 · 02:58:12Z"),
        (
            "America/St_Johns",
            "2025-11-03 23:28:12-03:30 · 2025-11-04 02:58:12Z",
            "23:28:12-03:30 · 2025-11-04 02:58:12Z",
        ),
    ],
)
def test_utc_stands_beside_every_other_zone(zone: str, both: str, short: str) -> None:
    stamp = clock(zone).stamp(NIGHT)
    assert (stamp.both, stamp.short_both) == (both, short)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc", "x" * 5000, "a\x00b", "Europe"])
def test_an_unknown_zone_is_utc_and_known_to_be_unknown(zone: str) -> None:
    unknown = clock(zone)
    assert not unknown.known
    assert unknown.stamp(NIGHT).offset == "Z"


def test_the_ends_of_the_calendar_have_a_time() -> None:
    for time in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        for zone in ("America/New_York", "Asia/Tokyo"):
            assert clock(zone).stamp(time).iso == rfc3339(time)


def test_lags_have_a_sign() -> None:
    assert lag(NIGHT, NIGHT + timedelta(seconds=19)) == "+19 s"
    assert lag(NIGHT, NIGHT - timedelta(seconds=19)) == "−19 s"


THE_NEXT_DAY = datetime(2025, 11, 5, tzinfo=UTC)
LOG = "".join(
    f"Nov  4 03:{minute:02}:12 web1 app[7]: dial tcp 192.0.2.30:5432: connect: connection refused\n"
    for minute in range(10, 20)
)


@pytest.mark.parametrize(
    ("zone", "zones", "shown"),
    [
        (None, {}, "UTC"),
        ("Europe/Zagreb", {}, "Europe/Zagreb"),
        (None, {"web1": "Europe/Zagreb"}, "Europe/Zagreb"),
        ("UTC+1", {}, "+01:00"),
        ("+00:00", {}, "UTC"),
        ("Europe/Zagreb", {"other": "Asia/Tokyo"}, "UTC"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", {}, "UTC"),
    ],
)
def test_times_are_in_the_zone_that_was_given(
    tmp_path: Path, zone: str | None, zones: dict[str, str], shown: str
) -> None:
    log = tmp_path / "web1.log"
    log.write_text(LOG, encoding="utf-8")
    os.utime(log, (THE_NEXT_DAY.timestamp(), THE_NEXT_DAY.timestamp()))
    report = analyze(AnalyzeRequest(inputs=(str(tmp_path),), zone=zone, zones=zones, now=THE_NEXT_DAY))
    assert report.zone == shown
    if shown != "UTC":
        both = "2025-11-04 03:10:12+01:00 · 02:10:12Z"
        text = render(report, "md")
        assert f"- Started: {both}" in text
        assert f"  {both}  web1 app" in text
        assert both in summary(report)
        assert "03:10:12+01:00 · 02:10:12Z</time>" in render(report, "html")

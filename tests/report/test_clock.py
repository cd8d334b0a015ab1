"""Times and durations in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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

"""--since and --until read as systemd.time(7) says; systemd-analyze is the oracle where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcorr.errors import UsageError
from logcorr.times.timespec import parse_when

NOW = datetime(2025, 11, 4, 3, 0, 45, 250_000, tzinfo=UTC)
BERLIN = "Europe/Berlin"

READINGS = {
    "2025-11-04 03:00:45": "2025-11-04T02:00:45",
    "Tue 2025-11-04 03:00:45.25": "2025-11-04T02:00:45.250000",
    "tuesday 2025-11-04": "2025-11-03T23:00:00",
    "2025-11-04T03:00:45Z": "2025-11-04T03:00:45",
    "2025-11-04T03:00+05:30": "2025-11-03T21:30:00",
    "2025-11-04 03:00 -0330": "2025-11-04T06:30:00",
    "2025-11-04 03:00 +02": "2025-11-04T01:00:00",
    "2025-11-04 03:00 UTC": "2025-11-04T03:00:00",
    "2025-11-04 UTC": "2025-11-04T00:00:00",
    "2025-11-04 03:00 America/New_York": "2025-11-04T08:00:00",
    "2025-07-04 03:00 CET": "2025-07-04T02:00:00",
    "2025-11-04 03:00 CEST": "2025-11-04T01:00:00",
    "25-11-04": "2025-11-03T23:00:00",
    "99-11-04": "1999-11-03T23:00:00",
    "11:12": "2025-11-04T10:12:00",
    "23:59:60": "2025-11-04T23:00:00",
    "1:2:3.1234567": "2025-11-04T00:02:03.123456",
    "11:12 UTC": "2025-11-04T11:12:00",
    "2025-10-26 02:30": "2025-10-26T01:30:00",
    "2025-03-30 02:30": "2025-03-30T01:30:00",
    "now": "2025-11-04T03:00:45.250000",
    "today": "2025-11-03T23:00:00",
    "yesterday": "2025-11-02T23:00:00",
    "yesterday UTC": "2025-11-03T00:00:00",
    "tomorrow Pacific/Auckland": "2025-11-04T11:00:00",
    "+3h30min": "2025-11-04T06:30:45.250000",
    "-5": "2025-11-04T03:00:40.250000",
    "-1h 30min": "2025-11-04T01:30:45.250000",
    "11min ago": "2025-11-04T02:49:45.250000",
    "2 hours left": "2025-11-04T05:00:45.250000",
    "1.5h ago": "2025-11-04T01:30:45.250000",
    "-1M": "2025-10-04T16:30:45.250000",
    "-1m": "2025-11-04T02:59:45.250000",
    "@1395716396": "2014-03-25T02:59:56",
    "@1395716396.25": "2014-03-25T02:59:56.250000",
}

REFUSED = (
    *("", "ago", "3h", "Sat 2025-11-04", "2025-02-30", "24:00", "11:60", "2025-11-04T", "@-5", "@", "-3 parsecs", "- "),
    *("2025-11-04 03:00 Mars/Olympus", "2025-11-04 03:00 +25:00", "Mon", "10:00 ago", "٣h ago", "2025-11-04 03:00:00."),
    *("-99999999999999y", "-3Min", "2025-11-04 03:00 ../../etc/passwd", "9999-12-31 23:00 -05"),
)


@pytest.mark.parametrize(("text", "utc"), READINGS.items())
def test_reads_the_grammar(text: str, utc: str) -> None:
    when = parse_when(text, NOW, BERLIN)
    assert when == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert when.tzinfo is UTC


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_when(text, NOW, BERLIN)
    assert refusal.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert parse_when(text, NOW, BERLIN).utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        *("2012-11-23 11:12:13", "Fri 2012-11-23 11:12:13", "2012-11-23 11:12:13 UTC", "2012-11-23 11:12", "12-11-23"),
        *("2012-11-23", "2025-10-26 02:30", "2025-03-30 02:30", "2025-10-26 01:59:59", "2025-10-26 03:00", "68-11-23"),
        *("2012-7-1 1:2:3", "1999-12-31 23:59:60", "@1395716396", "2012-11-23 CEST", "2012-11-23 11:12:13.5"),
    ],
)
@pytest.mark.parametrize("zone", [BERLIN, "UTC", "America/New_York"])
def test_agrees_with_systemd_analyze(text: str, zone: str) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    run = subprocess.run(
        [program, "timestamp", "--", text],
        capture_output=True,
        text=True,
        env={**os.environ, "TZ": zone, "LC_ALL": "C"},
        check=False,
    )
    theirs = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in run.stdout.splitlines())}
    if run.returncode:
        with pytest.raises(UsageError):
            parse_when(text, NOW, zone)
        return
    ours = parse_when(text, NOW, zone)
    assert f"@{int(ours.timestamp())}" == theirs["UNIX seconds"].partition(".")[0]


def test_systemd_analyze_agrees_on_today() -> None:
    assert (
        parse_when("today", NOW, "UTC")
        == parse_when("00:00", NOW, "UTC")
        == NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    )

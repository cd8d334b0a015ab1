"""The picture of ``logcorr check``: what it shows of boots, losses and silence, in any width, of any span."""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from logcorr.cli.terminal import bars
from tests.conftest import ROOT

START = datetime(2025, 11, 4, 0, 0, tzinfo=UTC)


def check(*words: str | Path, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "FORCE_COLOR"}}
    done = subprocess.run(
        [sys.executable, "-m", "logcorr", "check", *map(str, words)],
        capture_output=True,
        env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


def log(place: Path, seconds: list[float], message: str = "tick", host: str = "h") -> Path:
    lines = [
        f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%S.%f}+00:00 {host} app: {message}" for second in seconds
    ]
    place.write_text("".join(f"{line}\n" for line in lines))
    return place


def export(place: Path, entries: list[tuple[float, str, str]]) -> Path:
    """A journal export of (second, boot, message)."""
    place.write_text(
        "".join(
            f"__REALTIME_TIMESTAMP={int((START + timedelta(seconds=second)).timestamp() * 1e6)}\n"
            f"__MONOTONIC_TIMESTAMP={int(second * 1e6)}\n_BOOT_ID={boot}\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=app\n"
            f"MESSAGE={message}\n\n"
            for second, boot, message in entries
        )
    )
    return place


def bar_of(text: str, name: str) -> tuple[str, str]:
    """The bar of an input, and the line beneath it."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if f" {name} " in line and "█" in line)
    width = lines[at].rindex(" ") + 1
    return lines[at][width:], lines[at + 1][width:]


def test_boots_silence_and_suppressed_messages_are_in_the_picture(tmp_path: Path) -> None:
    minutes = [*range(60), *range(180, 360)]
    entries = [(60.0 * minute, "a" * 32 if minute < 200 else "b" * 32, f"tick {minute}") for minute in minutes]
    entries[150] = (entries[150][0], "b" * 32, "Suppressed 12 messages from app.service")
    place = export(tmp_path / "h.export", entries)
    text = check(place)
    bar, marks = bar_of(text, "h.export")
    quarter = len(bar) // 4
    assert set(bar[quarter : quarter * 2 - 2]) == {"░"}
    assert "b" in marks[quarter * 2 :]
    assert "r" in marks[quarter * 2 :]
    legend = " ".join(text.split())
    assert "░ silent" in legend
    assert "r messages suppressed" in legend
    assert "b boot" in legend


@pytest.mark.parametrize(
    ("columns", "span"), [(30, 0.002), (40, 40), (60, 7200), (80, 86_400 * 3), (200, 86_400 * 1500)]
)
def test_it_fits_any_width_and_any_span(tmp_path: Path, columns: int, span: float) -> None:
    place = log(tmp_path / "app.log", [span * part / 40 for part in range(41)])
    text = check(place, COLUMNS=str(columns))
    assert max(len(line) for line in text.splitlines()) <= columns
    bar, _ = bar_of(text, "app.log")
    assert len(bar) >= columns / 2
    assert "41 from 41 lines" in text.replace("\n" + " " * 12, " ")


def test_fifty_sources_have_a_line_each(tmp_path: Path) -> None:
    for number in range(50):
        log(tmp_path / f"host{number:02}-with-a-rather-long-name.log", [number, number + 60], host=f"h{number}")
    text = check(tmp_path, NO_COLOR="1")
    picture = text[text.rindex("\n\n") :].splitlines()
    assert sum("█" in line for line in picture) == 50
    assert "\x1b" not in text
    assert max(map(len, picture)) <= 80
    assert "50 inputs, 100 records" in text


def test_lines_are_accounted_for_and_the_commonest_shapes_are_shown(tmp_path: Path) -> None:
    place = log(tmp_path / "app.log", [0, 1, 2, 3600])
    with place.open("a") as file:
        file.write("    more\n\n" + "what is 12 this\n" * 3)
    text = check(place, "--until", "2025-11-04 00:30 UTC")
    assert "4 from 9 lines, 3 not understood (33.3%), 1 folded into the record before, 1 blank or markers" in (
        " ".join(text.split())
    )
    assert "; 1 outside the window" in " ".join(text.split())
    assert "3 x what is # this" in text


def test_a_file_that_ends_early_says_so(tmp_path: Path) -> None:
    whole = gzip.compress(log(tmp_path / "a.log", [float(number) for number in range(5000)]).read_bytes())
    (tmp_path / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    text = " ".join(check(tmp_path / "cut.log.gz").split())
    assert "note reading stopped early: " in text
    assert "unreadable: " in text
    found = json.loads(check(tmp_path / "cut.log.gz", "--json"))
    assert found["inputs"][0]["notes"][0].startswith("reading stopped early")


def test_duplicates_are_said_to_be_elsewhere(tmp_path: Path) -> None:
    log(tmp_path / "a.log", list(range(100)))
    log(tmp_path / "b.log", list(range(100)))
    assert "(all in other inputs too)" in check(tmp_path)


def test_a_terminal_without_unicode_gets_plain_signs(tmp_path: Path) -> None:
    text = check(log(tmp_path / "žurnal.log", [0, 1, 5]), PYTHONIOENCODING="ascii")
    assert "@" in text


def test_many_gaps_of_one_kind_are_folded(tmp_path: Path) -> None:
    seconds = [float(burst * 100_000 + second) for burst in range(12) for second in range(60)]
    place = log(tmp_path / "a.log", seconds)
    with place.open("a") as file:
        for number in range(9):
            stamp = START + timedelta(seconds=number * 100_000 + 30)
            file.write(f"{stamp:%Y-%m-%dT%H:%M:%S}+00:00 h app: Suppressed {number + 2} messages from x{number}\n")
    assert "rate-limited: 4 more of these; --json lists all" in check(place)


def test_the_fewest_records_are_seen_beside_the_most() -> None:
    slices = pl.DataFrame({"records": [1, 0, 0, 1_000_000], "gap": [None, "silence, unparsed", "unparsed", None]})
    assert bars.bar(slices, bars.FINE) == "▁░·█"


def test_names_keep_what_tells_them_apart() -> None:
    assert bars.short_names(["a/b/c", "a/b/d/e", "a/x"]) == ["b/c", "b/d/e", "x"]
    assert bars.short_names(["y.log", "-"]) == ["y.log", "-"]
    assert bars.fitted("var/log/syslog", 8, bars.FINE) == "…/syslog"


def test_an_archive_of_empty_files_is_counted_and_does_not_flood(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.write(log(tmp_path / "app.log", [0, 60]), "app.log")
        for number in range(300):
            archive.writestr(f"empty/{number}.log", "")
    said = check(tmp_path / "logs.zip")
    assert said.count("the file is empty") == 21
    assert "280 more not used: the file is empty; --json lists all" in said
    assert len(json.loads(check(tmp_path / "logs.zip", "--json"))["inputs"]) == 301

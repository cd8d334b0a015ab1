"""A timeline that is meant to leave the house: no private value in any format, in no field and not on the terminal."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from tests.cli.test_hands import on_a_terminal
from tests.redact import canaries
from tests.test_cli import logcorr, said

FORMATS = ("csv", "ndjson", "txt")
OWN = ("quokka-7", "vermont", "wombat-nas")  # names that only a field, a folder or an option gives away
BASE = 1_772_413_200_000_000


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which each canary is a message, in a folder and of a host that nothing else names."""
    folder = tmp_path_factory.mktemp("of") / OWN[1] / OWN[2]
    folder.mkdir(parents=True)
    entries = [
        {
            "__REALTIME_TIMESTAMP": str(BASE + number * 1_000_000),
            "_HOSTNAME": OWN[0],
            "SYSLOG_IDENTIFIER": "app",
            "_SYSTEMD_UNIT": f"backup@{OWN[0]}.service",
            "MESSAGE": canary.text,
        }
        for number, canary in enumerate(canaries.every())
    ]
    place = folder / f"{OWN[0]}.json"
    place.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return place


def left(text: str) -> list[str]:
    text = text.lower()
    return [each.needle for each in canaries.every() if each.needle.lower() in text] + [
        name for name in OWN if name in text
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_canary_survives_in_a_timeline(journal: Path, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"all.{suffix}"
    done = logcorr("timeline", "-q", journal, "--redact", "share", "-o", out)
    assert done.returncode == 0, said(done)
    text = out.read_text("utf-8")
    assert text.count("host-") >= len(canaries.every()) >= 400
    assert left(text) == []


def test_no_canary_survives_in_a_pipe_or_on_a_terminal(journal: Path) -> None:
    piped = logcorr("timeline", "-q", journal, "--redact", "share").stdout.decode()
    _, shown = on_a_terminal("timeline", "-q", journal, "--redact", "share", columns=400)
    assert left(piped) == left(re.sub(r"\x1b\[[0-9;]*[mK]", "", shown)) == []


def test_one_map_gives_a_timeline_the_labels_of_the_report(journal: Path, tmp_path: Path) -> None:
    kept = tmp_path / "map.json"
    logcorr("analyze", "-q", journal, "-o", tmp_path / "r.json", "--redaction-map", kept)
    done = logcorr("timeline", "-q", journal, "--redaction-map", kept, "-o", tmp_path / "t.csv")
    assert done.returncode == 0, said(done)
    told = {row["value"]: row["label"] for row in json.loads(kept.read_text())["labels"]}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads((tmp_path / "r.json").read_text())["inputs"][0]["host"] == told[OWN[0]]
    assert f",{told[OWN[0]]},app," in (tmp_path / "t.csv").read_text()


def test_a_timeline_that_nobody_asked_to_redact_is_as_it_was(journal: Path) -> None:
    assert OWN[0] in logcorr("timeline", "-q", journal, "-n", "1").stdout.decode()
    assert OWN[0] in logcorr("timeline", "-q", journal, "-n", "1", "--redact", "none").stdout.decode()


def test_what_a_record_that_is_not_shown_gives_away_is_hidden_in_those_that_are(tmp_path: Path) -> None:
    lines = ("sshd[7]: Accepted publickey for wilhelmina from 192.0.2.7 port 5022 ssh2", "backup: wilhelmina is done")
    (tmp_path / "a.log").write_text(
        "".join(f"2026-03-02T01:00:0{n}+00:00 web {line}\n" for n, line in enumerate(lines))
    )
    shown = logcorr("timeline", "-q", tmp_path / "a.log", "--redact", "share", "-t", "backup").stdout.decode()
    assert shown.endswith("backup: user-1 is done\n")

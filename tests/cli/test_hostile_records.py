"""A timeline of hostile records: nothing in it runs in a spreadsheet or acts on a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path

import pytest

from tests.cli.test_hands import on_a_terminal
from tests.hostile.test_outputs import logcorr
from tests.report import hostile

FORMULAS = tuple(
    f"{before}{sign}cmd|' /C calc'!A0"
    for before in ("", " ", "\t", '"', "x;", "x\t", "x\n", "x\r", "x; ", 'x;"', ";;", "\n\n")
    for sign in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
)
PAYLOADS = tuple(dict.fromkeys((*hostile.ALL, *hostile.CROSSED, *FORMULAS)))


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal whose entries hold a payload each, as host, program, unit and message."""
    place = tmp_path_factory.mktemp("poisoned") / "journal.json"
    entries = (
        {
            "__REALTIME_TIMESTAMP": str(1_772_413_200_000_000 + number * 1_000_000),
            **dict.fromkeys(("_HOSTNAME", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "MESSAGE"), payload),
        }
        for number, payload in enumerate(PAYLOADS)
    )
    place.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return place


def test_no_payload_is_a_formula_in_any_cell_of_a_timeline(poisoned: Path, tmp_path: Path) -> None:
    """As a spreadsheet reads it that takes commas, semicolons or tabs to separate cells."""
    assert len(PAYLOADS) >= 300
    done = logcorr("timeline", "-q", poisoned, "-o", tmp_path / "t.csv")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "t.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(PAYLOADS)
    for separator in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
        assert [cell for cell in cells if cell.strip(' "\t\r\n')[:1] in tuple("=+-@＝＋－＠") and cell.strip()] == []


@pytest.mark.parametrize("form", ["table", "csv", "ndjson"])
def test_no_payload_acts_on_a_terminal(poisoned: Path, form: str) -> None:
    _, shown = on_a_terminal("timeline", "-q", poisoned, "--format", form, columns=200)
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown).replace("\r\n", "\n")  # colours are ours
    acting = {sign for sign in plain if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n"}
    assert acting == set()


def test_no_payload_acts_where_a_pipe_leads(poisoned: Path) -> None:
    piped = logcorr("timeline", "-q", poisoned)
    assert len(piped.stdout.splitlines()) == len(PAYLOADS)
    acting = {sign for sign in piped.stdout if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n"}
    assert acting == set()

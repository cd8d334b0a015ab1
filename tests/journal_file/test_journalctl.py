"""The same entries as journalctl, field by field, in every layout that systemd-journal-remote writes."""

import itertools
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from logcorr import parsers, schema
from logcorr.parsers.formats.journal import export
from logcorr.parsers.formats.journal_file import read_journal
from tests.journal_file import expected, nasty, systemd
from tests.parsers.alone import read_alone

LAYOUTS = list(itertools.product((True, False), repeat=2))


@pytest.fixture(scope="module", params=LAYOUTS, ids=lambda layout: f"compact-{layout[0]}-keyed-{layout[1]}")
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "nasty.journal"
    compact, keyed = request.param
    assert systemd.write(path, nasty.entries(1500, seed=1), compact=compact, keyed=keyed) == [path]
    return path


def test_rows_say_what_journalctl_prints(journal: Path) -> None:
    batch = read_journal(journal.read_bytes())
    entries = systemd.journalctl(journal)
    assert batch.rows.height == batch.lines == len(entries) == 1500
    assert dict(batch.rows.schema) == schema.RECORDS
    wanted = pl.DataFrame([expected.row(entry) for entry in entries], schema=dict(schema.RECORDS))
    known = list(expected.row(entries[0]))
    assert_frame_equal(batch.rows.select(known), wanted.select(known))


def test_rows_say_what_journalctl_prints_as_json(journal: Path) -> None:
    rows = read_journal(journal.read_bytes()).rows
    entries = systemd.from_json(systemd.json_output(journal))
    assert rows.height == len(entries) == 1500
    wanted = pl.DataFrame([expected.row(entry) for entry in entries], schema=dict(schema.RECORDS))
    known = list(expected.row(entries[0]))
    assert_frame_equal(rows.select(known), wanted.select(known))


def test_rows_are_those_of_the_export(tmp_path: Path) -> None:
    """Trust included: a file and its export give the same rows."""
    path = tmp_path / "once.journal"
    systemd.write(path, nasty.entries(1500, seed=2, repeated=False), compact=True, keyed=True)
    native = read_journal(path.read_bytes()).rows
    text = read_alone(export.EXPORT, systemd.output(path)).rows
    places = ["line", "offset", "priority"]
    assert_frame_equal(native.drop(places), text.drop(places))


def test_rows_are_numbered_and_located(journal: Path) -> None:
    data = journal.read_bytes()
    rows = read_journal(data, first_offset=5000).rows
    assert rows["line"].to_list() == list(range(1, 1501))
    kinds = {data[offset - 5000] for offset in rows["offset"]}
    assert kinds == {3}


def test_the_file_is_recognised_and_counted(journal: Path) -> None:
    with journal.open("rb") as file:
        source = parsers.read("nasty.journal", file)
    assert source.format == "journal-file"
    assert (source.lines, source.rows.height, source.unparsed.height) == (1500, 1500, 0)
    assert source.facts.notes[1] == "header says 1500 entries, read 1500"

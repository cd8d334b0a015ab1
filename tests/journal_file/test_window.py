"""Windows of journals: the same records as of the whole files, at the same times, and little else is read."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from logcorr.inputs import sources, windows
from logcorr.inputs.request import LOOK_BACK, AnalyzeRequest
from logcorr.parsers.formats.journal_file import read_journal
from logcorr.parsers.formats.journal_file.index import open_index
from logcorr.parsers.formats.journal_file.window import within
from logcorr.schema import Source
from tests.journal_file import systemd, writer

START = 1_762_214_400_000_000
SECOND = 1_000_000
Entry = Mapping[str, Sequence[bytes]]


def entry(wall: int, mono: int, boot: int, number: int, message: str = "", host: str = "opg-srv") -> Entry:
    fields = {
        "__REALTIME_TIMESTAMP": str(wall),
        "__MONOTONIC_TIMESTAMP": str(mono),
        "_BOOT_ID": f"{boot:032x}",
        "_HOSTNAME": host,
        "_TRANSPORT": "syslog",
        "SYSLOG_IDENTIFIER": f"daemon{number % 7}",
        "MESSAGE": message or f"line {number}: {'x' * (number % 50)}",
    }
    return {name: [value.encode()] for name, value in fields.items()}


def history(count: int, seed: int, boots: int = 3, sets: Mapping[int, int] | None = None) -> Iterator[Entry]:
    """Entries of some boots; before entry n of ``sets`` the clock is set by so many seconds."""
    rnd = random.Random(seed)
    wall, mono, boot = START, SECOND, 1
    for number in range(count):
        step = rnd.randrange(1_000, 2 * SECOND)
        wall, mono = wall + step, mono + step
        if number and number % (count // boots) == 0:
            wall, mono, boot = wall + 30 * SECOND, SECOND, boot + 1
        wall += (sets or {}).get(number, 0) * SECOND
        yield entry(wall, mono, boot, number)


def written(folder: Path, entries: Sequence[Entry], files: int = 3, flags: int = writer.COMPACT) -> list[Path]:
    """The entries as journal files, one after another; sequence numbers count on."""
    folder.mkdir(exist_ok=True)
    size = -(-len(entries) // files)
    paths = []
    for number in range(files):
        path = folder / f"system@{number}.journal"
        path.write_bytes(writer.build(entries[number * size : (number + 1) * size], flags, first=number * size + 1))
        paths.append(path)
    return paths


def merged(paths: Sequence[Path], since: int | None, until: int | None, *, whole: bool) -> tuple[pl.DataFrame, int]:
    """The timeline of a window (seconds after the start), and how many entries were read for it."""
    request = AnalyzeRequest(
        inputs=[str(path) for path in paths],
        since=None if since is None else at(since),
        until=None if until is None else at(until),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(windows, "SMALL", 1 << 60 if whole else 0)
        read = list(sources.read_sources(request, windows.reach_of(request, LOOK_BACK)))
        timeline, _ = sources.read_timeline(request, margin=LOOK_BACK)
    names = {number: item.path for number, item in enumerate(timeline.inputs)}
    frame = timeline.frame.with_columns(pl.col("source").replace_strict(names, return_dtype=pl.String))
    return frame, sum(item.rows.height for item in read if isinstance(item, Source))


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(START / SECOND, UTC) + timedelta(seconds=seconds)


CLOCKS: Mapping[str, Mapping[int, int]] = {
    "steady": {},
    "set early in a boot": {2003: 5_000, 2000: -5_000},
    "set back later": {3_500: -700},
    "set ahead twice": {2_900: 90, 4_000: 1_800},
    "wrong until set": {2_000: -40_000, 2_150: 40_000},
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("window", [(1_000, 1_600), (None, 300), (4_700, None), (2_900, 3_100), (0, 100_000)])
def test_a_window_changes_no_record(clock: str, window: tuple[int | None, int | None], tmp_path: Path) -> None:
    paths = written(tmp_path / "journal", list(history(6_000, seed=len(clock), sets=CLOCKS[clock])))
    part, read = merged(paths, *window, whole=False)
    whole, every = merged(paths, *window, whole=True)
    assert every == 6_000
    assert_frame_equal(part, whole)
    if clock == "steady" and window == (1_000, 1_600):
        assert read < 3_000  # the window, ten minutes and five more on both sides: 2,400 seconds, 2,400 lines


def test_inputs_are_told_of_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SMALL", 0)
    paths = written(tmp_path / "journal", list(history(6_000, seed=1)))
    request = AnalyzeRequest(inputs=[str(tmp_path / "journal")], since=at(10), until=at(60))
    timeline, refused = sources.read_timeline(request, margin=LOOK_BACK)
    assert refused == ()
    assert [item.path for item in timeline.inputs] == [str(path) for path in paths]
    assert [item.records for item in timeline.inputs] == [2_000] * 3
    assert sum(item.records - item.outside for item in timeline.inputs) == timeline.frame.height
    whole = pl.concat([read_journal(path.read_bytes()).rows.with_columns(path=pl.lit(str(path))) for path in paths])
    ends = whole.group_by("path").agg(pl.col("stamp").min(), last=pl.col("stamp").max()).sort("path").rows()
    found = [(item.path, item.first, item.last) for item in timeline.inputs]
    assert [(path, *(end and end.replace(tzinfo=None) for end in span)) for path, *span in found] == ends
    assert timeline.inputs[2].notes[1] == "0 of 2,000 entries were read: none lies near the window"


def test_entries_are_found_by_number(tmp_path: Path) -> None:
    for flags in (0, writer.COMPACT):
        path = tmp_path / f"{flags}.journal"
        path.write_bytes(writer.build(list(history(700, seed=2)), flags, tail=5_000))
        rows = read_journal(path.read_bytes()).rows
        index = open_index(path)
        assert index is not None
        assert index.count == 700
        for first, last in ((0, 700), (3, 5), (4, 13), (699, 700), (250, 600)):
            numbers = pl.Series(range(first, last)).to_numpy()
            found = index.heads(numbers)
            assert found is not None
            assert found[0].tolist() == rows["offset"][first:last].to_list()


def test_an_open_file_may_hold_more_than_it_lists(tmp_path: Path) -> None:
    made, entries = writer.Writer(writer.COMPACT), list(history(500, seed=3))
    for each in entries[:480]:
        made.add(each)
    path = tmp_path / "system.journal"
    path.write_bytes(made.finish(state=writer.ONLINE, late=entries[480:], tail=9_000))
    index = open_index(path)
    assert index is not None
    assert index.count == 500
    part, _ = merged([path], 400, None, whole=False)
    whole, _ = merged([path], 400, None, whole=True)
    assert_frame_equal(part, whole)
    assert part.height


@pytest.mark.parametrize("damage", range(40))
def test_what_is_damaged_is_read_whole(damage: int, tmp_path: Path) -> None:
    rnd = random.Random(damage)
    (path,) = written(tmp_path / "journal", list(history(900, seed=4)), files=1)
    data = bytearray(path.read_bytes())
    for _ in range(rnd.randrange(1, 30)):
        start = rnd.randrange(264, len(data) - 64)
        data[start : start + 64] = rnd.randbytes(64) if damage % 2 else bytes(64)
    if damage % 5 == 0:
        del data[rnd.randrange(len(data)) :]
    path.write_bytes(data)
    rows = read_journal(bytes(data)).rows
    if rows.filter(pl.col("stamp").is_between(at(100).replace(tzinfo=None), at(300).replace(tzinfo=None))).height:
        part, _ = merged([path], 100, 300, whole=False)
        whole, _ = merged([path], 100, 300, whole=True)
        assert_frame_equal(part.select("time", "line", "message"), whole.select("time", "line", "message"))


def test_files_of_systemd(tmp_path: Path) -> None:
    for compact in (True, False):
        (tmp_path / str(compact)).mkdir()
        paths = systemd.write(
            tmp_path / str(compact) / "system.journal", history(3_000, seed=5), compact=compact, keyed=True
        )
        found = within(paths, START + 1_000 * SECOND, START + 1_200 * SECOND)
        assert set(found) == set(paths)
        part, read = merged(paths, 1_000, 1_200, whole=False)
        whole, _ = merged(paths, 1_000, 1_200, whole=True)
        assert_frame_equal(part, whole)
        assert read < 2_300


def test_machines_are_compared_over_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another input beside the journal, more of it is read than the window."""
    paths = written(tmp_path / "journal", list(history(6_000, seed=6)))
    (tmp_path / "router.log").write_text("2025-11-04T00:20:00Z router kernel: eth0: link down\n" * 3)
    monkeypatch.setattr(windows, "SMALL", 0)
    request = AnalyzeRequest(inputs=[*map(str, paths), str(tmp_path / "router.log")], since=at(10), until=at(60))
    timeline, _ = sources.read_timeline(request)
    assert not any("were read" in note for item in timeline.inputs for note in item.notes if item.records != 2_000)

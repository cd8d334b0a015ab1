"""Kept rulebooks: the same as those read anew, and none used that may be damaged, stale or foreign."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from logcorr.errors import RuleError
from logcorr.events.wordbook import open_wordbook
from logcorr.rulebook import kept, load_rules
from logcorr.rulebook.files import RuleFile
from logcorr.rulebook.models import Rulebook
from tests.rulebook.test_load import EVENTS, write


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "logcorr"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write(tmp_path / "own", {"events/app.yaml": EVENTS})


def the_file(cache: Path) -> Path:
    (found,) = cache.iterdir()
    return found


def fails_to_read(*_: object) -> Rulebook:
    raise AssertionError("the rules were read again")


def test_a_kept_rulebook_is_the_one_that_was_read(cache: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = load_rules([own])
    assert the_file(cache).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("logcorr.rulebook.reading.read_rules", fails_to_read)
    again = load_rules([own])
    assert again == read
    assert again.causes.keys() == read.causes.keys()
    assert type(next(iter(again.causes.values())).look_back) is float
    one, other = open_wordbook(read), open_wordbook(again)
    assert [entry.wording for entry in one.entries] == [entry.wording for entry in other.entries]
    assert one.dtypes == other.dtypes


def test_all_wordings_are_kept_compiled(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules()
    monkeypatch.setattr("logcorr.rulebook.wordings.read_regex", fails_to_read)
    monkeypatch.setattr("logcorr.rulebook.wordings.template_parts", fails_to_read)
    open_wordbook(load_rules())


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "another version", "no object", "another shape"])
def test_damaged_files_are_passed_over(cache: Path, own: Path, damage: str) -> None:
    read = load_rules([own], shipped=False)
    place = the_file(cache)
    data = place.read_bytes()
    body = {"no object": b"[]", "another shape": b'{"events": 1}'}.get(damage)
    place.write_bytes(
        {
            "empty": b"",
            "cut": data[: len(data) // 2],
            "flipped": data[:-20] + b"x" + data[-19:],
            "another version": data.replace(b"logcorr rules", b"logcorr rule ", 1),
        }.get(damage)
        or (kept._head(place.stem.removeprefix("rules-"), body).encode() + b"\n" + body if body else b"")
    )
    assert load_rules([own], shipped=False) == read
    assert place.read_bytes() == data


@pytest.mark.parametrize("what", ["file", "folder"])
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_may_write_is_not_used(
    cache: Path, own: Path, what: str, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_rules([own], shipped=False)
    place = the_file(cache) if what == "file" else cache
    place.chmod(place.stat().st_mode | mode)
    monkeypatch.setattr("logcorr.rulebook.reading.read_rules", fails_to_read)
    with pytest.raises(AssertionError):
        load_rules([own], shipped=False)


def test_a_link_to_a_folder_is_not_used(cache: Path, own: Path, tmp_path: Path) -> None:
    load_rules([own], shipped=False)
    cache.rename(tmp_path / "elsewhere")
    cache.symlink_to(tmp_path / "elsewhere")
    name = next((tmp_path / "elsewhere").iterdir()).stem.removeprefix("rules-")
    assert kept.load(name) is None


def test_what_another_user_owns_is_not_used(cache: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules([own], shipped=False)
    name = the_file(cache).stem.removeprefix("rules-")
    assert kept.load(name) is not None
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)
    assert kept.load(name) is None


def test_another_file_place_or_version_is_another_rulebook(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(*, name: str = "a.yaml", text: bytes = b"x", shown: str = "rules/a.yaml", folder: int = 0) -> str | None:
        return kept.key([RuleFile(shown, name, text, shipped=True, folder=folder)])

    keys = {key(), key(name="b.yaml"), key(text=b"y"), key(shown="c.yaml"), key(folder=1)}
    monkeypatch.setattr(kept, "__version__", "0.0.0")
    assert len(keys | {key()}) == 6


def test_code_that_reads_otherwise_makes_another_rulebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.key([])
    (tmp_path / "models.py").write_text("longer = True")
    monkeypatch.setattr(kept, "__file__", str(tmp_path / "kept.py"))
    assert kept.key([]) not in {before, None}


def test_faulty_rules_are_not_kept(cache: Path, tmp_path: Path) -> None:
    faulty = write(tmp_path / "faulty", {"events/app.yaml": EVENTS.replace("says", "say", 1)})
    for _ in range(2):
        with pytest.raises(RuleError):
            load_rules([faulty], shipped=False)
    assert not cache.exists()


def test_a_home_that_cannot_be_written_is_no_fault(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_rules([own], shipped=False).events
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    assert load_rules([own], shipped=False).events


def test_only_a_few_are_kept(cache: Path, own: Path) -> None:
    for number in range(12):
        (own / "events" / "app.yaml").write_text(EVENTS + f"# {number}\n")
        load_rules([own], shipped=False)
    assert len(list(cache.iterdir())) == 8


def test_what_is_used_stays_however_many_are_made_after_it(
    cache: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_rules([own], shipped=False)
    for number in range(12):
        other = write(tmp_path / "other", {"events/app.yaml": EVENTS + f"# {number}\n"})
        load_rules([other], shipped=False)
        with monkeypatch.context() as patched:
            patched.setattr("logcorr.rulebook.reading.read_rules", fails_to_read)
            assert load_rules([own], shipped=False).events


def test_processes_share_the_folder(cache: Path, own: Path) -> None:
    code = f"from pathlib import Path; from logcorr.rulebook import load_rules; load_rules([Path({str(own)!r})])"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert kept.load(the_file(cache).stem.removeprefix("rules-")) == load_rules([own])

"""``logcorr.toml``: what it sets, what it cannot, and how each mistake in it is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_cli import ROUTER


def run(folder: Path, *words: str | Path, **environment: str) -> tuple[int, list[str], list[str]]:
    """The exit code, and the lines on standard output and standard error, of a run in ``folder``."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")  # no run reads the shipped rules anew
    home = {"HOME": str(folder / "home"), "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": cache, "LOGCORR_CONFIG": ""}
    done = subprocess.run(
        [sys.executable, "-m", "logcorr", *map(str, words)],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **home, **environment},
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def test_a_file_here_gives_options_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "logcorr.toml").write_text('grep = "WAN"\n[timeline]\nlines = 2\nlocal = true\nquiet = true\n')
    code, shown, told = run(tmp_path, "timeline", ROUTER, TZ="Asia/Kolkata")
    assert (code, len(shown)) == (0, 2)
    assert all("WAN" in line and "+05:30" in line for line in shown)
    assert told == ["logcorr: logcorr.toml: --grep WAN --lines 2 --local"]
    code, shown, told = run(tmp_path, "timeline", ROUTER, "-n", "1", "--utc")
    assert (code, len(shown), told) == (0, 1, ["logcorr: logcorr.toml: --grep WAN"])
    assert len(run(tmp_path, "--no-config", "timeline", ROUTER)[1]) > 100


def test_the_file_of_the_folder_counts_more_than_the_users_own(tmp_path: Path) -> None:
    own = tmp_path / "home" / ".config" / "logcorr"
    own.mkdir(parents=True)
    (own / "logcorr.toml").write_text('[timeline]\nlines = 5\nout = "mine.csv"\n')
    assert run(tmp_path, "timeline", ROUTER)[:2] == (0, [])
    assert len((tmp_path / "mine.csv").read_text("utf-8").splitlines()) == 6
    (tmp_path / "logcorr.toml").write_text("[timeline]\nlines = 3\n")
    run(tmp_path, "timeline", ROUTER)
    assert len((tmp_path / "mine.csv").read_text("utf-8").splitlines()) == 4
    (tmp_path / "third.toml").write_text("[timeline]\nlines = 1\n")
    assert len(run(tmp_path, "--config", "third.toml", "timeline", ROUTER)[1]) == 1
    assert len(run(tmp_path, "timeline", ROUTER, LOGCORR_CONFIG="third.toml")[1]) == 1


def test_what_it_sets_stands_in_the_report_and_it_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "router.log").write_bytes(ROUTER.read_bytes())
    (tmp_path / "logcorr.toml").write_text('tz = ["router.log=+01:00"]\n[analyze]\nsite = ["here=controller_opg"]\n')
    code, shown, _ = run(tmp_path, "analyze", ".", "--json")
    report = json.loads("\n".join(shown))
    assert code == 0
    assert "--tz router.log=+01:00 --site here=controller_opg" in report["tool"]["command"]
    assert {item["path"] for item in report["inputs"]} == {"router.log"}


def test_paths_begin_at_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "deep" / "mine").mkdir(parents=True)
    (tmp_path / "deep" / "mine" / "own.yaml").write_text(
        "program: omada\nevents:\n  own.thing: {says: 'no line says this', means: Nothing.}\n"
    )
    (tmp_path / "deep" / "own.toml").write_text('[rules.list]\nrules = "mine"\n')
    code, shown, _ = run(tmp_path, "--config", "deep/own.toml", "rules", "list", "events")
    assert code == 0
    assert any("own.thing" in line for line in shown)


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("tzz = 1", "logcorr.toml:1: there is no option 'tzz'", "did you mean tz"),
        ("[analyse]\ntz = []", "logcorr.toml:1: there is no command 'analyse'", "did you mean analyze"),
        ("[rules.tset]\nx = 1", "logcorr.toml:1: there is no command 'rules tset'", "did you mean test"),
        ('[analyze]\n\n fail-on = "hihg"', "logcorr.toml:3: 'fail-on': 'hihg' is not one of", "logcorr help analyze"),
        ("[analyze]\ngrep = 'x'", "logcorr.toml:2: `logcorr analyze` has no option 'grep'", "logcorr help"),
        ('[analyze]\nout = "/etc/passwd"', "logcorr.toml:2: 'out' is given by hand only", "a file beside logs"),
        ('redaction-map = "m"', "logcorr.toml:1: 'redaction-map' is given by hand only", "a file beside logs"),
        ('[analyze]\nredact = "none"', "logcorr.toml:2: 'redact' is given by hand only", "a file beside logs"),
        ("[rules.suggest]\nmost = 0", "logcorr.toml:2: 'most': 0 is not in the range", "logcorr help rules suggest"),
        ("quiet = 1", "logcorr.toml:1: 'quiet' takes true or false", "logcorr help"),
        ("[timeline]\nlines = true", "logcorr.toml:2: 'lines' takes text or a number", "logcorr help timeline"),
        ('[timeline]\nsince = ["a"]', "logcorr.toml:2: 'since' takes one value", 'since = "value"'),
        ("[timeline", "logcorr.toml:1:10: expected ']'", "one a line"),
        ("a = '\x1b[31m'", "logcorr.toml:1:", "one a line"),
        ('"\\u001b[2J" = 1', "logcorr.toml: there is no option '\\x1b[2J'", "logcorr help"),
        ("# " + "x" * 70_000, "logcorr.toml: longer than 65,536 bytes", "options"),
    ],
)
def test_a_mistake_is_told_at_its_line(text: str, place: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / "logcorr.toml").write_text(text + "\n")
    code, shown, told = run(tmp_path, "timeline", ROUTER)
    assert (code, shown, len(told)) == (2, [], 2)
    assert place in told[0]
    assert told[1].startswith("hint: ")
    assert hint in told[1]
    assert "\x1b" not in "".join(told)
    assert run(tmp_path, "version")[0] == run(tmp_path, "help")[0] == 0


def test_a_file_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    place = tmp_path / "logcorr.toml"
    place.write_text("[timeline]\nlines = 1\n")
    place.chmod(0o666)
    code, _, told = run(tmp_path, "timeline", ROUTER)
    assert code == 2
    assert told[0].startswith("logcorr: logcorr.toml: this file is another user's, or others may write to it")
    assert len(run(tmp_path, "--config", place, "timeline", ROUTER)[1]) == 1


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "logcorr.toml").write_bytes(b"tz = '\xff'\n")
    code, _, told = run(tmp_path, "timeline", ROUTER)
    assert (code, len(told)) == (2, 2)
    assert told[0] == "logcorr: logcorr.toml: this is not UTF-8 text"

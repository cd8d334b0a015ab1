"""The command line as a stranger meets it: real processes, odd inputs, wrong flags, exit codes."""

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO, Any

import polars as pl
import pytest

from tests.conftest import FIXTURES, ROOT

INCIDENT = FIXTURES / "tailscale-link-flap"


def logcorr(*words: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "FORCE_COLOR"}}
    return subprocess.run(
        [sys.executable, "-m", "logcorr", *map(str, words)],
        input=stdin,
        capture_output=True,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def test_writes_the_report_and_says_where(tmp_path: Path) -> None:
    done = logcorr("analyze", INCIDENT, "--out", tmp_path, "--format", "html,md,json")
    assert done.returncode == 0, said(done)
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("Confirmed") or lines[0].startswith("Likely")
    places = [Path(line.removeprefix("report: ")) for line in lines if line.startswith("report: ")]
    assert {place.suffix for place in places} == {".html", ".md", ".json"}
    assert all(place.read_text("utf-8") for place in places)
    assert [line.partition(":")[0] for line in lines[1:5]] == ["Because", "When", "Do first", "report"]
    assert said(done) == ""


def test_json_goes_to_standard_output_alone() -> None:
    done = logcorr("analyze", INCIDENT, "--json")
    report = json.loads(done.stdout)
    assert report["schema"] == "logcorr.report/1"
    assert report["verdict"] == report["incidents"][0]


def test_one_format_into_a_named_file(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "report.json"
    assert logcorr("analyze", INCIDENT, "--format", "json", "--out", place).returncode == 0
    assert json.loads(place.read_text("utf-8"))["verdict"]["cause"]
    assert [item.name for item in place.parent.iterdir()] == ["report.json"]


def test_the_suffix_of_the_output_names_the_format(tmp_path: Path) -> None:
    place = tmp_path / "report.md"
    assert logcorr("analyze", INCIDENT, "--out", place).returncode == 0
    assert place.read_text("utf-8").startswith("#")


def test_standard_input_is_read_like_a_file() -> None:
    whole = (INCIDENT / "opg-srv.export").read_bytes()
    report = json.loads(logcorr("analyze", "-", "--json", stdin=whole).stdout)
    assert report["inputs"][0]["format"] == "journal-export"
    assert report["inputs"][0]["records"] > 4000


def odd_folder(place: Path) -> Path:
    place.mkdir()
    shutil.copy(INCIDENT / "omada-controller.log", place)
    (place / "empty.log").touch()
    (place / "noise.bin").write_bytes(bytes(range(256)) * 400)
    (place / "table.csv").write_text("name,price\nbolt,3\nnut,2\n")
    (place / "loop").symlink_to(place)
    os.mkfifo(place / "pipe")
    broken = gzip.compress(b"2025-11-04T00:00:00+00:00 host app: line\n" * 5000)
    (place / "cut.log.gz").write_bytes(broken[: len(broken) // 2])
    return place


def test_what_cannot_be_used_is_named_and_the_rest_is_analysed(tmp_path: Path) -> None:
    folder = odd_folder(tmp_path / "logs")
    done = logcorr("analyze", folder, "/proc/self/mem", "--json")
    assert done.returncode == 0, said(done)
    report = json.loads(done.stdout)
    problems = {Path(item["path"]).name: item["problem"] for item in report["inputs"] if item["problem"]}
    assert {"empty.log", "noise.bin", "table.csv", "pipe", "mem", "logs"} <= set(problems)
    assert "empty" in problems["empty.log"]
    assert "1 symbolic link" in problems["logs"]
    gaps = {Path(gap["source"]).name for gap in report["coverage"] if gap["source"]}
    assert set(problems) <= gaps
    used = next(item for item in report["inputs"] if item["path"].endswith("omada-controller.log"))
    assert used["records"] > 300


def test_nothing_usable_is_exit_3_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    (tmp_path / "noise.bin").write_bytes(os.urandom(5000))
    done = logcorr("analyze", tmp_path)
    assert done.returncode == 3
    assert "hint:" in said(done)
    assert "empty" in said(done)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    done = logcorr("analyze", tmp_path / "nowhere.log")
    assert done.returncode == 3
    assert "nowhere.log" in said(done)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["analyze", "--format", "pdf", "."], "html, md, json"),
        (["analyze", "--since", "whenever", "."], "hint:"),
        (["analyze", "--since", "2025-11-04", "--until", "2025-11-03", "."], "earlier"),
        (["analyze", "--skew", "vps1", "."], "HOST=+3.2s"),
        (["analyze", "--out", "-", "--format", "md,json", "."], "folder"),
        (["analyze", "--tz", "Mars/Olympus", str(INCIDENT / "omada-controller.log")], "hint:"),
        (["analyse"], "there is no such command"),
        (["analyze", "--nonsense"], "there is no such option"),
    ],
)
def test_a_wrong_flag_is_exit_2_with_a_hint(words: list[str], hint: str) -> None:
    done = logcorr(*words)
    assert done.returncode == 2
    assert hint in said(done)
    assert "Traceback" not in said(done)


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    log = tmp_path / "omada.md"
    shutil.copy(INCIDENT / "omada-controller.log", log)
    before = log.read_bytes()
    done = logcorr("analyze", log, "--out", log)
    assert done.returncode == 1
    assert log.read_bytes() == before


def test_fail_on_turns_the_verdict_into_an_exit_code() -> None:
    assert logcorr("analyze", INCIDENT, "--fail-on", "high", "--json").returncode == 12
    assert logcorr(
        "analyze", FIXTURES / "tailscale-link-flap-no-router", "--fail-on", "medium", "--json"
    ).returncode in {11, 12}


def test_check_says_what_was_recognised(tmp_path: Path) -> None:
    done = logcorr("check", odd_folder(tmp_path / "logs"), COLUMNS="80")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert "omada-controller" in text
    assert "+01:00" in text
    assert "inferred" in text
    assert max(len(line) for line in text.splitlines() if str(tmp_path) not in line) <= 80
    report = json.loads(logcorr("check", tmp_path / "logs", "--json").stdout)
    assert any(item["records"] for item in report["inputs"])


@pytest.mark.parametrize("form", ["csv", "ndjson", "table"])
def test_timeline_is_one_line_a_record_in_time_order(form: str) -> None:
    done = logcorr("timeline", INCIDENT, "--format", form, "-n", "50")
    assert done.returncode == 0, said(done)
    assert b"opg-srv" in done.stdout
    assert len(done.stdout.splitlines()) >= 50


def test_timeline_as_parquet_holds_everything(tmp_path: Path) -> None:
    place = tmp_path / "timeline.parquet"
    assert logcorr("timeline", INCIDENT, "--events", "--format", "parquet", "--out", place).returncode == 0
    frame = pl.read_parquet(place)
    assert frame["time"].is_sorted()
    assert frame.filter(pl.col("event").str.contains("link.down")).height == 2
    assert logcorr("timeline", INCIDENT, "--format", "parquet", "--out", place).returncode == 0
    assert pl.read_parquet(place).equals(frame.drop("event"))


ROUTER = INCIDENT / "omada-controller.log"

#: Every command, and every way in which one prints: through rich, through click, and bytes.
PRINTING: list[list[str | Path]] = [
    ["timeline", ROUTER, "--format", "csv"],
    ["timeline", ROUTER, "--format", "parquet"],
    ["timeline", ROUTER],
    ["check", ROUTER],
    ["check", ROUTER, "--json"],
    ["analyze", ROUTER, "--json"],
    ["rules", "show", "wan-outage"],
    ["--version"],
]


def into(stdout: int | IO[bytes], words: list[str | Path], *, unbuffered: bool, **more: Any) -> tuple[int, str]:
    """The exit code and what was told, of a run whose standard output is ``stdout``."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    env = {**kept, "PYTHONPATH": str(ROOT), **({"PYTHONUNBUFFERED": "1"} if unbuffered else {})}
    command = [sys.executable, "-m", "logcorr", *map(str, words)]
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=env, check=False, **more)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("words", PRINTING, ids=lambda words: "-".join(map(str, [words[0], words[-1]]))[-30:])
def test_a_reader_that_left_and_a_full_disk_are_told_by_every_command(
    words: list[str | Path], unbuffered: bool
) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    assert into(theirs, words, unbuffered=unbuffered) == (141, "")
    os.close(theirs)
    with Path("/dev/full").open("wb") as full:
        code, told = into(full, words, unbuffered=unbuffered)
    assert (code, told) == (1, "logcorr: standard output: cannot be written: No space left on device\n")


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m logcorr timeline {INCIDENT} --format csv | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode in {0, 141}


@pytest.mark.parametrize(("form", "unbuffered"), [("csv", False), ("csv", True), ("parquet", True)])
def test_a_disk_that_takes_half_of_it_is_told(tmp_path: Path, form: str, unbuffered: bool) -> None:
    """The kernel takes what fits and says how much that was; the next write fails (setrlimit(2), RLIMIT_FSIZE)."""
    half = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (10_000, 10_000))
    with (tmp_path / "half").open("wb") as file:
        words: list[str | Path] = ["timeline", INCIDENT, "--format", form]
        code, told = into(file, words, unbuffered=unbuffered, preexec_fn=half)
    assert (code, told) == (1, "logcorr: standard output: cannot be written: File too large\n")
    assert (tmp_path / "half").stat().st_size == 10_000


def test_a_reader_that_is_slow_and_does_not_block_gets_everything() -> None:
    """Standard output may be a pipe that somebody else has set to O_NONBLOCK."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    kept = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "logcorr", "timeline", str(INCIDENT), "--format", "csv"]
    with (
        subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=kept) as run,
        os.fdopen(ours, "rb") as read,
    ):
        os.close(theirs)
        text = read.read()
        assert run.wait() == 0
    assert text == logcorr("timeline", INCIDENT, "--format", "csv").stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["analyze --out r.html", "check", "check -"])
def test_closed_standard_streams_are_no_traceback_and_nothing_else_takes_their_place(
    words: str, closed: str, tmp_path: Path
) -> None:
    place = f"'{ROUTER}'" if not words.endswith("-") else ""
    command = f"exec '{sys.executable}' -m logcorr {words} {place} {closed}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, cwd=tmp_path, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    fails = 3 if words.endswith("-") else 1 if ">&-" in closed.replace("2>&-", "") else 0
    assert done.returncode == fails
    told = said(done).splitlines()
    assert told == [] or "2>&-" not in closed
    assert all("Traceback" not in line for line in told)
    if "--out" in words:
        assert (tmp_path / "r.html").read_text().startswith("<!")


def test_no_colour_without_a_terminal() -> None:
    for words in (["check", INCIDENT], ["rules", "list"], ["timeline", INCIDENT, "-n", "20"]):
        assert b"\x1b" not in logcorr(*words).stdout


@pytest.mark.parametrize(
    ("files", "given", "threads"),
    [
        ({"a.log": 1000, "in/b.log": 1000}, None, "1"),
        ({"a.log": 17 << 20}, None, None),
        ({"a.log": 9 << 20, "in/b.log": 8 << 20}, None, None),
        ({"a.gz": 2 << 20}, None, None),
        ({}, None, None),
        ({"a.log": 1000}, "3", "3"),
    ],
)
def test_small_inputs_are_worked_on_by_one_thread(
    files: dict[str, int], given: str | None, threads: str | None, tmp_path: Path
) -> None:
    for name, size in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    code = "import os, sys; from logcorr.cli.arguments import resources; resources.reserve(sys.argv[1:]);"
    code += "print(os.environ.get('POLARS_MAX_THREADS'))"
    kept = {name: value for name, value in os.environ.items() if name != "POLARS_MAX_THREADS"}
    environment = {**kept, "PYTHONPATH": str(ROOT), **({"POLARS_MAX_THREADS": given} if given else {})}
    done = subprocess.run([sys.executable, "-c", code, tmp_path], env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == str(threads)


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_help_that_is_given_at_once_is_that_of_the_commands(columns: int) -> None:
    code = "from logcorr.cli.commands import group; group.main(['-h'], prog_name='logcorr')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert logcorr("--help", COLUMNS=str(columns)).stdout == logcorr("-h", COLUMNS=str(columns)).stdout == made


def test_help_and_version() -> None:
    assert b"logcorr" in logcorr("--version").stdout
    for words in ([], ["analyze"], ["check"], ["timeline"], ["rules"], ["rules", "list"]):
        done = logcorr(*words, "--help", COLUMNS="80")
        assert done.returncode == 0
        assert all(len(line) <= 80 for line in done.stdout.decode().splitlines())


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("analyze", "check", "timeline", "rules list"):
        assert f"logcorr {name}" in readme


@pytest.mark.parametrize(
    ("words", "code", "place", "hint"),
    [
        (["analize", "x"], 2, "analize: there is no such command", "did you mean analyze?"),
        ([str(ROUTER)], 2, "there is no such command", "logcorr analyze"),
        (["analyze", "--sinse", "x"], 2, "--sinse: there is no such option", "did you mean --since?"),
        (["analyze", "--fail-on", "hihg", ROUTER], 2, "--fail-on: 'hihg' is not one of", "did you mean high?"),
        (["check", "--since", "", ROUTER], 2, "--since: '' is not a time", "yesterday"),
        (["check", "--until", "-99999999999999999s", ROUTER], 2, "--until: ", "beyond the calendar"),
        (["check", "--since", "3:00", "--until", "3:00", ROUTER], 2, "--until: the window ends", "earlier"),
        (["check", "--tz", "controller_opg=Mars", ROUTER], 2, "--tz: the zone 'Mars' is not known", "IANA"),
        (["check", "--tz", "=UTC", ROUTER], 2, "--tz: '=UTC' is not a zone", "HOST-OR-FILE=ZONE"),
        (["check", "--tz", "router=", ROUTER], 2, "--tz: 'router=' is not a zone", "HOST-OR-FILE=ZONE"),
        (["check", "--skew", "controller_opg=nan", ROUTER], 2, "--skew: 'controller_opg=nan'", "HOST=+3.2s"),
        (["check", "--skew", "controller_opg=1e99", ROUTER], 2, "--skew: 'controller_opg=1e99'", "HOST=+3.2s"),
        (["timeline", "-n", "-5", ROUTER], 2, "--lines: -5 is not 1 or more", "--help"),
        (["analyze", "--out", "report.pdf", ROUTER], 2, "report.pdf: '.pdf' is no report's suffix", "--format"),
        (["timeline", "--format", "csv", "--out", "/", ROUTER], 1, "/: this is a folder", "--out"),
        (["check", "--directory", ""], 2, "--directory: an empty name", "--help"),
        (["check", "/nowhere/at.all"], 3, "/nowhere/at.all: No such file or directory", "journalctl"),
        (["check", "/dev/zero"], 3, "/dev/zero: not a regular file", "journalctl"),
        *(
            ([command, "--since", "2026-01-01", ROUTER], 3, "no record lies in the window", "2025-11-04 00:00:10Z")
            for command in ("analyze", "check", "timeline")
        ),
    ],
)
def test_a_mistake_is_told_by_its_place_with_a_hint(words: list[str], code: int, place: str, hint: str) -> None:
    done = logcorr(*words)
    first, second = said(done).splitlines()
    assert (done.returncode, done.stdout) == (code, b"")
    assert first.startswith("logcorr: ")
    assert place in first
    assert hint in first or (second.startswith("hint: ") and hint in second)


def test_what_a_user_typed_cannot_act_on_the_terminal() -> None:
    for words in (
        ["an\x1b[31malyze"],
        ["check", "--\x1b]0;x"],
        ["check", "/no\x1b[2Jwhere"],
        ["check", "--tz", "a=\x9b"],
    ):
        assert "\x1b" not in said(logcorr(*words)).replace("\n", "")


def test_inputs_and_names_of_no_use_are_told_beside_the_result(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = logcorr("analyze", ROUTER, "nowhere.log", "--tz", "ruoter=UTC", "--skew", "controller_opg=0", "--out", out)
    assert done.returncode == 0
    assert said(done).splitlines() == [
        "logcorr: nowhere.log: not used: No such file or directory",
        "logcorr: --tz: nothing here is called 'ruoter', so it changes nothing; hosts: controller_opg",
    ]


@pytest.mark.parametrize("command", ["analyze", "check", "timeline"])
def test_a_zone_for_all_that_a_log_contradicts_is_told(command: str, tmp_path: Path) -> None:
    for name, offset in (("berlin", "+0100"), ("silent", "")):
        lines = [f"2025-11-04 03:00:{second:02}{offset} {name} app: line" for second in range(20)]
        (tmp_path / f"{name}.log").write_text("".join(f"{line}\n" for line in lines))
    shutil.copy(ROUTER, tmp_path)
    more = ["--json"] if command == "analyze" else []
    done = logcorr(command, tmp_path, "--tz", "Asia/Tokyo", *more)
    assert done.returncode == 0
    (told,) = said(done).splitlines()
    assert "omada-controller.log is read in" in told
    assert "against the given Asia/Tokyo; --tz 'omada-controller.log=ZONE' overrules it" in told


@pytest.mark.parametrize("words", [[], ["--format", "parquet", "--out", "out.parquet"], ["--events"]])
def test_a_timeline_names_the_inputs_that_it_lacks(words: list[str], tmp_path: Path) -> None:
    out = [str(tmp_path / word) if word == "out.parquet" else word for word in words]
    done = logcorr("timeline", ROUTER, "nowhere.log", *out)
    assert done.returncode == 0
    assert said(done) == "logcorr: nowhere.log: not used: No such file or directory\n"


@pytest.mark.parametrize("form", ["csv", "ndjson", "table", "parquet"])
def test_a_timeline_never_overwrites_its_input(tmp_path: Path, form: str) -> None:
    log = tmp_path / "router.log"
    shutil.copy(ROUTER, log)
    done = logcorr("timeline", log, "--format", form, "--out", log)
    assert (done.returncode, log.read_bytes()) == (1, ROUTER.read_bytes())


def test_a_locale_without_the_signs_still_gets_the_result() -> None:
    poor = partial(logcorr, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="")
    assert poor("check", ROUTER).returncode == 0
    report = poor("analyze", ROUTER, "--json")
    assert json.loads(report.stdout.decode("utf-8"))["verdict"]["cause"]

"""The command line as hands used to journalctl, ripgrep and lnav expect it."""

import fcntl
import json
import os
import re
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from logcorr.cli.emptiness import refuse_empty
from logcorr.cli.rules import rules
from tests.conftest import ROOT
from tests.test_cli import INCIDENT, ROUTER, logcorr, said

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 \S+ \S+: ")


def lines(*words: str | Path, code: int = 0, **environment: Any) -> list[str]:
    done = logcorr("timeline", *words, **environment)
    assert done.returncode == code, said(done)
    return done.stdout.decode().splitlines()


def on_a_terminal(*words: str | Path, columns: int = 80, **environment: str) -> tuple[int, str]:
    """The exit code, and all that a terminal of ``columns`` shows."""
    read, write = os.openpty()
    size = columns.to_bytes(2, sys.byteorder)
    fcntl.ioctl(write, termios.TIOCSWINSZ, (50).to_bytes(2, sys.byteorder) + size + bytes(4))
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "TERM"}}
    with subprocess.Popen(
        [sys.executable, "-m", "logcorr", *map(str, words)],
        stdin=subprocess.DEVNULL, stdout=write, stderr=write,
        env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environment},
    ) as run:  # fmt: skip
        os.close(write)
        shown = b""
        while True:
            try:
                piece = os.read(read, 65536)
            except OSError:  # the terminal is gone with its last user (EIO)
                break
            if not piece:
                break
            shown += piece
        code = run.wait()
    os.close(read)
    return code, shown.decode()


def test_a_pipe_gets_every_record_in_a_line_of_its_own(tmp_path: Path) -> None:
    text = "".join(
        f"2025-11-04T0{n // 1800}:{n // 30 % 60:02}:{n % 30:02}+00:00 web-{n % 2} app[7]: {'long ' * 60}{n}\n"
        for n in range(5000)
    )
    (tmp_path / "app.log").write_text(text)
    found = lines(tmp_path / "app.log", COLUMNS="80")
    assert len(found) == 5000
    assert all(LINE.match(line) for line in found)
    assert found[0].endswith("long 0")
    assert lines(tmp_path / "app.log", "--format", "table") == found
    (tmp_path / "again.log").write_text("\n".join(found[:50]) + "\n")
    again = json.loads(logcorr("check", tmp_path / "again.log", "--json").stdout)
    assert again["inputs"][0]["records"] == 50


def test_a_terminal_gets_a_table_of_its_width_and_nothing_that_acts_on_it(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(f"2025-11-04T03:00:00+00:00 web app[7]: \u202e{'word ' * 60}\n" * 3)
    code, shown = on_a_terminal("timeline", tmp_path / "app.log")
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown).replace("\r", "\n")
    assert code == 0
    assert "‹U+202E›" in plain
    assert max(len(line) for line in plain.split("\n")) <= 80


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_message_has_room_beside_the_longest_names(columns: int, tmp_path: Path) -> None:
    line = f"2025-11-04T03:00:00+0000 {'a' * 60} {'b' * 60}[1]: the line itself\n"
    (tmp_path / "x.log").write_text(line * 3)
    _, shown = on_a_terminal("timeline", tmp_path / "x.log", columns=columns)
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown)
    assert "the line itself" in re.sub(r"\s+", " ", plain)
    assert max(map(len, plain.replace("\r", "\n").split("\n"))) <= columns


def test_a_message_of_several_lines_and_odd_characters_stays_one_line() -> None:
    entry = b"__REALTIME_TIMESTAMP=1762225245000000\n_HOSTNAME=web\nSYSLOG_IDENTIFIER=app\nMESSAGE\n"
    text = "a\nb\x1b[2J\u202ec".encode()
    found = logcorr("timeline", "-", stdin=entry + len(text).to_bytes(8, "little") + text + b"\n\n").stdout.decode()
    assert found == "2025-11-04T03:00:45.000000+00:00 web app: a␊b␛[2J‹U+202E›c\n"


@pytest.mark.parametrize(
    ("words", "host", "program", "says"),
    [
        (["--grep", "link down"], ".*", ".*", "Link DOWN"),
        (["-g", "Link DOWN", "--host", "opg-*"], "opg-srv", ".*", "Link DOWN"),
        (["-i", "--grep", "LINK down"], ".*", ".*", "Link DOWN"),
        (["--program", "sshd", "--host", "vps1"], "vps1", "sshd", ""),
        (["-t", "systemd-net*"], ".*", "systemd-networkd", ""),
        (["--unit", "tailscaled"], ".*", "(tailscaled|systemd)", ""),
        (["--unit", "tailscaled.service", "-t", "tailscaled"], ".*", "tailscaled", ""),
    ],
)
def test_records_are_chosen_by_what_they_say_and_who_wrote_them(
    words: list[str], host: str, program: str, says: str
) -> None:
    found = lines(INCIDENT, *words)
    assert found
    for line in found:
        _, name, wrote, message = line.split(" ", 3)
        assert re.fullmatch(host, name)
        assert re.fullmatch(program, wrote.rstrip(":").partition("[")[0])
        assert says.lower() in message.lower()


def test_filters_leave_exactly_what_they_say(tmp_path: Path) -> None:
    place = tmp_path / "all.parquet"
    assert logcorr("timeline", INCIDENT, "-o", place).returncode == 0
    whole = pl.read_parquet(place)
    grave = whole.filter(pl.col("priority") <= 3)
    assert 0 < len(grave) < len(whole)
    assert len(lines(INCIDENT, "-p", "err")) == len(grave)
    between = whole.filter(pl.col("priority").is_between(4, 5))
    assert len(lines(INCIDENT, "--priority", "warning..notice")) == len(between)
    down = whole.filter(pl.col("message").str.contains("Link DOWN"))
    assert len(lines(INCIDENT, "--grep", "Link DOWN")) == len(down) == 4
    assert len(lines(INCIDENT, "--grep", "Link DOWN", "-n", "1")) == 1
    assert logcorr("timeline", INCIDENT, "-g", "Link DOWN", "-o", tmp_path / "few.parquet").returncode == 0
    assert pl.read_parquet(tmp_path / "few.parquet").equals(down)


def test_nothing_found_is_told_and_its_exit_code_is_that_of_grep() -> None:
    done = logcorr("timeline", ROUTER, "--grep", "no such words")
    assert (done.returncode, done.stdout) == (1, b"")
    assert re.fullmatch(r"logcorr: none of [\d,]+ records is wanted by the filters\n", said(done))


@pytest.mark.parametrize(
    ("words", "code", "what", "hint"),
    [
        (["--grep", "Link (DOWN"], 2, "--grep: 'Link (DOWN' is no regular expression: unclosed group", r"\("),
        (["--grep", "x{99999999}"], 2, "--grep: 'x{99999999}' is no regular expression", "hint:"),
        (["--host", "controler"], 3, "--host: no record here is of 'controler'", "controller_opg"),
        (["--priority", "graver"], 2, "--priority: 'graver' is no priority", "emerg"),
        (["--priority", "err..9"], 2, "--priority: '9' is no priority", "0 to 7"),
        (["-o", "json"], 2, "--out: 'json' would be the name of a file", "--format"),
        (["-o", "report.pdf"], 2, "report.pdf: '.pdf' is no timeline's suffix", ".parquet"),
        (["-o", "report"], 2, "report: the name has no suffix", ".csv"),
        (["--local"], 2, "--local: this machine's zone 'CET-1CEST,M3.5.0,M10.5.0/3' has no name", "TZ=Europe"),
    ],
)
def test_a_wrong_filter_is_told(words: list[str], code: int, what: str, hint: str) -> None:
    done = logcorr("timeline", ROUTER, *words, TZ="CET-1CEST,M3.5.0,M10.5.0/3")
    assert (done.returncode, done.stdout) == (code, b"")
    first, second = said(done).splitlines()
    assert what in first
    assert hint in second


def test_a_check_is_written_as_its_suffix_says(tmp_path: Path) -> None:
    for suffix in (".json", ".txt"):
        assert logcorr("check", ROUTER, "-o", tmp_path / f"check{suffix}").stdout == b""
    told = json.loads((tmp_path / "check.json").read_text("utf-8"))
    assert told == json.loads(logcorr("check", ROUTER, "--json").stdout)
    assert (tmp_path / "check.txt").read_bytes() == logcorr("check", ROUTER).stdout
    assert logcorr("check", ROUTER, "-o", tmp_path / "check.csv").returncode == 2


@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".jsonl", ".json", ".parquet", ".txt", ".log"])
def test_the_suffix_of_a_timeline_names_its_format(suffix: str, tmp_path: Path) -> None:
    place = tmp_path / f"timeline{suffix}"
    assert logcorr("timeline", ROUTER, "-n", "4", "--output", place).returncode == 0
    match suffix:
        case ".csv":
            assert len(pl.read_csv(place)) == 4
        case ".parquet":
            assert len(pl.read_parquet(place)) == 4
        case ".txt" | ".log":
            assert all(LINE.match(line) for line in place.read_text().splitlines())
        case _:
            assert {json.loads(line)["host"] for line in place.read_text().splitlines()} == {"controller_opg"}


@pytest.mark.parametrize(("alias", "begins"), [("markdown", "#"), ("htm", "<!doctype"), ("JSON", "{")])
def test_formats_are_known_by_their_other_names(alias: str, begins: str, tmp_path: Path) -> None:
    place = tmp_path / "report"
    done = logcorr("analyze", ROUTER, "--format", alias, "-o", f"{place}.x")
    assert done.returncode == 0, said(done)
    assert Path(f"{place}.x").read_text().startswith(begins)


def test_times_are_written_in_the_zone_that_is_asked_for() -> None:
    here = lines(ROUTER, "-n", "1", "--local", TZ="America/St_Johns")
    there = lines(ROUTER, "-n", "1", "--utc", TZ="America/St_Johns")
    assert here[0].split(" ", 1)[0][19:].endswith("-03:30")
    assert here[0].split(" ", 1)[1] == there[0].split(" ", 1)[1]
    assert pl.Series([here[0].split(" ")[0], there[0].split(" ")[0]]).str.to_datetime(time_zone="UTC").n_unique() == 1
    assert "-0330" in lines(ROUTER, "-n", "1", "--local", "--format", "csv", TZ="America/St_Johns")[1]


def test_the_first_seconds_are_not_silent_and_a_line_is_left_clean(tmp_path: Path) -> None:
    code, shown = on_a_terminal("analyze", INCIDENT, "--out", tmp_path / "r.html")
    steps = [step for step in re.split(r"\r\x1b\[K", shown) if step.strip()]
    assert code == 0
    assert steps[0] == "starting"
    assert any(re.match(r"\d+%.*reading ", step.strip()) for step in steps)
    assert any(step.startswith("weighing causes") for step in steps)
    assert "reading" not in steps[-1]
    assert on_a_terminal("timeline", ROUTER, "-q", "-n", "1")[1].count("\x1b[K") == 0


def test_verbose_tells_each_step_also_where_nobody_watches() -> None:
    done = logcorr("timeline", ROUTER, "-v", "-n", "1")
    told = said(done).splitlines()
    assert all(re.fullmatch(r"logcorr: +\d+\.\d\d s  .+", line) for line in told)
    assert [told[0][-8:], told[-1][-4:]] == ["starting", "done"]


def test_nothing_is_loaded_to_say_that_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "empty.log").touch()
    for words, problem in ((tmp_path, "the file is empty"), ("/nowhere", "No such file or directory")):
        code = f"""
import atexit, sys
atexit.register(lambda: print(*({{"polars", "pydantic", "numpy", "jinja2"}} & set(sys.modules))))
sys.argv[1:] = ["analyze", {str(words)!r}]
from logcorr.cli import main
main()
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
        assert (done.returncode, done.stdout) == (3, "\n")
        assert f"{words}" in done.stderr
        assert problem in done.stderr


@pytest.mark.parametrize("kind", ["link", "pipe", "proc", "bytes", "one of two"])
def test_what_may_hold_a_log_is_never_taken_for_nothing(kind: str, tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    if kind == "link":
        (tmp_path / "link").symlink_to("/var")
    elif kind == "pipe":
        os.mkfifo(tmp_path / "pipe")
    elif kind == "bytes":
        Path(os.fsdecode(bytes(tmp_path) + b"/\xff.log")).touch()
    elif kind == "one of two":
        (tmp_path / "z.log").write_text("x")
    refuse_empty(["/proc/version" if kind == "proc" else str(tmp_path)])


def test_a_time_of_the_day_on_old_logs_is_answered_with_the_day() -> None:
    done = logcorr("timeline", ROUTER, "--since", "03:05 UTC")
    assert done.returncode == 3
    assert '--since "2025-11-04 03:05:00 UTC"' in said(done)
    assert len(lines(ROUTER, "--since", "2025-11-04 03:05:00 UTC")) > 10


def test_help_and_version_are_commands_too() -> None:
    version = logcorr("--version").stdout
    assert logcorr("-V").stdout == logcorr("version").stdout == version
    assert logcorr("help", COLUMNS="80").stdout == logcorr("--help", COLUMNS="80").stdout
    below = logcorr("help", "rules", "suggest", COLUMNS="80").stdout
    assert below == logcorr("rules", "suggest", "--help", COLUMNS="80").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_by_one_command(shell: str, tmp_path: Path) -> None:
    home: dict[str, Any] = {
        "HOME": str(tmp_path),
        "SHELL": f"/usr/bin/{shell}",
        "XDG_DATA_HOME": "",
        "XDG_CONFIG_HOME": "",
    }
    for _ in range(2):
        done = logcorr("completion", "--install", **home)
        assert done.returncode == 0, said(done)
        place = Path(done.stdout.decode().splitlines()[0])
        assert place.is_relative_to(tmp_path)
        assert place.read_bytes() == logcorr("completion", shell, **home).stdout
    if shell == "zsh":
        assert (tmp_path / ".zshrc").read_text().count(str(place.parent)) == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("logcorr ti", "timeline"),
        ("logcorr timeline --gr", "--grep"),
        ("logcorr rules ex", "explain"),
        ("logcorr rules show wan-o", "wan-outage"),
    ],
)
def test_the_completion_of_bash_offers_what_fits(typed: str, offered: str, tmp_path: Path) -> None:
    program = tmp_path / "logcorr"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m logcorr "$@"\n')
    program.chmod(0o755)
    script = f"""
        eval "$(logcorr completion bash)"
        COMP_WORDS=({typed}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        _logcorr_completion logcorr; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert offered in done.stdout.split()


@pytest.mark.parametrize(
    ("words", "place", "hint"),
    [
        (["analyze", "--unit", "sshd", "."], "--unit: this chooses a part of the journal", "logcorr timeline"),
        (["check", "-b", "-1", "."], "--boot: this chooses", "leave the paths out"),
        (["check", "-b-1", "-u", "x", "."], "--boot, --unit: this chooses", "leave the paths out"),
        (["analyze", "--grep", "x", "."], "--grep: there is no such option", "`logcorr timeline` takes it"),
        (["check", "--host", "x", "."], "--host: there is no such option", "`logcorr timeline` takes it"),
        (["rules", "suggest", "--program", "x", "."], "--program: there is no such option", "`logcorr timeline`"),
        (["timeline", "--json", "."], "--json: there is no such option", "--format ndjson"),
        (["timeline", "-f", "."], "-f: there is no such option", "journalctl -f"),
        (["analyze", "--fail-on"], "--fail-on: a value is missing", "write `--fail-on [low|medium|high]`"),
        (["timeline", "-o"], "-o: a value is missing", "write `-o FILE|-`"),
        (["analyze", "--fail-on", "hihg"], "--fail-on: 'hihg' is not one of", "did you mean high?"),
        (["rules", "new", "patter", "x"], "KIND: 'patter' is not one of", "did you mean patterns?"),
        (["timeline", "-n", "abc"], "--lines: 'abc' is no whole number", "--help"),
        (["timeline", "-n", "0"], "--lines: 0 is not 1 or more", "--help"),
        (["rules", "test", "/nowhere"], "DIR: path '/nowhere' does not exist", "--help"),
        (["rules", "schema"], "rules schema: KIND is missing", "events, patterns, causes"),
        (["rules", "show", "tailscaled"], "no rule is called 'tailscaled'", "this is a program; its events are "),
        (["rules", "show", "wan-outag"], "no rule is called 'wan-outag'", "did you mean 'wan-outage'?"),
        (["help", "analise"], "help: there is no command 'analise'", "--help"),
        (["-v"], "-v: there is no such option", "logcorr -V"),
    ],
)
def test_each_mistake_is_answered_with_what_to_do(words: list[str], place: str, hint: str) -> None:
    done = logcorr(*words, SHELL="")
    first, second = said(done).splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert place in first
    assert hint in second


def test_kinds_of_rules_are_known_by_one_and_by_many(tmp_path: Path) -> None:
    def shown(*words: str | Path) -> str:
        return CliRunner().invoke(rules, list(map(str, words)), catch_exceptions=False).stdout

    for one, many in (("pattern", "patterns"), ("cause", "causes"), ("event", "events")):
        assert shown("list", one) == shown("list", many) != ""
        assert shown("schema", one) == shown("schema", many) != ""
        assert shown("new", many, "mine", "--in", tmp_path / one) != ""
    assert not re.search("[\u2400-\u243f]", shown("schema", "events"))  # control pictures


def test_a_folder_without_a_rule_is_not_right(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    for words in (("check",), ("test",)):
        done = logcorr("rules", *words, tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert f"{tmp_path}: no rule is in this folder" in said(done)
        assert "hint: `logcorr rules new" in said(done)


def test_the_shipped_rules_do_not_replace_themselves() -> None:
    done = logcorr("rules", "check", ROOT / "rules")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("wan-outage", r"incident 1 of \d+: .+\n  supported, score \+\d+\.\d: .+\n  evidence for, strong: "),
        ("storage-disk-full", r"(incident 1 of \d+: .+\n  weakened, score -|not weighed here: )"),
        ("link.down", r"[1-9]\d* seen\n  2025-11-04 \d\d:\d\d:\d\dZ opg-srv: "),
        ("wan-offline-then-reset", r"\d+ matched, \d+ inconclusive\n"),
    ],
)
def test_any_rule_is_explained_on_logs(name: str, says: str) -> None:
    done = logcorr("rules", "explain", name, "--on", INCIDENT)
    assert done.returncode == 0, said(done)
    assert re.search(rf"^{says}", done.stdout.decode(), re.MULTILINE)


def test_the_help_says_what_is_read() -> None:
    text = " ".join(logcorr("analyze", "--help", COLUMNS="80").stdout.decode().split())
    for word in ("journalctl -o export", "syslog", ".gz", "/var/log/journal"):
        assert word in text, word


def test_the_lines_of_a_pipe_can_be_counted_on_a_narrow_terminal() -> None:
    command = f"{sys.executable} -m logcorr timeline {INCIDENT} | grep -c 'Link DOWN'"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
    )  # fmt: skip
    assert done.stdout.strip() == "4"

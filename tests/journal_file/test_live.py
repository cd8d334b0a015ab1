"""The live journal's parts, chosen as journalctl chooses them, through libsystemd and from the files alone."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logcorr import parsers
from logcorr.errors import InputError, UsageError
from logcorr.intake import Input
from logcorr.intake.live import LiveQuery, live_journal
from tests.journal_file import systemd, writer

MACHINE = Path("/etc/machine-id").read_text(encoding="ascii").strip()
BOOTS = [f"{number:032x}" for number in (0xB3, 0xA2, 0xC1)]  # oldest first
START = 1_762_225_200_000_000
DAY = 86_400_000_000


def entry(boot: int, number: int, **fields: str) -> dict[str, list[bytes]]:
    values = {
        "__REALTIME_TIMESTAMP": str(START + boot * DAY + number * 1_000_000),
        "__MONOTONIC_TIMESTAMP": str(1 + number * 1_000_000),
        "_BOOT_ID": BOOTS[boot],
        "_UID": "0",
        "MESSAGE": f"boot {boot}, number {number}",
    }
    return {name: [value.encode()] for name, value in (values | fields).items()}


def entries() -> Iterator[dict[str, list[bytes]]]:
    for boot in range(3):
        yield entry(boot, 0, SYSLOG_IDENTIFIER="systemd", _PID="1", UNIT="tailscaled.service")
        yield entry(
            boot, 1, SYSLOG_IDENTIFIER="tailscaled", _SYSTEMD_UNIT="tailscaled.service", _SYSTEMD_SLICE="system.slice"
        )
        yield entry(boot, 2, SYSLOG_IDENTIFIER="sshd", _SYSTEMD_UNIT="ssh.service", MESSAGE="two\nlines")
        yield entry(boot, 3, SYSLOG_IDENTIFIER="cron", _SYSTEMD_UNIT="cron.service")
        yield entry(
            boot,
            4,
            SYSLOG_IDENTIFIER="systemd-coredump",
            MESSAGE_ID="fc2e22bc6ee647b6b90729ab34a250b1",
            COREDUMP_UNIT="tailscaled.service",
        )
        yield entry(boot, 5, SYSLOG_IDENTIFIER="auditd", OBJECT_SYSTEMD_UNIT="ssh.service")
        yield entry(boot, 6, SYSLOG_IDENTIFIER="kernel", _TRANSPORT="kernel")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log") / MACHINE
    folder.mkdir()
    systemd.write(folder / "system.journal", entries(), compact=True, keyed=True)
    return folder.parent


@pytest.fixture(params=["libsystemd", "files"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "files":
        monkeypatch.setitem(sys.modules, "systemd", None)  # as where the extra is not installed
        monkeypatch.setitem(sys.modules, "systemd.journal", None)
    return str(request.param)


def messages(query: LiveQuery, roots: tuple[Path, ...] = ()) -> list[str]:
    live = live_journal(query, roots=roots)
    sources = []
    for item in live.inputs:
        assert isinstance(item, Input)
        with item.open() as file:
            sources.append(parsers.read(item.name, file, modified=item.modified))
    return sorted(
        text for source in (live.select(sources) if live.select else sources) for text in source.rows["message"]
    )


def printed(folder: Path, *options: str) -> list[str]:
    done = subprocess.run(["journalctl", "-D", folder, "-o", "export", *options], capture_output=True, check=True)
    return sorted(entry["MESSAGE"][0].decode() for entry in systemd.parsed(done.stdout))


@pytest.mark.parametrize(
    "boot", ["0", "-1", "-2", "1", "2", "3", "+1", "all", BOOTS[1], f"{BOOTS[1]}-1", f"{BOOTS[1]}+1"]
)
def test_boots_are_those_of_journalctl(folder: Path, way: str, boot: str) -> None:
    assert messages(LiveQuery(directory=folder, boot=boot)) == printed(folder, f"--boot={boot}")


def test_the_boot_without_an_offset_is_the_last(folder: Path, way: str) -> None:
    assert messages(LiveQuery(directory=folder, boot="")) == printed(folder, "-b")


@pytest.mark.parametrize("boot", ["-3", "4", "f" * 32, "yesterday", f"{BOOTS[0]}-1"])
def test_an_unknown_boot_is_a_mistake(folder: Path, way: str, boot: str) -> None:
    with pytest.raises(UsageError, match="no boot"):
        messages(LiveQuery(directory=folder, boot=boot))


@pytest.mark.parametrize(
    "units", [("tailscaled",), ("tailscaled.service",), ("ssh", "cron"), ("*.service",), ("c[a-z]on*",), ("other",)]
)
def test_units_are_those_of_journalctl(folder: Path, way: str, units: tuple[str, ...]) -> None:
    options = [f"--unit={unit}" for unit in units]
    assert messages(LiveQuery(directory=folder, units=units)) == printed(folder, *options)
    assert messages(LiveQuery(directory=folder, units=units, boot="-1")) == printed(folder, *options, "--boot=-1")


def test_a_glob_that_fits_no_unit_is_a_mistake(folder: Path, way: str) -> None:
    with pytest.raises(UsageError, match="no unit"):
        messages(LiveQuery(directory=folder, units=("nginx*",)))


def test_times_are_those_of_journalctl(folder: Path) -> None:
    since, until = (datetime.fromtimestamp(START / 1e6 + offset, UTC) for offset in (1, 86_402))
    options = [f"--since=@{since.timestamp()}", f"--until=@{until.timestamp()}"]
    assert messages(LiveQuery(directory=folder, since=since, until=until)) == printed(folder, *options)


def test_archived_files_outside_the_time_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)
    for number in range(3):
        data = bytearray(writer.build([entry(number, 0), entry(number, 1)], writer.COMPACT))
        for at, second in ((184, 0), (192, 1_000_000)):
            data[at : at + 8] = (START + number * DAY + second).to_bytes(8, "little")
        (tmp_path / f"system@{number}.journal").write_bytes(data)
    since, until = (datetime.fromtimestamp(START / 1e6 + offset, UTC) for offset in (43_200, 86_400 * 1.5))
    names = [item.name for item in live_journal(LiveQuery(directory=tmp_path, since=since, until=until)).inputs]
    assert names == [str(tmp_path / "system@1.journal")]


def test_machines_and_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "systemd", None)
    for name in (MACHINE, f"{MACHINE}.web", f"{MACHINE}.db", "0" * 32, "remote"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "system.journal").write_bytes(writer.build([entry(0, 0, MESSAGE=name)], writer.COMPACT))
    (tmp_path / MACHINE / "user-1000@0005ebbfd660bcbe-dbef2eee11f4b575.journal~").write_bytes(
        writer.build([entry(0, 1, MESSAGE="user")], writer.KEYED, state=writer.ONLINE)
    )
    (tmp_path / MACHINE / "notes.txt").write_text("no journal")

    def read(namespace: str | None) -> list[str]:
        return messages(LiveQuery(namespace=namespace), roots=(tmp_path, tmp_path / "absent"))

    assert read(None) == [MACHINE, "user"]
    assert read("web") == [f"{MACHINE}.web"]
    assert read("+web") == [MACHINE, f"{MACHINE}.web", "user"]
    assert read("*") == [MACHINE, f"{MACHINE}.db", f"{MACHINE}.web", "user"]


def test_no_journal_at_all(tmp_path: Path, way: str) -> None:
    with pytest.raises(InputError, match="there is no journal") as caught:
        live_journal(LiveQuery(), roots=(tmp_path,))
    assert caught.value.exit_code == 3
    assert "-D" in (caught.value.hint or "")


def test_no_such_directory(tmp_path: Path, way: str) -> None:
    with pytest.raises(InputError, match="no such folder"):
        live_journal(LiveQuery(directory=tmp_path / "absent"))


AS_NOBODY = """
import os, sys
from pathlib import Path
from logcorr.errors import InputError
from logcorr.intake import libsystemd
from logcorr.intake.live import LiveQuery, live_journal
libsystemd.installed()  # imports what nobody may not be able to read
if os.getuid() == 0:  # whom no mode keeps out
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    live = live_journal(LiveQuery(directory=Path(sys.argv[1])))
    for item in live.inputs:
        print(item.name.rpartition("/")[2], getattr(item, "reason", "read"), sep=": ")
except InputError as error:
    print(error)
"""


def as_nobody(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, folder], capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.splitlines()


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder that anyone may look into, with one file that nobody may read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        data = writer.build([entry(0, 0)], writer.COMPACT)
        for file, mode in (("system.journal", 0o000), ("user-1000.journal", 0o644)):
            (folder / file).write_bytes(data)
            (folder / file).chmod(mode)
        yield folder


def test_files_that_may_not_be_read_are_named(locked: Path) -> None:
    assert sorted(as_nobody(locked)) == ["journal: read", "system.journal: Permission denied"]


def test_a_journal_that_may_not_be_read(locked: Path) -> None:
    (locked / "user-1000.journal").unlink()
    problem, hint = as_nobody(locked)
    assert problem == f"{locked}: the journal may not be read"
    assert "systemd-journal" in hint
    assert "sudo journalctl -o export" in hint


def test_a_folder_that_may_not_be_listed_is_no_absent_journal(locked: Path) -> None:
    machine = locked / ("0" * 32)
    machine.mkdir(mode=0o700)
    (locked / "system.journal").rename(machine / "system.journal")
    (locked / "user-1000.journal").unlink()
    problem, _ = as_nobody(locked)
    assert problem == f"{machine}: the journal may not be read"

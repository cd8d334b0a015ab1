"""Windows of text, compressed files and archives: the same records as of the whole, and only some blocks are parsed."""

import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from logcorr.inputs import sources, windows
from logcorr.inputs.request import LOOK_BACK, AnalyzeRequest
from logcorr.parsers import reading
from logcorr.schema import Timeline

START = datetime(2025, 10, 30, tzinfo=UTC)
STEP = 23  # seconds from line to line


def rfc3339(number: int) -> str:
    return f"{START + timedelta(seconds=STEP * number):%Y-%m-%dT%H:%M:%S.000000+00:00} gate app[7]: line {number}"


def rfc3164(number: int) -> str:
    return f"{START + timedelta(seconds=STEP * number):%b %e %H:%M:%S} gate app[7]: line {number}"


def local(number: int) -> str:
    return f"{START + timedelta(seconds=STEP * number):%Y-%m-%d %H:%M:%S} INFO line {number}"


def export(number: int) -> str:
    micros = int((START + timedelta(seconds=STEP * number)).timestamp() * 1e6)
    return (
        f"__REALTIME_TIMESTAMP={micros}\n__MONOTONIC_TIMESTAMP={STEP * number * 10**6 + 5}\n_BOOT_ID={7:032x}\n"
        f"_HOSTNAME=gate\nSYSLOG_IDENTIFIER=app\nMESSAGE=line {number}\n"
    )


def short_with_boots(number: int) -> str:
    line = f"{START + timedelta(seconds=STEP * number):%Y-%m-%dT%H:%M:%S+0000} gate app[7]: line {number}"
    return f"-- Boot {number:032x} --\n{line}" if number % 6_000 == 0 else line


TEXTS: dict[str, Callable[[int], str]] = {
    "rfc3339": rfc3339, "rfc3164": rfc3164, "local": local, "export": export, "boots": short_with_boots,
}  # fmt: skip
COUNT = 30_000  # some eight days
SINCE, UNTIL = START + timedelta(days=4), START + timedelta(days=4, minutes=10)


@cache
def text(kind: str, count: int = COUNT, first: int = 0) -> bytes:
    return ("\n".join(TEXTS[kind](number) for number in range(first, first + count)) + "\n").encode()


def read(paths: list[Path], *, whole: bool, since: datetime | None = SINCE, until: datetime | None = UNTIL) -> Timeline:
    now = START + timedelta(days=30)
    request = AnalyzeRequest(inputs=[str(path) for path in paths], since=since, until=until, now=now)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(windows, "SMALL", 1 << 60 if whole else 0)
        patched.setattr(reading, "WINDOW_BLOCK", 60_000)
        return sources.read_timeline(request, margin=LOOK_BACK)[0]


def assert_same(paths: list[Path], **window: datetime | None) -> Timeline:
    part, whole = read(paths, whole=False, **window), read(paths, whole=True, **window)
    assert_frame_equal(part.frame, whole.frame)
    assert part.gaps == whole.gaps
    assert_frame_equal(part.spans, whole.spans)
    assert not any(one.passed_over for one in whole.inputs)
    for one, other in zip(part.inputs, whole.inputs, strict=True):
        assert (one.host, one.timezone, one.year_from, one.first, one.last) == (
            other.host, other.timezone, other.year_from, other.first, other.last,
        )  # fmt: skip
        assert one.lines + one.passed_over == other.lines
    return part


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(
    "packed", [lambda data: data, gzip.compress, partial(lzma.compress, preset=0)], ids=["plain", "gz", "xz"]
)
def test_a_window_of_one_file(kind: str, packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.log"
    path.write_bytes(packed(text(kind)))
    part = assert_same([path])
    assert part.inputs[0].passed_over > COUNT // 5  # of a small block the half is looked at
    assert part.inputs[0].sha256 is None


@pytest.mark.parametrize(
    ("since", "until"), [(None, START + timedelta(hours=1)), (START + timedelta(days=7, hours=20), None)]
)
def test_windows_that_are_open_on_one_side(since: datetime | None, until: datetime | None, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(text("rfc3339"))
    part = assert_same([path], since=since, until=until)
    assert part.inputs[0].passed_over


@pytest.mark.parametrize("kind", ["rfc3339", "rfc3164"])
def test_rotated_files(kind: str, tmp_path: Path) -> None:
    paths = []
    for number in range(4):
        path = tmp_path / (f"syslog.{3 - number}" if number < 3 else "syslog")
        path.write_bytes(text(kind, COUNT // 4, first=number * COUNT // 4))
        paths.append(path)
    part = assert_same(paths)
    assert sum(one.passed_over > 0 for one in part.inputs) >= 2


@pytest.mark.parametrize("form", ["tar", "tgz", "zip"])
def test_archives(form: str, tmp_path: Path) -> None:
    place = tmp_path / f"logs.{form}"
    data = {f"var/log/{kind}.log": text(kind) for kind in ("rfc3339", "export")}
    if form == "zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in data.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(place, "w:gz" if form == "tgz" else "w") as tar:
            for name, content in data.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    part = assert_same([place])
    assert all(one.passed_over for one in part.inputs)


def test_a_clock_that_is_wrong_for_a_while_is_still_told(tmp_path: Path) -> None:
    """Lines dated 1970 in the middle of the window, and a boot's worth of them at the end of a block before."""
    lines = text("rfc3339").decode().splitlines()
    at = int(timedelta(days=4, minutes=3).total_seconds()) // STEP
    lines[at : at + 40] = [f"1970-01-01T00:00:{n:02}+00:00 gate app[7]: early {n}" for n in range(40)]
    path = tmp_path / "app.log"
    path.write_text("\n".join(lines) + "\n")
    part = assert_same([path])
    assert part.frame["message"].str.contains("early").sum() == 40


def test_what_is_not_in_order_is_read_whole(tmp_path: Path) -> None:
    lines = text("rfc3339").decode().splitlines()
    path = tmp_path / "app.log"
    path.write_text("\n".join(lines[number * 7_919 % len(lines)] for number in range(len(lines))) + "\n")
    assert not assert_same([path]).inputs[0].passed_over


def test_a_zone_that_only_the_rest_would_tell_is_looked_for(tmp_path: Path) -> None:
    """A router without zone beside a server: where the window's surroundings do not tell, everything is read."""
    server, router = tmp_path / "server.log", tmp_path / "router.log"
    server.write_bytes(text("rfc3339"))
    router.write_bytes(text("local", COUNT // 2).replace(b"INFO", b"router kern.info"))
    part = assert_same([server, router])
    assert not any(one.passed_over for one in part.inputs)

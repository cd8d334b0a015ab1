"""Files, folders and archives: found in order, read as streams, refused with the reason."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import lz4.frame  # type: ignore[import-untyped]  # lz4 ships no types
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr.intake import Input, Limits, Refusal, discover
from logcorr.intake.archives import Blob, expand

Writer = Callable[[str, bytes], Path]
LOG = b"Nov  4 03:00:45 vps1 app: one\n" * 20


def tarred(members: Mapping[str, Any], pack: Callable[[bytes], bytes] = bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size, info.mtime = len(content), 1_762_225_245
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)
    return pack(buffer.getvalue())


def zipped(members: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def streams_of(items: Iterable[Input | Refusal]) -> list[Input]:
    return [item for item in items if isinstance(item, Input)]


def refusals_of(items: Iterable[Input | Refusal]) -> list[Refusal]:
    return [item for item in items if isinstance(item, Refusal)]


def read_all(items: Iterable[Input | Refusal]) -> tuple[dict[str, bytes], list[Refusal]]:
    """Contents by name, each read before the next is asked for, and the refusals."""
    contents, refusals = {}, []
    for item in items:
        if isinstance(item, Refusal):
            refusals.append(item)
        else:
            with item.open() as file:
                contents[item.name] = file.read()
    return contents, refusals


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return put


def test_folder_in_natural_order(tmp_path: Path, write: Writer) -> None:
    for name in ("syslog.10", "syslog.2", "syslog", "a/z.log"):
        write(name, name.encode())
    (tmp_path / "link").symlink_to(tmp_path / "syslog")
    contents, refusals = read_all(discover([tmp_path]))
    assert list(contents) == [str(tmp_path / name) for name in ("syslog", "syslog.2", "syslog.10", "a/z.log")]
    assert contents[str(tmp_path / "syslog.2")] == b"syslog.2"
    assert [refusal.reason for refusal in refusals] == ["not read: 1 symbolic link"]


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    (refusal,) = discover([tmp_path / "none.log"])
    assert refusal == Refusal(str(tmp_path / "none.log"), "No such file or directory", "unreadable")


def test_named_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (stream,) = discover([tmp_path / "pipe"])
    assert isinstance(stream, Input)


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, bz2.compress, lzma.compress, zstandard.compress, lz4.frame.compress],
    ids=lambda pack: pack.__module__,
)
def test_compressed_file(write: Writer, pack: Callable[[bytes], bytes]) -> None:
    path = write("syslog.1.packed", pack(LOG))
    contents, refusals = read_all(discover([path]))
    assert (contents, refusals) == ({str(path): LOG}, [])
    streams = streams_of(discover([path]))
    with streams[0].open() as first:
        assert first.read() == LOG
    with streams[0].open() as again:
        assert again.read() == LOG


def test_gzip_remembers_when_the_log_was_written(write: Writer) -> None:
    path = write("syslog.2.gz", gzip.compress(LOG, mtime=1_762_225_245))
    (stream,) = streams_of(discover([path]))
    assert stream.modified == datetime(2025, 11, 4, 3, 0, 45, tzinfo=UTC)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_tar_members(write: Writer, pack: Callable[[bytes], bytes]) -> None:
    path = write("logs.tar", tarred({"var/log/syslog": LOG, "var/log/syslog.2.gz": gzip.compress(b"old\n")}, pack))
    contents, refusals = read_all(discover([path]))
    assert contents == {f"{path}!var/log/syslog": LOG, f"{path}!var/log/syslog.2.gz": b"old\n"}
    assert refusals == []
    syslog = next(stream for stream in streams_of(discover([path])) if stream.name.endswith("syslog"))
    assert syslog.modified == datetime(2025, 11, 4, 3, 0, 45, tzinfo=UTC)


def test_tar_members_opened_after_the_walk(write: Writer) -> None:
    path = write("logs.tgz", tarred({"a": b"one", "b": b"two"}, gzip.compress))
    streams = streams_of(discover([path]))
    for stream, content in reversed(list(zip(streams, (b"one", b"two"), strict=True))):
        with stream.open() as file:
            assert file.read() == content


def test_zip_in_tar_in_gzip(write: Writer) -> None:
    inner = zipped({"deep/app.log": LOG})
    path = write("all.tar.gz", tarred({"logs.zip": inner}, gzip.compress))
    contents, refusals = read_all(discover([path]))
    assert (contents, refusals) == ({f"{path}!logs.zip!deep/app.log": LOG}, [])


def test_links_devices_and_escapes_are_counted_not_read(write: Writer) -> None:
    path = write("evil.tar", tarred({
        "ok.log": LOG, "../../etc/passwd": b"x", "/etc/shadow": b"x", "link": (tarfile.SYMTYPE, "/etc/passwd"),
        "null": (tarfile.CHRTYPE, ""), "hard": (tarfile.LNKTYPE, "ok.log"),
    }))  # fmt: skip
    contents, (refusal,) = read_all(discover([path]))
    assert list(contents) == [f"{path}!ok.log"]
    assert refusal.reason == "not read: 1 device or the like, 2 links, 2 paths leading outside"


def test_sosreport_logs_only(write: Writer) -> None:
    members = {
        "sosreport-web1/var/log/syslog": LOG,
        "sosreport-web1/etc/hosts": b"x",
        "sosreport-web1/sos_commands/logs/journalctl": LOG,
        "sosreport-web1/sos_commands/networking/ethtool_-S_eno1": b"NIC statistics:\n",
        "sosreport-web1/proc/net/bonding/bond0": b"Ethernet Channel Bonding Driver: v6.8.0\n",
        "sosreport-web1/sos_commands/frr/journalctl_--no-pager_--unit_frr": LOG,
        "sosreport-web1/sos_commands/podman/containers/podman_logs_-t_proxy": LOG,
        "sosreport-web1/sos_commands/kubernetes/pods/kubectl_--namespace_shop_logs_api-0": LOG,
        "sosreport-web1/sos_commands/kubernetes/cluster-info/shop/podlogs/api-1": LOG,
        "sosreport-web1/opt/gateway/log/access": LOG,
    }
    path = write("sosreport.tar.xz", tarred(members, lzma.compress))
    contents, (refusal,) = read_all(discover([path]))
    assert [name.split("!")[1] for name in contents] == [name for name in members if "etc" not in name]
    assert "1 file of a sosreport" in refusal.reason


def test_depth_limit(write: Writer) -> None:
    data = LOG
    for _ in range(8):
        data = gzip.compress(data)
    (refusal,) = refusals_of(discover([write("nested.gz", data)], Limits(depth=3)))
    assert refusal.kind == "limit"
    assert "nested" in refusal.reason


def test_size_limit_is_told_after_reading(write: Writer) -> None:
    path = write("big.gz", gzip.compress(LOG * 10))
    found = []
    for item in discover([path], Limits(size=5_500)):
        found.append(item)
        if isinstance(item, Input):
            with item.open() as file, pytest.raises(OSError, match="more than 5,500 bytes"):
                file.read()
    assert [type(item) for item in found] == [Input, Refusal]
    assert refusals_of(found)[0].kind == "limit"


def test_bomb_stops_at_the_ratio(write: Writer) -> None:
    path = write("bomb.gz", gzip.compress(bytes(80 << 20)))
    (stream,) = streams_of(discover([path], Limits(ratio=100)))
    with stream.open() as file, pytest.raises(OSError, match="100-fold"):
        file.read()


def test_what_lies_in_one_input_shares_its_budget(write: Writer) -> None:
    inner = zipped({"0.log": bytes(8 << 20)})
    for _ in range(3):
        inner = zipped({f"{number}.zip": inner for number in range(16)})
    path = write("42.zip", inner)
    size = 0
    refusals = []
    for item in discover([path]):
        if isinstance(item, Refusal):
            refusals.append(item)
            continue
        with item.open() as file, suppress(OSError):
            while data := file.read(1 << 20):
                size += len(data)
    assert 32 << 20 < size <= 64 << 20
    assert {refusal.kind for refusal in refusals} == {"limit"}
    assert len(refusals) < 80


def test_members_limit_counts_those_of_archives_within(write: Writer) -> None:
    inner = tarred({f"{number}.log": b"x" for number in range(3)})
    path = write("many.tar", tarred({f"{number}.tar": inner for number in range(3)}))
    contents, refusals = read_all(discover([path], Limits(members=6)))
    assert len(contents) == 4
    assert {refusal.kind for refusal in refusals} == {"limit"}


def zstd_frames() -> bytes:
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(LOG)
    skippable = b"\x50\x2a\x4d\x18\x05\0\0\0hello"
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(LOG * 20_000)
    return packed + skippable + unsized + zstandard.compress(b"") + zstandard.compress(bytes(300_000))


def test_zstd_frames_of_all_kinds_are_whole(write: Writer) -> None:
    contents, refusals = read_all(discover([write("x.zst", zstd_frames())]))
    assert refusals == []
    assert [len(content) for content in contents.values()] == [len(LOG) * 20_001 + 300_000]


@pytest.mark.parametrize("end", [40, 100, -1, -3, -12, -20])
def test_a_zstd_stream_that_was_cut_off_is_told(write: Writer, end: int) -> None:
    data = zstd_frames()
    boundary = len(data) - len(zstandard.compress(bytes(300_000)))
    assert boundary not in (end, len(data) + end)
    problems = []
    for item in discover([write("x.zst", data[:end])]):
        if isinstance(item, Refusal):
            problems.append(item.reason)
            continue
        with item.open() as file:
            try:
                deque(iter(partial(file.read, 1 << 20), b""), maxlen=0)
            except OSError as error:
                problems.append(str(error))
    assert any("ended before" in problem for problem in problems)


def test_members_limit(write: Writer) -> None:
    path = write("many.tar", tarred({f"{number}.log": b"x" for number in range(5)}))
    contents, (refusal,) = read_all(discover([path], Limits(members=3)))
    assert len(contents) == 3
    assert refusal.kind == "limit"


def test_workbook_is_no_archive(write: Writer) -> None:
    path = write("export.xlsx", zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}))
    contents, _ = read_all(discover([path]))
    assert contents[str(path)] == path.read_bytes()


def test_encrypted_zip_is_refused(write: Writer) -> None:
    data = bytearray(zipped({"a.log": LOG}))
    for magic, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flag] |= 1
    found = list(discover([write("secret.zip", bytes(data))]))
    assert not streams_of(found)
    assert "encrypted" in refusals_of(found)[0].reason


PACKED = [
    tarred({"a": LOG, "b": LOG}, gzip.compress),
    zipped({"a": LOG, "b": LOG}),
    zstandard.compress(LOG),
    tarred({"a": LOG}),
]


@given(st.sampled_from(PACKED), st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_archives_end_in_refusals(packed: bytes, data: st.DataObject) -> None:
    broken = bytearray(packed[: data.draw(st.integers(1, len(packed)))])
    for _ in range(data.draw(st.integers(0, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    for item in expand(Blob("x", None, None, lambda: io.BytesIO(bytes(broken))), Limits()):
        if isinstance(item, Input):
            try:
                with item.open() as file:
                    file.read()
            except OSError:
                pass


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(gzip.compress(LOG))

    monkeypatch.setattr("sys.stdin", Stdin)
    contents, _ = read_all(discover(["-"]))
    assert contents == {"-": LOG}

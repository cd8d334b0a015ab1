"""A sample of the mutants of ``tests.hostile.mutants``, which runs as many as are asked for."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.hostile.mutants import failures, mutant, tarred
from tests.hostile.test_files import LINES, read_all


@pytest.mark.parametrize("number", [7, 45, 888, 907])
@pytest.mark.parametrize("kind", ["journal", "text", "archive"])
def test_a_mutant_raises_nothing_and_loses_nothing_unsaid(kind: str, number: int) -> None:
    assert failures(kind, number) == []


def test_a_mutant_is_told_by_its_number() -> None:
    assert mutant("archive", 3) == mutant("archive", 3)
    assert mutant("archive", 3)[1] != mutant("archive", 18)[1]


def test_a_damaged_header_inside_a_tar_is_told(tmp_path: Path) -> None:
    """tarfile passes over it, and over the member behind it, without a word where it passes over zeros."""
    data = bytearray(tarred(LINES))
    second = data.index(b"././@LongLink")
    data[second] ^= 1
    (tmp_path / "logs.tar").write_bytes(data)
    contents, told = read_all(tmp_path / "logs.tar")
    assert LINES in contents.values()
    assert [line for line in told if "the archive is damaged" in line]


def test_a_tar_without_its_end_is_told(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("a.log", "b.log"):
            member = tarfile.TarInfo(name)
            member.size = len(LINES)
            archive.addfile(member, io.BytesIO(LINES))
    (tmp_path / "logs.tar").write_bytes(buffer.getvalue()[:1024])  # the first member whole, and nothing of the second
    contents, told = read_all(tmp_path / "logs.tar")
    assert list(contents.values()) == [LINES]
    (line,) = told
    assert line.endswith(
        "the archive is damaged: its end is missing, and with it perhaps members; what came before is read"
    )


def test_zeros_between_two_tars_are_no_damage(tmp_path: Path) -> None:
    (tmp_path / "logs.tar").write_bytes(tarred(LINES) + bytes(4096) + tarred(LINES))
    contents, told = read_all(tmp_path / "logs.tar")
    assert (set(contents.values()), told) == ({LINES}, [])

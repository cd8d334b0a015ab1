import gzip

import pytest

from logcorr.intake import Refusal, Stream, discover


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b.log").write_bytes(b"two")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "z.log.1.gz").write_bytes(gzip.compress(b"one"))
    (tmp_path / "c.log").symlink_to(tmp_path / "b.log")
    return tmp_path


def test_folder_in_order_and_decompressed(folder):
    found = list(discover([folder]))
    streams = [each for each in found if isinstance(each, Stream)]
    assert [each.name for each in streams] == [str(folder / "b.log"), str(folder / "a" / "z.log.1.gz")]
    for stream, content in zip(streams, (b"two", b"one"), strict=True):
        with stream.open() as file:
            assert file.read() == content
    assert all(each.modified.utcoffset().total_seconds() == 0 for each in streams)
    (refusal,) = [each for each in found if isinstance(each, Refusal)]
    assert "symbolic link" in refusal.reason


def test_missing_file_is_refused_by_name(tmp_path):
    (refusal,) = discover([tmp_path / "none.log"])
    assert refusal == Refusal(str(tmp_path / "none.log"), "No such file or directory", "unreadable")

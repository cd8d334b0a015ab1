"""Places behind the network that fsspec reaches: ``s3://bucket/logs``, ``gs://``, ``http://`` and the like.

fsspec, and what it needs for a kind of place, are of the extra ``cluster``; they are loaded where a URL is named.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, cast

from logcorr.dataclass import dataclass
from logcorr.errors import UsageError
from logcorr.intake.guard import reason_of

_BUFFER: Final = 1 << 20
_HINT: Final = "pip install 'logcorr[cluster]', and what fsspec needs for such places (for s3:// that is s3fs)"
_FETCH: Final = "`curl -s ADDRESS | logcorr analyze -`, or "  # needs nothing but what is there
#: What stores call the time of the last change: S3, Azure, SFTP and folders, Google Cloud Storage.
_MODIFIED: Final = ("LastModified", "last_modified", "mtime", "updated")


def is_url(place: str) -> bool:
    """Whether ``place`` is for fsspec."""
    return "://" in place


def reached(place: str) -> tuple[Any, str]:
    """The file system of fsspec, which ships no types, and the path there. Raises UsageError where it is not there."""
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415  # of an extra, without types

        system, root = url_to_fs(place)
    except (ImportError, ValueError) as error:
        hint = f"{_FETCH}{_HINT}" if place.startswith("http") else _HINT
        raise UsageError(f"cannot be reached: {error}", location=place, hint=hint) from error
    return system, str(root).rstrip("/")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file behind a URL."""

    url: str
    size: int | None
    modified: datetime | None  # aware, UTC


def remote_files(url: str) -> Iterator[RemoteFile]:
    """The file at a URL, or all below it, by name. Raises UsageError as ``reached`` does, and OSError."""
    system, root = reached(url)
    try:
        found = system.info(root)
        below = system.find(root, detail=True) if found["type"] == "directory" else {root: found}
        told = {str(system.unstrip_protocol(path)): said for path, said in below.items() if said["type"] == "file"}
    except Exception as error:  # each kind of place raises its own
        raise OSError(reason_of(error)) from error
    for name in sorted(told):
        yield RemoteFile(name, told[name].get("size"), _modified(told[name]))


def remote_version(url: str) -> str:
    """What changes when the file does, without reading it. Raises OSError."""
    system, path = reached(url)
    try:
        return str(system.ukey(path))
    except Exception as error:  # each kind of place raises its own
        raise OSError(reason_of(error)) from error


def open_remote(url: str) -> BinaryIO:
    """The file, opened for reading. Raises UsageError as ``reached`` does; opening and reading raise OSError."""
    system, path = reached(url)
    try:
        file = system.open(path, "rb")
    except Exception as error:  # each kind of place raises its own
        raise OSError(reason_of(error)) from error
    return cast("BinaryIO", io.BufferedReader(_Remote(file), _BUFFER))


class _Remote(io.RawIOBase):
    """A file of fsspec; whatever goes wrong with it is an OSError."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401  # fsspec ships no types
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Whether parts can be asked for."""
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """The place in the file."""
        return int(self._file.tell())

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        """Read up to the length of ``buffer``."""
        try:
            data = self._file.read(len(buffer))
        except Exception as error:  # each kind of place raises its own
            raise OSError(reason_of(error)) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()


def _modified(said: dict[str, Any]) -> datetime | None:
    for key in _MODIFIED:
        match said.get(key):
            case datetime() as moment:
                return moment.astimezone(UTC)
            case float() | int() as seconds:
                return datetime.fromtimestamp(seconds, UTC)
            case str() as text if text:
                return datetime.fromisoformat(text).astimezone(UTC)
    return None

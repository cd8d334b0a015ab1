"""Compressed files and archives, told by their first bytes and read as streams; nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

import lz4.frame  # type: ignore[import-untyped]  # lz4 ships no types

from logcorr.dataclass import dataclass
from logcorr.intake import moments
from logcorr.intake.guard import DAMAGE, Allowance, Closable, Counted, Guarded, LimitError, reason_of
from logcorr.intake.left_out import DEVICE, FOLDER, LINK, ignored, not_a_file, refuse_passed_over
from logcorr.intake.our_reports import HEAD, is_our_report
from logcorr.intake.streams import Input, Limits, Refusal, shown
from logcorr.intake.tar_headers import Headers
from logcorr.intake.zstd_frames import ZstdFile
from logcorr.model import GapKind

_USTAR: Final = slice(257, 262)
_ZIP: Final = b"PK\x03\x04"
_IN_MEMORY: Final = 512 << 20  # a zip inside another archive cannot be streamed: its index is at its end
_GZIP_TIME: Final = slice(4, 8)

OUR_REPORT: Final = "a report of logcorr, not a log; not read"


def _gzip(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=file))


def _zstd(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", ZstdFile(file))


_COMPRESSIONS: Final[tuple[tuple[bytes, Callable[[BinaryIO], BinaryIO]], ...]] = (
    (b"\x1f\x8b", _gzip),
    (b"BZh", lambda file: cast("BinaryIO", bz2.BZ2File(file))),
    (b"\xfd7zXZ\x00", lambda file: cast("BinaryIO", lzma.LZMAFile(file))),  # noqa: SIM115  Guarded closes it
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"\x04\x22\x4d\x18", lambda file: cast("BinaryIO", lz4.frame.LZ4FrameFile(file))),
)


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes that may be an archive. ``live`` is the blob opened already, at its start, if there is such a file."""

    name: str
    size: int | None
    modified: datetime | None
    reopen: Callable[[], BinaryIO]
    live: BinaryIO | None = None
    path: Path | None = None  # the file that it is, if it is no part of one
    url: str | None = None  # the same, behind the network


def expand(blob: Blob, limits: Limits, *, depth: int = 0, budget: Allowance | None = None) -> Iterator[Input | Refusal]:
    """The inputs in ``blob``: itself, or the members of the archive that it is.

    A member of a compressed tar is read in passing; opened later, it is read again from the archive's start. All that
    lies in one input shares its ``budget``.
    """
    budget = budget or Allowance.of(limits, blob.size)
    try:
        file = blob.live or blob.reopen()
        head = _first(file)
    except (OSError, *DAMAGE) as error:
        kind: GapKind = "limit" if isinstance(error, LimitError) else "unreadable"
        yield Refusal(blob.name, f"cannot be read: {reason_of(error)}", kind)
        return
    unpack = next((unpack for magic, unpack in _COMPRESSIONS if head.startswith(magic)), None)
    archive = head[_USTAR] == b"ustar" or (head.startswith(_ZIP) and not _workbook(head))
    if (unpack or archive) and depth > limits.depth:
        file.close()
        yield Refusal(blob.name, f"archives nested more than {limits.depth} deep; not read", "limit")
    elif unpack:
        yield from _compressed(blob, file, head, unpack, limits, depth, budget)
    elif head[_USTAR] == b"ustar":
        yield from _tar(blob, _joined(file, head), limits, depth, budget)
    elif archive:
        yield from _zip(blob, _joined(file, head), limits, depth, budget)
    elif is_our_report(head):
        file.close()
        yield Refusal(blob.name, OUR_REPORT, "not-given")
    else:
        yield from _plain(blob, file, head, limits)


def _first(file: BinaryIO) -> bytes:
    data = b""
    while len(data) < HEAD and (more := file.read(HEAD - len(data))):
        data += more
    return data


def _rewinds(file: BinaryIO) -> bool:
    try:
        return file.seekable()
    except AttributeError:  # a member of a tar read as a stream: tarfile asks a file that has no such method
        return False


def _joined(file: BinaryIO, head: bytes) -> BinaryIO:
    if _rewinds(file):
        file.seek(0)
        return file
    return cast("BinaryIO", io.BufferedReader(Guarded(file, Limits(), head=head)))


def _workbook(head: bytes) -> bool:
    return b"[Content_Types].xml" in head or b"_rels/.rels" in head or b"docProps/" in head or b"xl/" in head


def _plain(blob: Blob, file: BinaryIO, head: bytes, limits: Limits) -> Iterator[Input | Refusal]:
    problems: list[str] = []
    waiting: list[BinaryIO] = []
    if blob.live is None:
        file.close()
    else:
        waiting.append(_reader(file, limits, head=head, problems=problems))

    def open_() -> BinaryIO:
        if waiting:
            return waiting.pop()
        file = blob.reopen()
        within = blob.path is not None and blob.size is not None and blob.size <= limits.size
        return file if within else _reader(file, limits, problems=problems)

    try:
        yield Input(blob.name, blob.size, blob.modified, open_, blob.path, blob.url)
    finally:
        while waiting:
            waiting.pop().close()
    # what reading ran into shows once the reader has come back for the next input
    if problems:
        yield Refusal(blob.name, problems[0], "limit")


def _reader(file: BinaryIO, limits: Limits, *, problems: list[str], head: bytes = b"") -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(Guarded(file, limits, head=head, failed=problems.append)))


def _compressed(
    blob: Blob,
    file: BinaryIO,
    head: bytes,
    unpack: Callable[[BinaryIO], BinaryIO],
    limits: Limits,
    depth: int,
    budget: Allowance,
) -> Iterator[Input | Refusal]:
    def decompressed(packed: BinaryIO, counts: Allowance | None = None) -> BinaryIO:
        counted = Counted(packed)
        inner = unpack(cast("BinaryIO", io.BufferedReader(counted, 1 << 18)))
        guarded = Guarded(inner, limits, packed=counted, budget=counts, below=(counted,))
        return cast("BinaryIO", io.BufferedReader(guarded, 1 << 18))

    modified = _gzip_time(head) or blob.modified
    # what is read again was counted when it was read in passing
    live = decompressed(_joined(file, head), budget)
    inner = Blob(blob.name, blob.size, modified, lambda: decompressed(blob.reopen()), live)
    yield from expand(inner, limits, depth=depth + 1, budget=budget)


def _gzip_time(head: bytes) -> datetime | None:
    """The mtime that gzip packed, which survives copying the result."""
    seconds = int.from_bytes(head[_GZIP_TIME], "little") if head.startswith(b"\x1f\x8b") else 0
    return moments.of_seconds(seconds) if seconds else None


def _tar(blob: Blob, file: BinaryIO, limits: Limits, depth: int, budget: Allowance) -> Iterator[Input | Refusal]:
    passed: Counter[str] = Counter()
    headers = Headers()
    try:
        with tarfile.open(
            fileobj=file, mode="r|", tarinfo=headers.member(), errorlevel=0, ignore_zeros=True
        ) as archive:
            for member in archive:
                if not _may_go_on(budget):
                    yield _too_much(blob, limits, budget)
                    break
                why = ignored(member.name) or not_a_file(member)
                if why:
                    passed[why] += 1
                    continue
                live = archive.extractfile(member)
                if live is not None:
                    yield from expand(
                        _member(blob, member, cast("BinaryIO", live), budget), limits, depth=depth + 1, budget=budget
                    )
            else:
                if headers.problem():
                    yield Refusal(blob.name, f"the archive is damaged: {headers.problem()}", "unreadable")
    except (OSError, *DAMAGE) as error:
        yield _broken(blob, error, "what came before is read")
    finally:
        file.close()
    yield from refuse_passed_over(blob.name, passed)


def _member(blob: Blob, member: tarfile.TarInfo, live: BinaryIO, budget: Allowance) -> Blob:
    # the holes of a sparse member are nowhere in the archive, and so are counted by nothing else
    counts = budget if member.issparse() else None

    def whole(found: object, *below: Closable) -> BinaryIO:
        guarded = Guarded(cast("BinaryIO", found), Limits(), budget=counts, below=below)
        return cast("BinaryIO", io.BufferedReader(guarded))

    def reopen() -> BinaryIO:
        below = blob.reopen()
        archive = tarfile.open(fileobj=below, mode="r|", errorlevel=0, ignore_zeros=True)  # noqa: SIM115  Guarded does
        for again in archive:
            if again.offset == member.offset and (found := archive.extractfile(again)) is not None:
                return whole(found, archive, below)
        raise OSError(f"{member.name} is no longer in the archive")

    when = moments.of_seconds(member.mtime) if member.mtime > 0 else None
    return Blob(f"{blob.name}!{shown(member.name)}", member.size, when, reopen, whole(live) if counts else live)


def _may_go_on(budget: Allowance) -> bool:
    budget.members -= 1
    return budget.members >= 0 and not budget.spent


def _too_much(blob: Blob, limits: Limits, budget: Allowance) -> Refusal:
    why = f"expands more than {limits.ratio}-fold" if budget.spent else f"holds more than {limits.members} members"
    return Refusal(blob.name, f"{why}; the rest is not read", "limit")


def _broken(blob: Blob, error: BaseException, read: str) -> Refusal:
    if isinstance(error, LimitError):
        return Refusal(blob.name, str(error), "limit")
    why = reason_of(error).removeprefix("damaged: ")
    return Refusal(blob.name, f"the archive is damaged: {why}; {read}", "unreadable")


def _zip(blob: Blob, file: BinaryIO, limits: Limits, depth: int, budget: Allowance) -> Iterator[Input | Refusal]:
    passed: Counter[str] = Counter()
    read = "its index is at its end, and nothing is read without it"
    try:
        whole = file if _rewinds(file) else _in_memory(file)
        budget = Allowance.of(limits, whole.seek(0, io.SEEK_END)) if budget.room is None else budget
        with zipfile.ZipFile(whole) as archive:
            read = "what came before is read"
            for member in archive.infolist():
                if not _may_go_on(budget):
                    yield _too_much(blob, limits, budget)
                    break
                why = FOLDER if member.is_dir() else ignored(member.filename) or _zip_link(member)
                if why:
                    passed[why] += 1
                    continue
                yield from expand(
                    _zipped(blob, archive, member, limits, budget), limits, depth=depth + 1, budget=budget
                )
    except (OSError, *DAMAGE) as error:
        yield _broken(blob, error, read)
    finally:
        file.close()
    yield from refuse_passed_over(blob.name, passed)


def _in_memory(file: BinaryIO) -> BinaryIO:
    data = file.read(_IN_MEMORY + 1)
    if len(data) > _IN_MEMORY:
        raise OSError(f"a zip inside an archive larger than {_IN_MEMORY:,} bytes")
    return io.BytesIO(data)


def _zip_link(member: zipfile.ZipInfo) -> str | None:
    kind = member.external_attr >> 28  # the upper half is st_mode
    return None if kind in (0, 0o10) else LINK if kind == 0o12 else DEVICE  # S_IFMT


def _zipped(blob: Blob, archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits, budget: Allowance) -> Blob:
    def reopen() -> BinaryIO:
        if archive.fp is None:
            return cast("BinaryIO", zipfile.ZipFile(_in_memory(blob.reopen())).open(member))
        # it could be rewound, by unpacking it again from its start, which an archive in it would ask for often
        return cast(
            "BinaryIO", io.BufferedReader(Guarded(cast("BinaryIO", archive.open(member)), limits, budget=budget))
        )

    # a zip's times are local, to two seconds, without a zone: good enough to tell the year
    modified = moments.of_parts(member.date_time) if member.date_time > (1980, 1, 1) else None
    return Blob(f"{blob.name}!{shown(member.filename)}", member.file_size, modified, reopen)

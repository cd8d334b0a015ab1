"""Damaged files through the whole pipeline: ``python -m tests.hostile.mutants KIND --from N --count M``.

Every mutant is told by its kind and number alone, so that a run goes on where another stopped, and a finding can be
made again. Each has 60 s of a core and 1 GiB; a worker that dies is one mutant's finding, and another goes on with the
next. A mutant fails that raises anything but an error that says what is wrong with the input, or that loses lines
which nothing accounts for. Ends with 1 where any failed.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import lzma
import multiprocessing
import random
import resource
import sys
import tarfile
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import lz4.frame  # type: ignore[import-untyped]  # lz4 ships no types
import openpyxl
import zstandard

from logcorr.api import AnalyzeRequest, analyze
from logcorr.errors import LogcorrError
from logcorr.inputs.sources import read_sources
from logcorr.model import SourceFile
from logcorr.parsers import PARSERS
from logcorr.report import render
from logcorr.schema import Source
from logcorr.timeline import Kept
from tests.journal_file import nasty, writer

SECONDS: Final = 60
BYTES: Final = 1 << 30
LINE: Final = "2026-03-14T03:{:02d}:{:02d}+00:00 alder tailscaled[7]: magicsock: derp-3 connected; connGen={}\n"
TEXT: Final = "".join(LINE.format(number // 60, number % 60, number) for number in range(1_500)).encode()
#: What fields are not made for: ends of every range, of every encoding and of every nesting.
HOSTILE: Final = (
    b"9999-12-31T23:59:59Z", b"0000-00-00", b"1e300", b"NaN", b"-1", b"18446744073709551616", b"\0", b"\0" * 512,
    b"\xff" * 8, b"\xff" * 4, b"\xed\xa0\x80", b"\r", b"\n\n", b"\x1b[2J", b'"', b"{" * 200, b"[" * 200, b"<" * 40,
    b"%s%n", b"#012", b"A" * 5_000, b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"ustar", b"\x1f\x8b", b"BZh9",
    b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"LPKSHHRH",
)  # fmt: skip


# --- what is damaged ------------------------------------------------------------------------------------------------


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in ("a.log", "deep/b.log"):
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 14, 4, 0, 0)), content, method)
    return buffer.getvalue()


def tarred(content: bytes, form: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name in ("a.log", "d" * 120 + "/b.log"):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1_773_460_800
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def workbook() -> bytes:
    """Lines as a sheet of times, hosts, programs and messages, with a second sheet."""
    book = openpyxl.Workbook()
    for sheet in (book.create_sheet("log"), book.create_sheet("more")):
        sheet.append(["Time", "Host", "Program", "Message"])
        for number in range(60):
            sheet.append([f"2026-03-14 03:{number:02d}:00", "alder", "tailscaled", f"derp-3 connected {number}"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@cache
def originals(kind: str) -> tuple[tuple[str, bytes], ...]:
    """Name and content of what mutants of a kind are made of."""
    if kind == "journal":
        layouts = (writer.COMPACT | writer.KEYED | writer.ZSTD, writer.KEYED | writer.LZ4, writer.XZ, 0)
        return tuple(
            (f"{flags}.journal", writer.build(nasty.entries(60, seed=flags), flags, threshold=100, tail=2048))
            for flags in layouts
        )
    if kind == "text":
        samples = [(parser.id, sample.text.encode()) for parser in PARSERS for sample in parser.samples]
        return tuple((f"{name}.log", text) for name, text in samples)
    plain = TEXT[: 1 << 15]
    return (
        ("a.zip", zipped(plain)), ("stored.zip", zipped(plain, zipfile.ZIP_STORED)),
        ("lzma.zip", zipped(plain, zipfile.ZIP_LZMA)), ("a.tar", tarred(plain)),
        ("pax.tar", tarred(plain, tarfile.PAX_FORMAT)), ("a.tar.gz", gzip.compress(tarred(plain), mtime=0)),
        ("a.tar.xz", lzma.compress(tarred(plain))), ("nested.tar", tarred(zipped(plain))),
        ("a.log.gz", gzip.compress(plain, mtime=0) * 2), ("a.log.xz", lzma.compress(plain)),
        ("a.log.bz2", bz2.compress(plain)), ("a.log.lz4", lz4.frame.compress(plain, content_checksum=True)),
        ("a.log.zst", zstandard.ZstdCompressor(write_checksum=True).compress(plain)),
        ("a.xlsx", workbook()), ("b.xlsx", workbook()),
    )  # fmt: skip


def mutant(kind: str, number: int) -> tuple[str, bytes, bytes]:
    """Its name, its content, and what it was made of."""
    rnd = random.Random(f"{kind} {number}")
    given = originals(kind)
    name, whole = given[number % len(given)]
    data = bytearray(whole)
    for _ in range(rnd.choice((1, 1, 2, 4, 12))):
        at, width = rnd.randrange(len(data) + 1), rnd.choice((0, 1, 1, 4, 8, 40, 600))
        what = rnd.choice((rnd.choice(HOSTILE), rnd.randbytes(width or 1), bytes(data[max(at - 90, 0) : at])))
        data[at : at + rnd.choice((width, len(what)))] = what
    if rnd.random() < 0.25:
        del data[rnd.randrange(len(data) + 1) :]
    return name, bytes(data), whole


# --- what becomes of it -------------------------------------------------------------------------------------------


def lost(kind: str, name: str, data: bytes, whole: bytes, folder: Path) -> Iterator[str]:
    """What is not accounted for: lines of a source, and, where a checksum tells it, bytes of what was packed."""
    items = _read(folder / name, data)
    for item in items:
        if isinstance(item, SourceFile):
            if not item.problem:
                yield f"{item.path}: neither read nor refused"
            continue
        kept = item.rows.height + item.unparsed.height + item.continuation + item.markers
        if item.lines != kept:
            yield f"{item.path}: of {item.lines} lines {kept} are accounted for"
    silent = not any(
        item.problem if isinstance(item, SourceFile) else (item.facts.notes or item.facts.lost or item.unparsed.height)
        for item in items
    )
    if silent and not items:
        yield "nothing was read, and nothing says so"
    if silent and kind == "archive" and not name.endswith(".xlsx"):
        before, after = _size(_read(folder / name, whole)), _size(items)
        if after < before:
            yield f"{before - after} of {before} bytes are missing, and nothing says so"


def _size(items: list[Source | SourceFile]) -> int:
    return sum(item.bytes or 0 for item in items)


def _read(path: Path, data: bytes) -> list[Source | SourceFile]:
    path.write_bytes(data)
    found = read_sources(AnalyzeRequest(inputs=[str(path)]))
    return [item for item in found if not isinstance(item, Kept)]  # which workers alone make


def failures(kind: str, number: int) -> list[str]:
    """What is wrong with what becomes of one mutant."""
    name, data, whole = mutant(kind, number)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        try:
            wrong = list(lost(kind, name, data, whole, folder))
            (folder / name).write_bytes(data)
            report = analyze(AnalyzeRequest(inputs=[str(folder)]))
            for form in ("json", "html", "md"):
                render(report, form)
        except LogcorrError as error:
            return [*wrong, *([] if str(error).strip() else ["an error that says nothing"])]
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding
            return [traceback.format_exc(limit=-3)]
    return wrong


# --- many of them -----------------------------------------------------------------------------------------------------


def _work(kind: str, numbers: range, told: Connection) -> None:
    """One worker: says which it begins, and what was wrong with it."""
    for number in numbers:
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS + 1, resource.RLIM_INFINITY))
        told.send((number, None))
        wrong = failures(kind, number)
        peak = int(
            next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line).split()[1]
        )
        if peak << 10 > BYTES:
            wrong.append(f"{peak >> 10} MiB of memory")
        told.send((number, wrong))


def run(kind: str, first: int, count: int, tell: Callable[[str], object]) -> list[str]:
    """The failures of ``count`` mutants from number ``first`` on, each with its kind and number."""
    found: list[str] = []
    context = multiprocessing.get_context("forkserver")
    at, end = first, first + count
    while at < end:
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(kind, range(at, end), theirs))
        worker.start()
        theirs.close()
        try:
            while True:
                number, wrong = ours.recv()
                if wrong is not None:
                    at = number + 1
                    found += [f"{kind} {number}: {one}" for one in wrong]
                    if wrong or at % 100 == 0:
                        tell(f"{kind} {number}: {'; '.join(wrong) or 'so far so good'}")
        except EOFError:
            worker.join()
        if at < end:
            found.append(f"{kind} {at}: the process ended with {worker.exitcode}: {SECONDS} s of a core, or a crash")
            tell(found[-1])
            at += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("journal", "text", "archive"))
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    tell = partial(print, flush=True)
    found = run(given.kind, given.first, given.count, tell)
    tell(f"{given.count} mutants of {given.kind} from {given.first}: {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

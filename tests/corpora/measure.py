"""Counting what becomes of files and asserted lines."""

from __future__ import annotations

import gzip
import lzma
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from logcorr import parsers
from logcorr.api import AnalyzeRequest, analyze
from logcorr.errors import LogcorrError
from logcorr.schema import Source
from logcorr.timeline import ClockSettings, build
from tests.corpora.assertions import Asserted

_LARGEST: Final = 20 << 20
#: A line that says when it was written, in any of the ways that these corpora know.
_DATED: Final = re.compile(rb"(?<![0-9])[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?![0-9])|(?<![0-9.])1[0-9]{9}(?![0-9])|T[0-9]{6}")
_SHARE: Final = 0.5  # of a file's lines carry a time: it is a log
_WIDTH: Final = 300  # bytes of a line in which its time is looked for
_NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Tally:
    """The table's line for one corpus."""

    files: int = 0
    dated: int = 0
    read: int = 0
    records: int = 0
    unparsed: int = 0
    right: int = 0
    refused: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)


def measure(
    folder: Path,
    globs: Sequence[str],
    asserted: Callable[[Path], Iterator[Asserted]],
    notes: str,
    *,
    verdicts: bool,
) -> Tally:
    """Read every file of a corpus, and every line of which something is asserted."""
    tally = Tally()
    for path in sorted({path for glob in globs for path in folder.glob(glob) if path.is_file()}):
        name = str(path.relative_to(folder))
        _read(path, name, notes.encode(), tally)
        if verdicts:
            _judge(path, name, tally)
    for one in asserted(folder):
        _compare(one, tally)
    return tally


def _read(path: Path, name: str, notes: bytes, tally: Tally) -> None:
    data = _unpacked(path.read_bytes())[:_LARGEST]
    lines = [line for line in data.splitlines() if line.strip()]
    if notes:
        lines = [line for line in lines if not line.startswith(notes)]
        data = b"\n".join([*lines, b""])
    if not lines or b"\0" in data[:4096]:
        return
    tally.files += 1
    dated = sum(1 for line in lines if _DATED.search(line[:_WIDTH])) >= _SHARE * len(lines)
    tally.dated += dated
    try:
        source = parsers.read(name, BytesIO(data), modified=_NOW)
        build([source], ClockSettings(now=_NOW))
    except Exception:  # noqa: BLE001  whatever it is, it is counted
        tally.crashes.append(f"{name}: {traceback.format_exc(limit=-1)}")
        return
    tally.records += source.rows.height
    tally.unparsed += source.unparsed.height
    tally.read += source.rows.height > 0
    if dated and source.rows.height < source.unparsed.height:
        first = _shown(source.unparsed["text"][0])
        tally.refused.append(f"{name}: {source.rows.height} of {len(lines)} lines: {first}")
    tally.empty += _empty(source, name, data.splitlines())


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    return lzma.decompress(data) if data.startswith(b"\xfd7zXZ") else data


def _empty(source: Source, name: str, lines: Sequence[bytes]) -> Iterator[str]:
    """Records without a message whose line holds more than a time."""
    for at in source.rows.filter(pl.col("message").fill_null("").str.strip_chars() == "")["line"].to_list():
        text = lines[at - 1].decode("utf-8", "replace") if 0 < at <= len(lines) else ""
        if len(re.sub(r"[0-9:.,TZ+\-/ \[\]]|\b[A-Z][a-z]{2}\b", "", text)) > 0 and not text.rstrip().endswith(
            (":", "]")
        ):
            yield f"{name}:{at}: {_shown(text)}"


def _shown(text: str) -> str:
    return " ".join(text.split())[:150]


def _judge(path: Path, name: str, tally: Tally) -> None:
    try:
        report = analyze(AnalyzeRequest(inputs=(str(path),)))
    except LogcorrError:
        return
    for one in report.incidents:
        if one.status in ("likely", "confirmed"):
            tally.verdicts.append(f"{name}: {one.status} {one.cause}")


def _compare(one: Asserted, tally: Tally) -> None:
    source = parsers.read(one.name, BytesIO(one.text.encode()), modified=one.modified)
    timeline = build([source], ClockSettings(now=one.modified + timedelta(days=1), default_zone=one.zone))
    frame = timeline.frame.filter(pl.col("line") == one.line) if one.line else timeline.frame
    found = frame["time"].to_list()
    shown = _shown(one.text)
    if not found:
        tally.unread.append(f"{one.name}: {shown}")
    elif any(abs(time - one.time) < _SECOND for time in found):
        tally.right += 1
    elif one.disputed:
        tally.disputed.append(f"{one.name}: {one.disputed}")
    else:
        tally.wrong.append(f"{one.name} [{source.format}]: {found[0]} for {one.time}: {shown}")

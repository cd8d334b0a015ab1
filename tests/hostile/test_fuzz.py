"""Mutants of every format's samples, of journals, archives and rule files: nothing raises, nothing is lost unsaid.

``make test`` tries a few of each; ``make fuzz`` tries as many as FUZZ says.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logcorr.errors import RuleError
from logcorr.intake import Limits, Refusal, discover
from logcorr.intake.archives import Blob, expand
from logcorr.parsers import PARSERS, Parser, read
from logcorr.parsers.formats.journal_file import read_journal
from logcorr.parsers.reading import Reader
from logcorr.rulebook import load_rules
from logcorr.schema import TIMELINE, Source
from logcorr.timeline import ClockSettings, build
from tests.conftest import ROOT
from tests.journal_file import nasty, writer

pytestmark = pytest.mark.slow

#: Mutants of each target.
FUZZ = int(os.environ.get("FUZZ", "12"))
bounded = settings(max_examples=FUZZ, deadline=None, suppress_health_check=list(HealthCheck))

NOW = ClockSettings(now=datetime(2026, 3, 14, tzinfo=UTC))
#: What fields are not made for.
HOSTILE = (
    b"9999-12-31T23:59:59Z", b"0000-00-00 00:00:00", b"Feb 30 25:61:61", b"1e300", b"NaN", b"-1",
    b"18446744073709551616",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"\n\n", b"\x1b[2J", b'"', b"\\", b"{" * 200, b"[" * 200, b"=" * 50,
    b"%s%n", b"#012", b"A" * 5_000, "\u202e".encode(), b"<script>", b"+99:99", b"@4000000037c219bf2ef02e94",
)  # fmt: skip
JOURNALS = [
    writer.build(nasty.entries(40, seed=flags), flags, threshold=100, tail=2048)
    for flags in (writer.COMPACT | writer.KEYED | writer.ZSTD, writer.KEYED | writer.LZ4, 0)
]
RULES = sorted((ROOT / "rules").glob("*/**/*.yaml"))


@st.composite
def mutants(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """Some samples one after another, with bytes changed, put in, taken out and repeated, and cut off."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(samples), min_size=1, max_size=3))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        width = draw(st.sampled_from((0, 1, 8, 40)))
        data[at : at + width] = draw(st.sampled_from(HOSTILE) | st.binary(max_size=8) | st.just(bytes(data[:at][-60:])))
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


def accounted(source: Source) -> Source:
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize("parser", [parser for parser in PARSERS if parser.samples], ids=lambda parser: parser.id)
def test_a_parser(parser: Parser) -> None:
    """By itself and among all: every line is a record, a part of one, or counted as not understood."""
    samples = [sample.text.encode() for sample in parser.samples]

    @bounded
    @given(mutants(samples))
    def attack(data: bytes) -> None:
        accounted(Reader.of([parser]).read("x.log", io.BytesIO(data)))
        accounted(read("x.log", io.BytesIO(data)))

    attack()


@bounded
@given(mutants(JOURNALS))
def test_the_journal_reader(data: bytes) -> None:
    batch = read_journal(data)
    assert batch.lines == batch.rows.height + batch.unparsed.height


@bounded
@given(st.lists(mutants([sample.text.encode() for parser in PARSERS for sample in parser.samples]), max_size=4))
def test_the_timeline_of_mutants(logs: list[bytes]) -> None:
    """Whatever times they claim, records keep their number and have a time that a calendar has."""
    sources = [read(f"{number}.log", io.BytesIO(data)) for number, data in enumerate(logs)]
    sources = [source for source in sources if source.rows.height]
    if not sources:
        return
    timeline = build(sources, NOW)
    assert dict(timeline.frame.schema) == TIMELINE
    assert timeline.frame["time"].null_count() == 0
    assert timeline.frame["time"].is_sorted()
    assert sum(item.records for item in timeline.inputs) <= sum(source.rows.height for source in sources)


def packed(kind: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("a.log", "b.log"):
                archive.writestr(name, content)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("a.log", "b.log"):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue()) if kind == "tgz" else buffer.getvalue()


@bounded
@given(mutants([packed(kind, b"2026-03-14T03:00:00Z alder app[1]: one\n" * 9) for kind in ("zip", "tar", "tgz")]))
def test_an_archive(data: bytes) -> None:
    for item in expand(Blob("x", len(data), None, lambda: io.BytesIO(data)), Limits(members=50)):
        if isinstance(item, Refusal):
            assert item.reason
            continue
        try:
            with item.open() as file:
                accounted(read(item.name, file, modified=item.modified))
        except OSError as error:
            problem = str(error)
            assert problem


@bounded
@given(st.text(max_size=40), st.binary(max_size=60))
def test_a_folder_with_any_names(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw = (name.encode("utf-8", "replace") or b"x").replace(b"/", b"_")
        if b"\0" in raw or raw in (b".", b".."):  # no names of files
            return
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))
        path.write_bytes(content)
        (item,) = discover([folder])
        assert item.name.encode("utf-8")


@bounded
@given(mutants([path.read_bytes() for path in RULES]))
def test_the_rule_loader(data: bytes) -> None:
    """A rule file is read, or every fault of it is told with its place."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mine.yaml").write_bytes(data)
        try:
            load_rules([Path(folder)], shipped=False)
        except RuleError as error:
            places = [fault.location for fault in error.faults]
            assert places
            assert all(places)

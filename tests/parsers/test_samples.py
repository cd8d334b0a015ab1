"""Every parser's samples: read as promised, recognised as that parser's, and every line accounted for."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from logcorr import parsers, schema
from logcorr.parsers import PARSERS, LineParser, Parser, Sample
from logcorr.parsers.engine.base import LAST_FIT, WholeParser
from logcorr.parsers.engine.head import Head, head_of
from logcorr.parsers.formats.embedded_time import EMBEDDED
from logcorr.parsers.reading import Reader
from tests.parsers.alone import read_alone

SAMPLES = [
    pytest.param(parser, sample, id=f"{parser.id}-{number}")
    for parser in PARSERS
    for number, sample in enumerate(parser.samples)
]


def expected(value: object, column: str) -> object:
    if isinstance(value, str) and column in ("stamp", "received"):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if column == "received" else moment
    return value


@pytest.mark.parametrize(("parser", "sample"), SAMPLES)
def test_sample_reads_as_promised(parser: Parser, sample: Sample) -> None:
    rows = read_alone(parser, sample.text.encode()).rows
    assert dict(rows.schema) == schema.RECORDS
    assert rows.height
    for column, want in sample.expect.items():
        wants = want if isinstance(want, list) else [want] * rows.height
        assert rows[column].to_list() == [expected(each, column) for each in wants], column


@pytest.mark.parametrize(("parser", "sample"), SAMPLES)
def test_sample_is_recognised(parser: Parser, sample: Sample) -> None:
    source = parsers.read("x", BytesIO(sample.text.encode()))
    assert source.format == parser.id
    assert source.unparsed.height == 0


@pytest.mark.parametrize(("parser", "sample"), SAMPLES)
def test_every_line_is_accounted_for(parser: Parser, sample: Sample) -> None:
    batch = read_alone(parser, sample.text.encode())
    assert batch.lines == batch.rows.height + batch.unparsed.height + batch.continuation + batch.markers
    assert batch.unparsed.height == 0


def test_every_parser_has_samples() -> None:
    binary = {"journal-file", "xlsx"}
    assert all(parser.samples for parser in PARSERS if parser.id not in binary)
    assert len({parser.id for parser in PARSERS}) == len(PARSERS)
    assert all(isinstance(parser, LineParser) != isinstance(parser, WholeParser) for parser in PARSERS)


class Late:
    """The parser of lines with a time in the middle, by nothing but the contract; keeps what it was asked."""

    id, title, samples = "late", "a format of the last turn", EMBEDDED.samples
    turn, headers = EMBEDDED.turn, EMBEDDED.headers
    take, cut = staticmethod(EMBEDDED.take), staticmethod(EMBEDDED.cut)

    def __init__(self) -> None:
        self.asked = 0

    def sniff(self, head: Head) -> float:
        self.asked += 1
        return EMBEDDED.sniff(head)


def test_a_format_of_the_last_turn_is_asked_where_no_other_fits_whatever_its_class() -> None:
    late = Late()
    reader = Reader.of([*(parser for parser in PARSERS if parser is not EMBEDDED), late])
    own = EMBEDDED.samples[0].text.encode()
    assert 0 < EMBEDDED.sniff(head_of(own)) <= LAST_FIT
    assert [parser.id for parser in reader.order(own)] == ["late"]
    asked = late.asked
    half = b"Nov  4 03:00:45 vps1 app[1]: one\nnothing that anybody knows\n" * 4
    assert reader.order(half)[0].id == "syslog-rfc3164"
    assert late.asked == asked

"""No format's lines are taken by another's parser: each sample alone, and each behind a head of any other format."""

from io import BytesIO

import pytest

from logcorr import parsers
from logcorr.parsers import PARSERS, LineParser
from logcorr.schema import Source

pytestmark = pytest.mark.slow

#: Formats of lines; a whole-file format (a table, a workbook) takes everything behind its heading.
LINE = [parser for parser in PARSERS if isinstance(parser, LineParser) and parser.samples]
#: What leads lines of many programs, and says nothing of which one.
GENERIC = {parser.id for parser in PARSERS if parser.id.startswith("time-")}
HEADS = {
    "syslog-rfc3164": "Nov  4 03:00:45 vps1 app[1]: one\n",
    "syslog-rfc3339": "2025-11-04T03:00:45.792703+00:00 vps1 app[1]: one\n",
    "syslog-rfc5424": "<13>1 2025-11-04T03:00:45.000Z vps1 app 1 - - one\n",
    "journal-short-iso-precise": "2025-11-04T03:00:45.792703+0000 vps1 app[1]: one\n",
    "journal-json": '{"__REALTIME_TIMESTAMP":"1762225245991099","MESSAGE":"x","_BOOT_ID":"y"}\n',
    "json-lines": '{"time":"2025-11-04T03:00:45Z","msg":"one"}\n',
    "dmesg": "[ 4301.999258] audit: type=1400\n",
    "key-value": "time=2025-11-04T03:00:45Z level=info msg=one\n",
}


#: Lines that may be of either format: only their neighbours tell.
EITHER = {
    ("journal-short-monotonic", "dmesg"),
    ("docker-json", "json-lines"),
    *(("dmesg-iso", head) for head in HEADS),
    ("cri", "journal-json"),
}


def read(text: str) -> Source:
    source = parsers.read("x", BytesIO(text.encode()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize(
    ("parser", "head"),
    [(one, head) for one in LINE for head in HEADS if one.id not in GENERIC and (one.id, head) not in EITHER],
    ids=lambda one: one if isinstance(one, str) else one.id,
)
def test_a_sample_behind_a_head_of_another_format(parser: LineParser, head: str) -> None:
    count = 12
    for text in (sample.text for sample in parser.samples):
        alone = read(text)
        source = read(HEADS[head] * count + text)
        rows = source.rows.filter(source.rows["line"] > count)
        assert rows.height == alone.rows.height
        kept = ("stamp", "stamp_kind", "message")
        same = [name for name in kept if rows[name].to_list() == alone.rows[name].to_list()]
        assert same == list(kept), (parser.id, head, [rows[name].to_list() for name in kept if name not in same])

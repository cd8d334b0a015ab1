"""The export format by its specification: whatever bytes a value holds, each entry comes back as it was written."""

from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr import parsers

TRICKY = st.sampled_from([
    b"", b"\n", b"\n\n", b"\0" * 9, b"a\n\n__REALTIME_TIMESTAMP=9\nMESSAGE=forged\n\n", b"MESSAGE\n", b"=",
    b"MESSAGE\n\x05\0\0\0\0\0\0\0hello\n", "ä\n".encode(), b"x" * 10 + b"\n", b"\n" * 10, b"\r\n", b"_PID=1\n",
])  # fmt: skip
VALUES = st.one_of(TRICKY, st.binary(max_size=40), st.lists(TRICKY, max_size=4).map(b"".join))
NAMES = st.sampled_from(["SYSLOG_IDENTIFIER", "_COMM", "OTHER", "A", "COREDUMP_" + "X" * 50])
ENTRIES = st.lists(st.tuples(VALUES, st.lists(st.tuples(NAMES, VALUES), max_size=3)), min_size=1, max_size=12)


def field(name: str, value: bytes) -> bytes:
    if all(byte >= 32 or byte == 9 for byte in value):
        return name.encode() + b"=" + value + b"\n"
    return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"


def export(entries: list[tuple[bytes, list[tuple[str, bytes]]]]) -> bytes:
    parts = []
    for number, (message, others) in enumerate(entries):
        parts.append(field("__REALTIME_TIMESTAMP", str(1_762_225_245_000_000 + number).encode()))
        parts.extend(field(name, value) for name, value in others)
        parts.append(field("MESSAGE", message) + b"\n")
    return b"".join(parts)


@given(ENTRIES, st.sampled_from([1 << 20, 600, 150, 60]))
@settings(max_examples=150, deadline=None)
def test_every_entry_comes_back(entries: list[tuple[bytes, list[tuple[str, bytes]]]], block: int) -> None:
    data = export(entries)
    blocks = list(parsers.read_blocks("x", BytesIO(data), block_bytes=block))
    rows = [row for part in blocks for row in part.rows.iter_rows(named=True)]
    assert [row["message"] for row in rows] == [message.decode("utf-8", "backslashreplace") for message, _ in entries]
    assert [row["stamp"].microsecond for row in rows] == [number % 1_000_000 for number in range(len(entries))]
    for part in blocks:
        total = part.rows.height + part.unparsed.height + part.continuation + part.markers
        assert (part.lines, part.unparsed.height) == (total, 0)
    assert [row["line"] for row in rows] == [
        1 + data.count(b"\n", 0, data.index(f"__REALTIME_TIMESTAMP={1_762_225_245_000_000 + number}\n".encode()))
        for number in range(len(entries))
    ]


REPEATED = [
    ("MESSAGE", b"one"), ("SYSLOG_IDENTIFIER", b"app"), ("MESSAGE", b"two\nlines"), ("PRIORITY", b"9"),
    ("SYSLOG_IDENTIFIER", b"other\n"), ("MESSAGE", b"three"), ("_HOSTNAME", b"h\n"), ("_HOSTNAME", b"i"),
]  # fmt: skip


def test_of_repeated_fields_the_first_counts_and_no_message_is_lost() -> None:
    entry = field("__REALTIME_TIMESTAMP", b"1762225245000000") + b"".join(field(*one) for one in REPEATED) + b"\n"
    as_json = (
        b'{"__REALTIME_TIMESTAMP":"1762225245000000","MESSAGE":["one","two\\nlines","three"],"PRIORITY":"9",'
        b'"SYSLOG_IDENTIFIER":["app",[111,10]],"_HOSTNAME":[null,[104,10],"i"]}\n'
    )
    for data in (entry * 2, as_json * 2):
        rows = parsers.read("x", BytesIO(data)).rows
        assert rows["message"].to_list() == ["one\ntwo\nlines\nthree"] * 2
        assert rows["program"].to_list() == ["app"] * 2
        assert rows["host"].to_list() == ["h\n"] * 2
        assert rows["priority"].to_list() == [None] * 2

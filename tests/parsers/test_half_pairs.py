"""Texts of JSON that are no UTF-8: half a surrogate pair as an escape, and bytes that are no character."""

from io import BytesIO

import pytest

from logcorr import parsers

HALF = rb"\ud83d"
BYTE = b"\x80"
INPUTS = {
    "prometheus": b'{"status":"success","data":{"resultType":"vector","result":['
    b'{"metric":{"__name__":"up","instance":"srv*:9100","device":"*"},"value":[1773493801,"*1"]}]}}\n',
    "victoriametrics": b'{"metric":{"__name__":"u*p","instance":"srv*"},"values":[1],"timestamps":[1773493801000]}\n',
    "sadf": b'{"sysstat": {"hosts": [{"nodename": "srv*","statistics":[{"timestamp": {"date": "2026-03-14", '
    b'"time": "13:10:01", "utc":1},"queue":{"runq-sz*": 1, "plist-sz": "*"}}]}]}}\n',
    "loki": b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{"host":"srv*"},'
    b'"values":[["1773493801000000000","link * down"]]}]}}\n',
    "lines": b'{"time":"2026-03-14T13:10:01Z","host":"srv*","msg":"link * down"}\n',
    "array": b'[\n{"time":"2026-03-14T13:10:01Z","host":"srv*","msg":"link * down"}\n]\n',
}


@pytest.mark.parametrize("damage", [HALF, BYTE], ids=["half a pair", "a byte"])
@pytest.mark.parametrize("name", INPUTS)
def test_the_record_is_read_and_says_what_stood_there(name: str, damage: bytes) -> None:
    found = parsers.read("x.log", BytesIO(INPUTS[name].replace(b"*", damage)))
    assert found.rows.height == 1
    assert found.unparsed.is_empty()
    row = found.rows.row(0, named=True)
    assert damage in str(row["host"] or row["message"]).encode() or r"\x80" in str(row["host"]) or r"\udc80" in str(row)

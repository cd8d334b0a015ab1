"""JSON that is no line per object: whole, cut off, nested, hostile; every line of it accounted for."""

import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr import parsers
from logcorr.schema import Source

OBJECTS = [
    {"time": f"2025-11-04T03:00:{number:02}Z", "msg": f"probe {number} ž", "a": {"b": [1]}} for number in range(9)
]


def read(data: bytes) -> Source:
    source = parsers.read("x", BytesIO(data))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize("indent", [1, 2, 4])
def test_an_array_over_many_lines(indent: int) -> None:
    text = json.dumps(OBJECTS, indent=indent, ensure_ascii=False)
    source = read(text.encode())
    assert (source.format, source.unparsed.height) == ("json", 0)
    assert source.rows["message"].to_list() == [each["msg"] for each in OBJECTS]
    lines = text.split("\n")
    assert all(lines[line - 1].strip() == "{" for line in source.rows["line"])
    assert source.markers == 2


def test_objects_one_after_another() -> None:
    text = "\n".join(json.dumps(each, indent=2) for each in OBJECTS)
    source = read(text.encode())
    assert (source.format, source.rows.height, source.markers) == ("json", 9, 0)


def test_an_array_that_was_cut_off_keeps_what_is_whole() -> None:
    text = json.dumps(OBJECTS, indent=2)
    source = read(text[: text.index("probe 5")].encode())
    assert source.rows.height == 5
    assert source.unparsed.height
    assert "damaged" in source.facts.lost[0]


def test_objects_without_a_time_are_unparsed() -> None:
    source = read(b'[\n{"time":"2025-11-04T03:00:45Z","msg":"x"},\n{"msg":"no time"},\n7,\n"x"\n]\n')
    assert (source.rows.height, source.markers) == (1, 2)
    assert source.unparsed["line"].to_list() == [3, 4, 5]


@pytest.mark.parametrize(
    "value", ['"\\ud800"', "1e999", "9" * 30, "[[[1]]]", '{"a":"\\udfff"}', "NaN", "[null]", "true", '"\\u0000"']
)
def test_values_that_no_writer_should_write(value: str) -> None:
    source = read(f'[\n{{"time":"2025-11-04T03:00:45Z","msg":{value},"pid":{value}}}\n]'.encode())
    assert source.rows.height == 1


def test_depth_is_no_trouble() -> None:
    deep = b'[{"time":' + b"[" * 200_000
    assert read(deep).rows.is_empty()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damage(data: st.DataObject) -> None:
    text = bytearray(json.dumps(OBJECTS, indent=1, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(text[: data.draw(st.integers(0, len(text)))]))

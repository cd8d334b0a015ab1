"""Lines that a container runtime cut into chunks come back whole, whatever lies between and wherever blocks end."""

import json
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcorr import parsers
from logcorr.schema import Source

Write = Callable[..., str]

CHUNKS = st.lists(st.text('ab\\"{ ', min_size=1, max_size=8), min_size=1, max_size=4)
WRITTEN = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), CHUNKS), min_size=1, max_size=12)
#: Which stream has its next chunk written, in turn.
TURNS = st.lists(st.sampled_from(["stdout", "stderr"]), max_size=48)


def docker(stream: str, chunk: str, *, last: bool) -> str:
    log = json.dumps(chunk + "\n" * last)
    return f'{{"log":{log},"stream":"{stream}","time":"2025-11-04T03:00:45.25Z"}}\n'


def cri(stream: str, chunk: str, *, last: bool) -> str:
    return f"2025-11-04T03:00:45.25Z {stream} {'F' if last else 'P'} {chunk}\n"


def interleaved(
    written: list[tuple[str, list[str]]], turns: list[str]
) -> tuple[list[tuple[str, str, bool]], list[str]]:
    """The chunks in the order in which they are written, and the whole lines in the order in which they begin."""
    waiting = {
        stream: [
            (chunk, at == len(chunks) - 1)
            for name, chunks in written
            if name == stream
            for at, chunk in enumerate(chunks)
        ]
        for stream in ("stdout", "stderr")
    }
    order: list[tuple[str, str, bool]] = []
    whole: list[str] = []
    current: dict[str, int | None] = {"stdout": None, "stderr": None}
    for stream in [*turns, *["stdout"] * 99, *["stderr"] * 99]:
        if not waiting[stream]:
            continue
        chunk, last = waiting[stream].pop(0)
        order.append((stream, chunk, last))
        at = current[stream]
        if at is None:
            at = len(whole)
            whole.append("")
        whole[at] += chunk
        current[stream] = None if last else at
    return order, whole


@pytest.mark.parametrize("write", [docker, cri])
@given(written=WRITTEN, turns=TURNS, block=st.sampled_from([1 << 20, 400, 150]))
@settings(max_examples=60, deadline=None)
def test_chunks_are_joined(write: Write, written: list[tuple[str, list[str]]], turns: list[str], block: int) -> None:
    order, whole = interleaved(written, turns)
    data = "".join(write(stream, chunk, last=last) for stream, chunk, last in order).encode()
    parts = list(parsers.read_blocks("x", BytesIO(data), block_bytes=block))
    assert [text for part in parts for text in part.rows["message"]] == whole
    assert sum(part.continuation for part in parts) == len(order) - len(whole)
    assert sum(part.lines for part in parts) == len(order)


def read(text: str) -> Source:
    source = parsers.read("x", BytesIO(text.encode()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize("write", [docker, cri])
def test_a_chunk_whose_end_never_came_is_a_record(write: Write) -> None:
    between = "".join(write("stderr", f"line {number}", last=True) for number in range(150))
    source = read(write("stdout", "torn", last=False) + between + write("stdout", "later", last=True))
    messages = source.rows["message"].to_list()
    assert (messages[0], messages[-1], len(messages)) == ("torn", "later", 152)


def test_one_line_of_many_chunks() -> None:
    text = "".join(docker("stdout", "x" * 16_000, last=number == 199) for number in range(200))
    source = read(text + docker("stdout", "next", last=True))
    assert source.rows["message"].str.len_bytes().to_list() == [3_200_000, 4]
    assert source.continuation == 199

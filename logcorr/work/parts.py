"""The unit of work: one input, read, parsed and classified, left in a store for whoever puts the parts together.

A part is named by what it was made of (the input, the rules, this code), so it is made once, whoever asks for it, and
whoever was killed meanwhile. Joins stages, as ``api`` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl

from logcorr import __version__
from logcorr.dataclass import dataclass
from logcorr.events import match_wordings
from logcorr.inputs.sources import parse_blocks
from logcorr.intake import Input
from logcorr.intake.guard import whole_file
from logcorr.intake.remote import is_url, open_remote, remote_version
from logcorr.model import SourceFile
from logcorr.parsers.engine.window import Window
from logcorr.rulebook import kept
from logcorr.rulebook.checks.outsiders import outsiders_of
from logcorr.rulebook.models import Rulebook
from logcorr.timeline import Kept, join_blocks, keep
from logcorr.work.kept_parts import read_kept, write_kept
from logcorr.work.store import Store, open_store

#: Whose code decides what a part holds.
_MAKERS: Final = ("parsers", "events", "origin", "rulebook", "timeline", "work")
_KILLED: Final = "reading it ended {} workers, one after another; it was left out"


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know to make a part."""

    name: str  # of the input, as shown
    place: str  # of the input: a path, or a URL
    modified: datetime | None
    window: Window | None  # of a text, what is read
    collectors: tuple[str, ...]
    work: str  # the store
    rules: str  # the rulebook's name there
    packed: bool  # the store outlives the run, or is far


def keep_rules(rules: Rulebook, store: Store) -> str:
    """Leave the rules for the workers; under which name."""
    body = kept.written(rules)
    name = f"rules-{hashlib.sha256(body).hexdigest()}.json"
    if store.read(name) is None:
        store.write(name, body)
    return name


def make_part(task: Task) -> str:
    """Read, parse and classify one input; the name of the part in the store. What is there is not made again."""
    store = open_store(task.work, packed=task.packed)
    key = _key(task)
    if key is not None and store.read(f"{key}.json") is not None:
        return key
    key = key or hashlib.sha256(repr(task).encode()).hexdigest()
    found = _made(task)
    if isinstance(found, Kept):
        found.pack()
        said = {"kept": write_kept(store, key, found)}
    else:
        said = {"refused": asdict(found)}
    store.write(f"{key}.json", orjson.dumps(said))
    return key


def _made(task: Task) -> Kept | SourceFile:
    """What is kept of an input, and which wordings its records match."""
    rules = _rules(task.work, task.rules, packed=task.packed)
    outsiders = outsiders_of(rules)
    blocks: list[Kept] = []
    for found in parse_blocks(_input(task), task.window, task.collectors):
        if isinstance(found, SourceFile):
            return found
        blocks.append(keep(replace(found, told=match_wordings(found.rows, rules)), outsiders))
        blocks[-1].pack()
    return join_blocks(blocks)


def _input(task: Task) -> Input:
    if is_url(task.place):
        return Input(task.name, None, task.modified, partial(open_remote, task.place), url=task.place)
    path = Path(task.place)
    return Input(task.name, None, task.modified, partial(whole_file, path), path)


def load_part(store: Store, key: str) -> Kept | SourceFile:
    """What ``make_part`` left."""
    said = orjson.loads(store.read(f"{key}.json") or b"")
    if "kept" in said:
        return read_kept(store, key, said["kept"])
    refused = said["refused"]
    tuples = {name: tuple(map(_tuple, value)) for name, value in refused.items() if isinstance(value, list)}
    return SourceFile(**{**refused, **tuples})


def killed(name: str, workers: int) -> SourceFile:
    """What is told of an input that ended all its workers."""
    return SourceFile(path=name, problem=_KILLED.format(workers), problem_kind="unreadable")


def _tuple(value: Any) -> Any:  # noqa: ANN401  # of any type
    return tuple(value) if isinstance(value, list) else value


def _key(task: Task) -> str | None:
    """What names the part: the input's bytes, how it is read, the rules and the code.

    None where it cannot be read, or where nobody will ask for it again.
    """
    if not task.packed:
        return None
    told = (task.name, str(task.modified), repr(task.window), task.collectors, task.rules, _code())
    found = hashlib.sha256(repr(told).encode())
    try:
        if is_url(task.place):
            found.update(remote_version(task.place).encode())
        else:
            with Path(task.place).open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        return None
    return found.hexdigest()


@cache
def _code() -> str:
    found = hashlib.sha256(f"{__version__} {pl.__version__}".encode())
    package = Path(__file__).parent
    for path in sorted(path for part in _MAKERS for path in (package / part).rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


@cache
def _rules(work: str, name: str, *, packed: bool) -> Rulebook:
    return kept.restored(open_store(work, packed=packed).read(name) or b"")

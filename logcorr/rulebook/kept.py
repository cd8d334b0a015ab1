"""Rulebooks kept between runs: below ``$XDG_CACHE_HOME/logcorr``, as plain JSON.

A kept rulebook is used for exactly the rule files and the code that it was made of. Any number of processes may share
the folder: a file is put in place whole, and what it holds is never changed. What is damaged, what another user owns
or could have written, and what another version left is passed over, and the rules are read again. JSON holds data only,
so nothing that stands in such a file is ever run; expressions of foreign rules (``Rulebook.queries``) are not kept.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl
from pydantic import BaseModel

from logcorr import __version__
from logcorr.rulebook import models
from logcorr.rulebook.expressions import Expression
from logcorr.rulebook.fieldtypes import FIELD_TYPES
from logcorr.rulebook.files import RuleFile
from logcorr.rulebook.models import Rulebook

#: Rulebooks that are left in the folder: a few sets of rules are in use at a time.
_MOST: Final = 8
_LARGEST: Final = 64 << 20
_MODEL: Final = "~"  # the key of a model's name; no field is called so
_PARTS: Final = ("events", "patterns", "causes", "sources", "symptoms", "states")
_MODELS: Final = {
    name: kind for name, kind in vars(models).items() if isinstance(kind, type) and issubclass(kind, models.Rule)
}
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)


def key(files: Sequence[RuleFile]) -> str | None:
    """What names the rulebook of these files: their names, contents and places, and the code that reads them.

    None where the code's own files cannot be read.
    """
    found = hashlib.sha256(f"{__version__} {pl.__version__}".encode())
    try:
        for code in sorted(Path(__file__).parent.glob("*.py")):
            found.update(hashlib.sha256(code.read_bytes()).digest())
    except OSError:
        return None
    for file in files:
        names = f"{file.folder} {file.shipped:d} {file.shown}\0{file.relative}\0{len(file.content)}\0"
        found.update(names.encode("utf-8", "surrogateescape"))
        found.update(file.content)
    return found.hexdigest()


def load(name: str) -> Rulebook | None:
    """The rulebook kept under ``name``; None where there is none that can be trusted."""
    folder = _folder()
    if folder is None or not _is_own_folder(folder):
        return None
    data = _own(folder / f"rules-{name}.json")
    if data is None:
        return None
    head, _, body = data.partition(b"\n")
    if head.decode("ascii", "replace") != _head(name, body):
        return None
    try:
        found = restored(body)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    with suppress(OSError):
        os.utime(folder / f"rules-{name}.json")  # the time of a file is that of its last use
    return found


def save(name: str, rules: Rulebook) -> None:
    """Keep a rulebook; where that cannot be done, the next run reads the rules again."""
    folder = _folder()
    if folder is None or rules.queries:
        return
    body = written(rules)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_own_folder(folder):
            return
        handle, partial = tempfile.mkstemp(prefix=".rules-", dir=folder)  # readable by its owner alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(name, body).encode() + b"\n" + body)
            Path(partial).replace(folder / f"rules-{name}.json")
        finally:
            Path(partial).unlink(missing_ok=True)
        _clear(folder)


def written(rules: Rulebook) -> bytes:
    """The rulebook as JSON, but for its expressions of foreign rules."""
    return orjson.dumps(_plain(rules))


def restored(body: bytes) -> Rulebook:
    """The rulebook of ``written``. For bytes of ours alone: what is wrong in them raises whatever it will."""
    return _rulebook(orjson.loads(body))


def _folder() -> Path | None:
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():  # a relative one is to be ignored (XDG Base Directory Specification)
        return Path(given, "logcorr")
    home = os.environ.get("HOME", "")
    return Path(home, ".cache", "logcorr") if home and Path(home).is_absolute() else None


def _head(name: str, body: bytes) -> str:
    return f"logcorr rules {name} {hashlib.sha256(body).hexdigest()}"


def _is_own_folder(folder: Path) -> bool:
    with suppress(OSError):
        return _is_own(folder.stat(follow_symlinks=False), stat.S_ISDIR)
    return False


def _is_own(found: os.stat_result, kind: Any) -> bool:  # noqa: ANN401  # one of stat's tests
    """Whether it is ours, and nobody else may write there."""
    return (
        bool(kind(found.st_mode)) and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _own(path: Path) -> bytes | None:
    """The bytes of a file of ours that nobody else may write."""
    with suppress(OSError), os.fdopen(os.open(path, os.O_RDONLY | _NO_FOLLOW), "rb") as file:
        found = os.fstat(file.fileno())
        if _is_own(found, stat.S_ISREG) and found.st_size <= _LARGEST:
            return file.read(_LARGEST)
    return None


def _clear(folder: Path) -> None:
    """Of too many rulebooks, remove those that were not used for the longest time."""
    files = sorted(folder.glob("rules-*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-_MOST]:
        path.unlink(missing_ok=True)


# --- as plain data ------------------------------------------------------------------------------------------------


def _plain(rules: Rulebook) -> dict[str, Any]:
    expressions = [
        (kind, text, found.regex, found.literals, {n: typed.name for n, typed in found.fields.items()}, found.folded)
        for (kind, text), found in rules.expressions.items()
    ]
    rest = {
        "sha256": rules.sha256,
        "places": rules.places,
        "shipped": sorted(rules.shipped),
        "overridden": rules.overridden,
        "expressions": expressions,
    }
    return {**{name: _written(getattr(rules, name)) for name in _PARTS}, **rest}


def _written(value: Any) -> Any:  # noqa: ANN401  # rules as JSON
    if isinstance(value, BaseModel):
        given = {name: _written(getattr(value, name)) for name in sorted(value.model_fields_set)}
        return {_MODEL: type(value).__name__, **given}
    if isinstance(value, dict):
        return {name: _written(part) for name, part in value.items()}
    return [_written(part) for part in value] if isinstance(value, tuple) else value


def _rulebook(plain: Mapping[str, Any]) -> Rulebook:
    types = {kind.name: kind for kind in FIELD_TYPES}
    expressions = {
        (kind, text): Expression(
            regex, tuple(literals), {n: types[typed] for n, typed in fields.items()}, tuple(folded)
        )
        for kind, text, regex, literals, fields, folded in plain["expressions"]
    }
    return Rulebook(
        **{name: _read(plain[name]) for name in _PARTS},
        sha256=plain["sha256"],
        places=plain["places"],
        shipped=frozenset(plain["shipped"]),
        overridden=tuple(plain["overridden"]),
        expressions=expressions,
    )


def _read(value: Any) -> Any:  # noqa: ANN401  # rules from JSON; a rule's lists are all tuples
    if isinstance(value, dict):
        parts = {name: part if isinstance(part, str) else _read(part) for name, part in value.items()}
        model = parts.pop(_MODEL, None)
        return parts if model is None else _MODELS[model].as_given(parts)
    return tuple([_read(part) for part in value]) if isinstance(value, list) else value

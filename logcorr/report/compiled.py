"""Templates as Python code, made once and not in every run.

The code is kept where Python keeps that of modules, in ``__pycache__`` beside the source or where PYTHONPYCACHEPREFIX
says (``importlib.util.cache_from_source``): whoever can write there can change the program itself. A file is used for
exactly the source, the Jinja2 and the Python that it was made of, and only whole. What cannot be kept is made again.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from contextlib import suppress
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket

_DIGEST = hashlib.sha256().digest_size


class CompiledTemplates:
    """What ``Environment(bytecode_cache=)`` asks for: jinja2.BytecodeCache's two methods.

    ``settings`` are the bytes that stand for the environment's options, which the code depends on.
    """

    def __init__(self, settings: bytes) -> None:
        self._settings = settings

    def get_bucket(self, environment: jinja2.Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The code kept for a template, or a bucket without code."""
        made_of = hashlib.sha256(MAGIC_NUMBER + jinja2.__version__.encode() + self._settings)
        made_of.update(f"{name}\0{filename}\0{source}".encode())
        bucket = Bucket(environment, filename or "", made_of.hexdigest())
        if filename is not None:
            with suppress(OSError, ValueError, EOFError, TypeError):
                bucket.code = _code(_kept(filename).read_bytes(), made_of.digest())
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        """Keep the code of a template, as Python would that of a module."""
        if sys.dont_write_bytecode or not bucket.key or bucket.code is None:
            return
        code = marshal.dumps(bucket.code)
        data = bytes.fromhex(bucket.checksum) + hashlib.sha256(code).digest() + code
        with suppress(OSError):
            _put(_kept(bucket.key), data)


def _kept(filename: str) -> Path:
    """The file for the code of a template: ``__pycache__/page.html.j2.cpython-311.pyc``."""
    return Path(cache_from_source(filename + ".py"))


def _code(data: bytes, made_of: bytes) -> CodeType | None:
    """The code in a kept file; None where it is not that of this source, or not whole."""
    code = data[2 * _DIGEST :]
    if data[: 2 * _DIGEST] != made_of + hashlib.sha256(code).digest():
        return None
    known: CodeType = marshal.loads(code)  # noqa: S302  # trusted as far as modules are, see above
    return known


def _put(place: Path, data: bytes) -> None:
    """Write a file whole or not at all, whoever else does so."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(data)
        os.replace(name, place)  # noqa: PTH105  # a name that mkstemp gave
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise

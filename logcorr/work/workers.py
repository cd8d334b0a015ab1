"""Who does the work: processes of this machine, or a cluster; what they leave is put together in the inputs' order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from logcorr.errors import UsageError
from logcorr.inputs.request import AnalyzeRequest
from logcorr.inputs.sources import Workers
from logcorr.intake import STDIN, Input
from logcorr.intake.remote import is_url
from logcorr.model import SourceFile
from logcorr.parsers.engine.window import Window
from logcorr.rulebook.models import Rulebook
from logcorr.timeline import Kept
from logcorr.work.parts import Task, keep_rules, killed, load_part, make_part
from logcorr.work.processes import ATTEMPTS, done_by_processes
from logcorr.work.store import open_store

#: The number of each task and the name of its part, as they are done; None where it ended all its workers.
Run = Callable[[Sequence[Task]], Iterator[tuple[int, str | None]]]

_SHARED_HINT: Final = "name a folder or a URL that all workers reach, as --work s3://bucket/work"


@contextmanager
def open_workers(request: AnalyzeRequest, rules: Rulebook) -> Iterator[Workers | None]:
    """Who parses files for the request; None: this process does.

    Raises UsageError where a cluster has no place to leave its work.
    """
    if request.jobs < 2 and request.cluster is None and request.work is None:
        yield None
        return
    if request.cluster is not None and request.work is None:
        raise UsageError("a cluster needs a place for its work", location="--cluster", hint=_SHARED_HINT)
    run = _runner(request)
    if request.work is not None:
        place = _apart(request.work, request.inputs)
        yield partial(_parsed, run, request, rules, place, packed=True)
        return
    with TemporaryDirectory(prefix="logcorr-") as folder:
        yield partial(_parsed, run, request, rules, folder, packed=False)


def _apart(work: str, inputs: Sequence[str]) -> str:
    """The place for the work, which must not be read as a log by the next run. Raises UsageError."""
    place, remote = work.rstrip("/") if is_url(work) else str(Path(work).absolute()), is_url(work)
    given = [each for each in inputs if each != STDIN and is_url(each) == remote]
    if any(_within(place, each) for each in given):
        raise UsageError("lies in a folder of logs that is read", location=work, hint="name a folder beside the logs")
    return place


def _within(place: str, folder: str) -> bool:
    if is_url(folder):
        return f"{place}/".startswith(f"{folder.rstrip('/')}/")
    return Path(place).resolve().is_relative_to(Path(folder).resolve())


def _runner(request: AnalyzeRequest) -> Run:
    if request.cluster is None:
        return lambda tasks: done_by_processes(make_part, tasks, max(request.jobs, 1))
    from logcorr.work.cluster import done_by_cluster  # noqa: PLC0415  # of an extra

    address = request.cluster
    return lambda tasks: done_by_cluster(make_part, tasks, address)


def _parsed(
    run: Run,
    request: AnalyzeRequest,
    rules: Rulebook,
    place: str,
    files: Sequence[Input],
    window: Window | None,
    *,
    packed: bool,
) -> Iterable[Kept | SourceFile]:
    """The files parsed, in their order."""
    store = open_store(place, packed=packed)
    collectors, name = tuple(request.collectors), keep_rules(rules, store)
    task = partial(Task, window=window, collectors=collectors, work=place, rules=name, packed=packed)
    tasks = [task(name=file.name, place=file.place or file.name, modified=file.modified) for file in files]
    made: dict[int, str | None] = {}
    for number, key in run(tasks):
        made[number] = key
        request.progress(f"read {len(made):,} of {len(tasks):,} files")
    for number, one in enumerate(tasks):
        part = made[number]
        yield killed(one.name, ATTEMPTS) if part is None else load_part(store, part)

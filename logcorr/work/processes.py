"""Tasks done by processes of this machine, one core each. What ends a process is told, and the rest goes on.

``concurrent.futures`` gives up all tasks when one of its processes is killed, and does not say which task it was.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Generic, TypeVar

from logcorr.dataclass import dataclass
from logcorr.errors import LogcorrError

Given = TypeVar("Given")

#: So many processes may end at a task; then it is left out.
ATTEMPTS: Final = 3
_GRACE: Final = 0.3  # seconds to remove what is half-written
_SPAWN: Final = multiprocessing.get_context("spawn")  # a process that was forked has Polars' locks, and not its threads
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_THREADS: Final = "POLARS_MAX_THREADS"


class WorkFailedError(RuntimeError):
    """A task raised what no task should: a fault of ours."""


@dataclass(slots=True)
class _Worker(Generic[Given]):
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    task: int

    def end(self) -> None:
        """End it, by force where it does not stop at once; what it leaves half-written then has no name."""
        self.process.terminate()
        self.process.join(_GRACE)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def done_by_processes(
    do: Callable[[Given], str], tasks: Sequence[Given], count: int
) -> Iterator[tuple[int, str | None]]:
    """The number of each task and what ``do`` returned, as they are done; None where three processes ended at it.

    ``do`` is a function of a module. No process is left, however the iteration ends.
    """
    workers: list[_Worker[Given]] = []
    try:
        yield from _done_by(workers, do, tasks, count)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.end()


def _done_by(
    workers: list[_Worker[Given]], do: Callable[[Given], str], tasks: Sequence[Given], count: int
) -> Iterator[tuple[int, str | None]]:
    """The same, by ``workers``, where all stand that have not been ended."""
    waiting = deque(range(len(tasks)))
    ended = dict.fromkeys(waiting, 0)
    while waiting or workers:
        while waiting and len(workers) < count:
            workers.append(_started(do, tasks, waiting.popleft()))
        ready = wait([worker.pipe for worker in workers])
        for worker in [worker for worker in workers if worker.pipe in ready]:
            number, found = worker.task, _answer(worker)
            if found is not None:
                yield number, found
                if waiting:
                    worker.task = waiting.popleft()
                    _give(worker, tasks[worker.task])
                    continue
            else:
                ended[number] += 1
                if ended[number] < ATTEMPTS:
                    waiting.append(number)
                else:
                    yield number, None
            worker.end()
            workers.remove(worker)


def _started(do: Callable[[Given], str], tasks: Sequence[Given], number: int) -> _Worker[Given]:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_work, args=(do, theirs), daemon=True)
    with _one_thread(), _uninterrupted():
        process.start()
    theirs.close()
    worker: _Worker[Given] = _Worker(process, ours, number)
    _give(worker, tasks[number])
    return worker


def _give(worker: _Worker[Given], task: Given) -> None:
    with suppress(BrokenPipeError):  # that it has ended is seen when its answer is waited for
        worker.pipe.send(task)


def _answer(worker: _Worker[Given]) -> str | None:
    """What it returned; None where it has ended. Raises WorkFailedError, or what it has to tell the user."""
    try:
        fine, found = worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        return None
    if isinstance(found, LogcorrError):
        raise found
    if not fine:
        raise WorkFailedError(found)
    return str(found)


@contextmanager
def _one_thread() -> Iterator[None]:
    """A process that is started here has one thread for frames: there are as many processes as cores."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process that is started here is started whole, and hears no signal while it loads what it needs: it inherits
    what is held back here. Ours comes afterwards.
    """
    resource_tracker.ensure_running()  # it lets interrupts through when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(do: Callable[[Any], str], pipe: Connection) -> None:
    """Do what comes until nobody asks any more. That the user interrupts is for the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through every ``finally``
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)
    with suppress(EOFError, BrokenPipeError):
        while True:
            task = pipe.recv()
            answer: tuple[bool, str | LogcorrError]
            try:
                answer = (True, do(task))
            except LogcorrError as error:
                answer = (False, error)
            except Exception as error:  # noqa: BLE001  # told where it is asked for
                answer = (False, f"{type(error).__name__}: {error}")
            pipe.send(answer)

"""Tasks done by a cluster of Dask that runs already (the extra ``cluster``).

Dask gives a task whose worker is lost to another one, up to its own limit (``distributed.scheduler.allowed-failures``),
and says which task went beyond it. A scheduler that is lost and comes back knows nothing: what is not done yet is given
to it again, and what was left in the store is found there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from logcorr.errors import LogcorrError, UsageError

Given = TypeVar("Given")

_ATTEMPTS: Final = 5  # schedulers that may be lost
_PATIENCE: Final = "30s"  # for a scheduler to come (back)
_FAREWELL: Final = 0.5  # seconds
_HINT: Final = (
    "pip install 'logcorr[cluster]'; a scheduler is started with `dask scheduler`, a worker with `dask worker`"
)


def done_by_cluster(
    do: Callable[[Given], str], tasks: Sequence[Given], address: str
) -> Iterator[tuple[int, str | None]]:
    """The number of each task and what ``do`` returned, as they are done; None where too many workers ended at it.

    Raises UsageError where the extra is missing or there is no cluster, LogcorrError where it is lost for good.
    """
    left = dict(enumerate(tasks))
    for attempt in range(_ATTEMPTS):
        client = _client(address, first=attempt == 0)
        if client is None:
            break
        try:
            for number, found in _done(client, do, left):
                del left[number]
                yield number, found
        finally:
            with suppress(OSError):  # a scheduler that is lost says nothing any more
                client.close(timeout=_FAREWELL)
        if not left:
            return
    raise LogcorrError(
        f"the cluster was lost with {len(left):,} of {len(tasks):,} files to do",
        location=address,
        hint="run the same command again: what was done is in --work",
    )


def _client(address: str, *, first: bool) -> Any:  # noqa: ANN401  # Dask ships no types
    """A client of the scheduler; None where one that was there does not come back."""
    try:
        from distributed import Client  # noqa: PLC0415  # of an extra

        connect: Any = Client
        return connect(address, timeout=_PATIENCE, set_as_default=False)
    except ImportError as error:
        raise UsageError(f"cannot be used: {error}", location="--cluster", hint=_HINT) from error
    except (OSError, ValueError) as error:
        if not first:
            return None
        raise UsageError(f"no scheduler answers: {error}", location=address, hint=_HINT) from error


def _done(
    client: Any,  # noqa: ANN401  # Dask ships no types
    do: Callable[[Given], str],
    left: dict[int, Given],
) -> Iterator[tuple[int, str | None]]:
    """What is done until all is, or until the scheduler is lost."""
    from distributed import CancelledError, KilledWorker, as_completed  # noqa: PLC0415  # of an extra

    each: Any = as_completed
    futures = {client.submit(do, task, pure=False, retries=0): number for number, task in left.items()}
    for future in each(futures, loop=client.loop):
        try:
            yield futures[future], str(future.result())
        except KilledWorker:
            yield futures[future], None
        except (CancelledError, OSError):  # the scheduler is lost, and with it what it knew
            return

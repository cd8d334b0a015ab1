"""How a run ends: by its exit code, by an error, or by a signal; why, is told in one line.

A signal leaves through every ``finally``, so that temporary files go. Polars' core calls back into Python and panics, a
page of it, where that raises; and what is raised in a finaliser is swallowed. So it is raised in the next line outside.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from logcorr.cli.standard import ReaderLeftError, say
from logcorr.errors import LogcorrError

TYPE_CHECKING = False  # as typing has it, which --help need not load
if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

_BROKEN_PIPE = 128 + signal.SIGPIPE
_OURS = ("logcorr", "__main__")


class TerminatedError(BaseException):
    """A signal asks the process to end: no handler for errors is to take it for one.

    An interrupt too: after a ``KeyboardInterrupt`` in what Python compiles from a text, it ends without our exit code.
    """


class Signals:
    """The signals that end this run of the command line, from now on; ``received`` is the first that came, or 0."""

    def __init__(self) -> None:
        self.received = 0
        for name in ("SIGTERM", "SIGHUP"):
            number = signal.Signals[name]
            if signal.getsignal(number) == signal.SIG_DFL:  # nohup(1) ignores SIGHUP, and that is to stay
                signal.signal(number, self._heed)
        if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
            signal.signal(signal.SIGINT, self._heed)
        sys.unraisablehook = self._swallowed

    def ended(self) -> int:
        """Tell that a signal ended the run. The exit code that belongs to it; no other signal changes that."""
        sys.settrace(None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        say("logcorr: interrupted" if self.received == signal.SIGINT else "logcorr: ended by a signal")
        return 128 + self.received

    def _heed(self, number: int, frame: FrameType | None) -> None:
        """Raise what ends the run; a second SIGTERM or SIGHUP ends the process at once."""
        self.received = self.received or number
        if number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
        outside = _outside_of_polars(frame)
        if outside is frame:
            self._leave()
        self._leave_from(outside)

    def _leave(self, *_: object) -> NoReturn:
        raise TerminatedError

    def _leave_from(self, frame: FrameType | None) -> None:
        """Leave as soon as ``frame``, or one that called it, runs a line; what is called until then is not traced."""
        while frame is not None:
            frame.f_trace = self._leave
            frame = frame.f_back
        sys.settrace(lambda *_: None)

    def _swallowed(self, what: UnraisableHookArgs) -> None:
        if issubclass(what.exc_type, TerminatedError):
            self._leave_from(_outside_of_polars(sys._getframe().f_back))  # noqa: SLF001 - inspect loads for long
        else:
            sys.__unraisablehook__(what)


def leaving(run: Callable[[], int], signals: Signals) -> int:
    """The exit code of ``run``, whatever ends it; why it ended is told in one line."""
    try:
        return run()
    except BaseException as error:
        if signals.received:
            return signals.ended()
        if isinstance(error, ReaderLeftError):
            return _BROKEN_PIPE
        if not isinstance(error, LogcorrError):
            raise
        from logcorr.cli.errors import format_error

        say(format_error(error))
        return error.exit_code


def _outside_of_polars(frame: FrameType | None) -> FrameType | None:
    """The innermost frame from which to raise: ``frame``, unless our code has called Polars and that runs it."""
    outside = frame
    while frame is not None and (package := _package(frame)) not in _OURS:
        frame = frame.f_back
        if package == "polars":
            outside = frame
    return outside


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]

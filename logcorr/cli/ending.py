"""How a run ends: by its exit code, by an error, or by a signal; why, is told in one line.

A signal leaves through every ``finally``, so that temporary files go. What its handler raises while a library calls
back into Python may be swallowed there, or come out as an error of the library's: so that there was one is kept.
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

_BROKEN_PIPE = 128 + signal.SIGPIPE
_SOON = 0.02  # seconds: Polars starts within a few of them


class TerminatedError(BaseException):
    """A signal asks the process to end: no handler for errors is to take it for one."""


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
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        say("logcorr: interrupted" if self.received == signal.SIGINT else "logcorr: ended by a signal")
        return 128 + self.received

    def _heed(self, number: int, _frame: object) -> None:
        """Raise what ends the run; a second SIGTERM or SIGHUP ends the process at once."""
        self.received = self.received or number
        if _polars_starts():  # what is raised there is a panic of its own, and a page of it
            self._come_again()
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            signal.signal(number, signal.SIG_DFL)
            raise TerminatedError

    def _come_again(self) -> None:
        signal.signal(signal.SIGALRM, lambda _, frame: self._heed(self.received, frame))
        signal.setitimer(signal.ITIMER_REAL, _SOON)

    def _swallowed(self, what: UnraisableHookArgs) -> None:
        if issubclass(what.exc_type, (KeyboardInterrupt, TerminatedError)):
            self._come_again()
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


def _polars_starts() -> bool:
    spec = getattr(sys.modules.get("polars"), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))

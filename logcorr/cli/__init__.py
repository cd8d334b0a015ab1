"""The command line: options become a request, the request a report, the report files. No analysis happens here."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from logcorr import __version__
from logcorr.cli.analyze import analyze
from logcorr.cli.check import check
from logcorr.cli.mistakes import told
from logcorr.cli.options import CLEAR
from logcorr.cli.rules import rules
from logcorr.cli.timeline import timeline
from logcorr.errors import LogcorrError

_INTERRUPTED = 130
_BROKEN_PIPE = 141


_HELP = """Find the root cause of a connectivity incident in exported logs.

\b
logcorr analyze LOGS/      write a root-cause report
logcorr check LOGS/        what was recognised, how far each file reaches
logcorr timeline LOGS/     all records of all files, in true time order
logcorr rules list         the rules that decide

Exit codes: 0 analysed, 1 failed, 2 wrong usage or rules, 3 no usable input, 10/11/12 with --fail-on,
130 interrupted.
"""


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logcorr")
def group() -> None:
    """The commands."""


for command in (analyze, check, timeline, rules):
    group.add_command(command)


def main() -> NoReturn:
    """Run the command line and leave with the exit code that belongs to what happened."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows ?, and the report goes on
    try:
        code = group.main(prog_name="logcorr", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.ClickException, LogcorrError) as error:
        _say(told(error))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would end the process with another code
        _say("logcorr: interrupted")
        sys.exit(_INTERRUPTED)
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # rich leaves so
            sys.exit(_BROKEN_PIPE)
        raise
    except BrokenPipeError:
        # The reader went away (`| head`); what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_BROKEN_PIPE)


def _say(text: str) -> None:
    """Print ``text`` in place of the progress that may stand on the terminal's last line."""
    click.echo(f"{CLEAR if sys.stderr.isatty() else ''}{text}", err=True)

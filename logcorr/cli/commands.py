"""The commands under one name, run with the exit code that belongs to what happened."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from logcorr import __version__
from logcorr.cli.analyze import analyze
from logcorr.cli.check import check
from logcorr.cli.front import BROKEN_PIPE, COMMANDS, HELP
from logcorr.cli.options import CLEAR
from logcorr.cli.rules import rules
from logcorr.cli.timeline import timeline
from logcorr.errors import LogcorrError

_INTERRUPTED = 130


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logcorr")
def group() -> None:
    """The commands."""


for command in (analyze, check, timeline, rules):
    command.short_help = COMMANDS[command.name or ""]
    group.add_command(command)


def run() -> NoReturn:
    """Run the command line and leave with the exit code that belongs to what happened."""
    try:
        code = group.main(prog_name="logcorr", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.ClickException, LogcorrError) as error:
        from logcorr.cli.errors import told

        _say(told(error))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would end the process with another code
        _say("logcorr: interrupted")
        sys.exit(_INTERRUPTED)
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # rich leaves so
            sys.exit(BROKEN_PIPE)
        raise


def _say(text: str) -> None:
    """Print ``text`` in place of the progress that may stand on the terminal's last line."""
    click.echo(f"{CLEAR if sys.stderr.isatty() else ''}{text}", err=True)

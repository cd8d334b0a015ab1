"""The command line: options become a request, the request a report, the report files. No analysis happens here."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from logcorr import __version__
from logcorr.cli.analyze import analyze
from logcorr.cli.check import check
from logcorr.cli.rules import rules
from logcorr.cli.timeline import timeline
from logcorr.errors import LogcorrError

_INTERRUPTED = 130
_BROKEN_PIPE = 141


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logcorr")
def group() -> None:
    r"""Find the root cause of a connectivity incident in exported logs.

    \b
    logcorr analyze LOGS/        write a root-cause report
    logcorr check LOGS/          what was recognised, and how far each file reaches
    logcorr timeline LOGS/       all records of all files, merged in true time order
    logcorr rules list           the rules that decide

    Exit codes: 0 analysed, 1 failed, 2 wrong usage or rules, 3 no usable input, 10/11/12 with --fail-on,
    130 interrupted.
    """


for command in (analyze, check, timeline, rules):
    group.add_command(command)


def main() -> NoReturn:
    """Run the command line and leave with the exit code that belongs to what happened."""
    try:
        code = group.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LogcorrError as error:
        click.echo(f"logcorr: {error}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("logcorr: interrupted", err=True)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader went away (`| head`); what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_BROKEN_PIPE)

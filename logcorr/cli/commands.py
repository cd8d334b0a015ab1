"""The commands under one name, run with the exit code that belongs to what happened."""

from __future__ import annotations

import click
from click.exceptions import NoArgsIsHelpError

from logcorr import __version__
from logcorr.cli.analyze import analyze
from logcorr.cli.check import check
from logcorr.cli.front import COMMANDS, HELP
from logcorr.cli.redact import redact
from logcorr.cli.rules import rules
from logcorr.cli.standard import say
from logcorr.cli.timeline import timeline


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="logcorr")
def group() -> None:
    """The commands."""


for command in (analyze, check, timeline, rules, redact):
    command.short_help = COMMANDS[command.name or ""]
    group.add_command(command)


def run() -> int:
    """Run a command; the exit code. Mistakes of its user are told."""
    try:
        code = group.main(prog_name="logcorr", standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        from logcorr.cli.errors import told

        say(told(error))
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0

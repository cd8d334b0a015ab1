"""The commands under one name, run with the exit code that belongs to what happened."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from click.exceptions import NoArgsIsHelpError

from logcorr import __version__
from logcorr.cli.analyze import analyze
from logcorr.cli.arguments import settings
from logcorr.cli.arguments.completion import completion
from logcorr.cli.check import check
from logcorr.cli.front import COMMANDS, HELP, PROGRAM
from logcorr.cli.redact import redact
from logcorr.cli.report import report
from logcorr.cli.rules import rules
from logcorr.cli.standard import say
from logcorr.cli.timeline import timeline
from logcorr.errors import UsageError

_SETTINGS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(help=HELP, context_settings=_SETTINGS)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read options from FILE, and from no logcorr.toml.",
)
@click.option("--no-config", is_flag=True, help="Read no logcorr.toml.")
@click.version_option(__version__, "-V", "--version", prog_name=PROGRAM)
@click.pass_context
def group(context: click.Context, config: Path | None, no_config: bool) -> None:
    """The commands."""
    if not no_config and context.invoked_subcommand not in ("help", "version", "completion"):
        context.default_map = settings.load(config, context)


@click.command(name="help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def show_help(context: click.Context, words: tuple[str, ...]) -> None:
    """Show how a command is used."""
    at = _context_of(words, whole=True)
    click.echo(at.get_help())
    context.exit()


@click.command()
def version() -> None:
    """Show the version."""
    click.echo(f"{PROGRAM}, version {__version__}")


for command in (analyze, check, timeline, report, rules, redact, completion, show_help, version):
    command.short_help = COMMANDS[command.name or ""]
    group.add_command(command)


def run() -> int:
    """Run a command; the exit code. Mistakes of its user are told."""
    try:
        code = group.main(_joined(sys.argv[1:]), prog_name=PROGRAM, standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        from logcorr.cli.errors import format_error

        if isinstance(error, click.UsageError) and error.ctx is None:
            error.ctx = _context_of(sys.argv[1:])
        say(format_error(error))
        return error.exit_code
    except click.Abort as error:  # click takes what ended for a prompt; nothing here prompts
        raise error.__cause__ or error from None
    return code if isinstance(code, int) else 0


def _joined(words: Sequence[str]) -> list[str]:
    """``-b -1`` as one word, as journalctl takes it.

    To click a value that begins with a hyphen is an option: a blank goes before it, and ``make_request`` drops it.
    """
    joined: list[str] = []
    for word in words:
        attached = re.fullmatch(r"(?:-b|--boot=)(-\d+)", word)
        if attached:
            joined.append(f"--boot= {attached[1]}")
        elif joined and joined[-1] in ("-b", "--boot") and re.fullmatch(r"[+-]\d+", word):
            joined[-1] = f"--boot= {word}"
        else:
            joined.append(word)
    return joined


def _context_of(words: Sequence[str], *, whole: bool = False) -> click.Context:
    """That of the command which ``words`` call; ``whole``: which they name, every one of them."""
    at = click.Context(group, info_name=PROGRAM, **_SETTINGS)  # type: ignore[arg-type]  # help_option_names, max_content_width
    for word in words:
        below = at.command.commands if isinstance(at.command, click.Group) else {}
        if word in below:
            at = click.Context(below[word], parent=at, info_name=word)
        elif whole:
            raise UsageError(
                f"there is no command {' '.join(words)!r}",
                location="help",
                hint=f"`{at.command_path} --help` names them",
            )
    return at

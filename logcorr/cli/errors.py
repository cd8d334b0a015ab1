"""What a user did wrong, always in one form: ``place: what is wrong`` and ``hint: what to do``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from logcorr.errors import LogcorrError
from logcorr.textsafe import visible

_ALIKE: Final = 0.66  # how alike a suggestion must be: "--sinse" is --since, not --json
#: What hands bring from journalctl(1), rg(1) and lnav(1), and what does the same here.
_OTHERS: Final = {
    ("-f", "--follow"): "logs are read once, to their end; `journalctl -f` follows a journal",
    ("-k", "--dmesg"): "`logcorr timeline --program kernel` shows the kernel's lines",
    ("-r", "--reverse"): "records are in the order of time; `| tac` turns them round",
    ("-e", "--pager-end"): "`-n 100` shows the last 100 records",
    ("--no-pager",): "there is no pager: leave it out",
    ("--list-boots",): "`journalctl --list-boots` lists them, and -b takes one",
    ("--file", "-i", "--input"): "name the file as it is, without an option",
    ("-c", "--count"): "`| wc -l` counts: in a pipe, a record is a line",
    ("-F", "--fixed-strings"): "write \\ before signs that are meant as themselves: \\. \\[ \\(",
    ("-A", "-B", "-C", "--context"): "`logcorr analyze` shows each cited line among its neighbours",
    ("--json",): "`logcorr analyze` and `logcorr check` take it; of `logcorr timeline`, --format ndjson is JSON",
    ("-V", "--version"): "`logcorr --version` says it",
    ("-v", "--verbose"): "`logcorr analyze -v` tells each step; `logcorr -V` says the version",
}


def format_error(error: Exception) -> str:
    """Return what to print for ``error``, a mistake that click found or an error of ours."""
    if not isinstance(error, click.ClickException):
        return f"logcorr: {_each_line_visible(str(error))}"
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "logcorr"
    hint = _suggestion(error, context) or f"`{command} --help` shows what it takes"
    place, what = _placed(error)
    shown = LogcorrError(what, location=place or command.removeprefix("logcorr").strip() or None, hint=hint)
    return f"logcorr: {_each_line_visible(str(shown))}"


def _each_line_visible(text: str) -> str:
    """A path or a flag may hold anything; the line breaks are ours."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _placed(error: click.ClickException) -> tuple[str | None, str]:
    """The place and the mistake, in our words where click's carry the place inside the sentence."""
    if isinstance(error, click.NoSuchOption):
        return visible(error.option_name), "there is no such option"
    name = getattr(error, "command_name", None)
    if isinstance(name, str):
        return visible(name), "there is no such command"
    parameter = getattr(error, "param", None)
    if isinstance(error, click.MissingParameter) and isinstance(parameter, click.Parameter):
        return None, f"{parameter.human_readable_name.upper()} is missing"
    if isinstance(error, click.BadParameter) and isinstance(parameter, click.Parameter) and error.message:
        return option_name(parameter), _sentence(error.message)
    if isinstance(error, click.BadOptionUsage):
        return error.option_name, "a value is missing"
    return getattr(error, "option_name", None), _sentence(error.format_message())


def option_name(parameter: click.Parameter) -> str:
    """What a parameter is called on the command line: an option by its first long name, an argument as in its help."""
    if isinstance(parameter, click.Argument):
        shown = parameter.human_readable_name.strip("[].")
        return shown if shown.isupper() and shown.isalpha() else (parameter.name or "").upper()
    return next((name for name in parameter.opts if name.startswith("--")), parameter.opts[0])


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    text = text.replace("is not a valid integer range", "is no whole number")
    text = re.sub(r"is not in the range x>=(\d+)$", r"is not \1 or more", text)
    return visible(text[:1].lower() + text[1:])


def _suggestion(error: click.ClickException, context: click.Context | None) -> str | None:
    if context is None:
        return None
    if isinstance(error, click.NoSuchOption):
        return _other_option(error.option_name, context)
    if isinstance(error, click.BadOptionUsage):
        return _with_value(error.option_name, context)
    choices = getattr(getattr(error, "param", None), "type", None)
    given = re.match(r"'(.*)' is not one of", error.message)
    if isinstance(choices, click.Choice) and given:
        return _alike(given[1], choices.choices)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        kinds = ", ".join(getattr(error.param.type, "choices", ()))
        return f"one of {kinds}" if kinds else f"write `{context.command_path} {error.param.make_metavar(context)}`"
    name = getattr(error, "command_name", None)
    if isinstance(name, str) and isinstance(context.command, click.Group):
        if Path(name).exists() and context.parent is None:
            return f"`logcorr analyze {visible(name)}` analyses it"
        return _alike(name, context.command.list_commands(context))
    return None


def _other_option(given: str, context: click.Context) -> str | None:
    """Where the option that was given is known, what does the same, or what was probably meant."""
    own = [name for parameter in context.command.get_params(context) for name in parameter.opts]
    likely = _alike(given, own, cutoff=0.8)
    if likely:
        return likely
    others = next((text for names, text in _OTHERS.items() if given in names), None)
    if others:
        return others
    elsewhere = [command for command in _commands(context) if given in _options_of(command, context)]
    if elsewhere:
        named = " and ".join(f"`logcorr {command.name}`" for command in elsewhere[:3])
        takes = "take" if len(elsewhere) > 1 else "takes"
        rest = (
            "; what is analysed are all lines, since any may be evidence" if context.command.name == "analyze" else ""
        )
        return f"{named} {takes} it{rest}"
    return _alike(given, own)


def _with_value(given: str, context: click.Context) -> str | None:
    """How an option is written that lacks its value."""
    for parameter in context.command.get_params(context):
        if given in parameter.opts:
            return f"write `{given} {parameter.make_metavar(context)}`"
    return None


def _commands(context: click.Context) -> list[click.Command]:
    """All commands but the one that was called."""
    group = context.find_root().command
    return (
        [each for each in group.commands.values() if each is not context.command]
        if isinstance(group, click.Group)
        else []
    )


def _options_of(command: click.Command, context: click.Context) -> list[str]:
    return [name for parameter in command.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)]


def _alike(given: str, known: Iterable[str], cutoff: float = _ALIKE) -> str | None:
    """The nearest of ``known``; the hyphens that all options begin with make none of them alike."""
    names = {name.lstrip("-"): name for name in known if len(name) > 2}
    near = get_close_matches(given.lstrip("-"), names, n=2, cutoff=cutoff) if len(given) > 2 else []
    return f"did you mean {' or '.join(names[name] for name in near)}?" if near else None

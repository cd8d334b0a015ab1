"""What a user did wrong, always in one form: ``place: what is wrong`` and ``hint: what to do``."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from logcorr.errors import LogcorrError
from logcorr.textsafe import visible

_ALIKE: Final = 0.66  # how alike a suggestion must be: "--sinse" is --since, not --json


def told(error: Exception) -> str:
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
    if isinstance(error, click.BadParameter) and isinstance(parameter, click.Parameter) and error.message:
        return max(parameter.opts, key=len), _sentence(error.message)
    return getattr(error, "option_name", None), _sentence(error.format_message())


def _sentence(text: str) -> str:
    text = text.rstrip(".")
    return visible(text[:1].lower() + text[1:])


def _suggestion(error: click.ClickException, context: click.Context | None) -> str | None:
    if context is None:
        return None
    if isinstance(error, click.NoSuchOption):
        options = [name for parameter in context.command.get_params(context) for name in parameter.opts]
        return _alike(error.option_name, options)
    name = getattr(error, "command_name", None)
    if isinstance(name, str) and isinstance(context.command, click.Group):
        if Path(name).exists() and context.parent is None:
            return f"`logcorr analyze {visible(name)}` analyses it"
        return _alike(name, context.command.list_commands(context))
    return None


def _alike(given: str, known: Iterable[str]) -> str | None:
    near = get_close_matches(given, [name for name in known if len(name) > 2], n=2, cutoff=_ALIKE)
    return f"did you mean {' or '.join(near)}?" if near else None

"""``logcorr.toml``: values for options that a user, or a folder of logs, always needs.

Top-level keys are for every command that has the option, a table is for one command::

    tz = ["router=Europe/Zagreb"]

    [analyze]
    fail-on = "high"

    [rules.suggest]
    most = 20

The user's own file is read first, then the one in the current folder. That one may have come with somebody else's logs:
it cannot say where results go or what a report hides, and what a file sets is told at every run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from logcorr.cli.errors import option_name
from logcorr.errors import UsageError

NAME: Final = "logcorr.toml"
VARIABLE: Final = "LOGCORR_CONFIG"
_MOST: Final = 64 << 10  # bytes
#: Parameters that a file in the current folder cannot set: where results go, and what of a report is hidden.
_BY_HAND: Final = frozenset({"out", "folder", "junit", "redaction_map", "profile", "keep"})
_ORIGIN: Final = "logcorr.settings"  # in click's Context.meta: the files that were read

_HELP: Final = "`logcorr help {}` shows what it takes"

Path_ = tuple[str, ...]  # the words of a command: ("rules", "suggest")
Setting = tuple[Path_, click.Option, Any]


def load(given: Path | None, context: click.Context) -> dict[str, Any]:
    """What the files say, as click's ``default_map``. Raises UsageError for what cannot be used, with its place."""
    found: dict[str, Any] = {}
    files = [(given, True)] if given else list(_files())
    for path, own in files:
        for command, parameter, value in _File(path, own=own).settings(context):
            inside = found
            for word in command:
                inside = inside.setdefault(word, {})
            inside[parameter.name or ""] = value
    context.meta[_ORIGIN] = ", ".join(str(path) for path, _ in files)
    return found


def used(context: click.Context) -> tuple[str, str]:
    """The options of the running command that files gave, as they would be written, and the files' names."""
    words: list[str] = []
    for parameter in context.command.get_params(context):
        name = parameter.name or ""
        if context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP and name not in ("quiet", "verbose"):
            words += _written(parameter, context.params.get(name))
    return " ".join(words), str(context.meta.get(_ORIGIN, ""))


def _written(parameter: click.Parameter, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [option_name(parameter) if value else next(iter(parameter.secondary_opts), "")]
    values = value if isinstance(value, tuple) else (value,)
    return [word for each in values for word in (option_name(parameter), str(each))]


def _files() -> Iterator[tuple[Path, bool]]:
    """The files to read where none is named, the weakest first; whether each is the user's own."""
    named = os.environ.get(VARIABLE)
    if named:
        yield Path(named), True
        return
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  # no error without a home
    for path, own in ((Path(home, "logcorr", NAME), True), (Path(NAME), False)):
        if path.is_file():
            yield path, own


class _File:
    """One file. Raises UsageError where it is another user's, or no TOML."""

    def __init__(self, path: Path, *, own: bool) -> None:
        self._path, self._own = path, own
        self._text = self._read()
        import tomllib

        try:
            self._data = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
            what = str(error).partition(" (at ")[0]
            raise UsageError(
                what[:1].lower() + what[1:],
                location=f"{path}:{at[1]}:{at[2]}" if at else str(path),
                hint='write key = "value", one a line, under the [command] that it is for',
            ) from None

    def _read(self) -> str:
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                text = file.read(_MOST + 1).decode()
        except OSError as error:
            hint = "`--no-config` reads none"
            raise UsageError(f"cannot be read: {error.strerror}", location=str(self._path), hint=hint) from error
        except UnicodeDecodeError as error:
            hint = "save it as UTF-8, as TOML is; `--no-config` reads none"
            raise UsageError("this is not UTF-8 text", location=str(self._path), hint=hint) from error
        if not self._own and (found.st_uid != os.getuid() or found.st_mode & 0o002):
            raise UsageError(
                "this file is another user's, or others may write to it",
                location=str(self._path),
                hint=f"look at it; `--config {self._path}` takes it as it is",
            )
        if len(text) > _MOST:
            raise UsageError(
                f"longer than {_MOST:,} bytes", location=str(self._path), hint="it holds options, one a line"
            )
        return text

    def settings(self, context: click.Context) -> Iterator[Setting]:
        """Each value with its command and parameter: those for all commands first, then the tables."""
        for key, value in self._data.items():
            if not isinstance(value, dict):
                yield from self._for_all(key, value, context)
        for key, value in self._data.items():
            if isinstance(value, dict):
                yield from self._table((), key, value, context)

    def _for_all(self, key: str, value: Any, context: click.Context) -> Iterator[Setting]:
        commands = list(_commands((), context))
        takers = [(path, at, found) for path, at in commands if (found := _parameter(at, key))]
        if not takers:
            known = {name for _, at in commands for name in _keys(at)}
            raise self._fault((), key, f"there is no option {key!r}", _meant(key, known))
        for path, at, parameter in takers:
            yield path, parameter, self._value((), key, value, parameter, at)

    def _table(self, path: Path_, name: str, data: Mapping[str, Any], above: click.Context) -> Iterator[Setting]:
        commands = above.command.commands if isinstance(above.command, click.Group) else {}
        if name not in commands:
            raise self._fault(path, name, f"there is no command {' '.join((*path, name))!r}", _meant(name, commands))
        at, inside = click.Context(commands[name], parent=above, info_name=name), (*path, name)
        for key, value in data.items():
            parameter = _parameter(at, key)
            if isinstance(value, dict):
                yield from self._table(inside, key, value, at)
            elif parameter is None:
                raise self._fault(inside, key, f"`{at.command_path}` has no option {key!r}", _meant(key, _keys(at)))
            else:
                yield inside, parameter, self._value(inside, key, value, parameter, at)

    def _value(self, path: Path_, key: str, value: Any, parameter: click.Option, at: click.Context) -> Any:
        """The value as the parameter has it; a path begins at the file's folder."""
        if parameter.name in _BY_HAND and not self._own:
            raise self._fault(
                path, key, f"{key!r} is given by hand only", "a file beside logs cannot say what is written"
            )
        is_list = isinstance(value, list)
        if is_list and not parameter.multiple:
            raise self._fault(path, key, f"{key!r} takes one value", f'write {key} = "value"')
        values = value if is_list else [value]
        flag = bool(getattr(parameter, "is_flag", False) and parameter.type.name == "boolean")
        if any(isinstance(each, bool) is not flag or not isinstance(each, str | int | float) for each in values):
            wanted = "true or false" if flag else "text or a number"
            raise self._fault(path, key, f"{key!r} takes {wanted}", _HELP.format(" ".join(path) or at.info_name))
        if flag:
            return value != (f"--{_dashed(key)}" in parameter.secondary_opts)
        try:
            made = [parameter.type.convert(self._placed(each, parameter), parameter, at) for each in values]
        except click.BadParameter as error:
            what = " ".join(error.message.split()).rstrip(".")
            hint = _HELP.format(" ".join(path) or at.info_name)
            raise self._fault(path, key, f"{key!r}: {what[:1].lower()}{what[1:]}", hint) from None
        return made if parameter.multiple else made[0]

    def _placed(self, value: str | float, parameter: click.Option) -> str:
        path = isinstance(parameter.type, click.Path) and str(value) != "-"
        return str(self._path.parent / str(value)) if path else str(value)

    def _fault(self, path: Path_, key: str, what: str, hint: str | None) -> UsageError:
        """The error for a key of a table, at its line where that is found."""
        table, inside = ".".join(path), not path
        whole = f"{table}.{key}" if table else key
        for number, text in enumerate(self._text.split("\n"), 1):
            header = re.fullmatch(r"\s*\[\s*([^\]]*?)\s*\]\s*(#.*)?", text)
            name = header[1].replace('"', "") if header else None
            inside = name == table if header else inside
            if name == whole or (inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", text)):
                return UsageError(what, location=f"{self._path}:{number}", hint=hint)
        return UsageError(what, location=str(self._path), hint=hint)


def _commands(path: Path_, at: click.Context) -> Iterator[tuple[Path_, click.Context]]:
    """Every command that is no group."""
    if not isinstance(at.command, click.Group):
        yield path, at
        return
    for name, command in at.command.commands.items():
        yield from _commands((*path, name), click.Context(command, parent=at, info_name=name))


def _dashed(key: str) -> str:
    return key.replace("_", "-")


def _parameter(at: click.Context, key: str) -> click.Option | None:
    option = f"--{_dashed(key)}"
    options = (each for each in at.command.get_params(at) if isinstance(each, click.Option) and each.name != "help")
    return next((each for each in options if option in (*each.opts, *each.secondary_opts)), None)


def _keys(at: click.Context) -> list[str]:
    names = (name for each in at.command.get_params(at) for name in (*each.opts, *each.secondary_opts))
    return [name[2:] for name in names if name.startswith("--") and name != "--help"]


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(_dashed(word), sorted(known), n=2)
    return (
        f"did you mean {' or '.join(near)}?"
        if near
        else "`logcorr help` names the commands, `logcorr help COMMAND` its options"
    )

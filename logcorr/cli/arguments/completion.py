"""``logcorr completion``: what the Tab key knows, for bash, zsh and fish."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class

from logcorr.cli.front import PROGRAM
from logcorr.errors import UsageError

_SHELLS: Final = ("bash", "zsh", "fish")
_VARIABLE: Final = "_LOGCORR_COMPLETE"  # click's name for it
_ZSH: Final = "fpath=({folder} $fpath); autoload -Uz compinit && compinit  # logcorr completion"


@click.command()
@click.argument("shell", required=False, type=click.Choice(_SHELLS), metavar="[bash|zsh|fish]")
@click.option("--install", is_flag=True, help="Put it where the shell finds it, for this user, and say where.")
def completion(shell: str | None, install: bool) -> None:
    """Print what makes the Tab key complete commands, options and rules; --install puts it in its place.

    Without a shell named, the one in SHELL. It works in shells that are opened afterwards.
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    made = get_completion_class(name) if name in _SHELLS else None
    if made is None:
        raise UsageError(
            f"SHELL is {name!r}, and no completion is known for it" if name else "SHELL is not set",
            location="completion",
            hint=f"name one of {', '.join(_SHELLS)}: `logcorr completion bash --install`",
        )
    text = made(click.Command(PROGRAM), {}, PROGRAM, _VARIABLE).source()
    if not install:
        click.echo(text)
        return
    from logcorr.cli.terminal.output import write

    place = _place(name)
    write(f"{text}\n", str(place), ())
    click.echo(place)
    if name == "zsh":
        click.echo(_told_to_zsh(place.parent))


def _place(shell: str) -> Path:
    """Where the shell looks for completions of a user's own (bash-completion's README, fish's documentation)."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if shell == "bash":
        folder = os.environ.get("BASH_COMPLETION_USER_DIR", "").split(":")[0]
        return (Path(folder) if folder else data / "bash-completion") / "completions" / PROGRAM
    return config / "fish" / "completions" / f"{PROGRAM}.fish" if shell == "fish" else data / "zsh" / f"_{PROGRAM}"


def _told_to_zsh(folder: Path) -> Path:
    """Zsh has no folder for it of its own: one line in .zshrc names ours. Returns that file."""
    rc = Path(os.environ.get("ZDOTDIR") or Path.home()) / ".zshrc"
    line = _ZSH.format(folder=folder)
    before = rc.read_text(encoding="utf-8", errors="surrogateescape") if rc.exists() else ""
    if line not in before:
        with rc.open("a", encoding="utf-8") as file:
            file.write(f"{'' if before.endswith(chr(10)) or not before else chr(10)}{line}\n")
    return rc

"""The manual pages, made from the commands when a wheel is built; ``man_pages.py FOLDER`` writes them there.

A wheel carries them as data in ``share/man/man1``, where pipx and virtual environments have their manual.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called by hand
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parents[1]


class CustomBuildHook(BuildHookInterface):
    """Adds the pages to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write them beside, and name them to the builder."""
        if version == "editable" or self.target_name != "wheel":
            return
        self.folder = Path(tempfile.mkdtemp(prefix="logcorr-man-"))
        for place in write_pages(self.folder):
            build_data["shared_data"][str(place)] = f"share/man/man1/{place.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        """Take the copies away."""
        folder = getattr(self, "folder", None)
        if folder:
            shutil.rmtree(folder)


def write_pages(folder: Path) -> list[Path]:
    """Write the page of every command into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages().items():
        written.append(folder / f"{name}.1")
        written[-1].write_text(text, encoding="utf-8")
    return written


def pages() -> dict[str, str]:
    """Each command's page by its name: ``logcorr-rules-list``."""
    sys.path.insert(0, str(ROOT))
    try:
        import click

        from logcorr import __version__
        from logcorr.cli.commands import group
    finally:
        sys.path.remove(str(ROOT))
    contexts = list(_below(click.Context(group, info_name="logcorr")))
    names = {context: context.command_path.replace(" ", "-") for context in contexts}
    return {names[context]: _page(context, names, __version__) for context in contexts}


def _below(context):
    yield context
    for name, command in getattr(context.command, "commands", {}).items():
        yield from _below(type(context)(command, parent=context, info_name=name))


def _page(context, names: dict[Any, str], version: str) -> str:
    command, name = context.command, names[context]
    short = command.short_help or command.get_short_help_str(limit=200)
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [
        f'.TH {_text(name.upper())} 1 "" "logcorr {version}" "logcorr manual"',
        f".SH NAME\n{_text(name)} \\- {_text(short.rstrip('.'))}",
        f".SH SYNOPSIS\n.B {_text(context.command_path)}\n{_text(usage)}",
        f".SH DESCRIPTION\n{_paragraphs(command.help or '')}",
    ]
    records = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    parts += [".SH OPTIONS", *(f".TP\n.B {_text(option)}\n{_text(' '.join(told.split()))}" for option, told in records)]
    below = getattr(command, "commands", {})
    if below:
        told = (
            f".TP\n.BR {_text(f'{name}-{each}')} (1)\n{_text(made.get_short_help_str(200))}"
            for each, made in sorted(below.items())
        )
        parts += [".SH COMMANDS", *told]
    others = sorted(other for other in names.values() if other != name)
    parts.append(
        ".SH SEE ALSO\n" + ",\n".join(f".BR {_text(other)} (1)" for other in others).replace(",\n.BR", "\n.BR")
    )
    return "\n".join(parts) + "\n"


def _paragraphs(text: str) -> str:
    """A command's help, whose paragraphs after a line of a backslash and b are kept as they are set."""
    told = []
    for part in text.replace("\f", "").strip().split("\n\n"):
        lines = part.strip("\n").split("\n")
        if lines[0].strip() == "\b":
            told.append("\n".join([".nf", *map(_text, lines[1:]), ".fi"]))
        else:
            told.append(_text(" ".join(part.split())))
    return "\n.PP\n".join(told)


def _text(text: str) -> str:
    """Text as roff has it: its own signs escaped, none at the beginning of a line."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").strip()
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


if __name__ == "__main__":
    for place in write_pages(Path(sys.argv[1])):
        print(place)

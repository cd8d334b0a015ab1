"""Pages that stand elsewhere in the repository, or are made from the program itself, as pages of the site."""

from __future__ import annotations

from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
COPIED = {
    "rules/README.md": "reference/rules/index.md",
    "rules/REFERENCE.md": "reference/rules/REFERENCE.md",
    "rules/CATALOGUE.md": "reference/rules/CATALOGUE.md",
    "rules/TUTORIAL.md": "reference/rules/TUTORIAL.md",
    "CHANGELOG.md": "changelog.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the rules' own pages, the changelog, and the reference of the command line."""
    for place, page in COPIED.items():
        text = (
            (ROOT / place)
            .read_text(encoding="utf-8")
            .replace("](README.md)", "](index.md)")
            .replace("](../docs/", "](../../")
        )
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "reference/cli.md", content=command_line()))
    return files


def command_line() -> str:
    """Every command with its help as it prints it, in 80 columns."""
    from logcorr.cli.commands import group

    context = click.Context(group, info_name="logcorr", max_content_width=80, terminal_width=80)
    parts = ["# Command line\n\nMade from `--help` of every command.\n"]
    parts += [section(command, context) for _, command in sorted(group.commands.items())]
    return "\n".join(parts)


def section(command: click.Command, parent: click.Context) -> str:
    """One command, and those below it."""
    context = click.Context(command, parent=parent, info_name=command.name, max_content_width=80, terminal_width=80)
    text = f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return "\n".join((text, *(section(each, context) for each in sorted(below, key=lambda each: each.name or ""))))

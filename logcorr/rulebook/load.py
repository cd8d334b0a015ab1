"""Find rule files, the shipped ones and any folders or files of the user's, and make a rulebook of them.

A rulebook that was read once is kept (``kept``): reading and checking rules takes longer than many an analysis.
``reading`` says what a file may be, and is loaded only where a rulebook is not kept.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from logcorr.errors import LogcorrError, RuleError
from logcorr.rulebook import kept
from logcorr.rulebook.files import MAX_BYTES, RuleFile
from logcorr.rulebook.models import Rulebook

MAX_FILES: Final = 5_000
_YAML: Final = (".yaml", ".yml")
_CASES: Final = (".cases.yaml", ".cases.yml")


def load_rules(extra: Sequence[Path] = (), *, shipped: bool = True) -> Rulebook:
    """All rules of a run. Raises RuleError with every fault found.

    Shipped rules are not held against each other again: the tests do so, by giving their folder as ``extra``.

    Args:
        extra: the user's rule folders or files; later ones replace earlier ones and the shipped rules by id.
        shipped: whether the shipped rules take part.
    """
    faults: list[LogcorrError] = []
    roots = [*([shipped_rules()] if shipped else []), *extra]
    files = [
        file
        for number, root in enumerate(roots)
        for file in _find(root, number, faults, shipped=shipped and not number)
    ]
    key = None if faults else kept.key(files)
    rulebook = kept.load(key) if key else None
    if rulebook is not None:
        return rulebook
    from logcorr.rulebook.reading import read_rules  # noqa: PLC0415  # YAML and its checks: a kept rulebook needs neither

    rulebook = read_rules(files, digest(files), faults)
    if faults:
        raise RuleError(f"{len(faults)} faults in the rules", faults=sorted(faults, key=_by_place))
    if key:
        kept.save(key, rulebook)
    return rulebook


def shipped_rules() -> Path:
    """The folder of shipped rules: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_rules"
    return packaged if packaged.is_dir() else package.parent / "rules"


def digest(files: Sequence[RuleFile]) -> str:
    """SHA-256 over the sorted relative paths and contents, each with its length in front."""
    found = hashlib.sha256()
    for file in sorted(files, key=lambda file: (file.folder, file.relative)):
        for part in (file.relative.encode(), file.content):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _by_place(fault: LogcorrError) -> tuple[str, int, int]:
    path, *numbers = (fault.location or "").rsplit(":", 2)
    line, column = (int(number) for number in numbers) if len(numbers) == 2 else (0, 0)
    return path, line, column


def _find(root: Path, folder: int, faults: list[LogcorrError], *, shipped: bool) -> Iterator[RuleFile]:
    """The rule files of a folder in order of their names, or the one file."""
    if not root.exists():
        faults.append(
            LogcorrError(
                "no such file or folder", location=str(root), hint="--rules takes a YAML file, or a folder of them"
            )
        )
        return
    single = root.is_file()
    names = [root.name] if single else sorted(rules_below(root), key=_reading_order)
    if len(names) > MAX_FILES:
        faults.append(LogcorrError(f"{len(names):,} rule files; at most {MAX_FILES:,} are read", location=str(root)))
    for name in names[:MAX_FILES]:
        path = root if single else root / name
        shown = f"rules/{name}" if shipped else str(path)
        try:
            with path.open("rb") as content:
                yield RuleFile(shown, name, content.read(MAX_BYTES + 1), shipped, folder)
        except OSError as error:
            faults.append(LogcorrError(f"cannot be read: {error.strerror}", location=shown))


def _reading_order(name: str) -> tuple[str, str, str]:
    """By kind, then by file: which wording of two is tried first does not hang on the folders between."""
    kind, _, _ = name.partition("/")
    return kind, name.rpartition("/")[2], name


def is_shipped(folder: Path) -> bool:
    """Whether ``folder`` is that of the shipped rules, however it is named."""
    return folder.exists() and folder.samefile(shipped_rules())


def rules_below(root: Path) -> Iterator[str]:
    """The paths below ``root`` of YAML files that are no cases; what is hidden is passed over."""
    return _rules_in(str(root), "")


def _rules_in(folder: str, inside: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:  # a folder that cannot be looked into holds nothing for us
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _rules_in(entry.path, f"{inside}{name}/")
            elif name.endswith(_YAML) and not name.endswith(_CASES) and entry.is_file():
                yield inside + name

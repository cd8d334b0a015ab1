"""One expression for thousands of names, whose cost grows with the text and not with the names.

Alternatives are tried one after another, so names that begin alike share what they begin with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

_SEPARATORS: Final = re.compile("[._-]")
_DEEPEST: Final = 40  # of the shared beginnings of one name: what reads expressions calls itself for each

_Tree = dict[str, Any]  # by the next character; "" where a name ends


def one_of(names: Iterable[str]) -> str:
    """An expression (of ``re``) for the longest of ``names``; for ``.``, ``_`` and ``-`` of one stands any of them."""
    tree: _Tree = {}
    for name in names:
        at = tree
        for character in _SEPARATORS.sub(".", name):
            at = at.setdefault(character, {})
        at[""] = {}
    return _written(tree, 0)


def _written(tree: _Tree, depth: int) -> str:
    beginning, tree = _chain(tree)
    ends = "" in tree
    if len(tree) == ends:
        return beginning
    if depth == _DEEPEST:
        rest = sorted(_spelled(tree), key=lambda name: (-len(name), name))
        return f"{beginning}(?:{'|'.join(''.join(map(_one, name)) for name in rest)})"
    branches = [_one(character) + _written(below, depth + 1) for character, below in tree.items() if character]
    return f"{beginning}(?:{'|'.join(branches)}){'?' if ends else ''}"


def _chain(tree: _Tree) -> tuple[str, _Tree]:
    """What all of a tree begin with, and what follows."""
    said = []
    while len(tree) == 1 and "" not in tree:
        ((character, tree),) = tree.items()
        said.append(_one(character))
    return "".join(said), tree


def _spelled(tree: _Tree) -> Iterable[str]:
    waiting = [("", tree)]
    while waiting:
        said, at = waiting.pop()
        for character, below in at.items():
            if character:
                waiting.append((said + character, below))
            else:
                yield said


def _one(character: str) -> str:
    return "[._-]" if character == "." else re.escape(character)

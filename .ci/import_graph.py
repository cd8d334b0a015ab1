"""Draw which part of logcorr imports which, as docs/explanation/imports.svg; ``--check`` fails where it is not current.

An arrow that a longer way says already is left out. Parts stand in rows: each above all that it imports.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "logcorr"
DRAWING = ROOT / "docs" / "explanation" / "imports.svg"
WIDE, HIGH, ACROSS, DOWN, MARGIN = 108, 26, 18, 46, 14
STYLE = (
    "rect{fill:#eef2f7;stroke:#5b6b80}text{font:12px sans-serif;fill:#1c2733;text-anchor:middle}"
    "path{fill:none;stroke:#5b6b80;stroke-opacity:.55}"
    "@media(prefers-color-scheme:dark){rect{fill:#243040;stroke:#9fb0c6}text{fill:#e6edf5}path{stroke:#9fb0c6}}"
)


def part_of(path: Path) -> str:
    """The folder or module directly below the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports() -> dict[str, set[str]]:
    """What each part imports of the others, in code and for types."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        mine = found.setdefault(part_of(path), set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                whole = node.module == "logcorr"
                names = [f"logcorr.{alias.name}" for alias in node.names] if whole else [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            mine |= {name.split(".")[1] for name in names if name.startswith("logcorr.")}
    parts = set(found)
    return {part: (others & parts) - {part} for part, others in found.items() if not part.startswith("__")}


def drawing() -> str:
    """The SVG."""
    graph = imports()

    @cache
    def reached(part: str) -> frozenset[str]:
        return frozenset(graph[part]).union(*(reached(other) for other in graph[part]))

    @cache
    def level(part: str) -> int:
        return 1 + max((level(other) for other in graph[part]), default=-1)

    rows: dict[int, list[str]] = {}
    for part in sorted(graph, key=lambda name: (-level(name), name)):
        rows.setdefault(level(part), []).append(part)
    width = max(len(row) for row in rows.values()) * (WIDE + ACROSS) - ACROSS + 2 * MARGIN
    height = len(rows) * (HIGH + DOWN) - DOWN + 2 * MARGIN
    place: dict[str, tuple[float, float]] = {}
    for number, (_, row) in enumerate(sorted(rows.items(), reverse=True)):
        left = (width - len(row) * (WIDE + ACROSS) + ACROSS) / 2
        for at, part in enumerate(row):
            place[part] = (left + at * (WIDE + ACROSS), MARGIN + number * (HIGH + DOWN))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img">',
        f"<title>Which part of logcorr imports which</title><style>{STYLE}</style>",
    ]
    for part, others in sorted(graph.items()):
        direct = {other for other in others if not any(other in reached(way) for way in others - {other})}
        for other in sorted(direct):
            (x1, y1), (x2, y2) = place[part], place[other]
            x1, x2, y1 = x1 + WIDE / 2, x2 + WIDE / 2, y1 + HIGH
            bend = (y1 + y2) / 2
            lines.append(f'<path d="M{x1:g} {y1:g}C{x1:g} {bend:g} {x2:g} {bend:g} {x2:g} {y2:g}"/>')
    for part, (x, y) in sorted(place.items()):
        lines.append(f'<rect x="{x:g}" y="{y:g}" width="{WIDE}" height="{HIGH}" rx="4"/>')
        lines.append(f'<text x="{x + WIDE / 2:g}" y="{y + 17:g}">{part}</text>')
    return "\n".join([*lines, "</svg>\n"])


def main() -> int:
    """Write the drawing, or compare it."""
    drawn = drawing()
    if "--check" in sys.argv[1:]:
        return int(not DRAWING.exists() or DRAWING.read_text(encoding="utf-8") != drawn)
    DRAWING.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

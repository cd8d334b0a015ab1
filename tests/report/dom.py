"""A report's HTML as a tree of elements, read with the standard library's parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "base", "embed", "source", "wbr"}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "figcaption"),
    *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "header", "hr", "li", "main", "nav", "ol", "p", "pre"),
    *("section", "summary", "table", "tbody", "td", "th", "thead", "title", "tr", "ul"),
}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find(self, tag: str) -> list[Element]:
        return [element for element in self.walk() if element.tag == tag]

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def shape(self) -> tuple[object, ...]:
        """Return elements and attribute names without their content."""
        inner = tuple(child.shape() for child in self.children if isinstance(child, Element))
        return self.tag, tuple(sorted(self.attributes)), inner


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {}, 0)
        self.open = [self.root]
        self.declarations: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"line {self.getpos()[0]}: <{tag}> repeats an attribute"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0])
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"line {self.getpos()[0]}: </{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"line {self.getpos()[0]}: a comment, {data!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"line {self.getpos()[0]}: a processing instruction, {data!r}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"line {self.getpos()[0]}: a marked section, {data!r}")


def parse(page: str) -> Element:
    """Parse ``page``; every element must be closed where it should be."""
    builder = _Builder()
    builder.feed(page)
    builder.close()
    assert builder.declarations == ["doctype html"]
    assert builder.open == [builder.root], f"never closed: {[element.tag for element in builder.open[1:]]}"
    return builder.root


def text_lines(page: str) -> list[str]:
    """Return the page as a reader sees it who has neither styles nor scripts nor pictures."""
    pieces: list[str] = []

    def visit(element: Element) -> None:
        if element.tag in {"style", "svg", "head"}:
            return
        block = element.tag in BLOCKS
        pieces.append("\n" if block else "")
        for child in element.children:
            if isinstance(child, str):
                pieces.append(" ".join(child.split()) and f" {' '.join(child.split())} ")
            else:
                visit(child)
        pieces.append("\n" if block else "")

    visit(parse(page))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return [line for line in lines if line]

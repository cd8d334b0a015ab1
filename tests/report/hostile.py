"""Hostile text, and reports that hold it in every string."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")

CANARY = '"><x-canary>'

#: Payloads against HTML: elements, attributes, comments, styles, entities, other parsers' tags.
HTML = (
    CANARY,
    "'><x-canary>",
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "</svg><svg onload=alert(1)>",
    "</code></pre></td></tr></table></details><iframe src=//evil.example>",
    "--><img src=x onerror=alert(1)><!--",
    "]]><![CDATA[<img src=x>",
    "javascript:alert(1)",
    " onmouseover=alert(1) x=",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#x3c;script&#x3e;",
    "%3Cimg src=x onerror=alert(1)%3E",
    "<?php eval($_GET[0]) ?>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}{# x #}",
    "url(https://evil.example/x) @import 'https://evil.example/y'",
    "<base href=https://evil.example><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "\x00<scr\x00ipt>",
    "+ADw-script+AD4-",
)

#: Payloads against terminals and readers' eyes.
DISPLAY = (
    "\x1b[2J\x1b[H\x1b]0;owned\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred\x9b0m",
    "progress\rOK \b\b\b",
    "invoice\u202efdp.exe",
    "\u2067\u2066nested\u2069\u2069 \u061c",
    "zero\u200bwidth\u200d\ufeff",
    "\U000e0069\U000e0067\U000e006e",
    "para\u2028graph\u2029break",
    "\ud800 lone \udfff",
    "line one\nline two\r\nline three",
)

#: Payloads against Markdown and what trackers add to it.
MARKDOWN = (
    "`````\nbroken out\n`````",
    "``` `` ` ````",
    "![beacon](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "<img src=https://evil.example/x.png> <details></details>",
    "@everyone @octocat #1 GH-1 owner/repo#12 octocat@0123456789abcdef",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "# heading",
    "- list",
    "1. list",
    "> quote",
    "| a | b |",
    "|---|---|",
    "***",
    "---",
    "===",
    "* * *",
    "_em_ __strong__ *em* **strong** ~~gone~~ ==mark==",
    "$x$ $$y$$ :smile: :100: [x] [^1]",
    "/close",
    "!12 %3 ~label &lt; &amp;lt; \\`",
    "[ref]: https://evil.example",
    "    indented",
    "<!-- comment -->",
    "+ item",
)

ALL = (*HTML, *DISPLAY, *MARKDOWN)

_LEAVES = (
    '"',
    "'",
    ">",
    '">',
    "'>",
    "</p>",
    "</code>",
    "</title>",
    "</style>",
    "</svg>",
    "</details>",
    "</table>",
    "-->",
    "]]>",
)
_ENTERS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<input autofocus onfocus=alert(1)>",
    "<style>@import'//evil.example'</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><button>x",
    "<object data=//evil.example></object>",
    "<body onload=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)>",
    " onmouseover=alert(1) x=",
    " style=position:fixed;inset:0 x=",
    "<base href=//evil.example/>",
    "<details open ontoggle=alert(1)>",
    "<template><slot onslotchange=alert(1)>",
)
#: Every way out of a place with every way into another.
CROSSED = tuple(f"{leaves}{enters}" for leaves in _LEAVES for enters in _ENTERS)


def everywhere(value: T, text: str) -> T:
    """Return ``value`` with ``text`` in the place of each string in it."""
    return _replace(value, text)  # type: ignore[no-any-return]  # the walk keeps every type but cannot say so


def _replace(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(_replace(item, text) for item in value)
    if isinstance(value, dict):
        return dict(
            zip([text], (_replace(item, text) for item in value.values()), strict=False)
        )  # its keys are one now
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: _replace(getattr(value, field.name), text) for field in fields(value)})
    return value

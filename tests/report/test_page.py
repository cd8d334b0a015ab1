"""The page's own rules: what it may hold, how it reads without styles, and that its colours can be read."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

import logcorr.report
from logcorr.report import page, render
from logcorr.report.extent import started
from logcorr.report.sections import SECTIONS
from tests.report import sample
from tests.report.dom import Element, parse, text_lines

FOLDER = Path(logcorr.report.__file__).parent
TEMPLATES = sorted(FOLDER.rglob("*.j2"))

ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "body",
        "header",
        "main",
        "nav",
        "footer",
        "section",
        "article",
    ),
    *("h1", "h2", "h3", "h4", "h5", "p", "a", "b", "span", "small", "time", "code", "pre", "div", "ol", "ul", "li"),
    *("dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "details"),
    *("summary", "svg", "desc", "defs", "pattern", "marker", "g", "path", "rect", "circle", "text"),
}
ATTRIBUTES = {
    *("lang", "http-equiv", "content", "charset", "name", "rel", "href", "class", "id", "title", "datetime", "scope"),
    *("data-label", "role", "tabindex", "aria-label", "aria-labelledby", "aria-hidden", "viewbox", "width", "height"),
    *("font-family", "font-size", "patternunits", "patterntransform", "refx", "refy", "markerwidth", "markerheight"),
    *("orient", "d", "fill", "stroke", "stroke-width", "x", "y", "rx", "cx", "cy", "r", "transform", "text-anchor"),
    *("marker-end", "colspan", "open"),
}


@pytest.fixture(scope="module", params=["incident", "undetermined", "quiet"])
def html(request: pytest.FixtureRequest) -> str:
    return render(getattr(sample, request.param)(), "html")


@pytest.fixture(scope="module")
def tree(html: str) -> Element:
    return parse(html)


def test_only_known_elements_and_attributes(tree: Element) -> None:
    elements = [element for element in tree.walk() if element is not tree]
    assert {element.tag for element in elements} <= ELEMENTS
    assert {name for element in elements for name in element.attributes} <= ATTRIBUTES


def test_policy_comes_first_and_matches_the_one_style_block(tree: Element) -> None:
    first = tree.find("meta")[0]
    assert first.attributes["http-equiv"] == "Content-Security-Policy"
    (style,) = tree.find("style")
    digest = b64encode(sha256(style.text.encode()).digest()).decode()
    assert first.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_requested(html: str, tree: Element) -> None:
    for element in tree.walk():
        if "href" in element.attributes:
            assert re.fullmatch(r"#[A-Za-z0-9-]+", element.attributes["href"]) or element.tag == "link"
        for value in element.attributes.values():
            assert not re.search(r"url\((?!#)", value)
    assert [link.attributes["href"] for link in tree.find("link")] == ["data:,"]
    (style,) = tree.find("style")
    assert not re.search(r"url\(|@import|@font-face|//", style.text)
    assert not re.search(r"https?://", html)


def test_links_lead_somewhere_and_ids_are_ours(tree: Element) -> None:
    ids = [element.attributes["id"] for element in tree.walk() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*|E[0-9]+", name) for name in ids)
    targets = {element.attributes["href"][1:] for element in tree.find("a")}
    assert targets <= set(ids)
    labels = {name for each in tree.walk() for name in each.attributes.get("aria-labelledby", "").split()}
    assert labels <= set(ids)


def test_outline_and_landmarks(tree: Element) -> None:
    assert tree.find("html")[0].attributes["lang"] == "en"
    assert [len(tree.find(tag)) for tag in ("h1", "header", "main", "nav", "footer")] == [1, 1, 1, 1, 1]
    levels = [int(each.tag[1]) for each in tree.walk() if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in tree.find("table"):
        assert table.children
        assert table.find("caption")
        assert all("scope" in cell.attributes for cell in table.find("th"))


def test_every_sign_links_to_its_line_or_its_row(tree: Element) -> None:
    (svg,) = (each for each in tree.find("svg") if each.attributes["role"] == "group")
    links = svg.find("a")
    assert links
    assert len(links) <= 200
    assert {link.attributes["tabindex"] for link in links} == {"-1"}, "the table has the same links"
    assert all(link.find("title")[0].text for link in links)


def test_the_first_lines_hold_the_answer_without_styles_and_pictures() -> None:
    report = sample.incident()
    first = "\n".join(text_lines(render(report, "html"))[:40])
    assert report.verdict.title in first
    assert "Why likely: 4 of 4 expected signs" in first
    for step in report.verdict.chain:
        assert step.text in first
    lines = {line.id: line for line in report.evidence}
    for key in report.verdict.key_evidence:
        assert lines[key].message in first
        assert f"{lines[key].source}:{lines[key].line}" in first
    for words in (
        "14 min 46 s",
        "yes, 2025-11-04 03:12:58Z; may come back",
        "Not seen:",
        "The loop:",
        "is a coincidence, not the cause:",
    ):
        assert words in first


def test_the_page_says_what_the_contract_asks_for() -> None:
    text = "\n".join(text_lines(render(sample.incident(), "html")))
    for words in (
        "+14 s",  # a gap of the chain
        "Something set tailscale0 down interface-set-down",
        "The daemon was stopped first, each time",
        "no source could have shown it",
        "a new public address after the outage could have been seen",
        "journald suppressed 1,204 messages",
        "spoofable",
        "trusted",
        "Europe/Zagreb (given)",
        "−1.800 s (11 shared connections",
        "1048576 of 1200000",
        "2025-11-04 02:58:31.204115Z",
    ):
        assert words in text


def test_an_outage_that_outlasts_the_logs_is_said_to() -> None:
    report = sample.incident()
    verdict = replace(report.verdict, ongoing=True, ended=None)
    text = "\n".join(text_lines(render(replace(report, verdict=verdict), "html")))
    assert "Lasted at least 3 h 1 min" in text
    assert "Resolved no, not when the logs end" in text


def test_a_chain_without_root_does_not_claim_one() -> None:
    text = "\n".join(text_lines(render(sample.undetermined(), "html")))
    assert "What was seen, in order" in text
    assert "From root" not in text


def test_times_carry_their_offset() -> None:
    text = "\n".join(text_lines(render(sample.undetermined(), "html")))
    assert "03:58:31+01:00" in text
    assert "2025-11-04 03:58:31+01:00 2025-11-04 02:58:31.204115Z" in text


def test_an_unknown_zone_is_said_and_replaced() -> None:
    text = "\n".join(text_lines(render(replace(sample.incident(), zone="Mars/Olympus"), "html")))
    assert "UTC, because the zone Mars/Olympus is not known" in text


def test_same_report_same_bytes() -> None:
    program = (
        "import hashlib; from tests.report import sample; from logcorr.report import FORMATS, render;"
        "print([hashlib.sha256(render(sample.incident(), name).encode()).hexdigest() for name in FORMATS])"
    )
    root = Path(__file__).parents[2]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "TZ": zone}, cwd=root,
            check=True, capture_output=True, text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "America/New_York"))
    ]  # fmt: skip
    assert runs[0] == runs[1]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_rely_on_autoescape(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"\|\s*safe|autoescape|Markup", source)
    assert not re.search(r"=\{\{", source), "an attribute without quotes"
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=", source)


def test_nothing_marks_text_as_safe() -> None:
    for module in sorted(FOLDER.rglob("*.py")):
        assert "Markup(" not in module.read_text(), module.name


def test_every_section_has_its_module_and_template() -> None:
    stems = {path.stem for path in (FOLDER / "sections").glob("*.py")} - {"__init__"}
    assert {section.template.removesuffix(".html.j2") for section in SECTIONS} == stems
    assert len({section.id for section in SECTIONS}) == len(SECTIONS) == len(stems)


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _schemes() -> dict[str, dict[str, str]]:
    style = (FOLDER / "style.css").read_text()
    roots = re.findall(r":root \{([^}]*)\}", style)
    light, dark = (dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", root)) for root in roots)
    assert light.keys() == dark.keys()
    return {"light": light, "dark": dark}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_aa(scheme: str) -> None:
    """WCAG 2.2, 1.4.3 for text (4.5:1) and 1.4.11 for what a picture needs (3:1)."""
    colours = _schemes()[scheme]
    texts = ("ink", "muted", "link", "cause", "symptom", "recovery", "context", "doubt")
    pairs = [(text, ground) for text in texts for ground in ("ground", "paper", "sunken")]
    pairs += [("ink", f"{soft}-soft") for soft in ("cause", "symptom", "recovery", "doubt")]
    pairs += [("link", "symptom-soft"), ("link", "doubt-soft"), ("symptom", "symptom-soft"), ("doubt", "doubt-soft")]
    pairs += [("mark-ink", tone) for tone in ("cause", "symptom", "recovery", "context")]
    faint = {pair: _contrast(colours[f"--{pair[0]}"], colours[f"--{pair[1]}"]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < 4.5} == {}
    marks = [_contrast(colours[f"--{tone}"], colours["--span"]) for tone in ("cause", "symptom", "recovery", "context")]
    assert min(marks) >= 3


def test_the_target_is_below_the_cap() -> None:
    assert page.TARGET < page.CAP
    assert all(len(render(report, "html").encode()) < page.TARGET / 5 for report in (sample.incident(), sample.quiet()))


def test_the_first_screen_says_what_to_do_first() -> None:
    report = sample.incident()
    first = "\n".join(text_lines(render(report, "html"))[:40])
    assert f"Do first: {report.actions[0].do}" in first
    assert "Do first" not in "\n".join(text_lines(render(replace(report, actions=()), "html")))


def test_a_start_whose_zone_no_log_names_says_so() -> None:
    report = sample.incident()
    hosts = (report.inputs[0].host or "",)
    verdict = replace(report.verdict, hosts=hosts)
    assumed = replace(report.inputs[0], timezone_from="assumed: nothing says otherwise")
    told = [
        started(replace(report, inputs=inputs), verdict)
        for inputs in (report.inputs, (assumed,), (assumed, replace(assumed, timezone_from="given")))
    ]
    assert told == ["2025-11-04 02:58:12Z", "2025-11-04 02:58:12Z (the log names no zone)", "2025-11-04 02:58:12Z"]


def test_where_no_gap_is_known_the_hosts_whose_logs_were_given_are_named() -> None:
    report = sample.incident()
    verdict = replace(report.verdict, warning=None)
    covered = replace(report, verdict=verdict, incidents=(verdict,), coverage=())
    text = "\n".join(text_lines(render(covered, "html")))
    assert "no gap is known in the logs given (of opg-srv, vps1, omada alone)" in text


def test_what_to_do_now_says_whether_the_trouble_is_over() -> None:
    report = sample.incident()
    told = {}
    for ongoing in (False, True, None):
        verdict = replace(report.verdict, ongoing=ongoing)
        page = render(replace(report, verdict=verdict, incidents=(verdict,)), "html")
        told[ongoing] = "this is against its return" in page
    assert told == {False: True, True: False, None: False}


def test_the_feedback_loop_is_drawn_with_each_turns_times() -> None:
    page = render(sample.incident(), "html")
    text = "\n".join(text_lines(page))
    assert "the monitor's probe of port 4010 fails ↓ the monitor restarts tailscaled" in text
    assert re.search("failed 03:00:02Z ?, reaction 03:00:44Z E5 E6", text)
    (svg,) = (each for each in parse(page).find("svg") if each.attributes["role"] == "group")
    assert len([path for path in svg.find("path") if path.attributes.get("class") == "back"]) == 1
    once = replace(sample.incident().verdict, loop=None, turns=())
    assert "↻" not in render(replace(sample.incident(), verdict=once, incidents=(once,)), "html")


@pytest.mark.parametrize("acted", [True, False])
def test_ways_to_get_a_log_are_a_list_beside_the_action_or_else_the_gap(*, acted: bool) -> None:
    report = sample.undetermined()
    ways = ("Omada: Controller > Logs > Events, Export.", "OpenWrt: logread > router.log")
    gap = replace(report.coverage[0], how=ways, on="the router of the site", command=None)
    action = replace(sample.incident().actions[0], how=ways, on="the router of the site", command=None)
    tree = parse(render(replace(report, coverage=(gap,), actions=(action,) * acted), "html"))
    lists = [each for each in tree.find("ul") if each.attributes.get("class") == "ways"]
    assert [[item.text for item in each.find("li")] for each in lists] == [list(ways)]


def test_many_hosts_are_counted_and_a_cause_without_a_sign_takes_one_line() -> None:
    report = sample.incident()
    names = tuple(f"host-{number:02}" for number in range(30))
    verdict = replace(report.verdict, hosts=names)
    inputs = tuple(replace(report.inputs[0], host=name) for name in names)
    weak = replace(report.hypotheses[0], cause="clock-stepped", status="weakened", supports=())
    crowded = replace(
        report, verdict=verdict, incidents=(verdict,), inputs=inputs, hypotheses=(*report.hypotheses, weak)
    )
    page = render(crowded, "html")
    text = "\n".join(text_lines(page))
    assert "Hosts host-00, host-01, host-02, host-03, host-04, host-05 and 24 more" in text
    assert "Where host-00, host-01, host-02, host-03, host-04 and 25 more" in text
    assert len(parse(page).find("article")) == len(parse(render(report, "html")).find("article")) + len(names) - len(
        report.inputs
    )
    assert "No evidence for them." in text
    nothing = replace(report, hypotheses=(replace(weak, incident=0),))
    assert "side-by-side" not in render(nothing, "html").split("</style>")[1]

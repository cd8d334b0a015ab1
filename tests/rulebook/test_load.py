"""Loading: every fault of every file at once, with its place; overriding; what counts as a rule."""

from pathlib import Path
from textwrap import dedent

import pytest

from logcorr.errors import RuleError
from logcorr.rulebook import load_rules
from logcorr.rulebook.load import shipped_rules

EVENTS = """\
program: app
events:
  link.down: {says: "{interface}: down", role: symptom}
  link.up: {says: "{interface}: up", role: recovery}
  reset: {says: "reset by {remote_ip}:{remote_port} after {duration}"}
"""
PATTERN = """\
id: {id}
title: "{{down.interface}} and then a reset"
sequence:
  - down: link.down
  - reset: reset
    within: 30s
by: host
"""
CAUSE = """\
id: {id}
title: A cause
layer: path
sentence: It broke.
explains: [reset]
evidence:
  - {{event: link.down, strength: strong, says: "{{interface}} went down"}}
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def pattern(**changes: str) -> str:
    """A pattern with one line replaced: the key's own line becomes the given text."""
    text = PATTERN.format(id="broken")
    for key, line in changes.items():
        old = next(row for row in text.splitlines() if row.strip().startswith((f"{key}:", f"- {key}:")))
        text = text.replace(old, line)
    return text


Faults = dict[str, list[tuple[int, int, str, str | None]]]

#: Broken files: name -> (text, line, column, what is said, hint).
BROKEN = {
    "events/unknown-key.yaml": (EVENTS.replace("role: symptom", "rol: symptom"), 3, 42, "unknown key 'rol'", "'role'"),
    "events/bad-role.yaml": (EVENTS.replace("symptom", "symtom"), 3, 48, "'symtom' is not one of", "'symptom'"),
    "events/no-program.yaml": (EVENTS.replace("program: app\n", ""), 1, 1, "'program' is missing", None),
    "events/bad-field.yaml": (
        EVENTS.replace("{interface}: up", "{inteface}: up"),
        4,
        19,
        "implies no type",
        "{interface}",
    ),
    "events/bad-type.yaml": (EVENTS.replace("{interface}: up", "{x:wrod}: up"), 4, 19, "unknown type 'wrod'", "'word'"),
    "events/brace.yaml": (EVENTS.replace("{interface}: up", "a { b"), 4, 19, "a single '{'", "{{"),
    "events/regex.yaml": (EVENTS.replace('says: "{interface}: up"', "regex: '(?=x)y'"), 4, 20, "look-around", "unless"),
    "events/huge-regex.yaml": (
        EVENTS.replace('says: "{interface}: up"', f"regex: '{'a' * 200_000}'"),
        4,
        20,
        "200,000 characters",
        None,
    ),
    "events/no-matcher.yaml": (
        EVENTS.replace('says: "{interface}: up", ', ""),
        4,
        12,
        "needs one of: says, regex, message_id",
        None,
    ),
    "events/both.yaml": (
        EVENTS.replace('{says: "{interface}: up"', "{says: x y, regex: z"),
        4,
        12,
        "says or regex, not both",
        None,
    ),
    "events/id.yaml": (EVENTS.replace('says: "{interface}: up"', "message_id: 12"), 4, 25, "expected text", None),
    "events/name.yaml": (EVENTS.replace("link.up", "Link-Up"), 4, 3, "is not an event name", "link.down"),
    "events/twice.yaml": (EVENTS.replace("link.up", "link.down"), 4, 3, "a second time", None),
    "events/set.yaml": (EVENTS.replace("role: recovery", "set: {ip: [1]}"), 4, 48, "found a list", None),
    "events/anything.yaml": (EVENTS.replace("{interface}: up", "{*}"), 4, 19, "needs some literal text", None),
    "events/brief.yaml": (
        EVENTS.replace("role: recovery", 'brief: "{intrface} is up"'),
        4,
        45,
        "no event of this rule has a field 'intrface'",
        "'interface'",
    ),
    "events/kind.yaml": (
        EVENTS.replace("role: recovery", "set: {remote_port: 1, up: 2}") + '  other: {says: "x y {up:text}"}\n',
        6,
        10,
        "field 'up' is text here and a whole number in",
        "same type",
    ),
    "patterns/unknown-event.yaml": (
        pattern(down="  - down: link.dwn"),
        4,
        11,
        "unknown event 'link.dwn'",
        "'link.down'",
    ),
    "patterns/unknown-glob.yaml": (pattern(down="  - down: lnk.*"), 4, 11, "unknown event 'lnk.*'", "'link.up'"),
    "patterns/title.yaml": (pattern(title='title: "{down.interfce} then"'), 2, 8, "no field 'interfce'", "'interface'"),
    "patterns/title-step.yaml": (pattern(title='title: "{dwn.interface} then"'), 2, 8, "no step 'dwn'", "'down'"),
    "patterns/by.yaml": (pattern(by="by: hots"), 7, 5, "no event has a field 'hots'", "'host'"),
    "patterns/within.yaml": (pattern(within="    within: 30 parsecs"), 6, 13, "is not a duration", None),
    "patterns/two-forms.yaml": (
        pattern(by="count: {event: reset, at_least: 2, within: 1min}"),
        1,
        1,
        "exactly one form",
        None,
    ),
    "patterns/no-form.yaml": ("id: no-form\ntitle: x\n", 1, 1, "exactly one form", None),
    "patterns/step.yaml": (pattern(within="    wthin: 30s"), 5, 5, "one 'name: event' pair", None),
    "patterns/where.yaml": (pattern(within="    where: {ip: x}"), 6, 13, "has a field 'ip'", "remote_ip"),
    "patterns/where-key.yaml": (
        pattern(within="    where: {remote_ip: {cird: 10.0.0.0/8}}"),
        6,
        25,
        "unknown key 'cird'",
        "'cidr'",
    ),
    "patterns/cidr.yaml": (pattern(within="    where: {remote_ip: {cidr: 10.0.0.0/99}}"), 6, 31, "is no network", None),
    "patterns/reference.yaml": (
        pattern(within="    where: {remote_ip: $dwn.interface}"),
        6,
        24,
        "no step 'dwn'",
        "'down'",
    ),
    "patterns/id.yaml": (pattern(id="id: Not_An_Id"), 1, 5, "is not an id", "hyphens"),
    "patterns/named.yaml": (PATTERN.format(id="other-name"), 1, 5, "in a file called 'named'", "ID.yaml"),
    "patterns/not-yaml.yaml": ("id: x\ntitle: a: b\n", 2, 9, "not YAML", "quotes"),
    "patterns/bomb.yaml": (
        "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(f"b{n}: &b{n} [{','.join(['*' + ('a' if n == 1 else f'b{n - 1}')] * 10)}]\n" for n in range(1, 6)),
        5,
        22,
        "more than 50,000 values",
        None,
    ),
    "causes/pattern.yaml": (
        CAUSE.format(id="pattern").replace("event: link.down", "pattern: reset-after-dwn"),
        7,
        15,
        "unknown pattern 'reset-after-dwn'",
        "'reset-after-down'",
    ),
    "causes/sentence.yaml": (
        CAUSE.format(id="sentence").replace("It broke.", "The {bond} broke."),
        4,
        11,
        "no event of this rule has a field 'bond'",
        None,
    ),
    "causes/layer.yaml": (
        CAUSE.format(id="layer").replace("layer: path", "layer: pth"),
        3,
        8,
        "'pth' is not one of",
        "'path'",
    ),
    "causes/needs.yaml": (
        CAUSE.format(id="needs") + "needs: [routr]\n",
        8,
        9,
        "unknown kind of source 'routr'",
        "'router'",
    ),
    "causes/settles.yaml": (
        CAUSE.format(id="settles") + "checks:\n  - {command: x, on: y, settles: [setles]}\n",
        9,
        35,
        "unknown cause 'setles'",
        "'settles'",
    ),
    "causes/answer.yaml": (
        CAUSE.format(id="answer") + "questions:\n  - {question: Was it?, supported: Yes.}\n",
        9,
        36,
        "an answer needs rests_on",
        None,
    ),
    "causes/empty.yaml": (
        CAUSE.format(id="empty") + "questions:\n  - {question: Was it?, supported: {says: Yes., rests_on: []}}\n",
        9,
        36,
        "rests_on names at least one",
        None,
    ),
    "causes/rests.yaml": (
        CAUSE.format(id="rests") + "questions:\n  - {question: Was it?, supported: {says: Yes., rests_on: [routr]}}\n",
        9,
        60,
        "'routr' is no event and no pattern or kind of source",
        "'router'",
    ),
    "causes/told.yaml": (
        CAUSE.format(id="told")
        + "questions:\n  - {question: Was it?, supported: {says: '{bond}', rests_on: [reset]}}\n",
        9,
        43,
        "no event of this rule has a field 'bond'",
        None,
    ),
    "causes/premise.yaml": (
        CAUSE.format(id="premise") + "questions:\n  - {question: 'Why, oh why?'}\n",
        9,
        16,
        "a question with 'Why' presupposes something and needs a premise",
        "premise:",
    ),
    "causes/seen.yaml": (
        CAUSE.format(id="seen") + "questions:\n  - {question: Why?, premise: [rset]}\n",
        9,
        32,
        "'rset' is no event and no pattern",
        "'reset'",
    ),
    "causes/explains.yaml": (
        CAUSE.format(id="explains").replace("explains: [reset]", "explains: [reset, leaving-the-sight]"),
        5,
        19,
        "'leaving-the-sight' is no event and no class of symptoms",
        "'leaving-the-site'",
    ),
    "causes/brings.yaml": (
        CAUSE.format(id="brings") + "brings_about: [brinks]\n",
        8,
        16,
        "unknown cause 'brinks'",
        "'brings'",
    ),
    "causes/command.yaml": (
        CAUSE.format(id="command") + "actions:\n  - {do: x, command: 'ethtool <IFACES>', risk: none, why: y}\n",
        9,
        22,
        "unknown placeholder <IFACES>",
        "'IFACE'",
    ),
    "more/states.yaml": (
        "- {id: way, title: the way, lost: [link.down], back: [link.upp]}\n",
        1,
        55,
        "unknown event 'link.upp'",
        "'link.up'",
    ),
    "causes/list.yaml": ("- 1\n", 1, 1, "expected a mapping", None),
    "elsewhere.yaml": ("something: else\n", 1, 1, "this is no rule", "program:"),
    "causes/binary.yaml": ("\x00", 1, 1, "not YAML", None),
}
SOUND = {
    "events/app.yaml": EVENTS,
    "patterns/reset-after-down.yaml": PATTERN.format(id="reset-after-down"),
    "causes/cause.yaml": CAUSE.format(id="cause"),
    "sources.yaml": "- {id: router, title: the router's log, command: x, on: y}\n",
    "symptoms.yaml": "- {id: leaving-the-site, title: x, events: [reset]}\n",
    "states.yaml": "- {id: link, title: the link, lost: [link.down], back: [link.up], of: [interface]}\n",
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    """The faults of a folder in which all broken files stand together, by file."""
    folder = write(
        tmp_path_factory.mktemp("rules"),
        {
            **SOUND,
            **{name: text.replace("id: broken", f"id: {Path(name).stem}") for name, (text, *_) in BROKEN.items()},
        },
    )
    with pytest.raises(RuleError) as caught:
        load_rules([folder], shipped=False)
    found: Faults = {}
    for fault in caught.value.faults:
        path, line, column = (fault.location or "").rsplit(":", 2)
        found.setdefault(str(Path(path).relative_to(folder)), []).append(
            (int(line), int(column), fault.message, fault.hint)
        )
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_every_fault_is_named_with_its_place_and_a_hint(faults: Faults, name: str) -> None:
    _, line, column, says, hint = BROKEN[name]
    assert len(faults[name]) == 1, faults[name]
    found_line, found_column, message, found_hint = faults[name][0]
    assert says in message
    assert (found_line, found_column) == (line, column), message
    assert hint is None or hint in (found_hint or ""), found_hint


def test_sound_files_beside_broken_ones_have_no_faults(faults: Faults) -> None:
    assert set(faults) == set(BROKEN)


def test_one_fault_does_not_hide_the_others_of_its_file_nor_make_new_ones(tmp_path: Path) -> None:
    """A misspelt key, and beside it an event that nobody knows; what refers to either rule is no fault."""
    text = PATTERN.format(id="reset-after-down").replace("by: host", "bye: host").replace("link.down", "link.dawn")
    lost = "id: lost\ntitle: 3\nsequence: []\n"
    cause = CAUSE.format(id="cause").replace(
        "evidence:", "evidence:\n  - {pattern: lost, strength: weak, says: it was}"
    )
    folder = write(tmp_path, {**SOUND, "patterns/reset-after-down.yaml": text, "patterns/lost.yaml": lost})
    (folder / "causes" / "cause.yaml").write_text(cause)
    with pytest.raises(RuleError) as caught:
        load_rules([folder], shipped=False)
    told = [(Path((fault.location or "").split(":")[0]).name, fault.message) for fault in caught.value.faults]
    assert sorted(told)[1:] == [
        ("reset-after-down.yaml", "unknown event 'link.dawn'"),
        ("reset-after-down.yaml", "unknown key 'bye'"),
    ]
    assert min(told)[0] == "lost.yaml"


def test_very_many_faults_of_one_file_are_counted(tmp_path: Path) -> None:
    text = PATTERN.format(id="many") + "".join(f"key{number}: 1\n" for number in range(20_000))
    folder = write(tmp_path, {"events/app.yaml": EVENTS, "patterns/many.yaml": text})
    with pytest.raises(RuleError) as caught:
        load_rules([folder], shipped=False)
    assert len(caught.value.faults) == 201
    assert any(fault.message == "about 19,800 more faults in this file" for fault in caught.value.faults)


@pytest.mark.parametrize(
    "change",
    [{"within": "    within: 99999999999d"}, {"within": "    within: 30s\n    at_least: 100000000"}],
    ids=["a duration of an age", "a hundred million times"],
)
def test_what_would_cost_without_end_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    folder = write(tmp_path, {"events/app.yaml": EVENTS, "patterns/broken.yaml": pattern(**change)})
    with pytest.raises(RuleError) as caught:
        load_rules([folder], shipped=False)
    (fault,) = caught.value.faults
    assert "less than or equal to" in fault.message


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""], ids=["with a byte-order mark", "with CR LF"])
def test_files_from_other_systems_load(tmp_path: Path, mark: bytes) -> None:
    folder = write(tmp_path, SOUND)
    path = folder / "patterns" / "reset-after-down.yaml"
    path.write_bytes(mark + path.read_bytes().replace(b"\n", b"\r\n"))
    assert set(load_rules([folder], shipped=False).patterns) == {"reset-after-down"}


def test_sound_files_alone_load(tmp_path: Path) -> None:
    rules = load_rules([write(tmp_path, SOUND)], shipped=False)
    assert set(rules.patterns) == {"reset-after-down"}
    assert set(rules.causes) == {"cause"}
    assert rules.places["pattern reset-after-down"] == f"{tmp_path}/patterns/reset-after-down.yaml:1"
    assert rules.places["event link.up"] == f"{tmp_path}/events/app.yaml:4"


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such file or folder"):
        load_rules([tmp_path / "nowhere"])


def test_a_file_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"program: \xff\n")
    with pytest.raises(RuleError, match="not UTF-8"):
        load_rules([tmp_path])


def test_a_single_file_is_recognised_by_its_keys(tmp_path: Path) -> None:
    write(tmp_path, {"mine.yaml": EVENTS, "reset-after-down.yaml": PATTERN.format(id="reset-after-down")})
    rules = load_rules([tmp_path / "mine.yaml", tmp_path / "reset-after-down.yaml"], shipped=False)
    assert set(rules.patterns) == {"reset-after-down"}


def test_cases_hidden_files_and_other_files_are_no_rules(tmp_path: Path) -> None:
    extra = {"events/app.cases.yaml": "- nonsense\n", ".git/x.yaml": "nonsense\n", "README.md": "# no rule\n"}
    assert load_rules([write(tmp_path, {**SOUND, **extra})], shipped=False).patterns


def test_a_users_rule_replaces_a_shipped_one_and_that_is_said(tmp_path: Path) -> None:
    shipped = load_rules()
    name = next(iter(shipped.patterns))
    text = f'id: {name}\ntitle: "mine"\ncount: {{event: link.down, at_least: 2, within: 1min}}\n'
    mine = load_rules([write(tmp_path, {f"patterns/{name}.yaml": text})])
    assert mine.patterns[name].title == "mine"
    assert len(mine.patterns) == len(shipped.patterns)
    assert any(line.startswith(f"pattern {name}: {tmp_path}") for line in mine.overridden)
    assert mine.sha256 != shipped.sha256


def test_a_users_event_replaces_that_event_of_the_same_file_only(tmp_path: Path) -> None:
    first = write(tmp_path / "one", {"events/app.yaml": EVENTS})
    text = 'program: app\nevents:\n  link.down: {says: "{interface} is gone"}\n  new.one: {says: "a new one"}\n'
    second = write(tmp_path / "two", {"events/app.yaml": text})
    rules = load_rules([first, second], shipped=False)
    assert [sorted(file.events) for file in rules.events] == [["link.up", "reset"], ["link.down", "new.one"]]
    assert len(rules.overridden) == 1
    assert rules.overridden[0].startswith("event link.down: ")


def test_two_rules_of_one_id_in_one_folder_are_a_fault(tmp_path: Path) -> None:
    files = {f"patterns/{area}/reset-after-down.yaml": PATTERN.format(id="reset-after-down") for area in ("a", "b")}
    with pytest.raises(RuleError, match="a second pattern 'reset-after-down'"):
        load_rules([write(tmp_path, {**SOUND, **files})], shipped=False)


def test_the_digest_depends_on_names_and_contents_not_on_the_place(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", SOUND), write(tmp_path / "two", SOUND)
    digest = load_rules([one], shipped=False).sha256
    assert load_rules([two], shipped=False).sha256 == digest
    write(two, {"events/app.yaml": EVENTS + "\n"})
    assert load_rules([two], shipped=False).sha256 != digest


def test_shipped_rules_stand_every_check() -> None:
    assert load_rules([shipped_rules()], shipped=False).events

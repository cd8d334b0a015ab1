"""Templates and expressions as compiled wordings."""

import polars as pl
import pytest

from logcorr.rulebook.fieldtypes import FIELD_TYPES, field_type, named_type, table
from logcorr.rulebook.models import Event, EventFile, Wording
from logcorr.rulebook.wordings import WordingError, compile_wording


def fields(template: str, message: str) -> dict[str, object] | None:
    """The typed fields of a message, or None where the template does not match."""
    wording = compile_wording(Wording(says=template))
    texts = pl.Series([message])
    if not texts.str.contains(wording.regex or "")[0]:
        return None
    if not wording.fields:
        return {}
    groups = texts.str.extract_groups(wording.regex or "").struct.unnest()
    return groups.select(kind.convert(pl.col(name)).alias(name) for name, kind in wording.fields.items()).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("template", "message", "expected"),
    [
        ("{interface}: Link DOWN", "tailscale0: Link DOWN", {"interface": "tailscale0"}),
        ("{interface}: Link DOWN", "wlp3s0.12: Link DOWN", {"interface": "wlp3s0.12"}),
        ("{interface}: Link DOWN", "note: tailscale0: Link DOWN", None),
        ("{interface}: Link DOWN", "tailscale0: Link DOWN again", None),
        ("{interface}: Link DOWN", "tailscale0: Link DOWN  \n", {"interface": "tailscale0"}),
        ("from {local_ip}:{local_port}", "from 192.0.2.1:443", {"local_ip": "192.0.2.1", "local_port": 443}),
        ("from {ip}:{port}", "from [2001:db8::1]:443", {"ip": "2001:db8::1", "port": 443}),
        ("from {ip}", "from fe80::1%eth0", {"ip": "fe80::1%eth0"}),
        ("from {ip}", "from ::ffff:192.0.2.1", {"ip": "::ffff:192.0.2.1"}),
        ("from {ip}", "from nowhere", None),
        ("client {mac}", "client AA-BB-CC-00-11-22", {"mac": "aa:bb:cc:00:11:22"}),
        ("client {mac}", "client aabb.cc00.1122", {"mac": "aa:bb:cc:00:11:22"}),
        ("slept {duration}", "slept 1h2m3.5s", {"duration": 3723.5}),
        ("slept {duration}", "slept 1min 30s", {"duration": 90.0}),
        ("slept {duration}", "slept 250ms", {"duration": 0.25}),
        ("slept {duration}", "slept 2 days", {"duration": 172800.0}),
        ("slept {duration}", "slept -5.25s", {"duration": -5.25}),
        ("slept {duration}", "slept 17", {"duration": 17.0}),
        ("slept {duration}", "slept 3µs", {"duration": 3e-6}),
        ("error: {error}", "error: a, b: c", {"error": "a, b: c"}),
        ("error: {error}", "error: ", None),
        ("a {text} b {*}", "a x b y b z", {"text": "x"}),
        ("NetInfo{{udp={udp}{*}}}", "NetInfo{udp=true v6=false}", {"udp": "true"}),
        ("{unit}: Failed with result '{result}'.", "a@b.service: Failed with result 'oom-kill'.",
         {"unit": "a@b.service", "result": "oom-kill"}),
        ("two\nlines {count}", "two\nlines 5", {"count": 5}),
        ("set {cursor:word}, {total:count}", "set x:y, -4", {"cursor": "x:y", "total": -4}),
    ],
)  # fmt: skip
def test_templates(template: str, message: str, expected: dict[str, object] | None) -> None:
    assert fields(template, message) == expected


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{inteface}: Link DOWN", "implies no type"),
        ("{name:wrd}: x", "unknown type"),
        ("{Interface}: x", "is no field"),
        ("{a b}: x", "is no field"),
        ("{ip} and {ip} met", "twice"),
        ("{ip}", "literal text"),
        ("{*}", "literal text"),
        ("lonely { brace", "single"),
        ("lonely } brace", "single"),
        ("x" * 2000, "characters"),
    ],
)
def test_wrong_templates(template: str, says: str) -> None:
    with pytest.raises(WordingError, match=says):
        compile_wording(Wording(says=template))


def test_a_hint_says_what_was_meant() -> None:
    with pytest.raises(WordingError) as caught:
        compile_wording(Wording(says="{inteface}: Link DOWN"))
    assert "{interface}" in (caught.value.hint or "")


def test_every_type_compiles_on_the_engine_and_keeps_its_dtype() -> None:
    for kind in FIELD_TYPES:
        kept = pl.Series(["1"]).to_frame("x").select(kind.convert(pl.col("x")))
        assert pl.Series([""]).str.contains(f"^(?:{kind.pattern})$").dtype == pl.Boolean
        assert kept.dtypes == [kind.dtype], kind.name


def test_names_imply_types_by_their_last_word() -> None:
    assert field_type("local_ip") is named_type("ip")
    assert field_type("old_interface") is named_type("interface")
    assert field_type("bond") is named_type("interface")
    assert field_type("nonsense") is None


def test_no_name_implies_two_types() -> None:
    names = [name for kind in FIELD_TYPES for name in (kind.name, *kind.also)]
    assert len(names) == len(set(names))


def test_the_table_lists_every_type() -> None:
    for kind in FIELD_TYPES:
        assert f"| `{kind.name}` |" in table()


def test_what_an_event_says_of_all_its_wordings_holds_for_each() -> None:
    event = Event.model_validate(
        {
            "says": ["one {ip}", {"says": "two", "set": {"actor": "cron"}, "unless": ["three"]}],
            "message_id": "a" * 32, "unless": ["never"], "set": {"actor": "user", "result": "ok"}, "since": "1.0",
        }
    )  # fmt: skip
    one, two = event.wordings()
    assert (one.unless, one.set, one.since, one.message_id) == (
        ("never",),
        {"actor": "user", "result": "ok"},
        "1.0",
        "a" * 32,
    )
    assert (two.unless, two.set) == (("never", "three"), {"actor": "cron", "result": "ok"})


def test_a_head_stands_before_every_text_and_gives_its_fields() -> None:
    file = EventFile.model_validate(
        {
            "program": "kernel",
            "head": r"(?:^|\s)(?P<driver>\w+) (?P<interface>\w+): |^bare: ",
            "events": {
                "nic.hang": {"says": ["hung on queue {queue}", {"says": "stuck", "head": "^only "}, {"regex": "lost"}]},
                "nic.reset": {"says": "reset", "head": "^"},
            },
        }
    )
    hung, stuck, lost = (compile_wording(wording) for wording in file.events["nic.hang"].wordings())
    assert set(hung.fields) == {"driver", "interface", "queue"}
    assert hung.literals == ("hung on queue",)
    texts = pl.Series(["[ 1.0] igb eth0: hung on queue 3", "bare: hung on queue 3", "hung on queue 3", "only stuck"])
    assert texts.str.contains(hung.regex or "").to_list() == [True, True, False, False]
    assert texts.str.contains(stuck.regex or "").to_list() == [False, False, False, True]
    assert lost.regex == "lost"
    (reset,) = (compile_wording(wording) for wording in file.events["nic.reset"].wordings())
    assert pl.Series(["reset", "igb eth0: reset"]).str.contains(reset.regex or "").to_list() == [True, False]


@pytest.mark.parametrize("head", ["(", "(?=x)", "(?P<count>x)(?P<count>y)", r"^(?P<ip>\S+): "])
def test_a_head_that_cannot_stand_is_told(head: str) -> None:
    with pytest.raises(WordingError):
        compile_wording(Wording(says="{ip} is lost", head=head))

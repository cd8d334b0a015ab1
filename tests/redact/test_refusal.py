"""A report is refused where something private was left in it, and for nothing else."""

from __future__ import annotations

import re
from dataclasses import is_dataclass, replace
from typing import Any, Literal, get_origin, get_type_hints

import pytest

from logcorr import model
from logcorr.api import shipped_names
from logcorr.cli.redaction import rendered
from logcorr.errors import OutputError
from logcorr.model import Report
from logcorr.redact import Redactor, redact, report_texts
from logcorr.redact.identities import find_names
from logcorr.redact.known import EVENT_NAMES
from logcorr.redact.whole import OURS, SENTENCES
from logcorr.report import FORMATS
from tests.report import sample


def with_line(**changes: Any) -> Report:
    report = sample.incident()
    line = replace(report.evidence[0], id="E99", **changes)
    return replace(report, evidence=(*report.evidence, line))


def texts(report: Report) -> dict[str, str]:
    redactor = Redactor("share")
    shown = redact(report, redactor)
    return {form: rendered(shown, form, redactor, "report") for form in FORMATS}


@pytest.mark.parametrize("host", ["dmesg", "access", "evidence", "timeline", "wanderer", "supported", "answer"])
def test_a_host_called_like_a_word_of_ours_is_hidden_and_refuses_nothing(host: str) -> None:
    report = with_line(host=host, message=f"{host} lost its carrier")
    source = replace(report.inputs[0], host=host, format="dmesg-ctime", path=f"logs/{host}.log")
    redactor = Redactor("share")
    shown = redact(replace(report, inputs=(source, *report.inputs[1:])), redactor)
    for form in FORMATS:
        rendered(shown, form, redactor, "report")
    assert host not in report_texts(shown, frozenset(), redactor).replace("dmesg-ctime", "").split()
    assert shown.inputs[0].format == "dmesg-ctime"


@pytest.mark.parametrize("host", ["unit", "interface", "reason"])
def test_a_host_called_like_a_field_refuses_nothing(host: str) -> None:
    assert not any(f'"{host}": "{host}"' in text for text in texts(with_line(host=host, fields={host: host})).values())


@pytest.mark.parametrize("short", ["oThEr", "tHeIr", "aFt3r"])
def test_a_key_that_is_a_word_but_for_its_capitals_refuses_nothing(short: str) -> None:
    made = texts(with_line(message=f"magicsock: new endpoint of [{short}]", fields={"key": short}))
    for text in made.values():
        assert short not in text
    assert "other" in made["html"]


def test_a_short_key_is_hidden_where_it_stands_without_its_sign() -> None:
    made = texts(with_line(message="disco: node [aB3dE] d:2d2af582a095fab1", fields={"key": "2d2af582a095fab1"}))
    assert not any("2d2af582a095fab1" in text or "aB3dE" in text for text in made.values())


def test_the_same_name_left_in_what_is_not_ours_is_refused() -> None:
    redactor = Redactor("share")
    report = with_line(host="dmesg", message="dmesg lost its carrier")
    redact(report, redactor)
    with pytest.raises(OutputError, match="hosts"):
        rendered(report, "html", redactor, "report")


def test_a_name_in_the_id_of_a_users_own_rule_is_no_word_of_ours() -> None:
    report = with_line(host="petras-nas", message="down")
    finding = replace(report.findings[0], pattern="petras-nas-down")
    redactor = Redactor("share")
    shown = redact(replace(report, findings=(finding,)), redactor)
    with pytest.raises(OutputError, match="hosts"):
        rendered(shown, "json", redactor, "report")


def test_an_account_that_a_scanner_guesses_changes_nothing_but_its_own_line() -> None:
    tried = "Invalid user {0} from 192.0.2.77 port 4022"
    plain = texts(with_line(host=None, message=tried.format("wilhelmina"), fields={}))["md"].splitlines()
    words = sorted(set(re.findall(r"[a-z]{3,}", " ".join(plain).lower())) - {"wilhelmina"})
    guessed = texts(with_line(host=None, message="; ".join(map(tried.format, words)), fields={}))["md"]
    changed = [line for line in plain if line not in guessed]
    assert all("Invalid user" in line or "values replaced" in line or "Redaction" in line for line in changed), changed


@pytest.mark.parametrize("tried", ["hunter2", "Correct-Horse9", "pa55w.rd"])
def test_what_is_no_plain_word_may_be_a_password_and_is_hidden_everywhere(tried: str) -> None:
    redactor = Redactor("share")
    line = with_line(host=None, message=f"Invalid user {tried} from 192.0.2.77; again {tried}", fields={})
    assert tried.lower() not in report_texts(redact(line, redactor), frozenset()).lower()


def test_a_guessed_account_is_hidden_where_it_stands() -> None:
    redactor = Redactor("share")
    shown = redactor.text("Connection closed by invalid user wilhelmina 192.0.2.77 port 4022 [preauth]")
    assert "wilhelmina" not in shown
    assert "invalid user guess-1 " in shown


@pytest.mark.parametrize("user", ["system", "service", "container"])
def test_a_user_called_like_our_words_for_an_origin_refuses_nothing(user: str) -> None:
    texts(with_line(host=None, message=f"session opened for user {user}(uid=1001)", origin="service", trusted=True))


@pytest.mark.parametrize("kind", [kind for kind in vars(model).values() if is_dataclass(kind)])
def test_what_our_own_code_chooses_from_a_list_is_ours(kind: type) -> None:
    chosen = {name for name, hint in get_type_hints(kind).items() if get_origin(hint) is Literal}
    assert chosen <= OURS.get(kind, frozenset())


def test_no_event_of_ours_is_taken_for_a_dns_name() -> None:
    assert [name for name in shipped_names() if [*find_names(name)]] == []
    assert shipped_names() >= EVENT_NAMES


@pytest.mark.parametrize(
    "said",
    ["cid=[01:02:00:5e:20:57:ef]", "duid=[00:01:00:01:2a:bb:cc:dd:02:00:5e:20:57:ef]", "02-00-5e-20-57-ef"],
)
def test_an_identifier_of_a_dhcp_client_hides_the_address_in_it(said: str) -> None:
    shown = redact(with_line(host=None, message=said, origin="service", trusted=True), Redactor("share"))
    assert "57:ef" not in report_texts(shown, frozenset()).replace("-", ":")


def test_an_address_in_hex_digits_is_hidden_like_the_address() -> None:
    """BIRD's trace of a BGP session writes the router's id so."""
    said = "bgp1: peer 203.0.113.34; sending open(ver=4,as=64500,hold=240,id=CB007122), cookie 0badcafe"
    for text in texts(with_line(message=said)).values():
        assert "cb007122" not in text.lower()
        assert "0badcafe" in text


def test_a_uuid_that_a_longer_name_begins_with_is_replaced() -> None:
    uuid = "be455f4a-96f5-43d6-984f-cee265187cba"
    assert uuid not in Redactor("share").text(f"kubernetes.io/projected/{uuid}-kube-api-access")


def test_the_label_of_a_secret_names_no_program_after_which_hosts_are_called() -> None:
    told = Redactor("share").text("(812) Login incorrect (pap): [anna/s3cret-word] (from client ap7 port 0)")
    assert "s3cret-word" not in told
    assert "radius" not in told


@pytest.mark.parametrize("kind", [kind for kind in vars(model).values() if is_dataclass(kind)])
def test_of_each_field_of_text_it_is_decided_whose_words_it_holds(kind: type) -> None:
    ours, sentences = (found.get(kind, frozenset()) for found in (OURS, SENTENCES))
    assert not ours & sentences
    assert ours | sentences <= set(get_type_hints(kind))

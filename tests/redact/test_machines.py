"""Machines that logs only mention, pods, containers, and names of files: what is recognised is hidden, and said so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from logcorr.model import Report
from logcorr.redact import Redactor, redact
from logcorr.redact.machines import LIKELY, SURE, is_like_a_machine
from logcorr.redact.paths import private_parts
from logcorr.report import FORMATS, render
from tests.report import sample

MENTIONED = (
    ("db01", "SERVICE ALERT: db01;MARIADB;CRITICAL;SOFT;1;Can't connect (111)"),
    ("saturn", "HOST ALERT: saturn;DOWN;HARD;3;CRITICAL"),
    ("web01", "CURRENT HOST STATE: web01;UP;HARD;1;PING OK"),
    ("dns01", "SERVICE NOTIFICATION: oncall;dns01;DNS;CRITICAL;notify-by-email;no answer"),
    ("sw-core", "warning/Checkable: Host 'sw-core' is now in HARD state DOWN"),
    ("bak01", "information/Notification: Sending 'Problem' notification 'bak01!disk' for user 'x'"),
    ("app1", "Health check for server be_shop/app1 failed, reason: Layer4 timeout"),
    ("app7", "203.0.113.181:20218 [19/May/2026:10:32:44.321] fe_https~ be_shop/app7 0/0/1/-1/4261 504 0 - -"),
    ("nb-ilse", 'level=info msg="Handshake message received" certName=nb-ilse certVersion=2'),
    ("printer-3og", "duplex mismatch discovered on Gi1/0/33 (not half duplex), with printer-3og FastEthernet0"),
    ("fileshare", "internal error: guest fileshare paused due to I/O error (werror=stop)"),
    ("worker-5", "Successfully assigned orders/cart-0 to worker-5"),
    ("saturn", 'node="saturn" err="not ready"'),
    ("db-replica", "replica db-replica lags behind"),
    ("office-gw", "no handshake with peer office-gw"),
    ("build-runner-2", "upstream=build-runner-2 is gone"),
    ("db7", "dial tcp db7:5432: connect: connection refused"),
    ("db-9", "error connecting to master 'repl@db-9:3306'"),
    ("10-90-3-17", "hostname=10-90-3-17"),
    ("nas-2", "lookup nas-2.vermont.lan; nas-2 is back"),
)
RUN = (
    ("shop-web", "driver failed programming external connectivity on endpoint shop-web (c7c6ae9ab5ac)"),
    ("shop-db-1", "container die 9d2f (image=mariadb:11, name=shop-db-1)"),
    ("orders-api-7c9d6f5b8d-s6bch", "Warning Unhealthy pod/orders-api-7c9d6f5b8d-s6bch Readiness probe failed"),
    ("img-resize-jlp298mjth-qrn9h", "back-off restarting failed img-resize-jlp298mjth-qrn9h"),
    ("metrics-rollup-29592082", "Saw completed job: metrics-rollup-29592082, status: Complete"),
    ("etcd-backup_2", "Started container etcd-backup_2"),
)
LEFT = (
    "the server is down, the node was lost and a container failed",
    "pod/coredns-5d78c9869d-xbcdf on interface eth0 of node enp3s0",
    "from eth0:10 to 3c:84:6a:01:02:03; peer wg0; server systemd-resolved; host kube-proxy",
    "domain net.ipv4.ip_forward; name=net.ipv4.ip_forward; host v1.28.9; node [error]",
    "container exec_start; master restart; a member left; job done; Started container web",
)


@pytest.mark.parametrize(("name", "text"), MENTIONED + RUN)
def test_a_machine_that_a_log_mentions_is_hidden_wherever_it_stands(name: str, text: str) -> None:
    redactor = Redactor("share")
    redactor.learn([text])
    shown = redactor.text(f"{text}; and {name.upper()} again, {name}.log")
    assert name not in shown.lower()
    kind = "pod" if (name, text) in RUN else "host"
    assert re.search(rf"and {kind}-\d+ again", shown)


@pytest.mark.parametrize("text", LEFT)
def test_words_interfaces_and_programs_are_no_machines(text: str) -> None:
    redactor = Redactor("share")
    redactor.learn([text])
    assert re.sub(r"mac-\S+", "3c:84:6a:01:02:03", redactor.text(text)).replace(";", "") == text.replace(";", "")


def test_whom_a_monitor_tells_is_a_user() -> None:
    redactor = Redactor("share")
    redactor.learn(["HOST NOTIFICATION: wanda;saturn;DOWN;notify;gone"])
    assert redactor.text("wanda saw saturn") == "user-1 saw host-1"


@pytest.mark.parametrize("name", ["db01", "sw_core", "nb-ilse", "x1-carbon", "NAS-2"])
def test_what_looks_like_a_machine(name: str) -> None:
    assert is_like_a_machine(name)


@pytest.mark.parametrize(
    "name",
    [
        "web",
        "eth0",
        "br-5c1d7f20a3be",
        "apt-daily.service",
        "v1.2-3",
        "kube-proxy",
        "5c1d7f20a3be",
        "LINK-3-UPDOWN",
        "dns01;DNS",
    ],
)
def test_what_does_not(name: str) -> None:
    assert not is_like_a_machine(name)


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("minipc-syslog.log.gz", {"minipc-syslog"}),
        ("acme-berlin/logs/syslog.1.gz", {"acme-berlin"}),
        ("/srv/petra/edge-journal.log", {"/srv/petra"}),
        ("bundle.tar.gz!var/log/vermont/server.log", {"vermont"}),
        ("sosreport-petra-2026.tar.xz!var/log/messages", {"sosreport-petra-2026"}),
        ("mail.log.gz", set()),
        ("logs/laptop-journal.txt.gz", set()),
        ("2026-03-01_export.json", set()),
        ("nginx-error.log.2", set()),
        ("sw-floor1-show-logging.txt", set()),
        ("sw-floor1-syslog", set()),
    ],
)
def test_a_files_name_is_hidden_where_it_may_be_somebodys(path: str, hidden: set[str]) -> None:
    assert {name for _, name in private_parts([path], {"sw-floor1", "edge"}, set())} == hidden


@pytest.mark.parametrize("form", FORMATS)
def test_a_files_name_is_hidden_wherever_it_is_cited(form: str) -> None:
    name = "wombat-syslog"
    report = sample.incident()
    source = replace(report.inputs[0], path=f"quokka/{name}.log.gz")
    lines = tuple(replace(line, source=source.path) for line in report.evidence)
    tool = replace(report.tool, command=f"logcorr analyze quokka/{name}.log.gz")
    told = replace(report, inputs=(source, *report.inputs[1:]), evidence=lines, tool=tool)
    text = render(redact(told, Redactor("share")), form)  # type: ignore[arg-type]  # a key of FORMATS
    assert "wombat" not in text
    assert "quokka" not in text
    assert re.search(r"file-\d+\.log\.gz", text)


def cited(text: str) -> Report:
    report = sample.incident()
    return replace(report, evidence=(*report.evidence, replace(report.evidence[0], id="E99", message=text)))


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_report_promises_no_more_than_it_does(form: str) -> None:
    text = render(redact(cited("quiet"), Redactor("share")), form)  # type: ignore[arg-type]  # two keys of FORMATS
    assert "recognised names" in text
    assert "SHA-256 of its unpacked content" in text
    assert "Names of programs, units, interfaces and connections stay" in text
    assert "Names and addresses are real" in render(redact(cited("quiet"), Redactor("secrets")), form)  # type: ignore[arg-type]


@pytest.mark.parametrize(("words", "expression"), [(words, expression) for _, words, expression in (*SURE, *LIKELY)])
def test_every_wording_finds_one_of_the_examples(words: tuple[str, ...], expression: str) -> None:
    assert words
    more = (
        "PASSIVE HOST CHECK: db01;0;ok",
        "Node wk7 status is now: NodeNotReady",
        "HOST NOTIFICATION: wanda;saturn;DOWN;x;y",
    )
    assert [text for text in (*(text for _, text in (*MENTIONED, *RUN)), *more) if re.search(expression, text)]

"""``logcorr analyze``: logs in, root-cause report out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logcorr.cli import redaction
from logcorr.cli.arguments import options
from logcorr.cli.terminal import output
from logcorr.textsafe import visible

if TYPE_CHECKING:
    from logcorr.model import Report

_LEVELS = {"low": 10, "medium": 11, "high": 12}


@click.command()
@options.input_options
@options.rule_options
@options.worker_options
@click.option(
    "--site",
    "sites",
    multiple=True,
    metavar="NAME=HOST,HOST",
    help="Hosts at one site: what fails there together is one incident, what fails elsewhere another (repeatable).",
)
@click.option("--format", "formats", multiple=True, metavar="html,md,json", help="Report formats (default html).")
@options.out_option("FILE|DIR|-", "Where to write (default: a file named after the window, here).")
@click.option("--json", "as_json", is_flag=True, help="The JSON report on standard output.")
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high"]),
    help="Exit 10, 11 or 12 for findings of at least this severity.",
)
@redaction.redaction_options("--redact")
def analyze(formats: tuple[str, ...], out: str | None, as_json: bool, fail_on: str | None, **given: Any) -> int:
    """Find out what went wrong, and write a report to attach to the ticket.

    PATH is a log file, a folder or archive of logs, or - for standard input. Without one, this machine's
    journal is read.

    Formats are recognised by content: journald (journalctl -o export, json or short..., copies of /var/log/journal),
    syslog and kernel logs, logs of routers, switches and firewalls (Omada, OpenWrt, MikroTik, OPNsense, UniFi, Cisco,
    Fortinet, FRITZ!Box ...), containers and Kubernetes, JSON lines, CSV, any text whose lines lead with a time, and
    what ip, ethtool, ping, tailscale and others printed. .gz, .xz, .bz2, .zst, .lz4, .zip and .tar are read too.
    """
    if as_json:
        formats, out = ("json",), "-"
    chosen = output.chosen_formats(formats, out, output.FORMATS, output.SUFFIXES)
    request = options.make_request(given)
    choice = redaction.make_choice(given)
    from logcorr.api import analyze as run
    from logcorr.cli.terminal import notices

    report = run(request)
    request.progress("")
    places = output.destinations(out, chosen, _stem(report))
    live = () if request.inputs else (item.path for item in report.inputs)
    _write(report, places, choice, [*options.given_files(request), *live])
    if "-" not in places.values():
        output.show_summary(_summary(report, choice))
        for place in places.values():
            click.echo(f"report: {visible(place)}")
    notices.print_notices(notices.unused_inputs(report.inputs))
    notices.print_notices(notices.other_zones(report.inputs))
    notices.print_notices(notices.refused_rules(report.limits))
    hosts = [*(item.host for item in report.inputs), *(lane.host for lane in report.lanes)]
    notices.print_notices(notices.unused_names(request, [item.path for item in report.inputs], hosts))
    return _exit_code(report, fail_on)


def _summary(report: Report, choice: redaction.Choice) -> str:
    from logcorr.redact import redact
    from logcorr.report import said, summary

    redactor = choice.redactor("-")
    names_things = redactor.profile == "share"  # its labels are counted through the whole report
    return summary(redact(report if names_things else said(report), redactor))


def _write(report: Report, places: dict[output.Format, str], choice: redaction.Choice, given: list[str | Path]) -> None:
    """Write every artefact of one redacted report, or none where something private is left in one of them."""
    from logcorr.redact import redact, save

    redactor = choice.redactor(next(iter(places.values())))
    shown = redact(report, redactor)
    texts = {name: redaction.rendered(shown, name, redactor, place) for name, place in places.items()}
    for name, text in texts.items():
        output.write(text, places[name], given)
    if choice.map:
        save(redactor.labels, choice.map)


def _stem(report: Report) -> str:
    def stamp(time: datetime | None) -> str:
        return f"{time:%Y%m%dT%H%M}Z" if time else "open"

    return f"logcorr-{stamp(report.window.since)}-{stamp(report.window.until)}"


def _exit_code(report: Report, fail_on: str | None) -> int:
    """0, or with --fail-on the code of the gravest finding or verdict at or above that level."""
    if fail_on is None:
        return 0
    levels = [_LEVELS[finding.severity] for finding in report.findings]
    statuses = [verdict.status for verdict in report.incidents if verdict.status != "no-incident"]
    levels += [_LEVELS["high" if status in {"confirmed", "likely"} else "medium"] for status in statuses]
    gravest = max(levels, default=0)
    return gravest if gravest >= _LEVELS[fail_on] else 0

"""What becomes of public sample logs: which files are read or refused, and whether times that others assert are ours.

A developer fetches the repositories named in ``CORPORA`` and runs

    python -m tests.corpora fail2ban=FOLDER crowdsec=FOLDER ... > docs/corpora.md

Nothing of theirs is kept here. ``--why`` tells, on standard error, every file refused and every time that differs;
``--verdicts`` analyses each file by itself and tells which causes are called likely or confirmed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.corpora import assertions
from tests.corpora.assertions import Asserted
from tests.corpora.measure import Tally, measure
from tests.corpora.page import page


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sample logs of one project at one commit."""

    repository: str
    commit: str
    files: tuple[str, ...]  # globs below the repository
    asserted: Callable[[Path], Iterator[Asserted]] = assertions.nothing
    notes: str = ""  # how a line begins that is the project's own remark about the next


CORPORA: Final = {
    "fail2ban": Corpus(
        "fail2ban/fail2ban", "deffcbcd1712", ("fail2ban/tests/files/logs/**/*", "fail2ban/tests/files/testcase*.log"),
        assertions.fail2ban, "#",
    ),
    "crowdsec": Corpus("crowdsecurity/hub", "b03cb59b2131", (".tests/*/*.log",), assertions.crowdsec),
    "lnav": Corpus("tstack/lnav", "bb0005f96c8d", ("test/logfile_*",)),
    "plaso": Corpus(
        "log2timeline/plaso", "4ea03ef9a48d",
        ("test_data/*.log", "test_data/syslog*", "test_data/*.txt", "test_data/*.ndjson", "test_data/*.json",
         "test_data/*/*.log", "test_data/*/*.json*", "test_data/syslog/*", "test_data/docker/**/*.log"),
    ),
    "napalm-logs": Corpus(
        "napalm-automation/napalm-logs", "1778d79ccd0e", ("tests/config/*/*/*/syslog.msg",), assertions.napalm
    ),
    "loghub": Corpus("logpai/loghub", "dd61d0952749", ("*/*_2k.log",), assertions.loghub),
    "sigma": Corpus("SigmaHQ/sigma", "8eaafff1f284", ("regression_data/**/*.json",)),
    "hotsos": Corpus(
        "canonical/hotsos", "57b256c4ad43",
        ("tests/unit/fake_data_root/*/var/log/**/*", "tests/unit/fake_data_root/*/sos_commands/**/journalctl*",
         "tests/unit/fake_data_root/*/sos_commands/kernel/dmesg*"),
    ),
}  # fmt: skip


def main() -> None:
    """Measure the corpora given, and print the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpora", description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="CORPUS=FOLDER")
    parser.add_argument("--why", action="store_true")
    parser.add_argument("--verdicts", action="store_true")
    given = parser.parse_args()
    tallies: dict[str, Tally] = {}
    for item in given.folders:
        name, _, folder = item.partition("=")
        corpus = CORPORA[name]
        tally = measure(Path(folder), corpus.files, corpus.asserted, corpus.notes, verdicts=given.verdicts)
        tallies[name] = tally
        for kind in ("refused", "empty", "wrong", "unread", "crashes", "verdicts") if given.why else ():
            sys.stderr.writelines(f"{kind.upper()} {name} {told}\n" for told in getattr(tally, kind))
    sources = {name: (CORPORA[name].repository, CORPORA[name].commit) for name in tallies}
    sys.stdout.write(page(sources, tallies, verdicts=given.verdicts))


if __name__ == "__main__":
    main()

"""How often the verdict is right: ``python -m tests.simulate.accuracy [--causes A,B] [--variants A,B] [--rounds N]``.

Simulates, analyses, judges and prints the score. Ends with 1 where the targets are missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path

from logcorr.api import AnalyzeRequest, analyze
from tests.simulate.causes import SCRIPTS
from tests.simulate.incident import VARIANTS, Incident, quiet, simulate, variants_of, without
from tests.simulate.machines.clock import SECOND, moment
from tests.simulate.public import PUBLIC, public_incident
from tests.simulate.score import CRASHED, Judgement, Score, table


@dataclass(frozen=True, slots=True)
class Job:
    """One window to be judged; ``cause`` None is a quiet one, or the public incident of that number if ``public``.

    ``ablate`` judges it without each of its files too.
    """

    cause: str | None
    seed: int
    variant: str = "plain"
    ablate: bool = False
    public: bool = False

    def incident(self) -> Incident:
        """What the machines would have exported."""
        if self.public:
            return public_incident(PUBLIC[self.seed])
        return quiet(self.seed) if self.cause is None else simulate(self.cause, self.seed, self.variant)


def judge(incident: Incident) -> Judgement:
    """Analyse one incident's files and compare."""
    truth = incident.truth
    with tempfile.TemporaryDirectory() as folder:
        for name, data in incident.files.items():
            path = Path(folder, name)
            path.write_bytes(data)
            os.utime(path, (truth.until // SECOND, truth.until // SECOND))
        request = AnalyzeRequest(
            inputs=[folder],
            since=incident.since,
            until=incident.until,
            zones=incident.zones,
            now=moment(truth.until) + timedelta(hours=1),
        )
        began = time.perf_counter()
        status, cause, contributing = say(request)
        took = time.perf_counter() - began
    accepted = {truth.cause, *truth.also}
    real = truth.real_cause or truth.cause
    return Judgement(
        incident.name,
        incident.variant,
        truth.cause,
        real,
        status,
        cause,
        right=cause in accepted,
        true=cause in accepted | {real},
        expected_contributing=truth.contributing,
        contributing=contributing,
        seconds=took,
    )


def say(request: AnalyzeRequest) -> tuple[str, str, tuple[str, ...]]:
    """Status, cause and contributing causes of the verdict; a crash is a verdict too, and never a right one."""
    try:
        verdict = analyze(request).verdict
    except Exception as error:  # noqa: BLE001  one crash must not hide the score of the other incidents
        return CRASHED, f"{type(error).__name__}: {error}", ()
    return verdict.status, verdict.cause, tuple(verdict.contributing)


def run(job: Job) -> list[Judgement]:
    """Simulate and judge one job."""
    incident = job.incident()
    found = [judge(incident)]
    if job.ablate and len(incident.files) > 1:
        found += [judge(rest) for _, rest in without(incident)]
    return found


def jobs(
    causes: Iterable[str], variants: Iterable[str], rounds: Iterable[int], quiet_windows: int, *, ablate: bool
) -> Iterator[Job]:
    """Everything to be judged. Each round has seeds of its own, and the first of them the quiet windows too."""
    rounds = tuple(rounds)
    wanted = set(variants)
    for cause in causes:
        for variant in variants_of(cause):
            if variant in wanted:
                yield from (Job(cause, seed, variant, ablate) for seed in rounds)
    first = quiet_windows * min(rounds, default=0)
    yield from (Job(None, seed) for seed in range(first, first + quiet_windows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, analyse, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--causes", default=",".join(SCRIPTS), help="comma-separated ids; default: all")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="comma-separated; default: all")
    parser.add_argument("--rounds", type=int, default=1, help="seeds for each cause and variant")
    parser.add_argument(
        "--first-round", type=int, default=0, help="the first seed; fresh rounds are those never judged"
    )
    parser.add_argument("--quiet", type=int, default=40, help="number of quiet windows")
    parser.add_argument(
        "--public", action=argparse.BooleanOptionalAction, default=True, help="judge the public incidents as well"
    )
    parser.add_argument("--ablate", action="store_true", help="judge each incident without each of its files as well")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args(arguments)
    rounds = range(options.first_round, options.first_round + options.rounds)
    causes, variants = (text.split(",") if text else [] for text in (options.causes, options.variants))
    todo = list(jobs(causes, variants, rounds, options.quiet, ablate=options.ablate))
    if options.public:
        todo += [Job(None, number, "public", options.ablate, public=True) for number in range(len(PUBLIC))]
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            results = list(pool.map(run, todo, chunksize=4))
    else:
        results = [run(job) for job in todo]
    firsts = [(job.public, found[0]) for job, found in zip(todo, results, strict=True)]
    score = Score(
        tuple(item for public, item in firsts if not public),
        tuple(chain.from_iterable(found[1:] for found in results)),
        tuple(item for public, item in firsts if public),
    )
    sys.stdout.write("\n".join(table(score)) + "\n")
    return 0 if score.met else 1


if __name__ == "__main__":
    sys.exit(main())

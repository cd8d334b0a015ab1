"""Classification of one million lines with 50, 200, 1,000 and 3,000 event rules, side by side in one process.

The same log each time: a fifth of its lines match one of the first 50 rules, the rest is noise made of the same words.
The other rules are of the same programs, or (second table) all of one program, the worst case for the literal pass.
Beside the seconds on the wall stand those of all cores, which tell more on a busy machine.

    python tests/benchmarks/classify.py [LINES]
"""

from __future__ import annotations

import random
import sys
from time import perf_counter, process_time

import polars as pl

from logcorr.events import classify
from logcorr.rulebook.models import Event, EventFile, Rulebook
from logcorr.schema import TIMELINE, Timeline

RULES = (50, 200, 1_000, 3_000)
WORDS = [
    before + middle + after
    for before in ("re", "con", "dis", "un", "pre")
    for middle in ("link", "peer", "route", "lease", "key", "flow")
    for after in ("ed", "ing", "er", "s", "able")
]


def rule_texts(count: int, rng: random.Random) -> list[str]:
    """Distinct wordings of ordinary length."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(rng.choices(WORDS, k=4))] = None
    return list(found)


def rulebook(texts: list[str], programs: int) -> Rulebook:
    """One event for each text, spread over programs: a name, two typed fields, a literal."""
    files = []
    for program in range(programs):
        mine = {f"event.n{number}": text for number, text in enumerate(texts) if number % programs == program}
        events = {name: Event(says=f"{{interface}}: {text} {{count}} from {{ip}}") for name, text in mine.items()}
        files.append(EventFile(program=f"program{program}", events=events))
    return Rulebook(events=tuple(files))


def log(texts: list[str], lines: int, programs: int, rng: random.Random) -> Timeline:
    """A timeline of which every fifth line matches one of ``texts``."""
    noise = [" ".join(rng.choices(WORDS, k=9)) for _ in range(20_000)]
    number = pl.int_range(lines, dtype=pl.UInt32, eager=True)
    rule = pl.Series(rng.choices(range(len(texts)), k=lines))
    quiet = pl.Series(noise).gather(pl.Series(rng.choices(range(len(noise)), k=lines)))
    frame = pl.DataFrame({"id": number, "rule": rule, "text": pl.Series(texts).gather(rule), "noise": quiet})
    said = pl.format("eth0: {} {} from 10.0.0.{}", "text", "id", pl.col("id") % 250)
    frame = frame.with_columns(
        message=pl.when(pl.col("id") % 5 == 0).then(said).otherwise(pl.format("{} {}", "noise", "id")),
        program=pl.format("program{}", pl.col("rule") % programs),
    )
    missing = (pl.lit(None, dtype=dtype).alias(name) for name, dtype in TIMELINE.items() if name not in frame.columns)
    return Timeline(frame.with_columns(missing).select(list(TIMELINE)))


def timed(timeline: Timeline, rules: Rulebook) -> tuple[float, float, int]:
    """Seconds on the wall and of all cores that one run takes, and the number of events."""
    start, busy = perf_counter(), process_time()
    events = classify(timeline, rules)
    return perf_counter() - start, process_time() - busy, events.height


def say(text: str) -> None:
    """One line of the table, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the shortest of three times for each number of rules, taken in turns, and their ratios to the first."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = random.Random(1)
    texts = rule_texts(max(RULES), rng)
    for programs in (20, 1):
        timeline = log(texts[: RULES[0]], lines, programs, rng)
        books = {count: rulebook(texts[:count], programs) for count in RULES}
        runs = {count: [timed(timeline, books[count])] for count in RULES}
        for _ in range(2):
            for count in RULES:
                runs[count].append(timed(timeline, books[count]))
        say(f"{lines:,} lines, {programs} program{'s' if programs > 1 else ''}")
        best = {count: tuple(map(min, zip(*taken, strict=True))) for count, taken in runs.items()}
        first, least, _ = best[RULES[0]]
        for count, (seconds, cpu, events) in best.items():
            ratios = f"ratio {seconds / first:.2f}, of all cores {cpu / least:.2f}"
            say(f"  {count:>5,} rules  {seconds:6.2f} s {cpu:6.2f} s of all cores  {events:>8,} events  {ratios}")


if __name__ == "__main__":
    main()

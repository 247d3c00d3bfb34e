"""`make bench`: each row is the gateway and a baseline in alternation, medians, and their ratio.

Ratios are worth comparing between machines and days; times are not.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench import dividing, markup, payload, reading, routing, spooling


@dataclass(frozen=True)
class Row:
    """`ours` and `baseline` do the same work once; `work` is how many mails or bytes that is."""

    name: str
    baseline_name: str
    ours: Callable[[], object]
    baseline: Callable[[], object]
    work: float
    unit: str


def measure(row: Row, rounds: int) -> str:
    """Both in alternation, so that a busy minute of the machine hits both."""
    times: dict[str, list[float]] = {"ours": [], "baseline": []}
    for _ in range(rounds):
        for which, run in (("ours", row.ours), ("baseline", row.baseline)):
            began = time.perf_counter()
            run()
            times[which].append(time.perf_counter() - began)
    ours, baseline = statistics.median(times["ours"]), statistics.median(times["baseline"])
    rate = row.work / ours
    return f"{row.name:<44} {rate:>12,.0f} {row.unit:<9} {baseline / ours:>7.2f} x  {row.baseline_name}"


def rows() -> Iterator[Row]:
    for part in (dividing, markup, reading, routing, payload, spooling):
        for name, baseline_name, ours, baseline, work, unit in part.rows():
            yield Row(name, baseline_name, ours, baseline, work, unit)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    arguments = parser.parse_args()
    print(f"{'':<44} {'rate':>12} {'':<9} {'ratio':>7}    baseline")
    for row in rows():
        if arguments.only in row.name:
            print(measure(row, arguments.rounds), flush=True)


main()

"""Plays random histories of streams and processors against the batch answer.

python -m tests.simulation                      10,000 histories on all cores
python -m tests.simulation --seed 7 --count 1   one of them
python -m tests.simulation --seed 7 --keep 0,3  that one with only its events 0 and 3
python -m tests.simulation --control "no fence" how soon a wrong processor is found out
"""

import argparse
import os
import sys
import time

from tests.simulation.controls import CONTROLS
from tests.simulation.history import make_history
from tests.simulation.play import AS_SHIPPED, play
from tests.simulation.run import CHUNK, explain, failing, shortest


def main() -> int:
    """Returns 1 when a history failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, help="the first history (0)")
    parser.add_argument("--count", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--keep", help="numbers of the events to keep, as a failure prints them")
    parser.add_argument("--control", choices=sorted(CONTROLS), help="play with a wrong processor")
    asked = parser.parse_args()
    parts = CONTROLS[asked.control] if asked.control else AS_SHIPPED
    if asked.keep is not None:
        kept = [] if asked.keep == "none" else [int(number) for number in asked.keep.split(",")]
        history = make_history(asked.seed).only(kept)
        print(explain(history, parts))
        return bool(play(history, parts))
    began_s = time.perf_counter()
    seeds = range(asked.seed, asked.seed + asked.count)
    played = 0

    def tell(more: int) -> None:
        nonlocal played
        played += more
        print(f"\r{played} of {asked.count} histories", end="", file=sys.stderr, flush=True)

    jobs = min(asked.jobs, -(-asked.count // CHUNK))
    found = sorted(failing(seeds, parts, jobs=jobs, on_played=tell))
    print(file=sys.stderr)
    if found:
        print(explain(shortest(found[0], parts), parts))
    took_s = time.perf_counter() - began_s
    others = f", the first {found[0]} (above), all: {found[:20]}" if found else ""
    print(f"{len(found)} of {asked.count} histories failed{others}; {took_s:.1f} s")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

"""Records to rows on one core: the engine beside a DuckDB batch run, loops and Polars.

    python bench/sql [--records 1000000] [--keys 1000 100000] [--batch 2000 10000] [--query NAME]

All candidates get the same seeded records and must give the same rows; a wrong answer ends the run.
The order of the candidates changes from round to round, and the best round counts. Ratios hold
within one run; absolute figures drift with the machine.
"""

import argparse
import math
import platform
import resource
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from candidates import candidates
from load import Load, make_load
from query import Answer, Query, queries

ROUNDS = 3


def measure(load: Load, query: Query) -> dict[str, float]:
    """Candidate -> millions of records per CPU second, best of the rounds."""
    chosen = candidates(query)
    best = dict.fromkeys(chosen, 0.0)
    names = list(chosen)
    expected: Answer | None = None
    for turn in range(ROUNDS):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            cpu_s = time.process_time()
            answer = chosen[name](load, query)
            cpu_s = time.process_time() - cpu_s
            best[name] = max(best[name], len(load.lines) / cpu_s / 1e6)
            if turn == 0:
                rows = sorted(answer())
                expected = expected or rows
                check(name, rows, expected)
    return best


def check(name: str, rows: Answer, expected: Answer) -> None:
    """Ends the run when an answer is wrong. DOUBLEs may differ in the last digits, as only the
    engine rounds once.
    """
    good = len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=False):
        good = good and all(
            math.isclose(a, b, rel_tol=1e-12) if isinstance(a, float) else a == b
            for a, b in zip(row, other, strict=True)
        )
    if not good:
        raise SystemExit(f"{name} gives another answer: its speed means nothing")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--batch", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--query", nargs="+", default=[query.name for query in queries()])
    arguments = parser.parse_args()
    libraries = ", ".join(f"{n} {version(n)}" for n in ("msgspec", "numpy", "duckdb", "polars"))
    print(f"Python {platform.python_version()}, {libraries}; M records per CPU second (x engine)")
    for query in queries():
        if query.name not in arguments.query:
            continue
        print(f"{query.name:<10} {'keys':>7} {'batch':>6} {'records':>8} ", end="")
        print("".join(f"{name:>16}" for name in candidates(query)))
        for keys in arguments.keys:
            for batch in arguments.batch:
                last = query.name == "wildrydes" and batch == arguments.batch[-1]
                for odd in (False, True) if last else (False,):
                    with TemporaryDirectory() as folder:
                        load = make_load(arguments.records, keys, batch, Path(folder), odd=odd)
                        best = measure(load, query)
                    ours = best["engine"]
                    cells = [f"{cpu:.2f} ({cpu / ours:.2f})" for cpu in best.values()]
                    print(f"{'':<10} {keys:>7} {batch:>6} {'odd' if odd else 'plain':>8} ", end="")
                    print("".join(f"{cell:>16}" for cell in cells), flush=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the whole run, input included: {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()

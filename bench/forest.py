"""Rows a second of RANDOM_CUT_FOREST at its defaults: `python -P bench/forest.py [COLUMNS]`, one
column unless told; a minute.

-P, because this folder has a file with the name of a package. A tree takes the fewer rows in the
more have passed, so the pace is shown as it rises; beside it the rrcf package (pure Python, one
point at a time) on few rows, scored by its collusive displacement.
"""

import sys
import time
from itertools import pairwise

import numpy as np
import rrcf

from processor.forest.forest import Forest

TREES, SAMPLE, TIME_DECAY = 100, 256, 100_000
STRETCHES = (0, 1_000, 5_000, 20_000, 60_000)
BATCH = 5_000
OTHER_ROWS = 60


def other_pace(points: np.ndarray) -> float:
    """Rows a CPU second of rrcf, with full trees."""
    trees = [rrcf.RCTree(points[:SAMPLE]) for _ in range(TREES)]
    started = time.process_time()
    for row in range(SAMPLE, SAMPLE + OTHER_ROWS):
        for tree in trees:
            tree.forget_point(row - SAMPLE)
            tree.insert_point(points[row], index=row)
            tree.codisp(row)
    return OTHER_ROWS / (time.process_time() - started)


def main() -> None:
    columns = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    points = np.random.default_rng(7).normal(size=(columns, STRETCHES[-1]))
    forest = Forest(TREES, SAMPLE, TIME_DECAY, columns)
    for start, end in pairwise(STRETCHES):
        started = time.process_time()
        for at in range(start, end, BATCH):
            forest.take(points[:, at : min(at + BATCH, end)])
        pace = (end - start) / (time.process_time() - started)
        print(f"rows {start:6,} to {end:6,}: {pace:8,.0f} a CPU second")
    print(f"rrcf, from row {SAMPLE}:    {other_pace(points.T):8,.0f} a CPU second")


if __name__ == "__main__":
    main()

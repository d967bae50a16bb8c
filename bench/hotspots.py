"""Rows a second of HOTSPOTS: `python -P bench/hotspots.py`; a minute.

-P, because this folder has a file with the name of a package. Each row looks at the whole window,
so the pace depends on its size, and on the regions that the points fall into: two columns, in which
the points lie in 10 dense places, in one, or nowhere near each other. Beside it RANDOM_CUT_FOREST
at its defaults with full trees, in the same run.
"""

import time

import numpy as np

from analytics_sql.plan import Column, Scan
from analytics_sql.table_function import Hotspots
from analytics_sql.types import DOUBLE
from processor.columns import Columns, Vector
from processor.forest.forest import Forest
from processor.operators.hotspots import HotspotsOperator
from processor.operators.lineage import WindowLineage

ROWS = 1_000
WINDOWS = (100, 300, 1_000)
FOREST_ROWS = 5_000
"""Before the forest's pace is taken."""


def points_of(places: int, rows: int) -> np.ndarray:
    """Points of two columns, in so many places of about a radius; 0: spread out."""
    chance = np.random.default_rng(7)
    if not places:
        return chance.uniform(0, 1e6, (2, rows))
    return 100 * chance.integers(0, places, rows) + chance.normal(0, 0.2, (2, rows))


def hotspots_pace(window: int, places: int) -> float:
    """Rows a CPU second, once the window is full."""
    columns = (Column("X", DOUBLE), Column("Y", DOUBLE))
    node = Hotspots(Scan("S", columns), ("X", "Y"), window, 1.0, 3)
    operator = HotspotsOperator(node)
    points = points_of(places, window + ROWS)
    for start, end in ((0, window), (window, window + ROWS)):
        vectors = {name: Vector(row[start:end]) for name, row in zip("XY", points, strict=True)}
        times = np.arange(start, end)
        started = time.process_time()
        operator.add(Columns(vectors, times, WindowLineage(0, 0, ())), [])
    return ROWS / (time.process_time() - started)


def forest_pace() -> float:
    """Rows a CPU second of a forest of two columns."""
    points = points_of(1, 2 * FOREST_ROWS)
    forest = Forest(100, 256, 100_000, 2)
    forest.take(points[:, :FOREST_ROWS])
    started = time.process_time()
    forest.take(points[:, FOREST_ROWS:])
    return FOREST_ROWS / (time.process_time() - started)


def main() -> None:
    print("a CPU second   10 places   one place   spread out")
    for window in WINDOWS:
        paces = [hotspots_pace(window, places) for places in (10, 1, 0)]
        print(f"window {window:5,}  " + "".join(f"{pace:10,.0f}  " for pace in paces))
    print(f"RANDOM_CUT_FOREST, from row {FOREST_ROWS:,}: {forest_pace():,.0f} a CPU second")


if __name__ == "__main__":
    main()

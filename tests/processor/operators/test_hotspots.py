"""HOTSPOTS against regions that are searched anew for every row, whatever the batches are."""

import json
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, strategies as st

from analytics_sql.plan import Column, Scan
from analytics_sql.table_function import HOTSPOTS_RESULT, Hotspots
from analytics_sql.types import DOUBLE
from processor.columns import Columns, Vector
from processor.operators.hotspots import HotspotsOperator
from processor.operators.lineage import WindowLineage

WINDOW, RADIUS, LEAST = 7, 1.0, 3

Point = tuple[float, float]


def expected(points: list[Point]) -> list[dict[str, Any]]:
    """The regions among points: two are in one when a chain of steps of a radius links them."""
    regions: list[list[Point]] = []
    for x, y in points:
        near = [r for r in regions if any((x - a) ** 2 + (y - b) ** 2 <= 1.0 for a, b in r)]
        regions = [r for r in regions if r not in near]
        regions.append([(x, y), *(point for region in near for point in region)])
    found = []
    for region in regions:
        if len(region) >= LEAST:
            low = [min(axis) for axis in zip(*region, strict=True)]
            high = [max(axis) for axis in zip(*region, strict=True)]
            sides = [max(b - a, RADIUS) for a, b in zip(low, high, strict=True)]
            density = len(region) / (sides[0] * sides[1])
            found.append({"density": density, "minValues": low, "maxValues": high})
    return sorted(found, key=lambda spot: (-spot["density"], spot["minValues"], spot["maxValues"]))


def operator() -> HotspotsOperator:
    columns = (Column("X", DOUBLE), Column("Y", DOUBLE))
    return HotspotsOperator(Hotspots(Scan("S", columns), ("X", "Y"), WINDOW, RADIUS, LEAST))


def found(running: HotspotsOperator, points: list[Point]) -> list[list[dict[str, Any]]]:
    x, y = np.array(points, np.float64).T
    rows = Columns(
        {"X": Vector(x), "Y": Vector(y)}, np.zeros(len(x), np.int64), WindowLineage(0, 0, ())
    )
    texts = running.add(rows, []).vectors[HOTSPOTS_RESULT.name].to_list()
    return [json.loads(text)["hotspots"] for text in texts]


_steps = st.integers(0, 8).map(lambda step: step / 2)


@given(st.lists(st.tuples(_steps, _steps), min_size=1, max_size=40), st.data())
def test_regions_are_those_of_the_last_points(points: list[Point], data: st.DataObject) -> None:
    running, at = operator(), 0
    while at < len(points):
        size = data.draw(st.integers(1, 9))
        batch = points[at : at + size]
        wanted = [
            expected(points[: row + 1][-WINDOW:]) for row in range(at, min(at + size, len(points)))
        ]
        assert found(running, batch) == wanted
        at += size
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(running.dump()))
        running = operator()
        running.load(state)


def test_a_region_falls_apart_when_its_bridge_leaves() -> None:
    """The control: a window that never forgot would keep one region."""
    bridge = [(1.0, 0.0)]
    left, right = [(0.0, 0.0), (0.0, 0.1), (0.0, 0.2)], [(2.0, 0.0), (2.0, 0.1), (2.0, 0.2)]
    regions = found(operator(), [*bridge, *left, *right, (9.0, 9.0)])
    assert len(regions[6]) == 1
    assert len(regions[7]) == 2

"""Where there is land round New York, as a grid that answers for a whole fleet at once.

A cell of the grid counts as land only when all of it lies within one polygon of land.json. So the
answer errs on the dry side: a point called land is inside a polygon, exactly, and a point within a
cell's width of the shore may be called water.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

CELL_DEGREES = 0.00025
"""About 28 m north-south and 21 m east-west: no wider than a step of a unicorn."""

LAND_FILE = Path(__file__).with_name("land.json")

Ring = Sequence[tuple[float, float]]
"""Points (longitude, latitude); the last joins the first."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """An outline and the holes in it."""

    exterior: Ring
    holes: Sequence[Ring] = ()


class Land:
    """The grid over the polygons' bounding box; everything outside the box counts as water."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        points = np.array([point for polygon in polygons for point in polygon.exterior])
        self._west, self._south = points.min(axis=0)
        columns, rows = (np.ptp(points, axis=0) // CELL_DEGREES).astype(int) + 1
        # A ring of water round the grid: points outside the box need no test of their own.
        self._is_land = np.zeros((rows + 2, columns + 2), dtype=np.bool_)
        inner = self._is_land[1:-1, 1:-1]
        for polygon in polygons:
            edges = [self._edges(ring) for ring in (polygon.exterior, *polygon.holes)]
            _draw(inner, np.concatenate(edges, axis=1))

    @classmethod
    def load(cls, path: Path = LAND_FILE) -> Self:
        """The land of a file such as land.json."""
        polygons = json.loads(path.read_bytes())["polygons"]
        return cls([Polygon(p["exterior"], p["holes"]) for p in polygons])

    def contains(
        self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """For each point whether it is over land; the answer has the arguments' shape."""
        rows, columns = self._is_land.shape
        row = np.floor((latitude - self._south) / CELL_DEGREES).astype(np.int64) + 1
        column = np.floor((longitude - self._west) / CELL_DEGREES).astype(np.int64) + 1
        answer: NDArray[np.bool_] = self._is_land[
            np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)
        ]
        return answer

    def _edges(self, ring: Ring) -> NDArray[np.float64]:
        """Array (x, y, other x, other y; edge) of a closed ring, in cells from the grid's
        south-west corner.
        """
        cells = (np.array(ring) - (self._west, self._south)) / CELL_DEGREES
        return np.concatenate((cells, np.roll(cells, -1, axis=0)), axis=1).T


def _draw(is_land: NDArray[np.bool_], edges: NDArray[np.float64]) -> None:
    """Marks the cells that lie wholly within the rings that `edges` make up."""
    west, east = int(edges[::2].min()), int(edges[::2].max()) + 1
    south, north = int(edges[1::2].min()), int(edges[1::2].max()) + 1
    part = is_land[south:north, west:east]
    edges = edges - np.array([west, south, west, south])[:, np.newaxis]
    # With every cell that an edge touches taken out, the others lie wholly inside or wholly
    # outside, and their centres tell which.
    part |= _centres_inside(part.shape, edges) & ~_touched(part.shape, edges)


def _centres_inside(shape: tuple[int, ...], edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The even-odd rule: a centre is inside when an odd number of edges crosses its row's centre
    line west of it.
    """
    x, y, other_x, other_y = edges
    # A row's centre line is crossed by edges with one end at or below it and the other end above:
    # so a corner that lies on the line counts once, not twice.
    first, last = np.ceil(np.minimum(y, other_y) - 0.5), np.ceil(np.maximum(y, other_y) - 0.5)
    edge, row = _spread(first, last)
    slope = (other_x[edge] - x[edge]) / (other_y[edge] - y[edge])
    crossing = x[edge] + (row + 0.5 - y[edge]) * slope
    flips = np.zeros((shape[0], shape[1] + 1), dtype=np.bool_)
    column = np.clip(np.ceil(crossing - 0.5), 0, shape[1]).astype(np.int64)
    np.logical_xor.at(flips, (row, column), True)
    inside: NDArray[np.bool_] = np.logical_xor.accumulate(flips, axis=1)[:, :-1]
    return inside


def _touched(shape: tuple[int, ...], edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The cells that an edge goes through or along."""
    x, y, other_x, other_y = edges
    edge, row = _spread(np.floor(np.minimum(y, other_y)), np.floor(np.maximum(y, other_y)) + 1)
    height = other_y[edge] - y[edge]
    with np.errstate(divide="ignore", invalid="ignore"):
        # How far along its edge each row begins and ends; a level edge is in its row throughout.
        bottom = np.where(height == 0, 0.0, np.clip((row - y[edge]) / height, 0, 1))
        top = np.where(height == 0, 1.0, np.clip((row + 1 - y[edge]) / height, 0, 1))
    width = other_x[edge] - x[edge]
    ends = np.floor([x[edge] + bottom * width, x[edge] + top * width])
    touch, column = _spread(ends.min(axis=0), ends.max(axis=0) + 1)
    touched = np.zeros(shape, dtype=np.bool_)
    # Edges along the sides of the box may come out a cell beyond it.
    touched[np.clip(row[touch], 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)] = True
    return touched


def _spread(
    first: NDArray[np.float64], last: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every whole number of every range [first, last): the range's index, and the number."""
    counts = np.maximum(0, last - first).astype(np.int64)
    index = np.repeat(np.arange(len(counts)), counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    return index, np.arange(len(index)) - starts + first[index].astype(np.int64)

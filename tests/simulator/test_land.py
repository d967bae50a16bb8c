"""The grid never calls water land, and calls land what is well inside."""

import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from simulator.land import CELL_DEGREES, LAND_FILE, Land, Polygon
from tests.simulator.exact_land import Floats, in_ring, on_land

SIDE = 40
"""Cells of the squares that polygons are drawn in here."""

CELLS = st.floats(0, SIDE)
Points = list[tuple[float, float]]


def degrees(points: Points) -> Points:
    """From cells to degrees, somewhere in the south-east: signs must not matter."""
    return [(-74 + x * CELL_DEGREES, -40 + y * CELL_DEGREES) for x, y in points]


def centres() -> tuple[Floats, Floats]:
    """The middle of each cell of the square: latitude, longitude."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    return -40 + y * CELL_DEGREES, -74 + x * CELL_DEGREES


def distance_cells(ring: Points, latitude: Floats, longitude: Floats) -> Floats:
    """How far each point is from the nearest edge, in cells."""
    nearest = np.full(latitude.shape, np.inf)
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = np.zeros(latitude.shape)
        if length > 0:
            along = ((longitude - x0) * (x1 - x0) + (latitude - y0) * (y1 - y0)) / length
        along = np.clip(along, 0, 1)
        away = np.hypot(longitude - x0 - along * (x1 - x0), latitude - y0 - along * (y1 - y0))
        nearest = np.minimum(nearest, away)
    return nearest / CELL_DEGREES


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=3, max_size=3, unique=True))
def test_a_triangle_is_the_cells_wholly_inside(corners: Points) -> None:
    # Corners of the square fix the grid's place, whatever the triangle: two specks of no area.
    specks = [Polygon(degrees([(x, x), (x, x), (x, x)])) for x in (0.0, float(SIDE))]
    ring = degrees(corners)
    land = Land([Polygon(ring), *specks])
    latitude, longitude = centres()

    found = land.contains(latitude, longitude)

    inside = in_ring(ring, latitude, longitude)
    away = distance_cells(ring, latitude, longitude)
    assert not (found & ~inside).any()
    # An edge that goes through a cell is at most half a diagonal from its middle; one that is
    # further than that cannot touch it.
    assert found[inside & (away > 0.5**0.5 + 1e-6)].all()
    # Half a side away at most: it goes through the cell for certain.
    assert not found[away < 0.5 - 1e-6].any()


def test_a_hole_is_water_and_an_island_in_it_is_land() -> None:
    def square(low: float, high: float) -> Points:
        return degrees([(low, low), (high, low), (high, high), (low, high)])

    land = Land([Polygon(square(0, 40), [square(10.5, 29.5)]), Polygon(square(14.5, 25.5))])

    row = land.contains(np.full(SIDE, -40 + 20.5 * CELL_DEGREES), centres()[1][0])

    # Left of the hole cells 1 to 9, on the island 15 to 24, right of the hole from 30.
    picture = "".join("#" if cell else "." for cell in row[:-1])
    assert picture == "." + 9 * "#" + 5 * "." + 10 * "#" + 5 * "." + 9 * "#"


@pytest.mark.parametrize(
    "place", [(41.5, -74.0), (40.7, -75.0), (40.7, -73.0), (40.0, -74.0), (-90.0, 180.0)]
)
def test_outside_the_box_is_water(land: Land, place: tuple[float, float]) -> None:
    assert not land.contains(np.array([place[0]]), np.array([place[1]])).any()


def test_round_new_york_the_grid_never_calls_water_land(land: Land) -> None:
    random = np.random.default_rng(7)
    latitude = random.uniform(40.45, 40.98, 30_000)
    longitude = random.uniform(-74.38, -73.62, 30_000)

    found, exact = land.contains(latitude, longitude), on_land(latitude, longitude)

    assert not (found & ~exact).any()
    # What it gives away is a strip along the shores.
    assert found.sum() > 0.97 * exact.sum()


def test_places_that_everybody_knows(land: Land) -> None:
    places = {
        "Empire State Building": (40.7484, -73.9857, True),
        "Central Park": (40.7820, -73.9660, True),
        "Prospect Park": (40.6610, -73.9690, True),
        "Newark": (40.7357, -74.1724, True),
        "Hudson River": (40.7600, -74.0120, False),
        "East River": (40.7061, -73.9969, False),
        "Upper Bay": (40.6600, -74.0400, False),
        "Atlantic Ocean": (40.5000, -73.8000, False),
    }
    latitude, longitude, expected = (
        np.array(column) for column in zip(*places.values(), strict=True)
    )
    found = land.contains(latitude, longitude)
    assert dict(zip(places, found, strict=True)) == dict(zip(places, expected, strict=True))


def test_the_file_says_where_it_comes_from() -> None:
    file = json.loads(LAND_FILE.read_text())
    assert file["source"]

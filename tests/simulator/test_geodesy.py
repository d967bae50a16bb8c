"""Distances against figures worked by hand and against another formula."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from simulator.geodesy import EARTH_RADIUS_M, great_circle_m, moved

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


def distance_m(*points: float) -> float:
    return float(great_circle_m(*(np.array([x]) for x in points))[0])


@pytest.mark.parametrize(
    ("points", "metres"),
    [
        # R x pi / 2 = 6 371 008.8 x 1.570 796 327: to the pole, or a quarter of the equator.
        ((0, 0, 90, 0), 10_007_557.221),
        ((0, 0, 0, 90), 10_007_557.221),
        # R x pi: to the other end of the globe.
        ((40.749167, -73.985184, -40.749167, 106.014816), 20_015_114.442),
        # One degree is R x pi / 180 = 111 195.080 m; 270 millionths of it are 30.023 m.
        ((40.749167, -73.985184, 40.749437, -73.985184), 30.0227),
        # At 60 degrees north a degree east is half as long as at the equator.
        ((60, 0, 60, 0.00054), 30.0227),
        ((40, -74, 40, -74), 0.0),
    ],
)
def test_worked_by_hand(points: tuple[float, float, float, float], metres: float) -> None:
    assert distance_m(*points) == pytest.approx(metres, abs=0.001)


@settings(deadline=None, derandomize=True)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_angle_between_two_vectors_says_the_same(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    def vector(north: float, east: float) -> tuple[float, float, float]:
        north, east = math.radians(north), math.radians(east)
        return (
            math.cos(north) * math.cos(east),
            math.cos(north) * math.sin(east),
            math.sin(north),
        )

    a, b = vector(latitude, longitude), vector(other_latitude, other_longitude)
    cross = np.linalg.norm(np.cross(a, b))
    expected = EARTH_RADIUS_M * math.atan2(float(cross), float(np.dot(a, b)))

    found = distance_m(latitude, longitude, other_latitude, other_longitude)
    # Near the other end of the globe an arcsine near 1 is only so precise.
    assert found == pytest.approx(expected, abs=0.2)


@settings(deadline=None, derandomize=True)
@given(st.floats(0, 360), st.floats(1, 31))
def test_a_step_is_as_long_as_asked_and_goes_where_asked(heading: float, metres: float) -> None:
    start = np.array([40.749167]), np.array([-73.985184])
    end = moved(*start, np.array([heading]), metres)

    assert great_circle_m(*start, *end)[0] == pytest.approx(metres, abs=0.0001)
    north_m = distance_m(start[0][0], 0, end[0][0], 0) * np.sign(end[0][0] - start[0][0])
    assert north_m == pytest.approx(metres * math.cos(math.radians(heading)), abs=0.0001)
    # East is 90 degrees: longitude grows on the right half of the compass.
    if 1 < heading % 180 < 179:
        assert (end[1][0] > start[1][0]) == (heading < 180)

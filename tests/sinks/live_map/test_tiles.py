"""Which tiles cover a view: against what the map itself shows there."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sinks.live_map.tiles import LEVEL_MAX, by_tile, tiles_at, view_of

NEW_YORK = (-74.02, 40.70, -73.93, 40.80)


def inside(bounds: tuple[float, float, float, float], longitude: float, latitude: float) -> bool:
    view = view_of(bounds)
    assert view is not None
    [tile] = tiles_at(view.level, np.array([longitude]), np.array([latitude])).tolist()
    return tile in view.tiles


def test_tiles_are_those_of_every_web_map() -> None:
    """The tile of the Statue of Liberty at level 12, as the formula of the "slippy map" has it."""
    longitude, latitude = -74.0445, 40.6892
    x = math.floor((longitude + 180) / 360 * 2**12)
    y = math.floor((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**12)
    assert tiles_at(12, np.array([longitude]), np.array([latitude])).tolist() == [y * 2**12 + x]


@given(
    st.floats(-180, 180), st.floats(-84, 84), st.floats(1e-5, 100), st.floats(1e-5, 40),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_a_view_is_covered_by_at_most_nine_tiles(
    west: float, south: float, width: float, height: float, across: float, up: float
) -> None:
    bounds = (west, south, west + width, min(84.9, south + height))
    view = view_of(bounds)
    if view is None:
        return
    assert len(view.tiles) <= 9
    longitude = (bounds[0] + across * width + 180) % 360 - 180
    assert inside(bounds, longitude, bounds[1] + up * (bounds[3] - bounds[1]))


def test_tiles_are_not_much_larger_than_the_view() -> None:
    view = view_of(NEW_YORK)
    assert view is not None
    degrees = 360 / 2**view.level
    assert degrees <= 1.2 * (NEW_YORK[2] - NEW_YORK[0]) * 2
    assert not inside(NEW_YORK, -73.0, 40.75)


def test_there_is_a_margin_round_the_view() -> None:
    for longitude, latitude in ((-74.028, 40.75), (-73.922, 40.75), (-74.0, 40.809)):
        assert inside(NEW_YORK, longitude, latitude)


def test_across_the_180th_meridian() -> None:
    for bounds in ((179.9, -1.0, -179.9, 1.0), (179.9, -1.0, 180.1, 1.0)):
        assert inside(bounds, 179.95, 0.0)
        assert inside(bounds, -179.95, 0.0)
        assert not inside(bounds, 0.0, 0.0)


def test_a_point_is_a_view_too() -> None:
    view = view_of((10.0, 50.0, 10.0, 50.0))
    assert view is not None
    assert view.level == LEVEL_MAX


@pytest.mark.parametrize("bounds", [(-180, -85, 180, 85), (-100, 0, 90, 10), (0, -85, 10, 85)])
def test_half_the_world_is_all_of_it(bounds: tuple[float, float, float, float]) -> None:
    assert view_of(bounds) is None


@pytest.mark.parametrize(
    "bounds",
    [(0, 2, 1, 1), (0, 0, math.nan, 1), (0, 0, math.inf, 1), (0, -91, 1, 1), (0, 0, 541, 1)],
)
def test_bounds_of_nothing_are_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="bounds"):
        view_of(bounds)


def test_each_is_in_its_tile() -> None:
    groups = by_tile(np.array([5, 3, 5, 9]))
    assert {tile: indices.tolist() for tile, indices in groups.items()} == {
        3: [1],
        5: [0, 2],
        9: [3],
    }
    assert by_tile(np.array([], np.int64)) == {}

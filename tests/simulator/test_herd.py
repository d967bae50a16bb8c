"""The ride: its steps, its turns, and that it never leaves the land."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.geodesy import METRES_PER_DEGREE, moved
from simulator.herd import POINTS_MAX, Herd, drifted
from simulator.land import Land, Polygon
from tests.simulator.exact_land import Floats, on_land

START = 40.749167, -73.985184
UNICORNS = 500
HOUR_S = 3600


class Ride(NamedTuple):
    """A column for each unicorn, a row for each reading."""

    latitude: Floats
    longitude: Floats
    distance_m: Floats
    magic_points: NDArray[np.int64]
    health_points: NDArray[np.int64]

    @property
    def east_m(self) -> Floats:
        """Eastward part of each step, on the plane."""
        middle = np.radians((self.latitude[1:] + self.latitude[:-1]) / 2)
        return np.diff(self.longitude, axis=0) * np.cos(middle) * METRES_PER_DEGREE

    @property
    def north_m(self) -> Floats:
        """Northward part of each step."""
        return np.diff(self.latitude, axis=0) * METRES_PER_DEGREE

    @property
    def turn(self) -> Floats:
        """Degrees between one step and the next, without sign."""
        heading = np.degrees(np.arctan2(self.east_m, self.north_m))
        return np.abs((np.diff(heading, axis=0) + 180) % 360 - 180)


def ride(herd: Herd, readings: int) -> Ride:
    rows = []
    for second in range(readings):
        if second:
            herd.advance()
        rows.append(
            (
                herd.latitude,
                herd.longitude,
                herd.distance_m,
                herd.magic_points,
                herd.health_points,
            )
        )
    return Ride(*(np.stack(column) for column in zip(*rows, strict=True)))


@pytest.fixture(scope="module")
def hour(land: Land) -> Ride:
    return ride(Herd(UNICORNS, 7, land), HOUR_S)


def same(one: Ride, other: Ride) -> bool:
    return all(bool((a == b).all()) for a, b in zip(one, other, strict=True))


def test_the_first_reading_is_the_workshops_sample(hour: Ride) -> None:
    assert (hour.latitude[0] == START[0]).all()
    assert (hour.longitude[0] == START[1]).all()
    assert (hour.distance_m[0] == 30).all()
    assert (hour.magic_points[0] == 150).all()
    assert (hour.health_points[0] == 150).all()


def test_each_step_is_29_to_31_metres_and_its_distance_says_so(hour: Ride) -> None:
    # On the plane by Pythagoras: over 30 m that is the great circle to within a tenth of a mm.
    steps_m = np.hypot(hour.east_m, hour.north_m)
    assert steps_m.min() >= 29
    assert steps_m.max() <= 31
    assert np.abs(hour.distance_m[1:] - steps_m).max() <= 0.001
    assert hour.distance_m[1:].mean() == pytest.approx(30, abs=0.01)


def test_positions_and_distances_are_what_the_wire_carries(hour: Ride) -> None:
    """Whole millionths of a degree and whole millimetres: no digits beyond."""
    for column, decimals in ((hour.latitude, 6), (hour.longitude, 6), (hour.distance_m, 3)):
        for value in column[-1]:
            assert float(value) == float(f"{value:.{decimals}f}")


def test_an_hour_of_five_hundred_unicorns_stays_over_land(hour: Ride, land: Land) -> None:
    assert land.contains(hour.latitude, hour.longitude).all()
    # The polygons themselves, every half minute.
    assert on_land(hour.latitude[::30], hour.longitude[::30]).all()


def test_turns_are_slow_away_from_water(hour: Ride, land: Land) -> None:
    """5 degrees a second at most, where there is land all round as far as a unicorn looks.
    Positions in millionths of a degree blur a heading by 0.3 degrees at most.
    """
    here = hour.latitude[1:-1:60], hour.longitude[1:-1:60]
    turn = hour.turn[::60]
    headings = np.arange(0, 360, 10)[:, np.newaxis, np.newaxis]
    seen = [
        land.contains(*moved(*here, headings, metres)).all(axis=0) for metres in range(15, 256, 15)
    ]
    is_open = np.logical_and.reduce(seen)
    assert is_open.sum() > 10_000
    assert turn[is_open].max() < 5.6


def test_sharp_turns_are_rare_and_only_next_to_water(hour: Ride, land: Land) -> None:
    """More than 25 degrees, the wander and the turn away together, takes water within a step."""
    sharp = np.argwhere(hour.turn > 25.6)
    assert len(sharp) < 0.01 * hour.turn.size
    here = hour.latitude[1:][sharp[:, 0], sharp[:, 1]], hour.longitude[1:][sharp[:, 0], sharp[:, 1]]
    headings = np.arange(0, 360, 2)[:, np.newaxis]
    near = [land.contains(*moved(*here, headings, metres)).all(axis=0) for metres in (29, 30, 31)]
    assert not np.logical_and.reduce(near).any()


def test_points_move_by_at_most_one_and_stay_in_bounds(hour: Ride) -> None:
    for points in (hour.magic_points, hour.health_points):
        assert points.dtype == np.int64
        assert set(np.unique(np.diff(points, axis=0))) == {-1, 0, 1}
        assert points.min() >= 0
        assert points.max() <= POINTS_MAX
    assert (hour.magic_points != hour.health_points).any()


def test_the_fleet_spreads(hour: Ride) -> None:
    away_m = np.hypot(
        (hour.latitude[-1] - START[0]) * METRES_PER_DEGREE,
        (hour.longitude[-1] - START[1]) * METRES_PER_DEGREE * np.cos(np.radians(START[0])),
    )
    assert np.median(away_m) > 1000
    assert len(np.unique(np.stack((hour.latitude[-1], hour.longitude[-1])), axis=1).T) == UNICORNS


def test_the_same_seed_gives_the_same_ride(hour: Ride, land: Land) -> None:
    minutes = ride(Herd(UNICORNS, 7, land), 300)
    assert same(minutes, Ride(*(column[:300] for column in hour)))
    assert not same(ride(Herd(UNICORNS, 8, land), 300), minutes)


def test_a_unicorn_rides_the_same_alone_as_in_a_fleet(hour: Ride, land: Land) -> None:
    for unicorns in (1, 3):
        alone = ride(Herd(unicorns, 7, land), 600)
        assert same(alone, Ride(*(column[:600, :unicorns] for column in hour)))


def test_points_stop_at_their_bounds() -> None:
    points = np.array([0, 0, POINTS_MAX, POINTS_MAX, 150])
    dice = np.array([0.0, 0.99, 0.0, 0.99, 0.5])
    assert drifted(points, dice).tolist() == [0, 1, POINTS_MAX - 1, POINTS_MAX, 150]


def island(*corners_m: tuple[float, float]) -> Land:
    """An island with these corners, in metres east and north of the start."""
    scale = METRES_PER_DEGREE * np.cos(np.radians(START[0]))
    return Land(
        [Polygon([(START[1] + x / scale, START[0] + y / METRES_PER_DEGREE) for x, y in corners_m])]
    )


@pytest.mark.parametrize(
    "corners_m",
    [
        [(-120, -120), (120, -120), (120, 120), (-120, 120)],
        # A square with a spit that narrows to nothing: the way back is the only way out.
        [(-100, -100), (100, -100), (100, 0), (900, 60), (100, 120), (-100, 100)],
    ],
    ids=["square", "spit"],
)
def test_a_small_island_is_never_left(corners_m: list[tuple[float, float]]) -> None:
    small = island(*corners_m)
    there = ride(Herd(100, 7, small), 600)
    assert small.contains(there.latitude, there.longitude).all()
    assert there.distance_m.min() >= 29
    assert there.distance_m.max() <= 31


class Floodable(Land):
    """Land that can go under as a whole."""

    is_flooded = False

    def contains(self, latitude: Floats, longitude: Floats) -> NDArray[np.bool_]:
        return super().contains(latitude, longitude) & (not self.is_flooded)


def test_without_any_dry_step_a_unicorn_goes_back_the_way_it_came() -> None:
    place = Floodable.load()
    herd = Herd(50, 7, place)
    before = ride(herd, 10)
    place.is_flooded = True
    herd.advance()
    after = ride(herd, 4)
    # To and fro between the last two places.
    for name in ("latitude", "longitude"):
        there, here = getattr(before, name)[-2:]
        assert (getattr(after, name) == np.stack([there, here, there, here])).all()
    assert (after.distance_m == before.distance_m[-1]).all()


def test_there_must_be_land_round_the_start() -> None:
    with pytest.raises(ValueError, match="round the start"):
        Herd(100, 7, island((-30, -30), (30, -30), (30, 30), (-30, 30)))

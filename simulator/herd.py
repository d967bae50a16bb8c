"""The motion of the whole fleet: one NumPy step moves every unicorn by one second.

A herd is a function of (unicorns, seed, land): the same arguments give the same readings, whatever
happens outside, and a unicorn's ride does not depend on how many others there are.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.dice import roll
from simulator.geodesy import Floats, great_circle_m, moved
from simulator.land import Land
from simulator.steering import rounded, steered, stepped

START_LATITUDE = 40.749167
START_LONGITUDE = -73.985184
"""Where the workshop's unicorns start: in the middle of Manhattan."""

STEP_M = 30.0
STEP_SPREAD_M = 0.9
"""A step is 30 m, give or take this. Rounding the position to millionths of a degree moves it by
at most 0.07 m, so that a reading's Distance stays between 29 and 31.
"""

WANDER = 5.0
"""The turn of a second is at most this many degrees, but for water."""
WANDER_KEPT = 0.9
"""The share of the last second's turn that carries over: curves, not jitter."""
WANDER_NOISE = 1.5
"""Degrees by which the turn changes at most in a second."""

POINTS_START = 150
POINTS_MAX = 300
"""Symmetric about the start, so that the fleet's mean stays there however long it flies."""


class Herd:
    """The fleet at one second of its ride; arrays hold one element of each unicorn.

    It begins at the start point, in flight: the first reading's Distance is that of a mean step, as
    the workshop's sample has it, since there is no earlier reading to measure from.
    """

    def __init__(self, unicorns: int, seed: int, land: Land) -> None:
        self._seed = seed
        self._land = land
        self._second = 0
        self.latitude = np.full(unicorns, START_LATITUDE)
        self.longitude = np.full(unicorns, START_LONGITUDE)
        self.distance_m = np.full(unicorns, STEP_M)
        """Metres since the last reading: the great circle between the two positions, to the mm."""
        self.magic_points = np.full(unicorns, POINTS_START)
        self.health_points = np.full(unicorns, POINTS_START)
        self.heading = 360 * roll(seed, 0, unicorns)[0]
        """Degrees clockwise from north, of the last step."""
        self._turn = np.zeros(unicorns)
        # Where each came from: on land, and a step away.
        self._last = rounded(*moved(self.latitude, self.longitude, self.heading + 180, STEP_M))
        if not land.contains(*self._last).all():
            raise ValueError("the land does not reach round the start")

    def __len__(self) -> int:
        return len(self.latitude)

    def advance(self) -> None:
        """Flies on for one second."""
        self._second += 1
        length, wobble, magic, health = roll(self._seed, self._second, len(self))
        self._fly(STEP_M + STEP_SPREAD_M * (2 * length - 1), WANDER_NOISE * (2 * wobble - 1))
        self.magic_points = drifted(self.magic_points, magic)
        self.health_points = drifted(self.health_points, health)

    def _fly(self, metres: Floats, wobble: Floats) -> None:
        here = self.latitude, self.longitude
        turn = np.clip(WANDER_KEPT * self._turn + wobble, -WANDER, WANDER)
        heading = steered(self._land, *here, self.heading + turn, turn)
        *there, heading, stuck = stepped(self._land, *here, heading, turn, metres)
        # Going back is always possible, and as long as the step that led here.
        there = [np.where(stuck, last, new) for last, new in zip(self._last, there, strict=True)]
        heading = np.where(stuck, self.heading + 180, heading)

        self.distance_m = np.round(great_circle_m(*here, *there), 3)
        self.latitude, self.longitude = there
        self._last = here
        # What was turned for water's sake carries over like any turn, so that a curve goes on.
        self._turn = np.clip(heading - self.heading, -WANDER, WANDER)
        self.heading = np.mod(heading, 360)


def drifted(points: NDArray[np.int64], die: Floats) -> NDArray[np.int64]:
    """Points moved by -1, 0 or 1, each as likely, within 0 and POINTS_MAX."""
    return np.clip(points + (3 * die).astype(np.int64) - 1, 0, POINTS_MAX)

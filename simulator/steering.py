"""How the fleet keeps off the water: every unicorn looks ahead, and turns in time.

Far from water a unicorn flies as it likes. One that sees water ahead turns towards the nearest
heading that is clear, by at most TURN_MAX a second. In a corner too narrow for that it turns as
sharply as it must, so that the next step ends on land; and when none does, it goes back the way it
came, which is land. So the fleet can never leave the land.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.geodesy import Floats, moved
from simulator.land import Land

AHEAD_M = np.array([30.0, 60.0, 90.0, 120.0, 160.0, 200.0, 240.0])
"""Where a unicorn looks. 240 m is enough to turn round: at 30 m and 20 degrees a second the turning
circle's radius is 86 m.
"""

TURN_MAX = 20.0
"""Degrees a second, away from water that lies ahead."""

FAN = np.array([side * degrees for degrees in range(10, 180, 10) for side in (1.0, -1.0)] + [180.0])
"""Headings to try, in degrees from the present one: the nearest first, the preferred side first."""


def steered(
    land: Land, latitude: Floats, longitude: Floats, heading: Floats, lean: Floats
) -> Floats:
    """The headings, turned by at most TURN_MAX where water lies ahead; `lean` tells by its sign
    which side a unicorn prefers.
    """
    blocked = np.flatnonzero(~_clear(land, latitude, longitude, heading))
    if not len(blocked):
        return heading
    turns = _fan(lean[blocked])
    clear = _clear(
        land,
        latitude[blocked, np.newaxis],
        longitude[blocked, np.newaxis],
        heading[blocked, np.newaxis] + turns,
    )
    turn = np.where(clear.any(axis=1), _first(turns, clear), 0.0)
    heading = heading.copy()
    heading[blocked] += np.clip(turn, -TURN_MAX, TURN_MAX)
    return heading


def stepped(
    land: Land,
    latitude: Floats,
    longitude: Floats,
    heading: Floats,
    lean: Floats,
    metres: Floats,
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """A step of `metres` that ends on land: latitude, longitude, the heading it took, and which
    unicorns found no such step; these stay where they are.

    Positions are whole millionths of a degree, as on the wire (0.1 m).
    """
    heading = heading.copy()
    new_latitude, new_longitude = rounded(*moved(latitude, longitude, heading, metres))
    wet = np.flatnonzero(~land.contains(new_latitude, new_longitude))
    stuck = np.zeros(len(latitude), dtype=np.bool_)
    if len(wet):
        turns = _fan(lean[wet])
        tried = rounded(
            *moved(
                latitude[wet, np.newaxis],
                longitude[wet, np.newaxis],
                heading[wet, np.newaxis] + turns,
                metres[wet, np.newaxis],
            )
        )
        dry = land.contains(*tried)
        new_latitude[wet], new_longitude[wet] = _first(tried[0], dry), _first(tried[1], dry)
        heading[wet] += _first(turns, dry)
        stuck[wet] = ~dry.any(axis=1)
    return new_latitude, new_longitude, heading, stuck


def rounded(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
    """Both in whole millionths of a degree."""
    return np.round(latitude, 6), np.round(longitude, 6)


def _clear(land: Land, latitude: Floats, longitude: Floats, heading: Floats) -> NDArray[np.bool_]:
    """Whether all that a unicorn sees ahead is land."""
    ahead = moved(
        latitude[..., np.newaxis], longitude[..., np.newaxis], heading[..., np.newaxis], AHEAD_M
    )
    clear: NDArray[np.bool_] = np.logical_and.reduce(land.contains(*ahead), axis=-1)
    return clear


def _fan(lean: Floats) -> Floats:
    """Array (unicorn, turn) of turns to try."""
    fan: Floats = np.where(lean < 0, -1.0, 1.0)[:, np.newaxis] * FAN
    return fan


def _first(values: Floats, wanted: NDArray[np.bool_]) -> Floats:
    """Of each row the value at the first wanted column, or its first value when none is wanted."""
    first: Floats = np.take_along_axis(values, wanted.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    return first

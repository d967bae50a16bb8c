"""Which part of the world a viewer looks at, in tiles that viewers share: so that what is in view
is encoded once for all who see it.

Tiles are those of every web map: level `n` cuts the Web Mercator square into 2**n by 2**n, x
eastward from 180 degrees west, y southward from 85.05 degrees north.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVEL_MAX: Final = 16
"""600 m at the equator."""
MARGIN: Final = 0.1
"""What is taken in beyond each edge, as a share of the view: a unicorn is out of sight before it is
out of the tiles."""

_LATITUDE_MAX: Final = 85.0511
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """The tiles of one level that cover a viewer's bounds: at most nine."""

    level: int
    tiles: frozenset[int]
    """Each is y * 2**level + x."""


def view_of(bounds: tuple[float, float, float, float]) -> View | None:
    """The view of (west, south, east, north) in degrees; None when it is as good as everything.

    West may be greater than east: then the view lies across the 180th meridian. Raises ValueError
    for what bounds nothing.
    """
    west, south, east, north = bounds
    if not all(map(math.isfinite, bounds)) or south > north or abs(south) > 90 or abs(north) > 90:
        raise ValueError("bounds are west, south, east, north in degrees, south below north")
    if max(abs(west), abs(east)) > 540:
        raise ValueError("bounds are beyond the world")
    left, right = (west + 180) / 360, (east + 180) / 360
    width = right - left if right >= left else right - left + 1
    [top], [bottom] = (_down(np.array([latitude])) for latitude in (north, south))
    height = bottom - top
    if width * (1 + 2 * MARGIN) > _HALF or height * (1 + 2 * MARGIN) > _HALF:
        return None
    left, width = left - width * MARGIN, width * (1 + 2 * MARGIN)
    top, bottom = max(0.0, top - height * MARGIN), min(1.0, bottom + height * MARGIN)
    # Two tiles are at least as wide as the view, so that three always cover it.
    size = max(width, bottom - top, 2.0**-LEVEL_MAX)
    level = min(LEVEL_MAX, math.floor(math.log2(2 / size)))
    count = 2**level
    columns = range(math.floor(left * count), math.floor((left + width) * count) + 1)
    rows = range(math.floor(top * count), min(count - 1, math.floor(bottom * count)) + 1)
    return View(
        level, frozenset(row * count + column % count for row in rows for column in columns)
    )


def tiles_at(
    level: int, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The tile of each place."""
    count = 2**level
    column = np.floor((longitude + 180) / 360 * count).astype(np.int64) % count
    row = np.clip(np.floor(_down(latitude) * count).astype(np.int64), 0, count - 1)
    tiles: NDArray[np.int64] = row * count + column
    return tiles


def by_tile(tiles: NDArray[np.int64]) -> Mapping[int, NDArray[np.int64]]:
    """Tile -> the indices of what is in it."""
    order = np.argsort(tiles, kind="stable")
    found, starts = np.unique(tiles[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(found) else {}


def _down(latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Web Mercator: 0 at the top of the square, 1 at its bottom."""
    bounded = np.radians(np.clip(latitude, -_LATITUDE_MAX, _LATITUDE_MAX))
    down: NDArray[np.float64] = _HALF - np.log(np.tan(np.pi / 4 + bounded / 2)) / (2 * np.pi)
    return down

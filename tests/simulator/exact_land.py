"""Point in polygon, edge by edge: the exact answer that the grid must not contradict."""

import json

import numpy as np
from numpy.typing import NDArray

from simulator.land import LAND_FILE

Floats = NDArray[np.float64]


def in_ring(
    ring: list[tuple[float, float]], latitude: Floats, longitude: Floats
) -> NDArray[np.bool_]:
    """The winding number: how often the ring goes round each point; it is inside unless never."""
    winding = np.zeros(latitude.shape, dtype=np.int64)
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        left = (x1 - x0) * (latitude - y0) - (longitude - x0) * (y1 - y0)
        winding += (y0 <= latitude) & (latitude < y1) & (left > 0)
        winding -= (y1 <= latitude) & (latitude < y0) & (left < 0)
    return winding != 0


def on_land(latitude: Floats, longitude: Floats) -> NDArray[np.bool_]:
    """Whether points are inside a polygon of land.json and in none of its holes."""
    answer = np.zeros(latitude.shape, dtype=np.bool_)
    for polygon in json.loads(LAND_FILE.read_text())["polygons"]:
        x, y = zip(*polygon["exterior"], strict=True)
        near = (min(x) <= longitude) & (longitude <= max(x))
        near &= (min(y) <= latitude) & (latitude <= max(y))
        inside = in_ring(polygon["exterior"], latitude[near], longitude[near])
        for hole in polygon["holes"]:
            inside &= ~in_ring(hole, latitude[near], longitude[near])
        answer[near] |= inside
    return answer

"""HOTSPOTS: each row with the regions in which the last rows are dense.

Rows come in order (this stands behind a hold) and go on at once, with their ROWTIME and lineage.
"""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from analytics_sql.plan import Node
from analytics_sql.table_function import HOTSPOTS_RESULT, Hotspots
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Mask, vector_of
from processor.operators.base import Prompt
from processor.operators.random_cut_forest import points_of

NONE: Final = -1
"""The region of a place that has no point yet."""

_encode = msgspec.json.Encoder().encode


class HotspotsOperator(Prompt):
    """See Operator. The points of the window stand in a ring, with who is near whom, and in which
    region: of the points that a chain of neighbours leads to.
    """

    groups = 0

    def __init__(self, node: Hotspots[Node]) -> None:
        self._node = node
        self._points = np.zeros((len(node.numbers), node.window))
        self._near = np.zeros((node.window, node.window), np.bool_)
        self._region = np.full(node.window, NONE, np.int64)
        """Of each place of the ring a place that is in its region, the same for all of it."""
        self._count = 0
        """Points so far."""

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return self._points.nbytes + self._near.nbytes

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"the last {self._node.window} points of HOTSPOTS"

    @property
    def shape(self) -> str:
        """See Operator."""
        return f"{self.holds} by {', '.join(self._node.numbers)}"

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns:
        """See Operator."""
        points, is_null = points_of(columns, self._node.numbers)
        texts: list[str | None] = []
        for row, null in enumerate(is_null.tolist()):
            if null:
                texts.append(None)
                continue
            self._put(points[:, row])
            texts.append(_encode({"hotspots": self._hotspots()}).decode())
        vectors = {**columns.vectors, HOTSPOTS_RESULT.name: vector_of(texts, HOTSPOTS_RESULT.type)}
        return Columns(vectors, columns.rowtime_ms, columns.lineage)

    def _put(self, point: NDArray[np.float64]) -> None:
        """Takes a point in, in the place of the one that leaves the window."""
        place = self._count % self._node.window
        if self._count >= self._node.window:
            self._leave(place)
        self._count += 1
        self._points[:, place] = point
        used = min(self._count, self._node.window)
        # Scaled by the radius before it is squared: the largest DOUBLE does not overflow.
        with np.errstate(over="ignore"):
            apart = (self._points[:, :used] / self._node.radius) - (point / self._node.radius)[
                :, None
            ]
            near = (apart * apart).sum(axis=0) <= 1.0
        self._near[place, :used] = self._near[:used, place] = near
        # All regions that it is near to are one from now on.
        joined = np.unique(self._region[:used][near])
        self._region[:used][np.isin(self._region[:used], joined[joined != NONE])] = place
        self._region[place] = place

    def _leave(self, place: int) -> None:
        """Takes the point at a place out; what it alone held together falls apart."""
        is_bridge = np.count_nonzero(self._near[place]) > 2  # itself and two others
        is_left = self._region == self._region[place]
        is_left[place] = False
        self._region[place] = NONE
        self._near[place] = self._near[:, place] = False
        while is_left.any():
            seed = int(np.argmax(is_left))
            members = self._reached(seed) if is_bridge else is_left.copy()
            self._region[members] = seed
            is_left &= ~members

    def _reached(self, seed: int) -> Mask:
        """All points that a chain of neighbours leads to."""
        inside = np.zeros(self._node.window, np.bool_)
        inside[seed] = True
        newest = np.array([seed])
        while len(newest):
            reached = self._near[newest].any(axis=0) & ~inside
            inside |= reached
            newest = np.flatnonzero(reached)
        return inside

    def _hotspots(self) -> list[dict[str, Any]]:
        """The regions of the window that have enough points, the densest first."""
        sizes = np.bincount(self._region[self._region != NONE])
        found = [
            self._described(np.flatnonzero(self._region == region))
            for region in np.flatnonzero(sizes >= self._node.least).tolist()
        ]
        return sorted(
            found, key=lambda spot: (-spot["density"], spot["minValues"], spot["maxValues"])
        )

    def _described(self, members: Ids) -> dict[str, Any]:
        """A region: its points by its volume, whose sides count as a radius at least."""
        points = self._points[:, members]
        low, high = points.min(axis=1), points.max(axis=1)
        volume = 1.0
        for side in (high - low).tolist():
            volume *= max(side, self._node.radius)
        density = len(members) / volume if 0.0 < volume < float("inf") else 0.0
        return {"density": density, "minValues": low.tolist(), "maxValues": high.tolist()}

    def dump(self) -> Any:
        """See Operator: the points, the oldest first."""
        used = min(self._count, self._node.window)
        order = np.arange(self._count - used, self._count) % self._node.window
        return self._points[:, order].T.tolist()

    def load(self, state: Any) -> None:
        """See Operator."""
        for point in state:
            self._put(np.array(point, np.float64))

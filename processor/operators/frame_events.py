"""What comes into the frames of a batch of rows and what goes, as one sequence for each key."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.plan import RANGE_EDGE_INCLUDED
from processor.columns import Ids

FIRST_IN_FRAME: Final = "left" if RANGE_EDGE_INCLUDED else "right"
FIRST_WITHOUT: Final = "right" if RANGE_EDGE_INCLUDED else "left"
"""Sides of searchsorted: a row that is exactly the range older is in the frame, or is not."""


def gone_before(times: Ids, last_ms: int, range_ms: int) -> int:
    """How many of these rows, in order, are too old for a row of the time `last_ms`."""
    return int(np.searchsorted(times, last_ms - range_ms, FIRST_IN_FRAME))


class Events:
    """What comes and what goes in a batch, in the order in which it happens, key by key."""

    def __init__(
        self, times: Ids, keys: Ids, gone_times: Ids, gone_keys: Ids, range_ms: int
    ) -> None:
        gone, count = len(gone_keys), len(keys)
        # What goes does so before the first row that it is too old for.
        before = np.searchsorted(times, gone_times + range_ms, FIRST_WITHOUT)
        self._going = before + np.arange(gone)
        place = np.ones(gone + count, np.bool_)
        place[self._going] = False
        self._coming = np.flatnonzero(place)
        merged_keys = np.empty(gone + count, np.int64)
        merged_keys[self._going] = gone_keys
        merged_keys[self._coming] = keys
        # Keys of 16 bits are sorted in one pass each byte.
        small = len(merged_keys) and merged_keys.max() < 1 << 16
        self._order = np.argsort(
            merged_keys.astype(np.uint16) if small else merged_keys, kind="stable"
        )
        ordered = merged_keys[self._order]
        self._begin = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        self._size = np.diff(np.append(self._begin, len(ordered)))
        self.keys: Ids = ordered[self._begin]
        # Where each row that comes stands in that order.
        back = np.empty(gone + count, np.int64)
        back[self._order] = np.arange(gone + count)
        self._found = back[self._coming]

    def run(self, state: NDArray[Any], new: NDArray[Any], gone: NDArray[Any]) -> NDArray[Any]:
        """The running sums at each new row; `state`, by key, goes on to the last ones."""
        values = np.empty(len(self._order), state.dtype)
        values[self._going] = -gone
        values[self._coming] = new
        run = np.cumsum(values[self._order], dtype=state.dtype)
        before = np.zeros(len(self._begin), state.dtype)
        before[1:] = run[self._begin[1:] - 1]
        run += np.repeat(state[self.keys] - before, self._size)
        state[self.keys] = run[self._begin + self._size - 1]
        found: NDArray[Any] = run[self._found]
        return found

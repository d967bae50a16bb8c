"""Which rows each tree holds: a sample in which a row weighs the more the later it came.

P. Efraimidis, P. Spirakis: Weighted random sampling with a reservoir (2006). Row n has the weight
exp(n / time_decay); every tree draws a number for it and holds the rows whose -log(draw) / weight
is smallest. The logarithm of that is kept, which does not overflow.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from processor.forest.chance import Floats, keys_of, uniform

_DRAW = 1 << 20
"""The number of the draw for the sample: no tree is so deep that it uses it for a cut."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that a tree takes into its sample, and whether another leaves the slot for it."""

    row: int
    slot: int
    evicts: bool


class Samples:
    """The samples of `count` trees, of at most `size` rows each."""

    def __init__(self, count: int, size: int, time_decay: int) -> None:
        self._size = size
        self._time_decay = time_decay
        self._trees = np.arange(count)
        self._heaps: list[list[tuple[float, int]]] = [[] for _ in range(count)]
        """The slots of each tree, the one to be left next first, by the negated key."""

    def plan(self, first: int, rows: int) -> list[list[Entry]]:
        """For each tree the entries of the rows from number `first` on, which it takes in."""
        numbers = np.arange(first, first + rows)
        keys = keys_of(np.tile(self._trees, rows), np.repeat(numbers, len(self._trees)))
        priorities = np.log(-np.log(uniform(keys, _DRAW))).reshape(rows, len(self._trees))
        priorities -= (numbers / self._time_decay)[:, None]
        return [self._enter(tree, priorities[:, tree]) for tree in range(len(self._trees))]

    def _enter(self, tree: int, priorities: Floats) -> list[Entry]:
        heap, size, entries = self._heaps[tree], self._size, []
        # The largest key only sinks: what is above it now never comes in.
        limit = -heap[0][0] if len(heap) == size else np.inf
        for row in np.flatnonzero(priorities < limit).tolist():
            priority = float(priorities[row])
            if len(heap) < size:
                entries.append(Entry(row, len(heap), False))
                heapq.heappush(heap, (-priority, len(heap)))
            elif priority < -heap[0][0]:
                slot = heap[0][1]
                entries.append(Entry(row, slot, True))
                heapq.heapreplace(heap, (-priority, slot))
        return entries

    def dump(self) -> list[list[tuple[float, int]]]:
        """The keys and slots."""
        return self._heaps

    def load(self, state: list[list[list[float]]]) -> None:
        """The inverse."""
        self._heaps = [[(key, int(slot)) for key, slot in heap] for heap in state]

"""Which rows each tree holds: a sample in which a row weighs the more the later it came.

P. Efraimidis, P. Spirakis: Weighted random sampling with a reservoir (2006). Row n has the weight
exp(n / time_decay); every tree draws a number for it and holds the rows whose -log(draw) / weight
is smallest. The logarithm of that is kept, which does not overflow.
"""

import heapq

import numpy as np

from processor.forest.chance import Floats, keys_of, uniform
from processor.forest.path import NONE, Ids

_DRAW = 1 << 20
"""The number of the draw for the sample: no tree is so deep that it uses it for a cut."""


class Samples:
    """The samples of `count` trees, of at most `size` rows each."""

    def __init__(self, count: int, size: int, time_decay: int) -> None:
        self._size = size
        self._time_decay = time_decay
        self._trees = np.arange(count)
        self._heaps: list[list[tuple[float, int]]] = [[] for _ in range(count)]
        """The slots of each tree, the one to be left next first, by the negated key."""

    def plan(self, first: int, rows: int) -> tuple[Ids, Ids]:
        """Which of the rows from number `first` on each tree takes in, as its first, its second and
        so on: two arrays (turn, tree) of the rows, the first being 0, and of the slots, whose row
        leaves. NONE stands where a tree takes in no more.
        """
        numbers = np.arange(first, first + rows)
        keys = keys_of(np.tile(self._trees, rows), np.repeat(numbers, len(self._trees)))
        priorities = np.log(-np.log(uniform(keys, _DRAW))).reshape(rows, len(self._trees))
        priorities -= (numbers / self._time_decay)[:, None]
        entries = [self._enter(tree, priorities[:, tree]) for tree in range(len(self._trees))]
        turns = max(len(taken) for taken, _ in entries)
        shape = (turns, len(self._trees))
        entered, slots = np.full(shape, NONE, np.int64), np.full(shape, NONE, np.int64)
        for tree, (taken, places) in enumerate(entries):
            entered[: len(taken), tree], slots[: len(taken), tree] = taken, places
        return entered, slots

    def _enter(self, tree: int, priorities: Floats) -> tuple[list[int], list[int]]:
        """The rows that a tree takes in, and their slots."""
        heap, size = self._heaps[tree], self._size
        rows: list[int] = []
        slots: list[int] = []
        # The largest key only sinks: what is above it now never comes in.
        limit = -heap[0][0] if len(heap) == size else np.inf
        for row in np.flatnonzero(priorities < limit).tolist():
            priority = float(priorities[row])
            if len(heap) < size:
                slot = len(heap)
                heapq.heappush(heap, (-priority, slot))
            elif priority < -heap[0][0]:
                slot = heap[0][1]
                heapq.heapreplace(heap, (-priority, slot))
            else:
                continue
            rows.append(row)
            slots.append(slot)
        return rows, slots

    def dump(self) -> list[tuple[bytes, bytes]]:
        """The keys and slots of each tree."""
        return [
            (
                np.array([key for key, _ in heap]).tobytes(),
                np.array([slot for _, slot in heap], np.int32).tobytes(),
            )
            for heap in self._heaps
        ]

    def load(self, state: list[tuple[bytes, bytes]]) -> None:
        """The inverse."""
        self._heaps = [
            list(
                zip(
                    np.frombuffer(keys).tolist(),
                    np.frombuffer(slots, np.int32).tolist(),
                    strict=True,
                )
            )
            for keys, slots in state
        ]

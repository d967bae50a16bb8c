"""Which rows have which key, of rows that come at one end and leave at the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from processor.columns import Ids
from processor.operators.pairing import expanded

BITS: Final = 32
"""Of a code the lower ones are the row's place in its run, the upper ones its key."""
PLACE: Final = (1 << BITS) - 1


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that came one after the other, from `start` up to `end`, sorted by key; those of one key
    stand as they came.
    """

    start: int
    end: int
    codes: Ids


class KeyIndex:
    """Positions of rows by key.

    What comes is sorted once, as a run, and two neighbours become one when the older of them is no
    longer than the other: there are few runs, and a row is sorted anew only when their number
    doubles.
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._first = 0

    def append(self, start: int, keys: Ids) -> None:
        """Takes in the rows from position `start` on. One whose key is negative is never found."""
        codes = (keys << BITS) | np.arange(len(keys))
        run = Run(start, start + len(keys), np.sort(codes[keys >= 0]))
        while self._runs and len(self._runs[-1].codes) <= len(run.codes):
            run = self._united(self._runs.pop(), run)
        self._runs.append(run)

    def drop(self, first: int) -> None:
        """Forgets the rows before position `first`."""
        self._first = first
        if self._runs and self._runs[0].end <= first:
            self._runs = [run for run in self._runs if run.end > first]

    def find(self, keys: Ids, lows: Ids, highs: Ids) -> Iterator[tuple[Ids, Ids]]:
        """Pairs (i, position) of every row with key keys[i] from position lows[i] up to highs[i],
        that one excluded, in parts. Faster when `keys` rise.
        """
        codes = keys << BITS
        for run in self._runs:
            # Places before the run are its first one, those behind it its end.
            low, high = (
                np.minimum(np.maximum(bound, run.start), run.end) - run.start
                for bound in (lows, highs)
            )
            starts = np.searchsorted(run.codes, codes + low)
            ends = np.searchsorted(run.codes, codes + high)
            for probes, places in expanded(starts, np.maximum(ends - starts, 0)):
                yield probes, run.start + (run.codes[places] & PLACE)

    def _united(self, old: Run, new: Run) -> Run:
        codes = old.codes
        if self._first > old.start:
            codes = codes[(codes & PLACE) >= self._first - old.start]
        both = np.concatenate([codes, new.codes + (new.start - old.start)])
        # Two sorted halves: a stable sort merges them.
        both.sort(kind="stable")
        return Run(old.start, new.end, both)

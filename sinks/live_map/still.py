"""A picture at one moment, from which frames are made while the picture itself goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.live_map.frame import CHANGES, FULL, GONE_AFTER_MS, Frame


@dataclass(frozen=True, slots=True)
class Still:
    """See Picture."""

    feed: str
    sequence: int
    time_ms: int
    names: Sequence[str]
    """By id; those from `names_count` on came later."""
    names_count: int
    unicorns: NDArray[Any]

    def seen(self) -> int:
        """How many were heard of lately."""
        return int(np.count_nonzero(self._is_seen()))

    def full(self) -> Frame:
        """Every unicorn that was heard of lately."""
        return self.frame(FULL, np.flatnonzero(self._is_seen()))

    def changed(self, since: int) -> NDArray[np.int64]:
        """The unicorns that changed after tick `since`."""
        return np.flatnonzero(self.unicorns["changed_at"] > since)

    def changes(self, since: int) -> Frame:
        """Likewise, as a frame."""
        return self.frame(CHANGES, self.changed(since))

    def frame(self, kind: int, ids: NDArray[np.int64]) -> Frame:
        """A frame of these unicorns."""
        unicorns = self.unicorns[ids]
        return Frame(
            kind=kind,
            sequence=self.sequence,
            time_ms=self.time_ms,
            unicorn=ids,
            longitude=unicorns["longitude"],
            latitude=unicorns["latitude"],
            # A stream whose clock is a little ahead of ours has readings from the future: they
            # are new, not old.
            age_ms=np.maximum(self.time_ms - unicorns["arrival_ms"], 0),
            distance_m=unicorns["distance_m"],
            health=unicorns["health"],
            magic=unicorns["magic"],
            heading=unicorns["heading"],
        )

    def _is_seen(self) -> NDArray[np.bool_]:
        seen: NDArray[np.bool_] = self.unicorns["arrival_ms"] > self.time_ms - GONE_AFTER_MS
        return seen

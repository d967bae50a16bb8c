"""GROUP BY whose rows are corrected: a window that has ended is kept, and a row that comes late
puts its group's row out again, with the same id.

What is put out on the way depends on when rows come; the last row of each id does not. It is what a
window that knew all its rows at once would have put out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics_sql.plan import Tumble
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector
from processor.operators.accumulator import packed, unpacked
from processor.operators.tumble import TumbleOperator


class CorrectingTumbleOperator(TumbleOperator):
    """See Operator. `kept_ms`: how long a window is kept after its end."""

    def __init__(self, node: Tumble, stage: str, kept_ms: int) -> None:
        super().__init__(node, stage)
        self._kept_ms = kept_ms
        self._changed: dict[int, list[Ids]] = {}
        """Windows whose rows were put out -> the groups that got rows since."""

    @property
    def windows(self) -> int:
        """See Operator: those whose rows were not put out yet."""
        return len(self._open) - len(self._changed)

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{super().holds}, {len(self._changed)} of them kept for corrections"

    def _windows_text(self) -> str:
        return f"{super()._windows_text()}, kept for {self._kept_ms / 1000:g} s"

    def _take(
        self, number: int, groups: Ids, arguments: Sequence[Vector], before_end_ms: Ids
    ) -> None:
        super()._take(number, groups, arguments, before_end_ms)
        if number in self._changed:
            self._changed[number].append(groups)

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: the rows of windows that ended, and those to correct."""
        size, offset = self._node.size_ms, self._node.offset_ms
        passed: list[Columns] = []
        count = len(self._open)
        for number in sorted(n for n in self._open if (n + 1) * size + offset <= watermark_ms):
            start_ms = number * size + offset
            groups = self._due(number)
            if len(groups):
                columns = self._rows_of(self._open[number], groups, start_ms, start_ms + size)
                if (sound := self._sound(columns, letters)) is not None:
                    passed.append(sound)
            self._changed[number] = []
            if start_ms + size + self._kept_ms <= watermark_ms:
                del self._open[number], self._changed[number]
        if len(self._open) < count:
            self._forget()
        return passed

    def _due(self, number: int) -> Ids:
        """The groups whose rows are not out as they are now."""
        changed = self._changed.get(number)
        if changed is None:
            return self._open[number].groups()
        return np.unique(np.concatenate(changed)) if changed else np.zeros(0, np.int64)

    def _more(self, number: int, place: Ids) -> Sequence[Any]:
        return [packed(place[self._due(number)])] if number in self._changed else ()

    def _load_more(self, number: int, ids: Ids, more: Sequence[Any]) -> None:
        for places in more:
            changed = unpacked(places, np.int64)
            self._changed[number] = [ids[changed]] if len(changed) else []

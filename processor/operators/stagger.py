"""WINDOWED BY STAGGER: every group has windows of its own, which begin with its first row.

Windows that begin in the same `size_ms` share the arrays of one Window: a group begins at most one
there, as the next begins `size_ms` later at the earliest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics_sql.plan import Tumble
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Origin, Vector
from processor.operators.accumulator import packed, unpacked
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.lineage import WindowLineage
from processor.operators.tumble import TumbleOperator

NEVER: Final = -(1 << 62)
"""Stands where a group has no window that is open."""


class StaggerOperator(TumbleOperator):
    """See Operator. Takes rows in order: it stands behind a hold."""

    def __init__(self, node: Tumble, stage: str) -> None:
        super().__init__(node, stage)
        self._latest: Ids = np.zeros(0, np.int64)
        """When the latest window of each group began."""
        self._began: dict[int, Ids] = {}
        """Window -> when each of its groups began; NEVER for one that is out."""

    def _windows_text(self) -> str:
        return f"stagger {super()._windows_text()}"

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator: rows go on only when their window closes."""
        keys = [evaluate(columns) for evaluate in self._keys]
        arguments = [evaluate(columns) for evaluate in self._arguments]
        times = columns.rowtime_ms
        if failed := failures([*keys, *arguments]):
            letters += dead_letters(columns, self._types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            times = times[sound]
            keys = [key.take(sound) for key in keys]
            arguments = [argument.take(sound) for argument in arguments]
        if not len(times):
            return None
        groups = self._groups.ids(keys, len(times))
        began = self._beginnings(groups, times)
        size = self._node.size_ms
        numbers = began // size
        for number in np.unique(numbers).tolist():
            rows = np.flatnonzero(numbers == number)
            parts = [argument.take(rows) for argument in arguments]
            before_end_ms = began[rows] + size - times[rows]
            self._take(number, groups[rows], parts, before_end_ms)
            self._note(number, groups[rows], began[rows])
        return None

    def _beginnings(self, groups: Ids, times: Ids) -> Ids:
        """When the window of each row began, the rows being in order."""
        self._latest = _grown(self._latest, len(self._groups))
        began = np.full(len(times), NEVER, np.int64)
        rest = np.arange(len(times))
        while len(rest):
            latest = self._latest[groups[rest]]
            inside = times[rest] < latest + self._node.size_ms
            began[rest[inside]] = latest[inside]
            rest = rest[~inside]
            # The first row of each group that is left begins a window.
            opening, first = np.unique(groups[rest], return_index=True)
            self._latest[opening] = times[rest[first]]
        return began

    def _note(self, number: int, groups: Ids, began: Ids) -> None:
        noted = _grown(self._began.get(number, np.zeros(0, np.int64)), len(self._groups))
        noted[groups] = began
        self._began[number] = noted

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: the rows of the windows that ended by then, first to end first."""
        passed = []
        for number in sorted(self._open):
            window, began = self._open[number], self._began[number]
            is_open = began != NEVER
            due = np.flatnonzero(is_open & (began + self._node.size_ms <= watermark_ms))
            if len(due):
                columns = self._ended(number, due)
                began[due] = NEVER
                if (sound := self._sound(columns, letters)) is not None:
                    passed.append(sound)
            if len(due) == np.count_nonzero(is_open):
                del self._open[number], self._began[number], window
                self._forget()
        return passed

    def _ended(self, number: int, groups: Ids) -> Columns:
        groups = self._groups.sorted(groups)
        began = self._began[number][groups]
        order = np.argsort(began, kind="stable")
        groups, began = groups[order], began[order]
        keys = self._groups.vectors(groups)
        vectors = {self._node.window_start: Vector(began)}
        vectors |= {key.name: vector for key, vector in zip(self._node.keys, keys, strict=True)}
        vectors |= self._results(self._open[number], groups)
        ends = began + self._node.size_ms
        return Columns(vectors, ends, StaggerLineage(began, ends, keys))

    def _more(self, number: int, place: Ids) -> Sequence[Any]:
        groups = self._open[number].groups()
        return (packed(self._began[number][groups]), packed(place[groups]))

    def _load_more(self, number: int, ids: Ids, more: Sequence[Any]) -> None:
        began, places = (unpacked(part, np.int64) for part in more)
        groups = ids[places]
        self._note(number, groups, began)
        self._latest = _grown(self._latest, len(self._groups))
        self._latest[groups] = np.maximum(self._latest[groups], began)

    def load(self, state: Any) -> None:
        """See Operator."""
        self._latest, self._began = np.zeros(0, np.int64), {}
        super().load(state)


@dataclass(frozen=True, slots=True)
class StaggerLineage:
    """Rows of windows of different times: (start, keys) tells them apart."""

    starts: Ids
    ends: Ids
    keys: Sequence[Vector]

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: the windows of an operator follow one another."""
        return ()

    def take(self, rows: Ids) -> "StaggerLineage":
        """See Lineage."""
        keys = [key.take(rows) for key in self.keys]
        return StaggerLineage(self.starts[rows], self.ends[rows], keys)

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        keys = [Vector(self.starts), *self.keys]
        names = WindowLineage(0, 0, keys).identities("")
        return [prefix + name.removeprefix("0,") for name in names]

    def origins(self) -> list[Origin]:
        """Many records; their time is the window's end."""
        return [Origin("", "", "", end) for end in self.ends.tolist()]

    def kept(self) -> "StaggerLineage":
        """See Lineage."""
        return self


def _grown(values: Ids, room: int) -> Ids:
    if len(values) >= room:
        return values
    grown = np.full(max(64, 1 << (room - 1).bit_length()), NEVER, np.int64)
    grown[: len(values)] = values
    return grown

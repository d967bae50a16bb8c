"""JOIN of two streams: each row with those of the other side that its key and the windows allow.

Both sides wait until neither can have an earlier row, so a pair is made when its later row is due,
and all pairs of one time are made at once. They come in the order of their ROWTIME, those of one
time in the order of the left rows, then of the right ones; a row that an outer join keeps comes
after the pairs of the time at which it leaves its window, left before right.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from analytics_sql.combination import Join
from analytics_sql.plan import Node
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Mask
from processor.expressions.compiler import compile_expression
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.groups import Groups
from processor.operators.hold import HoldOperator
from processor.operators.join_side import NO_KEY, JoinSide, PairLineage
from processor.operators.pairing import any_null, expanded, taken_or_null, within_reach
from processor.operators.state import typed_text
from processor.watermark import END_MS

FORGET_FLOOR: Final = 4096
"""Keys of rows that are gone are kept until there are this many."""

LEFT, RIGHT = 0, 1


class JoinOperator:
    """See Confluence."""

    in_order = True
    windows = 0

    def __init__(self, node: Join[Node], stage: str) -> None:
        self._node = node
        self._stage = stage
        self._inputs = (node.left, node.right)
        self._reach_ms = (node.left_ms, node.right_ms)
        self._keeps = (node.keeps_left, node.keeps_right)
        self._holds = [HoldOperator(side.columns) for side in self._inputs]
        self._rows = [JoinSide(side.columns) for side in self._inputs]
        self._types = {column.name: column.type for column in node.columns}
        self._keys = [[compile_expression(pair[side]) for pair in node.keys] for side in (0, 1)]
        self._condition = None if node.condition is None else compile_expression(node.condition)
        self._groups = Groups([pair[0].type for pair in node.keys])

    def add(self, side: int, columns: Columns, letters: list[DeadLetter]) -> list[Columns]:
        """See Confluence: rows go on only when neither side can have an earlier one."""
        self._holds[side].add(columns, letters)
        return []

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Confluence."""
        before = [len(rows) for rows in self._rows]
        for side, hold in enumerate(self._holds):
            for columns in hold.advance(watermark_ms, letters):
                self._take(side, columns, letters)
        pairs = list(self._matches(before, letters))
        lefts = np.concatenate([_NONE, *(left for left, _ in pairs)])
        rights = np.concatenate([_NONE, *(right for _, right in pairs)])
        times = np.maximum(self._rows[LEFT].times[lefts], self._rows[RIGHT].times[rights])
        gone = [self._leaving(side, watermark_ms) for side in (LEFT, RIGHT)]
        alone = [self._alone(side, gone[side]) for side in (LEFT, RIGHT)]
        left_rows = np.concatenate([lefts, alone[LEFT], np.full(len(alone[RIGHT]), -1)])
        right_rows = np.concatenate([rights, np.full(len(alone[LEFT]), -1), alone[RIGHT]])
        ends = [self._rows[s].times[alone[s]] + self._reach_ms[s] for s in (LEFT, RIGHT)]
        times = np.concatenate([times, *ends])
        kinds = np.repeat([0, 1, 2], [len(lefts), len(alone[LEFT]), len(alone[RIGHT])])
        order = np.lexsort((right_rows, left_rows, kinds, times))
        result = self._pairs(left_rows[order], right_rows[order], times[order])
        for side in (LEFT, RIGHT):
            self._rows[side].drop(gone[side])
        self._forget()
        return [result] if len(result) else []

    def _take(self, side: int, columns: Columns, letters: list[DeadLetter]) -> None:
        keys = [evaluate(columns) for evaluate in self._keys[side]]
        if failed := failures(keys):
            types = {column.name: column.type for column in self._inputs[side].columns}
            letters += dead_letters(columns, types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            columns, keys = columns.take(sound), [key.take(sound) for key in keys]
        if len(columns):
            ids = self._groups.ids(keys, len(columns))
            ids = np.where(any_null(keys, len(columns)), NO_KEY, ids)
            self._rows[side].append(columns, ids)

    def _matches(
        self, before: Sequence[int], letters: list[DeadLetter]
    ) -> Iterator[tuple[Ids, Ids]]:
        """Pairs of rows that go together, at least one of them new; `before`: how many rows of each
        side are not.
        """
        left, right = self._rows
        left_ms, right_ms = self._reach_ms
        new_left = np.arange(before[LEFT], len(left))
        new_right = np.arange(before[RIGHT], len(right))
        every_right = np.arange(len(right))
        for news, probes in self._candidates(
            left, new_left, right, every_right, (left_ms, right_ms)
        ):
            yield self._fitting(news, probes, letters)
        old_left = np.arange(before[LEFT])
        for news, probes in self._candidates(right, new_right, left, old_left, (right_ms, left_ms)):
            yield self._fitting(probes, news, letters)

    def _candidates(
        self,
        side: JoinSide,
        rows: Ids,
        other: JoinSide,
        probes: Ids,
        reach_ms: tuple[int, int],
    ) -> Iterator[tuple[Ids, Ids]]:
        rows = rows[side.keys[rows] != NO_KEY]
        probes = probes[other.keys[probes] != NO_KEY]
        if not len(rows) or not len(probes):
            return
        order, starts, counts = within_reach(
            side.times[rows], side.keys[rows], other.times[probes], other.keys[probes], *reach_ms
        )
        for probe, place in expanded(starts, counts):
            yield rows[order[place]], probes[probe]

    def _fitting(self, lefts: Ids, rights: Ids, letters: list[DeadLetter]) -> tuple[Ids, Ids]:
        """Of candidates, those for which the condition is true. One for which it fails counts as a
        partner all the same: nobody knows that it is none.
        """
        partners: Mask = np.ones(len(lefts), np.bool_)
        fits = partners
        if self._condition is not None:
            left, right = self._rows
            times = np.maximum(left.times[lefts], right.times[rights])
            pairs = self._pairs(lefts, rights, times)
            truth = self._condition(pairs)
            fits, partners = truth.values.copy(), truth.values.copy()
            if truth.failed:
                letters += dead_letters(pairs, self._types, truth.failed, self._stage)
                failed = list(truth.failed)
                fits[failed], partners[failed] = False, True
        self._rows[LEFT].matched[lefts[partners]] = True
        self._rows[RIGHT].matched[rights[partners]] = True
        return lefts[fits], rights[fits]

    def _leaving(self, side: int, watermark_ms: int) -> int:
        """How many rows of a side no row to come can reach."""
        times = self._rows[side].times
        if watermark_ms >= END_MS:
            return len(times)
        return int(np.searchsorted(times, watermark_ms - self._reach_ms[side], "left"))

    def _alone(self, side: int, leaving: int) -> Ids:
        """Those of the rows that leave which an outer join keeps: nothing matched them."""
        if not self._keeps[side]:
            return _NONE
        return np.flatnonzero(~self._rows[side].matched[:leaving])

    def _pairs(self, lefts: Ids, rights: Ids, times: Ids) -> Columns:
        """The rows of these pairs; -1 stands for a row of NULLs."""
        vectors = {}
        for rows, side, node in zip((lefts, rights), self._rows, self._inputs, strict=True):
            for column in node.columns:
                vector = side.vectors[column.name]
                vectors[column.name] = taken_or_null(vector, rows, column.type)
        left, right = self._rows
        return Columns(vectors, times, PairLineage(left.places, right.places, lefts, rights))

    def _forget(self) -> None:
        """Gives the keys of the rows that are kept new ids when most ids belong to none."""
        kept = sum(map(len, self._rows))
        if self._node.keys and len(self._groups) > FORGET_FLOOR + 2 * kept:
            self._groups = Groups([pair[0].type for pair in self._node.keys])
            for side, rows in enumerate(self._rows):
                keys = [evaluate(rows.rows()) for evaluate in self._keys[side]]
                ids = self._groups.ids(keys, len(rows))
                rows.keys = np.where(any_null(keys, len(rows)), NO_KEY, ids)

    @property
    def groups(self) -> int:
        """See Operator."""
        return len(self._groups) if self._node.keys else 0

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        parts: list[Any] = [*self._holds, *self._rows]
        return sum(part.state_bytes for part in parts)

    @property
    def holds(self) -> str:
        """See Operator."""
        left, right = map(len, self._rows)
        waiting = sum(hold.waiting for hold in self._holds)
        sides = f"{left} rows of the left and {right} of the right side of JOIN in their windows"
        return f"{sides}, {waiting} that wait for the shards that are behind"

    @property
    def shape(self) -> str:
        """See Operator."""
        sides = "; ".join(
            f"{ms / 1000:g} s of {hold.shape}"
            for ms, hold in zip(self._reach_ms, self._holds, strict=True)
        )
        keys = ", ".join(f"{typed_text(a)} = {typed_text(b)}" for a, b in self._node.keys)
        condition = "" if self._node.condition is None else typed_text(self._node.condition)
        return f"{self._node.kind} JOIN by {keys or 'no key'} {condition}: {sides}"

    def dump(self) -> Any:
        """See Operator."""
        holds = [hold.dump() for hold in self._holds]
        return msgspec.msgpack.encode((holds, [rows.dump() for rows in self._rows]))

    def load(self, state: Any) -> None:
        """See Operator."""
        holds, sides = msgspec.msgpack.decode(state)
        for side, (hold, waiting, dumped) in enumerate(zip(self._holds, holds, sides, strict=True)):
            if waiting is not None:
                hold.load(waiting)
            columns = self._rows[side].load(dumped)
            if len(columns):
                self._take(side, columns, [])
                self._rows[side].matched = np.array(dumped[1], np.bool_)


_NONE: Ids = np.zeros(0, np.int64)

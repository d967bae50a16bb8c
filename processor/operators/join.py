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
from processor.columns import Columns, Ids, Mask, Vector
from processor.expressions.compiler import compile_expression
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.groups import Groups
from processor.operators.hold import HoldOperator
from processor.operators.join_side import NO_KEY, JoinSide
from processor.operators.pair_lineage import PairLineage
from processor.operators.pairing import any_null, order_by, taken_or_null
from processor.operators.state import typed_text

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
        self._windows = ((node.left_ms, node.left_rows), (node.right_ms, node.right_rows))
        self._keeps = (node.keeps_left, node.keeps_right)
        self._holds = [HoldOperator(side.columns) for side in self._inputs]
        self._rows = [
            JoinSide(side.columns, *window)
            for side, window in zip(self._inputs, self._windows, strict=True)
        ]
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
        firsts = [rows.end for rows in self._rows]
        for side, hold in enumerate(self._holds):
            for columns in hold.advance(watermark_ms, letters):
                self._take(side, columns, letters)
        pairs = list(self._matches(firsts, letters))
        lefts = np.concatenate([_NONE, *(left for left, _ in pairs)])
        rights = np.concatenate([_NONE, *(right for _, right in pairs)])
        times, kinds = self._times(lefts, rights), np.zeros(len(lefts), np.int64)
        gone = [rows.leaving(watermark_ms) for rows in self._rows]
        if any(self._keeps):
            alone = [self._alone(side, gone[side]) for side in (LEFT, RIGHT)]
            ends = [self._rows[side].departures(alone[side]) for side in (LEFT, RIGHT)]
            lefts = np.concatenate([lefts, alone[LEFT], np.full(len(alone[RIGHT]), -1)])
            rights = np.concatenate([rights, np.full(len(alone[LEFT]), -1), alone[RIGHT]])
            kinds = np.repeat([0, 1, 2], [len(times), len(alone[LEFT]), len(alone[RIGHT])])
            times = np.concatenate([times, *ends])
        order = order_by(times, kinds, lefts, rights)
        result = self._pairs(lefts[order], rights[order], times[order])
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
            self._rows[side].append(columns, self._ids(keys, len(columns)))

    def _ids(self, keys: Sequence[Vector], count: int) -> Ids:
        ids = self._groups.ids(keys, count)
        return np.where(any_null(keys, count), NO_KEY, ids)

    def _matches(
        self, firsts: Sequence[int], letters: list[DeadLetter]
    ) -> Iterator[tuple[Ids, Ids]]:
        """Pairs of rows that go together, by their positions; `firsts`: the first new row of each
        side. New rows are later than all others: each of them looks back over the other side.
        """
        left, right = self._rows
        looking = right.by_key(firsts[RIGHT])
        lows, highs = left.window_at(right.times[looking - right.first])
        for i, found in left.index.find(right.keys(looking), lows, highs):
            yield self._fitting(found, looking[i], letters)
        looking = left.by_key(firsts[LEFT])
        times = left.times[looking - left.first]
        lows, highs = right.window_at(times)
        if left.rows is None:
            # Two of one time have met already.
            highs = right.before(times)
        for i, found in right.index.find(left.keys(looking), lows, highs):
            lefts, rights = looking[i], found
            if left.rows is not None:
                anew = self._have_not_met(lefts, rights)
                lefts, rights = lefts[anew], rights[anew]
            yield self._fitting(lefts, rights, letters)

    def _have_not_met(self, lefts: Ids, rights: Ids) -> Mask:
        """Of pairs whose left row looks back: those whose right row did not look back before. It
        did if it is of the same time and the left one was among the last.
        """
        left, right = self._rows
        times = right.times[rights - right.first]
        anew: Mask = times < left.times[lefts - left.first]
        ties = np.flatnonzero(~anew)
        anew[ties] = lefts[ties] < left.window_at(times[ties])[0]
        return anew

    def _times(self, lefts: Ids, rights: Ids) -> Ids:
        """The later time of each pair."""
        left, right = self._rows
        return np.maximum(left.times[lefts - left.first], right.times[rights - right.first])

    def _fitting(self, lefts: Ids, rights: Ids, letters: list[DeadLetter]) -> tuple[Ids, Ids]:
        """Of candidates, those for which the condition is true. One for which it fails counts as a
        partner all the same: nobody knows that it is none.
        """
        partners: Mask = np.ones(len(lefts), np.bool_)
        fits = partners
        if self._condition is not None:
            pairs = self._pairs(lefts, rights, self._times(lefts, rights))
            truth = self._condition(pairs)
            fits, partners = truth.values.copy(), truth.values.copy()
            if truth.failed:
                letters += dead_letters(pairs, self._types, truth.failed, self._stage)
                failed = list(truth.failed)
                fits[failed], partners[failed] = False, True
        for side, positions in enumerate((lefts, rights)):
            if self._keeps[side]:
                rows = self._rows[side]
                rows.matched[positions[partners] - rows.first] = True
        return (lefts, rights) if self._condition is None else (lefts[fits], rights[fits])

    def _alone(self, side: int, leaving: int) -> Ids:
        """Those of the rows that leave which an outer join keeps: nothing matched them."""
        if not self._keeps[side]:
            return _NONE
        rows = self._rows[side]
        return rows.first + np.flatnonzero(~rows.matched[:leaving])

    def _pairs(self, lefts: Ids, rights: Ids, times: Ids) -> Columns:
        """The rows of these pairs; -1 stands for a row of NULLs."""
        found: dict[str, Vector] = {}
        for positions, side, node in zip((lefts, rights), self._rows, self._inputs, strict=True):
            vectors, rows = side.vectors(), positions - side.first
            if any(self._keeps):
                rows = np.where(positions < 0, -1, rows)
            for column in node.columns:
                found[column.name] = taken_or_null(vectors[column.name], rows, column.type)
        left, right = self._rows
        return Columns(found, times, PairLineage(left.trail, right.trail, lefts, rights))

    def _forget(self) -> None:
        """Gives the keys of the rows that are kept new ids when most ids belong to none."""
        kept = sum(map(len, self._rows))
        if self._node.keys and len(self._groups) > FORGET_FLOOR + 2 * kept:
            self._groups = Groups([pair[0].type for pair in self._node.keys])
            for side, rows in enumerate(self._rows):
                columns = rows.everything()
                keys = [evaluate(columns) for evaluate in self._keys[side]]
                rows.rekey(self._ids(keys, len(rows)))

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
            f"{f'{ms / 1000:g} s' if rows is None else f'{rows} rows'} of {hold.shape}"
            for (ms, rows), hold in zip(self._windows, self._holds, strict=True)
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
                self._rows[side].matched[:] = dumped[1]


_NONE: Ids = np.zeros(0, np.int64)

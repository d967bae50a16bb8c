"""RANDOM_CUT_FOREST: each row with its anomaly score, and what each column has to do with it.

Rows come in order (this stands behind a hold) and go on at once, with their ROWTIME and lineage.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from analytics_sql.plan import Node
from analytics_sql.table_function import ANOMALY_EXPLANATION, ANOMALY_SCORE, Forest as ForestNode
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Mask, Vector, vector_of
from processor.forest.chance import Floats
from processor.forest.forest import Forest, state_bytes
from processor.forest.score import Shares
from processor.operators.base import Prompt


class RandomCutForestOperator(Prompt):
    """See Operator."""

    groups = 0

    def __init__(self, node: ForestNode[Node]) -> None:
        self._node = node
        self._forest = Forest(
            node.trees, node.sample, node.time_decay, len(node.numbers) * node.shingle
        )
        self._before = np.zeros((len(node.numbers), 0))
        """The points of the rows that the next row's shingle begins with."""

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return state_bytes(self._node)

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"a forest of {self._node.trees} trees of {self._node.sample} rows"

    @property
    def shape(self) -> str:
        """See Operator."""
        node = self._node
        return (
            f"{self.holds}, time decay {node.time_decay}, shingles of {node.shingle}, "
            f"by {', '.join(node.numbers)}"
        )

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns:
        """See Operator."""
        points, is_null = points_of(columns, self._node.numbers)
        known = np.flatnonzero(~is_null)
        scores = np.zeros(len(columns))
        rows, shingled = self._shingled(points[:, known])
        scored = known[rows]
        shares = None
        if self._node.explained:
            shares = Shares(np.zeros(shingled.shape), np.zeros(shingled.shape))
        scores[scored] = self._forest.take(shingled, shares)
        vectors = dict(columns.vectors)
        null = is_null if is_null.any() else None
        vectors[ANOMALY_SCORE.name] = Vector(scores, null)
        if shares is not None:
            vectors[ANOMALY_EXPLANATION.name] = self._explained(shares, scored, is_null)
        return Columns(vectors, columns.rowtime_ms, columns.lineage)

    def _shingled(self, points: Floats) -> tuple[Ids, Floats]:
        """Which rows end a shingle, and all of its points below each other, the oldest first."""
        size = self._node.shingle
        kept = self._before.shape[1]
        every = np.concatenate([self._before, points], axis=1)
        self._before = every[:, max(0, every.shape[1] - size + 1) :]
        count = max(0, every.shape[1] - size + 1)
        ends = np.arange(count) + size - 1
        parts = [every[:, offset : offset + count] for offset in range(size)]
        return ends - kept, np.concatenate(parts)

    def _explained(self, shares: Shares, scored: Ids, is_null: Mask) -> Vector:
        """The JSON of each row; NULL beside a score that is."""
        shape = (self._node.shingle, len(self._node.numbers), len(scored))
        high = np.zeros((shape[1], len(is_null)))
        low = np.zeros((shape[1], len(is_null)))
        for part, lower in zip(shares.high.reshape(shape), shares.low.reshape(shape), strict=True):
            high[:, scored] += part
            low[:, scored] += lower
        names = [msgspec.json.encode(name).decode() for name in self._node.numbers]
        write = _directed if self._node.directed else _plain
        texts = [
            None if null else "{" + ",".join(map(write, names, above, below)) + "}"
            for null, above, below in zip(
                is_null.tolist(), high.T.tolist(), low.T.tolist(), strict=True
            )
        ]
        return vector_of(texts, ANOMALY_EXPLANATION.type)

    def dump(self) -> Any:
        """See Operator."""
        return self._before.tolist(), self._forest.dump()

    def load(self, state: Any) -> None:
        """See Operator."""
        before, forest = state
        self._before = np.array(before, np.float64).reshape(len(self._node.numbers), -1)
        self._forest.load(forest)


def _plain(name: str, high: float, low: float) -> str:
    return f'{name}:{{"ATTRIBUTION_SCORE":"{high + low:.4f}"}}'


def _directed(name: str, high: float, low: float) -> str:
    direction = "HIGH" if high >= low else "LOW"
    return (
        f'{name}:{{"DIRECTION":"{direction}","STRENGTH":"{abs(high - low):.4f}",'
        f'"ATTRIBUTION_SCORE":"{high + low:.4f}"}}'
    )


def points_of(columns: Columns, numbers: Sequence[str]) -> tuple[Floats, Mask]:
    """Rows as points, a column each; and which of them have a NULL."""
    vectors = [columns.vectors[name] for name in numbers]
    is_null = np.zeros(len(columns), np.bool_)
    for vector in vectors:
        nulls = vector.nulls()
        if nulls is not None:
            is_null |= nulls
    return np.array([vector.values for vector in vectors], np.float64), is_null

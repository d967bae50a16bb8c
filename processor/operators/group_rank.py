"""GROUP_RANK: the rows of each ROWTIME, with their ranks.

It stands behind a hold of its own, which hands all rows of a ROWTIME over at once.
"""

from typing import Any

import numpy as np

from analytics_sql.plan import Node
from analytics_sql.table_function import GroupRank
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector
from processor.operators.base import Stateless


class GroupRankOperator(Stateless):
    """See Operator."""

    def __init__(self, node: GroupRank[Node]) -> None:
        self._node = node

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns:
        """See Operator."""
        values = columns.vectors[self._node.by].to_list()
        starts = np.flatnonzero(np.diff(columns.rowtime_ms, prepend=-1)).tolist()
        ranks = np.zeros(len(columns), np.int64)
        chosen = [
            self._ranked(values, ranks, start, end)
            for start, end in zip(starts, [*starts[1:], len(columns)], strict=True)
        ]
        rows: Ids = np.array([row for part in chosen for row in part], np.int64)
        vectors = {**columns.vectors, self._node.rank: Vector(ranks)}
        return Columns(vectors, columns.rowtime_ms, columns.lineage).take(rows)

    def _ranked(self, values: list[Any], ranks: Ids, start: int, end: int) -> list[int]:
        """Ranks the rows of one ROWTIME; returns those that come out, in their order."""
        node = self._node
        # Sorting is stable also when it is reversed: equal rows stay as they came.
        rows = sorted(
            range(start, end),
            key=lambda row: (values[row] is not None, values[row]),
            reverse=node.descending,
        )
        for place, row in enumerate(rows, start=1):
            is_equal = place > 1 and values[rows[place - 2]] == values[row]
            ranks[row] = ranks[rows[place - 2]] if is_equal else place
        if node.order == "none":
            rows = list(range(start, end))
        elif node.order == "desc":
            rows.sort(key=lambda row: -ranks[row])
        return rows[: node.most or None]

"""TOP_K_ITEMS_TUMBLING and COUNT_DISTINCT_ITEMS_TUMBLING: what becomes of the counts of a window.

They stand behind a tumbling window, which hands all rows of a window over at once.
"""

import numpy as np

from analytics_sql.plan import Node
from analytics_sql.table_function import DISTINCT_ITEMS, DistinctItems, TopItems
from fleet.row import DeadLetter
from processor.columns import Columns, Vector
from processor.operators.base import Stateless
from processor.operators.lineage import WindowLineage


class TopItemsOperator(Stateless):
    """See Operator."""

    def __init__(self, node: TopItems[Node]) -> None:
        self._node = node

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        counts = columns.vectors[self._node.by].values
        # It is stable: of equal counts those stay first that come first.
        return columns.take(np.argsort(-counts, kind="stable")[: self._node.count])


class DistinctItemsOperator(Stateless):
    """See Operator."""

    def __init__(self, node: DistinctItems[Node]) -> None:
        self._window_start = node.window_start

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        start_ms = int(columns.vectors[self._window_start].values[0])
        rowtime_ms = columns.rowtime_ms[:1]
        number = Vector(np.full(1, len(columns), np.int64))
        lineage = WindowLineage(start_ms, int(rowtime_ms[0]), ())
        return Columns({DISTINCT_ITEMS.name: number}, rowtime_ms, lineage)

"""UNION ALL: the rows of several queries in one stream, as they come."""

from collections.abc import Sequence
from typing import Any

from fleet.row import DeadLetter
from processor.columns import Columns
from processor.operators.lineage import PumpLineage


class UnionOperator:
    """See Confluence. A row is known by its query's place and by what it was known by there."""

    groups = 0
    windows = 0
    state_bytes = 0
    holds = "nothing"
    shape = ""
    in_order = False

    def __init__(self, in_order: Sequence[bool]) -> None:
        self._in_order = in_order

    def add(self, side: int, columns: Columns, letters: list[DeadLetter]) -> list[Columns]:
        """See Confluence."""
        lineage = PumpLineage(f"UNION {side + 1}", columns.lineage, self._in_order[side])
        return [Columns(columns.vectors, columns.rowtime_ms, lineage)]

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Confluence: nothing waits."""
        return []

    def dump(self) -> Any:
        """Nothing is held."""
        return None

    def load(self, state: Any) -> None:
        """Nothing was held."""

"""FROM: of the rows of a stream, the columns that the query uses."""

from analytics_sql.plan import Scan
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.operators.base import Stateless


class ScanOperator(Stateless):
    """See Operator."""

    def __init__(self, node: Scan) -> None:
        self._names = [column.name for column in node.columns]

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        vectors = {name: columns.vectors[name] for name in self._names}
        return Columns(vectors, columns.rowtime_ms, columns.lineage)

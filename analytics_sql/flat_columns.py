"""The columns of an input whose records are flat enough for a table: one row a record."""

from collections.abc import Sequence

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import JsonFormat, RecordFormat

FlatColumn = tuple[str, str, tuple[str, ...]]
"""Name, type as SQL writes it, and the names that lead from the record to the value."""


def flat_columns(format: RecordFormat, columns: Sequence[SourceColumn]) -> tuple[FlatColumn, ...]:
    """Those columns that stand at a path of names; none where a record makes several rows, or is
    CSV.
    """
    if not isinstance(format, JsonFormat) or format.row_path:
        return ()
    return tuple(
        (column.name, str(column.type), tuple(map(str, column.path)))
        for column in columns
        if column.path and all(isinstance(step, str) for step in column.path)
    )

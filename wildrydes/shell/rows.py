"""Rows that scroll by: a line each under the names of their columns."""

from collections.abc import Iterable, Sequence

from analytics_sql.plan import Column
from analytics_sql.types import Kind
from fleet.row import Row
from fleet.timestamp import LAST_MS, timestamp_text
from wildrydes.table import printable

WIDTH_MIN, WIDTH_MAX = 8, 32
TIME_WIDTH = 23


class ScrollingRows:
    """Text for the rows of one stream. Widths are of the types: what comes later is not known."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._widths = [_width(column) for column in columns]
        self._right = [not column.type.has_words for column in columns]
        self._names = [printable(column.name) for column in columns]

    def head(self) -> str:
        """The names, and a line under them."""
        names = self._line(["ROWTIME", *self._names])
        return f"{names}\n{'-' * len(names)}"

    def lines(self, rows: Iterable[Row]) -> list[str]:
        """A line for each row; NULL is written so."""
        return [
            self._line(
                [
                    timestamp_text(min(row.rowtime_ms, LAST_MS)),
                    *(
                        "NULL" if value is None else printable(value)
                        for value in row.values.values()
                    ),
                ]
            )
            for row in rows
        ]

    def _line(self, texts: Sequence[str]) -> str:
        cells = [texts[0].ljust(TIME_WIDTH)]
        for text, width, right in zip(texts[1:], self._widths, self._right, strict=True):
            cells.append(text.rjust(width) if right else text.ljust(width))
        return "  ".join(cells).rstrip()


def _width(column: Column) -> int:
    width = column.type.length or WIDTH_MIN
    if column.type.kind in (Kind.TIMESTAMP, Kind.DOUBLE):
        width = TIME_WIDTH if column.type.kind == Kind.TIMESTAMP else 18
    return max(len(column.name), min(max(width, WIDTH_MIN), WIDTH_MAX))

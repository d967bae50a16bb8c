"""Columns at any path: into arrays by number, or with an array that makes a row of each element.

Source: DG:about-json-path.md. Columns outside of the array repeat in each of its rows; an array
that is empty or missing makes one row, with NULL for what would stand in its elements.
"""

from collections.abc import Sequence
from typing import Any

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import EACH, Path
from fleet.errors import DecodeError
from processor.decode.base import Decoded
from processor.decode.conversion import convert
from processor.decode.json_text import elements_of, json_values, scalar, value_at
from processor.decode.row_vectors import RowVectors


class JsonPathDecoder:
    """See Decoder. One array at most is made rows: the schema sees to that."""

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        self._columns = columns
        arrays = {c.path[: c.path.index(EACH)] for c in columns if EACH in c.path}
        self._array: Path | None = next(iter(arrays), None)
        self._vectors = RowVectors(columns)
        self.handed_over = 0

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """See Decoder."""
        for number, record in enumerate(records):
            try:
                self._rows(number, record)
            except DecodeError as error:
                self._vectors.add(number, 0, error)
        self.handed_over += len(records)
        return self._vectors.decoded()

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        self._vectors.forget(words_max)

    def _rows(self, number: int, record: bytes) -> None:
        values = json_values(record)
        if len(values) > 1:
            raise DecodeError("the record is more than one JSON value")
        if not values[0].startswith(b"{"):
            raise DecodeError("the record is not a JSON object")
        root = values[0]
        elements: list[bytes] = []
        if self._array is not None:
            elements = elements_of(value_at(root, self._array)) or []
        for place, element in enumerate(elements or [b"null"]):
            try:
                row = [self._value(column, root, element) for column in self._columns]
            except DecodeError as error:
                self._vectors.add(number, place, error)
            else:
                self._vectors.add(number, place, row)

    def _value(self, column: SourceColumn, root: bytes, element: bytes) -> Any:
        start, path = root, column.path
        if EACH in path:
            start, path = element, path[path.index(EACH) + 1 :]
        text = value_at(start, path)
        try:
            value = None if text is None else scalar(text)
            return None if value is None else convert(value, column.type)
        except DecodeError as error:
            raise DecodeError(f'column "{column.name}": {error}') from None

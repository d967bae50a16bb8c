"""Columns at any path: into arrays by number, or with an array that makes a row of each element.

Source: DG:about-json-path.md. Columns outside of the array repeat in each of its rows; an array
that is empty or missing makes one row, with NULL for what would stand in its elements.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import EACH, Path
from fleet.errors import DecodeError
from processor.decode.base import Decoded
from processor.decode.conversion import convert
from processor.decode.json_text import elements_of, json_values, scalar, value_at
from processor.decode.json_walk import TOO_DEEP
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
                for place, row in enumerate(list(self._rows(record))):
                    self._vectors.add(number, place, row)
            except DecodeError as error:
                self._vectors.add(number, 0, error)
            except RecursionError:
                self._vectors.add(number, 0, DecodeError(TOO_DEEP))
        self.handed_over += len(records)
        return self._vectors.decoded()

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        self._vectors.forget(words_max)

    def _rows(self, record: bytes) -> Iterator[list[Any] | DecodeError]:
        """Each row of a record, or why it is none. Raises DecodeError and RecursionError."""
        values = json_values(record)
        if len(values) > 1:
            raise DecodeError("the record is more than one JSON value")
        if not values[0].startswith(b"{"):
            raise DecodeError("the record is not a JSON object")
        root = values[0]
        elements: list[bytes] = []
        if self._array is not None:
            elements = elements_of(value_at(root, self._array)) or []
        # Once a record, not once a row: a record may be long and have many rows.
        outer = {c.name: value_at(root, c.path) for c in self._columns if EACH not in c.path}
        for element in elements or [b"null"]:
            try:
                yield [_value(column, outer, element) for column in self._columns]
            except DecodeError as error:
                yield error


def _value(column: SourceColumn, outer: Mapping[str, bytes | None], element: bytes) -> Any:
    if EACH in column.path:
        text = value_at(element, column.path[column.path.index(EACH) + 1 :])
    else:
        text = outer[column.name]
    try:
        value = None if text is None else scalar(text)
        return None if value is None else convert(value, column.type)
    except DecodeError as error:
        raise DecodeError(f'column "{column.name}": {error}') from None

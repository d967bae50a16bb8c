"""The one definition of what a record means: row by row, slow and obvious.

A record is one JSON object in UTF-8 (RFC 8259, so no NaN and no trailing comma). A column is the
value at its path; null, a missing member or a path through something that is not an object is NULL
(DG:sch-mapping.md, DG:about-json-path.md). Of members with one name the last counts. Members that
no column asks for must be JSON, and nothing more.
"""

from collections.abc import Sequence
from typing import Any

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import names_of
from fleet.errors import DecodeError
from processor.columns import Dictionary, Vector, vector_of
from processor.decode.base import Decoded
from processor.decode.conversion import Nested, convert
from processor.decode.json_walk import TOO_DEEP, members, parse, skip_space, value_from


class Reference:
    """Turns one record into one row."""

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        self._columns = columns

    def row(self, record: bytes) -> list[Any]:
        """The value of each column, None for NULL. Raises DecodeError."""
        try:
            try:
                text = record.decode()
                root = parse(text)
            except ValueError as error:
                raise DecodeError(f"the record is not JSON in UTF-8: {error}") from None
            if not isinstance(root, dict):
                raise DecodeError("the record is not a JSON object")
            return [self._value(column, root, text) for column in self._columns]
        except RecursionError:
            raise DecodeError(TOO_DEEP) from None

    def _value(self, column: SourceColumn, root: dict[str, Any], text: str) -> Any:
        value: Any = root
        for step in column.path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return None
        if isinstance(value, dict | list):
            value = Nested(_source_text(text, names_of(column.path)))
        try:
            return convert(value, column.type)
        except DecodeError as error:
            raise DecodeError(f'column "{column.name}": {error}') from None


class ReferenceDecoder:
    """A whole batch through the Reference: for plans that no faster decoder can take, and the
    measure of those that can.
    """

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        self._columns = columns
        self._reference = Reference(columns)
        self._words = {c.name: Dictionary() for c in columns if c.type.has_words}
        self.handed_over = 0

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """See Decoder."""
        rows: list[list[Any]] = []
        errors: list[tuple[int, str]] = []
        for i, record in enumerate(records):
            try:
                rows.append(self._reference.row(record))
            except DecodeError as error:
                rows.append([None] * len(self._columns))
                errors.append((i, str(error)))
        self.handed_over += len(records)
        vectors: dict[str, Vector] = {}
        for j, column in enumerate(self._columns):
            values = [row[j] for row in rows]
            vectors[column.name] = vector_of(values, column.type, self._words.get(column.name))
        return Decoded(vectors, errors)

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        for name, words in self._words.items():
            if len(words) > words_max:
                self._words[name] = Dictionary()


def _source_text(text: str, path: Sequence[str]) -> str:
    """The part of `text`, a JSON object, that stands at `path`, as it is written there."""
    start = skip_space(text, 0)
    _, end = value_from(text, start)
    for step in path:
        for name, span in members(text, start):
            if name == step:
                found = span
        start, end = found
    return text[start:end]

"""CSV records: rows of fields in the order of the schema's columns.

Source: DG:sch-mapping.md for order and prefix, API_CSVMappingParameters for the delimiters and for
fields in quotes, with blanks before them. The rest is decided here, and said in docs/sql/input.md.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import CsvFormat
from fleet.errors import DecodeError
from processor.decode.base import Decoded
from processor.decode.conversion import convert
from processor.decode.row_vectors import RowVectors

Field = str | None
"""A field's text; None when it is empty and not in quotes."""


class QuoteWithoutEnd(DecodeError):
    """A quote opens a field and nothing closes it; `offset` is where the field starts."""

    def __init__(self, field: int, offset: int) -> None:
        super().__init__(f"field {field} of a row has a quote without its end")
        self.offset = offset


class CsvDecoder:
    """See Decoder. A record may hold several rows."""

    def __init__(self, columns: Sequence[SourceColumn], format: CsvFormat) -> None:
        self._columns = [(column, _field_number(column)) for column in columns]
        self._rows_of = CsvText(format).rows
        self._vectors = RowVectors(columns)
        self.handed_over = 0

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """See Decoder."""
        for number, record in enumerate(records):
            try:
                rows = self._rows_of(record)
            except DecodeError as error:
                self._vectors.add(number, 0, error)
                continue
            for place, fields in enumerate(rows):
                try:
                    self._vectors.add(number, place, self._row(fields))
                except DecodeError as error:
                    self._vectors.add(number, place, error)
        self.handed_over += len(records)
        return self._vectors.decoded()

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        self._vectors.forget(words_max)

    def _row(self, fields: Sequence[Field]) -> list[Any]:
        row: list[Any] = []
        for column, number in self._columns:
            if number >= len(fields):
                raise DecodeError(
                    f'column "{column.name}" is field {number + 1}, the row has {len(fields)}'
                )
            field = fields[number]
            try:
                row.append(None if field is None else convert(field, column.type))
            except DecodeError as error:
                raise DecodeError(f'column "{column.name}": {error}') from None
        return row


class CsvText:
    """Takes the text of a record apart."""

    def __init__(self, format: CsvFormat) -> None:
        self._row_delimiter, self._column_delimiter = format.row_delimiter, format.column_delimiter
        ends = "|".join(map(re.escape, (format.row_delimiter, format.column_delimiter)))
        blank = rf"(?:(?!{ends})[ \t])*"
        self._field = re.compile(
            rf'{blank}"(?P<quoted>(?:[^"]|"")*)"{blank}(?P<end>{ends}|\Z)'
            rf"|(?P<plain>(?:(?!{ends}).)*)(?P<end_plain>{ends}|\Z)",
            re.DOTALL,
        )

    def rows(self, record: bytes) -> list[list[Field]]:
        """The fields of each row; empty rows are passed over. Raises DecodeError."""
        try:
            text = record.decode()
        except UnicodeDecodeError as error:
            raise DecodeError(f"the record is not UTF-8: {error}") from None
        if self._row_delimiter == "\n":
            text = text.replace("\r\n", "\n")
        if '"' not in text:
            rows = [row.removesuffix("\r") for row in text.split(self._row_delimiter)]
            return [[f or None for f in row.split(self._column_delimiter)] for row in rows if row]
        return [fields for _, fields in self.rows_at(text)]

    def rows_at(self, text: str) -> Iterator[tuple[list[int], list[Field]]]:
        """For each row, where its fields start in the text, and the fields. Raises
        QuoteWithoutEnd.
        """
        starts: list[int] = []
        fields: list[Field] = []
        at = 0
        while True:
            match = self._field.match(text, at)
            assert match is not None, "the second form takes anything"
            quoted, plain = match["quoted"], match["plain"]
            if plain is not None and plain.lstrip(" \t").startswith('"'):
                raise QuoteWithoutEnd(len(fields) + 1, at)
            starts.append(at)
            fields.append(plain or None if quoted is None else quoted.replace('""', '"'))
            end = match["end"] if quoted is not None else match["end_plain"]
            at = match.end()
            if end != self._column_delimiter:
                if fields != [None]:
                    yield starts, fields
                starts, fields = [], []
            if not end or (at == len(text) and end == self._row_delimiter):
                return


def _field_number(column: SourceColumn) -> int:
    (number,) = column.path
    assert isinstance(number, int)
    return number

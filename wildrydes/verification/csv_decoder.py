"""What a record of CSV says, by the rules of docs/sql/input.md and with none of the processor's
decoders.
"""

from collections.abc import Iterator, Sequence

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import CsvFormat
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.record_decoder import Refused, Row, converted, is_known

Field = str | None
_BLANKS = " \t"


class CsvDecoder:
    """Raises NotJudged for a type of column that is not judged."""

    def __init__(self, columns: Sequence[SourceColumn], format: CsvFormat) -> None:
        for column in columns:
            is_known(column)
        self._columns = columns
        self._row_end, self._field_end = format.row_delimiter, format.column_delimiter

    def rows(self, data: bytes) -> list[Row | Refused | NotJudged]:
        """The rows of a record; in place of a row, why there is none."""
        try:
            text = data.decode()
            if self._row_end == "\n":
                text = text.replace("\r\n", "\n").removesuffix("\r")
            return [self._row(fields) for fields in self._fields(text)]
        except (Refused, UnicodeDecodeError) as error:
            return [Refused(str(error))]

    def _fields(self, text: str) -> Iterator[list[Field]]:
        """The fields of each row that is not empty."""
        at, row = 0, list[Field]()
        while at < len(text):
            field, at = self._field(text, at)
            row.append(field)
            if text.startswith(self._row_end, at) or at == len(text):
                if row != [None]:
                    yield row
                at, row = at + len(self._row_end), []
            else:
                at += len(self._field_end)
                if at == len(text):
                    yield [*row, None]

    def _field(self, text: str, at: int) -> tuple[Field, int]:
        """The field that begins at `at`, and where its delimiter is. Raises Refused."""
        begin = self._past_blanks(text, at)
        if not text.startswith('"', begin):
            end = self._end(text, at)
            return text[at:end] or None, end
        parts: list[str] = []
        while True:
            close = text.find('"', begin + 1)
            if close < 0:
                raise Refused("a quote without its end")
            parts.append(text[begin + 1 : close])
            if not text.startswith('"', close + 1):
                break
            begin = close + 1
        end = self._past_blanks(text, close + 1)
        if end != self._end(text, end):
            raise Refused("text behind a quote")
        return '"'.join(parts), end

    def _past_blanks(self, text: str, at: int) -> int:
        while at < self._end(text, at) and text[at] in _BLANKS:
            at += 1
        return at

    def _end(self, text: str, at: int) -> int:
        """Where the next delimiter is, or the end."""
        found = [text.find(end, at) for end in (self._row_end, self._field_end)]
        return min((place for place in found if place >= 0), default=len(text))

    def _row(self, fields: Sequence[Field]) -> Row | Refused | NotJudged:
        row: Row = []
        for column in self._columns:
            (number,) = column.path
            if not isinstance(number, int) or number >= len(fields):
                return Refused(f'no field for column "{column.name}"')
            try:
                row.append(converted(fields[number], column.type))
            except Refused as error:
                return Refused(f'column "{column.name}": {error}')
            except NotJudged as error:
                return error
        return row

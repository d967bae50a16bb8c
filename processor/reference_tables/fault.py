"""Where in a reference table's file a row is wrong, as line and column from 1.

Decoders count rows; a file is mended by lines. So the text of a file that was refused is walked
once more, slowly.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from analytics_sql.plan import ReferenceTable, SourceColumn
from analytics_sql.record_format import EACH, CsvFormat, Path
from fleet.errors import DecodeError
from processor.decode.choice import one_row_decoder
from processor.decode.conversion import convert
from processor.decode.csv_rows import CsvText, Field, QuoteWithoutEnd
from processor.decode.json_walk import elements, members, skip_space, value_from


def line_and_column(
    table: ReferenceTable, data: bytes, records: Sequence[bytes], record: int, ordinal: int
) -> tuple[int, int]:
    """Where the `ordinal`-th row of a record is wrong: at the value that is no value of its column,
    or where the text is none of its format. `records` are `data`, or those of its lines that are
    not blank.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _counted(data[: error.start].decode())
    if isinstance(table.format, CsvFormat):
        if table.format.row_delimiter == "\n":
            text = text.replace("\r\n", "\n")
        return _counted(text[: _csv_offset(text, table.format, table.columns, ordinal)])
    start = 0 if records[0] == data else _line_start(data, record)
    row_path = table.format.row_path
    offset = _json_offset(records[record].decode(), row_path, table.columns, ordinal)
    return _counted(data[:start].decode() + records[record].decode()[:offset])


def _counted(before: str) -> tuple[int, int]:
    """The place behind this text."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _line_start(data: bytes, record: int) -> int:
    """Where the line of a record starts; blank lines are none."""
    starts, at = [], 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            starts.append(at)
        at += len(line)
    return starts[record]


def _csv_offset(text: str, format: CsvFormat, columns: Sequence[SourceColumn], ordinal: int) -> int:
    try:
        rows = list(CsvText(format).rows_at(text))
    except QuoteWithoutEnd as fault:
        return fault.offset
    starts, fields = rows[ordinal]
    return next(
        (starts[min(number, len(starts) - 1)] for number in _bad_fields(fields, columns)), starts[0]
    )


def _bad_fields(fields: Sequence[Field], columns: Sequence[SourceColumn]) -> Iterator[int]:
    for column in columns:
        (number,) = column.path
        assert isinstance(number, int)
        if number >= len(fields):
            yield number
            continue
        field = fields[number]
        try:
            if field is not None:
                convert(field, column.type)
        except DecodeError:
            yield number


def _json_offset(text: str, row_path: Path, columns: Sequence[SourceColumn], ordinal: int) -> int:
    start = 0
    try:
        start = next(islice(_json_rows(text, row_path), ordinal, None), 0)
        _, end = value_from(text, start)
        # What follows has to be JSON as well.
        for _ in _json_rows(text, row_path):
            pass
    except json.JSONDecodeError as error:
        return error.pos
    except (ValueError, RecursionError):
        return start
    row = text[start:end].encode()
    for column in columns:
        if one_row_decoder([column]).decode([row]).errors and EACH not in column.path:
            found = _inside(text, start, column.path)
            return start if found is None else found
    return start


def _json_rows(text: str, row_path: Path) -> Iterator[int]:
    """Where the rows of a text start. Raises ValueError and RecursionError."""
    at = skip_space(text, 0)
    while at < len(text):
        _, end = value_from(text, at)
        found = _inside(text, at, row_path)
        if found is None:
            yield at
        elif text[found] == "[":
            yield from (start for start, _ in elements(text, found))
        else:
            yield found
        at = skip_space(text, end)


def _inside(text: str, start: int, path: Path) -> int | None:
    """Where the value at a path starts, in the value that starts there; None: nowhere."""
    at: int | None = start
    for step in path:
        if at is None:
            return None
        if isinstance(step, str) and text[at] == "{":
            at = dict(members(text, at)).get(step, (None,))[0]
        elif isinstance(step, int) and text[at] == "[":
            at = next(islice((span[0] for span in elements(text, at)), step, None), None)
        else:
            return None
    return at

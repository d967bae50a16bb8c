"""From a sample of records to a schema."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from analytics_sql.record_format import json_path
from fleet.errors import ConfigError
from wildrydes.discovery.column_name import column_name
from wildrydes.discovery.json_columns import json_columns, mapping_of, row_path_of, rows_at
from wildrydes.discovery.schema import Column, Discovered
from wildrydes.discovery.value_type import text_type

DELIMITERS = (",", "\t", "|", ";")
ROWS_MAX = 10_000
"""Rows that are looked at, whatever the records hold."""


def discover(records: Sequence[bytes], row_path: str | None = None) -> Discovered:
    """The schema of a sample. `row_path`: RecordRowPath, in place of what is found. Raises
    ConfigError for a sample of which nothing can be said.
    """
    values, bad = _json_values(records)
    if values or row_path is not None:
        return _json(values, bad, row_path)
    return _csv(records)


def _json_values(records: Sequence[bytes]) -> tuple[list[Any], int]:
    """The objects in the records, and how many records are no JSON; nothing when most are none."""
    values: list[Any] = []
    bad = 0
    for record in records:
        try:
            found = list(_decoded(record.decode()))
        except (ValueError, RecursionError):
            found = []
        rows = [v for v in found if isinstance(v, dict) or (isinstance(v, list) and v)]
        bad += not rows
        values += rows
    return (values, bad) if bad * 2 < len(records) else ([], bad)


def _decoded(text: str) -> list[Any]:
    """JSON values, one after another. Raises ValueError and RecursionError."""
    decoder, values, at = json.JSONDecoder(), [], 0
    text = text.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        values.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return values


def _json(values: list[Any], bad: int, given: str | None) -> Discovered:
    notes = [f"{bad} records are no JSON object"] if bad else []
    path = row_path_of(values)
    if given is not None:
        steps = json_path(given) or ()
        if not given.startswith("$") or not all(isinstance(step, str) for step in steps):
            raise ConfigError(f"--row-path {given!r} is no path", remedy="such as $.records")
        path = tuple(str(step) for step in steps)
    rows = [row for value in values for row in rows_at(value, path)]
    rows = [row for item in rows for row in (item if isinstance(item, list) else [item])]
    columns, left_out = json_columns(rows[:ROWS_MAX])
    notes += [f"left out: {each}" for each in left_out]
    if not columns:
        raise ConfigError(
            "the sample has no members that could be columns",
            remedy="look at the records; --row-path names where the rows stand",
        )
    at = mapping_of(path) or "$"
    return Discovered(
        columns,
        {
            "RecordFormatType": "JSON",
            "MappingParameters": {"JSONMappingParameters": {"RecordRowPath": at}},
        },
        notes,
    )


def _csv(records: Sequence[bytes]) -> Discovered:
    lines: list[str] = []
    for record in records:
        try:
            text = record.decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            lines += text.splitlines()
    lines = [line for line in lines if line.strip()][:ROWS_MAX]
    if len(lines) * 2 < len(records):
        raise ConfigError(
            "most records of the sample are neither JSON nor text",
            remedy="a preprocessor can make them either: docs/sql/moving-in.md",
        )
    delimiter = max(DELIMITERS, key=lambda each: (_steady(lines, each), -DELIMITERS.index(each)))
    rows = _fields(lines, delimiter)
    width = Counter(map(len, rows)).most_common(1)[0][0]
    notes = []
    if other := sum(len(row) != width for row in rows):
        notes.append(f"{other} of {len(rows)} rows have another number of fields than {width}")
    rows = [row for row in rows if len(row) == width]
    names = [f"COL{number}" for number in range(1, width + 1)]
    if _has_header(rows):
        names, rows = rows[0], rows[1:]
        notes.append("the first row names the columns; where it comes as a record, it is data")
    columns: list[Column] = []
    for number, given in enumerate(names):
        name = column_name(given.strip(), {column.name for column in columns})
        sql_type, note = text_type(row[number] for row in rows)
        columns.append(Column(name, sql_type, None, given, note))
    parameters = {"RecordRowDelimiter": "\n", "RecordColumnDelimiter": delimiter}
    return Discovered(
        columns,
        {
            "RecordFormatType": "CSV",
            "MappingParameters": {"CSVMappingParameters": parameters},
        },
        notes,
    )


def _fields(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, skipinitialspace=True)
    try:
        return [row for row in reader if row]
    except csv.Error as error:
        raise ConfigError(
            f"the sample is neither JSON nor CSV: {error}", remedy="look at the records"
        ) from None


def _steady(lines: Sequence[str], delimiter: str) -> int:
    """How many lines agree on a number of these delimiters that is not 0."""
    counts = Counter(line.count(delimiter) for line in lines[:200])
    return max((lines for number, lines in counts.items() if number), default=0)


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has a name for every column, and some column's values are no text."""
    if len(rows) < 2 or len({field.strip() for field in rows[0]}) < len(rows[0]):
        return False
    if not all(text_type([field])[0].startswith("VARCHAR") and field.strip() for field in rows[0]):
        return False
    below = [text_type(row[i] for row in rows[1:])[0] for i in range(len(rows[0]))]
    return any(not each.startswith("VARCHAR") for each in below)

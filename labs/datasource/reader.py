"""Rows of a delimited file, checked against a schema: what is wrong is said with its line."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from fleet.errors import ConfigError
from labs.datasource.schema import Kind, Schema
from labs.evaluation.target import check_classes

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_rows(path: Path, schema: Schema, delimiter: str) -> pl.DataFrame:
    """The columns of the schema, in its order: numbers as Float64, all else as String. An empty
    value is a missing one: null. Columns that the schema does not name are left out.

    Raises ConfigError with file and line for an empty file, another delimiter, missing columns, a
    row of another length, what is not a number, and a target of one class.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter=delimiter, strict=True)
            columns = _columns(path, lines, schema, delimiter)
    except csv.Error as error:
        raise ConfigError(
            f"{path}: line {lines.line_num}: {error}",
            remedy=f"mend the quotes of the line; or is it not {DELIMITERS[delimiter]}s that "
            "separate it? --delimiter says what does",
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: {error}") from None
    frame = pl.DataFrame(columns, schema={name: _type(schema, name) for name in schema.kinds})
    check_classes(frame[schema.target].to_numpy(), schema.target, str(path))
    return frame


def parse_record(record: Mapping[str, str], schema: Schema, where: str) -> pl.DataFrame:
    """One row of inputs without a target. Raises ConfigError for missing inputs and for what is not
    a number.
    """
    missing = [name for name in schema.inputs if name not in record]
    if missing:
        raise ConfigError(
            f"{where}: no value for {', '.join(missing)}",
            remedy="send every attribute; an empty text stands for a missing value",
        )
    return pl.DataFrame(
        {name: [_value(schema, name, record[name], where)] for name in schema.inputs},
        schema={name: _type(schema, name) for name in schema.inputs},
    )


def _columns(
    path: Path, rows: Iterator[list[str]], schema: Schema, delimiter: str
) -> dict[str, list[Any]]:
    header = next(rows, None)
    if not header:
        raise ConfigError(
            f"{path}: line 1 is empty: no header", remedy=f"it needs {', '.join(schema.kinds)}"
        )
    places = _places(path, header, schema, delimiter)
    columns: dict[str, list[Any]] = {name: [] for name in schema.kinds}
    # A quoted value can hold a line break: the reader alone knows where a row ends.
    for row in rows:
        where = f"{path}: line {rows.line_num}"  # type: ignore[attr-defined]
        if len(row) != len(header):
            raise ConfigError(
                f"{where} has {len(row)} values, the header {len(header)} columns",
                remedy="mend the line, or remove it",
            )
        for name, place in places.items():
            columns[name].append(_value(schema, name, row[place], where))
        if columns[schema.target][-1] is None:
            raise ConfigError(
                f"{where}: the target {schema.target} is empty",
                remedy="a row without an answer teaches nothing: remove it",
            )
    return columns


def _places(path: Path, header: Sequence[str], schema: Schema, delimiter: str) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [name for name in schema.kinds if name not in names]
    if not missing:
        return {name: names.index(name) for name in schema.kinds}
    whole = delimiter.join(header)
    for other, word in DELIMITERS.items():
        if other != delimiter and whole.count(other) >= len(schema.kinds) - 1:
            raise ConfigError(
                f"{path}: line 1 is separated by {word}s, not by {DELIMITERS[delimiter]}s",
                remedy=f"--delimiter {other!r}",
            )
    raise ConfigError(
        f"{path}: line 1 has no column {', '.join(missing)}",
        remedy=f"the columns are {', '.join(schema.kinds)}",
    )


def _value(schema: Schema, name: str, text: str, where: str) -> str | float | None:
    text = text.strip()
    if not text:
        return None
    if schema.kinds[name] is not Kind.NUMERIC:
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{where}: {name} is {text!r}, not a number")
    return number


def _type(schema: Schema, name: str) -> type[pl.DataType]:
    return pl.Float64 if schema.kinds[name] is Kind.NUMERIC else pl.String

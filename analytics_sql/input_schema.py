"""The input's schema: which columns an application sees, and where they stand in a record.

The form is that of the Kinesis Analytics API (InputSchema of AddApplicationInput), which is what
people have at hand: the console showed it and `describe-application` prints it. A whole Input, with
its NamePrefix around the InputSchema, is read too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_sql.column_type import SUPPORTED, NotAColumnType, column_type
from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import (
    EACH,
    JSON,
    CsvFormat,
    JsonFormat,
    RecordFormat,
    Step,
    json_path,
)
from fleet.errors import ConfigError

_EXAMPLE = '{"Name": "Distance", "SqlType": "DOUBLE", "Mapping": "$.Distance"}'
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class InputSchema:
    """The columns of the input, in the order of the schema and with the exact case of its names."""

    columns: tuple[SourceColumn, ...]
    format: RecordFormat = JSON
    name_prefix: str | None = None
    """NamePrefix of the Input around the schema: the input is called NamePrefix_001."""

    @classmethod
    def read(cls, path: Path) -> "InputSchema":
        """Reads a schema file. Raises ConfigError with everything that is wrong with it."""
        try:
            value = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise ConfigError(
                f"there is no schema {path}",
                remedy="a schema lists the columns of the input; see docs/sql/README.md",
            ) from None
        except OSError as error:
            raise ConfigError(f"the schema {path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"the schema {path} is not JSON: {error}", remedy="it is one JSON object, in UTF-8"
            ) from None
        return cls.from_json(value, where=str(path))

    @classmethod
    def from_json(cls, value: object, *, where: str) -> "InputSchema":
        """Reads a decoded schema; `where` names it in messages. Raises ConfigError."""
        reader = _SchemaReader()
        schema = reader.schema(value)
        if reader.problems:
            lines = "\n".join(f"  {problem}" for problem in reader.problems)
            raise ConfigError(
                f"the schema {where} is not usable:\n{lines}", remedy=f"a column is {_EXAMPLE}"
            )
        return schema


class _SchemaReader:
    """Reads what can be read and notes all problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._exploded: tuple[Step, ...] | None = None

    def schema(self, value: object) -> InputSchema:
        if not isinstance(value, Mapping):
            self.problems.append("it is not a JSON object")
            return InputSchema(())
        prefix = None
        if "InputSchema" in value:
            prefix = value.get("NamePrefix")
            if prefix is not None and not isinstance(prefix, str):
                self.problems.append(f"NamePrefix is {prefix!r}; it has to be a name")
            value = value["InputSchema"] if isinstance(value["InputSchema"], Mapping) else {}
        format = self._format(value.get("RecordFormat"))
        encoding = value.get("RecordEncoding", "UTF-8")
        if encoding != "UTF-8":
            self.problems.append(f"RecordEncoding is {encoding!r}; it has to be UTF-8")
        columns = value.get("RecordColumns")
        if not isinstance(columns, list) or not columns:
            self.problems.append("RecordColumns has to be a list of at least one column")
            return InputSchema(())
        read: dict[str, SourceColumn] = {}
        for number, item in enumerate(columns, start=1):
            column = self._column(number, item, format)
            if column is not None and column.name in read:
                self.problems.append(f"two columns have the Name {column.name!r}")
            if column is not None:
                read[column.name] = column
        return InputSchema(tuple(read.values()), format, prefix)

    def _format(self, value: object) -> RecordFormat:
        if not isinstance(value, Mapping):
            self.problems.append('RecordFormat has to be {"RecordFormatType": "JSON", ...}')
            return JSON
        kind = value.get("RecordFormatType")
        parameters: Any = value.get("MappingParameters")
        if kind == "CSV":
            return self._csv(_member(parameters, "CSVMappingParameters"))
        if kind != "JSON":
            self.problems.append(f"RecordFormatType is {kind!r}; it has to be JSON or CSV")
        row_path = _member(parameters, "JSONMappingParameters").get("RecordRowPath", "$")
        path = json_path(row_path) if isinstance(row_path, str) else None
        if path is None or EACH in path:
            self.problems.append(
                f"RecordRowPath is {row_path!r}; it has to be $ or a path such as $.a or $.a[0:]"
            )
            return JSON
        return JsonFormat(path)

    def _csv(self, parameters: Mapping[str, Any]) -> CsvFormat:
        read = []
        for key, usual in (("RecordRowDelimiter", "\n"), ("RecordColumnDelimiter", ",")):
            delimiter = parameters.get(key, usual)
            if not isinstance(delimiter, str) or not delimiter or '"' in delimiter:
                self.problems.append(f'{key} is {delimiter!r}; it has to be text without "')
                delimiter = usual
            for written, meant in _ESCAPES.items():
                delimiter = delimiter.replace(written, meant)
            read.append(delimiter)
        rows, columns = read
        if rows == columns:
            self.problems.append("RecordRowDelimiter and RecordColumnDelimiter are the same")
        return CsvFormat(rows, columns)

    def _column(self, number: int, item: object, format: RecordFormat) -> SourceColumn | None:
        where = f"RecordColumns, number {number}"
        if not isinstance(item, Mapping):
            self.problems.append(f"{where} is not a JSON object")
            return None
        name, sql_type, mapping = (item.get(key) for key in ("Name", "SqlType", "Mapping"))
        if not isinstance(name, str) or not name:
            self.problems.append(f"{where} has no Name")
            return None
        where = f"column {name!r}"
        if name == "ROWTIME":
            self.problems.append(
                f"{where}: every stream has a ROWTIME already; give the column another Name"
            )
        path: tuple[Step, ...] | None = (number - 1,)
        if isinstance(format, JsonFormat):
            path = self._path(where, mapping, format)
        try:
            type_ = column_type(sql_type if isinstance(sql_type, str) else "")
        except NotAColumnType:
            self.problems.append(f"{where}: SqlType is {sql_type!r}; supported are {SUPPORTED}")
            return None
        return None if path is None else SourceColumn(name, type_, path)

    def _path(self, where: str, mapping: object, format: JsonFormat) -> tuple[Step, ...] | None:
        path = json_path(mapping) if isinstance(mapping, str) else None
        if path is None:
            self.problems.append(
                f"{where}: Mapping is {mapping!r}; it has to be a path such as $.a, $.a.b or "
                "$.a[0:].b"
            )
            return None
        # Under a row path, the same path may stand before the column's own.
        row_path = format.row_path
        if row_path and path[: len(row_path)] == row_path:
            path = path[len(row_path) :]
            path = path[1:] if path[:1] == (EACH,) else path
        if EACH in path:
            array = path[: path.index(EACH)]
            if path.count(EACH) > 1 or self._exploded not in (None, array):
                self.problems.append(
                    f"{where}: Mapping is {mapping!r}; one array of a record can be made rows, and "
                    "only one level of it"
                )
            self._exploded = array
        return path


def _member(value: object, key: str) -> Mapping[str, Any]:
    member = value.get(key) if isinstance(value, Mapping) else None
    return member if isinstance(member, Mapping) else {}

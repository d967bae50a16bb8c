"""The input's schema: which columns an application sees, and where they stand in a record.

The form is that of the Kinesis Analytics API (InputSchema of AddApplicationInput), which is what
people have at hand: the console showed it and `describe-application` prints it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_sql.column_type import SUPPORTED, NotAColumnType, column_type
from analytics_sql.plan import SourceColumn
from fleet.errors import ConfigError

_PATH = re.compile(r"\$((?:\.[^.\[\]*?'\"$@()\s]+)+)")
_EXAMPLE = '{"Name": "Distance", "SqlType": "DOUBLE", "Mapping": "$.Distance"}'


@dataclass(frozen=True, slots=True)
class InputSchema:
    """The columns of the input, in the order of the schema and with the exact case of its names."""

    columns: tuple[SourceColumn, ...]

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

    def schema(self, value: object) -> InputSchema:
        if not isinstance(value, Mapping):
            self.problems.append("it is not a JSON object")
            return InputSchema(())
        self._format(value.get("RecordFormat"))
        encoding = value.get("RecordEncoding", "UTF-8")
        if encoding != "UTF-8":
            self.problems.append(f"RecordEncoding is {encoding!r}; it has to be UTF-8")
        columns = value.get("RecordColumns")
        if not isinstance(columns, list) or not columns:
            self.problems.append("RecordColumns has to be a list of at least one column")
            return InputSchema(())
        read: dict[str, SourceColumn] = {}
        for number, item in enumerate(columns, start=1):
            column = self._column(f"RecordColumns, number {number}", item)
            if column is not None and column.name in read:
                self.problems.append(f"two columns have the Name {column.name!r}")
            if column is not None:
                read[column.name] = column
        return InputSchema(tuple(read.values()))

    def _format(self, value: object) -> None:
        if not isinstance(value, Mapping):
            self.problems.append('RecordFormat has to be {"RecordFormatType": "JSON", ...}')
            return
        kind = value.get("RecordFormatType")
        if kind == "CSV":
            self.problems.append("RecordFormatType CSV is not supported yet; JSON is")
        elif kind != "JSON":
            self.problems.append(f"RecordFormatType is {kind!r}; it has to be JSON")
        parameters: Any = value
        for key in ("MappingParameters", "JSONMappingParameters"):
            parameters = parameters.get(key) if isinstance(parameters, Mapping) else None
        row_path = parameters.get("RecordRowPath", "$") if isinstance(parameters, Mapping) else "$"
        if row_path != "$":
            self.problems.append(
                f"RecordRowPath {row_path!r} is not supported yet; $, one row a record, is"
            )

    def _column(self, where: str, item: object) -> SourceColumn | None:
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
        path = _PATH.fullmatch(mapping) if isinstance(mapping, str) else None
        if path is None:
            self.problems.append(
                f"{where}: Mapping is {mapping!r}; it has to be a path such as $.a or $.a.b"
            )
        try:
            type_ = column_type(sql_type if isinstance(sql_type, str) else "")
        except NotAColumnType:
            self.problems.append(f"{where}: SqlType is {sql_type!r}; supported are {SUPPORTED}")
            return None
        return SourceColumn(name, type_, tuple(path[1][1:].split("."))) if path else None

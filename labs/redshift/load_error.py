"""Why a line was not loaded, as STL_LOAD_ERRORS tells it.

Codes: Redshift Database Developer Guide, "Load error reference"; columns: "STL_LOAD_ERRORS".
"""

from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from typing import Final

RAW_MAX: Final = 1024
"""Characters of a raw line or field that are kept."""
REASON_MAX: Final = 100


class Code(IntEnum):
    """What is wrong."""

    MORE_COLUMNS = 1202
    RANGE = 1204
    DATE = 1205
    TIMESTAMP = 1206
    INTEGER = 1207
    FLOAT = 1208
    DECIMAL = 1209
    BOOLEAN = 1210
    NO_DATA = 1211
    NOT_NULL = 1213
    DELIMITER = 1214
    LINE = 1216
    CHARACTERS = 1220
    OVERFLOW = 1222


class Refusal(Exception):
    """A field or a line cannot be loaded; `position` counts characters of the field from 0."""

    def __init__(self, code: Code, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class LoadError:
    """One line that was not loaded. Empty texts: the line as a whole is wrong, no column of it."""

    filename: str
    line_number: int
    """From 1; of a record over several lines, where it begins."""
    colname: str
    type: str
    col_length: str
    position: int
    raw_line: str
    raw_field_value: str
    err_code: int
    err_reason: str

    @property
    def written_type(self) -> str:
        """As in CREATE TABLE."""
        return f"{self.type}({self.col_length})" if self.col_length else self.type

    @property
    def sentence(self) -> str:
        where = f"{self.filename}, line {self.line_number}"
        why = f"{self.err_reason} ({self.err_code})"
        if not self.colname:
            return f"{where}: {why}"
        column = f"column {self.colname} {self.written_type}"
        return f"{where}, {column}, {self.raw_field_value!r}: {why}"

    @property
    def values(self) -> tuple[str | int, ...]:
        """In the order of COLUMNS."""
        return astuple(self)


COLUMNS: Final = tuple(field.name for field in fields(LoadError))

TABLE: Final = "stl_load_errors"
TABLE_DDL: Final = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    query integer, starttime timestamp, tbl varchar(127), filename varchar(256),
    line_number bigint, colname varchar(127), type varchar(10), col_length varchar(10),
    position integer, raw_line varchar({RAW_MAX}), raw_field_value varchar({RAW_MAX}),
    err_code integer, err_reason varchar({REASON_MAX}))"""
"""On both engines. `query` counts the COPY statements of a run, `tbl` is the table's name."""

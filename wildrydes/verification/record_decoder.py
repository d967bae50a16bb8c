"""What a record says, a second time: Python's own JSON reader and the rules of docs/sql/input.md,
with none of the processor's decoders.

Nearly every record is one plain object whose values have the types of their columns. The others go
a slower way, which knows the conversions.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import JsonFormat, RecordFormat
from analytics_sql.types import Kind, SqlType
from wildrydes.verification.not_judged import NotJudged

Value = str | int | float | bool | None
Row = list[Value]
"""A value of each column; a TIMESTAMP in milliseconds since 1970."""

TYPES: Final = frozenset(
    {
        Kind.TINYINT,
        Kind.SMALLINT,
        Kind.INTEGER,
        Kind.BIGINT,
        Kind.DOUBLE,
        Kind.BOOLEAN,
        Kind.CHAR,
        Kind.VARCHAR,
        Kind.TIMESTAMP,
    }
)
"""Types of columns that are judged."""

DEPTH_MAX: Final = 1100
"""Levels that no record may have. Python's parser gives up at about a thousand, less what the stack
holds at that moment, so just below it nobody can say.
"""

_EPOCH = datetime(1970, 1, 1)
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?)?", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_BLANKS = " \t\r\n"


class Refused(Exception):
    """The record, or one row of it, belongs in the dead letter; str() is the reason."""


class _Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


class RecordDecoder:
    """Raises NotJudged for a format or a type of column that it does not know."""

    def __init__(self, columns: Sequence[SourceColumn], format: RecordFormat) -> None:
        if not isinstance(format, JsonFormat) or format.row_path:
            raise NotJudged("JSON with a RecordRowPath")
        for column in columns:
            is_known(column)
            if not column.path or not all(isinstance(step, str) for step in column.path):
                raise NotJudged(f'column "{column.name}", whose path leads through an array')
        self._columns = columns
        self._plain: list[tuple[tuple[Any, ...], Callable[[Any], Value]]] = [
            (column.path, _plainly(column.type)) for column in columns
        ]

    def rows(self, data: bytes) -> list[Row | Refused | NotJudged]:
        """The rows of a record, nearly always one; in place of a row, why there is none."""
        try:
            root = _plain(data.decode())
            if isinstance(root, dict):
                return [[take(_at(root, path)) for path, take in self._plain]]
        except (_NotPlain, ValueError, RecursionError):
            pass
        return self._slowly(data)

    def _slowly(self, data: bytes) -> list[Row | Refused | NotJudged]:
        try:
            values = _values(data)
        except ValueError as error:
            return [Refused(f"no JSON: {error}")]
        except RecursionError:
            if _depth(data) > DEPTH_MAX:
                return [Refused("nested too deeply")]
            return [NotJudged(f"records with more than {DEPTH_MAX // 2} levels of nesting")]
        if len(values) == 1 and isinstance(values[0], dict):
            return [self._row(values[0])]
        rows: list[Any] = []
        for value in values:
            rows += value if isinstance(value, list) else [value]
        return [self._row(row) for row in rows]

    def _row(self, root: Any) -> Row | Refused | NotJudged:
        if not isinstance(root, dict):
            return Refused("not a JSON object")
        row: Row = []
        for column in self._columns:
            try:
                row.append(converted(_at(root, column.path), column.type))
            except Refused as error:
                return Refused(f'column "{column.name}": {error}')
            except NotJudged as error:
                return error
        return row


class _NotPlain(Exception):
    """The slower way knows."""


def _at(root: Any, path: Sequence[Any]) -> Any:
    for step in path:
        root = root.get(step) if isinstance(root, dict) else None
    return root


def _plainly(type: SqlType) -> Callable[[Any], Value]:
    """What takes a value of the type as it is, and raises _NotPlain for any other."""
    if type.is_integer:
        smallest, largest = type.integer_range

        def integer(value: Any) -> Value:
            if value is None or (value.__class__ is int and smallest <= value <= largest):
                return value
            raise _NotPlain

        return integer
    if type.kind is Kind.DOUBLE:
        return _plain_double
    if type.kind is Kind.VARCHAR:
        length = type.length or 1 << 62

        def text(value: Any) -> Value:
            if value is None:
                return None
            if value.__class__ is str and len(value) <= length:
                # Half a surrogate pair is a ValueError here.
                return value if value.isascii() or value.encode() else None
            raise _NotPlain

        return text
    return _never_plain


def _plain_double(value: Any) -> Value:
    if value is None:
        return None
    if value.__class__ is float or (value.__class__ is int and -(1 << 53) <= value <= 1 << 53):
        number = float(value)
        if math.isfinite(number):
            return number + 0.0
    raise _NotPlain


def _never_plain(value: Any) -> Value:
    if value is None:
        return None
    raise _NotPlain


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_plain = json.JSONDecoder(parse_constant=_refuse).decode
_exact = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_refuse)


def _values(data: bytes) -> list[Any]:
    """The JSON values that a record is made of, at least one. Raises ValueError."""
    text = data.decode().strip(_BLANKS)
    values = []
    end = 0
    while end < len(text):
        value, end = _exact.raw_decode(text, end)
        values.append(value)
        while end < len(text) and text[end] in _BLANKS:
            end += 1
    if not values:
        raise ValueError("nothing")
    return values


def _depth(data: bytes) -> int:
    """How many levels a record has, of which brackets in texts may make some more."""
    level = deepest = 0
    for byte in data:
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def is_known(column: SourceColumn) -> None:
    """Raises NotJudged for a column of another type than TYPES."""
    if column.type.kind not in TYPES:
        raise NotJudged(f'column "{column.name}" of type {column.type}')


def converted(value: Any, type: SqlType) -> Value:
    """A value of a record as a column has it (docs/sql/input.md). Raises Refused, and NotJudged for
    an object as text.
    """
    if value is None:
        return None
    nested = isinstance(value, dict | list)
    if type.is_text:
        if nested:
            raise NotJudged("an object or array as text")
        return _text(value, type)
    if nested:
        raise Refused(f"an object or array is no {type}")
    if type.kind is Kind.BOOLEAN:
        if isinstance(value, _Number):
            return any(digit in "123456789" for digit in re.split("[eE]", value)[0])
        return value if isinstance(value, bool) else value.lower() == "true"
    if type.kind is Kind.TIMESTAMP:
        return _timestamp(value)
    return _number(_Number(int(value)) if isinstance(value, bool) else value, type)


def _text(value: str | bool, type: SqlType) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text[: type.length]
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("half a surrogate pair") from None
    return text.ljust(type.length or 0) if type.kind is Kind.CHAR else text


def _timestamp(value: Any) -> int:
    match = None
    if not isinstance(value, bool | _Number):
        match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise Refused("no TIMESTAMP")
    day, time, fraction = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day} {time or '00:00:00'}")
    except ValueError:
        raise Refused("no TIMESTAMP") from None
    since = moment - _EPOCH
    milliseconds = int((fraction or "")[:3].ljust(3, "0"))
    return (since.days * 86_400 + since.seconds) * 1000 + milliseconds


def _number(written: str, type: SqlType) -> int | float:
    text = written.strip(_BLANKS)
    if _NUMBER.fullmatch(text):
        if type.kind is Kind.DOUBLE:
            number = float(text) + 0.0
            if math.isfinite(number):
                return number
        else:
            try:
                exact = Decimal(text)
            except ArithmeticError:
                raise Refused(f"no {type}") from None
            smallest, largest = type.integer_range
            if smallest <= exact <= largest and exact == exact.to_integral_value():
                return int(exact)
    raise Refused(f"no {type}")

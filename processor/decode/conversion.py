"""What a JSON value becomes in a column of a given type: the conversions of DG:sch-mapping.md,
value by value. Where that page is silent the choice is said here.
"""

import base64
import re
from decimal import Decimal

from analytics_sql.functions.times import DAY_MS
from analytics_sql.types import Kind, SqlType
from fleet.errors import DecodeError
from processor.expressions.text_cast import fitted, parsed_number, parsed_time, parsed_timestamp


class Number(str):
    """The source text of a JSON number: VARCHAR wants the text, numeric types its exact value."""

    __slots__ = ()


class Nested(str):
    """The source text of a JSON object or array."""

    __slots__ = ()


Scalar = bool | str
"""A JSON value other than null: true, false, a Number, a Nested or a plain str."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:(\.\d{1,3})\d{0,6})?", re.ASCII)
_BLANKS = " \t\r\n"
_SHOWN = 40
"""Characters of a value that an error message quotes."""


def convert(value: Scalar, type: SqlType) -> str | int | float | bool:
    """The value as a column of `type` holds it. Raises DecodeError."""
    if type.is_text:
        text = _text(value, type.length)
        return text.ljust(type.length or 0) if type.kind is Kind.CHAR else text
    if isinstance(value, Nested):
        raise _refusal(value, type)
    if type.is_bytes:
        return _bytes(value, type)
    if type.kind is Kind.BOOLEAN:
        return _boolean(value)
    if type.is_datetime:
        return _time(value, type)
    if isinstance(value, bool):
        value = Number(int(value))
    return _number(value, type)


def _text(value: Scalar, length: int | None) -> str:
    """A longer text is cut without a word (the page says so of strings; numbers are treated alike).
    Characters are code points.
    """
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = str(value)[:length]
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DecodeError(
            f"{_quoted(text)} holds half a surrogate pair, which is no character"
        ) from None
    return text


def _bytes(value: Scalar, type: SqlType) -> str:
    """A string in base64 (REF:sql-reference-data-types): a character for each byte."""
    if not isinstance(value, bool | Number):
        try:
            decoded = base64.b64decode(value, validate=True).decode("latin-1")
            return fitted(decoded, type)
        except ValueError:  # no base64, or too long
            pass
    raise _refusal(value, type)


def _boolean(value: Scalar) -> bool:
    """A number is false when it is zero, a string is true when it reads 'true' in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Number):
        return re.search("[1-9]", re.split("[eE]", value)[0]) is not None
    return value.lower() == "true"


def _number(value: str, type: SqlType) -> int | float:
    """A string counts as a number when it is written like a JSON number, blanks around it aside.

    An integer has to be one: 123.4 is none. A DECIMAL is rounded to its scale, as CAST does.
    """
    text = value.strip(_BLANKS)
    if _NUMBER.fullmatch(text):
        try:
            number = _integer(text, type) if type.is_integer else parsed_number(text, type)
        except ArithmeticError:  # an exponent beyond what Decimal holds: out of range too
            number = None
        if number is not None:
            return number
    raise _refusal(value, type)


def _integer(text: str, type: SqlType) -> int | None:
    """Exact: 1e2 and 5.0 are integers, 1.0000000000000000000001 is not."""
    smallest, largest = type.integer_range
    exact = Decimal(text)
    fits = smallest <= exact <= largest and exact == exact.to_integral_value()
    return int(exact) if fits else None


def _time(value: Scalar, type: SqlType) -> int:
    """A TIMESTAMP is '1992-02-14' or '1992-02-14 18:35:44.0', and so is a DATE, which is its day. A
    TIME is '18:35:44.0', with three digits of a second at most.

    A T may stand in the place of the blank, and up to nine digits of a second; those after the
    third are cut. So writes Python's isoformat the records of DG:app-string-datetime-manipulation.
    """
    if not isinstance(value, bool | Number):
        try:
            if type.kind is Kind.TIME:
                time_ms = parsed_time(value)
            else:
                time_ms = parsed_timestamp(_plain(value))
        except ValueError:  # a 30th of February
            time_ms = None
        if time_ms is not None:
            return time_ms // DAY_MS * DAY_MS if type.kind is Kind.DATE else time_ms
    raise _refusal(value, type)


def _plain(text: str) -> str:
    match = _ISO.fullmatch(text)
    return f"{match[1]} {match[2]}{match[3] or ''}" if match else text


def _refusal(value: Scalar, type: SqlType) -> DecodeError:
    return DecodeError(f"{_quoted(value)} is not a {type}")


def _quoted(value: Scalar) -> str:
    """The value as it may stand in a message: one line, printable, not too long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = ascii(str(value[:_SHOWN]))
    return shown[1:-1] if isinstance(value, Number | Nested) else shown

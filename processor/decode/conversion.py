"""What a JSON value becomes in a column of a given type: the conversions of DG:sch-mapping.md,
value by value. Where that page is silent the choice is said here.
"""

import re
from datetime import datetime
from decimal import Decimal

from analytics_sql.types import Kind, SqlType
from fleet.errors import DecodeError


class Number(str):
    """The source text of a JSON number: VARCHAR wants the text, numeric types its exact value."""

    __slots__ = ()


class Nested(str):
    """The source text of a JSON object or array."""

    __slots__ = ()


Scalar = bool | str
"""A JSON value other than null: true, false, a Number, a Nested or a plain str."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1)
_BLANKS = " \t\r\n"
_SHOWN = 40
"""Characters of a value that an error message quotes."""


def convert(value: Scalar, type: SqlType) -> str | int | float | bool:
    """The value as `type` holds it: TIMESTAMP as milliseconds since 1970. Raises DecodeError."""
    if type.kind is Kind.VARCHAR:
        return _text(value, type.length)
    if isinstance(value, Nested):
        raise _refusal(value, type)
    if type.kind is Kind.BOOLEAN:
        return _boolean(value)
    if type.kind is Kind.TIMESTAMP:
        return _timestamp(value, type)
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


def _boolean(value: Scalar) -> bool:
    """A number is false when it is zero, a string is true when it reads 'true' in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Number):
        return re.search("[1-9]", re.split("[eE]", value)[0]) is not None
    return value.lower() == "true"


def _number(value: str, type: SqlType) -> int | float:
    """A string counts as a number when it is written like a JSON number, blanks around it aside."""
    text = value.strip(_BLANKS)
    if _NUMBER.fullmatch(text):
        if not type.is_integer:
            number = float(text)
            if abs(number) < float("inf"):
                return number + 0.0  # turns -0.0 into 0.0
        else:
            smallest, largest = type.integer_range
            try:
                # Exact: 1e2 and 5.0 are integers, 1.0000000000000000000001 is not.
                exact = Decimal(text)
                if smallest <= exact <= largest and exact == exact.to_integral_value():
                    return int(exact)
            except ArithmeticError:  # an exponent beyond what Decimal holds: out of range too
                pass
    raise _refusal(value, type)


def _timestamp(value: Scalar, type: SqlType) -> int:
    """Only '1992-02-14' and '1992-02-14 18:35:44.0'; the fraction is optional, three digits at
    most, because the type holds milliseconds.
    """
    if not isinstance(value, bool | Number):
        match = _TIMESTAMP.fullmatch(value)
        if match:
            *parts, fraction = match.groups(default="0")
            try:
                delta = datetime(*map(int, parts)) - _EPOCH  # type: ignore[arg-type]
            except ValueError:  # a 30th of February
                raise _refusal(value, type) from None
            return (delta.days * 86_400 + delta.seconds) * 1000 + int(fraction.ljust(3, "0"))
    raise _refusal(value, type)


def _refusal(value: Scalar, type: SqlType) -> DecodeError:
    return DecodeError(f"{_quoted(value)} is not a {type}")


def _quoted(value: Scalar) -> str:
    """The value as it may stand in a message: one line, printable, not too long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = ascii(str(value[:_SHOWN]))
    return shown[1:-1] if isinstance(value, Number | Nested) else shown

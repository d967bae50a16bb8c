"""A column, and how the text of a field becomes its value.

Types, ranges and literals: Redshift Database Developer Guide, "Data types".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final, Literal

from labs.redshift.copy_parameters import CopyParameters
from labs.redshift.load_error import Code, Refusal
from labs.redshift.time_format import time_reader

Kind = Literal[
    "smallint", "integer", "bigint", "decimal", "real", "double precision", "boolean", "char",
    "varchar", "date", "timestamp",
]  # fmt: skip
Value = int | float | Decimal | bool | str | date | datetime | None
Read = Callable[[str], Value]
"""Raises Refusal."""

BITS: Final[Mapping[str, int]] = {"smallint": 16, "integer": 32, "bigint": 64}
TRUE: Final = frozenset({"t", "true", "y", "yes", "1"})
FALSE: Final = frozenset({"f", "false", "n", "no", "0"})
NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
REAL_MAX: Final = 3.4028235e38
EXACT: Final = Context(prec=80)
"""A decimal has up to 38 digits."""
DIGITS_MAX: Final = 40
"""Of a number that could fit; Python itself refuses thousands."""
STRAY: Final = re.compile("[\udc80-\udcff]")
"""What bytes that are no UTF-8 are read as (PEP 383)."""


@dataclass(frozen=True, slots=True)
class Column:
    """`length` in bytes of char and varchar, in digits of decimal, whose `scale` is after the
    point; 0 otherwise.
    """

    name: str
    kind: Kind
    length: int = 0
    scale: int = 0
    is_required: bool = False

    @property
    def length_text(self) -> str:
        """As STL_LOAD_ERRORS has it."""
        if self.kind == "decimal":
            return f"{self.length},{self.scale}"
        return str(self.length) if self.length else ""

    def reader(self, parameters: CopyParameters) -> Read:
        """Reads one field, NULL and blanks as the parameters say."""
        read = _reader(self, parameters)
        is_text = self.kind in {"char", "varchar"}

        def read_field(text: str) -> Value:
            if text == parameters.null_text:
                value = None
            elif is_text:
                is_null = (parameters.empty_is_null and not text) or (
                    parameters.blanks_are_null and text.isspace()
                )
                value = None if is_null else read(text)
            else:
                # Blanks of other types are NULL whatever the parameters.
                value = None if not text or text.isspace() else read(text.strip())
            if value is None and self.is_required:
                raise Refusal(Code.NOT_NULL, "Missing data for not-null field")
            return value

        return read_field


def _reader(column: Column, parameters: CopyParameters) -> Read:
    if column.kind in BITS:
        return _integer(column)
    match column.kind:
        case "decimal":
            return _decimal(column, parameters)
        case "real" | "double precision":
            return _float(column)
        case "boolean":
            return _boolean
        case "char" | "varchar":
            return _text(column, parameters)
    return _time(column, parameters)


def _integer(column: Column) -> Read:
    limit = 1 << (BITS[column.kind] - 1)
    strange = re.compile(r"(?<=.)[^0-9]|^[^0-9+-]", re.DOTALL)
    name = column.kind.capitalize()

    def read(text: str) -> Value:
        found = strange.search(text)
        if found is not None or text in {"+", "-"}:
            at = found.start() if found else 0
            raise Refusal(
                Code.INTEGER, f"Invalid digit, Value '{text[at]}', Pos {at}, Type: {name}", at
            )
        value = int(text) if len(text) <= DIGITS_MAX else limit
        if not -limit <= value < limit:
            raise Refusal(Code.OVERFLOW, f"Integer value overflow, Type: {name}")
        return value

    return read


def _decimal(column: Column, parameters: CopyParameters) -> Read:
    unit = Decimal(1).scaleb(-column.scale)
    limit = Decimal(10) ** (column.length - column.scale)
    rounding = ROUND_HALF_UP if parameters.rounds_decimals else ROUND_DOWN

    def read(text: str) -> Value:
        if NUMBER.fullmatch(text) is None:
            raise Refusal(Code.DECIMAL, "Invalid numeric format")
        exact = Decimal(text)
        # Before it is rounded: 1e999999 would be written out. abs() itself would round.
        if exact.copy_abs() >= limit:
            raise Refusal(
                Code.RANGE, f"Numeric value overflow, Type: decimal({column.length_text})"
            )
        value = exact.quantize(unit, rounding, EXACT)
        if value.copy_abs() >= limit:
            raise Refusal(
                Code.RANGE, f"Numeric value overflow, Type: decimal({column.length_text})"
            )
        return value

    return read


def _float(column: Column) -> Read:
    limit = REAL_MAX if column.kind == "real" else float("inf")

    def read(text: str) -> Value:
        if NUMBER.fullmatch(text) is None:
            raise Refusal(Code.FLOAT, "Invalid floating point format")
        value = float(text)
        if abs(value) > limit or value in {float("inf"), float("-inf")}:
            raise Refusal(Code.RANGE, f"Floating point value overflow, Type: {column.kind}")
        return value

    return read


def _boolean(text: str) -> Value:
    lower = text.lower()
    if lower in TRUE:
        return True
    if lower in FALSE:
        return False
    raise Refusal(Code.BOOLEAN, "Unknown boolean format")


def _text(column: Column, parameters: CopyParameters) -> Read:
    is_char = column.kind == "char"
    # ACCEPTINVCHARS is for varchar alone.
    replacement = None if is_char else parameters.replacement

    def read(text: str) -> Value:
        if not text.isascii():
            text = _valid(text, is_char, replacement)
        if is_char or parameters.trims_blanks:
            # Of a char, blanks at the end mean nothing.
            text = text.rstrip(" ")
        encoded = text.encode()
        if len(encoded) > column.length:
            if not parameters.truncates:
                raise Refusal(Code.RANGE, "String length exceeds DDL length", column.length)
            return encoded[: column.length].decode(errors="ignore")
        if "\0" in text:
            raise Refusal(Code.CHARACTERS, "A NUL is no character of a string", text.index("\0"))
        return text

    return read


def _valid(text: str, is_char: bool, replacement: str | None) -> str:
    if replacement is not None:
        return STRAY.sub(replacement, text)
    found = STRAY.search(text)
    if found is not None:
        number = f"{ord(found[0]) & 0xFF:x}"
        raise Refusal(
            Code.CHARACTERS,
            f"String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8: {number}",
            found.start(),
        )
    if is_char:
        at = next(i for i, character in enumerate(text) if not character.isascii())
        number = text[at].encode().hex(" ")
        raise Refusal(
            Code.CHARACTERS,
            f"Multibyte character not supported for CHAR (Hint: try VARCHAR). Invalid: {number}",
            at,
        )
    return text


def _time(column: Column, parameters: CopyParameters) -> Read:
    is_date = column.kind == "date"
    pattern = parameters.date_format if is_date else parameters.time_format
    parse = time_reader(pattern)

    def read(text: str) -> Value:
        value = parse(text)
        if value is None:
            if parameters.takes_any_date:
                return None
            if is_date:
                raise Refusal(Code.DATE, f"Invalid date format or value [{pattern}]")
            raise Refusal(Code.TIMESTAMP, f"Invalid timestamp format or value [{pattern}]")
        return value.date() if is_date else value

    return read

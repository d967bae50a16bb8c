"""Which types go together: in a comparison, in arithmetic, in an assignment, under CAST.

Nothing is converted between text, numbers, times and truth values unless the text says CAST: the
service's validator rejects such pairs too (REF:sql-reference-create-pump).
"""

from collections.abc import Sequence

from analytics_sql.expression import Cast, Expression, Literal
from analytics_sql.types import (
    DIGITS_MAX,
    DOUBLE,
    INTEGER_BITS,
    UNIT_MS,
    Kind,
    SqlType,
)

_QUOTIENT_SCALE_MIN = 6
"""Digits after the point that a quotient of decimals has at least. Source: Calcite's rule."""


def comparable(left: SqlType, right: SqlType) -> bool:
    """Whether =, < and the rest take these two."""
    return _family(left) == _family(right)


def assignable(value: SqlType, target: SqlType) -> bool:
    """Whether a value can go into a column; whether it fits is seen row by row."""
    return _family(value) == _family(target)


def castable(value: SqlType, target: SqlType) -> bool:
    """Whether CAST takes the pair. Source: the table of REF:sql-reference-cast."""
    if _family(value) == _family(target):
        return True
    if value.is_bytes or target.is_bytes:
        return False
    if value.is_text or target.is_text:
        return True
    if value.kind is Kind.INTERVAL:
        # The number of its one unit.
        return target.is_exact and value.units is not None and value.units[0] == value.units[1]
    return (value.kind, target.kind) in {
        (Kind.DATE, Kind.TIMESTAMP),
        (Kind.TIME, Kind.TIMESTAMP),
        (Kind.TIMESTAMP, Kind.DATE),
        (Kind.TIMESTAMP, Kind.TIME),
    }


def common_type(types: Sequence[SqlType]) -> SqlType | None:
    """The type that holds the values of all of these, as the branches of a CASE have; None: there
    is none. Of CHARs it is the longest CHAR, so that shorter values are padded with blanks; of
    BINARYs likewise, with zeros.
    """
    first = types[0]
    if any(_family(type_) != _family(first) for type_ in types):
        return None
    if first.has_words:
        lengths = [type_.length for type_ in types if type_.length is not None]
        fixed, varying = (
            (Kind.CHAR, Kind.VARCHAR) if first.is_text else (Kind.BINARY, Kind.VARBINARY)
        )
        kind = fixed if all(type_.kind is fixed for type_ in types) else varying
        return SqlType(kind, max(lengths) if len(lengths) == len(types) else None)
    if first.kind is Kind.INTERVAL:
        return _united(types)
    if not first.is_numeric or all(type_ == first for type_ in types):
        return first
    if any(type_.is_approximate for type_ in types):
        return DOUBLE
    if all(type_.is_integer for type_ in types):
        return _widest(types)
    whole = max(precision - scale for precision, scale in (t.digits for t in types))
    scale = max(type_.digits[1] for type_ in types)
    return _decimal(whole + scale, scale)


def arithmetic_type(operator: str, left: SqlType, right: SqlType) -> SqlType | None:
    """The type of left operator right; None: there is no such operation.

    Integers give the wider of the two types, a DOUBLE or REAL gives DOUBLE, decimals follow the
    rules of Farrago and Calcite, times and intervals those of
    REF:sql-reference-date-timestamp-interval. See docs/sql/decisions.md.
    """
    if left.is_numeric and right.is_numeric:
        if left.is_approximate or right.is_approximate:
            return DOUBLE
        if left.is_integer and right.is_integer:
            return _widest((left, right))
        return _decimal_type(operator, left, right)
    if left.kind is Kind.INTERVAL and right.kind is Kind.INTERVAL:
        return _united((left, right)) if operator in "+-" else None
    if left.is_datetime and right.kind is Kind.INTERVAL:
        return left if operator in "+-" else None
    if left.kind is Kind.INTERVAL and right.is_datetime:
        return right if operator == "+" else None
    if left.kind is Kind.INTERVAL and right.is_numeric:
        return left if operator in "*/" else None
    if left.is_numeric and right.kind is Kind.INTERVAL:
        return right if operator == "*" else None
    return None


def converted(value: Expression, target: SqlType) -> Expression:
    """The value as `target`, to which it can be assigned; a constant is converted on the spot."""
    source = value.type
    if source == target or (source.has_words and target == SqlType(_family(source))):
        return value
    if (
        source.is_integer
        and target.is_integer
        and INTEGER_BITS[source.kind] <= INTEGER_BITS[target.kind]
    ):
        return Literal(value.value, target) if isinstance(value, Literal) else Cast(value, target)
    if isinstance(value, Literal):
        if value.value is None:
            return Literal(None, target)
        if isinstance(value.value, str) and target.kind is Kind.CHAR and target.length is not None:
            if len(value.value) <= target.length:
                return Literal(value.value.ljust(target.length), target)
        elif isinstance(value.value, int) and source.is_exact and target == DOUBLE:
            return Literal(value.value / 10 ** source.digits[1], DOUBLE)
    return Cast(value, target)


def _decimal_type(operator: str, left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = left.digits, right.digits
    if operator == "*":
        return _decimal(p1 + p2, s1 + s2)
    if operator == "/":
        whole = min(p1 - s1 + s2, DIGITS_MAX)
        scale = min(max(_QUOTIENT_SCALE_MIN, s1 + p2 + 1), DIGITS_MAX - whole)
        return _decimal(whole + scale, scale)
    scale = max(s1, s2)
    return _decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _decimal(precision: int, scale: int) -> SqlType:
    return SqlType(Kind.DECIMAL, min(precision, DIGITS_MAX), min(scale, DIGITS_MAX))


def _widest(types: Sequence[SqlType]) -> SqlType:
    return max(types, key=lambda type_: INTEGER_BITS[type_.kind])


def _united(types: Sequence[SqlType]) -> SqlType:
    """The interval from the coarsest of the units to the finest."""
    order = list(UNIT_MS)
    places = [order.index(unit) for type_ in types for unit in type_.units or ("DAY", "SECOND")]
    return SqlType(Kind.INTERVAL, units=(order[min(places)], order[max(places)]))


def _family(type_: SqlType) -> Kind:
    if type_.is_numeric:
        return Kind.DOUBLE
    if type_.is_bytes:
        return Kind.VARBINARY
    return Kind.VARCHAR if type_.is_text else type_.kind

"""Which types go together: in a comparison, in arithmetic, in an assignment.

Nothing is converted between text, numbers, times and truth values unless the text says CAST: the
service's validator rejects such pairs too (REF:sql-reference-create-pump).
"""

from analytics_sql.types import DOUBLE, INTEGER_BITS, Kind, SqlType


def comparable(left: SqlType, right: SqlType) -> bool:
    """Whether =, < and the rest take these two."""
    return _family(left) == _family(right)


def assignable(value: SqlType, target: SqlType) -> bool:
    """Whether a value can go into a column; whether it fits is seen row by row."""
    return _family(value) == _family(target)


def arithmetic_type(left: SqlType, right: SqlType) -> SqlType | None:
    """The type of +, - and *: DOUBLE if either is, else the wider of two integers; None: the pair
    has none yet. See docs/sql/decisions.md.
    """
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda type_: INTEGER_BITS[type_.kind])
    if left.is_approximate or right.is_approximate:
        return DOUBLE if left.is_numeric and right.is_numeric else None
    return None


def _family(type_: SqlType) -> Kind:
    if type_.is_numeric:
        return Kind.DOUBLE
    return Kind.VARCHAR if type_.is_text else type_.kind

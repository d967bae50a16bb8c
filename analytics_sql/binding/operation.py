"""Operators over bound operands: whether their types go together, and what comes out.

Each of them notes a fault and gives None where they do not; None operands had a fault of their own.
"""

from collections.abc import Sequence
from typing import Literal as OneOf, Protocol

from sqlglot import exp

from analytics_sql.binding.conversion import arithmetic_type, common_type, comparable, converted
from analytics_sql.expression import (
    Arithmetic,
    Case,
    Comparison,
    Expression,
    IsNull,
    Literal,
    Logical,
    Not,
)
from analytics_sql.syntax.source_text import Faults, Span
from analytics_sql.types import DOUBLE, Kind, SqlType

ComparisonOperator = OneOf["=", "<>", "<", "<=", ">", ">="]
ArithmeticOperator = OneOf["+", "-", "*", "/"]
Operand = Expression | None


class Binder(Protocol):
    """What binds the parts of an expression."""

    @property
    def faults(self) -> Faults:
        """Where faults are noted."""
        ...

    def bind(self, node: exp.Expr, levels: int = 1) -> Operand:
        """The typed expression; None after a fault."""
        ...

    def condition(self, node: exp.Expr) -> Operand:
        """As `bind`, for what has to be true or false."""
        ...


def is_null_constant(value: Operand) -> bool:
    """Whether it is the word NULL, which takes the type of what it meets."""
    return isinstance(value, Literal) and value.value is None


def compared(
    span: Span, operator: ComparisonOperator, left: Operand, right: Operand, faults: Faults
) -> Operand:
    """left = right, and its kin."""
    if left is None or right is None:
        return None
    left, right = _typed_nulls(left, right)
    if not comparable(left.type, right.type):
        message = f"{left.type} cannot be compared with {right.type}"
        faults.add(span, message, _comparison_remedy(left.type, right.type))
        return None
    if left.type.is_numeric and (left.type.is_approximate or right.type.is_approximate):
        # A decimal constant meets a DOUBLE as one.
        left, right = _as_double(left), _as_double(right)
    return Comparison(operator, left, right)


def computed(
    span: Span, operator: ArithmeticOperator, left: Operand, right: Operand, faults: Faults
) -> Operand:
    """left + right, and its kin."""
    if left is None or right is None:
        return None
    left, right = _typed_nulls(left, right)
    type_ = arithmetic_type(operator, left.type, right.type)
    if type_ is None:
        message = f"there is no {left.type} {operator} {right.type}"
        faults.add(span, message, _arithmetic_remedy(operator, left.type, right.type))
        return None
    if type_ == DOUBLE:
        left, right = _as_double(left), _as_double(right)
    return Arithmetic(operator, left, right, type_)


def chosen(
    span: Span,
    branches: Sequence[tuple[Operand, Operand]],
    otherwise: Operand,
    faults: Faults,
) -> Operand:
    """A CASE over (condition, value) branches; its values are made to fit the type of all."""
    conditions = [condition for condition, _ in branches if condition is not None]
    values = [value for value in (*(value for _, value in branches), otherwise) if value]
    if len(conditions) < len(branches) or len(values) < len(branches) + 1:
        return None
    types = [value.type for value in values if not is_null_constant(value)]
    type_ = common_type(types) if types else values[0].type
    if type_ is None:
        listed = ", ".join(dict.fromkeys(str(t) for t in types))
        faults.add(span, f"these values have no common type: {listed}", "CAST them to one type")
        return None
    fitted = [
        Literal(None, type_) if is_null_constant(value) else converted(value, type_)
        for value in values
    ]
    return Case(tuple(zip(conditions, fitted, strict=False)), fitted[-1], type_)


def joined(operator: OneOf["AND", "OR"], conditions: Sequence[Operand]) -> Operand:
    """All of these conditions, or any: a chain of n becomes a tree of log n levels."""
    operands = [condition for condition in conditions if condition is not None]
    if len(operands) < len(conditions):
        return None
    while len(operands) > 1:
        pairs: list[Expression] = [
            Logical(operator, left, right)
            for left, right in zip(operands[::2], operands[1::2], strict=False)
        ]
        operands = [*pairs, *operands[2 * len(pairs) :]]
    return operands[0]


def negated(condition: Operand) -> Operand:
    """NOT."""
    return None if condition is None else Not(condition)


def present(value: Expression) -> Expression:
    """value IS NOT NULL."""
    return Not(IsNull(value))


def _typed_nulls(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    if is_null_constant(left):
        return Literal(None, right.type), right
    if is_null_constant(right):
        return left, Literal(None, left.type)
    return left, right


def _as_double(value: Expression) -> Expression:
    return converted(value, DOUBLE) if value.type.kind is Kind.DECIMAL else value


def _comparison_remedy(left: SqlType, right: SqlType) -> str:
    times = [type_ for type_ in (left, right) if type_.is_datetime]
    if len(times) == 2:
        return f"write CAST(... AS {left}) or CAST(... AS {right})"
    if times:
        form = {"DATE": "yyyy-MM-dd", "TIME": "HH:mm:ss"}.get(times[0].kind, "yyyy-MM-dd HH:mm:ss")
        return f"write a time as {times[0]} '{form}'"
    if left.is_text or right.is_text:
        return f"write CAST(... AS {right if left.is_text else left})"
    return "both sides need one kind of value"


def _arithmetic_remedy(operator: str, left: SqlType, right: SqlType) -> str:
    if operator == "-" and left.is_datetime and right.is_datetime:
        return "the difference of two times has a unit: (a - b) SECOND; or write TSDIFF(a, b)"
    if left.is_datetime and right.is_numeric:
        return f"write how long: {operator} INTERVAL '1' SECOND * number"
    if left.is_text and right.is_text and operator == "+":
        return "texts are put together with ||"
    if left.is_text or right.is_text:
        return "write CAST(... AS DOUBLE), or another type of number"
    return f"{operator} takes two numbers, or times and intervals"

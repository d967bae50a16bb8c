"""Typed scalar expressions: what stands in a WHERE, a select list or an aggregate's argument, after
binding.

An expression is a tree of frozen nodes; every node knows its type. It says what to compute, never
how: the processor compiles it to column operations.
"""

from dataclasses import dataclass
from typing import Literal as OneOf

from analytics_sql.types import BOOLEAN, TIMESTAMP, SqlType

Constant = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of the operator's input, by the exact name it has there."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class RowTime:
    """ROWTIME as an operator: the timestamp of the row about to be produced (a tumbling window's
    end).

    Source: REF:sql-reference-rowtime."""

    type: SqlType = TIMESTAMP


@dataclass(frozen=True, slots=True)
class InputRowTime:
    """`s.ROWTIME`: the timestamp of the input row."""

    type: SqlType = TIMESTAMP


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; a TIMESTAMP literal's value is milliseconds since 1970."""

    value: Constant
    type: SqlType


@dataclass(frozen=True, slots=True)
class Comparison:
    """Three-valued: NULL on either side gives NULL (unknown)."""

    operator: OneOf["=", "<>", "<", "<=", ">", ">="]
    left: "Expression"
    right: "Expression"
    type: SqlType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Logical:
    """AND and OR of two conditions, three-valued."""

    operator: OneOf["AND", "OR"]
    left: "Expression"
    right: "Expression"
    type: SqlType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Not:
    """NOT; of unknown it is unknown."""

    operand: "Expression"
    type: SqlType = BOOLEAN


@dataclass(frozen=True, slots=True)
class IsNull:
    """IS NULL; IS NOT NULL is Not(IsNull(...)). Never unknown."""

    operand: "Expression"
    type: SqlType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """+, - and * of two numbers; overflow of an integer type is an error of that row."""

    operator: OneOf["+", "-", "*"]
    left: "Expression"
    right: "Expression"
    type: SqlType


Expression = (
    ColumnRef | RowTime | InputRowTime | Literal | Comparison | Logical | Not | IsNull | Arithmetic
)


def columns_of(expression: Expression) -> frozenset[str]:
    """Names of the input columns an expression reads."""
    match expression:
        case ColumnRef(name=name):
            return frozenset({name})
        case Comparison() | Logical() | Arithmetic():
            return columns_of(expression.left) | columns_of(expression.right)
        case Not() | IsNull():
            return columns_of(expression.operand)
        case _:
            return frozenset()

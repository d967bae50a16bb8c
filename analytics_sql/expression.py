"""Typed scalar expressions: what stands in a WHERE, a select list or an aggregate's argument, after
binding.

An expression is a tree of frozen nodes; every node knows its type. It says what to compute, never
how: the processor compiles it to column operations.
"""

from dataclasses import dataclass, replace
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
    """A constant, as a column of its type holds it: a TIMESTAMP or DATE in milliseconds since 1970,
    a TIME and an INTERVAL in milliseconds, a DECIMAL without its point (1.50 is 150).
    """

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
    """+, -, * and / of numbers, times and intervals; `type` says what comes out.

    Integers give integers, `/` included: it cuts toward zero. What does not fit the type, and a
    division by zero, is an error of that row.
    """

    operator: OneOf["+", "-", "*", "/"]
    left: "Expression"
    right: "Expression"
    type: SqlType


@dataclass(frozen=True, slots=True)
class Call:
    """A scalar function of analytics_sql/functions, by the name that it is registered under."""

    function: str
    arguments: tuple["Expression", ...]
    type: SqlType


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch (condition, value) whose condition is true, else `otherwise`.

    Only the value that is chosen can fail its row. All values have the type `type`.
    """

    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression"
    type: SqlType


@dataclass(frozen=True, slots=True)
class Cast:
    """CAST(operand AS type); a value that `type` cannot hold is an error of that row."""

    operand: "Expression"
    type: SqlType


Expression = (
    ColumnRef
    | RowTime
    | InputRowTime
    | Literal
    | Comparison
    | Logical
    | Not
    | IsNull
    | Arithmetic
    | Call
    | Case
    | Cast
)


def operands_of(expression: Expression) -> tuple[Expression, ...]:
    """What an expression is made of, in the order of the text; a leaf is made of nothing."""
    match expression:
        case Comparison() | Logical() | Arithmetic():
            return expression.left, expression.right
        case Not() | IsNull() | Cast():
            return (expression.operand,)
        case Call():
            return expression.arguments
        case Case():
            branches = (part for branch in expression.branches for part in branch)
            return *branches, expression.otherwise
        case _:
            return ()


def replaced(expression: Expression, old: Expression, new: Expression) -> Expression:
    """The expression with another in the place of each `old`."""
    if expression == old:
        return new

    def again(part: Expression) -> Expression:
        return replaced(part, old, new)

    match expression:
        case Comparison() | Logical() | Arithmetic():
            left, right = again(expression.left), again(expression.right)
            return replace(expression, left=left, right=right)
        case Not() | IsNull() | Cast():
            return replace(expression, operand=again(expression.operand))
        case Call():
            return replace(expression, arguments=tuple(map(again, expression.arguments)))
        case Case():
            branches = tuple((again(c), again(v)) for c, v in expression.branches)
            return replace(expression, branches=branches, otherwise=again(expression.otherwise))
        case _:
            return expression


def columns_of(expression: Expression) -> frozenset[str]:
    """Names of the input columns an expression reads."""
    if isinstance(expression, ColumnRef):
        return frozenset({expression.name})
    return frozenset[str]().union(*map(columns_of, operands_of(expression)))


def size_of(expression: Expression) -> int:
    """How many nodes an expression has, written out: one that stands in it twice counts twice."""
    known: dict[int, int] = {}

    def size(part: Expression) -> int:
        if id(part) not in known:
            known[id(part)] = 1 + sum(map(size, operands_of(part)))
        return known[id(part)]

    return size(expression)

"""From an expression of the plan to a closure over columns.

An expression is compiled once, when the engine is made; the closure then runs once a batch. A value
that cannot be computed fails in its own row only (Vector.failed): a closure never raises for data.
"""

from collections.abc import Callable

import numpy as np

from analytics_sql.expression import (
    Arithmetic,
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from processor.columns import Columns, Vector, vector_of
from processor.expressions.arithmetic import arithmetic
from processor.expressions.comparison import comparison
from processor.expressions.logic import conjunction, disjunction, is_null, negation

Evaluate = Callable[[Columns], Vector]


def compile_expression(expression: Expression) -> Evaluate:
    """The closure that computes `expression` for each row. Raises ConfigError for types that are
    not run.
    """
    combine: Callable[[Vector, Vector], Vector]
    match expression:
        case ColumnRef(name=name):
            return lambda columns: columns.vectors[name]
        case RowTime() | InputRowTime():
            # Rows that a window puts out carry its end, so both are the rows' own time.
            return lambda columns: Vector(columns.rowtime_ms)
        case Literal():
            return _constant(expression)
        case IsNull(operand=operand):
            inner = compile_expression(operand)
            return lambda columns: is_null(inner(columns))
        case Not(operand=operand):
            inner = compile_expression(operand)
            return lambda columns: negation(inner(columns))
        case Logical():
            combine = conjunction if expression.operator == "AND" else disjunction
        case Comparison():
            combine = comparison(expression.operator, expression.left.type)
        case Arithmetic():
            combine = arithmetic(expression.operator, expression.type)
    left, right = compile_expression(expression.left), compile_expression(expression.right)
    return lambda columns: combine(left(columns), right(columns))


def _constant(literal: Literal) -> Evaluate:
    one = vector_of([literal.value], literal.type)

    def evaluate(columns: Columns) -> Vector:
        return one.take(np.zeros(len(columns), np.int64))

    return evaluate

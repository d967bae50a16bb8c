"""From an expression of the plan to a closure over columns.

An expression is compiled once, when the engine is made; the closure then runs once a batch. A value
that cannot be computed fails in its own row only (Vector.failed): a closure never raises for data.
"""

from collections.abc import Callable

import numpy as np

from analytics_sql.expression import (
    Arithmetic,
    Call,
    Case,
    Cast,
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
from processor.expressions.call import compile_call
from processor.expressions.case import CaseTable
from processor.expressions.cast import cast
from processor.expressions.comparison import comparison
from processor.expressions.logic import conjunction, disjunction, is_null, negation

Evaluate = Callable[[Columns], Vector]


def compile_expression(expression: Expression) -> Evaluate:
    """The closure that computes `expression` for each row. Raises ConfigError for a CAST that there
    is not.
    """
    match expression:
        case ColumnRef(name=name):
            return lambda columns: columns.vectors[name]
        case RowTime() | InputRowTime():
            # Rows that a window puts out carry its end, so both are the rows' own time.
            return lambda columns: Vector(columns.rowtime_ms)
        case Literal():
            return _constant(expression)
        case IsNull(operand=operand):
            return _applied(is_null, operand)
        case Not(operand=operand):
            return _applied(negation, operand)
        case Cast(operand=operand, type=type):
            return _applied(cast(operand.type, type), operand)
        case Call():
            return _call(expression)
        case Case():
            return _case(expression)
    left, right = compile_expression(expression.left), compile_expression(expression.right)
    combine = _combination(expression)
    return lambda columns: combine(left(columns), right(columns))


def _applied(apply: Callable[[Vector], Vector], operand: Expression) -> Evaluate:
    inner = compile_expression(operand)
    return lambda columns: apply(inner(columns))


def _combination(
    expression: Logical | Comparison | Arithmetic,
) -> Callable[[Vector, Vector], Vector]:
    if isinstance(expression, Logical):
        return conjunction if expression.operator == "AND" else disjunction
    types = expression.left.type, expression.right.type
    if isinstance(expression, Comparison):
        return comparison(expression.operator, *types)
    return arithmetic(expression.operator, *types, expression.type)


def _constant(literal: Literal) -> Evaluate:
    one = vector_of([literal.value], literal.type)

    def evaluate(columns: Columns) -> Vector:
        return one.take(np.zeros(len(columns), np.int64))

    return evaluate


def _call(call: Call) -> Evaluate:
    arguments = [compile_expression(argument) for argument in call.arguments]
    combine = compile_call(call)
    return lambda columns: combine([argument(columns) for argument in arguments])


def _case(case: Case) -> Evaluate:
    conditions = [compile_expression(condition) for condition, _ in case.branches]
    values = [compile_expression(value) for _, value in case.branches]
    values.append(compile_expression(case.otherwise))
    combine = CaseTable(case.type)
    return lambda columns: combine(
        [condition(columns) for condition in conditions], [value(columns) for value in values]
    )

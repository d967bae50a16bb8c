"""Calls of scalar functions: their arguments against what the function takes."""

from collections.abc import Sequence

from sqlglot import exp

from analytics_sql.binding.conversion import converted
from analytics_sql.binding.operation import Operand, chosen, is_null_constant, present
from analytics_sql.expression import Call, Expression, Literal
from analytics_sql.functions.registry import Parameter, ScalarFunction
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    TIME,
    TIMESTAMP,
    VARCHAR,
    SqlType,
)

ALIASES = {"CHARACTER_LENGTH": "CHAR_LENGTH", "CEILING": "CEIL"}
_NULL_TYPES = (VARCHAR, BIGINT, DOUBLE, TIMESTAMP, DATE, TIME, BOOLEAN, DAY_TO_SECOND)


def scalar_call(
    function: ScalarFunction,
    node: exp.Expr,
    operands: Sequence[exp.Expr],
    bound: Sequence[Operand],
    faults: Faults,
) -> Operand:
    """A call of a function with these arguments, of which `operands` are the text."""
    if not function.required <= len(bound) <= len(function.parameters):
        count = _count(function)
        faults.add(span_of(node), f"{function.spelled} takes {count}", f"write {function.syntax}")
        return None
    arguments = [
        _argument(function, parameter, operand, value, faults)
        for parameter, operand, value in zip(function.parameters, operands, bound, strict=False)
    ]
    sound = [argument for argument in arguments if argument is not None]
    if len(sound) < len(arguments) or not _checked(function, operands, sound, faults):
        return None
    types = tuple(argument.type for argument in sound)
    return Call(function.name, tuple(sound), function.result(types))


def coalesce(node: exp.Expr, values: Sequence[Operand], faults: Faults) -> Operand:
    """COALESCE: the first value that is not NULL."""
    if not values:
        faults.add(span_of(node), "COALESCE takes values", "write COALESCE(value, value, ...)")
        return None
    sound = [value for value in values if value is not None]
    if len(sound) < len(values):
        return None
    branches = [(present(value), value) for value in sound[:-1]]
    return chosen(span_of(node), branches, sound[-1], faults)


def _argument(
    function: ScalarFunction,
    parameter: Parameter,
    operand: exp.Expr,
    value: Operand,
    faults: Faults,
) -> Operand:
    if value is None:
        return None
    if is_null_constant(value):
        return Literal(None, _null_type(parameter))
    if not parameter.accepts(value.type):
        message = f"{function.spelled} takes {parameter.words} here, this is {value.type}"
        faults.add(span_of(operand), message, f"write {function.syntax}")
        return None
    return value if parameter.becomes is None else converted(value, parameter.becomes)


def _null_type(parameter: Parameter) -> SqlType:
    return parameter.becomes or next(type_ for type_ in _NULL_TYPES if parameter.accepts(type_))


def _checked(
    function: ScalarFunction,
    operands: Sequence[exp.Expr],
    arguments: Sequence[Expression],
    faults: Faults,
) -> bool:
    """Whether the constant arguments are ones that the function has an answer for."""
    sound = True
    for position, check in function.checks.items():
        argument = arguments[position] if position < len(arguments) else None
        if isinstance(argument, Literal) and argument.value is not None:
            try:
                check(argument.value)
            except ValueError as error:
                faults.add(span_of(operands[position]), str(error))
                sound = False
    return sound


def _count(function: ScalarFunction) -> str:
    most = len(function.parameters)
    number = str(most) if function.required == most else f"{function.required} to {most}"
    return f"{number} argument{'s' if most > 1 else ''}"

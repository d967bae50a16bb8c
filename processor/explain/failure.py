"""What can send a row to error_stream: by types and constants alone, so rather once too often."""

from collections.abc import Iterator

from analytics_sql.expression import Arithmetic, Call, Cast, Expression, Literal, operands_of
from analytics_sql.functions.registry import SCALARS
from analytics_sql.plan import Column
from analytics_sql.types import Kind, SqlType
from processor.explain.expression_text import expression_text, quoted


def failures_of(expression: Expression) -> Iterator[str]:
    """Sentences, one for each operation that may have no result for a row."""
    for operand in operands_of(expression):
        yield from failures_of(operand)
    text = expression_text(expression)
    match expression:
        case Arithmetic(operator="/", right=right) if not _is_other_than_zero(right):
            yield f"{text}: division by zero"
        case Arithmetic(type=type) if not type.is_approximate:
            yield f"{text}: a result that is no {type}"
        case Cast(operand=operand, type=type) if may_refuse(operand.type, type):
            yield f"{text}: a value that is no {type}"
        case Call(function=function) if _may_fail(expression):
            yield f"{text}: a value that {SCALARS[function].spelled} has no answer for"
        case _:
            pass


def assignment_failure(source: SqlType, target: Column) -> str | None:
    """What the INSERT refuses for a column; None when every value fits."""
    if may_refuse(source, target.type):
        return f"{quoted(target.name)}: a value that is no {target.type}"
    return None if target.nullable else f"{quoted(target.name)}: NULL"


def may_refuse(source: SqlType, target: SqlType) -> bool:
    """Whether a value of one type may not fit another."""
    is_word = (source.is_text and target.is_text) or (source.is_bytes and target.is_bytes)
    if source == target or (is_word and target.length is None):
        return False
    if is_word:
        return source.length is None or source.length > (target.length or 0)
    if source.is_integer and target.is_integer:
        return source.integer_range[0] < target.integer_range[0]
    if source.is_numeric and target.kind is Kind.DOUBLE:
        return False
    return not (source.is_datetime and target.is_datetime)


def _may_fail(call: Call) -> bool:
    """Not where constants decide it, and these are well: a text is checked when the application is
    compiled, and every width, length and divisor above 0 will do.
    """
    function = SCALARS.get(call.function)
    if function is None or function.fails_by is None:
        return function is not None
    deciding = [call.arguments[at] for at in function.fails_by if at < len(call.arguments)]
    return not all(_is_well(argument) for argument in deciding)


def _is_well(argument: Expression) -> bool:
    if not isinstance(argument, Literal) or argument.value is None:
        return False
    return isinstance(argument.value, str) or argument.value > 0


def _is_other_than_zero(expression: Expression) -> bool:
    return isinstance(expression, Literal) and bool(expression.value)

"""Expressions of a plan as DuckDB's SQL.

Integers and times are BIGINT (a TIMESTAMP in milliseconds since 1970), a DOUBLE is a DOUBLE, text
is VARCHAR. What fails a row in the middle of an expression ends the query, and with it the judging
of that pump; what does not fit the column that a value is assigned to is told for each row.
"""

from collections.abc import Mapping

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
from analytics_sql.types import Kind, SqlType
from wildrydes.verification.function_sql import function_sql
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.record_decoder import TYPES

TIME = "rowtime_ms"
"""The column that every relation has: ROWTIME."""

STORED = {
    Kind.TINYINT: "BIGINT",
    Kind.SMALLINT: "BIGINT",
    Kind.INTEGER: "BIGINT",
    Kind.BIGINT: "BIGINT",
    Kind.TIMESTAMP: "BIGINT",
    Kind.INTERVAL: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.CHAR: "VARCHAR",
    Kind.VARCHAR: "VARCHAR",
}
"""How DuckDB holds a value."""


def expression_sql(expression: Expression, names: Mapping[str, str]) -> str:
    """The expression over columns that go by `names` there. Raises NotJudged."""

    def sql(part: Expression) -> str:
        return expression_sql(part, names)

    match expression:
        case ColumnRef(name=name, type=type):
            check(type)
            return names[name]
        case RowTime() | InputRowTime():
            return TIME
        case Literal():
            return _literal(expression)
        case Comparison():
            return _comparison(expression, sql(expression.left), sql(expression.right))
        case Logical(operator=operator, left=left, right=right):
            return f"({sql(left)} {operator} {sql(right)})"
        case Not(operand=operand):
            return f"(NOT {sql(operand)})"
        case IsNull(operand=operand):
            return f"({sql(operand)} IS NULL)"
        case Case(branches=branches, otherwise=otherwise):
            parts = " ".join(f"WHEN {sql(when)} THEN {sql(then)}" for when, then in branches)
            return f"(CASE {parts} ELSE {sql(otherwise)} END)"
        case Arithmetic():
            return _arithmetic(expression, sql(expression.left), sql(expression.right))
        case Cast(operand=operand, type=type):
            value, fits = fitted(sql(operand), operand.type, type)
            return value if fits is None else _or_fail(fits, value, f"CAST AS {type}")
        case Call(arguments=arguments):
            return function_sql(expression, [sql(argument) for argument in arguments])


def check(type: SqlType) -> None:
    """Raises NotJudged for a type that is not held exactly here."""
    if type.kind not in TYPES:
        raise NotJudged(f"type {type}")


def fitted(value: str, source: SqlType, target: SqlType) -> tuple[str, str | None]:
    """A value of type `source` as `target` holds it, and the condition that it fits, if it may not.

    Both are NULL for NULL. Source of the rules: docs/sql/decisions.md. Raises NotJudged.
    """
    check(target)
    if source.is_text and target.is_text:
        return _fitted_text(value, target)
    if source.is_integer and target.is_integer:
        smallest, largest = target.integer_range
        if source.integer_range[0] >= smallest and source.integer_range[1] <= largest:
            return value, None
        return value, f"({value} BETWEEN {smallest} AND {largest})"
    if source.kind is Kind.DOUBLE and target.is_integer:
        smallest, largest = target.integer_range
        # Halves away from zero, as DuckDB's round() has it. The largest BIGINT is no DOUBLE.
        whole = f"round({value})"
        fits = f"({whole} >= {smallest}::DOUBLE AND {whole} < {largest + 1}::DOUBLE)"
        return f"(CASE WHEN {fits} THEN {whole}::BIGINT END)", fits
    if source.is_integer and target.kind is Kind.DOUBLE:
        return f"({value})::DOUBLE", None
    if source.kind is Kind.DECIMAL and target.kind is Kind.DOUBLE:
        return f"({value})::DOUBLE", None
    if source.kind is target.kind and not source.is_text:
        return value, None
    raise NotJudged(f"a {source} as {target}")


def _fitted_text(value: str, target: SqlType) -> tuple[str, str | None]:
    if target.length is None:
        return value, None
    fits = f"(length(rtrim({value}, ' ')) <= {target.length} OR length({value}) <= {target.length})"
    cut = f"left({value}, {target.length})"
    if target.kind is Kind.CHAR:
        cut = f"rpad({cut}, {target.length}, ' ')"
    return cut, fits


def _literal(literal: Literal) -> str:
    kind, value = literal.type.kind, literal.value
    if kind is Kind.DECIMAL and value is not None:
        digits, scale = literal.type.digits
        return f"({value}::DECIMAL(38, 0) / {10**scale})::DECIMAL({digits}, {scale})"
    if kind not in STORED:
        raise NotJudged(f"a constant of type {literal.type}")
    if value is None:
        return f"NULL::{STORED[kind]}"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return str(value).upper()
    return f"'{value!r}'::{STORED[kind]}"


def _comparison(comparison: Comparison, left: str, right: str) -> str:
    one, other = comparison.left.type, comparison.right.type
    if one.is_text:
        # Blanks at the end do not count.
        left, right = f"rtrim({left}, ' ')", f"rtrim({right}, ' ')"
    elif one.is_approximate != other.is_approximate:
        left, right = f"({left})::DOUBLE", f"({right})::DOUBLE"
    return f"({left} {comparison.operator} {right})"


def _arithmetic(arithmetic: Arithmetic, left: str, right: str) -> str:
    type, symbol = arithmetic.type, arithmetic.operator
    what = f"{symbol} of {type}"
    if type.kind is Kind.DOUBLE:
        value = f"(({left})::DOUBLE {symbol} ({right})::DOUBLE + 0.0)"
        fits = f"isfinite({value})"
    elif type.is_integer or (
        type.kind is Kind.TIMESTAMP
        and symbol in "+-"
        and Kind.INTERVAL in (arithmetic.left.type.kind, arithmetic.right.type.kind)
    ):
        wide = symbol if symbol != "/" else "//"
        value = f"(({left})::HUGEINT {wide} ({right})::HUGEINT)"
        smallest, largest = type.integer_range if type.is_integer else (-(1 << 62), 1 << 62)
        fits = f"{value} BETWEEN {smallest} AND {largest}"
        value = f"{value}::BIGINT"
    else:
        raise NotJudged(what)
    if symbol == "/":
        fits = f"{right} <> 0 AND {fits}"
    return _or_fail(fits, value, what)


def _or_fail(fits: str, value: str, what: str) -> str:
    """The value, NULL where it is not known whether it fits, and the end of the query where it does
    not.
    """
    return (
        f"(CASE WHEN {fits} THEN {value} WHEN NOT ({fits}) THEN error('a row fails in {what}') END)"
    )
